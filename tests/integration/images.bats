#!/usr/bin/env bats
# Images in and out: what other tools make, cordon takes; what cordon keeps, skopeo reads.

bats_require_minimum_version 1.5.0

setup_file() {
	: "${CORDON:?the cordon binary under test}"
	[ "$(id -u)" != 0 ] || skip "cordon is for ordinary users; this lane runs as one"
	export GROUND
	GROUND=$(mktemp -d "${TMPDIR:-/tmp}/cordon-images.XXXXXX")
	export XDG_DATA_HOME=$GROUND/data XDG_CACHE_HOME=$GROUND/cache XDG_CONFIG_HOME=$GROUND/config
	mkdir -p "$GROUND/root"/{bin,etc,tmp}
	cp "$(command -v busybox)" "$GROUND/root/bin/busybox"
	ln -s busybox "$GROUND/root/bin/sh"
	echo 'root:x:0:0:root:/root:/bin/sh' >"$GROUND/root/etc/passwd"
	chmod 1777 "$GROUND/root/tmp"
	chmod 4755 "$GROUND/root/bin/busybox"
	tar -C "$GROUND/root" --owner=0 --group=0 --numeric-owner -cf "$GROUND/root.tar" .
	"$CORDON" import -c 'CMD ["/bin/sh", "-c", "echo it runs"]' -c 'ENV WHO=me' -c 'WORKDIR /tmp' \
		"$GROUND/root.tar" base
	store=$XDG_DATA_HOME/cordon/images
	if command -v skopeo >/dev/null; then
		skopeo copy -q "oci:$store:localhost/base:latest" "oci:$GROUND/layout:base"
		skopeo copy -q "oci:$GROUND/layout:base" "docker-archive:$GROUND/docker.tar:example.org/team/app:1.2"
		skopeo copy -q "oci:$GROUND/layout:base" "oci-archive:$GROUND/oci.tar:thing"
	fi
}

teardown_file() {
	[ -n "${GROUND:-}" ] || return 0
	local id
	for id in $("$CORDON" images -q); do "$CORDON" rmi -f "$id" >/dev/null || true; done
	chmod -R u+rwX "$GROUND" && rm -rf "$GROUND"
}

need() {
	for program; do command -v "$program" >/dev/null || skip "$program is not installed"; done
}

# runs NAME: a container of the image says so.
runs() {
	run "$CORDON" run --rm --network none "$@"
	echo "$output"
	[ "$status" = 0 ]
	[ "${lines[-1]}" = "it runs" ]
}

@test "an imported root runs with what its changes say" {
	runs base
	run "$CORDON" run --rm --network none base /bin/busybox sh -c 'pwd; echo $WHO'
	[ "$output" = $'/tmp\nme' ]
}

@test "owners, modes and links are those of the archive" {
	mkdir -p "$GROUND/owned/var/www"
	cp "$GROUND/root/bin/busybox" "$GROUND/owned/busybox"
	ln "$GROUND/owned/busybox" "$GROUND/owned/stat"
	tar -C "$GROUND/owned" --numeric-owner --owner=0 --group=0 --mode=4711 -cf "$GROUND/owned.tar" ./busybox ./stat
	tar -C "$GROUND/owned" --numeric-owner --owner=33 --group=44 --mode=2750 --mtime=@1577934245 -rf "$GROUND/owned.tar" ./var
	"$CORDON" import "$GROUND/owned.tar" owned
	run "$CORDON" run --rm --network none owned /stat -c '%n %u:%g %a %Y %h' /var/www /busybox
	echo "$output"
	[ "${lines[0]}" = "/var/www 33:44 2750 1577934245 2" ]
	[[ "${lines[1]}" == "/busybox 0:0 4711 "*" 2" ]]
	"$CORDON" rmi owned
}

@test "docker archives, plain and compressed, under their own names" {
	need skopeo zstd
	gzip -k "$GROUND/docker.tar" && zstd -q "$GROUND/docker.tar"
	for file in docker.tar docker.tar.gz docker.tar.zst; do
		run "$CORDON" load -i "$GROUND/$file"
		[ "$output" = "Loaded image: example.org/team/app:1.2" ]
		runs example.org/team/app:1.2
		"$CORDON" rmi example.org/team/app:1.2
	done
	"$CORDON" load <"$GROUND/docker.tar"
	run "$CORDON" pull "docker-archive:$GROUND/docker.tar"
	[ "$status" = 0 ]
	"$CORDON" rmi example.org/team/app:1.2
}

@test "OCI archives and layouts" {
	need skopeo
	run "$CORDON" load -i "$GROUND/oci.tar"
	[ "$output" = "Loaded image: localhost/thing:latest" ]
	runs thing
	run "$CORDON" pull "oci:$GROUND/layout:base"
	[ "$status" = 0 ]
	run "$CORDON" pull "oci:$GROUND/layout:nothing"
	[ "$status" != 0 ]
	[[ "$output" == *nothing*base* ]]
	run "$CORDON" pull "oci-archive:$GROUND/oci.tar:thing"
	[ "$status" = 0 ]
	"$CORDON" rmi thing
}

