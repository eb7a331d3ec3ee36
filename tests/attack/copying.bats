#!/usr/bin/env bats
# B14 (CVE-2018-15664, CVE-2019-10152, CVE-2023-0778), A7: cp against a container whose root is hostile while it copies.
# Takes about 110 s.
load attack

setup_file() {
	attack_setup_file_apart
	# The image has what the races flip: folders and links that would lead to the canary, were they read on the host.
	evil=$(evil_root racing)
	mkdir -p "$evil/race/folder/sub" "$evil/race/deep/a"
	echo inside >"$evil/race/folder/file"
	echo inside >"$evil/race/folder/sub/file"
	echo inside >"$evil/race/plain"
	ln -s "$GROUND/canary" "$evil/race/out"
	ln -s "$GROUND/canary/file" "$evil/race/outfile"
	ln -s / "$evil/race/slash"
	ln -s /proc/1/root "$evil/race/magic"
	mkfifo "$evil/race/fifo"
	# no image may have it
	export UP="ln -s ../../../../../../../../..$GROUND/canary /race/up"
	import_root "$evil" racing
}

teardown_file() { attack_teardown_file; }

setup() {
	canary_make
	W=$BATS_TEST_TMPDIR/w
	mkdir "$W"
	cd "$W"
}

teardown() {
	"$CORDON" rm -f box >/dev/null 2>&1 || true
	canary_check
}

# rounds_of SHARE: of the lane's rounds.
rounds_of() { echo $((ROUNDS / $1 + 1)); }

# copy WORD...: within a time, with an end that is none of a signal, and without a word of the canary's.
copy() {
	run timeout -k 5 60 "$CORDON" cp "$@"
	[[ "$status" == [01] ]] || { echo "cp $*: status $status: $output"; return 1; }
	[[ "$output" != *"canary sings"* ]]
}

# flipping A B...: a container that exchanges two names of /race for as long as it lives.
flipping() {
	"$CORDON" run -d --network none --name box racing sh -c "$UP; exec swap /race/$1 /race/$2 36000" >/dev/null
	sleep 0.2
}

@test "B14: out of a folder that the container turns into a symlink out, up, to /, into /proc" {
	for link in out up slash magic; do
		flipping folder "$link"
		paths=(/race/folder /race/folder/file "/race/$link/file" /race/folder/. "/race/$link/sub/file")
		for round in $(seq 1 "$(rounds_of 4)"); do
			rm -rf got*
			path=${paths[round % 5]}
			copy "box:$path" got
			copy -L "box:$path" gotL
			run sh -c 'timeout 60 "$CORDON" cp "box:$1" - | tar xO' sh "$path"
			[[ "$output" != *"canary sings"* ]]
			! grep -rqs "canary sings" got* || { ls -lR; return 1; }
		done
		"$CORDON" rm -f box
	done
}

@test "B14: into such a folder: nothing outside is written, made, or given a mode" {
	mkdir -p folder/sub src
	echo evil >file && chmod 777 file
	echo evil >folder/file && chmod 777 folder/file folder
	echo evil >folder/sub/file
	for link in out up slash magic; do
		flipping folder "$link"
		for round in $(seq 1 "$(rounds_of 4)"); do
			case $((round % 5)) in
			0) copy file box:/race/folder ;;
			1) copy folder box:/race ;;
			2) copy folder/. box:/race/folder ;;
			3) copy folder/. box:/race/folder/sub ;;
			4) copy file box:/race/folder/file ;;
			esac
			run sh -c 'tar c folder | timeout 60 "$CORDON" cp - box:/race'
			[[ "$status" == [01] ]]
			canary_check
		done
		"$CORDON" rm -f box
	done
}

