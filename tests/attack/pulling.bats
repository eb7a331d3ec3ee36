#!/usr/bin/env bats
# Bad luck while an image comes from a registry (Debian's docker-registry): it dies on the way, the disk is full, the store
# cannot be written, a layer is a bomb. One clear line, no image, and the next pull works.
load ../integration/registries

setup_file() {
	ground_make
	layout_make
	registry_start plain
	export PLAIN=127.0.0.1:$REGISTRY_PORT
	[ -n "${GROUND_SKIP:-}" ] || skopeo copy -q --dest-tls-verify=false "oci:$GROUND/layout:app" "docker://$PLAIN/team/app:1"
}

teardown_file() { servers_stop; ground_clear; }

teardown() {
	cordon rmi -f "$PLAIN/team/app:1" >/dev/null 2>&1 || true
	rm -rf "$XDG_DATA_HOME/cordon/partial"
}

# put_image NAME CODEC MIB: an image of one layer, a file of so many MiB of zeros, in the plain registry.
put_image() {
	python3 - "$PLAIN" "$@" <<-'PYTHON'
		import hashlib, io, json, subprocess, sys, tarfile, urllib.request
		host, repository, codec, size = *sys.argv[1:4], int(sys.argv[4]) << 20
		def ask(method, url, data=None, kind="application/octet-stream"):
		    return urllib.request.urlopen(urllib.request.Request(url, data=data, method=method, headers={"Content-Type": kind}))
		def put(data):
		    digest = "sha256:" + hashlib.sha256(data).hexdigest()
		    place = ask("POST", f"http://{host}/v2/{repository}/blobs/uploads/", b"").headers["Location"]
		    ask("PUT", place + ("&" if "?" in place else "?") + "digest=" + digest, data)
		    return {"digest": digest, "size": len(data)}
		member = tarfile.TarInfo("zeros")
		member.size = size
		squeeze = subprocess.Popen({"gzip": ["gzip", "-1"], "zstd": ["zstd", "-q", "-1"]}[codec], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
		import threading
		def feed():
		    block = bytes(1 << 20)
		    squeeze.stdin.write(member.tobuf(tarfile.GNU_FORMAT))
		    for _ in range(size >> 20):
		        squeeze.stdin.write(block)
		    squeeze.stdin.write(bytes(10240))
		    squeeze.stdin.close()
		threading.Thread(target=feed).start()
		layer = squeeze.stdout.read()
		oci = "application/vnd.oci.image."
		config = {"architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": ["sha256:" + "0" * 64]}}
		manifest = {"schemaVersion": 2, "mediaType": oci + "manifest.v1+json",
		            "config": {"mediaType": oci + "config.v1+json", **put(json.dumps(config).encode())},
		            "layers": [{"mediaType": oci + "layer.v1.tar+" + codec, **put(layer)}]}
		ask("PUT", f"http://{host}/v2/{repository}/manifests/1", json.dumps(manifest).encode(), oci + "manifest.v1+json")
	PYTHON
}

