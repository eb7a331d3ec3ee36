#!/usr/bin/env bats
# cp: Docker's rules of where what goes, and what comes along: into a container that runs, into one that does not, out
# of both, and through archives.
load ground

setup_file() { ground_make; }
teardown_file() { ground_clear; }

setup() {
	[ -z "${GROUND_SKIP:-}" ] || skip "$GROUND_SKIP"
	W=$BATS_TEST_TMPDIR/w
	mkdir "$W"
	cd "$W"
}

teardown() {
	cordon rm -fv box other >/dev/null 2>&1 || true
	cordon volume rm data >/dev/null 2>&1 || true
}

# box WORD...: a container named box that runs.
box() {
	cordon run -d --name box --network none "$@" base sleep 300 >/dev/null
}

inside() { cordon exec box "$@"; }

# A file and a folder to copy.
sources() {
	echo one >file
	mkdir -p folder/sub
	echo two >folder/two
	echo three >folder/sub/three
}

# refused WORD... -- COMMAND...: fails with 1 and says the words.
refused() {
	local words=()
	while [ "$1" != -- ]; do words+=("$1"); shift; done
	shift
	run -1 "$@"
	echo "$output"
	[[ "$output" == "cordon: "* ]] || return 1
	for word in "${words[@]}"; do [[ "$output" == *"$word"* ]] || { echo "no: $word"; return 1; }; done
}

# rules INTO CHECK: every row of Docker's table; INTO is a prefix of destinations ("box:" or "").
rules() {
	local to=$1
	"${@:2}" mkdir -p "$BASE/there"
	"${@:2}" sh -c "echo old >$BASE/plain"
	# a file: to a new name, into a folder, over a file
	cordon cp "${FROM}file" "$to$BASE/new"
	cordon cp "${FROM}file" "$to$BASE/there"
	cordon cp "${FROM}file" "$to$BASE/there/"
	cordon cp "${FROM}file" "$to$BASE/plain"
	[ "$("${@:2}" sh -c "cat $BASE/new $BASE/there/file $BASE/plain")" = $'one\none\none' ]
	refused "such folder" -- cordon cp "${FROM}file" "$to$BASE/missing/"
	refused "No such file" -- cordon cp "${FROM}file" "$to$BASE/missing/x"
	refused -- cordon cp "${FROM}file" "$to$BASE/plain/"
	refused -- cordon cp "${FROM}file" "$to$BASE/plain/x"
	# a folder: as a new one, into one that is there; its content
	cordon cp "${FROM}folder" "$to$BASE/made"
	cordon cp "${FROM}folder" "$to$BASE/slash/"
	cordon cp "${FROM}folder" "$to$BASE/there"
	cordon cp "${FROM}folder/" "$to$BASE/there/"
	cordon cp "${FROM}folder/." "$to$BASE/content"
	cordon cp "${FROM}folder/." "$to$BASE/there"
	[ "$("${@:2}" sh -c "cd $BASE && find made slash there content | sort")" = "$(sort <<-'END'
		content
		content/sub
		content/sub/three
		content/two
		made
		made/sub
		made/sub/three
		made/two
		slash
		slash/sub
		slash/sub/three
		slash/two
		there
		there/file
		there/folder
		there/folder/sub
		there/folder/sub/three
		there/folder/two
		there/sub
		there/sub/three
		there/two
	END
	)" ]
	refused "cannot copy a folder to what is none" -- cordon cp "${FROM}folder" "$to$BASE/plain"
	refused "cannot copy a folder to what is none" -- cordon cp "${FROM}folder/." "$to$BASE/plain"
	# what is in the way within
	"${@:2}" sh -c "mkdir -p $BASE/way/file $BASE/way2; echo x >$BASE/way2/folder; mkdir -p $BASE/way3/two"
	refused "cannot overwrite a folder with what is none" -- cordon cp "${FROM}file" "$to$BASE/way"
	refused "cannot overwrite what is no folder" -- cordon cp "${FROM}folder" "$to$BASE/way2"
	refused "cannot overwrite a folder with what is none" -- cordon cp "${FROM}folder/." "$to$BASE/way3"
	# links at the destination lead where they lead
	"${@:2}" sh -c "cd $BASE && ln -s there tothere && ln -s plain toplain && ln -s future tofuture && ln -s loop loop"
	cordon cp "${FROM}folder/two" "$to$BASE/tothere"
	cordon cp "${FROM}folder/two" "$to$BASE/toplain"
	cordon cp "${FROM}folder/two" "$to$BASE/tofuture"
	refused -- cordon cp "${FROM}file" "$to$BASE/loop"
	[ "$("${@:2}" sh -c "cd $BASE && cat there/two plain future; readlink toplain; readlink tofuture")" = $'two\ntwo\ntwo\nplain\nfuture' ]
	# nothing half-made is left anywhere
	[ -z "$("${@:2}" find "$BASE" -name '.cordon-cp*')" ]
}

