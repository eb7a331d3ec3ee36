#!/usr/bin/env bats
# Limits of memory, processes and processors, for a user who has logged in: his session belongs to
# root, and systemd --user gives the container a scope.
load machine

setup_file() { machine_make; }
teardown_file() { machine_clear; }

# enforced NAME WORD: what inspect says that the kernel said.
enforced() {
	cordon inspect --format "{{.Cordon.Enforced.$2}}" "$1"
}

# scopes: the cgroups of containers that there are.
scopes() {
	find /sys/fs/cgroup -name 'cordon-*.scope'
}

no_scope() { [ -z "$(scopes)" ]; }

# pid_of NAME: the container's first process, as we see it.
pid_of() {
	cordon inspect --format '{{.State.Pid}}' "$1"
}

@test "the session we are in is root's: nothing here could make a cgroup" {
	[[ "$(cat /proc/self/cgroup)" == "0::/user.slice/user-"*"/session-"*".scope" ]]
	[ ! -w "/sys/fs/cgroup$(sed s/0::// /proc/self/cgroup)" ]
}

@test "limits are the kernel's, and inspect shows what the kernel says" {
	cordon run -d --network none --memory 64m --pids-limit 30 --cpus 0.5 --name limited base sleep 300
	[ "$(enforced limited MemoryMax)" = 67108864 ]
	[ "$(enforced limited PidsMax)" = 30 ]
	[ "$(enforced limited CpuMax)" = "50000 100000" ]
	folder=$(cordon inspect --format '{{.HostConfig.CgroupParent}}' limited)
	[[ "$folder" == *"/user@$(id -u).service/app.slice/cordon-"*".scope/cordon-"* ]]
	[ "$(cat "$folder/memory.max")" = 67108864 ]
	[ "$(cat "$folder/memory.swap.max")" = 67108864 ]
	[ "$(cat "$folder/pids.max")" = 30 ]
	[ "$(cat "$folder/cpu.max")" = "50000 100000" ]
	# the container's first process is in it, its monitor is not
	[ "$(sed s/0::// "/proc/$(pid_of limited)/cgroup")" = "${folder#/sys/fs/cgroup}" ]
	[ "$(wc -l <"$folder/cgroup.procs")" = 1 ]
	run -0 cordon inspect --format \
		'{{.HostConfig.Memory}} {{.HostConfig.PidsLimit}} {{.HostConfig.NanoCpus}}' limited
	[ "$output" = "67108864 30 500000000" ]
}

@test "stats counts by the cgroup: its limit, its memory, its tasks" {
	run -0 cordon stats --no-stream --format '{{.MemUsage}} {{.PIDs}} {{.CPUPerc}}' limited
	[[ "$output" =~ ^[0-9.]+[KM]iB" / 64MiB "([0-9]+)" "[0-9.]+%$ ]] || { echo "$output"; false; }
	[ "${BASH_REMATCH[1]}" = "$(cat "$(cordon inspect --format '{{.HostConfig.CgroupParent}}' limited)/pids.current")" ]
}

@test "only what was asked for is limited" {
	cordon run -d --network none --pids-limit 30 --name some base sleep 300
	[ "$(enforced some PidsMax)" = 30 ]
	run enforced some MemoryMax
	[[ "$output" != *[0-9]* ]]
	cordon rm -f some
}

