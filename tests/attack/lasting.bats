#!/usr/bin/env bats
# C4, D1, D9: what lives as long as a container does: its monitor and its socket. Nothing adds up, nothing is kept in memory,
# and nobody else can speak to it.
load attack

setup_file() { attack_setup_file_apart; }

teardown_file() { attack_teardown_file; }

teardown() { "$CORDON" ps -aq | xargs -r "$CORDON" rm -f >/dev/null; }

monitor_of() { "$CORDON" inspect -f '{{.State.ConmonPid}}' "$1"; }

# held PID: descriptors, threads, children, and memory that is its own, in KiB.
held() {
	echo "fds $(find "/proc/$1/fd" -mindepth 1 | wc -l) threads $(find "/proc/$1/task" -mindepth 1 -maxdepth 1 | wc -l) \
children $(wc -w <"/proc/$1/task/$1/children") data $(awk '/^(RssAnon|VmData)/ { print $2 }' "/proc/$1/status" | paste -sd' ')"
}

# settled PID: what it holds, once it is the same twice in a row.
settled() {
	local now last=
	for _ in $(seq 100); do
		now=$(held "$1")
		[ "$now" != "$last" ] || break
		last=$now
		sleep 0.3
	done
	echo "$now"
}

# use NAME COUNT: execs of every kind, some that are killed, and attachments that come and go.
use() {
	local i
	for i in $(seq "$2"); do
		"$CORDON" exec "$1" true
		"$CORDON" exec -d "$1" true
		timeout -s KILL 0.02 "$CORDON" exec "$1" sleep 0.02 2>/dev/null || true
		# (SIGTERM would be passed on)
		timeout -s KILL 0.02 "$CORDON" attach "$1" </dev/null >/dev/null 2>&1 || true
		"$CORDON" logs --tail 1 "$1" >/dev/null
	done
}

@test "D9: hundreds of execs and attachments later the monitor holds what it held" {
	"$CORDON" run -d --init --network none --name lasting attack sh -c 'while :; do echo line; sleep 0.05; done'
	monitor=$(monitor_of lasting)
	use lasting 5
	before=$(settled "$monitor")
	use lasting "$ROUNDS"
	for _ in $(seq 300); do
		after=$(held "$monitor")
		[ "$before" != "$after" ] || break
		sleep 0.1
	done
	echo "before: $before"
	echo "after:  $after"
	[ "$before" = "$after" ]
	# and no process is left inside but the reaper, the shell, its sleep, and who looks (a zombie's parent is outside;
	# what went since the names were listed is no fault)
	wait_until 60 few_inside || { cat "$GROUND/inside"; false; }
}
few_inside() {
	"$CORDON" exec lasting sh -c 'for p in /proc/[0-9]*; do grep -q "^State:.Z" $p/status || grep -H Name $p/status; done; true' >"$GROUND/inside"
	[ "$(grep -c Name "$GROUND/inside")" -le 6 ]
}

# peak COMMAND...: the memory (KiB) of the largest process of it; the output goes nowhere.
peak() {
	python3 -c 'import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)' "$@"
}

BYTES=${CORDON_BYTES:-268435456}

@test "C4: an exec that prints without end stays in 32 MiB, and so does the monitor" {
	"$CORDON" run -d --network none --name printing attack sleep 1000
	memory=$(peak "$CORDON" exec printing head -c "$BYTES" /dev/zero)
	echo "exec: $memory KiB for $BYTES"
	[ "$memory" -lt 32768 ]
	# a reader that does not read
	"$CORDON" exec printing head -c "$BYTES" /dev/zero | sleep 0.5
	memory=$(awk '/VmHWM/ { print $2 }' "/proc/$(monitor_of printing)/status")
	echo "monitor: $memory KiB"
	[ "$memory" -lt 32768 ]
	# one line without end, and no newline, through the log
	"$CORDON" run -d --network none --name loud attack sh -c 'head -c 67108864 /dev/zero; sleep 1000'
	monitor=$(monitor_of loud)
	for _ in $(seq 600); do
		[ "$(stat -c %s "$XDG_DATA_HOME/cordon/containers/$("$CORDON" inspect -f '{{.Id}}' loud)/log")" -lt 64000000 ] || break
		sleep 0.1
	done
	memory=$(awk '/VmHWM/ { print $2 }' "/proc/$monitor/status")
	echo "monitor of the loud one: $memory KiB"
	[ "$memory" -lt 32768 ]
	memory=$(peak "$CORDON" logs loud)
	echo "logs: $memory KiB"
	[ "$memory" -lt 32768 ]
}

no_new_name() { [ -z "$(grep -o ' @.*' /proc/net/unix | sort | comm -13 "$GROUND/before" -)" ]; }

@test "D1: the monitor's socket is a file of the user's alone, and no name that a network namespace shares" {
	grep -o ' @.*' /proc/net/unix | sort >"$GROUND/before" || true
	"$CORDON" run -d --network host --name hosted attack sleep 1000
	# others of this machine may have new ones, for a while
	wait_until 60 no_new_name
	refute "$CORDON" exec hosted grep -E ' @.*cordon' /proc/net/unix
	monitor=$(monitor_of hosted)
	for inode in $(find "/proc/$monitor/fd" -lname 'socket:*' -printf '%l\n' | tr -dc '0-9\n'); do
		refute grep -E " $inode @" /proc/net/unix
	done
	found=0
	while read -r socket; do
		found=$((found + 1))
		[ "$(stat -c %a "$socket")" = 600 ] || { ls -l "$socket"; false; }
		for ((folder = 1; folder; )); do
			socket=$(dirname "$socket")
			[ "$(stat -c '%a %u' "$socket")" = "700 $(id -u)" ] || { ls -ld "$socket"; false; }
			[ "$socket" != "$XDG_RUNTIME_DIR" ] || folder=0
		done
	done < <(find "$XDG_RUNTIME_DIR" -type s)
	[ "$found" -ge 1 ]
}
