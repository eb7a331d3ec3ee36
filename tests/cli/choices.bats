#!/usr/bin/env bats
# Containers that are chosen by an option in place of a name: --all, --latest, --filter, --cidfile; and what else the
# commands of their life take: signals, times, conditions.
load helper

setup_file() { ground_make; }
teardown_file() { ground_clear; }
teardown() { cordon rm -f --all >/dev/null 2>&1 || true; }

# two containers that run, one and two, and one that has ended, old: made first
three() {
	cordon run --name old --network none base true
	cordon run -d --name one --network none --label set=a base sleep 60
	cordon run -d --name two --network none --cidfile "$GROUND/cid.$BATS_TEST_NUMBER" base sleep 60
}

# are STATE NAME...: those and no others are in that state.
are() {
	local state=$1
	shift
	[ "$(cordon ps -a --filter status="$state" --format '{{.Names}}' | sort | xargs)" = "$*" ] ||
		{ cordon ps -a; return 1; }
}

@test "--all: what the command can do something with, and nothing else" {
	three
	run -0 cordon stop -t 0 --all
	[ "$(sort <<<"$output" | xargs)" = "one two" ]
	are running
	run -0 cordon start --all
	are running one two
	run -0 cordon kill -a
	[ "$(sort <<<"$output" | xargs)" = "one two" ]
	run -0 cordon restart -t 0 --all
	wait_until 5 are exited old
	cordon rm -f -a
	[ -z "$(cordon ps -aq)" ]
	# none is none
	run -0 cordon stop --all
	[ -z "$output" ]
}

@test "rm --all does not remove what runs, and says so of each" {
	three
	run -1 cordon rm --all
	[[ "$output" == *old* ]]
	are running one two
	are exited
}

@test "--latest: the one made last, running or not" {
	three
	[ "$(cordon stop -t 0 -l)" = two ]
	[ "$(cordon start -l)" = two ]
	[ "$(cordon kill -l)" = two ]
	[ "$(cordon wait -l)" = 137 ]
	[ "$(cordon rm -l)" = two ]
	[ "$(cordon rm -f -l)" = one ]
	are exited old
	cordon rm old
	run -1 cordon rm --latest
	[[ "$output" == *"no container that --latest could mean"* ]]
}

@test "--filter: as ps --filter, among those the command is for" {
	three
	[ "$(cordon stop -t 0 -f label=set)" = one ]
	are running two
	[ "$(cordon start --filter name=^one)" = one ]
	[ "$(cordon restart -t 0 -f name=^t)" = two ]
	[ "$(cordon rm --filter status=exited)" = old ]
	run -1 cordon stop --filter nothing=x
	[[ "$output" == *"unknown filter"* ]]
	are running one two
}

@test "--cidfile: the whole id that run wrote; a part of one, or none, is refused" {
	three
	file=$GROUND/cid.$BATS_TEST_NUMBER
	cordon stop -t 0 --cidfile "$file"
	are running one
	cordon start --cidfile "$file"
	are running one two
	printf '%s\n' "$(cat "$file")" >"$file.line"
	cordon kill --cidfile "$file.line"
	cut -c1-12 "$file" >"$file.part"
	for bad in "$file.part" /dev/null /etc/passwd; do
		run -1 cordon rm -f --cidfile "$bad"
		[[ "$output" == *"there is no id of a container in $bad"* ]] || { echo "$output"; false; }
	done
	run -1 cordon rm --cidfile "$file.none"
	[[ "$output" == *"No such file"* ]]
	run -0 cordon rm --ignore --cidfile "$file.none"
	cordon rm --cidfile "$file"
	are running one
}

@test "--ignore: one that is not there is none to stop or remove" {
	three
	run -1 cordon stop nosuch
	run -0 cordon stop -i -t 0 nosuch one
	[ "$output" = one ]
	run -0 cordon rm -i nosuch one
	[ "$output" = one ]
}

