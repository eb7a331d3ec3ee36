#!/usr/bin/env bats
# What is inherited or changed past the walls that everybody thinks of: flags of mounts, keyrings, names of sockets.
load attack

setup_file() { attack_setup_file; }
teardown_file() { attack_teardown_file; }

# nothing_is_open: of the last run's tries.
nothing_is_open() {
	[ "$status" = 0 ] && grep -q ^closed <<<"$output" && refute grep ^open <<<"$output"
}

# without_a_filter NAME...: a profile that leaves every call to the other walls, and these capabilities.
without_a_filter() {
	printf '{"schema": 1, "name": "unfiltered", "extends": ["default"], "capabilities": [%s],
		"syscalls": {"allow": ["@mount", "@keyring"]}}\n' "$(printf '"%s", ' "$@" | sed 's/, $//')" >"$GROUND/unfiltered.json"
	echo "$GROUND/unfiltered.json"
}

@test "root inside with SYS_ADMIN takes read-only off nothing: a volume, the root, /proc/sys" {
	canary_make
	mkdir -p "$GROUND/shared"
	for options in "" "--security-opt seccomp=unconfined" "--security-opt no-new-privileges=false" \
		"--profile $(without_a_filter CHOWN)"; do
		# shellcheck disable=SC2086
		run confined --cap-add SYS_ADMIN $options -v "$GROUND/canary:/m:ro" attack latchprobe writable /m
		nothing_is_open || { echo "$options: $output"; return 1; }
	done
	run confined --cap-add SYS_ADMIN --read-only attack latchprobe writable /
	nothing_is_open
	run confined --cap-add SYS_ADMIN attack latchprobe writable /proc/sys
	nothing_is_open
	# who comes later has no more
	"$CORDON" run -d --network none --name later --cap-add SYS_ADMIN -v "$GROUND/canary:/m:ro" attack sleep 100
	run "$CORDON" exec later latchprobe writable /m
	nothing_is_open
	"$CORDON" rm -f later
	canary_check
	# and what is to be written is written
	confined --cap-add SYS_ADMIN -v "$GROUND/shared:/m" attack latchprobe writable /m | grep -qx "open a file"
}

@test "where there is no Landlock, the person is told that read-only is not for root with SYS_ADMIN" {
	mkdir -p "$GROUND/shared"
	cat >"$GROUND/open.json" <<-'END'
		{"schema": 1, "name": "open", "extends": ["default"], "filesystem": {"landlock": false}}
	END
	for options in "-v $GROUND/shared:/m:ro" --read-only; do
		# shellcheck disable=SC2086
		run --separate-stderr confined --profile "$GROUND/open.json" --cap-add SYS_ADMIN $options attack true
		[ "$status" = 0 ]
		# shellcheck disable=SC2154
		[[ "$stderr" == "cordon: warning: with SYS_ADMIN and without Landlock "* ]]
	done
	run --separate-stderr confined --profile "$GROUND/open.json" -v "$GROUND/shared:/m:ro" attack true
	[ "$stderr" = "" ]
	run --separate-stderr confined --profile "$GROUND/open.json" --cap-add SYS_ADMIN -v "$GROUND/shared:/m" attack true
	[ "$stderr" = "" ]
}

@test "the caller's session keyring stays outside, of run and of exec, whatever the filter leaves open" {
	probe=$ATTACKERS/attack_latchprobe
	run "$probe" with-key "$probe" keys
	[ "$status" != 77 ] || skip "this kernel gives no keys: $output"
	grep -qx "secret sings" <<<"$output" # it would have been found
	for options in "--security-opt seccomp=unconfined" "--security-opt seccomp=unconfined -u 7" \
		"--security-opt seccomp=unconfined --init" "--profile $(without_a_filter CHOWN)"; do
		# shellcheck disable=SC2086
		run "$probe" with-key "$CORDON" run --rm --network none $options attack latchprobe keys
		nothing_is_open || { echo "$options: $output"; return 1; }
		grep -qx "secret " <<<"$output"
	done
	"$CORDON" run -d --network none --name keys --security-opt seccomp=unconfined attack sleep 100
	for user in 0 7; do
		run "$probe" with-key "$CORDON" exec -u $user keys latchprobe keys
		nothing_is_open
	done
	"$CORDON" rm -f keys
}

