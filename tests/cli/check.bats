# system check: every kind of damage is found, named and, with --repair, taken away.
# Takes about 50 s.
load helper

setup_file() { ground_make; }
teardown_file() { ground_clear; }
setup() {
	[ -z "${GROUND_SKIP:-}" ] || skip "$GROUND_SKIP"
	data=$XDG_DATA_HOME/cordon
	[ -n "$(cordon images -q base)" ] || cordon import "$GROUND/base.tar" base >/dev/null
	id=$(cordon images -q --no-trunc base | cut -c8-)
	manifest=$(cordon image inspect --format '{{.Digest}}' base | cut -c8-)
	layer=$(cordon image inspect --format '{{index .RootFS.Layers 0}}' base | cut -c8-)
}
teardown() {
	local name
	for name in $(cordon ps -aq); do cordon rm -f "$name" >/dev/null 2>&1 || true; done
	cordon system check --repair --force >/dev/null 2>&1 || true
}

# finds WORDS: a check ends with 1 and says so; a repair takes it away; then all is well.
finds() {
	run -1 cordon system check
	[[ "$output" == *"$1"* ]] || { echo "not found: $1"; return 1; }
	run -0 cordon system check --repair
	[[ "$output" == *"$1 (removed)"* ]] || { echo "not removed: $1"; return 1; }
	run -0 cordon system check
	[[ "$output" == *"all is well" ]]
}

@test "all is well: an empty store, one with images, containers and volumes" {
	XDG_DATA_HOME=$GROUND/empty run -0 cordon system check
	[[ "$output" == *"0 images, 0 layers, 0 blobs, 0 containers, 0 volumes"*"all is well" ]]
	cordon run -d --name box --network none -v data:/data base sleep 600 >/dev/null
	cordon create --name other --network none base true >/dev/null
	run -0 cordon system check
	[[ "$output" =~ "checked: 1 image, 1 layer, 3 blobs, 2 containers, 1 volume; "[0-9.]+MB\ hashed$'\n'"all is well"$ ]]
	[ "$(cordon system check --json | python3 -c 'import json, sys; d = json.load(sys.stdin); print(d["clean"], d["findings"], d["checked"]["blob"])')" = "True [] 3" ]
	run -0 cordon system check --quick
	[[ "$output" != *hashed* ]]
	run -125 cordon system check --force
	cordon rm -f box other >/dev/null
	cordon volume rm data
}

@test "a blob that does not hash to its name; --quick does not see it" {
	printf X | dd of="$data/images/blobs/sha256/$layer" bs=1 seek=1000 conv=notrunc status=none
	run -0 cordon system check --quick
	run -1 cordon system check
	[[ "$output" == *"blob $layer: it hashes to "* ]]
	[[ "$output" == *"image localhost/base:latest: its blob sha256:$layer is damaged: it hashes to "* ]]
	[[ "$(cordon system check --json | python3 -c 'import json, sys; d = json.load(sys.stdin); print(d["left"], *sorted(f["kind"] for f in d["findings"]))')" = "2 blob image" ]]
	run -0 cordon system check --repair
	[[ "$output" == *"image localhost/base:latest: "*"(removed)"* ]]
	run -0 cordon system check
	[ -z "$(cordon images -q)" ]
	[ -z "$(ls "$data/images/blobs/sha256" "$data/layers" "$data/records" | grep -v :)" ]
}

@test "containers start while the store is checked, and names wait" {
	# a blob that takes a while to hash, so that the check is met in the middle of it
	truncate -s 300M "$data/images/blobs/sha256/$(printf %064d 1)"
	for _ in $(seq 20); do
		"$CORDON" system check >/dev/null & check=$!
		while kill -0 $check && ! ls -l /proc/$check/fd 2>/dev/null | grep -q index.lock; do :; done
		kill -STOP $check
		ls -l /proc/$check/fd 2>/dev/null | grep -q index.lock && break
		kill -CONT $check
		wait $check || true
	done
	ls -l /proc/$check/fd | grep -q index.lock
	run -0 confined base echo ran
	[ "$output" = ran ]
	status=0
	timeout 1 "$CORDON" tag base again || status=$?
	kill -CONT $check
	[ "$status" = 124 ]
	wait $check || true
	cordon tag base again
	cordon untag again
	run -0 cordon system check --repair
}

