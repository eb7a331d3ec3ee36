#!/usr/bin/env bats
# diff, export and commit: what a container changed, held against what it did; and images of it held
# against skopeo, podman and umoci.
load ground

setup_file() { ground_make; }
teardown_file() { ground_clear; }
teardown() {
	cordon rm -f box >/dev/null 2>&1 || true
}

need() {
	for program; do command -v "$program" >/dev/null || skip "$program is not installed"; done
}

# changes EXPECTED: the lines of diff, without their end.
changes() {
	local got
	got=$(cordon diff box)
	[ "$got" = "$1" ] || { diff <(echo "$1") <(echo "$got"); return 1; }
}

# box WORD...: a container that ran a shell with these words, and ended.
box() {
	cordon run --name box --network none "${@:2}" base sh -c "$1" >/dev/null
}

@test "diff: added, changed, deleted; and nothing of what is only mounted" {
	box 'true' -v data:/srv/data --tmpfs /run/x
	changes ""
	cordon rm box
	box 'echo x >/new; echo x >>/etc/passwd; rm /bin/id; mkdir -p /a/b; echo y >/a/b/c' -v data:/srv/data
	changes $'A /a\nA /a/b\nA /a/b/c\nC /bin\nD /bin/id\nC /etc\nC /etc/passwd\nA /new'
	[ "$(cordon diff --format json box | python3 -c 'import json, sys; d = json.load(sys.stdin); print(sorted(d), d["deleted"])')" = \
		"['added', 'changed', 'deleted'] ['/bin/id']" ]
	run -1 cordon diff --format yaml box
	[[ "$output" == *"there is json"* ]]
	cordon rm box
	cordon volume rm data
}

@test "diff: a folder's own mode, a folder made anew, a name with a newline, a container that runs" {
	box 'rm -rf /home; mkdir /home; chmod 700 /tmp; touch "/odd
name"'
	changes $'C /home\nA /odd\\x0aname\nC /tmp'
	cordon rm box
	cordon run -d --name box --network none base sh -c 'echo x >/late; sleep 60'
	wait_until 60 sh -c '"$CORDON" diff box | grep -q late'
	changes "A /late"
	run -1 cordon diff nobody
	[[ "$output" == *"No such container: nobody"* ]]
}

@test "what the container links and hides leads nowhere outside it" {
	box 'mkdir /d; echo own >/d/f; rm -rf /home; ln -s / /home; ln -s /etc/shadow /link; mkdir /dark; echo s >/dark/f; chmod 0 /dark/f /dark'
	changes $'A /d\nA /d/f\nA /dark\nA /dark/f\nC /home\nA /link'
	cordon export box >"$BATS_TEST_TMPDIR/box.tar"
	tar tvf "$BATS_TEST_TMPDIR/box.tar" >"$BATS_TEST_TMPDIR/list"
	grep -q ' home -> /$' "$BATS_TEST_TMPDIR/list"
	grep -q ' link -> /etc/shadow$' "$BATS_TEST_TMPDIR/list"
	[ "$(grep -c ' home/' "$BATS_TEST_TMPDIR/list")" = 0 ]
	[ "$(tar xOf "$BATS_TEST_TMPDIR/box.tar" dark/f)" = s ]
	cordon commit -q box dark >/dev/null
	[ "$(confined dark sh -c 'ls -ld /dark | cut -c-10; cat /dark/f; readlink /home')" = $'d---------\ns\n/' ]
	cordon system check
}

@test "export: owners, modes, links, holes, attributes, and nothing that is mounted" {
	box 'chown 7:8 /home; echo x >/f; chmod 6751 /f; ln /f /g; truncate -s 3M /hole; echo end >>/hole; mkfifo /p; echo secret >/srv/s' \
		-v data:/srv
	cordon export -o "$BATS_TEST_TMPDIR/box.tar" box
	tar --numeric-owner -tvf "$BATS_TEST_TMPDIR/box.tar" >"$BATS_TEST_TMPDIR/list"
	grep -qE '^drwxr-xr-x 7/8 +0 .* home/$' "$BATS_TEST_TMPDIR/list"
	grep -qE '^-rwsr-s--x 0/0 +2 .* f$' "$BATS_TEST_TMPDIR/list"
	grep -qE '^h.* g link to f$' "$BATS_TEST_TMPDIR/list"
	grep -qE '^prw-r--r-- .* p$' "$BATS_TEST_TMPDIR/list"
	grep -qE '^-.* 3145732 .* hole$' "$BATS_TEST_TMPDIR/list"
	[ "$(grep -cE ' (srv|proc|dev)/.+' "$BATS_TEST_TMPDIR/list")" = 0 ]
	# three megabytes of nothing take no room
	[ "$(stat -c %s "$BATS_TEST_TMPDIR/box.tar")" -lt $(($(stat -c %s "$GROUND/base.tar") + 1048576)) ]
	cordon import "$BATS_TEST_TMPDIR/box.tar" again >/dev/null
	[ "$(confined again sh -c 'stat -c "%u:%g %a" /home /f; wc -c </hole; tail -c 4 /hole')" = $'7:8 755\n0:0 6751\n3145732\nend' ]
	cordon rm box
	cordon volume rm data
}

