#!/usr/bin/env bats
# A container's life: names, stop and kill, exec, start again, kill -9 of whoever watches over it.
# Takes about 90 s.
load helper

setup_file() { ground_make; }
teardown_file() { ground_clear; }
teardown() {
	local name
	for name in box one two; do cordon rm -f $name >/dev/null 2>&1 || true; done
}

status_of() { cordon inspect --format '{{.State.Status}} {{.State.ExitCode}}' "$1"; }
monitor_of() { cordon inspect --format '{{.State.ConmonPid}}' "$1"; }
pid_of() { cordon inspect --format '{{.State.Pid}}' "$1"; }

@test "run -d prints the id; ps, prefixes and names find it" {
	run -0 cordon run -d --network none --name box base sleep 600
	[[ "$output" =~ ^[0-9a-f]{64}$ ]]
	[ "$(cordon ps -q --no-trunc)" = "$output" ]
	[ "$(cordon inspect --format '{{.Name}}' "${output:0:7}")" = /box ]
	[ "$(status_of box)" = "running 0" ]
}

@test "ps: filters by volume, network and other containers; mounts and networks as columns" {
	mkdir -p "$GROUND/bound"
	cordon create --network none --name one -v data:/srv base true
	cordon create --network host --name two -v "$GROUND/bound:/in" base true
	names() { [ "$(cordon ps -a --format '{{.Names}}' "${@:2}" | tr '\n' ' ')" = "$1" ] || { cordon ps -a "${@:2}"; return 1; }; }
	names "one " --filter volume=data
	names "one " --filter volume=/srv
	names "two " --filter volume="$GROUND/bound"
	names "two one " --filter volume=/in --filter volume=data
	names "two " --filter network=host
	names "two one " --filter network=host --filter network=none
	names "one " --filter before=two
	names "two " --filter since=one
	names "" --filter since=one --filter network=none
	run -1 cordon ps --filter before=nobody
	[[ "$output" == *"no such container: nobody"* ]]
	[ "$(cordon ps -a --filter before=two --format '{{.Mounts}} {{.Networks}} {{.LocalVolumes}}')" = "data none 1" ]
	[ "$(cordon ps -a --no-trunc --filter name=two --format '{{.Mounts}} {{.LocalVolumes}}')" = "$GROUND/bound 0" ]
	[ -z "$(cordon ps -q --filter network=host)" ]
	cordon rm one two
	cordon volume rm data
}

@test "stop sends the stop signal, and SIGKILL when that is not heard" {
	cordon run -d --network none --name one --stop-signal USR1 base \
		sh -c 'trap "echo heard; exit 5" USR1; echo up; while :; do sleep 0.1; done'
	cordon run -d --network none --name two --stop-timeout 300 base sh -c 'trap "" TERM; echo up; while :; do sleep 0.1; done'
	wait_until 60 sh -c '"$CORDON" logs one | grep -q up && "$CORDON" logs two | grep -q up'
	cordon stop one
	[ "$(status_of one)" = "exited 5" ]
	[[ "$(cordon logs one)" == *heard* ]]
	SECONDS=0
	cordon stop -t 1 two
	[ "$SECONDS" -lt 60 ] # not the 300 it was made with
	[ "$(status_of two)" = "exited 137" ]
}

@test "kill sends any signal; a container that does not run cannot be killed" {
	cordon run -d --network none --name box base sh -c 'trap "exit 6" HUP; echo up; while :; do sleep 0.1; done'
	wait_until 60 sh -c '"$CORDON" logs box | grep -q up'
	cordon kill -s HUP box
	run -0 cordon wait box
	[ "$output" = 6 ]
	run ! cordon kill box
	[[ "$output" == *"not running"* ]]
}

@test "signals to a foreground run are the container's" {
	"$CORDON" run --rm --network none --name box base \
		sh -c 'trap "exit 8" TERM; echo up; while :; do sleep 0.1; done' >"$BATS_TEST_TMPDIR/out" &
	caller=$!
	wait_until 60 grep -q up "$BATS_TEST_TMPDIR/out"
	kill -TERM $caller
	status=0
	wait $caller || status=$?
	[ "$status" = 8 ]
}

