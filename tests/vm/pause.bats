#!/usr/bin/env bats
# pause and unpause, by the freezer of a container's own cgroup.
load machine

setup_file() { machine_make; }
teardown_file() { machine_clear; }

# counting NAME OPTION...: a container that counts into /count, ten a second; TERM ends it with 7.
counting() {
	local name=$1
	shift
	cordon run -d --network none --name "$name" "$@" base sh -c \
		'trap "exit 7" TERM; i=0; while :; do i=$((i + 1)); echo $i >/count.new; mv /count.new /count; sleep 0.1; done'
	wait_until 60 cordon exec "$name" test -e /count
}

# count NAME: where it is; read from outside, so that nothing need run inside.
count() { cordon cp "$1:/count" - | tar xO; }

moves() {
	local before
	before=$(count "$1")
	wait_until 60 test_moved "$1" "$before"
}
test_moved() { [ "$(count "$1")" != "$2" ]; }

@test "paused it stands still, ps and inspect say so, and unpaused it goes on" {
	counting box --cgroups enabled
	moves box
	run -0 cordon pause box
	[ "$output" = box ]
	first=$(count box)
	sleep 2
	[ "$(count box)" = "$first" ]
	run -0 cordon ps --format '{{.State}} {{.Status}}'
	[[ "$output" == "paused Up "*" (Paused)" ]]
	run -0 cordon inspect --format '{{.State.Status}} {{.State.Paused}} {{.State.Running}}' box
	[ "$output" = "paused true true" ]
	[ "$(cordon ps -q --filter status=paused | wc -l)" = 1 ]
	[ "$(cordon ps -q --filter status=running | wc -l)" = 0 ]
	run -0 cordon unpause box
	[ "$output" = box ]
	moves box
	run -0 cordon inspect --format '{{.State.Status}} {{.State.Paused}}' box
	[ "$output" = "running false" ]
}

@test "what cannot be is said" {
	run -1 cordon unpause box
	[[ "$output" == *"container box is not paused"* ]]
	cordon pause box
	run -1 cordon pause box
	[[ "$output" == *"container box is already paused"* ]]
	for words in "exec box true" "attach box" "start box"; do
		# shellcheck disable=SC2086
		run cordon $words </dev/null
		[ "$status" != 0 ]
		[[ "$output" == *"container box is paused"*"cordon unpause box"* ]]
	done
	run -1 cordon rm box
	[[ "$output" == *"is running"* ]]
	run -1 cordon pause nobody
	[[ "$output" == *"No such container"* ]]
	cordon create --name made --network none --cgroups enabled base true
	run -1 cordon pause made
	[[ "$output" == *"made is not running"* ]]
	cordon rm made
	cordon run -d --name plain --network none base sleep 300
	run -1 cordon pause plain
	[[ "$output" == *"it has no cgroup"*"--cgroups enabled"* ]]
	cordon rm -f plain
	run -125 cordon run --rm --network none --cgroups disabled --pids-limit 20 base true
	[[ "$output" == *"--cgroups disabled"*"limited by a cgroup"* ]]
}

@test "top, logs and cp go on meanwhile" {
	run -0 cordon top box
	[[ "$output" == *trap* ]]
	cordon logs box
	run -0 count box
	[[ "$output" == [0-9]* ]]
}

@test "stop lets it end by its own signal; started again it is not paused, and can be" {
	cordon stop -t 60 box
	[ "$(cordon inspect --format '{{.State.ExitCode}} {{.State.Status}} {{.State.Paused}}' box)" = "7 exited false" ]
	cordon start box
	moves box
	cordon pause box
	cordon restart -t 60 box
	moves box
}

@test "kill and rm -f end it at once, and no cgroup is left" {
	cordon pause box
	cordon kill box
	[ "$(cordon inspect --format '{{.State.ExitCode}}' box)" = 137 ]
	cordon rm box
	counting box --pids-limit 40
	cordon pause box
	cordon rm -f box
	wait_until 60 no_cgroup
}
no_cgroup() { [ -z "$(find /sys/fs/cgroup -name 'cordon-*.scope')" ]; }

@test "kill -9 of the monitor of one that is paused: the next ps says so, and nothing is left" {
	counting box --cgroups enabled
	cordon pause box
	kill -9 "$(cordon inspect --format '{{.State.ConmonPid}}' box)"
	wait_until 60 is_dead box
	cordon rm box
	wait_until 60 no_cgroup
}
is_dead() { [ "$(cordon inspect --format '{{.State.Status}} {{.State.ExitCode}}' "$1")" = "exited 137" ]; }

@test "root inside cannot let itself go on, nor is there anything to see of it" {
	counting box --cgroups enabled
	run cordon exec box sh -c 'echo 1 >/sys/fs/cgroup/cgroup.freeze'
	[ "$status" != 0 ]
	cordon pause box
	cordon unpause box
	run -0 cordon exec box cat /sys/fs/cgroup/cgroup.events
	[[ "$output" == *"populated 1"* ]]
}

@test "commit --pause: still meanwhile, and going on after it, also where the commit fails" {
	cordon commit --pause box paused >/dev/null
	moves box
	run -1 cordon commit --pause box 'UPPER/Case'
	moves box
	cordon pause box
	cordon commit --pause box paused >/dev/null
	[ "$(cordon inspect --format '{{.State.Paused}}' box)" = true ]
	cordon rm -f box
	cordon rmi paused
}
