#!/usr/bin/env bats
# A container's streams: pipes, the log, descriptors, who is gone at the other end.
load helper

setup_file() { ground_make; }
teardown_file() { ground_clear; }
teardown() { cordon rm -f box >/dev/null 2>&1 || true; }

@test "standard input is passed on with -i, and empty without" {
	[ "$(echo hello | confined -i base cat)" = hello ]
	[ -z "$(echo hello | confined base cat)" ]
}

@test "ten megabytes go through cat and come back whole" {
	head -c 10000000 /dev/urandom >"$BATS_TEST_TMPDIR/bytes"
	confined -i base cat <"$BATS_TEST_TMPDIR/bytes" >"$BATS_TEST_TMPDIR/back"
	cmp "$BATS_TEST_TMPDIR/bytes" "$BATS_TEST_TMPDIR/back"
}

@test "through exec too, while the container has other things to say" {
	head -c 10000000 /dev/urandom >"$BATS_TEST_TMPDIR/bytes"
	cordon run -d --network none --name box base sh -c 'while :; do echo tick; sleep 0.01; done'
	cordon exec -i box cat <"$BATS_TEST_TMPDIR/bytes" >"$BATS_TEST_TMPDIR/back"
	cmp "$BATS_TEST_TMPDIR/bytes" "$BATS_TEST_TMPDIR/back"
}

@test "standard output and error stay apart" {
	run -0 --separate-stderr confined base sh -c 'echo out; echo err >&2'
	[ "$output" = out ]
	[ "$stderr" = err ]
}

@test "a reader that leaves ends the writer, as in any pipeline" {
	SECONDS=0
	[ "$(cordon run --rm --network none base yes | head -1)" = y ]
	[ "$SECONDS" -lt 55 ]
}

@test "logs: both streams in order, with times, from the tail, since then" {
	cordon run --network none --name box base sh -c 'for i in 1 2 3; do echo out $i; echo err $i >&2; sleep 0.2; done' >/dev/null 2>&1
	run -0 --separate-stderr cordon logs box
	[ "$output" = $'out 1\nout 2\nout 3' ]
	[ "$stderr" = $'err 1\nerr 2\nerr 3' ]
	run -0 cordon logs --tail 2 box
	[ "${#lines[@]}" = 2 ]
	run -0 cordon logs --tail 0 box
	[ -z "$output" ]
	run -0 --separate-stderr cordon logs -t box
	[[ "${lines[0]}" =~ ^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\.[0-9]{9}Z\ out\ 1$ ]]
	since=$(cut -d' ' -f1 <<<"${lines[2]}")
	run -0 --separate-stderr cordon logs --since "$since" box
	[ "$output" = "out 3" ]
}

@test "logs is Docker's json-file, whatever bytes the container says" {
	cordon run --network none --name box base printf 'tab\t "q" \\ \001 \377 \303\251\n%s' end >/dev/null
	log=$(cordon inspect --format '{{.LogPath}}' box)
	python3 - "$log" <<-'END'
		import json, sys
		rows = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]
		assert [set(row) for row in rows] == [{"log", "stream", "time"}] * 2, rows
		assert rows[0]["log"] == 'tab\t "q" \\ \x01 \ufffd \u00e9\n', rows[0]
		assert rows[1]["log"] == "end", rows[1]
	END
}

@test "logs -f follows from the beginning until the container ends" {
	cordon run -d --network none --name box base sh -c 'for i in 1 2 3; do echo $i; sleep 0.3; done'
	run -0 timeout 20 "$CORDON" logs -f box
	[ "$output" = $'1\n2\n3' ]
}

@test "a foreground container is logged too, while it runs" {
	cordon run --rm --network none --name box base sh -c 'echo said; sleep 600' >/dev/null &
	wait_until 60 sh -c '"$CORDON" logs box | grep -q said'
	run -0 cordon logs box
	[ "$output" = said ]
	cordon kill box
	wait
}

@test "a first word that is said at once can be answered at once" {
	# --rm without a network or volumes: written down before the word goes out
	coproc cordon run --rm --network none --name box -i base sh -c 'echo ready; cat'
	read -r word <&"${COPROC[0]}"
	[ "$word" = ready ]
	run -0 cordon exec box echo inside
	[ "$output" = inside ]
	eval "exec ${COPROC[1]}>&-"
	wait "$COPROC_PID"
}

@test "exactly the descriptors 0, 1 and 2, whatever the caller has open" {
	exec 7</etc 9<"$GROUND/base.tar"
	run -0 confined base sh -c 'ls /proc/self/fd | grep -v "^3$" | tr "\n" " "'
	[ "$output" = "0 1 2 " ]
	exec 7<&- 9<&-
}

@test "a monitor holds none of its caller's descriptors" {
	exec 7<"$GROUND/base.tar"
	cordon run -d --network none --name box base sleep 600
	monitor=$(cordon inspect --format '{{.State.ConmonPid}}' box)
	ls -l "/proc/$monitor/fd" | refute grep -F "$GROUND/base.tar"
	ls -l "/proc/$monitor/fd" | grep -E ' [012] -> ' | refute grep -v /dev/null
	exec 7<&-
}

