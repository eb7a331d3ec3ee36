#!/usr/bin/env bats
# An image as large as real ones are, over a registry, from one engine to the other: skopeo, podman, umoci.
load registries

setup_file() {
	ground_make
	registry_start plain
	export PLAIN=127.0.0.1:$REGISTRY_PORT
	[ -n "${GROUND_SKIP:-}" ] || large_make
}

teardown_file() {
	servers_stop
	[ ! -e "${GROUND:-/nowhere}/podman" ] || podman_here unshare rm -rf "$GROUND/podman"
	ground_clear
}

# large_make: an OCI layout called "large": three Debian roots, one over the other, and a file of 110 MB.
large_make() {
	local tar tars=()
	for tar in redis nginx python; do
		tar=$(CORDON_IMAGES="${CORDON_IMAGES:-$HOME/.cache/cordon-tests}" "$BATS_TEST_DIRNAME/images.bash" "$tar" 2>"$GROUND/reason")
		[ -n "$tar" ] || { give_up "$(cat "$GROUND/reason")"; return; }
		tars+=("$tar")
	done
	head -c 110000000 /dev/urandom >"$GROUND/noise"
	tar -C "$GROUND" --owner=0 --group=0 -cf "$GROUND/noise.tar" noise
	for tar in "${tars[@]}" "$GROUND/noise.tar"; do
		[ "$(stat -c %s "$tar")" -gt 100000000 ] || { give_up "$tar is no layer of 100 MB"; return; }
	done
	python3 "$BATS_TEST_DIRNAME/../support/layout_of_tars.py" "$GROUND/large" large "${tars[@]}" "$GROUND/noise.tar"
}

podman_here() {
	HOME=$GROUND/podman timeout 100 podman --storage-driver vfs --root "$GROUND/podman/root" --runroot "$GROUND/podman/run" "$@"
}

@test "what skopeo pushes, four layers of more than 100 MB, is pulled whole" {
	skopeo copy -q --dest-tls-verify=false "oci:$GROUND/large:large" "docker://$PLAIN/team/large:1"
	CORDON_TEST_SECONDS=100 cordon pull -q "$PLAIN/team/large:1"
	run -0 confined "$PLAIN/team/large:1" sh -c 'redis-server --version; /usr/sbin/nginx -v 2>&1; python3 -c "print(6 * 7)"; wc -c </noise'
	[[ "${lines[0]}" == "Redis server"* && "${lines[1]}" == *nginx* && "${lines[2]}" = 42 && "${lines[3]}" = 110000000 ]]
	run -0 cordon system check
}

@test "it goes back as it came: skopeo has the same layers, and the registry's are not sent again" {
	cordon push -q "$PLAIN/team/large:1" "$PLAIN/other/large:2"
	[ "$(skopeo inspect --tls-verify=false --format '{{.Layers}}' "docker://$PLAIN/other/large:2")" = \
		"$(skopeo inspect --tls-verify=false --format '{{.Layers}}' "docker://$PLAIN/team/large:1")" ]
	refute grep -E '"(PATCH|PUT) /v2/other/large/blobs/uploads/' "$GROUND/plain.log"
	skopeo copy -q --src-tls-verify=false "docker://$PLAIN/other/large:2" "dir:$GROUND/back"
	rm -r "$GROUND/back"
}

@test "the store is a layout: skopeo and umoci read it" {
	local store=$XDG_DATA_HOME/cordon/images
	skopeo inspect "oci:$store:$PLAIN/team/large:1" | grep -q '"Layers"'
	umoci stat --image "$store:$PLAIN/team/large:1" >/dev/null
}

@test "what podman pushes is pulled and run" {
	command -v podman >/dev/null || skip "podman is not installed"
	cordon save -o "$GROUND/base.save" base
	podman_here load -q -i "$GROUND/base.save" || skip "podman does not work here"
	podman_here tag localhost/base:latest "$PLAIN/from/podman:1"
	podman_here push -q --tls-verify=false "$PLAIN/from/podman:1"
	podman_here push -q --tls-verify=false --format v2s2 "$PLAIN/from/podman:1" "$PLAIN/from/podman:docker"
	podman_here push -q --tls-verify=false --compression-format zstd --format oci "$PLAIN/from/podman:1" "$PLAIN/from/podman:zstd"
	for tag in 1 docker zstd; do
		run -0 confined -q "$PLAIN/from/podman:$tag" sh -c 'echo it runs'
		[ "${lines[-1]}" = "it runs" ]
	done
}
