#!/usr/bin/env bats
# stats: what running containers take of the machine, without a cgroup (those with one are the vm lane's); top: what runs there.
load helper

setup_file() { ground_make; }
teardown_file() { ground_clear; }
teardown() { cordon rm -f -a >/dev/null 2>&1 || true; }

@test "one look: a busy one is busy, an idle one is not, each with its processes" {
	cordon run -d --name busy --network none base sh -c 'while :; do :; done'
	cordon run -d --name idle --network none base sh -c 'sleep 60 & sleep 61 & wait'
	cordon create --name still --network none base true
	wait_until 5 sh -c '[ "$("$CORDON" top idle | wc -l)" = 4 ]'
	run -0 cordon stats --no-stream
	[[ "${lines[0]}" == "CONTAINER ID "*" NAME "*" CPU % "*" MEM USAGE / LIMIT "*" MEM % "*" NET I/O "*" BLOCK I/O "*" PIDS"* ]]
	[ "${#lines[@]}" = 3 ]
	run -0 cordon stats --no-stream --format '{{.Name}} {{.PIDs}} {{.CPUPerc}}' idle busy
	[[ "${lines[0]}" =~ ^"idle 3 "[0-9.]+%$ ]] || { echo "$output"; false; }
	[[ "${lines[1]}" =~ ^"busy 1 "[1-9][0-9.]*%$ ]] || { echo "$output"; false; }
	run -0 cordon stats --no-stream -a --format '{{.Name}} {{.MemUsage}} {{.PIDs}}'
	[[ "$output" == *"still -- / -- --"* ]]
	run -0 cordon stats --no-stream --no-trunc --format '{{.ID}}' idle
	[ "${#output}" = 64 ]
}

@test "memory is what its processes have for themselves" {
	cordon run -d --name box --network none --tmpfs /fill base sh -c 'x=$(head -c 30000000 /dev/zero | tr "\0" x); echo up; sleep 60; true'
	wait_until 20 sh -c '"$CORDON" logs box | grep -q up'
	run -0 cordon stats --no-stream --format '{{.MemUsage}}' box
	[[ "$output" =~ ^([0-9]+)(\.[0-9]+)?MiB" / "[0-9.]+[GMT]iB$ ]] || { echo "$output"; false; }
	[ "${BASH_REMATCH[1]}" -ge 28 ] && [ "${BASH_REMATCH[1]}" -le 200 ]
}

@test "the network is the container's own; the host's is nobody's" {
	cordon run -d --name box base sh -c 'sleep 60'
	cordon run -d --name host --network host base sleep 60
	[ "$(cordon stats --no-stream --format '{{.NetIO}}' host)" = "-- / --" ]
	run -0 cordon stats --no-stream --format '{{.NetIO}}' box
	[[ "$output" =~ ^[0-9.]+[kM]?B" / "[0-9.]+[kM]?B$ ]]
}

@test "again and again until it is ended; json is a line each" {
	cordon run -d --name box --network none base sleep 60
	timeout -s INT 5 "$CORDON" stats --format json >"$GROUND/stream" || true
	[ "$(wc -l <"$GROUND/stream")" -ge 2 ]
	python3 -c 'import json, sys; [json.loads(line)["Name"] == "box" or sys.exit(1) for line in open(sys.argv[1])]' "$GROUND/stream"
	# a reader that leaves ends it
	[ "$(timeout 20 "$CORDON" stats --format '{{.Name}}' | head -n 1)" = box ]
}

@test "mistakes: one that is not there, an interval that is none" {
	run -1 cordon stats --no-stream nosuch
	[[ "$output" == *"No such container: nosuch"* ]]
	for interval in 0 x -1; do run -1 cordon stats -i "$interval"; done
	run -0 cordon stats --no-stream
	[ "${#lines[@]}" = 1 ]
}

@test "top: columns by name, and the options of ps refused with their like" {
	cordon run -d --name box --network none -u 1000 base sh -c 'sleep 60 & wait'
	wait_until 5 sh -c '[ "$("$CORDON" top box | wc -l)" = 3 ]'
	[ "$(cordon top box | head -n 1 | xargs)" = "UID PID PPID TIME CMD" ]
	run -0 cordon top box nspid,comm args
	[ "$(xargs <<<"${lines[0]}")" = "NSPID COMMAND CMD" ]
	[ "$(xargs <<<"${lines[1]}")" = "1 sh sh -c sleep 60 & wait" ]
	[[ "$(xargs <<<"${lines[2]}")" =~ ^[0-9]+" sleep sleep 60"$ ]]
	first=$(cordon inspect -f '{{.State.Pid}}' box)
	run -0 cordon top box pid ppid pgid sid uid gid stat rss vsz nlwp ni pri pcpu etime time
	[[ "$(xargs <<<"${lines[1]}")" =~ ^"$first "[0-9]+" "[0-9]+" "[0-9]+" "[0-9]+" "[0-9]+" S "[0-9]+" "[0-9]+" 1 0 20 "[0-9.]+" 00:0" ]] ||
		{ echo "$output"; false; }
	[ "$(cordon top box uid | tail -n 1)" = "$(stat -c %u "/proc/$first")" ]
	for words in "aux" "-ef" "-o pid,comm" "-eo pid"; do
		# shellcheck disable=SC2086
		run -1 cordon top box $words
		[[ "$output" == *"no ps is run"*"name the columns"* ]] || { echo "$words: $output"; false; }
	done
	run -1 cordon top box nothing
	[[ "$output" == *"there is no column 'nothing'"* ]]
}
