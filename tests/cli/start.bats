#!/usr/bin/env bats
# What a newcomer types first: version, help, mistakes, and the exit statuses of run.
load helper

setup_file() { ground_make; }
teardown_file() { ground_clear; }

@test "version says who it is, in words and by template" {
	run -0 cordon version
	[[ "$output" =~ ^"cordon version "[0-9]+\.[0-9]+\.[0-9]+ ]]
	run -0 cordon --version
	[[ "$output" =~ ^"cordon version " ]]
	run -0 cordon version --format '{{.Client.Os}}'
	[ "$output" = linux ]
}

@test "help lists every command, and every command has help with its options" {
	run -0 cordon --help
	[[ "$output" == *"Usage:"* ]]
	commands=$(sed -n '/Commands:$/,/^$/s/^  \([a-z-]*\( [a-z-]*\)\?\)  .*/\1/p' <<<"$output")
	[ "$(wc -l <<<"$commands")" -ge 20 ]
	while read -r -a words; do
		run -0 cordon "${words[@]}" --help
		[[ "$output" == "Usage:  cordon ${words[*]}"* ]]
	done <<<"$commands"
}

@test "a command that does not exist: 125, one line, and the nearest one" {
	run -125 --separate-stderr cordon rnu
	[ -z "$output" ]
	[[ "$stderr" == *"'rnu' is not a cordon command"* ]]
	[[ "$stderr" == *"run"* ]]
}

@test "an option that does not exist: 125 and its name" {
	run -125 cordon run --no-such-option base true
	[[ "$output" == *"no-such-option"* ]]
}

@test "run without an image, and with one that is not there: 125" {
	run -125 cordon run
	run -125 confined no-such-image true
	[[ "$output" == *"no-such-image"* ]]
}

@test "exit statuses are the command's own" {
	confined base true
	run -7 confined base sh -c 'exit 7'
	run -255 confined base sh -c 'exit 255'
}

@test "126 for what cannot be started, 127 for what is not found" {
	run -126 confined base /etc/passwd
	run -126 confined base /etc
	run -127 confined base /no/such/program
	run -127 confined base no-such-program
	[[ "$output" == *"no-such-program"* ]]
}

@test "128+N for signal N" {
	# pid 1 of a namespace ignores signals it has no handler for: the child's status is told by sh
	run -137 confined --init base sh -c 'kill -KILL $$'
	run -143 confined --init base sh -c 'kill -TERM $$'
}

@test "standard input, output and error are the caller's" {
	run -0 --separate-stderr bash -c 'echo in | "$CORDON" run --rm -i --network none base sh -c "cat; echo err >&2"'
	[ "$output" = in ]
	[ "$stderr" = err ]
}

@test "without -i there is nothing to read" {
	run -0 bash -c 'echo in | "$CORDON" run --rm --network none base cat'
	[ -z "$output" ]
}

@test "root is told to be somebody else, by name" {
	[ -n "$(command -v unshare)" ] || skip "no unshare(1)"
	# a namespace in which one is root, but not the real one, is fine
	run -0 unshare -Ur "$CORDON" version
}

@test "nothing is left of a container that was run with --rm" {
	confined base true
	run -0 cordon ps -aq
	[ -z "$output" ]
	ground_is_quiet
}

# completed WORD...: what bash offers for the last word, sorted.
completed() {
	PATH="$(dirname "$CORDON"):$PATH" bash -c 'source <("$CORDON" completion bash)
		COMP_WORDS=(cordon "$@"); COMP_CWORD=$#; _cordon; printf "%s\n" "${COMPREPLY[@]}" | sort' - "$@"
}

@test "completion: families and their members, options, names of what there is, nothing twice" {
	cordon create --network none --name box base true
	cordon volume create held
	[ "$(completed vol)" = volume ]
	[ "$(completed volume "" | xargs)" = "create inspect list ls prune remove rm" ]
	[ "$(completed manifest "")" = inspect ]
	for family in container image policy system volume; do
		[ "$(completed $family "")" = "$(completed $family "" | sort -u)" ]
		[ -n "$(completed $family "")" ]
	done
	[ "$(completed stop --sig)" = --signal ]
	# operands that must be there, and those that may
	for command in "rm" "stop" "logs" "container wait" "exec" "inspect"; do
		# shellcheck disable=SC2086
		[ "$(completed $command b)" = box ] || { echo "$command"; false; }
	done
	[ "$(completed volume rm he)" = held ]
	[ "$(completed run localhost/b)" = "$(cordon images --format '{{.Name}}' | sort -u)" ]
	cordon rm box
	cordon volume rm held
}

@test "a slip in a command, a member, or an option is met by what was meant" {
	while read -r typed meant; do
		run -125 cordon ${typed//_/ }
		[[ "${lines[1]}" == "  did you mean"*"${meant//_/ }?" ]] || { echo "$typed: $output"; false; }
	done <<-END
		rnu cordon_run
		imagse cordon_images
		contianer_ls cordon_container
		image_lss cordon_image_ls
		volume_isnpect_x cordon_volume_inspect
		policy_chek_x cordon_policy_check
		run_--hlep --help
		run_--naem_x --name
	END
	run -125 cordon bogus
	[[ "$output" != *"did you mean"* && "$output" == *"see cordon --help"* ]] || { echo "$output"; false; }
}

@test "inspect: part of an id that two containers have is said to be two, not none" {
	for i in $(seq 18); do cordon create --network none --name "box$i" base true >/dev/null; done
	letter=$(cordon ps -aq | cut -c1 | sort | uniq -d | head -n 1)
	run -1 cordon inspect "$letter"
	[[ "$output" != *"no such container"* ]] || { echo "$output"; false; }
	run -1 cordon inspect nosuch
	[[ "${lines[0]}" == *"no such container or image: nosuch" && "${lines[1]}" == "  see cordon ps -a"* ]]
	cordon rm -a >/dev/null
}

@test "logs --tail -1 is all of it" {
	cordon run --name box --network none base seq 5
	[ "$(cordon logs --tail -1 box)" = "$(seq 5)" ]
	[ "$(cordon logs --tail=2 box | xargs)" = "4 5" ]
	run -1 cordon logs --tail=-2 box
	cordon rm box
}
