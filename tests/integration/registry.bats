#!/usr/bin/env bats
# Debian's docker-registry, plain, and with TLS and a password: what skopeo pushes, cordon pulls.
load registries

setup_file() {
	ground_make
	layout_make
	registry_start plain
	export PLAIN=127.0.0.1:$REGISTRY_PORT
	certificate_make
	registry_start closed \
		"auth: {htpasswd: {realm: here, path: $GROUND/htpasswd}}" \
		"http: {addr: 127.0.0.1:@PORT@, tls: {certificate: $GROUND/tls.crt, key: $GROUND/tls.key}}"
	export CLOSED=127.0.0.1:$REGISTRY_PORT
	[ -n "${GROUND_SKIP:-}" ] || skopeo copy -q --dest-tls-verify=false "oci:$GROUND/layout:app" "docker://$PLAIN/team/app:1"
}

teardown_file() { servers_stop; ground_clear; }

# asked PATTERN: lines of the plain registry's log.
asked() { grep -cE "$1" "$GROUND/plain.log" || true; }

forget() { cordon rmi -f "$1" >/dev/null 2>&1 || true; }

@test "pull, run, and the layers are as they were pushed" {
	run -0 --separate-stderr cordon pull "$PLAIN/team/app:1"
	[ "$output" = "$PLAIN/team/app:1" ]
	[[ "$stderr" == *"Trying $PLAIN/team/app"*Done* ]]
	run -0 confined "$PLAIN/team/app:1"
	[ "$output" = "it runs" ]
	run -0 confined "$PLAIN/team/app:1" sh -c 'wc -c </data/noise; ls /etc/group 2>&1; id -u'
	[ "${lines[0]}" = 300000 ]
	[[ "${lines[1]}" == *"No such file"* ]]
	store_is_whole
}

@test "an image that is there is only asked for" {
	local before after
	stored() { find "$XDG_DATA_HOME/cordon" -type f ! -name '*.lock' ! -path '*/diff/*' -printf '%i %T@ %C@ %p\n' | sort; }
	before=$(asked 'GET /v2/team/app/blobs') && stored >"$GROUND/stored"
	run -0 --separate-stderr cordon pull -q "$PLAIN/team/app:1"
	[ "$output" = "$PLAIN/team/app:1" ] && [ -z "$stderr" ]
	after=$(asked 'GET /v2/team/app/blobs')
	[ "$before" = "$after" ]
	# and nothing is written anew
	[ -s "$GROUND/stored" ]
	stored | diff "$GROUND/stored" -
}

