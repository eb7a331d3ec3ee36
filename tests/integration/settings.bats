#!/usr/bin/env bats
# registries.conf, as skopeo obeys it and as cordon does, at Debian's docker-registry.
load registries

setup_file() {
	ground_make
	layout_make
	registry_start plain
	export PLAIN=127.0.0.1:$REGISTRY_PORT HOME=$GROUND/home
	# a name that no resolver knows: whatever answers for it was named in registries.conf
	export FAR=registry.invalid
	[ -n "${GROUND_SKIP:-}" ] || skopeo copy -q --dest-tls-verify=false "oci:$GROUND/layout:app" "docker://$PLAIN/team/app:1"
}

teardown_file() { servers_stop; ground_clear; }
teardown() { rm -rf "$HOME/.config"; cordon rmi -f "$(cordon images -q)" >/dev/null 2>&1 || true; }

# configure: the user's registries.conf, from standard input.
configure() {
	mkdir -p "$HOME/.config/containers"
	sed "s/@PLAIN@/$PLAIN/g; s/@FAR@/$FAR/g" >"$HOME/.config/containers/registries.conf"
}

# both STATUS NAME: skopeo and cordon get it, or both do not. $stderr is cordon's.
both() {
	if [ "$1" = 0 ]; then
		skopeo inspect --raw "docker://$2" >/dev/null
		run -0 --separate-stderr cordon pull -q "$2"
		[ "$output" = "$2" ]
	else
		run ! skopeo inspect --raw "docker://$2"
		run -1 --separate-stderr cordon pull -q "$2"
	fi
}

@test "a place of this machine may be insecure, for cordon as for Docker; elsewhere it has to be said" {
	cordon pull -q "$PLAIN/team/app:1"
	configure <<<$'[[registry]]\nlocation = "@PLAIN@"\ninsecure = false\n'
	both 1 "$PLAIN/team/app:1"
	configure <<<$'[[registry]]\nlocation = "@PLAIN@"\ninsecure = true\n'
	both 0 "$PLAIN/team/app:1"
}

@test "another location, for a namespace of a registry" {
	configure <<-'CONF'
		[[registry]]
		prefix = "@FAR@/people"
		location = "@PLAIN@/team"
		insecure = true
	CONF
	both 0 "$FAR/people/app:1"
	both 1 "$FAR/peoples/app:1"
	both 1 "$FAR/team/app:1"
}

@test "mirrors are asked before the place itself, and passed over where they have nothing" {
	local asked
	configure <<-'CONF'
		[[registry]]
		location = "@FAR@"
		[[registry.mirror]]
		location = "@PLAIN@/empty"
		insecure = true
		[[registry.mirror]]
		location = "@PLAIN@/team"
		insecure = true
	CONF
	both 0 "$FAR/app:1"
	asked=$(grep -oE '(GET|HEAD) /v2/(empty|team)/app/manifests/1 ' "$GROUND/plain.log" | tail -2 | cut -d/ -f3 | tr '\n' ' ')
	[ "$asked" = "empty team " ]
}

@test "mirrors for digests only, for tags only" {
	local digest
	digest=$(skopeo inspect --tls-verify=false --format '{{.Digest}}' "docker://$PLAIN/team/app:1")
	configure <<-'CONF'
		[[registry]]
		location = "@FAR@"
		mirror-by-digest-only = true
		mirror = [{ location = "@PLAIN@/team", insecure = true }]
	CONF
	both 1 "$FAR/app:1"
	both 0 "$FAR/app@$digest"
	configure <<-'CONF'
		[[registry]]
		location = "@FAR@"
		mirror = [{ location = "@PLAIN@/team", insecure = true, pull-from-mirror = "tag-only" }]
	CONF
	both 0 "$FAR/app:1"
	both 1 "$FAR/app@$digest"
}

@test "what is blocked is not asked" {
	configure <<-'CONF'
		[[registry]]
		prefix = "*.invalid"
		blocked = true
		[[registry]]
		location = "@PLAIN@/team"
		insecure = true
		blocked = true
	CONF
	both 1 "$FAR/app:1"
	[[ "$stderr" == *"*.invalid is blocked in $HOME/.config/containers/registries.conf:1"* ]]
	both 1 "$PLAIN/team/app:1"
	[[ "$stderr" == *"blocked in"* ]]
}

@test "what is blocked is not asked under another name: as a mirror, as a location" {
	local before
	cordon pull -q "$PLAIN/team/app:1"
	before=$(grep -c '"GET' "$GROUND/plain.log" || true)
	configure <<-'CONF'
		[[registry]]
		location = "@FAR@"
		mirror = [{ location = "@PLAIN@/team", insecure = true }]
		[[registry]]
		location = "@PLAIN@"
		blocked = true
	CONF
	both 1 "$FAR/app:1"
	configure <<-'CONF'
		[[registry]]
		prefix = "@FAR@"
		location = "@PLAIN@/team"
		insecure = true
		[[registry]]
		location = "@PLAIN@"
		blocked = true
	CONF
	both 1 "$FAR/app:1"
	[[ "$stderr" == *"$PLAIN is blocked in"* ]]
	run -1 --separate-stderr cordon push -q base "$FAR/app:1"
	[[ "$stderr" == *"$PLAIN is blocked in"* ]]
	run -1 --separate-stderr cordon login -u a -p b "$PLAIN"
	[[ "$stderr" == *"blocked in"* ]]
	[ "$before" = "$(grep -c '"GET' "$GROUND/plain.log" || true)" ]
}

@test "short names: an alias, the registries to search, Docker Hub where nobody says" {
	configure <<-'CONF'
		unqualified-search-registries = ["@FAR@", "@PLAIN@"]
		[aliases]
		nick = "@PLAIN@/team/app"
	CONF
	run -0 --separate-stderr cordon pull -q nick:1
	[ "$output" = "$PLAIN/team/app:1" ]
	run -0 --separate-stderr cordon pull -q team/app:1
	[ "$output" = "$PLAIN/team/app:1" ]
	configure <<<'unqualified-search-registries = []'
	run -1 --separate-stderr cordon pull -q team/app:1
	[[ "$stderr" == *"names no registry"*"docker.io/team/app:1"* ]]
}

@test "a file that is wrong stops everything, with its place" {
	configure <<<$'[[registry]]\nlocation = "@PLAIN@"\nblocked = yes\n'
	both 1 "$PLAIN/team/app:1"
	[[ "$stderr" == *"registries.conf:3:11: 'yes' is no value of TOML"* ]]
	configure <<<$'[registries.insecure]\nregistries = ["@PLAIN@"]\n'
	run -1 --separate-stderr cordon pull -q "$PLAIN/team/app:1"
	[[ "$stderr" == *"version 1 of the format"*"[[registry]]"* ]]
}
