#!/usr/bin/env bats
# Debian 12's own kernel, 6.1: its Landlock is of ABI 2, which knows neither truncate nor ports.
load machine

setup_file() { machine_make; }
teardown_file() { machine_clear; }

@test "the kernel is 6.1 and has Landlock of ABI 2" {
	run -0 cordon info --format '{{.Kernel}} {{.LandlockABI}}'
	[[ "$output" == "6.1."*" 2" ]]
}

@test "a container runs behind all walls, and inspect names the ABI" {
	cordon run -d --network none --name walls base sleep 300
	run -0 cordon inspect --format \
		'{{.Cordon.Enforced.Seccomp}} {{.Cordon.Enforced.NoNewPrivs}} {{.Cordon.Enforced.LandlockABI}}' walls
	[ "$output" = "2 1 2" ]
	run -0 cordon inspect --format '{{.Cordon.Skipped}}' walls
	[ "$output" = "" ]
	cordon rm -f walls
}

@test "Landlock of ABI 2 still closes what is outside the root" {
	mkdir "$GROUND/outside"
	echo secret >"$GROUND/outside/file"
	# a folder of the host that leaked in can be held, and not walked
	run confined base sh -c 'cat /proc/self/fd/7/file' 7<"$GROUND/outside"
	[ "$status" != 0 ]
	[[ "$output" != *secret* ]]
	# who may mount by every other wall, may not: Landlocked processes change no mounts
	profile_make walled '"syscalls": {"allow": ["@mount"]}, "capabilities": ["SYS_ADMIN"]'
	run ! confined --profile "$GROUND/walled.json" base mount -t tmpfs none /tmp
}

# demanding NAME EDIT...: the default profile, edited by sed, where nothing may be missing.
demanding() {
	local name=$1
	shift
	sed -e "s/\"name\": \"default\"/\"name\": \"$name\"/" -e 's/"if_available": .*/"if_available": []/' "$@" \
		"$(cordon info --format '{{.ProfileDir}}')/default.json" >"$GROUND/$name.json"
}

@test "restricting writes wants truncate: an error that says what is missing" {
	demanding plain
	run -0 confined --profile "$GROUND/plain.json" base true
	demanding writes -e 's,"landlock": true,"landlock": {"write": ["/tmp"]},'
	run -125 confined --profile "$GROUND/writes.json" base true
	[[ "$output" == *"does not control truncate (ABI 3, Linux 6.2)"*'"if_available"'* ]]
}

@test "marked if_available it is skipped, shown, and the rest is enforced" {
	profile_make lenient '"filesystem": {"landlock": {"write": ["/tmp"]}}'
	run -1 cordon run --network none --name lenient --profile "$GROUND/lenient.json" base \
		sh -c 'echo a >/tmp/a && cat /tmp/a; echo b >/b'
	[[ "$output" == *a*"ermission denied"* ]]
	run -0 cordon inspect --format '{{.Cordon.Skipped}}' lenient
	[[ "$output" == *"truncate(2) needs Linux 6.2"* ]]
	cordon rm lenient
}

@test "TCP ports want Linux 6.7: the same" {
	demanding ports -e 's/"idmap": "range",/&"network": {"bind": [80]},/'
	run -125 confined --profile "$GROUND/ports.json" base true
	[[ "$output" == *"does not control ports (ABI 4, Linux 6.7)"*'"if_available"'* ]]
	profile_make ports '"network": {"bind": [80]}'
	cordon run --network none --name ports --profile "$GROUND/ports.json" base true
	run -0 cordon inspect --format '{{.Cordon.LeftOut}}' ports
	[[ "$output" == *"does not control ports (ABI 4, Linux 6.7)"* ]]
	cordon rm ports
}

@test "the filter's answers are those of a newer kernel" {
	confined base probe call all >"$GROUND/calls"
	grep -q '^mount: EPERM' "$GROUND/calls"
	grep -q '^io_uring_setup: ENOSYS' "$GROUND/calls"
}

@test "a private network, and a port of it" {
	cordon run -d --name web -p 127.0.0.1:8080:80 base sh -c 'echo a page >/tmp/page; exec httpd -f -p 80 -h /tmp'
	wait_until 60 busybox wget -q -O /dev/null http://127.0.0.1:8080/page
	run -0 busybox wget -q -O - http://127.0.0.1:8080/page
	[ "$output" = "a page" ]
	# limits change nothing of it
	cordon run -d --name limited --memory 64m -p 127.0.0.1:8081:80 base httpd -f -p 80 -h /etc
	wait_until 60 busybox wget -q -O /dev/null http://127.0.0.1:8081/group
	cordon rm -f web limited
}
