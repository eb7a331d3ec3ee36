#!/usr/bin/env bats
# Debian's python3 behind its profile: threads, processes, sockets, signals, files.
load ground

setup_file() {
	ground_make
	image_make python 'CMD ["python3"]'
}

teardown_file() { ground_clear; }

# python CODE: in a container of its own, without a network.
python() {
	confined python python3 -c "$1"
}

@test "the profile is python's, and it says hello" {
	run -0 python 'print("hello", 6 * 7)'
	[ "$output" = "hello 42" ]
	cordon run -d --name profile --network none python sleep 600
	run -0 cordon inspect --format '{{.Cordon.Profile}}' profile
	[ "$output" = python ]
	expect "/proc/$(pid_of profile)/status" Seccomp 2
	expect "/proc/$(pid_of profile)/status" NoNewPrivs 1
	cordon rm -f profile
}

@test "threads, and a pool of them" {
	run -0 python 'import concurrent.futures as f
with f.ThreadPoolExecutor(16) as pool: print(sum(pool.map(lambda n: n * n, range(1000))))'
	[ "$output" = 332833500 ]
}

@test "subprocess and multiprocessing" {
	run -0 python 'import subprocess; print(subprocess.run(["sh", "-c", "echo from a shell; exit 3"]).returncode)'
	[ "$output" = $'from a shell\n3' ]
	run -0 python 'import multiprocessing as m
def square(n): return n * n
with m.get_context("fork").Pool(3) as pool: print(sum(pool.map(square, range(100))))'
	[ "$output" = 328350 ]
}

@test "sockets and asyncio inside a container without a network" {
	run -0 python 'import asyncio
async def main():
    async def serve(reader, writer):
        writer.write((await reader.readline()).upper()); await writer.drain(); writer.close()
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    writer.write(b"through the loopback\n"); print((await reader.readline()).decode().strip()); server.close()
asyncio.run(main())'
	[ "$output" = "THROUGH THE LOOPBACK" ]
}

@test "files, locks, mmap, temporary folders, sqlite" {
	run -0 python 'import fcntl, mmap, os, sqlite3, tempfile
with tempfile.TemporaryDirectory() as folder:
    with open(folder + "/f", "w+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX); file.truncate(4096)
        with mmap.mmap(file.fileno(), 4096) as view: view[:4] = b"here"; print(view[:4].decode())
    db = sqlite3.connect(folder + "/db"); db.execute("create table t (x)")
    db.execute("insert into t values (7)"); print(db.execute("select x from t").fetchone()[0])'
	[ "$output" = $'here\n7' ]
}

@test "signals, timers, and the exit status of an error" {
	run -0 python 'import signal, time
signal.signal(signal.SIGALRM, lambda *_: print("rang")); signal.setitimer(signal.ITIMER_REAL, 0.05); time.sleep(0.3)'
	[ "$output" = rang ]
	run -1 python 'raise SystemError("no")'
	run -5 python 'raise SystemExit(5)'
}

@test "what python may not do: trace, new namespaces, raw sockets" {
	run -0 python 'import ctypes, errno, socket
libc = ctypes.CDLL(None, use_errno=True)
def refused(call, *words):
    return getattr(libc, call)(*words) == -1 and errno.errorcode[ctypes.get_errno()]
print(refused("unshare", 0x10000000), refused("ptrace", 16, 1, 0, 0), refused("setns", -1, 0))
try: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1); print("raw")
except PermissionError: print("no raw")'
	[ "$output" = $'EPERM EPERM EPERM\nno raw' ]
}
