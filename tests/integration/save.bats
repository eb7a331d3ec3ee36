#!/usr/bin/env bats
# save: what goes out is what Docker's, podman's, skopeo's and umoci's readers take, and never less
# than what the store promised.
load ground

setup_file() {
	ground_make
	[ -z "${GROUND_SKIP:-}" ] || return 0
	# two layers, the second compressed, and two names
	mkdir "$GROUND/more" && echo second >"$GROUND/more/file"
	tar -C "$GROUND/more" --owner=0 --group=0 -czf "$GROUND/more.tar.gz" file
	mkdir "$GROUND/two" && cp "$GROUND/base.tar" "$GROUND/two/a.tar" && cp "$GROUND/more.tar.gz" "$GROUND/two/b.tar"
	cat >"$GROUND/two/config.json" <<-END
		{"architecture":"amd64","os":"linux","config":{"Cmd":["cat","/file"]},"rootfs":{"type":"layers","diff_ids":["sha256:$(sha256sum <"$GROUND/base.tar" | cut -c-64)","sha256:$(gunzip <"$GROUND/more.tar.gz" | sha256sum | cut -c-64)"]}}
	END
	echo '[{"Config":"config.json","RepoTags":["two:1","quay.io/team/two:2"],"Layers":["a.tar","b.tar"]}]' >"$GROUND/two/manifest.json"
	tar -C "$GROUND/two" -cf "$GROUND/two.tar" config.json manifest.json a.tar b.tar
	cordon load -qi "$GROUND/two.tar"
}
teardown_file() { ground_clear; }

need() {
	for program; do command -v "$program" >/dev/null || skip "$program is not installed"; done
}

id_of() { cordon image inspect --format '{{.Id}}' "$1"; }
digest_of() { cordon image inspect --format '{{.Digest}}' "$1"; }

# elsewhere COMMAND...: cordon with another store.
elsewhere() {
	XDG_DATA_HOME=$BATS_TEST_TMPDIR/elsewhere cordon "$@"
}
teardown() {
	[ ! -e "$BATS_TEST_TMPDIR/elsewhere" ] || elsewhere system prune -af >/dev/null
}

@test "every format comes back into another store as the same image" {
	for format in docker-archive oci-archive; do
		cordon save --format $format -o "$BATS_TEST_TMPDIR/a.tar" two:1 quay.io/team/two:2 base
		elsewhere load -qi "$BATS_TEST_TMPDIR/a.tar"
		[ "$(elsewhere image inspect --format '{{.Id}} {{len .RepoTags}}' two:1)" = "$(id_of two:1) 2" ]
		[ "$(elsewhere image inspect --format '{{.Id}}' base)" = "$(id_of base)" ]
		[ "$(elsewhere run --rm --network none two:1)" = second ]
		elsewhere system check
		elsewhere rmi -f "$(elsewhere images -q two:1)" base >/dev/null
	done
	cordon save --format oci-dir -o "$BATS_TEST_TMPDIR/layout" two:1
	[ "$(elsewhere pull -q "oci:$BATS_TEST_TMPDIR/layout:docker.io/library/two:1")" != "" ]
	[ "$(elsewhere images -q --no-trunc)" = "$(id_of two:1)" ]
	elsewhere system check
}

@test "to standard output, through a compressor, and back" {
	cordon save two:1 base | gzip >"$BATS_TEST_TMPDIR/a.tar.gz"
	elsewhere load -qi "$BATS_TEST_TMPDIR/a.tar.gz"
	[ "$(elsewhere images -q | wc -l)" = 2 ]
	cordon save -o - base >"$BATS_TEST_TMPDIR/b.tar"
	cordon save -o /dev/stdout base | cmp - "$BATS_TEST_TMPDIR/b.tar"
	cordon save -o "$BATS_TEST_TMPDIR/c.tar" base
	cmp "$BATS_TEST_TMPDIR/b.tar" "$BATS_TEST_TMPDIR/c.tar"
	[ "$(stat -c %a "$BATS_TEST_TMPDIR/c.tar")" = "$(printf '%o' $((0666 & ~$(umask))))" ]
}

@test "an image by its id has no name there; shared layers are there once" {
	cordon save -o "$BATS_TEST_TMPDIR/a.tar" "$(id_of two:1)"
	[ "$(tar -xOf "$BATS_TEST_TMPDIR/a.tar" manifest.json | python3 -c 'import json, sys; print(json.load(sys.stdin)[0]["RepoTags"])')" = "[]" ]
	cordon save -o "$BATS_TEST_TMPDIR/b.tar" two:1 base
	[ "$(tar -tf "$BATS_TEST_TMPDIR/b.tar" | sort | uniq -d)" = "" ]
	[ "$(tar -tf "$BATS_TEST_TMPDIR/b.tar" | grep -c "$(sha256sum <"$GROUND/base.tar" | cut -c-64)")" = 1 ]
}

