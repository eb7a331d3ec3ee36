#!/usr/bin/env bats
# A fresh volume takes over what the image has at its place: content, owners, modes; an empty one only, whole or not at
# all, and by one launch at a time.
load ground

# The image "full" has at /srv/data one of everything, owned by a user; at /empty an empty folder of his; at /fifo what
# cannot be opened; links to and out of there.
setup_file() {
	ground_make
	[ -z "${GROUND_SKIP:-}" ] || return 0
	local data=$GROUND/root/srv/data
	mkdir -p "$data/folder/deep" "$GROUND/root/empty" "$GROUND/root/fifo" "$GROUND/root/other" "$GROUND/root/srv/many"
	echo page >"$data/page"
	ln "$data/page" "$data/hard"
	ln -s page "$data/link"
	ln -s /etc/passwd "$data/absolute"
	echo deep >"$data/folder/deep/file"
	echo hidden >"$data/.hidden"
	echo secret >"$data/secret"
	chmod 600 "$data/secret"
	chmod 4755 "$data/folder/deep/file"
	mkdir -m 1777 "$data/sticky"
	chmod 2750 "$data"
	chmod 700 "$GROUND/root/empty"
	mkfifo -m 640 "$GROUND/root/fifo/pipe"
	echo x >"$GROUND/root/fifo/file"
	echo plain >"$GROUND/root/plain"
	echo other >"$GROUND/root/other/file"
	ln -s srv/data "$GROUND/root/linked"
	ln -s /../../../../srv "$GROUND/root/up"
	ln -s / "$GROUND/root/slash"
	ln -s /proc "$GROUND/root/toproc"
	ln -s loop "$GROUND/root/loop"
	head -c 1638400 /dev/zero | tr '\0' x | split -b 4096 -a 3 - "$GROUND/root/srv/many/"
	python3 -c 'import os, sys; os.setxattr(sys.argv[1], "user.note", b"said")' "$data/page" 2>/dev/null && export ATTRIBUTES=1
	tar -C "$GROUND/root" --format=posix --owner=0 --group=0 --numeric-owner --exclude=./srv/data --exclude=./empty -cf "$GROUND/full.tar" .
	tar -C "$GROUND/root" --format=posix --xattrs --owner=1000 --group=50 --numeric-owner -rf "$GROUND/full.tar" ./srv/data ./empty
	cordon import -c "VOLUME /srv/data" -c "USER 1000:50" "$GROUND/full.tar" declared
	cordon import "$GROUND/full.tar" full
	mkdir -p "$GROUND/more/srv/data"
	echo another >"$GROUND/more/srv/data/another"
	cp -r "$GROUND/root/bin" "$GROUND/more/"
	root_tar "$GROUND/more" "$GROUND/more.tar" 2>/dev/null || tar -C "$GROUND/more" --owner=0 --group=0 -cf "$GROUND/more.tar" .
	cordon import "$GROUND/more.tar" more
}

teardown_file() { ground_clear; }

teardown() {
	local name
	for name in $(cordon ps -aq); do cordon rm -fv "$name" >/dev/null 2>&1 || true; done
	for name in $(cordon volume ls -q); do cordon volume rm "$name" >/dev/null 2>&1 || true; done
	[ ! -d "$XDG_DATA_HOME/cordon/volumes" ] || [ -z "$(ls -A "$XDG_DATA_HOME/cordon/volumes")" ]
}

# What stands in a volume beside its content.
beside() { find "$XDG_DATA_HOME/cordon/volumes/$1" -mindepth 1 -maxdepth 1 -printf '%f\n' | sort | tr '\n' ' '; }

# A line for everything in a folder inside.
LOOK='cd "$0" && find . | sort | while read -r i; do stat -c "%n %F %a %u:%g %h" "$i"; done; cat page .hidden folder/deep/file; readlink link; readlink absolute'

