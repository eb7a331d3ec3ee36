#!/usr/bin/env bats
# Bad input and bad luck: one clear line with the way out, and nothing half-made.
load attack

setup_file() { attack_setup_file; }
teardown_file() { attack_teardown_file; }

# one_clear_error STATUS WORD...: the last run failed with this status, in one or two lines, which hold
# the words, and left no container.
one_clear_error() {
	echo "status $status: $output"
	[ "$status" = "$1" ] || return 1
	[ "${#lines[@]}" -le 2 ] || return 1
	[[ "${lines[0]}" == "cordon: "* ]] || return 1
	shift
	for word in "$@"; do [[ "$output" == *"$word"* ]] || return 1; done
	[ -z "$("$CORDON" ps -aq)" ] || return 1
}

@test "a missing image" {
	run confined --pull never nosuchimage true
	one_clear_error 125 nosuchimage
	# nobody is there to be asked for it
	run confined -q 127.0.0.1:9/nosuchimage true
	one_clear_error 125 nosuchimage 127.0.0.1
}

@test "a missing command and one that cannot run" {
	run confined attack /no/such/command
	one_clear_error 127 /no/such/command
	run confined attack /etc/passwd
	one_clear_error 126 /etc/passwd
}

@test "a missing rootfs folder, volume folder, seccomp file, profile, env file" {
	run confined --rootfs /no/such/folder true
	one_clear_error 125 /no/such/folder
	run confined -v /no/such/folder:/vol attack true
	one_clear_error 125 /no/such/folder
	run confined --security-opt seccomp=/no/such/file attack true
	one_clear_error 125 /no/such/file
	run confined --profile nosuchprofile attack true
	one_clear_error 125 nosuchprofile
	run confined --env-file /no/such/file attack true
	one_clear_error 125 /no/such/file
}

