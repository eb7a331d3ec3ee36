#!/usr/bin/env bats
# C7, C8, C9 at a registry: documents with two meanings, digests that are no digests, and everything that would take the
# password elsewhere (tests/support/straying_registry.py).
load ../integration/registries

setup_file() {
	ground_make
	layout_make
	[ -n "${GROUND_SKIP:-}" ] || straying_start
	cordon rmi base
}

straying_start() {
	export STRAYING OTHER STRAYING_LOG=$GROUND/straying.log
	python3 "$BATS_TEST_DIRNAME/../support/straying_registry.py" "$GROUND/layout" "$STRAYING_LOG" >"$GROUND/straying.ports" 3>&- &
	echo $! >>"$GROUND/servers"
	wait_until 60 says "$GROUND/straying.ports"
	read -r STRAYING OTHER <"$GROUND/straying.ports"
	STRAYING=127.0.0.1:$STRAYING
}

teardown_file() { servers_stop; ground_clear; }

setup() { [ -z "${GROUND_SKIP:-}" ] || skip "$GROUND_SKIP"; : >"$STRAYING_LOG"; }

teardown() {
	local id
	for id in $(cordon images -q | sort -u); do cordon rmi -f "$id" >/dev/null; done
}

# refused MODE PATTERN: one clear line, no image, nothing half-made.
refused() {
	run -1 --separate-stderr cordon pull -q --creds ann:secret "$STRAYING/$1/app:app"
	echo "$stderr"
	[[ "$stderr" == *$2* ]] || { echo "expected: $2"; false; }
	[ "$(grep -c '^cordon: ' <<<"$stderr")" = 1 ]
	[[ "$output$stderr" != *secret* ]]
	[ -z "$(cordon images -q)" ]
	store_is_whole
}

# no_password_elsewhere ASKED: the other origin was asked (or not: 0), and never told who asks.
no_password_elsewhere() {
	cat "$STRAYING_LOG"
	python3 - "$STRAYING_LOG" "$1" <<-'PYTHON'
		import json, sys
		rows = [json.loads(line) for line in open(sys.argv[1])]
		there = [r for r in rows if r["at"] == "other"]
		assert (len(there) > 0) == (sys.argv[2] != "0"), "asked"
		assert all(r["authorization"] is None and r["cookie"] is None for r in there), "told"
		assert all(r["cookie"] is None for r in rows), "kept a cookie"
	PYTHON
}

@test "C9: a layer's urls are not asked, whether its registry has it or not" {
	run -0 --separate-stderr cordon pull -q --creds ann:secret "$STRAYING/urls/app:app"
	no_password_elsewhere 0
	cordon rmi "$output"
	refused lost "has no"
	no_password_elsewhere 0
	refused foreign "an address the image names"
	no_password_elsewhere 0
}

@test "C9: whom a registry sends us to is not told the password, though he asks for it" {
	for mode in blobaway basicaway manifestaway tokenaway; do
		: >"$STRAYING_LOG"
		refused $mode ""
		no_password_elsewhere 1
	done
}

@test "C9: an identity token stays with the token service, wherever that would send it" {
	printf '{"auths": {"%s": {"auth": "YW5uOg==", "identitytoken": "refreshing"}}}' "$STRAYING" >"$GROUND/identity.json"
	run -1 --separate-stderr cordon pull -q --authfile "$GROUND/identity.json" "$STRAYING/tokenaway/app:app"
	echo "$stderr"
	grep -q '"POST", "path": "/token"' "$STRAYING_LOG"
	no_password_elsewhere 0
}

@test "C9: nor where an upload is to go on elsewhere" {
	cordon pull -q "oci:$GROUND/layout:app"
	run -1 --separate-stderr cordon push -q --creds ann:secret app "$STRAYING/upload/app:app"
	echo "$stderr"
	[[ "$stderr" != *secret* ]]
	no_password_elsewhere 1
}

@test "C7: a document that is a manifest and an index, or is called what it is not" {
	while read -r mode pattern; do refused "$mode" "$pattern"; done <<-'TABLE'
		both CVE-2021-41190
		bothindex CVE-2021-41190
		bothuntyped CVE-2021-41190
		saysindex
		saysmanifest
		otherindex
		untyped
		config
	TABLE
}

@test "C8: what is no digest is refused before it becomes a path or a question" {
	for mode in climbing shouting md5 sha512 query split; do
		: >"$STRAYING_LOG"
		refused $mode digest
		refute grep -E 'passwd|SHA256|md5|sha512|x=y|X: y' <(grep -v "/$mode/app/manifests" "$STRAYING_LOG")
		refute grep /blobs/ "$STRAYING_LOG"
	done
	: >"$STRAYING_LOG"
	for digest in "" "sha256:" "sha256:../../x" "sha256:$(printf 'A%.0s' {1..64})" "sha256:$(printf 'a%.0s' {1..63})" "md5:$(printf 'a%.0s' {1..32})" \
		"sha512:$(printf 'a%.0s' {1..128})" "sha256:$(printf 'a%.0s' {1..64})/../x" "sha256:$(printf 'a%.0s' {1..64})?x"; do
		run -1 --separate-stderr cordon pull -q "$STRAYING/plain/app@$digest"
		[ "$(grep -c '^cordon: ' <<<"$stderr")" = 1 ] || { echo "$digest: $stderr"; false; }
	done
	[ ! -s "$STRAYING_LOG" ]
}