@test "content, owners, modes, links and attributes; the folder's own owner and mode" {
	confined -u 0 full sh -c "$LOOK" /srv/data >"$BATS_TEST_TMPDIR/image"
	grep -q '^\. directory 2750 1000:50' "$BATS_TEST_TMPDIR/image"
	grep -q '^./hard regular file 644 1000:50 2' "$BATS_TEST_TMPDIR/image"
	for place in /srv/data /srv/data/ /linked /srv/../srv/./data; do
		confined -v "data:$place" full sh -c "$LOOK" "${place%/}" >"$BATS_TEST_TMPDIR/volume"
		diff "$BATS_TEST_TMPDIR/image" "$BATS_TEST_TMPDIR/volume"
		[ "$(beside data)" = "_data volume.json " ]
		if [ -n "${ATTRIBUTES:-}" ]; then
			[ "$(unshare --map-root-user --map-auto python3 -c 'import os, sys; print(os.getxattr(sys.argv[1], "user.note"))' \
				"$(cordon volume inspect -f '{{.Mountpoint}}' data)/page")" = "b'said'" ]
		fi
		cordon volume rm data
	done
}

@test "--mount, create, a volume made before, :ro, a read-only root" {
	[ "$(confined --mount type=volume,source=data,target=/srv/data full cat /srv/data/page)" = page ]
	cordon volume rm data
	cordon create --name box --network none -v data:/srv/data full cat /srv/data/page
	# at once, not when it starts
	confined -v data:/x base test -e /x/page
	[ "$(cordon start -a box)" = page ]
	cordon rm box
	cordon volume rm data
	cordon volume create --label kept=yes data
	[ "$(confined --read-only -v data:/srv/data:ro full cat /srv/data/page)" = page ]
	[ "$(cordon volume inspect -f '{{.Labels.kept}}' data)" = yes ]
	[ "$(confined --read-only -v /srv/data full sh -c 'cat /srv/data/page; stat -c %u:%g /srv/data')" = $'page\n1000:50' ]
}

@test "an image with USER and VOLUME can write to its volume; an empty folder gives its owner and mode" {
	[ "$(confined declared sh -c 'id -u; echo new >/srv/data/new; cat /srv/data/new /srv/data/page /srv/data/secret')" = $'1000\nnew\npage\nsecret' ]
	[ "$(confined -v own:/empty declared sh -c 'echo mine >/empty/x; cat /empty/x; stat -c "%u:%g %a" /empty')" = $'mine\n1000:50 700' ]
	[ "$(confined -v /empty full stat -c '%u:%g %a' /empty)" = "1000:50 700" ]
	[ "$(cordon volume ls -q)" = own ]
	# anonymous ones are named by their container, full, and gone with it
	cordon create --name box --network none declared cat /srv/data/page
	[ "$(cordon start -a box)" = page ]
	cordon rm -v box
	[ "$(cordon volume ls -q)" = own ]
}

@test "what is not empty is left as it is; so is a folder of the host" {
	confined -v data:/x base sh -c 'echo old >/x/page; chown 7:8 /x; chmod 711 /x'
	[ "$(confined -v data:/srv/data full sh -c 'ls -A /srv/data; cat /srv/data/page; stat -c "%u:%g %a" /srv/data')" = $'page\nold\n7:8 711' ]
	confined -v first:/srv/data full true
	[ "$(confined -v first:/srv/data more sh -c 'cd /srv/data; ls another; cat page' 2>/dev/null)" = page ]
	confined -v first:/srv/data -u 0 full rm /srv/data/page
	run -1 confined -v first:/srv/data -u 0 full cat /srv/data/page
	mkdir "$BATS_TEST_TMPDIR/host"
	[ -z "$(confined -v "$BATS_TEST_TMPDIR/host:/srv/data" full ls -A /srv/data)" ]
	[ -z "$(confined --mount "type=bind,source=$BATS_TEST_TMPDIR/host,target=/srv/data" full ls -A /srv/data)" ]
	[ -z "$(ls -A "$BATS_TEST_TMPDIR/host")" ]
	# of a root that is no image nothing is taken
	[ -z "$(confined -v plain:/srv/data --rootfs "$GROUND/root" ls -A /srv/data)" ]
}

