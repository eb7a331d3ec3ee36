#!/usr/bin/env bats
# The words of the commands of images that people know from Docker and Podman: each with its true effect, or refused with
# the reason and a way out.
load registries

setup_file() {
	ground_make
	layout_make
	registry_start plain
	export PLAIN=127.0.0.1:$REGISTRY_PORT
	faulty_start "$GROUND/layout"
	[ -z "${GROUND_SKIP:-}" ] || return 0
	many_make
	for tag in 1 2 3; do
		skopeo copy -q --dest-tls-verify=false "oci:$GROUND/layout:app" "docker://$PLAIN/team/app:$tag"
	done
	skopeo copy -q --all --dest-tls-verify=false "oci:$GROUND/many:many" "docker://$PLAIN/team/many:1"
}

teardown_file() { servers_stop; ground_clear; }

teardown() {
	for name in $(cordon images --format '{{.Name}}' | grep -v '^localhost/base:latest$'); do
		cordon rmi -f "$name" >/dev/null 2>&1 || true
	done
}

# many_make: an index of images, called "many": their platforms are in the names of what they print.
many_make() {
	python3 - "$GROUND" <<-'PYTHON'
		import hashlib, json, pathlib, shutil, sys
		ground = pathlib.Path(sys.argv[1])
		shutil.copytree(ground / "layout", ground / "many")
		blobs = ground / "many/blobs/sha256"
		def put(value):
		    data = json.dumps(value).encode()
		    name = hashlib.sha256(data).hexdigest()
		    (blobs / name).write_bytes(data)
		    return {"digest": "sha256:" + name, "size": len(data)}
		entry = json.loads((ground / "many/index.json").read_text())["manifests"][0]
		manifest = json.loads((blobs / entry["digest"][7:]).read_text())
		config = json.loads((blobs / manifest["config"]["digest"][7:]).read_text())
		items = []
		for words in ("linux/arm64/v8", "linux/arm/v5", "linux/arm/v7", "linux/amd64/v3", "linux/amd64", "windows/amd64", "linux/s390x"):
		    os, architecture, *variant = words.split("/")
		    platform = {"os": os, "architecture": architecture, **({"variant": variant[0]} if variant else {})}
		    own = {**config, **platform, "config": {"Cmd": ["/bin/sh", "-c", "echo " + words]}}
		    items.append({"mediaType": entry["mediaType"], **put({**manifest, "config": {**manifest["config"], **put(own)}}), "platform": platform})
		index = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": items}
		top = {"mediaType": index["mediaType"], **put(index), "annotations": {"org.opencontainers.image.ref.name": "many"}}
		(ground / "many/index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [top]}))
		# an image by itself that is for another machine
		top = {**items[-1], "annotations": {"org.opencontainers.image.ref.name": "s390x"}}
		del top["platform"]
		(ground / "many/index.alone").write_text(json.dumps({"schemaVersion": 2, "manifests": [top]}))
	PYTHON
	cp -r "$GROUND/many" "$GROUND/alone"
	cp "$GROUND/many/index.alone" "$GROUND/alone/index.json"
	tar -C "$GROUND/many" -cf "$GROUND/many.tar" oci-layout index.json blobs
}

is_amd64() { [ "$(uname -m)" = x86_64 ] || skip "the rows are for amd64"; }

# platform_of NAME: as the image says itself.
platform_of() { cordon image inspect -f '{{.Os}}/{{.Architecture}}{{with .Variant}}/{{.}}{{end}}' "$1"; }

@test "pull: several names; one that fails keeps none of the others" {
	run -0 --separate-stderr cordon pull -q "$PLAIN/team/app:1" "$PLAIN/team/app:2"
	[ "$output" = "$PLAIN/team/app:1"$'\n'"$PLAIN/team/app:2" ]
	run -1 --separate-stderr cordon pull -q "$PLAIN/team/none:1" "$PLAIN/team/app:3" "$PLAIN/team/none:2"
	[ "$output" = "$PLAIN/team/app:3" ]
	[[ "$stderr" == *"team/none:1"*"team/none:2"* ]]
	run -125 cordon pull
}

@test "pull --all-tags, push --all-tags" {
	local tags
	run -0 --separate-stderr cordon pull -q -a "$PLAIN/team/app"
	[ "$(sort <<<"$output")" = "$PLAIN/team/app:1"$'\n'"$PLAIN/team/app:2"$'\n'"$PLAIN/team/app:3" ] || { echo "$output"; false; }
	run -1 --separate-stderr cordon pull -a "$PLAIN/team/app:1"
	[[ "$stderr" == *"without a tag"* ]]
	run -1 --separate-stderr cordon pull -a "$PLAIN/team/none"
	[[ "$stderr" == *"no such repository"* ]]
	cordon tag "$PLAIN/team/app:1" "$PLAIN/other/app:1"
	cordon tag "$PLAIN/team/app:1" "$PLAIN/other/app:two"
	cordon tag "$PLAIN/team/app:1" "$PLAIN/other/application:1"
	run -0 --separate-stderr cordon push -a "$PLAIN/other/app"
	tags=$(curl -sf "http://$PLAIN/v2/other/app/tags/list" | python3 -c 'import json, sys; print(sorted(json.load(sys.stdin)["tags"]))')
	[ "$tags" = "['1', 'two']" ]
	run -1 --separate-stderr cordon push -a "$PLAIN/other/nothing"
	[[ "$stderr" == *"no image here is called $PLAIN/other/nothing:TAG"* ]]
	run -1 cordon push -a "$PLAIN/other/app:1"
	run -1 cordon push -a --digestfile "$GROUND/digest" "$PLAIN/other/app"
}

@test "a list of tags in pages; one that lies, and one without end" {
	run -0 --separate-stderr cordon pull -q -a "$FAULTY/pages/app"
	[ "$output" = "$FAULTY/pages/app:app" ]
	[ "$(grep -c '"path": "/v2/pages/app/tags/list' "$FAULTY_LOG")" = 3 ]
	for mode in tagloop tagtext tagshape tagpath tagdigest; do
		run -1 --separate-stderr cordon pull -q -a "$FAULTY/$mode/app"
		[[ "$stderr" == *"list of tags"* || "$stderr" == *"invalid"* ]] || { echo "$mode: $stderr"; false; }
		[ -z "$output" ]
	done
}

@test "platforms: variants, other names, parts, the variable; a registry, a folder and an archive" {
	local source words
	is_amd64
	cordon pull -q "$PLAIN/team/many:1"
	[ "$(platform_of "$PLAIN/team/many:1")" = linux/amd64 ]
	for source in "$PLAIN/team/many:1" "oci:$GROUND/many:many" "oci-archive:$GROUND/many.tar:many"; do
		while IFS='|' read -r words expected; do
			# shellcheck disable=SC2086
			run -0 --separate-stderr cordon pull -q $words "$source"
			[ "$(platform_of "$output")" = "$expected" ] || { echo "$source $words: $(platform_of "$output")"; false; }
		done <<-ROWS
			--platform=linux/arm64|linux/arm64/v8
			--platform=linux|linux/amd64
			--platform=linux/arm/v6|linux/arm/v5
			--platform=linux/x86_64/v4|linux/amd64/v3
			--os=linux --arch=armhf|linux/arm/v7
			--variant=v3|linux/amd64/v3
		ROWS
		DOCKER_DEFAULT_PLATFORM=linux/s390x run -0 --separate-stderr cordon pull -q "$source"
		[ "$(platform_of "$output")" = linux/s390x ]
		DOCKER_DEFAULT_PLATFORM=linux/s390x run -0 --separate-stderr cordon pull -q --platform linux/arm64 "$source"
		[ "$(platform_of "$output")" = linux/arm64/v8 ]
		for words in linux/riscv64 linux/arm/v4; do
			run -1 --separate-stderr cordon pull -q --platform "$words" "$source"
			[[ "$stderr" == *"no image for $words"*"linux/arm/v7, linux/amd64/v3"* ]] || { echo "$stderr"; false; }
		done
	done
	for words in "--platform=linux/" "--platform=" "--platform=a/b/c/d" "--platform=windows/amd64" "--platform=windows" "--os=freebsd" \
		"--platform=linux/arm64 --arch=arm"; do
		# shellcheck disable=SC2086
		run -1 --separate-stderr cordon pull -q $words "$PLAIN/team/many:1"
		[ -n "$stderr" ] && [ -z "$output" ]
	done
}

@test "an image by itself that is for another machine: told, and refused where one was asked for" {
	is_amd64
	run -0 --separate-stderr cordon pull "oci:$GROUND/alone:s390x"
	[[ "$stderr" == *"the image is for linux/s390x, and this machine is linux/amd64"* ]]
	cordon rmi -f "$output" >/dev/null
	skopeo copy -q --dest-tls-verify=false "oci:$GROUND/alone:s390x" "docker://$PLAIN/team/alone:1"
	# before any layer is fetched, and again where the store has it all
	run -1 --separate-stderr cordon pull -q --platform linux/amd64 "$PLAIN/team/alone:1"
	[[ "$stderr" == *"the image is for linux/s390x, and linux/amd64 was asked for"* ]]
	run -1 cordon image exists "$PLAIN/team/alone:1"
	run -0 --separate-stderr cordon pull -q --platform linux/s390x "$PLAIN/team/alone:1"
	[ -z "$stderr" ]
	for _ in 1 2; do
		run -0 --separate-stderr cordon pull -q "$PLAIN/team/alone:1"
		[[ "$stderr" == *"Warning: the image is for linux/s390x"* ]]
	done
	run -1 --separate-stderr cordon pull -q --platform linux/amd64 "$PLAIN/team/alone:1"
}

@test "run --platform: what is here for another is not it" {
	is_amd64
	cordon pull -q --platform linux/arm64 "$PLAIN/team/many:1"
	run -0 --separate-stderr confined "$PLAIN/team/many:1"
	[ "$output" = linux/arm64/v8 ]
	run -0 --separate-stderr confined --platform linux/arm64 "$PLAIN/team/many:1"
	[ "$output" = linux/arm64/v8 ] && [ -z "$stderr" ]
	run -125 --separate-stderr confined --pull never --platform linux/arm/v7 "$PLAIN/team/many:1"
	[[ "$stderr" == *"no such image: $PLAIN/team/many:1 for linux/arm/v7"* ]]
	run -0 --separate-stderr confined -q --platform linux/arm/v7 "$PLAIN/team/many:1"
	[ "$output" = linux/arm/v7 ]
	[ "$(platform_of "$PLAIN/team/many:1")" = linux/arm/v7 ]
	run -125 --separate-stderr confined --platform linux/riscv64 "$PLAIN/team/many:1"
	[[ "$stderr" == *"no image for linux/riscv64"* ]]
	DOCKER_DEFAULT_PLATFORM=linux/amd64 run -0 --separate-stderr confined -q "$PLAIN/team/many:1"
	[ "$output" = linux/amd64 ]
}

@test "--tls-verify, asked for, wins over registries.conf and over what is here; --cert-dir" {
	printf '[[registry]]\nlocation = "%s"\ninsecure = true\n' "$PLAIN" >"$GROUND/loose.conf"
	: >"$GROUND/empty.conf"
	for file in "$GROUND/empty.conf" "$GROUND/loose.conf"; do
		export CONTAINERS_REGISTRIES_CONF=$file
		cordon pull -q "$PLAIN/team/app:1"
		cordon rmi "$PLAIN/team/app:1" >/dev/null
		for command in "pull -q --tls-verify" "pull -q --tls-verify=true" "manifest inspect --tls-verify" "login -u a -p b --tls-verify"; do
			place=$PLAIN/team/app:1
			[[ $command != login* ]] || place=$PLAIN
			# shellcheck disable=SC2086
			run -1 --separate-stderr cordon $command "$place"
			[[ "$stderr" == *"$PLAIN"* ]] || { echo "$command: $stderr"; false; }
		done
	done
	unset CONTAINERS_REGISTRIES_CONF
	certificate_make
	registry_start closed "http: {addr: 127.0.0.1:@PORT@, tls: {certificate: $GROUND/tls.crt, key: $GROUND/tls.key}}"
	mkdir "$GROUND/authorities" "$GROUND/nobody"
	cp "$GROUND/tls.crt" "$GROUND/authorities/ca.crt"
	cordon push -q --tls-verify --cert-dir "$GROUND/authorities" base "127.0.0.1:$REGISTRY_PORT/base:1"
	run -1 --separate-stderr cordon pull -q --tls-verify --cert-dir "$GROUND/nobody" "127.0.0.1:$REGISTRY_PORT/base:1"
	[[ "$stderr" == *certificate* ]]
	run -1 --separate-stderr cordon pull -q --tls-verify --cert-dir "$GROUND/not-there" "127.0.0.1:$REGISTRY_PORT/base:1"
	[[ "$stderr" == *"--cert-dir $GROUND/not-there: No such file"* ]]
	cordon pull -q --tls-verify --cert-dir "$GROUND/authorities" "127.0.0.1:$REGISTRY_PORT/base:1"
}

@test "Docker's content trust, which cordon has not, is never passed over" {
	for command in "pull -q" "push -q" "manifest inspect" "run --rm"; do
		# shellcheck disable=SC2086
		DOCKER_CONTENT_TRUST=1 run cordon $command "$PLAIN/team/app:1"
		[ "$status" -ne 0 ] && [[ "$output" == *"DOCKER_CONTENT_TRUST asks for"*policy.json* ]] || { echo "$command: $output"; false; }
	done
	run -1 cordon pull -q --disable-content-trust=false "$PLAIN/team/app:1"
	DOCKER_CONTENT_TRUST=1 cordon pull -q --disable-content-trust "$PLAIN/team/app:1"
	DOCKER_CONTENT_TRUST=0 cordon pull -q "$PLAIN/team/app:1"
}

@test "a registry that says by a date when to come again" {
	run -0 --separate-stderr cordon pull "$FAULTY/later/app:app"
	[[ "$stderr" == *"Trying"* ]]
	local asked
	asked=$(python3 - "$FAULTY_LOG" <<-'PYTHON'
		import json, sys
		times = [r["time"] for r in map(json.loads, open(sys.argv[1])) if r["path"] == "/v2/later/app/manifests/app"]
		print(int(times[1] - times[0] >= 1.9), len(times))
	PYTHON
	)
	[ "$asked" = "1 2" ]
}

@test "image exists" {
	run -0 cordon image exists base
	[ -z "$output" ]
	run -0 cordon image exists "$(cordon images -q base)"
	run -1 cordon image exists nothing-of-the-kind
	[ -z "$output" ]
	mkdir -p "$GROUND/damaged/cordon"
	cp -r "$XDG_DATA_HOME/cordon/images" "$GROUND/damaged/cordon"
	echo '{"schemaVersion": 2, "manifests": ' >"$GROUND/damaged/cordon/images/index.json"
	XDG_DATA_HOME=$GROUND/damaged run -125 cordon image exists base
	[ -n "$output" ]
}

@test "import: a message, a platform, no URLs" {
	cordon import -m "a word on it" -c 'CMD echo so' -q --platform linux/arm/v6 "$GROUND/base.tar" one
	[ "$(cordon history --format '{{.Comment}}' one)" = "a word on it" ]
	[ "$(cordon image inspect -f '{{.Comment}}' one)" = "a word on it" ]
	[ "$(platform_of one)" = linux/arm/v6 ]
	cordon import --arch aarch64 --os linux "$GROUND/base.tar" two
	[ "$(platform_of two)" = linux/arm64 ]
	run -1 cordon import --arch arm --platform linux/arm "$GROUND/base.tar" three
	run -1 cordon import --platform linux/ "$GROUND/base.tar" three
	run -1 --separate-stderr cordon import https://example.org/x.tar three
	[[ "$stderr" == *"files, not URLs"*"curl"* ]]
	cordon import - four <"$GROUND/base.tar"
	run -1 cordon image exists three
}

@test "commit --iidfile; rmi --all, --ignore, --no-prune" {
	local id
	cordon run --network none --name box base true
	run -0 cordon commit --iidfile "$GROUND/iid" --pause=false box made
	[ -z "$output" ]
	id=$(cordon image inspect -f '{{.Id}}' made)
	[ "$(cat "$GROUND/iid")" = "$id" ]
	cordon rm box
	cordon tag made again
	cordon untag made localhost/made
	cordon untag again
	[ "$(cordon image inspect -f '{{json .RepoTags}}' "$id")" = '[]' ]
	run -0 cordon rmi --ignore nothing-of-the-kind
	[ -z "$output" ]
	run -1 cordon rmi --no-prune nothing-of-the-kind
	run -1 cordon rmi
	[[ "$output" == *"--all"* ]]
	run -1 cordon rmi -a base
	cordon tag base further
	cordon run -d --network none --name box again sleep 600 || true
	run -0 cordon rmi -a
	[[ "$output" == *"Untagged: localhost/further:latest"*"Deleted: $id"* || "$output" == *"Deleted: $id"*"Untagged: localhost/further:latest"* ]]
	[ -z "$(cordon images -q)" ]
	cordon import "$GROUND/base.tar" base >"$GROUND/base.id"
}

@test "images: orders, no headings, filters" {
	cordon import -m "not base, though of the same second" "$GROUND/base.tar" b:1
	cordon import -c 'LABEL a=b' "$GROUND/base.tar" a:2
	touch "$GROUND/root/more"
	head -c 3000000 /dev/zero >"$GROUND/root/more"
	tar -C "$GROUND/root" -cf "$GROUND/more.tar" .
	cordon import "$GROUND/more.tar" c:0
	sorted() { cordon images --format '{{.Repository}}:{{.Tag}}' "$@" | sed 's,localhost/,,' | grep -v base | tr '\n' ' '; }
	[ "$(sorted --sort repository)" = "a:2 b:1 c:0 " ]
	[ "$(sorted --sort tag)" = "c:0 b:1 a:2 " ]
	[ "$(sorted --sort size | grep -o 'c:0 $')" = "c:0 " ]
	[ "$(cordon images --no-trunc --sort id --format '{{.ID}}')" = "$(cordon images --no-trunc --format '{{.ID}}' | sort)" ]
	run -1 --separate-stderr cordon images --sort colour
	[[ "$stderr" == *"created, id, repository, size and tag"* ]]
	[ "$(cordon images -n | wc -l)" = 4 ]
	run -0 cordon images -n
	[[ "$output" != *REPOSITORY* ]]
	[ "$(sorted -f id="$(cordon images -q c)")" = "c:0 " ]
	[ "$(sorted -f id="$(cordon images -q --no-trunc c)")" = "c:0 " ]
	[ "$(cordon images -q -f until=1h)" = "" ]
	[ "$(cordon images -q -f until="$(date -d tomorrow +%F)" | wc -l)" = 4 ]
	[ "$(cordon images -q -f until="$(date -d tomorrow +%F)" -f until=1h)" = "" ]
	run -1 cordon images -f until=soon
}

@test "load says what it loaded as Docker does" {
	cordon tag base named:1
	cordon save -o "$GROUND/named.tar" named:1
	cordon save -o "$GROUND/id.tar" "$(cordon images -q base)"
	run -0 cordon load -q -i "$GROUND/named.tar"
	[ "$output" = "Loaded image: localhost/named:1" ]
	run -0 cordon load -i "$GROUND/id.tar"
	[[ "$output" == "Loaded image ID: sha256:"* ]]
}

@test "what podman writes to or reads from a folder or a file is never a question to Docker Hub" {
	local row
	mkdir -p "$GROUND/some"
	for row in "push base dir:$GROUND/some" "push base oci:$GROUND/some:x" "push base docker-archive:$GROUND/some.tar" "push base oci-archive:some" \
		"push base docker-daemon:base:1" "push base containers-storage:base" "push base docker://dir:x" "pull dir:$GROUND/some" \
		"pull dir:some" "pull docker-daemon:base:1" "pull containers-storage:base" "pull docker://oci:x" "pull tarball:x" "pull -a oci:x" "manifest inspect oci:x" "image verify dir:x" \
		"run --rm dir:some"; do
		# shellcheck disable=SC2086
		run cordon $row
		[[ "$status" -ne 0 && "$output" == *"no image of a registry"*"docker.io/library/"* && "$output" != *Trying* ]] || { echo "$row: $output"; false; }
	done
	[ -z "$(ls -A "$GROUND/some")" ]
	run -1 cordon load -i "$GROUND/some"
	[[ "$output" == *"is a folder"*"cordon pull oci:"* ]]
	run -1 cordon import "$GROUND/some"
	[[ "$output" == *"is a folder"*"tar -C"* ]]
	run -1 cordon push nothing-of-the-kind "$PLAIN/x"
	[[ "$output" == *"no such image"*"cordon images"* ]]
}

@test "what is not here says why, and what to do instead" {
	local row
	for row in "images --history" "images --tree" "rmi --platform=x y" "save --platform x y" "history --platform x y" \
		"image inspect --platform=x y" "load --platform x" "push --compress x" "push --compression-format zstd x" "push -f v2s2 x" \
		"push --sign-by me x" "push --platform x y" "commit --squash x y" "commit --include-volumes x y" "image prune --external" \
		"system prune --external" "manifest inspect -v x" "image build ." "image diff x" "image mount x" "image scp x y" \
		"image search x" "image sign x" "image trust show" "image unmount x" "manifest add x y" "manifest annotate x" \
		"manifest create x" "manifest exists x" "manifest push x" "manifest remove x" "manifest rm x" "system connection ls" \
		"system events" "system migrate" "system renumber" "system reset" "system service"; do
		# shellcheck disable=SC2086
		run cordon $row
		[ "$status" = 125 ] && [[ "$output" == *"is not offered: "* ]] && [ "${#lines[@]}" = 2 ] && [[ "${lines[1]}" == "  "?* ]] ||
			{ echo "$row: $status $output"; false; }
	done
	run -1 --separate-stderr cordon inspect --type volume base
	[[ "$stderr" == *"neither container nor image"* ]]
}
