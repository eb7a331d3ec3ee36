#!/usr/bin/env bats
# Profiles that are none: each ends with one clear message, exit status not 0 and no signal, in ten
# seconds and 600 MB of address space (no limit of space in a sanitized build).
# Takes about 150 s.

bats_require_minimum_version 1.5.0

setup() {
	: "${CORDON:?the cordon binary under test}"
	cd "$BATS_TEST_TMPDIR" || return
	limit=(-v 614400)
	! grep -qa __asan_init "$CORDON" || limit=(-v unlimited)
}

# policy WORD...: cordon policy WORD... within the limits; status and err.
policy() {
	status=0
	(ulimit "${limit[@]}"; exec timeout 10 "$CORDON" policy "$@") >err 2>&1 || status=$?
	echo "status $status"
}

# refused FILE WORD [COMMAND]: one message that has the word.
refused() {
	policy "${3:-check}" "./$1"
	head -c 500 err
	[ "$status" -gt 0 ] && { [ "$status" -lt 124 ] || [ "$status" = 125 ]; }
	[ "$(grep -c "error:\|^cordon: " err)" = 1 ]
	[ "$(wc -c <err)" -lt 4000 ]
	grep -qi -- "$2" err
}

@test "a profile of 100 MB" {
	head -c 100000000 /dev/zero | tr '\0' ' ' >big.json
	refused big.json big.json
}

@test "truncated, nested 100,000 deep, NUL inside, invalid UTF-8" {
	printf '{"schema": 1, "name": "x", "sysc' >cut.json
	refused cut.json cut.json:1
	head -c 100000 /dev/zero | tr '\0' '[' >deep.json
	refused deep.json deep.json
	printf '{"schema": 1, "name": "x\0y"}' >nul.json
	refused nul.json nul.json
	printf '{"schema": 1, "name": "\xff\xfe"}' >utf.json
	refused utf.json utf.json
}

@test "a key twice, a byte order mark, a wrong type" {
	printf '{"schema": 1, "name": "x", "name": "y"}' >twice.json
	refused twice.json twice
	printf '\xef\xbb\xbf{"schema": 1, "name": "x"}' >bom.json
	refused bom.json bom.json
	printf '{"schema": 1, "name": ["x"]}' >type.json
	refused type.json type.json:1
}

@test "extends: nobody, and itself in a ring" {
	printf '{"schema": 1, "name": "x", "extends": ["./nobody.json"]}' >orphan.json
	refused orphan.json nobody
	printf '{"schema": 1, "name": "a", "extends": ["./b.json"]}' >a.json
	printf '{"schema": 1, "name": "b", "extends": ["./a.json"]}' >b.json
	refused a.json a.json
}

# repeat COUNT HEAD FORMAT TAIL: a file whose FORMAT stands there COUNT times, with %d its number.
repeat() {
	awk -v count="$1" -v head="$2" -v format="$3" -v tail="$4" 'BEGIN {
		printf "%s", head
		for (i = 0; i < count; i++) {
			line = format
			gsub(/%d/, i, line)
			printf "%s%s", i ? "," : "", line
		}
		print tail
	}'
}

@test "10,000 rules with conditions are too many, with one line that says so" {
	local own='{"schema":1,"name":"x","syscalls":{"default":"allow","rules":['
	local docker='{"defaultAction":"SCMP_ACT_ALLOW","syscalls":['
	repeat 10000 "$own" '{"call":"fcntl","when":{"arg":{"is":1%d7}},"decision":{"errno":1}}' ']}}' \
		>one.json
	refused one.json "more than 4096 rules for fcntl" compile
	refused one.json "more than 4096 rules for fcntl" prove
	repeat 9000 "$docker" '{"names":["dup","fcntl","kill"],"action":"SCMP_ACT_ERRNO","args":[{"index":1,"value":1%d7,"op":"SCMP_CMP_EQ"}]}' \
		']}' >docker.json
	refused docker.json "more than 4096" compile
	repeat 3900 "$docker" '{"names":["dup","fcntl","kill"],"action":"SCMP_ACT_ERRNO","args":[{"index":1,"value":1%d7,"op":"SCMP_CMP_EQ"}]}' \
		']}' >filter.json
	refused filter.json "more than 4096 instructions" compile
	policy check ./filter.json
	[ "$status" = 0 ]
}