# keys_settle: those that nobody holds any more are collected a moment later.
keys_settle() {
	local before=none now=
	for _ in $(seq 50); do
		now=$(awk -v "own=$(id -u):" '$1 == own { print $4 }' /proc/key-users)
		[ "$now" != "$before" ] || return 0
		before=$now
		sleep 0.3
	done
}

@test "nor is it there for a user who has no keyring left to give" {
	probe=$ATTACKERS/attack_latchprobe
	run "$probe" with-key "$probe" fill-keys true
	[ "$status" = 0 ] || skip "this kernel knows no end of keys: $output"
	for user in 0 7; do
		keys_settle
		run "$probe" with-key "$probe" fill-keys "$CORDON" run --rm --network none --security-opt seccomp=unconfined \
			-u $user attack latchprobe keys
		nothing_is_open || { echo "$user: $output"; return 1; }
		# EPERM: there is nobody to ask
		[ "$(grep -c ' 1$' <<<"$output")" = 3 ] || { echo "$user: $output"; return 1; }
	done
	keys_settle
}

@test "with the host's network, the abstract sockets of the host are not the container's" {
	probe=$ATTACKERS/attack_latchprobe name=cordon-canary-$$
	[ "$("$CORDON" info -f '{{.LandlockABI}}' 2>/dev/null || echo 9)" -ge 6 ] || skip "Landlock closes them from Linux 6.12 on"
	"$probe" listen $name sleep 30 3>&- &
	listener=$!
	for _ in $(seq 50); do ! grep -q "@$name" /proc/net/unix || break; sleep 0.1; done
	"$probe" name $name | grep -qx "open name"
	run "$CORDON" run --rm --network host attack latchprobe name $name
	kill $listener
	nothing_is_open
	# its own are
	"$CORDON" run --rm --network host attack sh -c "latchprobe listen $name-inside sleep 5 & sleep 0.3; latchprobe name $name-inside" |
		grep -qx "open name"
}

@test "a private network leads to the host's loopback by no way of naming the interface" {
	[ -x /usr/bin/pasta ] || skip "pasta is not installed"
	probe=$ATTACKERS/attack_loopprobe port=$((20000 + $$ % 20000))
	# it would be heard
	run "$probe" hear $port "$CORDON" run --rm --network host attack loopprobe try $port
	[ "$status" != 77 ] || skip "port $port is in use"
	[ "$status" = 0 ] && grep -qx "heard plain" <<<"$output" && grep -qx "heard TCP" <<<"$output"
	for options in "" "-u 7" "--security-opt seccomp=unconfined" "--network private:host-loopback"; do
		# shellcheck disable=SC2086
		run --separate-stderr "$probe" hear $port "$CORDON" run --rm $options attack loopprobe try $port
		[ "$status" = 0 ] || { echo "$options: $output $stderr"; return 1; }
		[ "$(grep -c ^interface <<<"$output")" = 2 ] # its own loopback, and pasta's
		refute grep ^heard <<<"$output"
		[ "$stderr" = "" ]
	done
	"$CORDON" run -d --name joined attack sleep 100
	run "$probe" hear $port "$CORDON" exec joined loopprobe try $port
	"$CORDON" rm -f joined
	[ "$status" = 0 ]
	refute grep ^heard <<<"$output"
	# who may change interfaces may change that: it is said
	run --separate-stderr "$CORDON" run --rm --cap-add NET_ADMIN attack true
	[ "$stderr" = "cordon: warning: with NET_ADMIN root inside can reach what listens on the host's loopback" ]
	run --separate-stderr "$CORDON" run --rm --cap-add NET_RAW attack true
	[ "$stderr" = "" ]
}