@test "the rules, from the machine into a container that runs" {
	sources
	box
	FROM='' BASE=/srv rules box: inside
}

@test "the rules, out of a container that runs, and of one that does not" {
	sources
	box
	cordon cp file box:/file
	cordon cp folder box:/folder
	rm -r file folder
	FROM=box: BASE=$W/running rules "" command
	cordon stop -t 0 box
	FROM=box:/ BASE=$W/stopped rules "" command
}

@test "the rules, from one container to another" {
	sources
	cordon create --name other --network none base true >/dev/null
	cordon cp file other:/file
	cordon cp folder other:/folder
	box
	FROM=other: BASE=/srv rules box: inside
	refused "both are container box" -- cordon cp box:/srv/there box:/tmp
}

@test "a container that never ran, and one that has ended: their files and volumes, and what they become" {
	sources
	cordon create --name box --network none -v data:/srv/data base sh -c 'cat /srv/data/file /file; ls -ldn /folder/sub' >/dev/null
	cordon cp file box:/file
	cordon cp folder box:/
	cordon cp file box:/srv/data/
	[ "$(cordon diff box)" = $'A /file\nA /folder\nA /folder/sub\nA /folder/sub/three\nA /folder/two' ]
	run -0 cordon start -a box
	[[ "$output" == $'one\none\ndrwxr-xr-x    2 0        0 '* ]]
	cordon cp box:/srv/data/file - | tar xOf - | grep -qx one
	[ "$(cat "$XDG_DATA_HOME/cordon/volumes/data/_data/file")" = one ]
	cordon cp box:/folder/sub/three back
	[ "$(cat back)" = three ]
	cordon system check
	# --rm is no reason to lose it: it can be started after it was copied to
	cordon create --rm --name other --network none base cat /file >/dev/null
	cordon cp file other:/file
	[ "$(cordon start -a other)" = one ]
}

@test "what is mounted in a container that runs: volumes, binds, tmpfs, read-only ones; and what is not to be copied" {
	sources
	mkdir bind ro
	echo ro >ro/x
	box -v data:/data -v "$W/bind:/bind" -v "$W/ro:/ro:ro" --tmpfs /memory --read-only
	cordon cp file box:/data/
	cordon cp file box:/bind/
	cordon cp file box:/memory/
	[ "$(inside cat /data/file /bind/file /memory/file)" = $'one\none\none' ]
	[ "$(cat bind/file)" = one ]
	cordon cp box:/memory/file frommemory
	cordon cp box:/ro/x fromro
	[ "$(cat frommemory fromro)" = $'one\nro' ]
	refused "Read-only file system" -- cordon cp file box:/ro/
	refused "Read-only file system" -- cordon cp file box:/new
	refused "something is mounted there" "cordon exec" -- cordon cp file box:/etc/hosts
	inside grep -q localhost /etc/hosts
	for path in /proc/1/status /proc /sys/kernel /dev/pts/0 /proc/self/root/etc; do
		refused -- cordon cp "box:$path" out
	done
	for path in /proc/sys/kernel/x /sys/x /proc /dev/pts; do
		refused -- cordon cp file "box:$path"
	done
	refused "a device cannot be copied" -- cordon cp box:/dev/null out
	[ ! -e out ]
	# of everything the kernel's own stays behind
	cordon cp -q box:/ all 2>warnings
	[ "$(cat all/data/file all/bind/file all/ro/x)" = $'one\none\nro' ]
	[ -d all/proc ] && [ -z "$(find all/proc all/sys all/dev/pts -mindepth 1)" ]
	[ ! -e all/dev/null ]
	grep -q 'devices left out' warnings
}

