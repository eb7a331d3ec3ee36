#!/usr/bin/env bats
# Terminals as a person expects them, driven by a pty of Python's.
load helper

setup_file() { ground_make; }
teardown_file() { ground_clear; }
teardown() { cordon rm -f box >/dev/null 2>&1 || true; }

# typed SCRIPT: Python with spawn(), say(), expect(), size(), end() over one pty a process.
typed() {
	timeout 120 python3 - "$CORDON" <<-END
		import fcntl, os, pty, select, struct, sys, termios, time
		cordon = sys.argv[1]
		def spawn(*words):
		    global pid, fd, seen
		    pid, fd = pty.fork()
		    seen = b""
		    if pid == 0:
		        os.execv(cordon, ["cordon", *words])
		def expect(what):
		    global seen
		    limit = time.time() + 50
		    while what.encode() not in seen:
		        assert time.time() < limit, (what, seen)
		        if select.select([fd], [], [], 0.1)[0]:
		            try:
		                seen += os.read(fd, 4096)
		            except OSError:
		                assert what.encode() in seen, (what, seen)
		    seen = seen.split(what.encode(), 1)[1]
		def say(text):
		    os.write(fd, text.encode())
		def size(rows, columns):
		    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
		def raw():
		    return not termios.tcgetattr(fd)[3] & termios.ICANON
		def end():
		    limit = time.time() + 50
		    while time.time() < limit:
		        if select.select([fd], [], [], 0.05)[0]:
		            try:
		                os.read(fd, 4096)
		            except OSError:
		                pass
		        got, status = os.waitpid(pid, os.WNOHANG)
		        if got:
		            return os.waitstatus_to_exitcode(status)
		    raise AssertionError("it did not end")
		$1
	END
}

@test "run -it: a pty of its own, raw outside, its status, the terminal as it was" {
	typed 'spawn("run", "--rm", "-it", "--network", "none", "base", "sh", "-c", "tty; echo ready; read x; echo got-$x; exit 5")
expect("/dev/pts/0")
expect("ready")
assert raw()
say("word\n")
expect("got-word")
assert end() == 5
assert not raw()'
}

@test "the window size is passed on, first and when it changes" {
	typed 'spawn("run", "--rm", "-it", "--network", "none", "base", "sh", "-c", "trap \"stty size\" WINCH; echo up; while :; do sleep 0.1; done")
expect("up")
size(33, 77)
expect("33 77")
os.kill(pid, 9)'
	cordon ps -q | xargs -r "$CORDON" rm -f
}

@test "ctrl-c is the container's, and ends what runs in front" {
	typed 'spawn("run", "--rm", "-it", "--network", "none", "base", "sh", "-c", "trap \"echo caught; exit 3\" INT; echo up; while :; do sleep 0.1; done")
expect("up")
say("\x03")
expect("caught")
assert end() == 3'
}

@test "ctrl-p ctrl-q leaves it running, attach comes back" {
	typed 'spawn("run", "-it", "--name", "box", "--network", "none", "base", "sh", "-c", "echo up; while read x; do echo got-$x; done; exit 4")
expect("up")
say("one\n")
expect("got-one")
say("\x10\x11")
assert end() == 0
spawn("attach", "box")
say("two\n")
expect("got-two")
say("\x04")
assert end() == 4'
	[ "$(cordon inspect --format '{{.State.ExitCode}}' box)" = 4 ]
}

@test "other detach keys can be chosen; the usual ones are then the container's" {
	typed 'spawn("run", "-it", "--name", "box", "--network", "none", "--detach-keys", "ctrl-x,d", "base", "sh", "-c", "echo up; exec cat -v")
expect("up")
say("\x10\x11a\n")
expect("a")
say("\x18d")
assert end() == 0'
	[ "$(cordon ps -q | wc -l)" = 1 ]
}

@test "exec -it: a pty, its status, and detach leaves the command running" {
	cordon run -d --network none --name box base sleep 600
	typed 'spawn("exec", "-it", "box", "sh", "-c", "tty; echo ready; read x; exit 6")
expect("/dev/pts/")
expect("ready")
say("\n")
assert end() == 6
spawn("exec", "-it", "box", "sh", "-c", "echo up; exec sleep 62")
expect("up")
say("\x10\x11")
assert end() == 0'
	cordon top box | grep -q "sleep 62"
}

@test "a client that is killed leaves the container; its terminal does not matter any more" {
	typed 'spawn("run", "-it", "--name", "box", "--network", "none", "base", "sh", "-c", "echo up; while :; do echo x; sleep 0.1; done")
expect("up")
os.kill(pid, 9)
os.waitpid(pid, 0)'
	[ "$(cordon ps -q | wc -l)" = 1 ]
	cordon stop -t 0 box
}

@test "a terminal that is closed leaves the container, of run, of attach; what exec began ends" {
	typed 'spawn("run", "-it", "--name", "box", "--network", "none", "base", "sh")
expect("# ")
say("echo one >/tmp/file; echo wri\"\"tten\n")
expect("written")
os.close(fd)
os.waitpid(pid, 0)
spawn("attach", "box")
say("cat /tmp/file\n")
expect("one\r\n")
os.close(fd)
os.waitpid(pid, 0)
spawn("exec", "-it", "box", "sh", "-c", "echo up; exec sleep 60")
expect("up")
assert "sleep 60" in os.popen(cordon + " top box").read()
os.close(fd)
os.waitpid(pid, 0)'
	sleep 0.5
	[ "$(cordon ps -q | wc -l)" = 1 ]
	# nobody can attach to what exec began: it ends, as behind ssh
	wait_until 5 sh -c '"$CORDON" top box | grep -c "sleep 60" | grep -qx 0'
	[ "$(cordon inspect -f '{{.State.Status}}' box)" = running ]
}

@test "SIGHUP at a terminal leaves the container, too; without one it is passed on" {
	typed 'import signal
spawn("run", "-it", "--name", "box", "--network", "none", "base", "sh", "-c", "trap \"exit 3\" HUP; echo up; while :; do sleep 0.1; done")
expect("up")
os.kill(pid, signal.SIGHUP)
assert end() == 129
assert not raw()'
	[ "$(cordon ps -q | wc -l)" = 1 ]
	cordon rm -f box
	"$CORDON" run --name box --network none base sh -c 'trap "exit 3" HUP; echo up; while :; do sleep 0.1; done' >"$GROUND/out" &
	wait_until 5 grep -q up "$GROUND/out"
	kill -HUP $!
	status=0
	wait $! || status=$?
	[ "$status" = 3 ]
}

@test "ctrl-c three times at what does not listen says how to end it" {
	typed 'spawn("run", "--rm", "--name", "box", "--network", "none", "base", "sh", "-c", "echo up; exec sleep 60")
expect("up")
for i in range(3):
    say("\x03")
    time.sleep(0.3)
expect("takes no notice of ctrl-c")
expect("--init")
os.system(cordon + " kill box >/dev/null")
assert end() == 137'
}