@test "a broken manifest, a damaged layer, a truncated archive" {
	mkdir -p "$GROUND/oci"
	skopeo copy -q "oci:$XDG_DATA_HOME/cordon/images:localhost/attack:latest" "oci:$GROUND/oci:x" ||
		skip "skopeo cannot read the store here"
	run "$CORDON" pull "oci:$GROUND/oci:x"
	[ "$status" = 0 ]
	layer=$(ls -S "$GROUND/oci/blobs/sha256" | head -1)
	cp -r "$GROUND/oci" "$GROUND/oci-truncated"
	truncate -s -1000 "$GROUND/oci-truncated/blobs/sha256/$layer"
	"$CORDON" rmi -f localhost/x localhost/attack >/dev/null 2>&1 || true
	run "$CORDON" pull "oci:$GROUND/oci-truncated:x"
	one_clear_error 125 || one_clear_error 1
	cp -r "$GROUND/oci" "$GROUND/oci-json"
	for blob in "$GROUND/oci-json/blobs/sha256"/*; do
		head -c1 "$blob" | grep -q '{' && echo '{' >"$blob"
	done
	run "$CORDON" pull "oci:$GROUND/oci-json:x"
	one_clear_error 125 || one_clear_error 1
	head -c 100000 "$GROUND/attack.tar" >"$GROUND/cut.tar"
	run "$CORDON" load -i "$GROUND/cut.tar"
	one_clear_error 125 || one_clear_error 1
	import_root "$GROUND/root" attack
	confined attack true
}

# on_small_disk SIZE SCRIPT: runs the script with $small, a tmpfs of that size, as its data folder. The
# set-up program of a range map does not work in a nested user namespace, hence one id.
on_small_disk() {
	unshare -m --map-current-user --keep-caps true 2>/dev/null ||
		skip "no user namespace for a tmpfs here"
	mkdir -p "$GROUND/small"
	run unshare -m --map-current-user --keep-caps bash -c "
		mount -t tmpfs -o size=$1,mode=700 tmpfs $GROUND/small || exit 99
		export XDG_DATA_HOME=$GROUND/small CORDON_SIMULATE_MISSING=subuid
		$2"
	echo "$status: $output"
	[ "$status" != 99 ]
}

@test "a full disk during import: a clear error, and nothing is left" {
	on_small_disk 700k "
		$CORDON import $GROUND/attack.tar full 2>&1 && exit 1
		find $GROUND/small/cordon -name '*.tmp*' -o -path '*layers/*' | grep . && exit 2
		$CORDON images -q | grep . && exit 3
		exit 0"
	[ "$status" = 0 ]
	[[ "$output" == *"No space left"* ]]
}

@test "a full disk during run: a clear error, and no container" {
	on_small_disk 40m "
		$CORDON import $GROUND/attack.tar full >/dev/null 2>&1 || exit 1
		cat /dev/zero >$GROUND/small/ballast 2>/dev/null
		$CORDON run --rm --network none full echo ran; code=\$?
		rm $GROUND/small/ballast
		[ \$code = 0 ] || [ \$code = 125 ] || exit 2
		$CORDON ps -aq | grep . && exit 3
		exit 0"
	[ "$status" = 0 ]
}

@test "a read-only home: run goes on without a cache, or says what cannot be written" {
	mkdir -p "$GROUND/readonly/cache"
	chmod 500 "$GROUND/readonly/cache"
	run env XDG_CACHE_HOME="$GROUND/readonly/cache" "$CORDON" run --rm --network none attack echo fine
	[ "$status" = 0 ]
	[ "${lines[-1]}" = fine ]
	chmod 500 "$XDG_DATA_HOME/cordon/containers"
	run "$CORDON" run --rm --network none attack true
	chmod 700 "$XDG_DATA_HOME/cordon/containers"
	one_clear_error 125 "$XDG_DATA_HOME/cordon"
}

@test "no subordinate ids, newuidmap absent: a single-id map, and it says what is missing" {
	for missing in subuid newuidmap; do
		run env CORDON_SIMULATE_MISSING=$missing "$CORDON" run --rm --network none attack cat /proc/self/uid_map
		echo "$missing: $status $output"
		[ "$status" = 0 ]
		[[ "${lines[-1]}" =~ ^\ *0\ +$(id -u)\ +1$ ]]
		[[ "$output" == *sub?id* || "$output" == *uidmap* ]]
	done
}

@test "a kernel without Landlock: skipped where the profile says if_available, and inspect says so" {
	run env CORDON_SIMULATE_MISSING=landlock "$CORDON" run -d --name nolock --network none attack sleep 600
	echo "$output"
	[ "$status" = 0 ]
	run "$CORDON" inspect nolock
	[[ "$output" == *andlock* ]]
	"$CORDON" rm -f nolock
	sed 's/"if_available": *true/"if_available": false/' "$("$CORDON" info --format '{{.ProfileDir}}' 2>/dev/null || echo /nonexistent)/default.json" >"$GROUND/must.json" 2>/dev/null ||
		skip "the folder of the profiles is not known"
}

@test "two runs with one name at once: exactly one wins" {
	for i in $(seq 1 "$ROUNDS"); do
		"$CORDON" run -d --network none --name twin attack sleep 600 >"$GROUND/twin.1" 2>&1 & first=$!
		"$CORDON" run -d --network none --name twin attack sleep 600 >"$GROUND/twin.2" 2>&1 & second=$!
		a=0 b=0
		wait $first || a=$?
		wait $second || b=$?
		echo "$a $b: $(cat "$GROUND/twin.1" "$GROUND/twin.2")"
		[ "$a $b" = "0 125" ] || [ "$a $b" = "125 0" ]
		grep -qi 'in use' "$GROUND/twin.1" "$GROUND/twin.2"
		[ "$("$CORDON" ps -aq | wc -l)" = 1 ]
		"$CORDON" rm -f twin
	done
}

@test "kill -9 of cordon at random moments: ps tells the truth, rm cleans, nothing is left" {
	nap=1$$ # nobody else's
	for i in $(seq 1 "$ROUNDS"); do
		"$CORDON" run --network none --name "killed$i" attack sleep "$nap" >/dev/null 2>&1 & victim=$!
		sleep "0.0$(printf %03d $((RANDOM % 60)))"
		kill -9 $victim 2>/dev/null || true
		wait $victim 2>/dev/null || true
	done
	# what was at its gate dies a moment after its parent
	wait_until 60 sh -c '[ -z "$("$CORDON" ps -q)" ]'
	for id in $("$CORDON" ps -aq); do "$CORDON" rm "$id"; done
	confined attack true # the next writer sweeps what was never published
	[ -z "$("$CORDON" ps -aq)" ]
	wait_until 60 refute pgrep -u "$(id -u)" -f "sleep $nap"
	refute grep -F "$GROUND" /proc/self/mountinfo
	[ -z "$(ls "$XDG_DATA_HOME/cordon/containers")" ] || { ls -la "$XDG_DATA_HOME/cordon/containers"; false; }
	[ -z "$(ls "$XDG_DATA_HOME/cordon/names" 2>/dev/null)" ]
}

# living_here: live processes of this ground (a zombie is none): what has its mounts, and the engine's own, which have
# its folders in their environment or command line. The tests' shells and tools do not count.
living_here() {
	local folder stat name
	for folder in /proc/[0-9]*; do
		read -r stat 2>/dev/null <"$folder/stat" || continue
		name=${stat#*(}
		[[ "${stat##*) }" != [ZX]* ]] || continue
		if grep -qsF "$GROUND/" "$folder/mountinfo" || { [[ $name =~ ^(cordon|pas(ta|st)|layer|new[ug]idmap) ]] &&
			grep -qsF "$GROUND/" "$folder/environ" "$folder/cmdline"; }; then
			echo "$folder ${name%%)*} $(readlink "$folder/ns/net" 2>/dev/null)"
		fi
	done
}

@test "kill -9 of cordon at random moments, with a private network: no pasta, no namespace, no mount is left" {
	command -v pasta >/dev/null || skip "pasta (package passt) is not installed"
	[ -w /dev/net/tun ] || skip "pasta cannot open /dev/net/tun here"
	mkdir -p -m 700 "$GROUND/run"
	export XDG_RUNTIME_DIR=$GROUND/run
	[ -z "$(living_here)" ]
	# What is counted can be counted: one of each while a container lives.
	"$CORDON" run -d --name counted attack sleep 600
	living_here | tee "$GROUND/counted"
	[ "$(grep -c ' pas[ts]' "$GROUND/counted")" = 1 ]
	[ "$(grep -c ' cordon ' "$GROUND/counted")" = 1 ]
	[ "$(grep -o 'net:.*' "$GROUND/counted" | grep -vxF "$(readlink /proc/self/ns/net)" | sort -u | wc -l)" = 1 ]
	grep -q "$GROUND/" "/proc/$("$CORDON" inspect -f '{{.State.Pid}}' counted)/mountinfo"
	"$CORDON" rm -f counted
	for i in $(seq 1 "$ROUNDS"); do
		"$CORDON" run --name "wired$i" -p 127.0.0.1::80 attack sleep 6543 >/dev/null 2>&1 & victim=$!
		sleep "0.$(printf %03d $((RANDOM % 120)))"
		kill -9 $victim 2>/dev/null || true
		wait $victim 2>/dev/null || true
	done
	for i in $(seq 300); do
		left=$(living_here)
		[ -n "$left" ] || break
		sleep 0.1
	done
	echo "left: $left"
	[ -z "$left" ]
	for id in $("$CORDON" ps -aq); do "$CORDON" rm "$id"; done
	"$CORDON" run --rm attack true # the next start sweeps what was never published
	[ -z "$("$CORDON" ps -aq)" ]
	ls -A "$XDG_DATA_HOME/cordon/containers" "$XDG_RUNTIME_DIR/cordon"
	[ -z "$(ls -A "$XDG_DATA_HOME/cordon/containers")" ]
	[ -z "$(find "$XDG_RUNTIME_DIR/cordon" -mindepth 1)" ]
}

@test "kill -9 of the monitor: the container dies with it, ps says exited, rm cleans" {
	nap=2$$ # nobody else's
	for i in $(seq 1 "$ROUNDS"); do
		"$CORDON" run -d --network none --name orphan attack sleep "$nap"
		monitor=$("$CORDON" inspect -f '{{.State.ConmonPid}}' orphan)
		pid=$("$CORDON" inspect -f '{{.State.Pid}}' orphan)
		[ "$monitor" -gt 1 ] && [ "$pid" -gt 1 ]
		kill -9 "$monitor"
		wait_until 60 is_gone "$pid"
		run "$CORDON" ps -a --format '{{.Names}} {{.Status}}'
		echo "$output"
		[[ "$output" == *"orphan Exited (137)"* ]]
		refute pgrep -u "$(id -u)" -f "sleep $nap"
		"$CORDON" rm orphan
	done
	[ -z "$("$CORDON" ps -aq)" ]
}

# The lock of index.json is held as by who removes an image: what makes a container waits for it when the container can be
# seen, and looks again.
@test "an image that is removed while a container is being made of it: no container, in create, run and run -d" {
	local data=$XDG_DATA_HOME/cordon words pid status
	for words in "create" "run --name made" "run -d" "run --rm"; do
		"$CORDON" import -c "LABEL gone=1" "$GROUND/attack.tar" gone >/dev/null
		mkfifo "$GROUND/gate"
		flock "$data/images/index.lock" sh -c "echo locked >'$GROUND/gate'; read -r _ <'$GROUND/gate'" &
		read -r _ <"$GROUND/gate"
		# shellcheck disable=SC2086
		"$CORDON" $words --network none gone sleep 600 >"$GROUND/out" 2>&1 &
		pid=$!
		for _ in $(seq 600); do [ -z "$(ls "$data"/containers/*/state.json 2>/dev/null)" ] || break; sleep 0.1; done
		[ -n "$(ls "$data"/containers/*/state.json)" ]
		python3 - "$data/images/index.json" <<-'END'
			import json, os, sys
			index = json.load(open(sys.argv[1]))
			index["manifests"] = [e for e in index["manifests"] if "gone" not in e["annotations"].get("org.opencontainers.image.ref.name", "")]
			json.dump(index, open(sys.argv[1] + ".new", "w"))
			os.rename(sys.argv[1] + ".new", sys.argv[1])
		END
		echo go >"$GROUND/gate"
		status=0
		wait $pid || status=$?
		rm "$GROUND/gate"
		[ "$status" = 125 ] || { echo "$words: $status"; cat "$GROUND/out"; false; }
		grep -q "was removed while the container was being made" "$GROUND/out"
		[ "$(grep -c "^cordon: " "$GROUND/out")" = 1 ]
		[ -z "$("$CORDON" ps -aq)" ]
		[ -z "$(ls "$data/containers")" ] && [ -z "$(ls "$data/names")" ]
	done
	"$CORDON" system check --repair >/dev/null
	"$CORDON" system check
}

@test "images that are removed by rmi, rmi -f and prune while containers are made of them: each has its image or is not there" {
	local round id
	for round in $(seq $((ROUNDS / 2))); do
		"$CORDON" import -c "LABEL round=$round" "$GROUND/attack.tar" gone >/dev/null
		"$CORDON" create --network none gone true >/dev/null 2>"$GROUND/err.1" &
		"$CORDON" run -d --network none gone true >/dev/null 2>"$GROUND/err.2" &
		sleep "0.0$((RANDOM % 40 + 10))"
		case $((round % 3)) in
		0) "$CORDON" rmi -f gone ;;
		1) "$CORDON" image prune -af ;;
		*) "$CORDON" rmi gone ;;
		esac >/dev/null 2>&1 || true
		wait
		run -0 "$CORDON" system check --quick
		for id in $("$CORDON" ps -aq); do
			"$CORDON" image inspect "$("$CORDON" inspect -f '{{.Image}}' "$id")" >/dev/null
			"$CORDON" rm -f "$id" >/dev/null
		done
		"$CORDON" rmi -f gone >/dev/null 2>&1 || true
		"$CORDON" image prune -f >/dev/null
	done
	"$CORDON" import "$GROUND/attack.tar" attack >/dev/null
}