@test "nocopy leaves it empty, and the next one fills it" {
	for words in "-v data:/srv/data:nocopy" "-v data:/srv/data:ro,nocopy" "--mount type=volume,source=data,target=/srv/data,volume-nocopy" \
		"--mount type=volume,source=data,target=/srv/data,volume-nocopy=true" "--mount type=volume,target=/srv/data,volume-nocopy=1"; do
		# shellcheck disable=SC2086 # words
		[ "$(confined $words -u 0 full sh -c 'ls -A /srv/data; stat -c "%u %a" /srv/data')" = "0 755" ]
	done
	[ "$(confined --mount type=volume,source=data,target=/srv/data,volume-nocopy=false full cat /srv/data/page)" = page ]
	run -125 confined --mount type=volume,target=/x,volume-nocopy=perhaps full true
	[[ "$output" == *"volume-nocopy is true or false"* ]]
	run -125 confined --mount "type=bind,source=/,target=/x,volume-nocopy" full true
	[[ "$output" == *"volume-nocopy is for type=volume"* ]]
	[ "$(confined -v other:/srv/data:copy full cat /srv/data/page)" = page ]
}

@test "places that are a file, missing, or lead somewhere else in the image" {
	[ "$(confined -v data:/missing/deep/er full sh -c 'ls -A /missing/deep/er; stat -c "%u %a" /missing/deep/er')" = "0 755" ]
	run confined -v data:/loop/x full true
	run confined -v data:/plain/x full true
	[ "$(beside data)" = "_data volume.json " ]
	[ -z "$(ls -A "$XDG_DATA_HOME/cordon/volumes/data/_data")" ]
	# out of the image leads no way
	confined -v up:/up/data full cat /up/data/page
	confined -v pipe:/fifo full sh -c '[ -p /fifo/pipe ] && cat /fifo/file'
	# two places of one volume: the first that has something
	[ "$(confined -v two:/missing -v two:/other -v two:/srv/data full ls -A /missing)" = file ]
	# a container that has it mounted already sees what comes
	cordon run -d --name box --network none -v shared:/x base sleep 600
	confined -v shared:/srv/data full true
	[ "$(cordon exec box cat /x/page)" = page ]
}

@test "in one id everything is its own; in keep-id it has the owners that the image's files have there" {
	[ "$(confined --userns single -v data:/srv/data full sh -c 'cd /srv/data; stat -c "%u:%g %a" . page secret; cat secret page')" = \
		$'0:0 2750\n0:0 644\n0:0 600\nsecret\npage' ]
	confined --userns keep-id -u 0 full sh -c "$LOOK" /srv/data >"$BATS_TEST_TMPDIR/image"
	confined --userns keep-id -u 0 -v kept:/srv/data full sh -c "$LOOK" /srv/data >"$BATS_TEST_TMPDIR/volume"
	diff "$BATS_TEST_TMPDIR/image" "$BATS_TEST_TMPDIR/volume"
}

@test "two at once, and a crowd: one whole content, and everybody sees it" {
	for round in $(seq "${CORDON_ROUNDS:-3}"); do
		pids=()
		for i in 1 2 3 4; do
			confined -v data:/srv/many full sh -c 'cat /srv/many/* | wc -c; ls /srv/many | wc -l' >"$BATS_TEST_TMPDIR/$i" &
			pids+=($!)
		done
		for pid in "${pids[@]}"; do wait "$pid"; done
		for i in 1 2 3 4; do
			[ "$(cat "$BATS_TEST_TMPDIR/$i")" = $'1638400\n400' ] || { echo "round $round: $(cat "$BATS_TEST_TMPDIR/$i")"; false; }
		done
		[ "$(beside data)" = "_data volume.json " ]
		cordon volume rm data
	done
}

@test "kill -9 midway: empty, or whole to the next" {
	local seen=
	for round in $(seq "${CORDON_ROUNDS:-12}"); do
		"$CORDON" run --rm --network none -v data:/srv/many full true & pid=$!
		sleep "0.$(printf %03d $((round * 17 % 150)))"
		kill -9 $pid 2>/dev/null || true
		wait $pid 2>/dev/null || true
		seen+="[$(beside data 2>/dev/null)] "
		[ "$(confined -v data:/srv/many full sh -c 'cat /srv/many/* | wc -c; ls /srv/many | wc -l')" = $'1638400\n400' ]
		[ "$(beside data)" = "_data volume.json " ]
		cordon volume rm data
	done
	echo "# $seen"
}