@test "B14: a file that turns into a symlink, a fifo: nothing is read through, and nobody waits" {
	echo evil >file
	for other in outfile fifo; do
		flipping plain "$other"
		for _ in $(seq 1 "$(rounds_of 4)"); do
			rm -rf got all
			copy box:/race/plain got
			[ ! -f got ] || [ -L got ] || [ "$(cat got)" = inside ] || [ "$(cat got)" = evil ]
			copy box:/race all
			copy file box:/race/plain
		done
		"$CORDON" rm -f box
	done
	# one that is there all the time, with somebody who waits at it
	"$CORDON" run -d --network none --name box racing sh -c 'echo secret >/race/fifo; echo done >/race/done; sleep 1000'
	copy box:/race/fifo fifo
	copy -L box:/race/fifo fifo2
	rm -rf all
	copy box:/race all
	[ -p fifo ] && [ -p fifo2 ] && [ -p all/fifo ]
	[ ! -e all/done ]
}

@test "B14: a folder of the host's that a container flips within, as a volume" {
	mkdir -p "$GROUND/shared/d" new
	ln -sfn "$GROUND/canary/folder" "$GROUND/shared/l"
	"$CORDON" run -d --network none --name box -v "$GROUND/shared:/vol" racing sh -c '
		mkdir -p /new/d && echo evil >/new/d/file && chmod 777 /new/d /new/d/file
		swap /vol/d /vol/l 36000'
	sleep 0.3
	for _ in $(seq 1 "$(rounds_of 4)"); do
		# to the folder around it
		copy box:/new/. "$GROUND/shared"
		copy box:/new/d "$GROUND/shared"
		# and what is in it, to the container
		copy "$GROUND/shared" box:/tmp/
		canary_check
	done
	run "$CORDON" exec box sh -c 'grep -rs sings /tmp /vol'
	[[ "$output" != *sings* ]]
}

@test "B14: a container that is stopped: its layers and volumes lead nowhere either" {
	"$CORDON" run --network none --name box -v "$GROUND/shared:/vol" racing sh -c "$UP"'; rm -rf /etc; ln -s /race/out /etc; rm -rf /tmp; ln -s /race/up /tmp; rm -rf /root; ln -s / /root'
	echo evil >file
	for path in /etc /tmp /race/out /race/up /race/magic /race/outfile /root/race/out /race/slash/race/out; do
		copy file "box:$path/file"
		copy file "box:$path"
		copy "box:$path/file" got
		copy -L "box:$path" gotL
	done
	! grep -rqs "canary sings" . || return 1
	canary_check
	"$CORDON" start box >/dev/null
}