@test "export: the same bytes every time; refused on a terminal, on a full disk, of nobody" {
	box 'mkdir /d; for i in 9 1 5 3; do echo $i >/d/$i; done'
	cordon export box | sha256sum >"$BATS_TEST_TMPDIR/one"
	cordon export box | sha256sum | cmp - "$BATS_TEST_TMPDIR/one"
	run -1 sh -c '"$CORDON" export box >/dev/full'
	[[ "$output" == *"No space left on device"* ]]
	run -1 cordon export -o "$BATS_TEST_TMPDIR/none/x.tar" box
	run -1 cordon export nobody
	run -1 script -qec '"$CORDON" export box' /dev/null
	[[ "$output" == *"terminal"* ]]
}

@test "commit: a layer more, the config of the run, the changes" {
	box 'echo new >/new; rm /bin/id; rm -rf /home; mkdir /home; echo fresh >/home/x' -e GIVEN=yes -w /tmp -l tier=back
	run -0 --separate-stderr cordon commit -a "A Person" -m "a note" -c 'ENV MORE=too' -c 'CMD ["cat", "/new"]' box made:2
	[[ "$output" =~ ^sha256:[0-9a-f]{64}$ ]]
	[ "$(cordon image inspect --format '{{.Id}}' made:2)" = "$output" ]
	[ "$(cordon image inspect --format '{{.Author}}|{{.Config.WorkingDir}}|{{index .Config.Labels "tier"}}|{{len .RootFS.Layers}}' made:2)" = \
		"A Person|/tmp|back|2" ]
	[ "$(confined made:2)" = new ]
	run -0 confined made:2 sh -c 'echo "$GIVEN $MORE $PWD"; ls /home; ls /bin/id || true'
	[[ "$output" == "yes too /tmp"$'\n'"x"$'\n'*"No such file"* ]]
	[[ "$(cordon history made:2)" == *"a note"* ]]
	[[ "$(cordon image inspect --format '{{.Config.Env}}' made:2)" != *HOSTNAME* ]]
	cordon system check
	# on top of that another, and the layers below are shared
	cordon rm box
	cordon run --name box --network none made:2 sh -c 'echo third >/third'
	cordon commit box made:3 >/dev/null
	[ "$(confined made:3 cat /new /third)" = $'new\nthird' ]
	[ "$(cordon image inspect --format '{{len .RootFS.Layers}}' made:3)" = 3 ]
	cordon rm box
	cordon rmi made:2 made:3 >/dev/null
	cordon system check
}

@test "commit: what cannot be is said, and leaves nothing" {
	box 'echo x >/x'
	before=$(find "$XDG_DATA_HOME/cordon/images" "$XDG_DATA_HOME/cordon/layers" | sort | sha256sum)
	run -1 cordon commit -c 'FROM x' box
	[[ "$output" == *"not an instruction"* ]]
	run -1 cordon commit box 'UPPER/Case'
	run -1 cordon commit box "name@sha256:$(printf %064d 1)"
	[[ "$output" == *"cannot be given a digest"* ]]
	run -1 cordon commit nobody
	run -1 cordon commit --pause nobody
	cordon run -d --name runs --network none base sleep 300
	run -1 cordon commit --pause runs
	[[ "$output" == *"cannot be paused"*"no cgroup"* ]]
	cordon rm -f runs
	[ "$(find "$XDG_DATA_HOME/cordon/images" "$XDG_DATA_HOME/cordon/layers" | sort | sha256sum)" = "$before" ]
	cordon rm box
	cordon create --name box --network none --rootfs "$GROUND/root" true
	run -1 cordon commit box
	[[ "$output" == *"not from an image"*"cordon export"* ]]
	run -1 cordon diff box
	cordon export box | tar t | grep -q '^bin/$'
	cordon rm box
	cordon run --name box --network none --read-only base true
	changes ""
	cordon commit box same >/dev/null
	confined same true
}

@test "commit: skopeo and podman read what was made; kill -9 on the way leaves a whole store" {
	box 'for i in $(seq 200); do echo $i >/tmp/f$i; done; rm /bin/id'
	for round in $(seq "${CORDON_ROUNDS:-10}"); do
		"$CORDON" commit box "killed:$round" >/dev/null 2>&1 &
		sleep "0.0$((round * 7 % 10))$((round * 3 % 10))"
		kill -9 $! 2>/dev/null || true
		wait $! 2>/dev/null || true
	done
	cordon commit box whole:1 >/dev/null
	cordon system check
	need skopeo umoci
	skopeo inspect --raw "oci:$XDG_DATA_HOME/cordon/images:docker.io/library/whole:1" >/dev/null ||
		skopeo inspect --raw "oci:$XDG_DATA_HOME/cordon/images:localhost/whole:1" >/dev/null
	cordon save --format oci-dir -o "$BATS_TEST_TMPDIR/layout" whole:1
	umoci unpack --rootless --image "$BATS_TEST_TMPDIR/layout:localhost/whole:1" "$BATS_TEST_TMPDIR/bundle" >/dev/null 2>&1
	[ "$(cat "$BATS_TEST_TMPDIR/bundle/rootfs/tmp/f77")" = 77 ]
	[ ! -e "$BATS_TEST_TMPDIR/bundle/rootfs/bin/id" ]
}