@test "modes, times, links, holes, attributes, odd names come along" {
	mkdir t t/e
	echo x >t/f && chmod 6751 t/f
	ln t/f t/hard
	ln -s /etc/passwd t/abs
	ln -s ../../.. t/up
	ln -s nowhere t/dangling
	mkfifo -m 640 t/p
	truncate -s 64M t/hole && echo end >>t/hole
	: >t/empty
	truncate -s 1M t/only
	mkdir -m 1777 t/sticky
	echo odd >$'t/new\nline'
	echo odd >$'t/\xff\xfe'
	local long
	long=$(printf 'n%.0s' $(seq 200))
	mkdir -p "t/$long/$long" && echo deep >"t/$long/$long/$long"
	touch -d '2001-02-03 04:05:06' t/f t/e
	touch -h -d '1969-02-03 04:05:06' t/dangling
	python3 -c 'import os; os.setxattr("t/f", "user.note", b"a\0b")' 2>/dev/null || noattr=1
	box
	cordon cp t box:/t
	inside sh -c 'cd /t && stat -c "%n %a %Y %h" f e hard; stat -c %Y dangling; for i in abs up dangling; do readlink $i; done; [ -p p ] && stat -c %a p sticky; du -k hole only; ls | wc -l' >seen
	cat seen
	diff seen - <<-'END'
		f 6751 981173106 2
		e 755 981173106 2
		hard 6751 981173106 2
		-28670094
		/etc/passwd
		../../..
		nowhere
		640
		1777
		4	hole
		0	only
		14
	END
	cordon cp box:/t back
	# out of a container no set-user-ID bit comes
	[ "$(stat -c '%a %Y %h %u' back/f)" = "751 981173106 2 $(id -u)" ]
	chmod 6751 back/f
	diff <(cd t && find . -printf '%P|%y|%m|%s|%n|%l|%u\n' | sort | sed 's/|d|\([0-9]*\)|[0-9]*/|d|\1|/') \
		<(cd back && find . -printf '%P|%y|%m|%s|%n|%l|%u\n' | sort | sed 's/|d|\([0-9]*\)|[0-9]*/|d|\1|/')
	[ "$(stat -c %Y back/e)" = 981173106 ]
	cmp t/hole back/hole
	[ "$(du -k back/hole | cut -f1)" -lt 1000 ]
	[ -n "${noattr:-}" ] || [ "$(python3 -c 'import os; print(os.getxattr("back/f", "user.note"))')" = "b'a\\x00b'" ]
}

@test "owners: root and the caller, or with --archive those the container has" {
	sources
	box
	inside sh -c 'mkdir /own; echo x >/own/f; echo y >/own/g; chown 7:8 /own /own/f; chmod 600 /own/f'
	cordon cp box:/own plain
	[ "$(stat -c '%u:%g %a' plain plain/f plain/g)" = "$(printf '%s\n' "$(id -u):$(id -g) 755" "$(id -u):$(id -g) 600" "$(id -u):$(id -g) 644")" ]
	cordon cp -a box:/own kept
	[ "$(stat -c %u kept/g)" = "$(id -u)" ]
	[ "$(stat -c %u kept/f)" -gt 65535 ]
	# there and back again
	cordon cp -a kept box:/again
	[ "$(inside stat -c '%u:%g' /again /again/f /again/g)" = $'7:8\n7:8\n0:0' ]
	cordon cp kept box:/roots
	[ "$(inside stat -c '%u:%g' /roots /roots/f /roots/g)" = $'0:0\n0:0\n0:0' ]
	# root of the machine is nobody in there
	refused "no id in the container" "without --archive" -- cordon cp -a /etc/hostname box:/
	cordon cp /etc/hostname box:/
	tar --owner=5 --group=6 -cf - file | cordon cp - box:/tmp
	[ "$(inside stat -c '%u:%g' /tmp/file)" = 0:0 ]
	tar --owner=5 --group=6 -cf - file | cordon cp -a - box:/tmp
	[ "$(inside stat -c '%u:%g' /tmp/file)" = 5:6 ]
	run -1 sh -c 'tar --owner=4000000 --group=6 -cf - file | "$CORDON" cp -a - box:/tmp'
	[[ "$output" == *"4000000:6 has no id here"* ]]
	cordon cp box:/own - | tar tvf - --numeric-owner | grep -q ' 7/8 .* own/f$'
	unshare --map-root-user --map-auto rm -rf kept
}

@test "owners in one id, and in keep-id" {
	sources
	for mode in single keep-id; do
		cat >"$mode.json" <<-END
			{"schema": 1, "name": "m", "extends": ["default"], "idmap": {"mode": "$mode"}}
		END
		box --profile "./$mode.json"
		cordon cp folder box:/tmp/
		inside stat -c '%u:%g' /tmp/folder/two
		[ "$(inside stat -c '%u:%g' /tmp/folder/two)" = 0:0 ]
		cordon cp box:/tmp/folder "$mode"
		[ "$(stat -c %u "$mode/two")" = "$(id -u)" ]
		cordon rm -f box
	done
}

