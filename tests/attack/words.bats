#!/usr/bin/env bats
# D11, D12, D13: words that would be options, commands or paths to somebody else; and what is installed.
# Takes about 40 s.
load attack

setup_file() { attack_setup_file_apart; }

teardown_file() { attack_teardown_file; }

setup() { canary_make; }
teardown() { canary_check; }

@test "D11: nothing that is installed has a set-id bit or a capability of its own" {
	folder=$(dirname "$CORDON")
	case $folder in */stage/*) folder=${folder%%/stage/*}/stage ;; esac
	[ "$(find "$folder" -type f -perm -u+x | wc -l)" -ge 1 ]
	[ -z "$(find "$folder" -perm /6000)" ]
	if command -v getcap >/dev/null; then [ -z "$(getcap -r "$folder" 2>/dev/null)" ]; fi
}

# programs COMMAND...: what a command executes: strace's rows, without those of the container's own command. Traced,
# newuidmap fails, and its arguments are seen all the same.
programs() {
	command -v strace >/dev/null || skip "strace is not installed"
	strace -f -s 4000 -e trace=execve -o "$GROUND/trace" "$CORDON" "$@" >"$GROUND/out" 2>"$GROUND/err" </dev/null || true
	grep -F 'execve("' "$GROUND/trace" | grep -vF "execve(\"$CORDON\"" || true
}

@test "D11: newuidmap and newgidmap get a process and numbers, and no environment" {
	programs run --rm --network none attack true >"$GROUND/programs"
	cat "$GROUND/programs"
	[ "$(grep -cE 'execve\("/usr/s?bin/new[ug]idmap", \["/usr/s?bin/new[ug]idmap"(, "[0-9]+"){7}\], 0x[0-9a-f]+ /\* 0 vars \*/' "$GROUND/programs")" = 2 ]
}

# shellcheck disable=SC2016 # these are to stay as they are
WORDS=("-x" "--help" "-" "--" '$(touch canary)' '`id`' ';id' '|id' '&' $'a\nb' $'\e[2J' "../../x" "a b" "'" '"' '%s%n' '*' '{a,b}' '=' '-e PATH=/x' '--config-net')

@test "D12: words that start with a dash or speak to a shell reach no program but the container's own" {
	export CORDON_SIMULATE_MISSING=newuidmap
	for word in "${WORDS[@]}"; do
		{
			programs run --rm --network none --name "$word" attack true
			programs run --rm --network none -h "$word" attack true
			programs run --rm -p "$word" attack true
			programs run --rm -p "$word:80" attack true
			programs run --rm -p "127.0.0.1:$word:80" attack true
			programs run --rm --dns "$word" --dns-search "$word" --add-host "$word:1.1.1.1" attack true
			programs run --rm --network "$word" attack true
			programs run --rm --network none -u "$word" --group-add "$word" attack true
			programs run --rm --network none -v "$word:$word" attack true
			programs run --rm --network none --profile "$word" attack true
			programs run --rm --network none --security-opt "seccomp=$word" attack true
			programs run --rm --network none --pull never -- "$word" true
			programs run --rm --network none --platform "$word" attack true
			programs pull -q --tls-verify=false -- "127.0.0.1:9/$word"
			programs pull -q -- "oci:$word"
			programs save -o "$word/x" -- "$word"
			programs tag attack -- "$word"
			programs volume create -- "$word"
			programs exec -- "$word" true
			programs logs -- "$word"
			programs export -o "$word/x" -- "$word"
			programs commit -- "$word" "$word"
			programs import -- "$word" "$word"
			programs system check -- "$word"
		} >"$GROUND/programs"
		# every argument of every program is one of these
		if grep -oE '\[.*\], 0x' "$GROUND/programs" | sed -E 's/^\[|\], 0x$//g; s/", "/\n/g; s/"//g' | grep -vxE \
			'(layer|registry|pasta|getent|passwd|-f|-q|-e|--config-net|-T|-U|-t|-u|-P|none|--dns-forward|--no-map-gw|true|[0-9]+|[0-9.]+(/[0-9.:]+)?(:[0-9]+)*|/[A-Za-z0-9/._-]*/pasta[A-Za-z0-9._-]*|/usr/s?bin/[a-z0-9.]+|.*/libexec/(cordon/)?[a-z]+)|/bin/true|'"$GROUND"'/run/cordon/[a-z0-9/.-]*'; then
			printf 'of the word %q\n' "$word"
			cat "$GROUND/programs"
			false
		fi
		"$CORDON" volume ls -q | xargs -r -d '\n' "$CORDON" volume rm -f -- >/dev/null
	done
	[ ! -e canary ] && [ ! -e "$GROUND/x" ]
}

# shellcheck disable=SC2016
IDS=(".." "." "a/b" "-x" "" "$(printf 'a%.0s' {1..1024})" "größe" "a b" "a:b" "../names/ok" "/etc/x" "ok/" "ok/../ok" "*" "?k" "[o]k" $'ok\n' $'o\x01k' "~" '$HOME' "ok\\" "%2e%2e")

@test "D13: an id or a name is no path, in any command that takes one" {
	"$CORDON" create --network none --name ok attack true
	find "$XDG_DATA_HOME/cordon/containers" "$XDG_DATA_HOME/cordon/names" "$XDG_RUNTIME_DIR" | sort >"$GROUND/before"
	for id in "${IDS[@]}"; do
		for command in "inspect --" "container inspect --" "logs --" "start --" "stop --" "kill --" "rm -f --" "wait --" "top --" "port --" "attach --" "diff --" "export --" "volume inspect --" "volume rm --"; do
			# shellcheck disable=SC2086
			run timeout 60 "$CORDON" $command "$id"
			if [ "$status" = 0 ] && [ "$command" = "rm -f --" ]; then continue; fi
			[ "$status" = 1 ] || [ "$status" = 125 ] || { printf '%s %q: %s %s\n' "$command" "$id" "$status" "$output"; false; }
			[[ "$output" != *$'\x01'* ]]
		done
		for option in "--name" "-v"; do
			[ "$option" = --name ] || [[ "$id" != "" && "$id" != *:* ]] || continue
			word=$id
			[ "$option" = --name ] || word=$id:/v
			run timeout 60 "$CORDON" create --network none "$option=$word" attack true
			[ "$option" = -v ] || [ "$status" = 125 ] || { printf -- '--name %q: %s %s\n' "$id" "$status" "$output"; false; }
			[ "$status" != 0 ] || "$CORDON" rm -v "$output" >/dev/null
		done
		run timeout 60 "$CORDON" rename ok "$id"
		[ "$status" != 0 ] || { printf 'renamed to %q\n' "$id"; false; }
		find "$XDG_DATA_HOME/cordon/containers" "$XDG_DATA_HOME/cordon/names" "$XDG_RUNTIME_DIR" | sort | diff "$GROUND/before" - || { printf 'after %q\n' "$id"; false; }
	done
	"$CORDON" rm ok
}
