#!/usr/bin/env bats
# The first lines of every Docker tutorial, with a real Debian nginx, and python at work.
load ../cli/helper

setup_file() {
	# before ground_make, which gives the tests a cache folder of their own
	nginx=$("$BATS_TEST_DIRNAME/images.bash" nginx)
	python=$("$BATS_TEST_DIRNAME/images.bash" python)
	ground_make
	[ -z "$nginx" ] || cordon import -c 'CMD ["nginx", "-g", "daemon off;"]' -c 'STOPSIGNAL SIGQUIT' \
		-c 'EXPOSE 80' "$nginx" nginx
	[ -z "$python" ] || cordon import "$python" python
}
teardown_file() { ground_clear; }

free_port() {
	python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

need_image() {
	cordon image inspect "$1" >/dev/null 2>&1 || skip "no Debian root of $1 can be made here"
}

need_network() {
	command -v pasta >/dev/null || skip "pasta (package passt) is not installed"
	[ -w /dev/net/tun ] || skip "/dev/net/tun is not open to this user"
	ip route 2>/dev/null | grep -q default || skip "this machine has no default route for pasta"
}

@test "run -d -p 8080:80 nginx, curl, ps, logs, exec, stop, rm" {
	need_image nginx
	need_network
	port=$(free_port)
	cordon run -d -p "127.0.0.1:$port:80" --name web nginx
	wait_until 10 curl -sf --max-time 2 "http://127.0.0.1:$port/"
	curl -sf --max-time 5 "http://127.0.0.1:$port/" >"$GROUND/page"
	grep -qi nginx "$GROUND/page"

	run cordon ps
	echo "$output"
	[[ "$output" == *web* && "$output" == *"127.0.0.1:$port->80/tcp"* && "$output" == *Up* ]]
	run cordon exec web sh -c 'id -u; cat /proc/1/comm'
	[ "$output" = $'0\nnginx' ]
	cordon logs web

	pid=$(cordon inspect -f '{{.State.Pid}}' web)
	cat "/proc/$pid/status" >"$GROUND/status"
	expect "$GROUND/status" Seccomp 2
	expect "$GROUND/status" NoNewPrivs 1
	# CHOWN 0, DAC_OVERRIDE 1, KILL 5, SETGID 6, SETUID 7, NET_BIND_SERVICE 10
	expect "$GROUND/status" "CapPrm CapEff CapBnd" 00000000000004e3
	expect "$GROUND/status" "CapInh CapAmb" 0000000000000000
	[ "$(cordon inspect -f '{{.Cordon.Profile}}' web)" = nginx ]
	# the workers dropped to another user and hold nothing
	worker=$(pgrep -P "$pid" | head -1)
	expect "/proc/$worker/status" "CapEff CapPrm" 0000000000000000

	cordon stop web
	[ "$(cordon inspect -f '{{.State.ExitCode}}' web)" = 0 ]
	cordon rm web
	[ -z "$(cordon ps -aq)" ]
	! curl -sf --max-time 2 "http://127.0.0.1:$port/"
}

@test "nginx reloads on its signal" {
	need_image nginx
	cordon run -d --network none --name reload nginx
	wait_until 10 cordon exec reload test -e /run/nginx.pid
	before=$(cordon top reload | grep -c worker)
	cordon kill -s HUP reload
	sleep 0.5
	[ "$(cordon inspect -f '{{.State.Running}}' reload)" = true ]
	[ "$(cordon top reload | grep -c worker)" = "$before" ]
	cordon rm -f reload
}

@test "the host's loopback services are not reachable from inside" {
	need_network
	port=$(free_port)
	busybox httpd -f -p "127.0.0.1:$port" -h "$GROUND" &
	server=$!
	wait_until 5 curl -s "http://127.0.0.1:$port/"
	for address in 127.0.0.1 "$(ip -4 route get 192.0.2.99 2>/dev/null | sed -n 's/.*src \([0-9.]*\).*/\1/p')" \
		"$(ip route | sed -n 's/^default via \([0-9.]*\).*/\1/p')"; do
		[ -n "$address" ] || continue
		run cordon run --rm base nc -w 2 "$address" "$port" </dev/null
		echo "$address: $status $output"
		[ "$status" != 0 ] || [ -z "$output" ]
	done
	kill $server
}

@test "python with threads, processes, sockets, asyncio and sqlite" {
	need_image python
	cat >"$GROUND/work.py" <<'PY'
import asyncio, concurrent.futures, multiprocessing, socket, sqlite3, subprocess, tempfile, threading

def square(n):
    return n * n

async def sleepers():
    return await asyncio.gather(*(asyncio.sleep(0.01, n) for n in range(5)))

if __name__ == "__main__":
    done = []
    threads = [threading.Thread(target=done.append, args=(n,)) for n in range(8)]
    [t.start() for t in threads]
    [t.join() for t in threads]
    assert len(done) == 8
    with multiprocessing.Pool(2) as pool:
        assert pool.map(square, range(5)) == [0, 1, 4, 9, 16]
    with concurrent.futures.ProcessPoolExecutor(2) as pool:
        assert list(pool.map(square, range(3))) == [0, 1, 4]
    assert subprocess.run(["sh", "-c", "echo $((6 * 7))"], capture_output=True).stdout == b"42\n"
    assert asyncio.run(sleepers()) == [0, 1, 2, 3, 4]
    server = socket.create_server(("127.0.0.1", 0))
    client = socket.create_connection(server.getsockname())
    server.accept()[0].sendall(b"hello")
    assert client.recv(5) == b"hello"
    with tempfile.NamedTemporaryFile() as file:
        db = sqlite3.connect(file.name)
        db.execute("create table t (n)")
        db.executemany("insert into t values (?)", [(n,) for n in range(10)])
        db.commit()
        assert db.execute("select sum(n) from t").fetchone() == (45,)
    print("all of it works")
PY
	run cordon run --rm --network none -v "$GROUND/work.py:/work.py:ro" python python3 /work.py
	echo "$output"
	[ "$status" = 0 ]
	[ "${lines[-1]}" = "all of it works" ]
}
