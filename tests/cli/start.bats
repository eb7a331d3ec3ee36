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
