#!/usr/bin/env bats
# A profile that an image brings along: published, fetched, kept, used as the user's policy says; it only takes.
# Takes about 50 s.
load registries

setup_file() {
	ground_make
	layout_make
	registry_start plain
	export PLAIN=127.0.0.1:$REGISTRY_PORT IMAGE=127.0.0.1:$REGISTRY_PORT/team/app:1
	[ -n "${GROUND_SKIP:-}" ] || skopeo copy -q --dest-tls-verify=false "oci:$GROUND/layout:app" "docker://$IMAGE"
}

teardown_file() { servers_stop; ground_clear; }

setup() {
	[ -z "${GROUND_SKIP:-}" ] || skip "$GROUND_SKIP"
	mkdir -p "$XDG_CONFIG_HOME/cordon/profiles"
	rm -f "$XDG_CONFIG_HOME/cordon/profiles"/*
	cordon rmi -f "$IMAGE" >/dev/null 2>&1 || true
	# nothing refers to the image
	python3 - "$PLAIN" team/app 1 <<-'PYTHON'
		import hashlib, sys, urllib.request
		host, name, tag = sys.argv[1:]
		accept = "application/vnd.oci.image.manifest.v1+json"
		image = urllib.request.urlopen(urllib.request.Request(f"http://{host}/v2/{name}/manifests/{tag}", headers={"Accept": accept})).read()
		listing = f"http://{host}/v2/{name}/manifests/sha256-" + hashlib.sha256(image).hexdigest()
		empty = b'{"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": []}'
		urllib.request.urlopen(urllib.request.Request(listing, data=empty, method="PUT", headers={"Content-Type": "application/vnd.oci.image.index.v1+json"}))
	PYTHON
}

# wants WORD: the user's policy for everything.
wants() {
	echo "{\"schema\": 1, \"extends\": [\"default\"], \"image_profile\": \"$1\"}" >"$XDG_CONFIG_HOME/cordon/profiles/default.json"
}

# theirs FILE KEYS: a profile as an image may bring it.
theirs() {
	echo "{\"schema\": 1, \"name\": \"theirs\", $2}" >"$GROUND/$1"
}

attach() { python3 "$BATS_TEST_DIRNAME/../support/attach.py" "$PLAIN" team/app 1 "$@"; }

# bounding [OPTION...]: the capabilities that a container of the image may have.
bounding() { confined "$@" "$IMAGE" sh -c 'grep CapBnd /proc/self/status | cut -f2'; }

KILL=0000000000000020

@test "published, and only used where the policy allows it" {
	theirs less.json '"capabilities": ["KILL", "SYS_ADMIN"], "filesystem": {"root": "read-only"}, "images": ["*"], "idmap": "keep-id"'
	run -0 --separate-stderr cordon policy publish "$GROUND/less.json" "$IMAGE"
	[[ "$output" =~ ^sha256:[0-9a-f]{64}$ ]]
	cordon pull -q "$IMAGE"
	run -0 bounding
	[ "$output" != $KILL ]
	run -0 bounding --security-opt image-profile=accept
	[ "$output" != $KILL ] # pulled while nobody wanted it
	run -125 --separate-stderr bounding --security-opt image-profile=require
	[[ "$stderr" == *"brought no profile along, and 'default' requires one"* && "$stderr" == *"cordon pull"* ]]
	wants accept
	cordon pull -q "$IMAGE"
	run -0 bounding
	[ "$output" = $KILL ]
	run -1 confined "$IMAGE" touch /x
	[[ "$output" == *"Read-only file system"* ]]
	run -0 bounding --security-opt image-profile=ignore
	[ "$output" != $KILL ]
	# the profile is shown with what it took
	cordon run -d --name shown --network none "$IMAGE" sleep 100
	[ "$(cordon inspect --format '{{.Cordon.Profile}} {{.Cordon.ImageProfile}}' shown)" = "default theirs" ]
	cordon inspect --format '{{json .Cordon.LeftOut}}' shown | grep -q "the image's profile 'theirs' takes the capability CHOWN"
	run -0 cordon exec shown sh -c 'grep CapBnd /proc/self/status | cut -f2'
	[ "$output" = $KILL ]
	cordon rm -f shown
	cordon image inspect --format '{{.Cordon.Profile.Digest}}' "$IMAGE" | grep -qE '^sha256:[0-9a-f]{64}$'
	cordon policy show "$IMAGE" | python3 -c 'import json, sys; assert json.load(sys.stdin)["capabilities"] == ["KILL"]'
	# it is the image's: it goes with it, and the store is whole
	cordon system check
	store_is_whole
	cordon rmi "$IMAGE"
	cordon system check
	run -1 grep -rl theirs "$XDG_DATA_HOME/cordon/images/blobs"
}

@test "require: no container without one, neither by pull nor by run" {
	wants require
	run -1 --separate-stderr cordon pull -q "$IMAGE"
	[[ "$stderr" == *"the policy for it requires a profile of the image's own: its registry has no profile for it"* ]]
	run -1 cordon image inspect "$IMAGE"
	run -125 confined "$IMAGE" true
	theirs some.json '"capabilities": []'
	cordon policy publish "$GROUND/some.json" "$IMAGE"
	run -0 bounding -q
	[ "$output" = 0000000000000000 ]
	run -125 --separate-stderr confined --rootfs "$GROUND/root" true
	[[ "$stderr" == *"a root file system brought no profile along"* ]]
}

@test "the administrator's word, and a newer profile" {
	theirs old.json '"capabilities": ["KILL", "CHOWN"]'
	theirs new.json '"capabilities": ["KILL"]'
	wants accept
	attach "$GROUND/old.json" created=2026-01-01T00:00:00Z
	cordon pull -q "$IMAGE"
	run -0 bounding
	[ "$output" = 0000000000000021 ]
	attach "$GROUND/new.json" created=2026-02-01T00:00:00Z
	cordon pull -q "$IMAGE"
	run -0 bounding
	[ "$output" = $KILL ]
	# a registry that goes back, or has lost it
	attach "$GROUND/old.json" created=2026-01-02T00:00:00Z wipe=1
	run -0 --separate-stderr cordon pull -q "$IMAGE"
	[ "$output" = "$IMAGE" ]
	[[ "$stderr" == "Warning: the profile sha256:"*" is passed over: it is older than the one that is here"* ]]
	run -0 bounding
	[ "$output" = $KILL ]
	attach "$GROUND/old.json" wipe=1 type=application/vnd.other
	wants require
	cordon pull -q "$IMAGE"
	run -0 bounding
	[ "$output" = $KILL ]
	cordon system check
}

@test "what will not do is passed over, each for its reason, and the next one is taken" {
	local profile
	theirs good.json '"capabilities": ["KILL"]'
	wants accept
	while IFS='|' read -r text change reason; do
		setup && wants accept
		echo "$text" >"$GROUND/bad.json"
		attach "$GROUND/good.json" created=2026-01-01T00:00:00Z
		# shellcheck disable=SC2086
		attach "$GROUND/bad.json" created=2026-03-01T00:00:00Z $change
		run -0 --separate-stderr cordon pull "$IMAGE"
		[[ "$stderr" == *"Warning: the profile sha256:"*"passed over: "*"$reason"* ]] || { echo "$change: $stderr"; false; }
		[ "$(grep -c Warning <<<"$stderr")" = 1 ]
		run -0 bounding
		[ "$output" = $KILL ]
		store_is_whole
	done <<-'ROWS'
		{"schema": 1}|type=application/vnd.other|its manifest is not one of a profile
		{"schema": 1}|media=text/plain|its layer is no profile
		{"schema": 1}|layers=2|its manifest has not one layer
		{"schema": 1}|subject=sha256:0000000000000000000000000000000000000000000000000000000000000000|it is for another image
		{"schema": 1}|size=2000000|it has more than the 1048576 bytes it may have
		{"schema": 1}|spoil=1|its manifest is not one of a profile
		{"schema": 1, "extends": ["/etc/passwd"]}||may not say extends: it must be whole by itself
		{"schema": 1, "extends": ["default"]}||may not say extends
		{"schema": 1, "images": ["*"]}||may not say images
		{"schema": 1, "idmap": "single"}||may not say idmap
		{"schema": 1, "apparmor": "unconfined"}||may not say apparmor
		{"schema": 1, "image_profile": "ignore"}||may not say image_profile
		{"schema": 1, "filesystem": {"tmpfs": ["/etc"]}}||may not say filesystem.tmpfs
		{"defaultAction": "SCMP_ACT_ALLOW"}||may not say defaultAction
		{"schema": 1, "oops": 1}||unknown key
		no JSON||sha256:
		{"schema": 1}|created=2199-01-01T00:00:00Z|it says that it was made at 2199-01-01T00:00:00Z, and this machine's clock
	ROWS
}

@test "lists that are none, or full of what is not there" {
	theirs good.json '"capabilities": ["KILL"]'
	wants accept
	python3 - >"$GROUND/many.json" <<-'PYTHON'
		import json
		entry = {"mediaType": "application/vnd.oci.image.manifest.v1+json", "artifactType": "application/vnd.cordon.profile.v1+json", "size": 1}
		print(json.dumps({"schemaVersion": 2, "manifests": [dict(entry, digest=f"sha256:{i:064x}") for i in range(1000)]}))
	PYTHON
	for list in '{}' '[]' '{"manifests": {}}' '{"manifests": [1, null, {"digest": "../../x"}]}' 'nonsense'; do
		attach "$GROUND/good.json" "raw=$list" 2>/dev/null || continue # the registry itself may refuse it
		cordon pull -q "$IMAGE"
		run -0 bounding
		[ "$output" != $KILL ]
	done
	cordon system check
}

@test "of many the newest is used, by the referrers API in pages or by the tag" {
	local other number
	wants accept
	referring_start "$PLAIN"
	echo "7 true" >"$GROUND/referring/pages"
	other=$REFERRING/team/paged:1
	skopeo copy -q --dest-tls-verify=false "oci:$GROUND/layout:app" "docker://$other"
	for number in $(seq 13 30); do
		theirs many.json "\"capabilities\": [\"CHOWN\"], \"limits\": {\"nofile\": $number}"
		[ "$number" != 30 ] || theirs many.json '"capabilities": ["KILL"]'
		python3 "$BATS_TEST_DIRNAME/../support/attach.py" "$REFERRING" team/paged 1 "$GROUND/many.json" "created=2026-01-${number}T00:00:00Z" >/dev/null
		attach "$GROUND/many.json" "created=2026-01-${number}T00:00:00Z" >/dev/null
	done
	cordon pull -q "$IMAGE"
	run -0 bounding
	[ "$output" = $KILL ]
	cordon rmi -f "$IMAGE"
	cordon pull -q "$other"
	run -0 confined "$other" sh -c 'grep CapBnd /proc/self/status | cut -f2'
	rm "$GROUND/referring/pages"
	cordon rmi -f "$other"
	[ "$output" = $KILL ]
}

# folder_made: a layout of its own with the image "app".
folder_made() {
	rm -rf "$GROUND/folder"
	cp -r "$GROUND/layout" "$GROUND/folder"
	cordon rmi -f localhost/app >/dev/null 2>&1 || true
}

beside() { python3 "$BATS_TEST_DIRNAME/../support/attach.py" oci "$GROUND/folder" app "$@" >/dev/null; }

# bounds WORD: what a container of the image called "app" may have, and that it is whole.
bounds() {
	run -0 confined localhost/app sh -c 'grep CapBnd /proc/self/status | cut -f2'
	[ "$output" = "$1" ] || { echo "not $1: $output"; false; }
	cordon system check
}

@test "beside an image in a folder or an archive: listed in index.json, with a type or without, or by a tag" {
	local way
	theirs less.json '"capabilities": ["KILL"]'
	for way in "" mute=1 tag=1; do
		folder_made
		beside "$GROUND/less.json" created=2026-01-01T00:00:00Z $way
		# ignored where the policy does not ask, and never taken for an image
		rm -f "$XDG_CONFIG_HOME/cordon/profiles"/*
		run -0 --separate-stderr cordon pull -q "oci:$GROUND/folder"
		[ "$output" = localhost/app:latest ]
		run -0 bounding_app
		[ "$output" != $KILL ]
		wants accept
		run -0 --separate-stderr cordon pull -q "oci:$GROUND/folder:app"
		[ -z "$stderr" ]
		bounds $KILL
		cordon rmi localhost/app
		tar -C "$GROUND/folder" -cf "$GROUND/folder.tar" .
		cordon load -q -i "$GROUND/folder.tar"
		bounds $KILL
		cordon rmi localhost/app
		cordon pull -q "oci-archive:$GROUND/folder.tar"
		bounds $KILL
	done
}

@test "beside an index in a folder: the profile is the index's, or the image's" {
	local subject
	theirs less.json '"capabilities": ["KILL"]'
	wants accept
	for subject in index image; do
		folder_made
		if [ $subject = image ]; then beside "$GROUND/less.json"; fi
		python3 - "$GROUND/folder" <<-'PYTHON'
			import hashlib, json, pathlib, sys
			folder = pathlib.Path(sys.argv[1])
			index = json.loads((folder / "index.json").read_text())
			app = next(e for e in index["manifests"] if "org.opencontainers.image.ref.name" in e.get("annotations", {}))
			inner = dict(app, platform={"os": "linux", "architecture": "amd64"})
			data = json.dumps({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": [
			    dict(app, platform={"os": "unknown", "architecture": "unknown"}), inner]}).encode()
			digest = hashlib.sha256(data).hexdigest()
			(folder / "blobs/sha256" / digest).write_bytes(data)
			app.update(mediaType="application/vnd.oci.image.index.v1+json", digest="sha256:" + digest, size=len(data))
			(folder / "index.json").write_text(json.dumps(index))
		PYTHON
		if [ $subject = index ]; then beside "$GROUND/less.json"; fi
		cordon pull -q "oci:$GROUND/folder"
		bounds $KILL
	done
}

bounding_app() { confined localhost/app sh -c 'grep CapBnd /proc/self/status | cut -f2'; }

@test "beside an image in a folder: the newest, never an older one, only its own; require and what will not do" {
	local blob
	theirs old.json '"capabilities": ["KILL", "CHOWN"]'
	theirs new.json '"capabilities": ["KILL"]'
	wants require
	folder_made
	run -1 --separate-stderr cordon pull -q "oci:$GROUND/folder"
	[[ "$stderr" == *"requires a profile of the image's own: there is no profile for it beside it"* ]]
	beside "$GROUND/old.json" created=2026-01-01T00:00:00Z subject=sha256:0000000000000000000000000000000000000000000000000000000000000000
	run -1 --separate-stderr cordon pull -q "oci:$GROUND/folder"
	[[ "$stderr" != *Warning* ]]
	run -1 cordon image exists localhost/app
	beside "$GROUND/old.json" created=2026-01-01T00:00:00Z
	beside "$GROUND/new.json" created=2026-02-01T00:00:00Z
	cordon pull -q "oci:$GROUND/folder"
	bounds $KILL
	# an older folder does not bring an older profile
	beside "$GROUND/old.json" created=2026-01-02T00:00:00Z wipe=1
	run -0 --separate-stderr cordon pull -q "oci:$GROUND/folder"
	[[ "$stderr" == "Warning: the profile sha256:"*"is older than the one that is here"* ]]
	bounds $KILL
	# a text that is not what its digest says, one that is missing, one that says too much
	wants accept
	folder_made
	beside "$GROUND/new.json"
	blob=$GROUND/folder/blobs/sha256/$(sha256sum <"$GROUND/new.json" | cut -c1-64)
	sed -i s/KILL/BPF\"/ "$blob"
	run -0 --separate-stderr cordon pull -q "oci:$GROUND/folder"
	[[ "$stderr" == *"passed over: "*"is damaged"* ]]
	cordon rmi localhost/app
	rm "$blob"
	run -0 --separate-stderr cordon pull -q "oci:$GROUND/folder"
	[[ "$stderr" == *"passed over: the blob sha256:"* ]]
	theirs more.json '"images": ["*"]'
	folder_made
	beside "$GROUND/more.json"
	run -0 --separate-stderr cordon pull -q "oci:$GROUND/folder"
	[[ "$stderr" == *"may not say images"* ]]
	# where policy.json asks for signatures nothing of a folder is used, and its profile is no way around
	mkdir -p "$GROUND/home/.config/containers"
	echo '{"default": [{"type": "insecureAcceptAnything"}], "transports": {"oci": {"": [{"type": "sigstoreSigned", "keyPath": "/k"}]}}}' \
		>"$GROUND/home/.config/containers/policy.json"
	HOME=$GROUND/home run -1 --separate-stderr cordon pull -q "oci:$GROUND/folder"
	[[ "$stderr" == *"wants a signature"* ]]
}

@test "one that would open something by what it takes is refused, and says the way out" {
	cat >"$XDG_CONFIG_HOME/cordon/profiles/gated.json" <<-'JSON'
		{"schema": 1, "extends": ["default"], "image_profile": "accept", "images": ["*/team/app"],
		 "syscalls": {"deny": [{"capability": "KILL", "deny": ["ptrace"]}], "allow": ["ptrace"]}}
	JSON
	theirs sly.json '"capabilities": ["CHOWN"]'
	attach "$GROUND/sly.json"
	cordon pull -q "$IMAGE"
	run -125 --separate-stderr confined "$IMAGE" true
	[[ "$stderr" == *"the image's profile 'theirs' would give more than it takes: ptrace: was 'errno EPERM', is 'allow'"* ]]
	[[ "$stderr" == *"--security-opt image-profile=ignore"* ]]
	confined --security-opt image-profile=ignore "$IMAGE" true
}