@test "nothing named, or named twice over, is a mistake and does nothing" {
	three
	for command in stop kill rm restart start wait pause unpause; do
		run -"$([ $command = start ] && echo 125 || echo 1)" cordon $command
		[[ "${lines[0]}" == "cordon: no container was named" ]] || { echo "$output"; false; }
		[[ "${lines[1]}" == "  "* ]]
	done
	for words in "-a one" "-l one" "-a -l" "-a --cidfile $GROUND/cid.$BATS_TEST_NUMBER" "-l --filter name=one"; do
		# shellcheck disable=SC2086
		run -1 cordon rm -f $words
		[[ "$output" == *"named, or chosen by one option"* ]] || { echo "$words: $output"; false; }
	done
	are running one two
}

@test "stop and restart send another signal where one is named; --timeout is --time" {
	cordon run -d --name box --network none base sh -c 'trap "exit 5" USR1; trap "exit 6" TERM; echo up; while :; do sleep 0.1; done'
	wait_until 5 sh -c '"$CORDON" logs box | grep -q up'
	cordon stop --signal USR1 --timeout 5 box
	[ "$(cordon wait box)" = 5 ]
	cordon start box
	wait_until 5 sh -c '[ "$("$CORDON" logs box | grep -c up)" = 2 ]'
	cordon restart -s SIGTERM -t 5 box
	[ "$(cordon ps -q | wc -l)" = 1 ]
	run -1 cordon stop --signal NONSENSE box
	[ "$(cordon ps -q | wc -l)" = 1 ]
}

@test "rm -f --time: its stop signal first; without --force it is a mistake" {
	mkdir -p "$GROUND/shared" && chmod 777 "$GROUND/shared"
	cordon run -d --name box --network none -v "$GROUND/shared:/shared" base \
		sh -c 'trap "echo gone >/shared/gone; exit 0" TERM; echo up; while :; do sleep 0.1; done'
	wait_until 5 sh -c '"$CORDON" logs box | grep -q up'
	run -1 cordon rm -t 5 box
	[ ! -e "$GROUND/shared/gone" ]
	cordon rm -f -t 5 box
	[ "$(cat "$GROUND/shared/gone")" = gone ]
	[ -z "$(cordon ps -aq)" ]
}

@test "wait --condition: until it is so, not until it ends" {
	cordon create --name box --network none base sleep 60
	[ "$(cordon wait --condition created box)" = -1 ]
	cordon wait --condition running --interval 50ms box >"$GROUND/waited" &
	sleep 0.3
	[ ! -s "$GROUND/waited" ]
	cordon start box
	wait $!
	[ "$(cat "$GROUND/waited")" = -1 ]
	cordon wait --condition exited box >"$GROUND/waited" &
	cordon kill box
	wait $!
	[ "$(cat "$GROUND/waited")" = 137 ]
	"$CORDON" wait --condition removed -i 50 box &
	# it has seen it: what is gone before is no container
	wait_until 60 grep -q nanosleep "/proc/$!/wchan"
	cordon rm box
	wait $!
	cordon create --name box --network none base true
	run -1 cordon wait --condition healthy box
	[[ "$output" == *"invalid --condition"* ]]
	run -1 cordon wait --condition running --interval soon box
}

@test "start -a of one that runs: attached to it, with its exit status" {
	cordon run -d --name box --network none base sh -c 'trap "echo bye; exit 7" USR1; while :; do echo tick; sleep 0.1; done'
	cordon start -a box >"$GROUND/seen" &
	wait_until 5 grep -q tick "$GROUND/seen"
	cordon kill -s USR1 box
	status=0
	wait $! || status=$?
	[ "$status" = 7 ]
	grep -q bye "$GROUND/seen"
	# signals are not passed on where that is not wanted
	cordon start box
	timeout -s USR1 1 "$CORDON" attach --sig-proxy=false box >/dev/null </dev/null || true
	[ "$(cordon ps -q | wc -l)" = 1 ]
	timeout -s USR1 1 "$CORDON" start -a --sig-proxy=false box >/dev/null </dev/null || true
	[ "$(cordon ps -q | wc -l)" = 1 ]
	run timeout -s USR1 1 "$CORDON" attach box </dev/null
	[ "$(cordon ps -q | wc -l)" = 0 ]
}
