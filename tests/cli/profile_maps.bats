#!/usr/bin/env bats
# What a profile asks for of ids, walls and networks holds, and of a launch that comes to nothing no
# process is left.
load helper

setup_file() { ground_make; }
teardown_file() { ground_clear; }

profile() {
	printf '{"schema": 1, "name": "%s", "extends": ["default"], "idmap": %s}\n' "$1" "$2" >"$GROUND/$1.json"
}

ids_of() { # profile and more options: the lines of the map, without blanks in front
	confined --profile "$GROUND/$1.json" "${@:2}" base sh -c 'cat /proc/self/uid_map' | tr -s ' ' | sed 's/^ //'
}

@test "maps of a profile: one id, another number of ids, the user's own id" {
	profile single '"single"'
	[ "$(ids_of single)" = "0 $(id -u) 1" ]
	profile keep '"keep-id"'
	[[ "$(ids_of keep)" == *"$(id -u) $(id -u) 1"* ]]
	profile few '{"mode": "range", "size": 11}'
	[ "$(ids_of few | awk '{ ids += $3 } END { print ids }')" = 11 ]
	# what is asked for by name goes before the profile
	[ "$(ids_of keep --userns single)" = "0 $(id -u) 1" ]
}

@test "a profile without Landlock, a host's network, a network of its own: as asked for" {
	printf '{"schema": 1, "name": "open", "extends": ["default"], "filesystem": {"landlock": false}}\n' >"$GROUND/open.json"
	[ "$(confined --profile "$GROUND/open.json" base echo inside)" = inside ]
	own=$(readlink /proc/self/ns/net)
	[ "$(cordon run --rm --network host base readlink /proc/self/ns/net)" = "$own" ]
	[ "$(confined base readlink /proc/self/ns/net)" != "$own" ]
}

@test "what comes to nothing leaves no process: no image, no profile, no command, a full argument" {
	run -125 --separate-stderr confined --pull never nosuch true
	[[ "$stderr" == *"no such image: nosuch"* ]]
	run -125 --separate-stderr confined --profile "$GROUND/missing.json" base true
	[[ "$stderr" == *missing.json* ]]
	run -127 --separate-stderr confined base nosuch
	run -125 --separate-stderr confined --hostname 'no good' base true
	run -125 --separate-stderr confined -p 80:80 base true
	ground_is_quiet
}

@test "an environment larger than a socket takes at once" {
	large=$(head -c 120000 /dev/zero | tr '\0' x)
	[ "$(confined -e "A=$large" -e "B=$large" -e "C=$large" base sh -c 'echo ${#A} ${#B} ${#C}')" = "120000 120000 120000" ]
}