# one_line PATTERN: of the error, and nothing has a name.
one_line() {
	[[ "$stderr" == *$1* ]] || { echo "$stderr"; false; }
	[ "$(grep -c '^cordon: ' <<<"$stderr")" = 1 ]
	[ -z "$(cordon images -q "$PLAIN/*")" ]
}

@test "a registry that dies on the way: it says so in time; started again, the rest comes" {
	local pid mib=48
	head -c $((mib << 20)) /dev/urandom >"$GROUND/noise"
	tar -C "$GROUND" --owner=0 --group=0 -cf "$GROUND/noise.tar" noise
	cordon import "$GROUND/noise.tar" noise
	registry_start dying
	cordon push -q noise "127.0.0.1:$REGISTRY_PORT/noise:1"
	cordon rmi noise
	pid=$(tail -1 "$GROUND/servers")
	# it is stopped as soon as some of the layer is here, and killed
	"$CORDON" pull -q "127.0.0.1:$REGISTRY_PORT/noise:1" >"$GROUND/said" 2>&1 3>&- &
	local pull=$!
	for _ in $(seq 2000); do
		[ -z "$(find "$XDG_DATA_HOME/cordon/partial" -size +1M -name '[0-9a-f]*' ! -name '*.lock' 2>/dev/null)" ] || break
	done
	kill -9 "$pid"
	if wait "$pull"; then skip "the pull was quicker than its end"; fi
	[ "$(grep -c '^cordon: ' "$GROUND/said")" = 1 ]
	[ -z "$(cordon images -q noise)" ]
	[ -n "$(find "$XDG_DATA_HOME/cordon/partial" -size +1M)" ]
	docker-registry serve "$GROUND/dying.yml" >>"$GROUND/dying.log" 2>&1 3>&- &
	echo $! >>"$GROUND/servers"
	answers "$REGISTRY_PORT"
	: >"$GROUND/dying.log"
	cordon pull -q "127.0.0.1:$REGISTRY_PORT/noise:1"
	grep -q '" 206 ' "$GROUND/dying.log" || { cat "$GROUND/dying.log"; false; }
	cordon system check
	cordon rmi "127.0.0.1:$REGISTRY_PORT/noise:1"
}

# done_of FILE: the layers that a pull's own words say have come.
done_of() { sed -nE 's/^([0-9a-f]{12}): Done$/\1/p' "$1"; }

@test "layers that have come are not fetched again when a later one does not: a failure, Ctrl-C" {
	local number digest blob from
	for number in 1 2 3 4 5 6; do
		head -c $((number * 100000)) /dev/urandom >"$GROUND/noise$number"
		tar -C "$GROUND" --owner=0 --group=0 -cf "$GROUND/noise$number.tar" "noise$number"
	done
	python3 "$BATS_TEST_DIRNAME/../support/layout_of_tars.py" "$GROUND/six" six "$GROUND"/noise?.tar
	skopeo copy -q --dest-tls-verify=false "oci:$GROUND/six:six" "docker://$PLAIN/team/six:1"
	digest=$(skopeo inspect --tls-verify=false --format '{{index .Layers 5}}' "docker://$PLAIN/team/six:1")
	blob=$GROUND/plain/docker/registry/v2/blobs/sha256/${digest:7:2}/${digest:7}/data
	mv "$blob" "$GROUND/aside"
	run -1 cordon pull "$PLAIN/team/six:1"
	printf '%s\n' "${lines[@]}" >"$GROUND/first"
	[ "$(done_of "$GROUND/first" | wc -l)" -ge 1 ]
	mv "$GROUND/aside" "$blob"
	from=$(wc -l <"$GROUND/plain.log")
	cordon pull -q "$PLAIN/team/six:1"
	for number in $(done_of "$GROUND/first"); do
		tail -n "+$((from + 1))" "$GROUND/plain.log" | refute grep "GET /v2/team/six/blobs/sha256:$number"
	done
	tail -n "+$((from + 1))" "$GROUND/plain.log" | grep -q "GET /v2/team/six/blobs/$digest"
	[ -z "$(ls -A "$XDG_DATA_HOME/cordon/partial")" ]
	store_is_whole
	# Ctrl-C, as soon as one has come
	cordon rmi "$PLAIN/team/six:1"
	cordon image prune -f
	python3 - "$CORDON" "$PLAIN/team/six:1" "$GROUND/second" <<-'PYTHON'
		import re, signal, subprocess, sys
		with open(sys.argv[3], "w") as told:
		    pull = subprocess.Popen([sys.argv[1], "pull", sys.argv[2]], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
		    for line in pull.stderr:
		        told.write(line)
		        if re.match("[0-9a-f]{12}: Done", line):
		            pull.send_signal(signal.SIGINT)
		            break
		    pull.wait()
	PYTHON
	[ "$(done_of "$GROUND/second" | wc -l)" = 1 ]
	from=$(wc -l <"$GROUND/plain.log")
	cordon pull -q "$PLAIN/team/six:1"
	tail -n "+$((from + 1))" "$GROUND/plain.log" | refute grep "GET /v2/team/six/blobs/sha256:$(done_of "$GROUND/second")"
	cordon system check
	cordon rmi "$PLAIN/team/six:1"
}

@test "what is kept of a layer may be a blob of the store by now: nobody changes a byte of it" {
	local hex blob size layout=$GROUND/lying
	cordon pull -q "$PLAIN/team/app:1"
	hex=$(skopeo inspect --tls-verify=false --format '{{index .Layers 1}}' "docker://$PLAIN/team/app:1")
	hex=${hex#sha256:}
	blob=$XDG_DATA_HOME/cordon/images/blobs/sha256/$hex
	for size in -1 1; do
		mkdir -p "$XDG_DATA_HOME/cordon/partial"
		ln "$blob" "$XDG_DATA_HOME/cordon/partial/$hex"
		rm -rf "$layout"
		cp -r "$GROUND/layout" "$layout"
		python3 - "$layout" "$size" <<-'PYTHON'
			import hashlib, json, pathlib, sys
			layout = pathlib.Path(sys.argv[1])
			blobs = layout / "blobs/sha256"
			index = json.loads((layout / "index.json").read_text())
			manifest = json.loads((blobs / index["manifests"][0]["digest"][7:]).read_text())
			manifest["layers"][1]["size"] += int(sys.argv[2])
			data = json.dumps(manifest).encode()
			name = hashlib.sha256(data).hexdigest()
			(blobs / name).write_bytes(data)
			index["manifests"][0].update(digest="sha256:" + name, size=len(data))
			(layout / "index.json").write_text(json.dumps(index))
		PYTHON
		faulty_start "$layout"
		run -1 cordon pull -q "$FAULTY/long/app:app"
		[ "$(sha256sum <"$blob" | cut -c-64)" = "$hex" ]
		rm -f "$XDG_DATA_HOME/cordon/partial/$hex"
		: >"$GROUND/faulty.ports"
	done
	run -0 confined "$PLAIN/team/app:1"
	cordon system check
}

@test "bombs, gzip and zstd, while they come: refused, in little memory, and nothing is left" {
	local codec
	for codec in gzip zstd; do
		put_image "bomb/$codec" "$codec" 700
		run -1 --separate-stderr cordon pull -q "$PLAIN/bomb/$codec:1"
		one_line "sha256:"
		[[ "$stderr" == *"more than"* || "$stderr" == *"times"* || "$stderr" == *"bomb"* ]]
		store_is_whole
	done
}

@test "a full disk: it says so, nothing has a name, and with room the pull goes on" {
	unshare -m --map-current-user --keep-caps true 2>/dev/null || skip "no user namespace for a tmpfs here"
	mkdir -p "$GROUND/small"
	run -0 unshare -m --map-current-user --keep-caps bash -c "
		mount -t tmpfs -o size=1500k,mode=700 tmpfs $GROUND/small || exit 99
		export XDG_DATA_HOME=$GROUND/small CORDON_SIMULATE_MISSING=subuid
		$CORDON pull -q $PLAIN/team/app:1 && exit 1
		$CORDON images -q | grep . && exit 2
		[ -z \"\$(ls -A $GROUND/small/cordon/tmp $GROUND/small/cordon/layers 2>/dev/null | grep -v : | grep .)\" ] || exit 3
		mount -o remount,size=20m $GROUND/small || exit 98
		$CORDON pull -q $PLAIN/team/app:1 || exit 4
		$CORDON system check || exit 5"
	[[ "$output" == *"No space left on device"* ]] || { echo "$output"; false; }
}

@test "a store that cannot be written: what is there is used, and what is not is an error that names the place" {
	cordon pull -q "$PLAIN/team/app:1"
	unshare -m --map-current-user --keep-caps true 2>/dev/null || skip "no user namespace for a mount here"
	run -0 unshare -m --map-current-user --keep-caps bash -c "
		mount --bind $XDG_DATA_HOME $XDG_DATA_HOME && mount -o remount,bind,ro $XDG_DATA_HOME || exit 99
		$CORDON images -q | grep -q . || exit 1
		$CORDON image inspect $PLAIN/team/app:1 >/dev/null || exit 2
		$CORDON pull -q $PLAIN/team/other:1 && exit 3
		$CORDON rmi $PLAIN/team/app:1 && exit 4
		exit 0"
	[ "$(grep -c 'Read-only file system' <<<"$output")" = 2 ] || { echo "$output"; false; }
	[ "$(grep -c "$XDG_DATA_HOME" <<<"$output")" = 2 ] || { echo "$output"; false; }
	cordon image inspect "$PLAIN/team/app:1" >/dev/null
}
