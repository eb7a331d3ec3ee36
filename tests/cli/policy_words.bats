#!/usr/bin/env bats
# The words of the policy commands: a file, a profile, an image; and what is none of them. --json of each.
load helper

setup_file() {
	ground_make
	[ -z "${GROUND_SKIP:-}" ] || return 0
	mkdir -p "$XDG_CONFIG_HOME/cordon/profiles"
	cat >"$XDG_CONFIG_HOME/cordon/profiles/mine.json" <<-'JSON'
		{
		  "schema": 1,
		  "name": "mine",
		  "images": ["*/base", "docker.io/library/nowhere"],
		  "extends": ["default"],
		  "syscalls": {"deny": ["madvise"]}
		}
	JSON
	cordon policy fmt -w "$XDG_CONFIG_HOME/cordon/profiles/mine.json"
}
teardown_file() { ground_clear; }

mine() { echo "$XDG_CONFIG_HOME/cordon/profiles/mine.json"; }

# Every command, asked of WORD.
ask() {
	case $1 in
	explain) cordon policy explain "$2" madvise "${@:3}" ;;
	diff) cordon policy diff default "$2" "${@:3}" ;;
	merge) cordon policy merge "$2" strict "${@:3}" ;;
	show-where) cordon policy show --where "$2" "${@:3}" ;;
	compile) cordon policy compile --format json "$2" "${@:3}" ;;
	fmt-check) cordon policy fmt --check "$2" "${@:3}" ;;
	*) cordon policy "$1" "$2" "${@:3}" ;;
	esac
}
commands=(check show show-where compile prove explain diff score fmt fmt-check merge)
# What each exits with for `mine`.
declare -gA exits=([explain]=1 [diff]=1)

@test "a file, a profile, an image that is here, and one that is not: the same answer" {
	local command word
	for command in "${commands[@]}"; do
		run -"${exits[$command]:-0}" ask "$command" "$(mine)"
		echo "$output" >"$GROUND/$command"
		for word in mine base nowhere:3; do
			echo "$command $word"
			run -"${exits[$command]:-0}" ask "$command" "$word"
			# score begins with the word it was asked about
			[ "$command" != score ] || output=${output/#"$word:"/"$(mine):"}
			diff "$GROUND/$command" <(echo "$output") >/dev/null
		done
	done
	for word in localhost/base:latest "$(cordon images -q base)" docker.io/library/nowhere nowhere@sha256:"$(printf %064d 7)"; do
		run -0 ask show "$word"
		diff "$GROUND/show" <(echo "$output") >/dev/null
	done
}

@test "a word that is nothing is an error, with the nearest that is something" {
	local command
	for command in "${commands[@]}"; do
		run -125 ask "$command" defualt
		[[ "$output" == *"there is no profile 'defualt' in "*", and no image or file of that name"*"did you mean 'default'?"* ]]
	done
	run -125 cordon policy diff defualt default
	run -125 cordon policy score defualt --least 1
	run -125 cordon policy show a//b:c
	[[ "$output" == *"a//b:c"* ]]
}

@test "a file without .json; one beside a profile or an image of its name" {
	cp "$(mine)" "$GROUND/seccomp"
	mkdir -p "$GROUND/localhost"
	sed 's/"madvise"/"getpid"/' "$(mine)" | tee "$GROUND/default" "$GROUND/localhost/base" >"$GROUND/localhost/other"
	cd "$GROUND"
	run -1 cordon policy explain seccomp madvise
	[[ "$output" == *"./seccomp:7:"* ]]
	run -0 cordon policy check --json seccomp
	run -0 cordon policy explain default getpid
	[[ "$output" == */profiles/default.json:* ]]
	run -1 cordon policy explain ./default getpid
	run -0 cordon policy explain localhost/base getpid
	run -1 cordon policy explain localhost/other getpid
	rm -r default seccomp localhost
}

@test "--json of each is JSON, with the same exit status" {
	local command
	for command in "${commands[@]}"; do
		echo "$command"
		run -"${exits[$command]:-0}" --separate-stderr ask "$command" mine --json
		[ -z "$stderr" ]
		python3 -c 'import json, sys; json.load(sys.stdin)' <<<"$output"
	done
	run -0 cordon policy show --where --json mine
	python3 - "$(mine)" "$output" <<-'PYTHON'
		import json, sys
		rows = json.loads(sys.argv[2])
		row = next(row for row in rows if row["key"] == "syscalls.deny" and row["file"] == sys.argv[1])
		assert (row["line"], row["value"], row["ceiling"]) == (7, "madvise", False), row
		assert any(row["file"].endswith("/default.json") for row in rows)
	PYTHON
	run -0 cordon policy compile --json mine
	[ "$output" = "$(cordon policy compile --format json mine)" ]
	run -125 cordon policy compile --json --format c mine
	printf '{"name":"x","schema":1}' >"$GROUND/x.json"
	run -1 cordon policy fmt --check --json "$GROUND/x.json" mine
	python3 - "$output" <<-'PYTHON'
		import json, sys
		rows = json.loads(sys.argv[1])
		assert [row["formatted"] for row in rows] == [False, True], rows
		assert json.loads(rows[0]["text"]) == {"schema": 1, "name": "x"}
	PYTHON
}
