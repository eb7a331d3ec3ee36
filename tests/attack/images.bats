#!/usr/bin/env bats
# Hostile images: each script below makes its own ground and speaks for many cases. Its report is shown
# where it fails.
# Takes about 300 s.

setup_file() {
	: "${CORDON:?the cordon binary under test}"
	[ "$(id -u)" != 0 ] || skip "cordon is for ordinary users; this lane runs as one"
	command -v python3 >/dev/null || skip "python3 is not installed"
}

attack_with() {
	PYTHONDONTWRITEBYTECODE=1 run python3 "$BATS_TEST_DIRNAME/images/$1"
	[ "$status" != 77 ] || skip "${output#*SKIP }"
	grep -A8 '^not ok' <<<"$output" || true
	[ "$status" = 0 ] || { tail -20 <<<"$output"; return 1; }
}

@test "C1, C2: names, links and attributes that reach outside" {
	attack_with names.py
}

@test "C1, C2, C4: what stands there after twins, records that contradict, attributes by the thousand, holes" {
	attack_with contents.py
}

@test "C3: whiteouts against a model and umoci" {
	attack_with whiteouts.py
}

@test "C4: bombs, in 64 MiB and 10 seconds" {
	attack_with bombs.py
}

@test "C5: the helper is confined while it reads" {
	[ -z "${CORDON_SANITIZED:-}" ] || skip "a helper with sanitizers has no filter"
	attack_with confined.py
}

@test "C6: kill -9, and several at once" {
	attack_with luck.py
}

@test "C7, C8, C11: documents and blobs that are not what they say" {
	attack_with damage.py
}

@test "C4, C11: 200 documents wrong at random, 300 layers, configs that want to be large" {
	attack_with malformed.py
}

@test "C10, C12, C13, B15: what an image declares is its own words, volumes inside, and nothing else" {
	attack_with declared.py
}

@test "B6: 200 mount targets full of symlinks lead where they lead inside the root" {
	attack_with targets.py
}

@test "A6, A7: the engine runs no program of an image, and loads nothing from it, whatever the command" {
	attack_with foreign.py
}

@test "D7: every number of three ways into the kernel gets the compiled filter's answer" {
	attack_with verdicts.py
}

@test "a system call of a launch or an exec that fails leaves no container with a wall less" {
	[ -z "${CORDON_SANITIZED:-}" ] || skip "the sanitizers make calls of their own"
	attack_with faults.py
}