@test "conditions that entangle two arguments bit by bit: one line that says so, for every command" {
	local bit rule rules="" command
	# bit N of addr and bit N of offset, for many N: whoever has read addr has to remember all of it
	for bit in {0..27}; do
		rule=$(printf '{"call":"mmap","when":{"addr":{"mask":%d,"is":%d},"offset":{"mask":%d,"is":%d}},"decision":{"errno":1}}' \
			$((1 << bit)) $((1 << bit)) $((1 << bit)) $((1 << bit)))
		rules+=${rules:+,}$rule
	done
	echo '{"schema":1,"name":"x","syscalls":{"default":"allow","rules":['"$rules"']}}' >knot.json
	for command in "compile FILE" "prove FILE" "explain FILE mmap" "score FILE" "diff default FILE" "diff FILE default"; do
		# shellcheck disable=SC2086 # words
		policy ${command//FILE/./knot.json}
		[ "$status" = 125 ]
		[ "$(grep -c "^cordon: the rules are too entangled to be decided: more than 1048576 diagram nodes" err)" = 1 ]
		[ "$(wc -l <err)" -le 2 ]
	done
	policy check ./knot.json
	[ "$status" = 0 ]
	grep -q "warning: too many rules to say which of them never decide" err
}

@test "10,000 rules without conditions are a filter" {
	repeat 10000 '{"schema":1,"name":"x","syscalls":{"default":"allow","rules":[' \
		'{"call":"ptrace","decision":{"errno":"EPERM"}}' ']}}' >plain.json
	policy prove ./plain.json
	[ "$status" = 0 ]
	grep -q "^proven" err
	policy check ./plain.json
	[ "$status" = 0 ]
}

@test "a profile with CRLF is the profile, its places are right" {
	sed 's/$/\r/' "$BATS_TEST_DIRNAME/../../profiles/default.json" >crlf.json
	policy check ./crlf.json
	[ "$status" = 0 ]
	"$CORDON" policy compile --format bpf ./crlf.json >crlf.bpf
	"$CORDON" policy compile --format bpf default >plain.bpf
	cmp crlf.bpf plain.bpf
	printf '{\r\n"schema": 1,\r\n  "nmae": "x"}\r\n' >place.json
	refused place.json place.json:3:3
}

@test "nested 100,000 deep in quotes, objects and arrays; 100 MB of one of them" {
	printf '{"schema": 1, "name": "' >quotes.json
	head -c 500000 /dev/zero | tr '\0' '[' >>quotes.json
	printf '"}' >>quotes.json
	refused quotes.json "name"
	printf '{"a":%.0s' {1..100000} >objects.json
	refused objects.json "nested more than"
	head -c 100000000 /dev/zero | tr '\0' '[' >big.json
	refused big.json big.json
}

@test "Docker's form: names said twice, numbers that Go refuses, numbers above 2^63" {
	entry='{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[{"names":["read"],"action":"SCMP_ACT_ALLOW",'
	echo "$entry"'"name":"write"}]}' >both.json
	refused both.json '"name" and "names" may not both be given'
	echo '{"defaultAction":"SCMP_ACT_ERRNO","architectures":["SCMP_ARCH_X86_64"],"archMap":[{}]}' \
		>maps.json
	refused maps.json '"architectures" and "archMap" may not both be given'
	echo "$entry"'"args":[{"index":0,"value":-1,"op":"SCMP_CMP_EQ"}]}]}' >minus.json
	refused minus.json "a number of 0 to 18446744073709551615"
	echo "$entry"'"args":[{"index":0,"value":18446744073709551616,"op":"SCMP_CMP_EQ"}]}]}' >over.json
	refused over.json "too big"
	echo "$entry"'"args":[{"index":2,"value":18446744073709551615,"op":"SCMP_CMP_EQ"}]},' \
		'{"names":["write","execve","exit_group"],"action":"SCMP_ACT_ALLOW"}]}' >large.json
	policy check ./large.json
	[ "$status" = 0 ]
	policy compile --format disasm ./large.json
	[ "$status" = 0 ]
	grep -q 0xffffffff err
}

# Every command that reads a profile, as it is typed with a file in the place of FILE.
commands=("check FILE" "show FILE" "show --where FILE" "compile FILE" "compile --format oci FILE" "prove FILE" "explain FILE read"
	"diff FILE default" "diff default FILE" "score FILE" "fmt FILE" "fmt --check FILE" "merge FILE" "merge default FILE"
	"check --json FILE" "prove --json FILE" "publish --dry-run FILE 127.0.0.1:9/x:1")

# said_once WORDS...: ended by itself, with a status of its own, said something, and was not at a loss for words.
said_once() {
	local said
	said=$(<err)
	[ "$status" -gt 0 ] && { [ "$status" -lt 124 ] || [ "$status" = 125 ]; } || { echo "$*: status $status: $said"; return 1; }
	[ -n "$said" ] && [ ${#said} -lt 5000 ] || { echo "$*: ${#said} letters"; return 1; }
	[[ "$said" != *Sanitizer* && "$said" != *Assertion* && "$said" != *"runtime error"* ]] || { echo "$*: $said"; return 1; }
}

# some: one of three tries in turn; each with CORDON_PRODUCT=1.
tries=0
some() { [ "${CORDON_PRODUCT:-}" = 1 ] || [ $((tries++ % 3)) = 0 ]; }

@test "what is no profile, for every command" {
	local command file
	mkdir folder.json
	: >empty.json
	printf '\n \t' >blank.json
	printf 'null' >null.json
	printf '[]' >array.json
	printf '"x"' >text.json
	printf '{}' >object.json
	printf '{"schema": 2}' >later.json
	printf '{"schema": 1.0}' >real.json
	printf '{"schema": 1, "name": "x\0y"}' >nul.json
	printf '{"schema": 1, "name": "\xff"}' >utf.json
	printf '{"schema": 1, "name": "\\ud800"}' >half.json
	printf '\xef\xbb\xbf{"schema": 1}' >bom.json
	printf '{"schema": 1} {"schema": 1}' >two.json
	printf '{"schema": 1, "schema": 1}' >twice.json
	printf '{"defaultAction": 7}' >docker.json
	printf '{"schema": 1, "extends": ["./ring.json"]}' >ring.json
	printf '{"schema": 1}' >closed.json
	mkfifo pipe.json
	chmod 0 closed.json
	printf '{"schema": 1}' >good.json
	ln -s loop.json loop.json
	for file in folder empty blank null array text object later real nul utf half bom two twice docker ring closed pipe loop missing; do
		for command in "${commands[@]}"; do
			some || continue
			# what is written in its form says nothing of what it extends
			[[ "$file $command" != "ring fmt"* ]] || continue
			# shellcheck disable=SC2086 # words
			policy ${command//FILE/./$file.json}
			said_once "$command of $file"
		done
	done
	chmod 600 closed.json
}

@test "every key with every wrong kind of value: a place, and what was expected" {
	python3 - "$BATS_TEST_DIRNAME/../../profiles/profile.schema.json" >keys <<-'PYTHON'
		import json, sys
		for key in json.load(open(sys.argv[1]))["properties"]:
		    if key not in ("$schema", "description"):
		        print(key)
	PYTHON
	local key value wrong
	while read -r key; do
		wrong=0
		for value in null true -1 3.5 1e400 '""' '"\u0001"' '[7]' '[null]' '{"x": 1}' '[[]]' '[{}]'; do
			[ "$key" = schema ] && printf '{"schema": %s}' "$value" >wrong.json ||
				printf '{"schema": 1, "%s": %s}' "$key" "$value" >wrong.json
			policy check ./wrong.json
			[ "$status" -lt 2 ] || { cat err; false; }
			[ "$status" = 0 ] || grep -q "^./\?wrong.json:1:[0-9]*: error: " err || grep -q "wrong.json:1:[0-9]*" err || { cat err; false; }
			wrong=$((wrong + status))
		done
		# most kinds are wrong for any key
		[ "$wrong" -ge 8 ] || { echo "$key: $wrong"; false; }
	done <keys
}

@test "a profile cut at every byte; a program of the kernel's cut at every byte" {
	local text size
	text='{"schema":1,"syscalls":{"default":"allow","deny":[{"call":"socket","when":{"domain":{"in":["AF_VSOCK",17]}}}]}}'
	for ((size = 0; size < ${#text}; size++)); do
		some || continue
		printf '%s' "${text:0:size}" >cut.json
		policy check ./cut.json
		said_once "$size"
		[ "$status" = 1 ]
	done
	printf '%s' "$text" >whole.json
	"$CORDON" policy compile ./whole.json -o whole.bpf
	for ((size = 1; size < 60; size++)); do
		some || continue
		head -c "$size" whole.bpf >cut.bpf
		policy prove ./whole.json --bpf cut.bpf
		said_once "$size"
	done
	head -c 1000000 /dev/urandom >noise.bpf
	policy prove ./whole.json --bpf noise.bpf
	said_once noise
	policy prove ./whole.json --bpf .
	said_once folder
}
