#!/usr/bin/env bats
# no_new_privileges switched off, as Docker has it by default: setuid programs of the image work, and
# every other wall stands as before. Landlock and the filter are then put up by a capability that is
# kept until execve; here it must be gone.
load helper

setup_file() {
	ground_make
	cp -a "$GROUND/root" "$GROUND/setuid"
	cp "$GROUND/setuid/bin/probe" "$GROUND/setuid/bin/suprobe"
	cp "$GROUND/setuid/bin/busybox" "$GROUND/setuid/bin/busybox-su"
	chmod 4755 "$GROUND/setuid/bin/suprobe" "$GROUND/setuid/bin/busybox-su"
	root_tar "$GROUND/setuid" "$GROUND/setuid.tar"
	cordon import "$GROUND/setuid.tar" setuid
	echo '{"schema": 1, "name": "sudo", "extends": ["default"], "no_new_privileges": false}' >"$GROUND/sudo.json"
}

teardown_file() { ground_clear; }

DEFAULT_SET=00000000800405fb
NO_SET=0000000000000000
OFF=(--security-opt no-new-privileges=false)

# walls_but FILE: all a probe says of itself, but for what sets two processes apart anyway.
walls_but() {
	grep -vE '^(NSpid|NoNewPrivs):' "$1"
}

@test "on, the default: a setuid program gains nothing" {
	confined -u 1000:1000 setuid suprobe status >"$GROUND/s"
	expect "$GROUND/s" "CapPrm CapEff" $NO_SET
	expect "$GROUND/s" NoNewPrivs 1
	[[ "$(field "$GROUND/s" Uid)" =~ ^1000[[:space:]]1000 ]]
}

@test "off, by flag or by profile: a setuid program becomes root inside, within the bounding set" {
	for how in "${OFF[*]}" "--security-opt no-new-privileges:false" "--profile $GROUND/sudo.json"; do
		# shellcheck disable=SC2086
		confined $how -u 1000:1000 setuid suprobe status >"$GROUND/s"
		[[ "$(field "$GROUND/s" Uid)" =~ ^1000[[:space:]]0 ]]
		expect "$GROUND/s" "CapPrm CapEff CapBnd" $DEFAULT_SET
		expect "$GROUND/s" "CapInh CapAmb" $NO_SET
		expect "$GROUND/s" NoNewPrivs 0
		expect "$GROUND/s" Seccomp 2
		expect "$GROUND/s" Seccomp_filters 1
	done
}

@test "off: nothing else differs, for root, a user, with --init, and with capabilities by flag" {
	for options in "" "-u 1000:1000" "--init" "--init -u 1000:1000" "--cap-drop ALL" "--cap-add SYS_ADMIN"; do
		# shellcheck disable=SC2086
		confined $options setuid probe status >"$GROUND/on"
		# shellcheck disable=SC2086
		confined $options "${OFF[@]}" setuid probe status >"$GROUND/off"
		echo "options: $options"
		expect "$GROUND/on" NoNewPrivs 1
		expect "$GROUND/off" NoNewPrivs 0
		diff <(walls_but "$GROUND/on") <(walls_but "$GROUND/off")
	done
}

@test "off: the filter answers as before, and Landlock is in force" {
	confined setuid probe call all >"$GROUND/on"
	confined "${OFF[@]}" setuid probe call all >"$GROUND/off"
	diff "$GROUND/on" "$GROUND/off"
	run confined "${OFF[@]}" --cap-add SYS_ADMIN --security-opt seccomp=unconfined setuid mount -t tmpfs none /tmp
	[ "$status" != 0 ]
	[[ "$output" == *"ermission denied"* || "$output" == *"not permitted"* ]]
}

@test "off: the filter need not allow what puts it up" {
	echo '{"schema": 1, "name": "narrow", "extends": ["default"], "no_new_privileges": false,
		"syscalls": {"deny": ["capset", "seccomp", "setuid", "setresuid", "setgroups", "landlock_restrict_self"]}}' \
		>"$GROUND/narrow.json"
	confined --profile "$GROUND/narrow.json" -u 1000:1000 setuid probe status >"$GROUND/s"
	expect "$GROUND/s" Seccomp 2
	expect "$GROUND/s" "CapPrm CapEff" $NO_SET
	confined --profile strict "${OFF[@]}" setuid true
}

@test "off: exec is run, wall by wall, and --init's reaper keeps nothing" {
	for options in "" "--init"; do
		# shellcheck disable=SC2086
		cordon run -d --network none $options "${OFF[@]}" --name off setuid sleep 100
		cordon exec off cat /proc/1/status >"$GROUND/first"
		cordon exec off probe status >"$GROUND/joined"
		cordon rm -f off
		expect "$GROUND/joined" "CapPrm CapEff CapBnd" $DEFAULT_SET
		expect "$GROUND/joined" NoNewPrivs 0
		expect "$GROUND/joined" Seccomp 2
		expect "$GROUND/first" "CapPrm CapEff CapBnd" $DEFAULT_SET
		expect "$GROUND/first" "CapInh CapAmb" $NO_SET
		expect "$GROUND/first" Seccomp 2
	done
}

# The kernel forgets a death signal when a setuid program is executed (prctl(2), PR_SET_PDEATHSIG).
@test "off: a setuid first process outlives a killed monitor no longer than until the next command" {
	cordon run -d --network none "${OFF[@]}" -u 1000:1000 --name orphan setuid busybox-su sleep 4321
	pid=$(cordon inspect -f '{{.State.Pid}}' orphan)
	monitor=$(cordon inspect -f '{{.State.ConmonPid}}' orphan)
	[ "$pid" -gt 1 ] && [ "$monitor" -gt 1 ]
	kill -9 "$monitor"
	run -0 cordon ps -a --format '{{.Names}} {{.Status}}'
	[[ "$output" == "orphan Exited (137)"* ]]
	wait_until 60 is_gone "$pid"
	cordon rm orphan
}
