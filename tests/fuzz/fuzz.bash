#!/bin/bash
# fuzz BUILD SECONDS: runs every target of BUILD for so long, one a processor, from its corpus; speaks TAP. What a
# target found that its corpus does not have is thrown away; a crash is kept in BUILD/crashes.
# The slowest input known takes 1.5 s by itself: a program too entangled to prove.
set -u
# A finding of UBSan ends a run as one of ASan does: it is printed and forgotten otherwise.
export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
build=$1 seconds=$2
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$build/crashes"
found=$(mktemp -d)
trap 'rm -rf "$found"' EXIT
# fuzz NUMBER TARGET: one line of TAP, and why where it failed.
fuzz() {
	local number=$1 target=$2 name corpus runs edges
	name=$(basename "$target")
	corpus=$here/corpus/${name#fuzz_}
	mkdir -p "$found/$name"
	local seeds=("$found/$name")
	[ ! -d "$corpus" ] || seeds+=("$corpus")
	if timeout -k 10 $((seconds + 60)) "$target" -max_total_time="$seconds" -rss_limit_mb=2048 -timeout=30 \
		-print_final_stats=1 -artifact_prefix="$build/crashes/$name-" "${seeds[@]}" \
		>"$found/$name.log" 2>&1; then
		runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$found/$name.log")
		edges=$(sed -n 's/^#.* cov: \([0-9]*\) .*/\1/p' "$found/$name.log" | tail -1)
		echo "ok $number $name: ${runs:-0} runs, ${edges:-0} edges"
	else
		echo "not ok $number $name"
		tail -40 "$found/$name.log" | sed 's/^/# /'
		return 1
	fi
}

number=0 status=0 running=0
for target in "$build"/tests/fuzz/fuzz_*; do
	[ -x "$target" ] && [ -f "$target" ] || continue
	number=$((number + 1))
	if [ $running = "$(nproc)" ]; then
		wait -n || status=1
		running=$((running - 1))
	fi
	fuzz $number "$target" >"$found/$number.tap" &
	running=$((running + 1))
done
for (( ; running > 0; running--)); do wait -n || status=1; done
for ((i = 1; i <= number; i++)); do cat "$found/$i.tap"; done
echo "1..$number"
exit $status