@test "inside, the container sees its own cgroup as the root, and its limits" {
	run -0 cordon exec limited sh -c 'cat /proc/self/cgroup /sys/fs/cgroup/memory.max /sys/fs/cgroup/pids.max'
	[ "$output" = "0::/
67108864
30" ]
}

@test "exec'd commands are in the same cgroup, with and without a terminal, and detached" {
	folder=$(cordon inspect --format '{{.HostConfig.CgroupParent}}' limited)
	cordon exec -d limited sleep 301
	cordon exec limited sleep 302 &
	script -qfc "'$CORDON' exec -t limited sleep 303" /dev/null >/dev/null </dev/null &
	for seconds in 301 302 303; do
		wait_until 60 pgrep -f "^sleep $seconds"
		pid=$(pgrep -f "^sleep $seconds")
		[ "0::${folder#/sys/fs/cgroup}" = "$(cat "/proc/$pid/cgroup")" ]
		kill "$pid" 2>/dev/null || cordon exec limited pkill -f "sleep $seconds"
	done
}

@test "exec stands behind the same walls as run, wall by wall" {
	for word in status limits "call all"; do
		# shellcheck disable=SC2086
		cordon run --rm --network none --memory 64m --pids-limit 30 --cpus 0.5 base \
			probe $word >"$GROUND/run.wall"
		# shellcheck disable=SC2086
		cordon exec limited probe $word >"$GROUND/exec.wall"
		diff <(grep -v '^NSpid' "$GROUND/run.wall") <(grep -v '^NSpid' "$GROUND/exec.wall")
	done
	look='cd /sys/fs/cgroup; cat /proc/self/cgroup memory.max memory.swap.max pids.max cpu.max; ls; cat /proc/self/attr/current'
	diff <(cordon run --rm --network none --memory 64m --pids-limit 30 --cpus 0.5 base sh -c "$look") \
		<(cordon exec limited sh -c "$look")
}

@test "root inside cannot lift a limit, nor leave" {
	run cordon exec limited sh -c 'echo max >/sys/fs/cgroup/memory.max'
	[ "$status" != 0 ]
	run cordon exec limited sh -c 'echo max >/sys/fs/cgroup/pids.max; mkdir /sys/fs/cgroup/x'
	[ "$status" != 0 ]
	[ "$(enforced limited MemoryMax)" = "$(cat "$(cordon inspect --format '{{.HostConfig.CgroupParent}}' limited)/memory.max")" ]
	# not even where he may mount the tree himself: systemd's mount has nsdelegate
	profile_make mounter '"syscalls": {"allow": ["@mount"]}' '"capabilities": ["SYS_ADMIN"]' \
		'"filesystem": {"landlock": false}'
	run -0 cordon run --rm --network none --memory 64m --profile "$GROUND/mounter.json" base sh -c '
		mount -t cgroup2 none /mnt 2>/dev/null || mount -t cgroup2 none /tmp || exit 3
		for folder in /mnt /tmp; do echo max >$folder/memory.max; done 2>/dev/null
		cat /sys/fs/cgroup/memory.max'
	[ "$output" = 67108864 ]
}

@test "the cgroup goes with the container" {
	folder=$(cordon inspect --format '{{.HostConfig.CgroupParent}}' limited)
	[ -d "$folder" ]
	cordon rm -f limited
	wait_until 60 no_scope
	[ ! -e "$folder" ]
}

@test "too much memory ends it with 137, and inspect says OOMKilled" {
	run -137 cordon run --network none --memory 32m --name greedy base sh -c 'exec tail -c 200m /dev/zero'
	run -0 cordon inspect --format '{{.State.OOMKilled}} {{.State.ExitCode}}' greedy
	[ "$output" = "true 137" ]
	cordon rm greedy
	# enough is enough
	run -0 cordon run --network none --memory 128m --name modest base sh -c 'head -c 8m /dev/zero | tail -c 8m | wc -c'
	[ "$output" = 8388608 ]
	run -0 cordon inspect --format '{{.State.OOMKilled}}' modest
	[ "$output" = false ]
	cordon rm modest
	wait_until 60 no_scope
}

@test "the limit on processes stops a fork bomb, and the machine is well" {
	cordon run -d --network none --pids-limit 20 --name bomb base sh -c 'b() { b | b & }; b; sleep 300'
	folder=$(cordon inspect --format '{{.HostConfig.CgroupParent}}' bomb)
	wait_until 60 grep -q '^max [1-9]' "$folder/pids.events"
	[ "$(cat "$folder/pids.current")" -le 20 ]
	run -0 confined base echo well
	[ "$output" = well ]
	cordon rm -f bomb
	wait_until 60 no_scope
}

@test "a share of a processor is all that is used" {
	cordon run -d --network none --cpus 0.2 --name slow base sh -c 'while :; do :; done'
	folder=$(cordon inspect --format '{{.HostConfig.CgroupParent}}' slow)
	before=$(sed -n 's/^usage_usec //p' "$folder/cpu.stat")
	started=$(cut -d. -f1 --output-delimiter= /proc/uptime | sed 's/ .*//')
	sleep 4
	after=$(sed -n 's/^usage_usec //p' "$folder/cpu.stat")
	spent=$(($(cut -d. -f1 --output-delimiter= /proc/uptime | sed 's/ .*//') - started + 1))
	# a fifth of the time that passed, and half of that again for what an emulator does to clocks
	echo "used $((after - before)) us in $spent s"
	[ $((after - before)) -gt 100000 ]
	[ $((after - before)) -lt $((spent * 300000)) ]
	[ "$(sed -n 's/^nr_throttled //p' "$folder/cpu.stat")" -gt 5 ]
	cordon rm -f slow
}

@test "kill -9 of the monitor: the next command says so, and no cgroup is left" {
	cordon run -d --network none --memory 64m --name orphan base sleep 300
	folder=$(cordon inspect --format '{{.HostConfig.CgroupParent}}' orphan)
	monitor=$(cat "$(dirname "$folder")/cordon-callers/cgroup.procs")
	kill -9 "$monitor"
	run -0 cordon ps -a --filter name=orphan --format '{{.Status}}'
	[[ "$output" == Exited* ]]
	wait_until 60 no_scope
	[ ! -e "$folder" ]
	cordon rm orphan
}

@test "stopped and started again, the limits are there again" {
	cordon run -d --network none --memory 64m --pids-limit 30 --name again base sleep 300
	for _ in 1 2 3; do
		cordon stop -t 0 again
		cordon start again
		[ "$(enforced again MemoryMax) $(enforced again PidsMax)" = "67108864 30" ]
		run -0 cordon exec again cat /sys/fs/cgroup/pids.max
		[ "$output" = 30 ]
	done
	cordon rm -f again
}

@test "made in one session and started in another" {
	cordon create --network none --memory 64m --name later base sleep 300
	systemd-run --user --quiet --wait --setenv="XDG_DATA_HOME=$XDG_DATA_HOME" "$CORDON" start later
	[ "$(enforced later MemoryMax)" = 67108864 ]
	run -0 cordon exec later cat /sys/fs/cgroup/memory.max
	[ "$output" = 67108864 ]
	cordon rm -f later
}

@test "without systemd --user: the cgroup we are in, where it is ours" {
	mkdir -p "$GROUND/none"
	run -0 systemd-run --user --scope --quiet --unit=mine -p Delegate=yes env XDG_RUNTIME_DIR="$GROUND/none" \
		"$CORDON" run --name below --network none --memory 64m base cat /sys/fs/cgroup/memory.max
	[ "$output" = 67108864 ]
	run -0 cordon inspect --format '{{.HostConfig.CgroupParent}}' below
	[[ "$output" == *"/mine.scope/cordon-"* ]]
	cordon rm below
}

@test "and where it is not, an error with the way out, or skipped where the profile allows that" {
	run -125 env XDG_RUNTIME_DIR="$GROUND/none" "$CORDON" run --rm --network none --memory 64m base echo ran
	[[ "$output" == *"cannot enforce a limit"* && "$output" == *"loginctl enable-linger"* ]]
	[[ "$output" != *ran* ]]
	profile_make lenient '"if_available": ["landlock", "cgroup"]' '"limits": {"memory": "64m"}'
	run -0 env XDG_RUNTIME_DIR="$GROUND/none" "$CORDON" run --network none --name lenient \
		--profile "$GROUND/lenient.json" base echo ran
	[[ "$output" == *"warning: cannot enforce a limit"* && "$output" == *ran* ]]
	run -0 cordon inspect --format '{{.Cordon.Notes}}' lenient
	[[ "$output" == *"cannot enforce a limit"* ]]
	cordon rm lenient
}

@test "twenty at once" {
	for number in $(seq 20); do
		cordon run --rm --network none --memory 32m --pids-limit 10 base true &
		pids[number]=$!
	done
	for number in $(seq 20); do wait "${pids[number]}"; done
	wait_until 60 no_scope
}