@test "exec: status, environment, directory, user; 126, 127; not when it has ended" {
	cordon run -d --network none --name box -e A=1 base sleep 600
	run -9 cordon exec box sh -c 'exit 9'
	run -0 cordon exec -e B=2 -w /tmp -u 1000 box sh -c 'echo $A $B $(pwd) $(id -u)'
	[ "$output" = "1 2 /tmp 1000" ]
	run -126 cordon exec box /etc
	run -127 cordon exec box no-such-program
	run -0 cordon exec -d box sh -c 'echo x >/tmp/mark; sleep 60'
	wait_until 60 "$CORDON" exec box test -e /tmp/mark
	cordon stop -t 0 box
	run ! cordon exec box true
	[[ "$output" == *"not running"* ]]
}

@test "a command of exec ends with its container" {
	cordon run -d --network none --name box base sleep 600
	"$CORDON" exec box sleep 61 &
	exec_pid=$!
	wait_until 60 sh -c '"$CORDON" top box | grep -q "sleep 61"'
	cordon kill box
	status=0
	wait $exec_pid || status=$?
	[ "$status" = 137 ]
}

@test "start runs it again, on what it wrote before" {
	cordon run --network none --name box base sh -c 'echo x >>/mark; cat /mark'
	cordon start box
	cordon wait box
	[ "$(cordon logs box)" = $'x\nx\nx' ]
}

@test "create makes it, start runs it, --rm removes it" {
	run -0 cordon create --network none --name box base echo made
	[ "$(status_of box)" = "created 0" ]
	[ "$(cordon start -a box)" = made ]
	[ "$(status_of box)" = "exited 0" ]
	confined --name one base true
	run ! cordon inspect one
}

@test "two with one name: exactly one wins, the other leaves nothing" {
	for round in 1 2 3 4 5; do
		for i in 1 2 3 4; do
			(status=0
			"$CORDON" run -d --network none --name box base sleep 600 >/dev/null 2>"$BATS_TEST_TMPDIR/err.$i" || status=$?
			echo $status >"$BATS_TEST_TMPDIR/status.$i") &
		done
		wait
		[ "$(cat "$BATS_TEST_TMPDIR"/status.* | sort -n | tr '\n' ' ')" = "0 125 125 125 " ]
		[ "$(cat "$BATS_TEST_TMPDIR"/err.* | grep -c 'Conflict. The container name "/box" is already in use by container')" = 3 ]
		[ "$(cordon ps -aq | wc -l)" = 1 ]
		[ "$(ls "$XDG_DATA_HOME/cordon/containers" | wc -l)" = 1 ]
		cordon rm -f box
	done
}

@test "kill -9 of the monitor: the next ps tells the truth, rm cleans, nothing is left" {
	cordon run -d --network none --name box base sleep 600
	pid=$(pid_of box)
	kill -9 "$(monitor_of box)"
	wait_until 60 is_gone "$pid"
	run -0 cordon ps -a --format '{{.Names}} {{.Status}}'
	[[ "$output" == "box Exited (137)"* ]]
	cordon start box
	[ "$(status_of box)" = "running 0" ]
	kill -9 "$(monitor_of box)"
	cordon rm box
	[ -z "$(cordon ps -aq)" ]
	[ -z "$(ls "$XDG_DATA_HOME/cordon/containers" "$XDG_DATA_HOME/cordon/names" | grep -v :)" ]
}

# What was killed had a child at its gate, which dies a moment later and holds the folder until then.
swept() {
	cordon ps -a >/dev/null
	[ -z "$(ls "$XDG_DATA_HOME/cordon/containers" "$XDG_DATA_HOME/cordon/names" | grep -v :)" ]
}

@test "kill -9 of cordon at any moment leaves nothing that rm or the next command does not take" {
	for delay in 0 0.001 0.002 0.003 0.004 0.006 0.008 0.012 0.02 0.05; do
		for options in "--rm" ""; do
			"$CORDON" run $options --network none --name box base sleep 600 >/dev/null 2>&1 &
			caller=$!
			sleep $delay
			kill -9 $caller
			wait $caller || true
			cordon ps -a >/dev/null
			cordon rm -f box >/dev/null 2>&1 || true
			wait_until 60 swept
		done
	done
	ground_is_quiet
}

