#!/usr/bin/env bats
# AppArmor labels, on a kernel that has it. Root has loaded ./apparmor/cordon-test.
load machine

setup_file() { machine_make; }
teardown_file() { machine_clear; }

@test "the machine has AppArmor, and cordon says so" {
	run -0 cordon info --format '{{.AppArmor}}'
	[ "$output" = true ]
}

@test "a label of --security-opt is the process's own" {
	run -0 confined --security-opt apparmor=cordon-test base cat /proc/self/attr/current
	[ "$output" = "cordon-test (enforce)" ]
}

@test "without one the process is unconfined, and inspect shows no other" {
	run -0 confined base cat /proc/self/attr/current
	[ "$output" = unconfined ]
}

@test "the label is enforced: what it denies is denied to root inside" {
	run -0 confined base sh -c 'echo a >/forbidden && cat /forbidden'
	run -1 confined --security-opt apparmor=cordon-test base sh -c 'echo a >/forbidden'
	[[ "$output" == *"ermission denied"* ]]
	run -0 confined --security-opt apparmor=cordon-test base sh -c 'echo a >/allowed && cat /allowed'
}

@test "a profile's apparmor key does the same, and a flag may replace it" {
	profile_make labelled '"apparmor": "cordon-test"'
	run -0 confined --profile "$GROUND/labelled.json" base cat /proc/self/attr/current
	[ "$output" = "cordon-test (enforce)" ]
	run -0 confined --profile "$GROUND/labelled.json" --security-opt apparmor=cordon-other base \
		cat /proc/self/attr/current
	[ "$output" = "cordon-other (enforce)" ]
}

@test "inspect shows the label that the kernel reports, and exec has the same" {
	cordon run -d --network none --security-opt apparmor=cordon-test --name labelled base sleep 300
	run -0 cordon inspect --format '{{.Cordon.Enforced.Label}}' labelled
	[ "$output" = "cordon-test (enforce)" ]
	[ "$output" = "$(cat "/proc/$(cordon inspect --format '{{.State.Pid}}' labelled)/attr/current")" ]
	run -0 cordon exec labelled cat /proc/self/attr/current
	[ "$output" = "cordon-test (enforce)" ]
	run -1 cordon exec labelled sh -c 'echo a >/forbidden'
	# and another user inside has no other
	run -0 cordon exec -u 1000 labelled cat /proc/self/attr/current
	[ "$output" = "cordon-test (enforce)" ]
	cordon rm -f labelled
}

@test "nobody inside can change the label" {
	for attribute in current exec; do
		for wanted in changeprofile\ unconfined changeprofile\ cordon-other exec\ unconfined exec\ cordon-other; do
			run confined --cap-add SYS_ADMIN --cap-add MAC_ADMIN --security-opt apparmor=cordon-test base \
				sh -c "printf '$wanted' >/proc/self/attr/$attribute; cat /proc/self/attr/current; exec cat /proc/self/attr/current"
			[ "$status" = 0 ]
			[[ "$output" == *"cordon-test (enforce)"*"cordon-test (enforce)"* ]]
			[[ "$output" != *"unconfined"* && "$output" != *"cordon-other"* ]]
		done
	done
}

@test "no_new_privileges holds even where the profile itself allows a change" {
	run confined --security-opt apparmor=cordon-other base \
		sh -c 'printf "exec cordon-test" >/proc/self/attr/exec; exec cat /proc/self/attr/current'
	[[ "$output" != *"cordon-test"* ]]
}

@test "a label that is not loaded is an error with the way out, and nothing runs" {
	run -125 confined --security-opt apparmor=cordon-absent base echo ran
	[[ "$output" == *"cannot set the AppArmor label 'cordon-absent'"* ]]
	[[ "$output" == *"apparmor_parser -r"* ]]
	[[ "$output" != *ran* ]]
	run -0 cordon ps -aq
	[ "$output" = "" ]
}

@test "if_available does not excuse a label that is not loaded" {
	profile_make optional '"apparmor": "cordon-absent", "if_available": ["apparmor"]'
	run -125 confined --profile "$GROUND/optional.json" base echo ran
	[[ "$output" != *ran* ]]
}

@test "without AppArmor if_available is skipped and shown, and without it it is an error" {
	profile_make lenient '"apparmor": "cordon-test", "if_available": ["apparmor"]'
	profile_make strict '"apparmor": "cordon-test"'
	export CORDON_SIMULATE_MISSING=apparmor
	run -125 confined --profile "$GROUND/strict.json" base true
	[[ "$output" == *"this kernel has no AppArmor"* && "$output" == *"if_available"* ]]
	cordon run --network none --profile "$GROUND/lenient.json" --name lenient base true
	run -0 cordon inspect --format '{{.Cordon.LeftOut}}' lenient
	[[ "$output" == *"this kernel has no AppArmor"* ]]
	cordon rm lenient
}

@test "a volume over /proc does not swallow the label" {
	mkdir -p "$GROUND/fake/thread-self/attr" "$GROUND/fake/self/attr"
	touch "$GROUND/fake/thread-self/attr/exec" "$GROUND/fake/self/attr/exec"
	run confined --security-opt apparmor=cordon-test -v "$GROUND/fake:/proc" base echo ran
	[ "$status" != 0 ]
	[[ "$output" != *ran* ]]
}