@test "a helper that ends before it is asked, or cannot start" {
	mkdir "$GROUND/libexec"
	cp "$CORDON_BUILD"/stage/usr/local/libexec/cordon/* "$GROUND/libexec"
	printf '#!/bin/sh\n' >"$GROUND/libexec/registry"
	CORDON_LIBEXEC=$GROUND/libexec run -125 --separate-stderr cordon run --pull always "$PLAIN/team/app:1"
	[[ "$stderr" == *"registry helper"* ]]
	chmod 644 "$GROUND/libexec/registry"
	CORDON_LIBEXEC=$GROUND/libexec run -1 --separate-stderr cordon pull "$PLAIN/team/app:1"
	[[ "$stderr" == *"cannot start the helper"*"install cordon as a whole"* ]]
	store_is_whole
}

@test "manifest inspect: what the registry has, byte by byte; an index; what is only here" {
	local digest size
	digest=$(skopeo inspect --tls-verify=false --format '{{.Digest}}' "docker://$PLAIN/team/app:1")
	run -0 --separate-stderr cordon manifest inspect --raw "$PLAIN/team/app:1"
	[ "$output" = "$(skopeo inspect --raw --tls-verify=false "docker://$PLAIN/team/app:1")" ]
	[ "sha256:$(cordon manifest inspect --raw "$PLAIN/team/app@$digest" | sha256sum | cut -c-64)" = "$digest" ]
	cordon manifest inspect "$PLAIN/team/app:1" | python3 -c 'import json, sys; assert len(json.load(sys.stdin)["layers"]) == 2'
	size=$(cordon manifest inspect --raw "$PLAIN/team/app:1" | wc -c)
	echo "{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.index.v1+json\",\"manifests\":[{\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",\"digest\":\"$digest\",\"size\":$size,\"platform\":{\"os\":\"linux\",\"architecture\":\"riscv64\"}}]}" |
		curl -sf -X PUT -H 'Content-Type: application/vnd.oci.image.index.v1+json' --data-binary @- "http://$PLAIN/v2/team/app/manifests/many"
	[ "$(cordon manifest inspect "$PLAIN/team/app:many" | python3 -c 'import json, sys; print(json.load(sys.stdin)["manifests"][0]["platform"]["architecture"])')" = riscv64 ]
	run -1 cordon manifest inspect "$PLAIN/team/app:none"
	[[ "$output" == *"has no such image"* ]]
	run -0 --separate-stderr cordon manifest inspect base
	[[ "$stderr" == *"the image that is here"* && "$output" == *'"layers"'* ]]
	run -0 cordon manifest inspect "$(cordon images -q base)"
}

@test "by digest, and not under another" {
	local digest
	digest=$(skopeo inspect --tls-verify=false --format '{{.Digest}}' "docker://$PLAIN/team/app:1")
	forget "$PLAIN/team/app:1"
	run -0 --separate-stderr cordon pull -q "$PLAIN/team/app@$digest"
	[ "$output" = "$PLAIN/team/app@$digest" ]
	run -0 confined "$PLAIN/team/app@$digest"
	run -1 --separate-stderr cordon pull "$PLAIN/team/app@sha256:${digest//[a-f]/0}"
	run -1 --separate-stderr cordon pull "$PLAIN/team/app@sha256:$(printf '0%.0s' {1..64})"
	[[ "$stderr" == *"has no such image"* ]]
	forget "$PLAIN/team/app@$digest"
}

@test "run pulls what is missing, never, always" {
	run -125 --separate-stderr confined --pull never "$PLAIN/team/app:1"
	[[ "$stderr" == *"no such image"* ]]
	run -0 --separate-stderr confined -q "$PLAIN/team/app:1"
	[ "$output" = "it runs" ] && [ -z "$stderr" ]
	run -0 confined --pull always "$PLAIN/team/app:1"
	[[ "$output" == *"Trying"*"it runs" ]]
	run -125 --separate-stderr confined --pull sometimes "$PLAIN/team/app:1"
	[[ "$stderr" == *"missing, always, newer or never"* ]]
	# a registry that is gone: newer makes do with what is here, always does not
	"$CORDON" pull "oci:$GROUND/layout:app"
	run -0 --separate-stderr confined --pull newer localhost/app
	run -125 --separate-stderr confined --pull always "127.0.0.1:$(free_port)/team/app:1"
	[[ "$stderr" == *"connect"* ]]
}

@test "a manifest list: this machine's image, and another with --platform" {
	python3 - "$GROUND" <<-'PYTHON'
		import hashlib, json, pathlib, shutil, sys
		ground = pathlib.Path(sys.argv[1])
		shutil.copytree(ground / "layout", ground / "multi")
		blobs = ground / "multi/blobs/sha256"
		def put(value):
		    data = json.dumps(value).encode()
		    name = hashlib.sha256(data).hexdigest()
		    (blobs / name).write_bytes(data)
		    return {"digest": "sha256:" + name, "size": len(data)}
		entry = json.loads((ground / "multi/index.json").read_text())["manifests"][0]
		del entry["annotations"]
		manifest = json.loads((blobs / entry["digest"][7:]).read_text())
		config = json.loads((blobs / manifest["config"]["digest"][7:]).read_text())
		config["architecture"] = "arm64"
		manifest["config"] = {**manifest["config"], **put(config)}
		other = {"mediaType": entry["mediaType"], **put(manifest), "platform": {"os": "linux", "architecture": "arm64"}}
		entry["platform"] = {"os": "linux", "architecture": "amd64"}
		index = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": [other, entry]}
		top = {"mediaType": index["mediaType"], **put(index), "annotations": {"org.opencontainers.image.ref.name": "both"}}
		(ground / "multi/index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [top]}))
	PYTHON
	skopeo copy -q --all --dest-tls-verify=false "oci:$GROUND/multi:both" "docker://$PLAIN/team/both:1"
	cordon pull -q "$PLAIN/team/both:1"
	[ "$(cordon image inspect --format '{{.Architecture}}' "$PLAIN/team/both:1")" = "$(uname -m | sed 's/x86_64/amd64/; s/aarch64/arm64/')" ]
	cordon pull -q --platform linux/arm64 "$PLAIN/team/both:1"
	[ "$(cordon image inspect --format '{{.Architecture}}' "$PLAIN/team/both:1")" = arm64 ]
	run -1 --separate-stderr cordon pull -q --platform linux/s390x "$PLAIN/team/both:1"
	[[ "$stderr" == *"no image for linux/s390x"* ]]
	run -1 cordon pull -q --platform windows/amd64 "$PLAIN/team/both:1"
	forget "$PLAIN/team/both:1"
}

# nested TAG MEDIA-TYPE DIGEST SIZE: an index of the one entry, for no platform in particular, as team/both:TAG.
nested() {
	printf '{"schemaVersion": 2, "mediaType": "%s", "manifests": [{"mediaType": "%s", "digest": "%s", "size": %d}]}' \
		"$2" "$2" "$3" "$4" >"$GROUND/nested.json"
	curl -sSf -X PUT -H "Content-Type: $2" --data-binary "@$GROUND/nested.json" "http://$PLAIN/v2/team/both/manifests/$1"
}

@test "an index within an index: three deep, and no deeper" {
	local kind=application/vnd.oci.image.index.v1+json last=1 level
	for level in 2 3 4; do
		curl -sSf -H "Accept: $kind" -o "$GROUND/last.json" "http://$PLAIN/v2/team/both/manifests/$last"
		nested "$level" "$kind" "sha256:$(sha256sum <"$GROUND/last.json" | cut -d' ' -f1)" "$(stat -c %s "$GROUND/last.json")"
		last=$level
	done
	cordon pull -q "$PLAIN/team/both:3"
	forget "$PLAIN/team/both:3"
	run -1 --separate-stderr cordon pull -q "$PLAIN/team/both:4"
	[[ "$stderr" == *"index in an index more than 3 deep"* ]] || { echo "$stderr"; false; }
}

@test "what docker pushes: schema 2 manifests" {
	skopeo copy -q --format v2s2 --dest-tls-verify=false "oci:$GROUND/layout:app" "docker://$PLAIN/team/docker:1"
	cordon pull -q "$PLAIN/team/docker:1"
	run -0 confined "$PLAIN/team/docker:1"
	forget "$PLAIN/team/docker:1"
}

@test "layers of zstd, and none at all compressed" {
	skopeo copy -q --dest-compress-format zstd --dest-tls-verify=false "oci:$GROUND/layout:app" "docker://$PLAIN/team/zstd:1" ||
		skip "this skopeo does not compress with zstd"
	forget "$PLAIN/team/app:1"
	forget localhost/app
	cordon pull -q "$PLAIN/team/zstd:1"
	run -0 confined "$PLAIN/team/zstd:1"
	forget "$PLAIN/team/zstd:1"
}

@test "TLS and a password" {
	SSL_CERT_FILE=$GROUND/tls.crt skopeo copy -q --dest-creds ann:secret "oci:$GROUND/layout:app" "docker://$CLOSED/team/app:1"
	run -1 --separate-stderr cordon pull "$CLOSED/team/app:1"
	[[ "$stderr" == *"wants to know who asks"*"cordon login $CLOSED"* ]]
	run -1 --separate-stderr cordon pull --creds ann:wrong "$CLOSED/team/app:1"
	[[ "$stderr" == *"does not accept the credentials of ann"* ]]
	[[ "$stderr" != *wrong* ]]
	run -1 cordon pull --creds ann "$CLOSED/team/app:1"
	SSL_CERT_FILE=$GROUND/tls.crt cordon pull -q --creds ann:secret "$CLOSED/team/app:1"
	run -0 confined "$CLOSED/team/app:1"
	forget "$CLOSED/team/app:1"
}

@test "certificates: the machine's, SSL_CERT_FILE's, and those of certs.d" {
	local folder=$XDG_CONFIG_HOME/containers/certs.d/$CLOSED
	printf '[[registry]]\nlocation = "%s"\ninsecure = false\n' "$CLOSED" >"$GROUND/strict.conf"
	export CONTAINERS_REGISTRIES_CONF=$GROUND/strict.conf
	run -1 --separate-stderr cordon pull -q --creds ann:secret "$CLOSED/team/app:1"
	[[ "$stderr" == *certificate* ]]
	SSL_CERT_FILE=$GROUND/tls.crt cordon pull -q --creds ann:secret "$CLOSED/team/app:1"
	forget "$CLOSED/team/app:1"
	mkdir -p "$folder"
	cp "$GROUND/tls.crt" "$folder/ca.crt"
	cordon pull -q --creds ann:secret "$CLOSED/team/app:1"
	forget "$CLOSED/team/app:1"
	: >"$folder/me.cert"
	run -1 --separate-stderr cordon pull -q --creds ann:secret "$CLOSED/team/app:1"
	[[ "$stderr" == *"me.cert has no key: me.key is missing"*"NAME.crt"* ]]
	rm "$folder/me.cert"
	: >"$folder/me.key"
	run -1 --separate-stderr cordon pull -q --creds ann:secret "$CLOSED/team/app:1"
	[[ "$stderr" == *"me.key has no certificate: me.cert is missing"* ]]
	rm -r "$folder"
}

# pair NAME: a key and a certificate for it, signed by the authority.
pair() {
	openssl req -newkey rsa:2048 -nodes -subj "/CN=$1" -keyout "$GROUND/$1.key" -out "$GROUND/$1.csr" 2>/dev/null
	openssl x509 -req -days 2 -in "$GROUND/$1.csr" -CA "$GROUND/ca.crt" -CAkey "$GROUND/ca.key" -CAcreateserial \
		-out "$GROUND/$1.cert" 2>/dev/null
}

@test "a registry that asks who we are: the certificate of certs.d, for pull, push and login" {
	local folder host
	openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=authority -keyout "$GROUND/ca.key" -out "$GROUND/ca.crt" 2>/dev/null
	pair ann
	registry_start mutual "http: {addr: 127.0.0.1:@PORT@, tls: {certificate: $GROUND/tls.crt, key: $GROUND/tls.key, clientcas: [$GROUND/ca.crt]}}"
	host=127.0.0.1:$REGISTRY_PORT
	folder=$XDG_CONFIG_HOME/containers/certs.d/$host
	mkdir -p "$folder"
	cp "$GROUND/tls.crt" "$folder/ca.crt"
	# whichever side is quicker: TLS 1.3 refuses a client after the handshake
	for _ in 1 2 3 4 5; do
		run -1 cordon pull -q "$host/base:1"
		[[ "$output" == *"it wants a certificate of ours: "*certs.d/* ]] || { echo "$output"; false; }
	done
	run -1 cordon push -q base "$host/base:1"
	[[ "$output" == *"it wants a certificate of ours: "* ]]
	cp "$GROUND/ann.cert" "$GROUND/ann.key" "$folder"
	cordon push -q base "$host/base:1"
	run -0 --separate-stderr cordon pull "$host/base:1"
	run -0 cordon manifest inspect "$host/base:1"
	cp "$GROUND/ann.cert" "$folder/second.cert"
	cp "$GROUND/ann.key" "$folder/second.key"
	run -1 --separate-stderr cordon pull "$host/base:1"
	[[ "$stderr" == *"two certificates to show to one registry"* ]]
	rm "$folder"/second.*
	# another's key
	openssl genrsa -out "$folder/ann.key" 2048 2>/dev/null
	run -1 --separate-stderr cordon pull "$host/base:1"
	[[ "$stderr" == *"private key"* || "$stderr" == *"certificate"* ]] || { echo "$stderr"; false; }
	forget "$host/base:1"
}

@test "what skopeo login has kept is used, from a file or from where all look" {
	SSL_CERT_FILE=$GROUND/tls.crt skopeo login --authfile "$GROUND/auth.json" -u ann -p secret "$CLOSED" >/dev/null
	SSL_CERT_FILE=$GROUND/tls.crt cordon pull -q --authfile "$GROUND/auth.json" "$CLOSED/team/app:1"
	forget "$CLOSED/team/app:1"
	REGISTRY_AUTH_FILE=$GROUND/auth.json cordon pull -q --tls-verify=false "$CLOSED/team/app:1"
	forget "$CLOSED/team/app:1"
	mkdir -p "$XDG_RUNTIME_DIR/containers"
	cp "$GROUND/auth.json" "$XDG_RUNTIME_DIR/containers/auth.json"
	cordon pull -q "$CLOSED/team/app:1"
	rm "$XDG_RUNTIME_DIR/containers/auth.json"
	forget "$CLOSED/team/app:1"
}

@test "two pulls of one image at once work together" {
	local before after pids=()
	forget "$PLAIN/team/app:1"
	forget localhost/app
	before=$(asked 'GET /v2/team/app/blobs/.* 200')
	for _ in 1 2 3; do
		cordon pull -q "$PLAIN/team/app:1" 3>&- &
		pids+=($!)
	done
	for pid in "${pids[@]}"; do wait "$pid"; done
	after=$(asked 'GET /v2/team/app/blobs/.* 200')
	# config and two layers
	[ $((after - before)) = 3 ] || { echo "$((after - before)) blobs were fetched"; false; }
	run -0 confined "$PLAIN/team/app:1"
	store_is_whole
}

@test "skopeo reads what was pulled" {
	cordon pull -q "$PLAIN/team/app:1"
	skopeo copy -q "oci:$XDG_DATA_HOME/cordon/images:$PLAIN/team/app:1" "dir:$GROUND/copied"
	cmp <(skopeo inspect --raw "dir:$GROUND/copied") <(skopeo inspect --raw "oci:$GROUND/layout:app")
}

@test "push: what the registry lacks is sent, and skopeo and cordon get it back" {
	local digest
	cordon import -c 'CMD ["/bin/echo", "pushed"]' "$GROUND/base.tar" mine >/dev/null
	run -0 --separate-stderr cordon push --digestfile "$GROUND/digest" mine "docker://$PLAIN/me/mine:7"
	digest=$output
	[[ "$stderr" == *"Trying $PLAIN/me/mine"*Pushed* ]]
	[ "$(cat "$GROUND/digest")" = "$digest" ]
	[ "$(skopeo inspect --tls-verify=false --format '{{.Digest}}' "docker://$PLAIN/me/mine:7")" = "$digest" ]
	run -0 --separate-stderr cordon push mine "$PLAIN/me/mine:7"
	[[ "$stderr" == *"Already here"* && "$stderr" != *Pushed* ]]
	cordon rmi mine
	cordon pull -q "$PLAIN/me/mine:7"
	run -0 confined "$PLAIN/me/mine:7"
	[ "$output" = pushed ]
	# another repository of the same registry lends its blobs
	run -0 --separate-stderr cordon push "$PLAIN/me/mine:7" "$PLAIN/you/yours:8"
	[[ "$stderr" == *Mounted* && "$stderr" != *Pushed* ]]
	skopeo copy -q --src-tls-verify=false "docker://$PLAIN/you/yours:8" "oci:$GROUND/yours:8"
	forget "$PLAIN/me/mine:7"
}

@test "push: with TLS and a password; where it may not; what is not there" {
	cordon pull -q "$PLAIN/team/app:1"
	SSL_CERT_FILE=$GROUND/tls.crt cordon push -q --creds ann:secret "$PLAIN/team/app:1" "$CLOSED/me/app:1"
	SSL_CERT_FILE=$GROUND/tls.crt skopeo inspect --creds ann:secret "docker://$CLOSED/me/app:1" >/dev/null
	run -1 --separate-stderr cordon push "$PLAIN/team/app:1" "$CLOSED/me/app:2"
	[[ "$stderr" == *"cordon login $CLOSED"* ]]
	run -1 --separate-stderr cordon push nosuch "$PLAIN/x"
	[[ "$stderr" == *"no such image: nosuch"* ]]
}

@test "podman pulls what cordon pushed" {
	command -v podman >/dev/null || skip "podman is not installed"
	cordon pull -q "$PLAIN/team/app:1"
	cordon push -q "$PLAIN/team/app:1" "$PLAIN/for/podman:1"
	HOME=$GROUND/podman timeout 60 podman --storage-driver vfs --root "$GROUND/podman/root" --runroot "$GROUND/podman/run" \
		pull -q --tls-verify=false "$PLAIN/for/podman:1" || skip "podman does not work here"
	HOME=$GROUND/podman podman --storage-driver vfs --root "$GROUND/podman/root" --runroot "$GROUND/podman/run" unshare rm -rf "$GROUND/podman"
}
