#!/bin/bash
# fuzz TARGET SECONDS: runs a target of the build for so long, from its corpus; speaks TAP. What it found that its corpus
# does not have is thrown away; a crash is kept in the build's crashes/.
# The slowest input known takes 1.5 s by itself: a program too entangled to prove.
set -u
# A finding of UBSan ends a run as one of ASan does: it is printed and forgotten otherwise.
export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
target=$1 seconds=$2
name=$(basename "$target")
crashes=${target%/tests/fuzz/*}/crashes
corpus=$(cd "$(dirname "$0")" && pwd)/corpus/${name#fuzz_}
found=$(mktemp -d)
trap 'rm -rf "$found"' EXIT
mkdir -p "$crashes" "$found/new"
seeds=("$found/new")
[ ! -d "$corpus" ] || seeds+=("$corpus")
if timeout -k 10 $((seconds + 60)) "$target" -max_total_time="$seconds" -rss_limit_mb=2048 -timeout=30 \
	-print_final_stats=1 -artifact_prefix="$crashes/$name-" "${seeds[@]}" >"$found/log" 2>&1; then
	runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$found/log")
	edges=$(sed -n 's/^#.* cov: \([0-9]*\) .*/\1/p' "$found/log" | tail -1)
	echo "ok 1 $name: ${runs:-0} runs, ${edges:-0} edges"
else
	echo "not ok 1 $name"
	tail -40 "$found/log" | sed 's/^/# /'
	exit 1
fi