@test "the caller's environment stays outside" {
	run -0 confined -e GIVEN -e PLAIN=1 base env
	[[ "$output" != *HOST_SECRET* && "$output" != *XDG_DATA_HOME* ]]
	[[ "$output" == *PLAIN=1* && "$output" != *GIVEN* ]]
	export GIVEN=given
	run -0 confined -e GIVEN base env
	[[ "$output" == *GIVEN=given* ]]
}

@test "logs --since: a time says where its clock stands, and nothing behind it" {
	cordon run --name clock --network none base echo said >/dev/null
	run -0 cordon logs --since "$(date -u -d '-1 hour' +%Y-%m-%dT%H:%M:%SZ)" clock
	[ "$output" = said ]
	# the same words, of a clock that is five hours behind: four hours from now
	run -0 cordon logs --since "$(date -u -d '-1 hour' +%Y-%m-%dT%H:%M:%S)-05:00" clock
	[ "$output" = "" ]
	run -0 cordon logs --since "$(date -u -d '+1 hour' +%Y-%m-%dT%H:%M:%S)+05:00" clock
	[ "$output" = said ]
	run -1 cordon logs --since 2026-01-02garbage clock
	run -1 cordon logs --since 2026-01-02T03:04:05xx clock
	cordon rm clock
}

@test "output that cannot be written is said, and is no success" {
	run --separate-stderr confined_to_full echo lost
	[ "$status" = 125 ]
	[[ "$stderr" == "cordon: cannot write what the container says: No space left on device" ]] || { echo "$stderr"; false; }
	# a status that says more is kept
	run --separate-stderr confined_to_full sh -c 'echo lost; exit 4'
	[ "$status" = 4 ]
	[[ "$stderr" == *"No space left"* ]]
	cordon run -d --name box --network none base sh -c 'echo kept; sleep 60'
	for word in "" -t; do
		# shellcheck disable=SC2086
		run -125 sh -c '"$CORDON" exec '"$word"' box echo lost >/dev/full'
		[[ "$output" == *"No space left"* ]]
	done
	wait_until 5 sh -c '"$CORDON" logs box | grep -q kept'
	run -1 sh -c '"$CORDON" logs box >/dev/full'
	[[ "$output" == *"cannot write the log: No space left"* ]]
	# one whose id cannot be told runs all the same
	run -125 sh -c '"$CORDON" run -d --name told --network none base sleep 600 >/dev/full'
	[[ "$output" == *"cannot write to standard output: No space left"*"the container runs: $(cordon ps -q --no-trunc -f name=told)"* ]]
	cordon rm -f told
	# a reader that has left is none of our business
	run --separate-stderr sh -c '"$CORDON" exec box seq 100000 | head -n 1'
	[ "$output" = 1 ]
	[ -z "$stderr" ]
	cordon rm -f box
}

# closed STREAM... -- WORD...: cordon with these streams closed. `run` would open them.
closed() {
	local streams=()
	while [ "$1" != -- ]; do streams+=("$1"); shift; done
	shift
	# shellcheck disable=SC2016
	python3 -c '
import os, sys
error = os.dup(2)
for word in sys.argv[1].split():
    os.close(int(word))
if "2" in sys.argv[1].split():
    os.close(error)
os.execv(sys.argv[2], sys.argv[2:])' "${streams[*]}" "$CORDON" "$@"
}

@test "closed streams: what is lost is said, and no file of the engine's takes their place" {
	local words
	for words in "ps" "images" "version" "info" "volume ls" "policy show default" "ps --help" "image inspect base" "save base"; do
		# shellcheck disable=SC2086
		run --separate-stderr closed 1 -- $words
		[ "$status" = 1 ] || [ "$status" = 125 ] || { echo "$words: $status"; false; }
		[[ "$stderr" == *"cannot write"*"Bad file descriptor"* ]] || { echo "$words: $stderr"; false; }
		# nor is it a success where nobody can be told
		# shellcheck disable=SC2086
		run closed 0 1 2 -- $words
		[ "$status" = 1 ] || [ "$status" = 125 ]
		# shellcheck disable=SC2086
		[[ "$words" == save* ]] || closed 0 2 -- $words >/dev/null
	done
	run -125 closed 1 -- run --rm --network none base echo lost
	[[ "$output" == *"cannot write what the container says: Bad file descriptor"* ]]
	run -0 closed 0 1 2 -- run --rm --network none base true
	run -0 closed 1 -- run --rm --network none base true
	# what is to be read was not empty: it is not there
	run closed 0 -- import - nothing
	[ "$status" != 0 ]
	[[ "$output" == *"Bad file descriptor"* ]] || { echo "$output"; false; }
	run -0 closed 0 -- run --rm -i --network none base cat
	[ -z "$output" ]
	# detached, and a whole life, without any
	closed 0 1 2 -- create --name quiet --network none base sh -c 'echo kept; exec sleep 600' || true
	closed 0 1 2 -- start quiet || true
	wait_until 10 sh -c '"$CORDON" logs quiet | grep -q kept'
	run -0 cordon system check
	cordon rm -f quiet
}

confined_to_full() {
	confined base "$@" >/dev/full
}
