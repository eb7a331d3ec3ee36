#!/usr/bin/env bats
# The default profile runs the world: what people put into containers, from Debian, doing its work behind the
# profile that an image gets which has none of its own. docs/default-programs.md says what each was denied.
# Takes about 200 s.
load ground
load programs/works

setup_file() {
	ground_make
	image_make programs
}

teardown_file() { ground_clear; }

# work NAME: of works.bash, behind the default profile, with no option but the work and the lack of a network; what it
# says goes to $said, its status to $ended. That the walls stand is said by the container itself and by inspect.
work() {
	said=$GROUND/said
	ended=0
	CORDON_TEST_SECONDS=180 cordon run --name work --network none -v "$BATS_TEST_DIRNAME/programs:/programs:ro" programs \
		sh -c 'grep -E "^(Seccomp|NoNewPrivs|CapEff):" /proc/self/status; exec sh -c "$1"' sh "${works[$1]}" \
		>"$said" 2>&1 || ended=$?
	profile=$(cordon inspect --format '{{.Cordon.Profile}}' work)
	cordon rm work
	cat "$said"
	[ "$profile" = default ]
	expect "$said" Seccomp 2
	expect "$said" NoNewPrivs 1
	expect "$said" CapEff 00000000800405fb
}

@test "apt-get as root: update as _apt, install with users, setuid, capabilities, alternatives, triggers, upgrade, purge" {
	work apt
	[ $ended = 0 ]
	expect "$said" file 1
	expect "$said" downloader _apt
	expect "$said" partial '_apt 700'
	expect "$said" user 'exemplar exemplar:exemplar 2750'
	expect "$said" setuid 'root:root 4755'
	expect "$said" setgid 'root:exemplar 2755 root:crontab 2755 '
	expect "$said" override 'root:messagebus 4754'
	expect "$said" capability '/bin/ping cap_net_raw=ep'
	expect "$said" alternative 'exemplar 1.0 /usr/bin/vim.tiny'
	expect "$said" trigger /usr/share/exemplar
	expect "$said" keys 3
	expect "$said" upgraded 'exemplar 2.0 1'
	expect "$said" purged 'none none'
	expect "$said" complaints 0
	expect "$said" end reached
}

@test "mariadb: a cluster, InnoDB and Aria, clients at once, dump and return, kill -9 and recovery" {
	work mariadb
	[ $ended = 0 ]
	expect "$said" sum 50005000
	expect "$said" "join rolled" 10000
	expect "$said" tcp 1428
	expect "$said" "slap ended" 0
	expect "$said" restored '10000 50005000'
	expect "$said" user 'mysql mysql '
	expect "$said" walls 'CapEff:0000000000000000NoNewPrivs:1Seccomp:2'
	expect "$said" threads 1
	expect "$said" killed 137
	expect "$said" recovered last
	expect "$said" check 2
}

# node_works: what work.js should have said to $said, and its status.
node_works() {
	[ $ended = 3 ]
	expect "$said" web /LOUD
	expect "$said" workers 13986000
	expect "$said" cluster 4
	expect "$said" processes 'PIPED 4 SIGKILL 33'
	expect "$said" files '1048576 640 2000 2eafc5e2 4 false'
	expect "$said" sockets 'echo datagram 127.0.0.1 true'
	expect "$said" threadpool 16
	expect "$said" wasm 42
	expect "$said" signals "SIGUSR2 $(nice) root"
	expect "$said" term heard
}

@test "node: fetch, workers, a cluster, processes, watched files, sockets, WebAssembly, signals" {
	work node
	node_works
}

@test "node of this machine, asked to use io_uring: it goes on without" {
	[ -x /usr/bin/node ] || skip "no node on this machine"
	install -D /usr/bin/node "$GROUND/own/node"
	ended=0
	said=$GROUND/said
	confined -v "$GROUND/own:/own:ro" -v "$BATS_TEST_DIRNAME/programs:/programs:ro" -e UV_USE_IO_URING=1 programs \
		/own/node /programs/work.js >"$said" 2>&1 || ended=$?
	cat "$said"
	! grep -q 'error while loading shared libraries' "$said" || skip "this machine's node wants other libraries"
	node_works
}

@test "a JVM with each collector: threads, HTTP, processes, maps, watched folders, a full heap, TERM" {
	work java
	[ $ended = 0 ]
	for gc in Serial Parallel G1 Z Shenandoah; do grep -qx "status $gc: 143" "$said"; done
	[ "$(field "$said" collector | sort -u | wc -l)" = 5 ]
	for line in 'heap: 294203550 true true' 'threads: true 2999998' 'web: [/LOUD] true true' \
		'processes: PIPED 5 false 137 true' 'timer: rang' 'hook: ran'; do
		[ "$(grep -cxF "$line" "$said")" = 5 ] || { echo "not five times: $line"; false; }
	done
	[ "$(grep -c '^files: 262143 true 3 1048576 ' "$said")" = 5 ]
}