@test "symlinks at the source: copied as such, or with -L what they lead to" {
	sources
	ln -s file link
	ln -s folder tofolder
	box
	cordon cp link box:/tmp/
	[ "$(inside readlink /tmp/link)" = file ]
	cordon cp -L link box:/tmp/followed
	cordon cp -L tofolder box:/tmp/
	cordon cp tofolder/. box:/tmp/content
	[ "$(inside cat /tmp/followed /tmp/tofolder/two /tmp/content/two)" = $'one\ntwo\ntwo' ]
	inside sh -c 'mkdir /srv && cd /srv && echo in >real && ln -s /srv/real link && mkdir d && echo d >d/x && ln -s d tod && ln -s /../../../srv/real climb'
	cordon cp box:/srv/link l1
	[ "$(readlink l1)" = /srv/real ]
	cordon cp -L box:/srv/link l2
	cordon cp --follow-link box:/srv/climb l3
	cordon cp -L box:/srv/tod l4
	cordon cp box:/srv/tod/ l5
	[ "$(cat l2 l3 l4/x l5/x)" = $'in\nin\nd\nd' ]
	refused "No such file" -- cordon cp -L box:/tmp/link out
	# not those within
	cordon cp -L box:/srv l6
	[ "$(readlink l6/link)" = /srv/real ]
}

@test "archives: out, in, packed, without folders, and what is none" {
	sources
	box
	inside sh -c 'ln -s /usr/lib /lib64; mkdir -p /usr/lib /srv'
	cordon cp folder box:/tmp
	[ "$(cordon cp box:/tmp/folder - | tar tf -)" = $'folder/\nfolder/sub/\nfolder/sub/three\nfolder/two' ]
	[ "$(cordon cp box:/tmp/folder/. - | tar tf -)" = $'./\nsub/\nsub/three\ntwo' ]
	[ "$(cordon cp box:/tmp/folder/two - | tar tf -)" = two ]
	tar c folder | cordon cp - box:/srv
	tar cz file | cordon cp - box:/srv
	[ "$(inside cat /srv/folder/sub/three /srv/file)" = $'three\none' ]
	# a folder that the archive does not name; one that is a symlink in the container
	tar c --transform 's,^,a/b/,' file | cordon cp - box:/srv
	tar c --transform 's,^,lib64/x/,' file >lib.tar
	inside mkdir /usr/lib/x
	cordon cp - box:/ <lib.tar
	[ "$(inside cat /srv/a/b/file /usr/lib/x/file)" = $'one\none' ]
	refused "not a folder" -- sh -c 'tar c file | "$CORDON" cp - box:/srv/file'
	refused "no such folder" -- sh -c 'tar c file | "$CORDON" cp - box:/srv/nothere'
	refused "No such file" -- sh -c 'tar c file | "$CORDON" cp - box:/srv/not/here'
	refused "damaged" -- sh -c 'head -c 3000 /dev/urandom | "$CORDON" cp - box:/srv'
	refused "No space left" -- sh -c '"$CORDON" cp box:/bin - >/dev/full'
	run -0 sh -c '"$CORDON" cp - box:/srv </dev/null'
	refused "terminal" -- script -qec '"$CORDON" cp box:/bin -' /dev/null || [[ "$output" == *"terminal"* ]]
}

@test "words that are wrong, and words that only look so" {
	sources
	box
	refused "neither the source nor" -- cordon cp file other
	refused "neither the source nor" -- cordon cp - -
	refused "No such container: nobody" -- cordon cp nobody:/x .
	refused "No such container: nobody" -- cordon cp file nobody:/x
	refused "not CONTAINER:PATH" -- cordon cp file box:
	refused "not CONTAINER:PATH" -- cordon cp :/x file
	refused "/nothere: No such file" -- cordon cp box:/nothere .
	refused "nothere: No such file" -- cordon cp nothere box:/
	refused "No such file" -- cordon cp box:/bin/busybox nofolder/x
	run -125 cordon cp file
	echo colon >with:colon
	cordon cp ./with:colon box:/tmp/
	cordon cp "$W/with:colon" box:tmp/relative
	cordon container cp box:/tmp/with:colon ./with:two
	[ "$(cat ./with:two)" = colon ]
	[ "$(inside cat /tmp/relative)" = colon ]
	# ids and their beginnings; quiet unless at a terminal
	id=$(cordon ps -q --no-trunc)
	run -0 cordon cp "${id:0:9}:/tmp/relative" byid
	[ -z "$output" ]
	run -0 script -qec '"$CORDON" cp file box:/tmp/told' /dev/null
	[[ "$output" == *"Successfully copied 4B to box:/tmp/told"* ]]
	run -0 script -qec '"$CORDON" cp -q file box:/tmp/told' /dev/null
	[ -z "$output" ]
	cordon cp box:/etc/.. whole
	[ -e whole/bin/busybox ]
	cordon cp box:/usr/../etc/passwd .
	grep -q ^root passwd
}