@test "what comes out may claim anything: an archive of a helper that was taken over" {
	libexec=$("$CORDON" info -f '{{.LibexecDir}}')
	mkdir -p "$GROUND/evil" "$GROUND/archives"
	cp "$ATTACKERS/attack_evilfetch" "$GROUND/evil/layer"
	cp "$libexec/layer" "$GROUND/evil/layer.real"
	cp "$libexec/registry" "$GROUND/evil/registry"
	python3 "$BATS_TEST_DIRNAME/images/archives.py" "$GROUND/archives" "$GROUND/canary"
	"$CORDON" create --name box --network none racing true
	tried=0
	for archive in "$GROUND"/archives/*.tar; do
		cp "$archive" "$GROUND/evil/evil.tar"
		for target in to to/other; do
			rm -rf to
			mkdir to
			echo private >to/secret && chmod 600 to/secret && touch -d '2020-01-02 03:04:05' to/secret
			ln -s "$GROUND/canary" to/link
			before=$(stat -c '%a %h %Y %s' to/secret; stat -c %a to; sha256sum to/secret; ls -l to/link)
			CORDON_LIBEXEC=$GROUND/evil copy box:/asked "$target"
			[ "$(stat -c '%a %h %Y %s' to/secret; stat -c %a to; sha256sum to/secret; ls -l to/link)" = "$before" ]
			[ -z "$(ls -A to | grep -vxE 'secret|link|asked|other')" ] || { echo "$archive: $(ls -A to)"; return 1; }
			[ -z "$(find to -perm /6000)" ] || { echo "$archive: $(ls -lR to)"; return 1; }
			canary_check || { echo "$archive $target"; return 1; }
			tried=$((tried + 1))
		done
	done
	[ "$tried" -gt 55 ]
	# the fake is asked at all
	(cd "$GROUND/evil" && mkdir asked && echo came >asked/x && tar cf evil.tar asked)
	rm -rf to
	CORDON_LIBEXEC=$GROUND/evil copy box:/asked to
	[ "$(cat to/x)" = came ]
}

@test "files that are larger than the disk, or made of a hundred thousand holes" {
	mkdir vol
	truncate -s 4T vol/huge 2>/dev/null || truncate -s 900G vol/huge
	python3 -c '
with open("vol/holes", "wb") as f:
    f.truncate(100 << 30)
    for i in range(5000):
        f.seek(i * 8192)
        f.write(b"x")'
	"$CORDON" run -d --network none --name box -v "$W/vol:/race" racing sleep 1000
	copy box:/race/huge huge
	[ "$status" = 0 ]
	[ "$(stat -c %s huge)" -gt 900000000000 ]
	[ "$(du -k huge | cut -f1)" -lt 100 ]
	copy box:/race/holes holes
	[ "$status" = 1 ]
	[[ "$output" == *"holes, and is larger than 64 GiB"* ]]
	[ "$(ls -A)" = $'huge\nvol' ]
}

@test "a full disk: it says so, what was there is there still, and nothing is left beside it" {
	"$CORDON" run -d --network none --name box --tmpfs /small:size=1m racing sh -c 'echo old >/small/file; sleep 1000'
	head -c 3M /dev/urandom >file
	wait_until 60 "$CORDON" exec box test -s /small/file
	copy file box:/small/file
	[ "$status" = 1 ]
	[[ "$output" == *"No space left on device"* ]]
	[ "$("$CORDON" exec box sh -c 'cat /small/file; ls -A /small')" = $'old\nfile' ]
	"$CORDON" cp file box:/race/big
	unshare -m --map-current-user --keep-caps true 2>/dev/null || skip "no user namespace for a tmpfs here"
	mkdir -m 700 small
	run unshare -m --map-current-user --keep-caps sh -c '
		mount -t tmpfs -o size=1m,mode=700 tmpfs small || exit 99
		echo old >small/big
		CORDON_SIMULATE_MISSING=newuidmap "$CORDON" cp box:/race/big small/big; code=$?
		cat small/big; ls -A small; exit $code'
	echo "$output"
	[ "$status" = 1 ] || skip "containers cannot be reached from a user namespace here"
	[[ "$output" == *old$'\n'big ]]
}

@test "kill -9 midway: the old file or the new one, and the next copy works" {
	"$CORDON" run -d --network none --name box racing sleep 1000
	head -c 8M /dev/zero | tr '\0' n >new
	head -c 8M /dev/zero | tr '\0' o >old
	"$CORDON" cp old box:/race/file
	cp old file
	helpers=
	for round in $(seq 1 "$(rounds_of 2)"); do
		"$CORDON" cp new box:/race/file & pid=$!
		sleep "0.0$((round * 7 % 10))$((round * 3 % 10))"
		helpers+=" $(pgrep -P $pid | tr '\n' ' ')"
		kill -9 $pid 2>/dev/null || true
		wait $pid 2>/dev/null || true
		[ "$("$CORDON" exec box sh -c 'wc -c </race/file; tr -d on </race/file | wc -c; tr -d n </race/file | wc -c; tr -d o </race/file | wc -c' | tr -s '\n ' '  ' | sed 's/ $//')" = "8388608 0 0 8388608" ] ||
			[ "$("$CORDON" exec box sh -c 'tr -d o </race/file | wc -c; wc -c </race/file' | tr -s '\n ' '  ' | sed 's/ $//')" = "0 8388608" ]
		"$CORDON" cp box:/race/file file & pid=$!
		sleep "0.0$((round * 3 % 10))$((round * 7 % 10))"
		helpers+=" $(pgrep -P $pid | tr '\n' ' ')"
		kill -9 $pid 2>/dev/null || true
		wait $pid 2>/dev/null || true
		cmp -s file new || cmp -s file old
	done
	"$CORDON" cp new box:/race/file
	"$CORDON" cp box:/race/file file
	cmp file new
	# one that does not run is nobody's when its copier is killed
	"$CORDON" stop -t 0 box
	for round in $(seq 1 "$(rounds_of 2)"); do
		"$CORDON" cp old box:/race/file & pid=$!
		sleep "0.0$((round * 7 % 10))$((round * 3 % 10))"
		helpers+=" $(pgrep -P $pid | tr '\n' ' ')"
		kill -9 $pid 2>/dev/null || true
		wait $pid 2>/dev/null || true
		"$CORDON" cp box:/race/file file
		cmp -s file new || cmp -s file old
	done
	"$CORDON" start box
	"$CORDON" exec box test -s /race/file
	# the helpers went with who started them: at once, or when the disk has what they wrote. A zombie is init's to reap.
	[[ "$helpers" == *[0-9]* ]]
	for helper in $helpers; do
		for _ in $(seq 600); do
			still=$(ps -o stat=,comm= -p "$helper" || true)
			[[ "$still" == *layer && "$still" != Z* ]] || break
			sleep 0.1
		done
		[[ "$still" != *layer || "$still" == Z* ]] || { echo "$helper lives: $still"; return 1; }
	done
}

@test "a container that ends or is removed meanwhile; one that is started while it is copied to" {
	mkfifo hold
	for way in "stop -t 0" "rm -f" "kill"; do
		"$CORDON" run -d --network none --name box racing sleep 1000
		"$CORDON" cp - box:/race <hold & pid=$!
		exec 7>hold
		tar c -C "$GROUND/root" bin >&7 || true
		# shellcheck disable=SC2086
		"$CORDON" $way box
		exec 7>&-
		status=0
		wait $pid || status=$?
		[[ "$status" == [01] ]]
		"$CORDON" rm -f box >/dev/null 2>&1 || true
		[ -z "$("$CORDON" ps -aq)" ]
		[ -z "$(ls -A "$XDG_DATA_HOME/cordon/containers")" ]
	done
	"$CORDON" create --network none --name box racing cat /race/late
	"$CORDON" cp - box:/race <hold & pid=$!
	exec 7>hold
	run "$CORDON" rm box
	[ "$status" = 1 ]
	[[ "$output" == *"somebody is at work on it"* ]]
	echo late >late
	(sleep 1; tar c late >&7) &
	exec 7>&-
	# it waits for the copy, and sees all of it
	[ "$("$CORDON" start -a box)" = late ]
	wait $pid
}

@test "what cordon mounted stays mounted, whatever is copied over it" {
	"$CORDON" run -d --network none --name box -v "$GROUND/canary:/canary:ro" racing sleep 1000
	before=$("$CORDON" exec box cat /proc/mounts)
	mkdir -p all/etc all/canary all/proc all/dev all/sys
	for file in etc/hosts etc/resolv.conf etc/hostname canary/file proc/version dev/null; do
		echo evil >"all/$file"
		copy "all/$file" "box:/$file"
		[ "$status" = 1 ]
		copy "all/$file" "box:/${file%/*}"
		[ "$status" = 1 ]
		run sh -c 'tar c -C all "$1" | timeout 60 "$CORDON" cp - box:/' sh "$file"
		[ "$status" = 1 ]
	done
	copy all/. box:/
	[ "$status" = 1 ]
	echo evil >canary
	copy canary box:/
	[ "$status" = 1 ]
	[ "$("$CORDON" exec box cat /proc/mounts)" = "$before" ]
	[ "$("$CORDON" exec box stat -c %t:%T /dev/null)" = 1:3 ]
}
