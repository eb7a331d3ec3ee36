#!/usr/bin/env bats
# Profiles that are none: each ends with one clear message, exit status not 0 and no signal, in ten
# seconds and 600 MB of address space (no limit of space in a sanitized build).

bats_require_minimum_version 1.5.0

setup() {
	: "${CORDON:?the cordon binary under test}"
	cd "$BATS_TEST_TMPDIR" || return
	limit=(-v 614400)
	! grep -qa __asan_init "$CORDON" || limit=(-v unlimited)
}

# refused FILE WORD: one message that has the word.
refused() {
	local status=0
	(ulimit "${limit[@]}"; exec timeout 10 "$CORDON" policy check "$1") >err 2>&1 || status=$?
	echo "status $status"
	head -c 500 err
	[ "$status" -gt 0 ] && { [ "$status" -lt 124 ] || [ "$status" = 125 ]; }
	[ "$(grep -c "error:\|^cordon: .*[a-z]*\.json" err)" = 1 ]
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
