# registries: servers the tests start and stop themselves, on free ports of the loopback.
load ../integration/ground

# layout_make: an OCI layout of two layers in $GROUND/layout, called "app": base and, above it, a
# file of 300 KB that does not compress, an opaque folder and a whiteout.
layout_make() {
	local over=$GROUND/over
	mkdir -p "$over/data" "$over/etc"
	head -c 300000 /dev/urandom >"$over/data/noise"
	: >"$over/etc/.wh.group"
	tar -C "$over" --owner=0 --group=0 -czf "$GROUND/over.tar.gz" .
	python3 - "$GROUND" <<-'PYTHON'
		import gzip, hashlib, json, pathlib, sys
		ground = pathlib.Path(sys.argv[1])
		blobs = ground / "layout/blobs/sha256"
		blobs.mkdir(parents=True)
		def put(data):
		    name = hashlib.sha256(data).hexdigest()
		    (blobs / name).write_bytes(data)
		    return {"digest": "sha256:" + name, "size": len(data)}
		layers = [gzip.compress((ground / "base.tar").read_bytes(), mtime=0), (ground / "over.tar.gz").read_bytes()]
		config = {"architecture": "amd64", "os": "linux", "created": "2024-05-01T12:00:00Z",
		          "config": {"Cmd": ["/bin/sh", "-c", "echo it runs"]},
		          "rootfs": {"type": "layers", "diff_ids": ["sha256:" + hashlib.sha256(gzip.decompress(l)).hexdigest() for l in layers]}}
		oci = "application/vnd.oci.image."
		manifest = {"schemaVersion": 2, "mediaType": oci + "manifest.v1+json",
		            "config": {"mediaType": oci + "config.v1+json", **put(json.dumps(config).encode())},
		            "layers": [{"mediaType": oci + "layer.v1.tar+gzip", **put(l)} for l in layers]}
		entry = {"mediaType": oci + "manifest.v1+json", **put(json.dumps(manifest).encode()),
		         "annotations": {"org.opencontainers.image.ref.name": "app"}}
		(ground / "layout/index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [entry]}))
		(ground / "layout/oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
	PYTHON
}

# registry_start NAME [LINE...]: Debian's docker-registry; the lines go into its configuration's
# http part. Sets REGISTRY_PORT.
registry_start() {
	local name=$1 line
	shift
	command -v docker-registry >/dev/null || { give_up "docker-registry is not installed"; return; }
	REGISTRY_PORT=$(free_port)
	{
		echo "version: 0.1"
		echo "log: {level: error, accesslog: {disabled: false}}"
		echo "storage: {filesystem: {rootdirectory: $GROUND/$name}, delete: {enabled: true}}"
		for line in "$@"; do echo "$line"; done
		[[ "$*" == *http:* ]] || echo "http: {addr: 127.0.0.1:$REGISTRY_PORT}"
	} | sed "s/@PORT@/$REGISTRY_PORT/" >"$GROUND/$name.yml"
	docker-registry serve "$GROUND/$name.yml" >"$GROUND/$name.log" 2>&1 3>&- &
	echo $! >>"$GROUND/servers"
	answers "$REGISTRY_PORT"
}

# certificate_make: a certificate for 127.0.0.1 and a password file (bcrypt, which is all that docker-registry takes).
certificate_make() {
	openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=here -addext "subjectAltName = IP:127.0.0.1, DNS:registry.test" \
		-keyout "$GROUND/tls.key" -out "$GROUND/tls.crt" 2>/dev/null
	python3 -W ignore -c 'import crypt; print("ann:" + crypt.crypt("secret", crypt.mksalt(crypt.METHOD_BLOWFISH, rounds=16)))' >"$GROUND/htpasswd"
}

# faulty_start LAYOUT: sets FAULTY (its address), FAULTY_OTHER (the other origin's port), FAULTY_LOG.
faulty_start() {
	FAULTY_LOG=$GROUND/faulty.log
	rm -f "$GROUND/faulty.ports" # of an earlier one
	python3 "$BATS_TEST_DIRNAME/../support/faulty_registry.py" "$1" "$FAULTY_LOG" >"$GROUND/faulty.ports" 2>"$GROUND/faulty.err" 3>&- &
	echo $! >>"$GROUND/servers"
	wait_until 60 says "$GROUND/faulty.ports"
	read -r FAULTY FAULTY_OTHER <"$GROUND/faulty.ports"
	FAULTY=127.0.0.1:$FAULTY
	export FAULTY FAULTY_OTHER FAULTY_LOG
}

# referring_start HOST:PORT: the referrers API before a registry that has none; its address is REFERRING. What is in the
# folder $GROUND/referring stands in for its lists.
referring_start() {
	mkdir -p "$GROUND/referring"
	rm -f "$GROUND/referring.port" # of an earlier one
	python3 "$BATS_TEST_DIRNAME/../support/referring_registry.py" "$1" "$GROUND/referring" >"$GROUND/referring.port" 3>&- &
	echo $! >>"$GROUND/servers"
	wait_until 60 says "$GROUND/referring.port"
	REFERRING=127.0.0.1:$(cat "$GROUND/referring.port")
	export REFERRING
}

answers() {
	! wait_until 60 opens "$1" || return 0
	echo "nothing answers at port $1" >&2
	return 1
}

opens() { (: </dev/tcp/127.0.0.1/"$1"); }

servers_stop() {
	local pid
	[ -r "${GROUND:-/nowhere}/servers" ] || return 0
	while read -r pid; do kill "$pid" || true; done <"$GROUND/servers"
}

# nothing_left: no partial image has a name, and only whole blobs are in the store.
store_is_whole() {
	local blob name
	for blob in "$XDG_DATA_HOME"/cordon/images/blobs/sha256/*; do
		[ -e "$blob" ] || continue
		name=${blob##*/}
		[ "$(sha256sum <"$blob" | cut -d' ' -f1)" = "$name" ] || { echo "damaged: $name"; return 1; }
	done
	[ -z "$(ls -A "$XDG_DATA_HOME/cordon/tmp")" ] || { echo "left: $(ls "$XDG_DATA_HOME/cordon/tmp")"; return 1; }
}
