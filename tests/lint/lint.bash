#!/bin/bash
# lint: everything that reads the tree without running it. Ends with 1 if anything is found.
set -u
cd "$(dirname "$0")/../.." || exit 1
status=0

# step NAME COMMAND...: one line if it holds, its output if not.
step() {
	local name=$1 output
	shift
	if output=$("$@" 2>&1); then
		echo "ok   $name"
	else
		echo "FAIL $name"
		sed 's/^/     /' <<<"$output"
		status=1
	fi
}

# files SUFFIX...: into the array `names`.
files() {
	readarray -t names < <(python3 -c 'import sys; sys.path.insert(0, "tests/lint"); import tree
print("\n".join(tree.files(*sys.argv[1:])))' "$@")
}

shells() {
	local names name
	files .bash .sh
	names+=(dev .ci/run)
	for name in "${names[@]}"; do bash -n "$name" || return 1; done
	! command -v shellcheck >/dev/null || shellcheck -x -S warning "${names[@]}"
}

format() {
	local names
	files .c .h
	clang-format --dry-run --Werror "${names[@]}"
}

# cppcheck does not know the cleanup attribute; leaks are the sanitizer's to find.
# The tests' own code is built with warnings and sanitizers, and that is enough for it.
analysis() {
	local names
	files .c
	readarray -t names < <(printf '%s\n' "${names[@]}" | grep -v '^tests/')
	cppcheck --quiet --suppress=memleak --error-exitcode=1 --std=c11 --language=c --inline-suppr -j 2 -I . \
		--enable=warning,portability "${names[@]}"
}

step layers python3 tests/lint/layers.py
step sizes python3 tests/lint/sizes.py
step words python3 tests/lint/words.py
step negations python3 tests/lint/negations.py
step tested python3 tests/lint/tested.py
step shells shells
step format format
step cppcheck analysis
exit $status
