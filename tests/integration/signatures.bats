#!/usr/bin/env bats
# policy.json: what it asks of an image before it may be used; signatures as cosign makes them.
# Takes about 60 s.
load registries

setup_file() {
	ground_make
	layout_make
	registry_start plain
	export PLAIN=127.0.0.1:$REGISTRY_PORT
	[ -z "${GROUND_SKIP:-}" ] || return 0
	mkdir -p "$XDG_CONFIG_HOME/containers/registries.d"
	printf 'default-docker:\n  use-sigstore-attachments: true\n' >"$XDG_CONFIG_HOME/containers/registries.d/all.yaml"
	skopeo copy -q --dest-tls-verify=false "oci:$GROUND/layout:app" "docker://$PLAIN/team/app:1"
	export DIGEST
	DIGEST=$(skopeo inspect --tls-verify=false --format '{{.Digest}}' "docker://$PLAIN/team/app:1")
	(
		cd "$GROUND"
		openssl ecparam -genkey -name prime256v1 -noout -out ec.key
		openssl genpkey -algorithm ed25519 -out ed.key
		openssl genrsa -out rsa.key 2048 2>/dev/null
		openssl genrsa -out short.key 1024 2>/dev/null
		openssl ecparam -genkey -name prime256v1 -noout -out other.key
		for key in ec ed rsa short other; do openssl pkey -in "$key.key" -pubout -out "$key.pub"; done
	)
}

teardown_file() { servers_stop; ground_clear; }

teardown() { cordon rmi -f "$PLAIN/team/app:1" >/dev/null 2>&1 || true; }

# sign KEY [NAME=VALUE...]: puts a signature of team/app beside it. Changes: reference, digest, type, spoil=1,
# place=referrers, repository, more=OBJECT (a member nobody knows), without=MEMBER.
sign() {
	python3 - "${HOST:-$PLAIN}" "$DIGEST" "$GROUND" "$@" <<-'PYTHON'
		import base64, hashlib, json, subprocess, sys, urllib.request
		host, image, ground, key, *changes = sys.argv[1:]
		change = dict(c.split("=", 1) for c in changes)
		repository = change.get("repository", "team/app")
		text = {"critical": {"identity": {"docker-reference": change.get("reference", f"{host}/team/app")},
		                     "image": {"docker-manifest-digest": change.get("digest", image)},
		                     "type": change.get("type", "cosign container image signature")}, "optional": {} if "more" in change else None}
		text.pop(change.get("without"), None)
		if "more" in change:
		    place = text
		    for name in filter(None, change["more"].split(".")):
		        place = place[name]
		    place["expires"] = "soon"
		payload = json.dumps(text).encode()
		open(f"{ground}/payload", "wb").write(payload)
		how = ["openssl", "pkeyutl", "-sign", "-rawin", "-inkey", f"{ground}/{key}.key", "-in", f"{ground}/payload"]
		if key != "ed":
		    how += ["-digest", "sha256"]
		signature = subprocess.run(how, check=True, capture_output=True).stdout
		if change.get("spoil"):
		    payload = payload.replace(b'"optional": null', b'"optional": true')
		def ask(method, url, data=None, kind="application/octet-stream"):
		    request = urllib.request.Request(url, data=data, method=method, headers={"Content-Type": kind})
		    return urllib.request.urlopen(request)
		def put(data):
		    digest = "sha256:" + hashlib.sha256(data).hexdigest()
		    place = ask("POST", f"http://{host}/v2/{repository}/blobs/uploads/", b"").headers["Location"]
		    ask("PUT", place + ("&" if "?" in place else "?") + "digest=" + digest, data)
		    return {"digest": digest, "size": len(data)}
		oci = "application/vnd.oci.image."
		manifest = {"schemaVersion": 2, "mediaType": oci + "manifest.v1+json",
		            "config": {"mediaType": oci + "config.v1+json", **put(b"{}")},
		            "layers": [{"mediaType": "application/vnd.dev.cosign.simplesigning.v1+json", **put(payload),
		                        "annotations": {"dev.cosignproject.cosign/signature": base64.b64encode(signature).decode()}}]}
		place = f"{image.replace(':', '-')}.sig"
		if change.get("place") == "referrers":
		    manifest["artifactType"] = "application/vnd.dev.cosign.artifact.sig.v1+json"
		    manifest["subject"] = {"mediaType": oci + "manifest.v1+json", "digest": image, "size": 1}
		    place = "sha256:" + hashlib.sha256(json.dumps(manifest).encode()).hexdigest()
		ask("PUT", f"http://{host}/v2/{repository}/manifests/{place}", json.dumps(manifest).encode(), oci + "manifest.v1+json")
	PYTHON
}