@test "a blob cut short, one that is a folder, one that is gone" {
	truncate -s 5 "$data/images/blobs/sha256/$manifest"
	run -1 cordon system check --quick
	[[ "$output" == *"its blob sha256:$manifest has 5 bytes; "*" were announced"* ]]
	rm "$data/images/blobs/sha256/$manifest" && mkdir "$data/images/blobs/sha256/$manifest"
	run -1 cordon system check
	[[ "$output" == *"blob $manifest: it is not a file"* ]]
	rmdir "$data/images/blobs/sha256/$manifest"
	run -1 cordon system check
	[[ "$output" == *"image localhost/base:latest: its blob sha256:$manifest: No such file"* ]]
	run -0 cordon system check --repair
	run -0 cordon system check
}

@test "a layer without its size, one that is a file, one that is gone" {
	rm "$data/layers/sha256-$layer/size"
	run -1 cordon system check
	[[ "$output" == *"its layer sha256:$layer is not whole"* ]]
	rm -rf "$data/layers/sha256-$layer" && mkdir "$data/layers/sha256-$layer" && touch "$data/layers/sha256-$layer/diff"
	run -1 cordon system check
	[[ "$output" == *"its layer sha256:$layer is not whole"* ]]
	unshare --map-root-user --map-auto rm -rf "$data/layers/sha256-$layer"
	finds "image localhost/base:latest: its layer sha256:$layer: No such file or directory"
}

@test "a record that is gone, that is no record, that says something else" {
	rm "$data/records/$manifest.json"
	run -1 cordon system check
	[[ "$output" == *"image localhost/base:latest: its record is missing"* ]]
	cordon system check --repair >/dev/null
	cordon import "$GROUND/base.tar" base >/dev/null
	manifest=$(cordon image inspect --format '{{.Digest}}' base | cut -c8-)
	sed -i 's/"user":""/"user":"root"/' "$data/records/$manifest.json"
	finds "image localhost/base:latest: its record does not say what its config says"
	cordon import "$GROUND/base.tar" base >/dev/null
	manifest=$(cordon image inspect --format '{{.Digest}}' base | cut -c8-)
	echo nonsense >"$data/records/$manifest.json"
	run -1 cordon system check
	[[ "$output" == *"image localhost/base:latest: "* ]]
	run -0 cordon system check --repair
	run -0 cordon system check
}

@test "an entry of index.json that leads nowhere, or to something else" {
	python3 - "$data/images/index.json" "$id" <<-'END'
		import json, sys
		index = json.load(open(sys.argv[1]))
		index["manifests"].append({"mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": "sha256:" + "1" * 64, "size": 3})
		index["manifests"][0]["annotations"]["io.cordon.image.id"] = "2" * 64
		json.dump(index, open(sys.argv[1], "w"))
	END
	run -1 cordon system check
	[[ "$output" == *"image sha256:1111"*": its blob sha256:1111"*"No such file"* ]]
	[[ "$output" == *"index.json says its id is 222222222222, its manifest ${id:0:12}"* ]]
	run -0 cordon system check --repair
	run -0 cordon system check
	# without an index nothing is known to be garbage, and nothing is removed
	cordon import "$GROUND/base.tar" base >/dev/null
	cp "$data/images/index.json" "$GROUND/index.json"
	echo '{' >"$data/images/index.json"
	run -1 cordon system check --repair
	[[ "$output" == *"store index.json: "* ]]
	cp "$GROUND/index.json" "$data/images/index.json"
	run -0 cordon system check
	rm "$data/images/oci-layout"
	finds "store oci-layout: it is missing"
}

@test "an entry of index.json that notes another size than the record" {
	sed -i 's/\("io.cordon.image.size": *"\)[0-9]*/\17/' "$data/images/index.json"
	finds "image localhost/base:latest: index.json notes another size or date than its record"
	cordon system check --repair >/dev/null
	cordon import "$GROUND/base.tar" base >/dev/null
}