@test "what is published is shown first, and the words of the commands are checked" {
	theirs less.json '"capabilities": ["KILL"], "images": ["*"], "filesystem": {"tmpfs": ["/x"]}'
	run -0 cordon policy publish --dry-run "$GROUND/less.json" "$IMAGE"
	[[ "$output" == *'"theirs"'* && "$output" != *images* && "$output" != *tmpfs* ]]
	echo "$output" >"$GROUND/shown.json"
	cordon policy check "$GROUND/shown.json"
	run -1 cordon policy publish "$GROUND/less.json" "$PLAIN/team/none:1"
	[[ "$output" == *"the registry has no such image; push it first"* ]]
	run -125 confined --security-opt image-profile=perhaps "$IMAGE" true
	[[ "$output" == *"expected ignore, accept or require, not 'perhaps'"* ]]
	echo '{"schema": 1, "image_profile": "acept"}' >"$GROUND/typo.json"
	run -1 cordon policy check "$GROUND/typo.json"
	[[ "$output" == *"did you mean 'accept'"* ]]
}

@test "a registry with the referrers API: listed there, and under no tag" {
	local other
	referring_start "$PLAIN"
	other=$REFERRING/team/referred:1
	skopeo copy -q --dest-tls-verify=false "oci:$GROUND/layout:app" "docker://$other"
	theirs less.json '"capabilities": ["KILL"]'
	wants accept
	cordon policy publish "$GROUND/less.json" "$other"
	cordon pull -q "$other"
	run -0 confined "$other" sh -c 'grep CapBnd /proc/self/status | cut -f2'
	[ "$output" = $KILL ]
	run -0 skopeo list-tags --tls-verify=false "docker://$REFERRING/team/referred"
	[[ "$output" != *sha256-* ]]
	# an index of platforms may have one as well
	cordon rmi "$other"
	skopeo inspect --raw --tls-verify=false "docker://$other" >"$GROUND/manifest"
	python3 - "$GROUND/manifest" "$REFERRING" <<-'PYTHON'
		import hashlib, json, sys, urllib.request
		manifest = open(sys.argv[1], "rb").read()
		kind = "application/vnd.oci.image.index.v1+json"
		index = json.dumps({"schemaVersion": 2, "mediaType": kind, "manifests": [
		    {"mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": "sha256:" + hashlib.sha256(manifest).hexdigest(),
		     "size": len(manifest), "platform": {"os": "linux", "architecture": "amd64"}}]}).encode()
		urllib.request.urlopen(urllib.request.Request(f"http://{sys.argv[2]}/v2/team/referred/manifests/many", data=index, method="PUT",
		                                              headers={"Content-Type": kind}))
	PYTHON
	theirs none.json '"capabilities": []'
	sleep 1 # the newest counts
	cordon policy publish "$GROUND/none.json" "$REFERRING/team/referred:many"
	cordon pull -q "$REFERRING/team/referred:many"
	run -0 confined "$REFERRING/team/referred:many" sh -c 'grep CapBnd /proc/self/status | cut -f2'
	[ "$output" = 0000000000000000 ]
}