@test "Go: compiled inside; goroutines, threads, HTTP, processes, timers, a profile, files, names" {
	work go
	[ $ended = 2 ]
	grep -q '^panic: the end' "$said"
	expect "$said" goroutines 49995000
	expect "$said" threads true
	expect "$said" web /LOUD
	expect "$said" processes 'PIPED 7 signal: killed 33'
	expect "$said" timers 'true user defined signal 1'
	expect "$said" files '8f1ea54e 8192 -rw-r----- 2'
	expect "$said" net 'true 127.0.0.1' 'true ::1'
	expect "$said" udp datagram
	expect "$said" user 'root 33'
}

@test "Rust: compiled inside; threads, TcpListener, Command, files, sockets" {
	work rust
	[ $ended = 101 ]
	expect "$said" threads '247752000 496 33 true'
	expect "$said" tcp '{"THROUGH": 20} u true'
	expect "$said" command 'PIPED Some(9) Some(9) 33'
	expect "$said" files '10 5000 600 5 false'
	expect "$said" "parallel time" true
}

@test "git: hooks, history, file:// and git://, a push, worktrees, gc and fsck" {
	work git
	[ $ended = 0 ]
	expect "$said" "refused packs clone shallow" 1
	expect "$said" hooks 'pre-commit by root 41'
	expect "$said" "commits archive" 40
	expect "$said" merged '1 other'
	expect "$said" fsck 0
	expect "$said" pushed 'allowed from far, received 1'
	expect "$said" worktree 41
	expect "$said" grep 2
}

@test "gcc: make -j2, dynamic, static, shared and LTO, sanitizers; tracing is closed, and opens with SYS_PTRACE" {
	work gcc
	[ $ended = 0 ]
	expect "$said" "dynamic static shared lto tsan" 1400000
	expect "$said" again 'nothing to do'
	expect "$said" error '1 3'
	expect "$said" abort 134
	expect "$said" sanitized 0
	expect "$said" found '1 1'
	expect "$said" leaks '1 fatal error'
	expect "$said" "traceme readv" 'Operation not permitted'
	confined --cap-add SYS_PTRACE -v "$BATS_TEST_DIRNAME/programs:/programs:ro" programs bash /programs/gcc.bash >"$said" 2>&1
	expect "$said" "traceme readv" "done"
	expect "$said" leaks '0 '
}

@test "busybox: its shell, archives, pipes, httpd with CGI, nc, syslogd; and what its programs may not do" {
	work busybox
	[ $ended = 0 ]
	expect "$said" "applets ps syslog" 1
	expect "$said" awk 500500
	expect "$said" text 999
	expect "$said" sums '53d02512 67d4ff71'
	expect "$said" "tar gzip bzip2 lzop cpio" 0
	expect "$said" sizes '4194304 1024'
	expect "$said" fifo through
	expect "$said" links 'numbers 2 640 1:2'
	expect "$said" find 'numbers numbers '
	expect "$said" jobs 1234
	expect "$said" trap USR1
	expect "$said" timeout 143
	expect "$said" arithmetic '42 42 42 42'
	expect "$said" httpd 'hello from httpd, cgi GET'
	expect "$said" nc knock
	expect "$said" setuidgid www-data
	expect "$said" chroot root
	expect "$said" memory '1 2 Linux 1'
	expect "$said" "mount ping" 'permission denied (are you root?)'
	expect "$said" "unshare hostname dmesg mknod" 'Operation not permitted'
	expect "$said" date 'done 1'
}

# served NAME: the workload of an image profile, behind the default instead.
served() {
	image_make "$1"
	export CORDON
	CORDON_WORK_SECONDS=120 "$BATS_TEST_DIRNAME/../profiles/work.bash" "$1" --profile default --name served >"$GROUND/said" 2>&1 &
	working=$!
	wait_until 60 cordon exec served true
	run -0 cordon inspect --format '{{.Cordon.Profile}}' served
	walls=0
	walls_of "$(pid_of served)" 00000000800405fb || walls=1
	wait $working || { cat "$GROUND/said"; false; }
	[ "$output" = default ]
	[ $walls = 0 ]
	cordon rmi -f "$1"
}

@test "nginx's workload behind the default" { served nginx; }
@test "redis's workload behind the default" { served redis; }
@test "postgres's workload behind the default" { served postgres; }
@test "python's workload behind the default" { served python; }