@test "what nothing leads to: blobs, layers, records, stages" {
	printf x >"$data/images/blobs/sha256/$(printf x | sha256sum | cut -c-64)"
	finds "blob $(printf x | sha256sum | cut -c-64): nothing leads to it"
	touch "$data/images/blobs/sha256/stray"
	finds "blob stray: that is no name of a blob"
	mkdir -p "$data/layers/sha256-$(printf '%064d' 7)/diff"
	finds "layer sha256-$(printf '%064d' 7): nothing leads to it"
	echo '{}' >"$data/records/$(printf '%064d' 8).json"
	finds "record $(printf '%064d' 8).json: nothing leads to it"
	mkdir -p "$data/tmp/load-abcdef/blobs"
	finds "stage load-abcdef: whoever was adding it has died"
}

@test "containers: one that was never whole, damaged ones, ones whose image is gone" {
	mkdir -p "$data/containers/$(printf '%064d' 9)/upper"
	finds "container $(printf '%064d' 9): whoever was making or removing it has died"
	box=$(cordon create --name box --network none base true)
	echo '{' >"$data/containers/$box/record.json"
	run -1 cordon system check
	[[ "$output" == *"container $box: the container's record is damaged"* ]]
	run -1 cordon system check --repair
	[ -n "$(cordon ps -aq)" ]
	run -0 cordon system check --repair --force
	[[ "$output" == *"container $box: "*"(removed)"* ]]
	[ -z "$(cordon ps -aq)" ]
	box=$(cordon create --name box --network none base true)
	cordon rmi -f base >/dev/null
	cordon untag "$id"
	run -0 cordon system check
	# its files are damaged, and a container needs them: without --force both stay
	printf X | dd of="$data/images/blobs/sha256/$id" conv=notrunc status=none
	run -1 cordon system check --repair
	[ "$(cordon ps -a --format '{{.Names}}')" = box ]
	run -0 cordon system check --repair --force
	[[ "$output" == *"container $box: its image is damaged (removed)"* ]]
	[ -z "$(cordon ps -aq)$(cordon images -q)" ]
	run -0 cordon system check
}

@test "a container that runs stays, whatever is wrong with its image" {
	cordon run -d --name box --network none base sleep 600 >/dev/null
	printf X | dd of="$data/images/blobs/sha256/$id" conv=notrunc status=none
	run -1 cordon system check --repair --force
	[ "$(cordon ps --format '{{.Names}}')" = box ]
	[ "$(cordon exec box echo in)" = in ]
	cordon rm -f box >/dev/null
	run -0 cordon system check --repair
}

@test "names and volumes that are nobody's" {
	ln -s "../containers/$(printf '%064d' 5)" "$data/names/nobody"
	finds "name nobody: it is no container's"
	box=$(cordon create --name box --network none base true)
	ln -s "../containers/$box" "$data/names/second"
	finds "name second: its container has another name"
	mv "$data/names/box" "$GROUND/box"
	run -1 cordon system check
	[[ "$output" == *"container $box: its name box is not its own"* ]]
	mv "$GROUND/box" "$data/names/box"
	mkdir -p "$data/volumes/.gone-1/_data"
	finds "volume .gone-1: whoever was removing it has died, or it is no volume"
	mkdir "$data/volumes/hollow"
	run -1 cordon system check --repair --force
	[[ "$output" == *"volume hollow: it has no folder _data"* ]]
	rmdir "$data/volumes/hollow"
	cordon rm box >/dev/null
	run -0 cordon system check
}

@test "the helper that hashes cannot write, and says what it could not read" {
	chmod 0 "$data/images/blobs/sha256/$id"
	run -1 cordon system check
	[[ "$output" == *"blob $id: Permission denied"* ]]
	chmod 600 "$data/images/blobs/sha256/$id"
	mkfifo "$data/images/blobs/sha256/$(printf '%064d' 3)"
	finds "blob $(printf '%064d' 3): it is not a file"
	ln -s /etc/passwd "$data/images/blobs/sha256/$(printf '%064d' 4)"
	run -1 cordon system check
	[[ "$output" == *"blob $(printf '%064d' 4): Too many levels of symbolic links"* ]]
	run -0 cordon system check --repair
}