# policy JSON: the user's policy.json.
policy() {
	mkdir -p "$XDG_CONFIG_HOME/containers"
	printf '%s\n' "$1" >"$XDG_CONFIG_HOME/containers/policy.json"
}

# signed_by KEY...: cosign's signatures name a repository and no tag.
signed_by() {
	local keys identity=${IDENTITY-, \"signedIdentity\": {\"type\": \"matchRepository\"\}}
	keys=$(printf '"%s",' "${@/#/$GROUND/}")
	policy "{\"default\": [{\"type\": \"reject\"}], \"transports\": {\"docker\": {\"$PLAIN/team\": [{\"type\": \"sigstoreSigned\", \"keyPath\": ${keys%,}$identity}]}}}"
}

refused() {
	run -1 --separate-stderr cordon pull -q "$PLAIN/team/app:1"
	[[ "$stderr" == *$1* ]] || { echo "$stderr"; false; }
	[ "$(grep -c '^cordon: ' <<<"$stderr")" = 1 ]
	run -1 cordon image inspect "$PLAIN/team/app:1"
}

accepted() {
	cordon pull -q "$PLAIN/team/app:1"
	run -0 confined --pull never "$PLAIN/team/app:1"
}

@test "without a policy.json, and with one that accepts" {
	rm -f "$XDG_CONFIG_HOME/containers/policy.json"
	accepted
	cordon rmi "$PLAIN/team/app:1"
	policy '{"default": [{"type": "insecureAcceptAnything"}]}'
	accepted
}

@test "reject: from registries, folders and archives" {
	policy '{"default": [{"type": "reject"}]}'
	refused "policy.json"
	run -1 --separate-stderr cordon pull -q "oci:$GROUND/layout:app"
	[[ "$stderr" == *policy.json* ]]
	skopeo copy -q --insecure-policy "oci:$GROUND/layout:app" "docker-archive:$GROUND/app.tar:x/app:1"
	run -1 --separate-stderr cordon load -i "$GROUND/app.tar"
	[[ "$stderr" == *policy.json* ]]
	run -125 --separate-stderr confined -q "$PLAIN/team/app:1"
	[[ "$stderr" == *policy.json* ]]
}

@test "archives and roots are judged by what they are: load, import, pull, beside podman" {
	local accept='"default": [{"type": "insecureAcceptAnything"}], "transports"' no='[{"type": "reject"}]' form other
	skopeo copy -q --insecure-policy "oci:$GROUND/layout:app" "docker-archive:$GROUND/app.tar:x/app:1" || true
	tar -C "$GROUND/layout" -cf "$GROUND/app.oci" .
	for form in "docker-archive app.tar" "oci-archive app.oci"; do
		policy "{$accept: {\"${form% *}\": {\"\": $no}}}"
		run -1 --separate-stderr cordon load -i "$GROUND/${form#* }"
		[[ "$stderr" == *"rejected by"*policy.json* ]]
		run -1 --separate-stderr cordon load <"$GROUND/${form#* }"
		[[ "$stderr" == *"standard input is rejected by"* ]]
		run -1 --separate-stderr cordon pull -q "${form% *}:$GROUND/${form#* }"
		[[ "$stderr" == *"rejected by"* ]]
		for other in app.tar app.oci; do
			[ "$other" = "${form#* }" ] || cordon load -q -i "$GROUND/$other"
		done
	done
	# by the place where it lies
	policy "{$accept: {\"oci-archive\": {\"$GROUND/app.oci\": $no}}}"
	run -1 cordon load -i "$GROUND/app.oci"
	cp "$GROUND/app.oci" "$GROUND/elsewhere.oci"
	cordon load -q -i "$GROUND/elsewhere.oci"
	policy "{$accept: {\"tarball\": {\"\": $no}}}"
	run -1 --separate-stderr cordon import "$GROUND/base.tar" imported
	[[ "$stderr" == *"$GROUND/base.tar is rejected by"* ]]
	run -1 --separate-stderr cordon import - imported <"$GROUND/base.tar"
	run -1 cordon image exists imported
	policy "{\"default\": $no}"
	run -1 cordon import "$GROUND/base.tar" imported
	# podman says the same
	if command -v podman >/dev/null; then
		podman() { env HOME="$GROUND/podman" XDG_CONFIG_HOME="$XDG_CONFIG_HOME" timeout 60 podman --storage-driver vfs --root "$GROUND/podman/root" --runroot "$GROUND/podman/run" "$@"; }
		mkdir -p "$GROUND/podman/.config/containers"
		cp "$XDG_CONFIG_HOME/containers/policy.json" "$GROUND/podman/.config/containers"
		run podman import "$GROUND/base.tar" imported
		[[ "$status" -ne 0 && "$output" == *"rejected by policy"* ]] || { echo "$output"; false; }
		printf '%s\n' "{$accept: {\"oci-archive\": {\"\": $no}}}" >"$GROUND/podman/.config/containers/policy.json"
		run podman load -i "$GROUND/app.oci"
		[[ "$status" -ne 0 && "$output" == *"rejected by policy"* ]] || { echo "$output"; false; }
	fi
	rm "$XDG_CONFIG_HOME/containers/policy.json"
}

@test "a policy.json that is not understood: nothing is pulled" {
	policy '{"default": [{"type": "insecureAcceptAnything"}], "transport": {}}'
	refused "transport"
	policy '{"default": ['
	refused "policy.json:2:"
	policy '{"default": [{"type": "signedBy", "keyType": "GPGKeys", "keyPath": "/etc/key"}]}'
	refused "policy.json"
}

@test "not signed" { signed_by ec.pub; refused "not signed"; }
@test "signed, but registries.d does not say that signatures are looked for" {
	signed_by ec.pub
	sign ec
	mv "$XDG_CONFIG_HOME/containers/registries.d" "$GROUND/aside"
	refused "use-sigstore-attachments"
	mv "$GROUND/aside" "$XDG_CONFIG_HOME/containers/registries.d"
}
@test "signed: ECDSA" { signed_by ec.pub; sign ec; accepted; }
@test "signed, and the image is there already: asked all the same" {
	rm "$XDG_CONFIG_HOME/containers/policy.json"
	accepted
	signed_by other.pub
	run -1 --separate-stderr cordon pull -q "$PLAIN/team/app:1"
	[[ "$stderr" == *"not of this key"* ]]
	signed_by ec.pub
	accepted
}
@test "signed: Ed25519" { signed_by ed.pub; refused "none of its signatures"; sign ed; accepted; }
@test "signed: RSA" { signed_by rsa.pub; sign rsa; accepted; }
@test "signed with a key that is too short" { signed_by short.pub; sign short; refused "too short"; }
@test "signed by somebody else" { signed_by ec.pub; sign other; refused "not of this key"; }
@test "a text that was changed after it was signed" { signed_by ec.pub; sign ec spoil=1; refused "not of this key"; }
@test "a signature of another image" {
	signed_by ec.pub
	sign ec "digest=sha256:$(tr a-f 0 <<<"${DIGEST#*:}")"
	refused "of another image"
}
@test "a signature that is made out to another name" { signed_by ec.pub; sign ec "reference=$PLAIN/team/other"; refused "made out to"; }
@test "where the policy does not say so, the tag must be right, too" {
	IDENTITY='' signed_by ec.pub
	sign ec
	refused "made out to"
	sign ec "reference=$PLAIN/team/app:1"
	accepted
}
@test "a text that is no signature's" { signed_by ec.pub; sign ec type=else; refused "does not say"; }
@test "a key that is none, and one that is not there" {
	sign ec
	echo nonsense >"$GROUND/bad.pub"
	signed_by bad.pub
	refused "not a public key"
	signed_by gone.pub
	refused "gone.pub"
	# a second one that is gone is heard of now, and not when it is needed
	policy "{\"default\": [{\"type\": \"sigstoreSigned\", \"keyPaths\": [\"$GROUND/ec.pub\", \"$GROUND/gone.pub\"], \"signedIdentity\": {\"type\": \"matchRepository\"}}]}"
	refused "gone.pub"
	cp "$GROUND/other.pub" "$GROUND/gone.pub"
	accepted
	rm "$GROUND/gone.pub"
}
@test "a text that says more than cordon knows: what is critical must be understood, what is optional is passed over" {
	local where
	signed_by ec.pub
	for where in critical critical.image critical.identity .; do
		sign ec "more=$where"
		refused "says more than what it signs"
	done
	sign ec without=optional
	refused "says more than what it signs"
	sign ec more=optional
	accepted
}

@test "an index is signed, and names the image" {
	local index
	python3 - "$GROUND" <<-'PYTHON'
		import hashlib, json, pathlib, sys
		ground = pathlib.Path(sys.argv[1])
		blobs = ground / "layout/blobs/sha256"
		top = json.loads((ground / "layout/index.json").read_text())
		entry = {k: v for k, v in top["manifests"][0].items() if k != "annotations"}
		entry["platform"] = {"os": "linux", "architecture": "amd64"}
		data = json.dumps({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": [entry]}).encode()
		name = hashlib.sha256(data).hexdigest()
		(blobs / name).write_bytes(data)
		top["manifests"].append({"mediaType": "application/vnd.oci.image.index.v1+json", "digest": "sha256:" + name, "size": len(data),
		                         "annotations": {"org.opencontainers.image.ref.name": "index"}})
		(ground / "layout/index.json").write_text(json.dumps(top))
		print(name)
	PYTHON
	skopeo copy -q --insecure-policy --all --dest-tls-verify=false "oci:$GROUND/layout:index" "docker://$PLAIN/team/app:2"
	index=$(skopeo inspect --raw --tls-verify=false "docker://$PLAIN/team/app:2" | sha256sum | cut -d' ' -f1)
	sign other
	signed_by ec.pub
	run -1 cordon pull -q "$PLAIN/team/app:2"
	DIGEST=sha256:$index sign ec
	cordon pull -q "$PLAIN/team/app:2"
	cordon rmi -f "$PLAIN/team/app:2"
}

@test "image verify: with a key, with a policy, without either" {
	rm -f "$XDG_CONFIG_HOME/containers/policy.json"
	sign ec
	run -0 --separate-stderr cordon image verify --key "$GROUND/ec.pub" "$PLAIN/team/app:1"
	[[ "$output" == sha256:* ]]
	[ "$output" = "$DIGEST" ]
	run -1 --separate-stderr cordon image verify --key "$GROUND/other.pub" "$PLAIN/team/app:1"
	[[ "$stderr" == *"not of this key"* ]]
	policy '{"default": [{"type": "insecureAcceptAnything"}]}'
	run -1 --separate-stderr cordon image verify "$PLAIN/team/app:1"
	[[ "$stderr" == *"accepts it whether it is signed or not"*--key* ]]
	signed_by ec.pub
	run -0 cordon image verify "$PLAIN/team/app:1"
	signed_by other.pub
	run -1 cordon image verify "$PLAIN/team/app:1"
	# nothing is kept of what was only looked at
	run -1 cordon image inspect "$PLAIN/team/app:1"
	store_is_whole
}

@test "a profile that comes with the image is signed as the image is, or passed over" {
	local artifact
	mkdir -p "$XDG_CONFIG_HOME/cordon/profiles"
	echo '{"schema": 1, "extends": ["default"], "image_profile": "accept"}' >"$XDG_CONFIG_HOME/cordon/profiles/default.json"
	echo '{"schema": 1, "name": "theirs", "capabilities": ["KILL"]}' >"$GROUND/theirs.json"
	rm -f "$XDG_CONFIG_HOME/containers/policy.json"
	artifact=$(cordon policy publish "$GROUND/theirs.json" "$PLAIN/team/app:1")
	sign ec
	signed_by ec.pub
	run -0 --separate-stderr cordon pull "$PLAIN/team/app:1"
	[[ "$stderr" == *"Warning: the profile ${artifact:0:19} of the image is passed over: it is not signed"* ]]
	run -0 --separate-stderr confined "$PLAIN/team/app:1" sh -c 'grep CapBnd /proc/self/status | cut -f2'
	[ "$output" != 0000000000000020 ]
	DIGEST=$artifact sign other
	run -0 --separate-stderr cordon pull "$PLAIN/team/app:1"
	[[ "$stderr" == *"passed over: none of its signatures will do"* ]]
	DIGEST=$artifact sign ec
	cordon pull -q "$PLAIN/team/app:1"
	run -0 confined "$PLAIN/team/app:1" sh -c 'grep CapBnd /proc/self/status | cut -f2'
	[ "$output" = 0000000000000020 ]
	cordon system check
	rm "$XDG_CONFIG_HOME/cordon/profiles/default.json"
}

# referred KEY...: an image of its own behind a registry with the referrers API, which lists signatures by these keys.
referred() {
	local key
	referring_start "$PLAIN"
	skopeo copy -q --dest-tls-verify=false "oci:$GROUND/layout:app" "docker://$REFERRING/team/referred:1"
	for key; do HOST=$REFERRING sign "$key" place=referrers repository=team/referred "reference=$REFERRING/team/referred"; done
	policy "{\"default\": [{\"type\": \"reject\"}], \"transports\": {\"docker\": {\"$REFERRING/team\": [{\"type\": \"sigstoreSigned\",
		\"keyPath\": \"$GROUND/ec.pub\", \"signedIdentity\": {\"type\": \"matchRepository\"}}]}}}"
}

# refers REASON: the image behind that registry is refused, with one line, and nothing of it is here.
refers() {
	run -1 --separate-stderr cordon pull -q "$REFERRING/team/referred:1"
	[[ "$stderr" == *$1* ]] || { echo "$stderr"; false; }
	[ "$(grep -c '^cordon: ' <<<"$stderr")" = 1 ]
	run -1 cordon image inspect "$REFERRING/team/referred:1"
	store_is_whole
}

@test "a signature that the registry's referrers API names" {
	referred other
	refers "none of its signatures will do"
	HOST=$REFERRING sign ec place=referrers repository=team/referred "reference=$REFERRING/team/referred"
	cordon pull -q "$REFERRING/team/referred:1"
	cordon image verify --key "$GROUND/ec.pub" "$REFERRING/team/referred:1"
	cordon rmi "$REFERRING/team/referred:1"
}

@test "lists of the referrers API that are no lists, lie, or do not end" {
	local entry answer index='{"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests":'
	referred
	entry="{\"mediaType\": \"application/vnd.oci.image.manifest.v1+json\", \"artifactType\": \"application/vnd.dev.cosign.artifact.sig.v1+json\", \"size\": 1"
	# the image itself, what is not there, no digest, another kind, keys twice, nonsense, thousands
	for answer in "$index [$entry, \"digest\": \"$DIGEST\"}]}" "$index [$entry, \"digest\": \"sha256:${DIGEST//[^0]/0}\"}]}" \
		"$index [$entry, \"digest\": \"sha256:$(printf '0%.0s' {1..64})\"}]}" "$index [$entry, \"digest\": \"sha256:../../../etc/passwd\"}]}" \
		"$index [$entry, \"digest\": 7}, null, [], 3]}" "$index {}}" "$index [], \"manifests\": [$entry, \"digest\": \"$DIGEST\"}]}" \
		'<html>login</html>' '' '[]' "$(python3 -c "print('$index [' + ','.join(['$entry, \"digest\": \"$DIGEST\"}'] * 5000) + ']}')")"; do
		printf '%s' "$answer" >"$GROUND/referring/answer"
		refers "it is not signed"
	done
	rm "$GROUND/referring/answer"
	printf '%s' "$index [" >"$GROUND/referring/answer.endless"
	refers "it is not signed"
	rm "$GROUND/referring/answer.endless"
	[ -z "$(find "$XDG_DATA_HOME/cordon/partial" -name '*.lock')" ]
}

@test "lists of the referrers API in pages: all are read; those that lead nowhere count as far as they came" {
	local kind
	referred other other other other other
	HOST=$REFERRING sign ec place=referrers repository=team/referred "reference=$REFERRING/team/referred"
	# by the last of three pages it is accepted, and not where that is not reached
	for kind in lost away long broken loop; do
		echo "2 $kind" >"$GROUND/referring/pages"
		refers "none of its signatures will do"
	done
	# a page that leads to itself is read no more often than 32 times
	[ "$(grep -c . "$GROUND/referring/pages.log")" -le 40 ]
	echo "2 true" >"$GROUND/referring/pages"
	: >"$GROUND/referring/pages.log"
	cordon pull -q "$REFERRING/team/referred:1"
	[ "$(cut -d' ' -f1 "$GROUND/referring/pages.log" | tr '\n' ' ')" = "0 2 4 " ]
	# what came before the page that is not there is not lost
	cordon rmi "$REFERRING/team/referred:1"
	echo "6 loop" >"$GROUND/referring/pages"
	cordon pull -q "$REFERRING/team/referred:1"
	rm "$GROUND/referring/pages" "$GROUND/referring/pages.log"
}
