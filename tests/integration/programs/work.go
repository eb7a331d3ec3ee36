// What Go programs live on: goroutines, channels, HTTP on the loopback, processes, timers, signals, files,
// interfaces and names. One line a part.
package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"os/user"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"strings"
	"sync"
	"syscall"
	"time"
)

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func goroutines() int {
	sums := make(chan int)
	for n := 0; n < 10000; n++ {
		go func(n int) { sums <- n }(n)
	}
	sum := 0
	for n := 0; n < 10000; n++ {
		sum += <-sums
	}
	return sum
}

// Goroutines that block in the kernel each hold a thread: as many threads as that are there at once.
func threads() bool {
	var group sync.WaitGroup
	for n := 0; n < 30; n++ {
		group.Add(1)
		go func() {
			runtime.LockOSThread()
			syscall.Nanosleep(&syscall.Timespec{Nsec: 2e8}, nil)
			group.Done()
		}()
	}
	time.Sleep(100 * time.Millisecond)
	count := len(must(os.ReadDir("/proc/self/task")))
	group.Wait()
	return count >= 30
}

func web() string {
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, strings.ToUpper(r.URL.Path))
	})}
	listener := must(net.Listen("tcp", "localhost:0"))
	go server.Serve(listener)
	var group sync.WaitGroup
	for n := 0; n < 64; n++ {
		group.Add(1)
		go func() {
			defer group.Done()
			must(http.Get("http://" + listener.Addr().String() + "/many")).Body.Close()
		}()
	}
	group.Wait()
	answer := must(http.Get("http://" + listener.Addr().String() + "/loud"))
	body := string(must(io.ReadAll(answer.Body)))
	if err := server.Shutdown(context.Background()); err != nil {
		return err.Error()
	}
	return body
}

func processes() string {
	out := must(exec.Command("sh", "-c", "tr a-z A-Z <<-X\n\tpiped\n\tX").Output())
	err := exec.Command("sh", "-c", "exit 7").Run()
	var ended *exec.ExitError
	errors.As(err, &ended)
	limit, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	killed := exec.CommandContext(limit, "sleep", "10").Run()
	child := exec.Command("id", "-u")
	child.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 33, Gid: 33}, Setsid: true, Pdeathsig: syscall.SIGKILL}
	return fmt.Sprint(strings.TrimSpace(string(out)), " ", ended.ExitCode(), " ", killed, " ", strings.TrimSpace(string(must(child.Output()))))
}

func timers() string {
	rung := make(chan os.Signal, 1)
	signal.Notify(rung, syscall.SIGUSR1)
	ticker := time.NewTicker(10 * time.Millisecond)
	count := 0
	after := time.After(300 * time.Millisecond)
	time.AfterFunc(20*time.Millisecond, func() { syscall.Kill(os.Getpid(), syscall.SIGUSR1) })
	for {
		select {
		case <-ticker.C:
			count++
		case <-after:
			return fmt.Sprint(count > 10, " ", <-rung)
		}
	}
}

func files() string {
	folder := must(os.MkdirTemp("", "go"))
	defer os.RemoveAll(folder)
	name := filepath.Join(folder, "file")
	file := must(os.Create(name))
	must(file.WriteString(strings.Repeat("go", 4096)))
	file.Sync()
	syscall.Flock(int(file.Fd()), syscall.LOCK_EX)
	view := must(syscall.Mmap(int(file.Fd()), 0, 8192, syscall.PROT_READ, syscall.MAP_SHARED))
	sum := sha256.Sum256(view)
	syscall.Munmap(view)
	copied := must(os.Create(name + ".copy"))
	must(file.Seek(0, 0))
	size := must(io.Copy(copied, file)) // copy_file_range(2)
	os.Symlink("file", name+".link")
	os.Chmod(name, 0o640)
	os.Chown(name, 33, 33)
	os.Chtimes(name, time.Unix(1, 0), time.Unix(2, 0))
	info := must(os.Stat(name + ".link"))
	return fmt.Sprintf("%x %d %v %d", sum[:4], size, info.Mode(), info.ModTime().Unix())
}

func main() {
	profile := must(os.Create("/tmp/cpu.profile"))
	pprof.StartCPUProfile(profile) // timers that signal
	fmt.Println("goroutines:", goroutines())
	fmt.Println("threads:", threads())
	fmt.Println("web:", web())
	fmt.Println("processes:", processes())
	fmt.Println("timers:", timers())
	fmt.Println("files:", files())
	pprof.StopCPUProfile()
	loopback := must(net.InterfaceByName("lo"))
	addresses := must(net.LookupHost("localhost"))
	fmt.Println("net:", len(must(loopback.Addrs())) > 0, addresses[len(addresses)-1])
	socket := must(net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)}))
	must(socket.WriteTo([]byte("datagram"), socket.LocalAddr()))
	heard := make([]byte, 8)
	must(socket.Read(heard))
	fmt.Println("udp:", string(heard))
	fmt.Println("user:", must(user.Current()).Username, must(user.Lookup("www-data")).Uid)
	panic("the end")
}