@test "what never ran leaves nothing, not even its volumes or its cidfile" {
	run -127 cordon run --network none --name box -v /data --cidfile "$BATS_TEST_TMPDIR/cid" base no-such-program
	run -125 cordon run --network none --name box -v /data -v /no/such/folder:/x base true
	[[ "$output" == *"/no/such/folder"* ]]
	[ ! -e "$BATS_TEST_TMPDIR/cid" ]
	[ -z "$(cordon ps -aq)" ]
	[ -z "$(ls "$XDG_DATA_HOME/cordon/volumes" 2>/dev/null)" ]
}

@test "a folder that cannot be made ends what was started beside it, and leaves nothing" {
	local mode
	cordon run --rm --network none base true # the first one makes the folder of all
	for mode in auto single; do
		chmod 500 "$XDG_DATA_HOME/cordon/containers"
		run -125 cordon run --userns $mode --network none -v /anonymous --cidfile "$BATS_TEST_TMPDIR/cid" base true
		chmod 700 "$XDG_DATA_HOME/cordon/containers"
		[[ "$output" == *"cannot make a container's folder"*"is there room in"* ]]
		[ ! -e "$BATS_TEST_TMPDIR/cid" ]
		[ -z "$(cordon volume ls -q)" ]
		[ -z "$(cordon ps -aq)" ]
	done
}

@test "volumes: a folder, read-only, a name that keeps, an anonymous one that goes" {
	mkdir -p "$BATS_TEST_TMPDIR/folder"
	echo kept >"$BATS_TEST_TMPDIR/folder/file"
	[ "$(confined -v "$BATS_TEST_TMPDIR/folder:/v" base cat /v/file)" = kept ]
	run ! confined -v "$BATS_TEST_TMPDIR/folder:/v:ro" base touch /v/new
	(cd "$BATS_TEST_TMPDIR" && [ "$(confined -v ./folder:/v base cat /v/file)" = kept ])
	confined -v data:/v base sh -c 'echo x >>/v/mark'
	[ "$(confined -v data:/v base sh -c 'echo x >>/v/mark; cat /v/mark')" = $'x\nx' ]
	cordon run --network none --name box -v /v base touch /v/x
	[ "$(ls "$XDG_DATA_HOME/cordon/volumes" | wc -l)" = 2 ]
	cordon rm -v box
	[ "$(ls "$XDG_DATA_HOME/cordon/volumes")" = data ]
	confined -v /v base touch /v/x
	[ "$(ls "$XDG_DATA_HOME/cordon/volumes")" = data ]
}

@test "files of other users inside are removed with the container" {
	cordon run --network none --name box base sh -c 'mkdir -m 700 /d && touch /d/f && chown -R 1000:1000 /d'
	cordon rm box
	[ -z "$(ls "$XDG_DATA_HOME/cordon/containers")" ]
}

@test "top shows the container's processes, and runs none of its programs" {
	cordon run -d --network none --name box base sleep 600
	run -0 cordon top box
	[[ "${lines[0]}" == UID*PID*PPID*TIME*CMD* ]]
	[[ "${lines[1]}" == *"sleep 60"* ]]
	[ "${#lines[@]}" = 2 ]
}

@test "a limit that cannot be enforced is an error with the way out" {
	[ "$(stat -f -c %T /sys/fs/cgroup)" != cgroup2fs ] || skip "cgroup v2 is here"
	run -125 confined --memory 64m base true
	[[ "$output" == *"cannot enforce a limit"* ]]
	[ -z "$(cordon ps -aq)" ]
}

@test "a hundred containers are listed in a moment" {
	for i in $(seq 100); do cordon create --network none --name "many$i" base true >/dev/null; done
	[ "$(cordon ps -aq | wc -l)" = 100 ]
	start=$(date +%s%N)
	for _ in 1 2 3 4 5; do cordon ps -a >/dev/null; done
	echo "ps -a of 100: $((($(date +%s%N) - start) / 5000)) us" >&3
	for i in $(seq 100); do cordon rm "many$i" >/dev/null; done
}