@test "what a killed one left: half is thrown away, the whole is moved, and nobody's file is overwritten" {
	local volume=$XDG_DATA_HOME/cordon/volumes/data
	cordon volume create data
	mkdir -p "$volume/_partial/tree"
	echo half >"$volume/_partial/tree/half"
	[ "$(confined -v data:/srv/data full sh -c 'ls /srv/data/half; cat /srv/data/page' 2>/dev/null)" = page ]
	[ "$(beside data)" = "_data volume.json " ]
	cordon volume rm data
	cordon volume create data
	mkdir -p "$volume/_whole/tree/sub"
	echo theirs >"$volume/_data/page"
	echo ours >"$volume/_whole/tree/page"
	echo rest >"$volume/_whole/tree/rest"
	# whatever place it has in this one
	[ "$(confined -v data:/missing full sh -c 'cd /missing; cat page rest; ls -d sub')" = $'theirs\nrest\nsub' ]
	[ "$(beside data)" = "_data volume.json " ]
	# an anonymous one's, that belongs to somebody else, found by its name
	local id
	id=$(printf a%.0s $(seq 64))
	cordon volume create "$id"
	volume=$XDG_DATA_HOME/cordon/volumes/$id
	mkdir -p "$volume/_partial"
	echo half >"$volume/_partial/half"
	unshare --map-root-user --map-auto sh -c 'chown -R 1000:50 "$1" && chmod 700 "$1"' sh "$volume/_partial"
	[ "$(confined -v "$id:/srv/data" full sh -c 'ls /srv/data/half; cat /srv/data/page' 2>/dev/null)" = page ]
	[ "$(beside "$id")" = "_data volume.json " ]
}

@test "a full disk: it says so, with no container and no volume left that was not there before" {
	unshare -m --map-current-user --keep-caps true 2>/dev/null || skip "no user namespace for a tmpfs here"
	mkdir "$BATS_TEST_TMPDIR/small"
	run unshare -m --map-current-user --keep-caps bash -c '
		small=$0
		mount -t tmpfs -o size=40m,mode=700 tmpfs $small || exit 99
		export XDG_DATA_HOME=$small CORDON_SIMULATE_MISSING=subuid
		"$CORDON" import "$GROUND/full.tar" full >/dev/null 2>&1 || exit 1
		"$CORDON" volume create before >/dev/null || exit 2
		head -c $(($(stat -f -c "%a*%S" $small) - 1000000)) /dev/zero >$small/ballast
		"$CORDON" run --name box --network none -v before:/srv/many full true && exit 3
		"$CORDON" run --network none -v data:/srv/many full true && exit 4
		"$CORDON" create --network none -v /srv/many full true && exit 5
		"$CORDON" ps -aq | grep . && exit 6
		[ "$("$CORDON" volume ls -q)" = before ] || exit 7
		find $small/cordon/volumes/before -mindepth 1 | grep -v "/_data$\|/volume.json$" && exit 8
		rm $small/ballast
		[ "$("$CORDON" run --rm --network none -v before:/srv/many full ls /srv/many | wc -l)" = 400 ] || exit 9
		exit 0' "$BATS_TEST_TMPDIR/small"
	echo "$status: $output"
	[ "$status" = 0 ]
	[ "$(grep -c "cannot fill the volume .*: .*No space left on device" <<<"$output")" = 3 ]
	[[ "$output" == *"nocopy: -v data:/srv/many:nocopy"* ]]
}

@test "hostile places: links to /, to /proc, out of the image; the host is neither read nor written" {
	canary_make
	for place in /slash /toproc /toproc/self /slash/proc/self/root /up/../../.. /proc/x /linked/../../../../../..; do
		cordon run --rm --network none -v "data:$place" full true </dev/null >"$BATS_TEST_TMPDIR/out" 2>&1 || true
		cat "$BATS_TEST_TMPDIR/out"
		# nothing but what the image has
		[ -z "$(unshare --map-root-user --map-auto find "$XDG_DATA_HOME/cordon/volumes" -name canary -o -name cpuinfo -o -name status)" ]
		refute unshare --map-root-user --map-auto grep -rqsF "the canary sings" "$XDG_DATA_HOME/cordon/volumes"
		cordon volume rm -f data >/dev/null
	done
	canary_check
}
