#!/usr/bin/env bats
# What stays in memory for a container that runs in the background.
load ground

setup_file() { ground_make; }
teardown_file() { ground_clear; }
setup() { [ -z "${CORDON_SANITIZED:-}" ] || skip "the sanitizers have memory of their own"; }

# pss NAME: kilobytes of the container's monitor; what it shares counts by its part.
pss() {
	local monitor
	monitor=$(awk '/^PPid:/ { print $2 }' "/proc/$(pid_of "$1")/status")
	awk '/^Pss:/ { print $2 }' "/proc/$monitor/smaps_rollup"
}

small() {
	[ "$(pss "$1")" -le 300 ]
}

said_all() {
	[ "$(cordon logs "$1" | wc -c)" = 3000001 ]
}

@test "a waiting monitor is at most 300 KB" {
	# the first one compiles the profile, and is a little larger for that
	confined base true
	cordon run -d --name quiet --network none base sleep 600
	wait_until 60 small quiet || { pss quiet; false; }
	echo "# $(pss quiet) KB" >&3
	cordon rm -f quiet
}

@test "what work took is given back when it is done" {
	cordon run -d --name loud --network none base sh -c 'head -c 3000000 /dev/zero | tr "\0" x; echo; sleep 60'
	wait_until 60 said_all loud
	wait_until 60 small loud || { pss loud; false; }
	cordon rm -f loud
}
