#!/usr/bin/env bats
# stats: what running containers take of the machine, without a cgroup (those with one are the vm lane's).
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