@test "an image umoci made of several layers" {
	need umoci
	cd "$GROUND"
	umoci init --layout many && umoci new --image many:x
	umoci unpack --rootless --image many:x bundle
	cp -a root/. bundle/rootfs/ && umoci repack --image many:x bundle && rm -rf bundle
	for round in 1 2 3; do
		umoci unpack --rootless --image many:x bundle
		rm -f bundle/rootfs/etc/passwd
		[ $round = 2 ] || echo "round $round" >bundle/rootfs/etc/passwd
		echo $round >"bundle/rootfs/etc/round-$round"
		umoci repack --image many:x bundle && rm -rf bundle
	done
	umoci config --image many:x --config.cmd /bin/sh --config.cmd -c --config.cmd \
		'test "$(/bin/busybox cat /etc/passwd)" = "round 3" && test -e /etc/round-1 && echo it runs'
	"$CORDON" pull oci:many:x
	runs x
	"$CORDON" rmi x
}

@test "the image for this machine is taken from an index of several" {
	need skopeo python3
	python3 - "$GROUND/layout" "$GROUND/index" <<-'PYTHON'
		import hashlib, json, pathlib, shutil, sys
		source, target = map(pathlib.Path, sys.argv[1:])
		shutil.copytree(source, target)
		index = json.loads((target / "index.json").read_text())
		right = index["manifests"][0]
		right.pop("annotations", None)
		machine = {"x86_64": "amd64", "aarch64": "arm64"}[__import__("platform").machine()]
		other = dict(right, digest="sha256:" + "a" * 64, platform={"os": "linux", "architecture": "s390x"})
		windows = dict(other, platform={"os": "windows", "architecture": machine})
		attestation = dict(other, platform={"os": "unknown", "architecture": "unknown"})
		right["platform"] = {"os": "linux", "architecture": machine}
		inner = json.dumps({"schemaVersion": 2, "manifests": [other, windows, attestation, right]}).encode()
		digest = hashlib.sha256(inner).hexdigest()
		(target / "blobs" / "sha256" / digest).write_bytes(inner)
		index["manifests"] = [{"mediaType": "application/vnd.oci.image.index.v1+json", "digest": "sha256:" + digest,
		    "size": len(inner), "annotations": {"org.opencontainers.image.ref.name": "several"}}]
		(target / "index.json").write_text(json.dumps(index))
	PYTHON
	"$CORDON" pull "oci:$GROUND/index:several"
	runs several
	"$CORDON" rmi several
}

@test "skopeo reads the store, and what it copies out is the same image" {
	need skopeo
	store=$XDG_DATA_HOME/cordon/images
	run skopeo inspect "oci:$store:localhost/base:latest"
	echo "$output"
	[ "$status" = 0 ]
	digest=$("$CORDON" image inspect --format '{{.Digest}}' base)
	[[ "$output" == *"$digest"* ]]
	skopeo copy -q --preserve-digests "oci:$store:localhost/base:latest" "oci:$GROUND/out:base"
	id=$("$CORDON" image inspect --format '{{.Id}}' base)
	"$CORDON" rmi base
	run "$CORDON" image inspect base
	[ "$status" != 0 ]
	"$CORDON" pull "oci:$GROUND/out:base"
	[ "$("$CORDON" image inspect --format '{{.Id}}' base)" = "$id" ]
	runs base
}

@test "names, ids and prefixes find an image; what is gone is not found" {
	id=$("$CORDON" image inspect --format '{{.Id}}' base)
	id=${id#sha256:}
	for name in base base:latest localhost/base localhost/base:latest "$id" "sha256:$id" "${id:0:12}" "${id:0:5}"; do
		run "$CORDON" image inspect --format '{{.Id}}' "$name"
		[ "$output" = "sha256:$id" ]
	done
	run "$CORDON" image inspect nosuch
	[ "$status" != 0 ]
}

@test "a name moves to the newer image; the older one stays without it until it is removed" {
	tar -C "$GROUND/root" --owner=0 --group=0 --numeric-owner -cf "$GROUND/first.tar" ./etc
	tar -C "$GROUND/root" --owner=0 --group=0 --numeric-owner -cf "$GROUND/second.tar" ./tmp
	first=$("$CORDON" import "$GROUND/first.tar" moving)
	second=$("$CORDON" import "$GROUND/second.tar" moving)
	[ "$("$CORDON" image inspect --format '{{.Id}}' moving)" = "$second" ]
	run "$CORDON" image inspect --format '{{.RepoTags}}' "$first"
	[ "$status" = 0 ]
	"$CORDON" rmi "$first" moving
	run "$CORDON" image inspect "$first"
	[ "$status" != 0 ]
	[ -z "$(find "$XDG_DATA_HOME/cordon/tmp" -mindepth 1)" ]
}

@test "an image in use is not removed, by force only its name is" {
	tar -C "$GROUND/root" --owner=0 --group=0 --numeric-owner -cf "$GROUND/used.tar" ./bin ./etc ./tmp
	"$CORDON" import -c 'CMD ["/bin/busybox", "sleep", "100"]' "$GROUND/used.tar" used
	"$CORDON" run -d --name user --network none used
	run "$CORDON" rmi used
	[ "$status" != 0 ]
	[[ "$output" == *container* ]]
	"$CORDON" rmi -f used
	run "$CORDON" exec user /bin/busybox echo still here
	[ "$output" = "still here" ]
	"$CORDON" rm -f user
	for id in $("$CORDON" images -q --filter dangling=true); do "$CORDON" rmi "$id"; done
}