@test "tar and Python's tarfile read the archive" {
	cordon save -o "$BATS_TEST_TMPDIR/a.tar" two:1
	tar -tvf "$BATS_TEST_TMPDIR/a.tar" >/dev/null
	python3 - "$BATS_TEST_TMPDIR/a.tar" <<-'END'
		import hashlib, sys, tarfile
		with tarfile.open(sys.argv[1]) as archive:
		    blobs = [m for m in archive if m.isfile() and m.name.startswith("blobs/sha256/")]
		    for blob in blobs:
		        assert hashlib.sha256(archive.extractfile(blob).read()).hexdigest() == blob.name[13:], blob.name
		    assert len(blobs) == 4, blobs
	END
}

@test "skopeo reads all four, and what it copies comes back" {
	need skopeo
	cordon save -o "$BATS_TEST_TMPDIR/docker.tar" two:1
	cordon save --format oci-archive -o "$BATS_TEST_TMPDIR/oci.tar" two:1
	cordon save --format docker-dir -o "$BATS_TEST_TMPDIR/dir" two:1
	cordon save --format oci-dir -o "$BATS_TEST_TMPDIR/layout" two:1
	for place in docker-archive:docker.tar oci-archive:docker.tar oci-archive:oci.tar dir:dir oci:layout; do
		transport=${place%%:*} file=$BATS_TEST_TMPDIR/${place#*:}
		run -0 skopeo inspect --config "$transport:$file"
		[ "$(skopeo inspect --config --raw "$transport:$file" | sha256sum | cut -c-64)" = "$(id_of two:1 | cut -c8-)" ]
		rm -f "$BATS_TEST_TMPDIR/copy.tar"
		skopeo copy -q "$transport:$file" "oci-archive:$BATS_TEST_TMPDIR/copy.tar:copied:1"
		elsewhere load -qi "$BATS_TEST_TMPDIR/copy.tar"
		[ "$(elsewhere run --rm --network none copied:1)" = second ]
		elsewhere system prune -af >/dev/null
	done
	skopeo inspect "oci-archive:$BATS_TEST_TMPDIR/oci.tar:docker.io/library/two:1" >/dev/null
	skopeo inspect "oci:$BATS_TEST_TMPDIR/layout:docker.io/library/two:1" >/dev/null
	[ "$(skopeo inspect --raw "dir:$BATS_TEST_TMPDIR/dir" | grep -c 'vnd.docker.distribution.manifest.v2')" = 1 ]
}

@test "an image that came in Docker's words goes out in OCI's" {
	need skopeo
	cordon save --format docker-dir -o "$BATS_TEST_TMPDIR/dir" two:1
	skopeo copy -q --format v2s2 "dir:$BATS_TEST_TMPDIR/dir" "oci:$BATS_TEST_TMPDIR/layout:x" || true
	# skopeo makes such a layout only of OCI's words: written by hand, then
	mkdir -p "$BATS_TEST_TMPDIR/docker/blobs/sha256"
	cp "$BATS_TEST_TMPDIR/dir/"[0-9a-f]* "$BATS_TEST_TMPDIR/docker/blobs/sha256/"
	digest=$(sha256sum <"$BATS_TEST_TMPDIR/dir/manifest.json" | cut -c-64)
	cp "$BATS_TEST_TMPDIR/dir/manifest.json" "$BATS_TEST_TMPDIR/docker/blobs/sha256/$digest"
	echo '{"imageLayoutVersion":"1.0.0"}' >"$BATS_TEST_TMPDIR/docker/oci-layout"
	echo '{"schemaVersion":2,"manifests":[{"mediaType":"application/vnd.docker.distribution.manifest.v2+json","digest":"sha256:'"$digest"'","size":'"$(stat -c %s "$BATS_TEST_TMPDIR/dir/manifest.json")"',"annotations":{"org.opencontainers.image.ref.name":"docker.io/library/words:1"}}]}' >"$BATS_TEST_TMPDIR/docker/index.json"
	elsewhere pull -q "oci:$BATS_TEST_TMPDIR/docker"
	[ "$(elsewhere image inspect --format '{{.Digest}}' words:1)" = "sha256:$digest" ]
	elsewhere save --format oci-dir -o "$BATS_TEST_TMPDIR/words" words:1
	[ "$(grep -c docker.distribution "$BATS_TEST_TMPDIR"/words/index.json)" = 0 ]
	[ "$(skopeo inspect --raw "oci:$BATS_TEST_TMPDIR/words" | grep -c 'vnd.docker')" = 0 ]
	elsewhere save --format oci-archive -o "$BATS_TEST_TMPDIR/words.tar" words:1
	skopeo inspect "oci-archive:$BATS_TEST_TMPDIR/words.tar" >/dev/null
	elsewhere save --format docker-dir -o "$BATS_TEST_TMPDIR/same" words:1
	cmp "$BATS_TEST_TMPDIR/same/manifest.json" "$BATS_TEST_TMPDIR/dir/manifest.json"
	[ -z "$(ls "$BATS_TEST_TMPDIR/elsewhere/cordon/tmp")" ]
}

@test "umoci unpacks the folder" {
	need umoci
	cordon save --format oci-dir -o "$BATS_TEST_TMPDIR/layout" two:1
	umoci unpack --rootless --image "$BATS_TEST_TMPDIR/layout:docker.io/library/two:1" "$BATS_TEST_TMPDIR/bundle"
	[ "$(cat "$BATS_TEST_TMPDIR/bundle/rootfs/file")" = second ]
}

@test "podman loads the archives" {
	need podman
	for format in docker-archive oci-archive; do
		cordon save --format $format -o "$BATS_TEST_TMPDIR/$format.tar" two:1
		HOME=$BATS_TEST_TMPDIR run -0 podman --root "$BATS_TEST_TMPDIR/podman" --runroot "$BATS_TEST_TMPDIR/podman-run" \
			--storage-driver vfs load -i "$BATS_TEST_TMPDIR/$format.tar"
		[[ "$output" == *"docker.io/library/two:1"* ]]
	done
	unshare --map-root-user --map-auto rm -rf "$BATS_TEST_TMPDIR/podman" "$BATS_TEST_TMPDIR/podman-run"
}

@test "a damaged blob ends the archive before its end, and leaves neither file nor folder" {
	blob=$XDG_DATA_HOME/cordon/images/blobs/sha256/$(sha256sum <"$GROUND/base.tar" | cut -c-64)
	cp "$blob" "$BATS_TEST_TMPDIR/blob"
	printf X | dd of="$blob" bs=1 seek=70000 conv=notrunc status=none
	run -1 --separate-stderr cordon save -o "$BATS_TEST_TMPDIR/a.tar" base
	[[ "$stderr" == *"the blob sha256:"*"it is damaged: it hashes to sha256:"* ]]
	cordon save base >"$BATS_TEST_TMPDIR/b.tar" 2>/dev/null && false
	run ! tar -tf "$BATS_TEST_TMPDIR/b.tar"
	for format in oci-dir docker-dir; do
		run -1 --separate-stderr cordon save --format $format -o "$BATS_TEST_TMPDIR/folder" base
		[[ "$stderr" == *"is damaged: it hashes to"* ]]
	done
	truncate -s 1000 "$blob"
	run -1 --separate-stderr cordon save -o "$BATS_TEST_TMPDIR/a.tar" base
	[[ "$stderr" == *"it has 1000 bytes; "*" were announced"* ]]
	rm "$blob" && mkfifo "$blob"
	run -1 --separate-stderr cordon save -o "$BATS_TEST_TMPDIR/a.tar" base
	rm "$blob"
	run -1 --separate-stderr cordon save -o "$BATS_TEST_TMPDIR/a.tar" base
	[ -z "$(find "$BATS_TEST_TMPDIR" -name 'a.tar*' -o -name 'folder*')" ]
	cp "$BATS_TEST_TMPDIR/blob" "$blob"
	cordon system check
}

@test "what makes no sense is refused" {
	run -1 --separate-stderr cordon save nothing
	[[ "$stderr" == *"no such image: nothing"* ]]
	run -1 --separate-stderr cordon save --format zip base
	[[ "$stderr" == *"no format 'zip'"* ]]
	run -1 --separate-stderr cordon save --format oci-dir base
	[[ "$stderr" == *"needs a folder"* ]]
	run -1 --separate-stderr cordon save --format docker-dir -o "$BATS_TEST_TMPDIR/dir" base two:1
	[[ "$stderr" == *"holds one image"* ]]
	mkdir "$BATS_TEST_TMPDIR/full" && touch "$BATS_TEST_TMPDIR/full/file"
	run -1 --separate-stderr cordon save --format oci-dir -o "$BATS_TEST_TMPDIR/full" base
	[[ "$stderr" == *"is not empty"* ]]
	[ "$(ls "$BATS_TEST_TMPDIR/full")" = file ]
	run -1 --separate-stderr script -qec "'$CORDON' save base" /dev/null
	[[ "$output" == *"refusing to save to a terminal"* ]]
	run -1 --separate-stderr cordon save -o /dev/full base
	[[ "$stderr" == *"No space left on device"* ]]
}
