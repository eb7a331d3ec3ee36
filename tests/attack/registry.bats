#!/usr/bin/env bats
# A registry that lies, cuts, stalls and sends people away (tests/support/faulty_registry.py): the
# pull succeeds where it can, and else says one clear line and leaves nothing behind.
# Takes about 70 s.
load ../integration/registries

setup_file() {
	ground_make
	layout_make
	[ -n "${GROUND_SKIP:-}" ] || faulty_start "$GROUND/layout"
	cordon rmi base
}

teardown_file() { servers_stop; ground_clear; }

setup() { [ -z "${GROUND_SKIP:-}" ] || skip "$GROUND_SKIP"; : >"$FAULTY_LOG"; }

teardown() {
	local id
	for id in $(cordon images -q | sort -u); do cordon rmi -f "$id" >/dev/null; done
	rm -rf "$XDG_DATA_HOME/cordon/partial"
}

# refused MODE PATTERN: no image, a reason, nothing half-made.
refused() {
	local images
	run -1 --separate-stderr cordon pull -q "$FAULTY/$1/app:app"
	echo "$stderr"
	[[ "$stderr" == *$2* ]] || { echo "expected: $2"; false; }
	[[ "$stderr" != *$'\e'* ]]
	[ "$(grep -c '^cordon: ' <<<"$stderr")" = 1 ]
	images=$(cordon images -q)
	[ -z "$images" ]
	store_is_whole
}

pulled() {
	run -0 --separate-stderr cordon pull "$@"
	run -0 confined "$output"
	[ "$output" = "it runs" ]
	store_is_whole
}

@test "a connection that is cut: it goes on where it was, in pieces" {
	pulled "$FAULTY/cut/app:app"
	[ "$(grep -c '"range": "bytes=' "$FAULTY_LOG")" = 6 ]
}

@test "cut by a registry that knows no ranges: what is there already is passed over" {
	pulled "$FAULTY/whole/app:app"
}

@test "another range than was asked for" { refused elsewhere "another part"; }

@test "too many requests: waits as long as it is told" {
	SECONDS=0
	pulled "$FAULTY/busy/app:app"
	[ "$SECONDS" -ge 2 ]
}

@test "a registry that is down: gives up in time, and says so" {
	SECONDS=0
	refused down "status 503"
	[ "$SECONDS" -ge 3 ] && [ "$SECONDS" -le 60 ]
}

@test "a registry that gives an eighth at a time, and one that gives no part: the layer comes whole" {
	pulled "$FAULTY/capped/app:app"
	[ "$(grep -c '"range": "bytes=' "$FAULTY_LOG")" -ge 7 ]
	cordon rmi "$FAULTY/capped/app:app"
	pulled "$FAULTY/unranged/app:app"
}

@test "tokens that last for a part of a layer each: as many are fetched as it takes" {
	pulled "$FAULTY/fleeting/app:app"
	[ "$(grep -c /token "$FAULTY_LOG")" -ge 5 ]
}

@test "a challenge of a scheme that nobody here speaks, before one that we do" {
	pulled --creds ann:secret "$FAULTY/negotiate/app:app"
}

@test "a layer with other bytes" { refused wrong "the layer sha256:"; pulled "$FAULTY/plain/app:app"; }
@test "a layer with more bytes" { refused long "more than"; }
@test "a layer with fewer bytes, and no rest" { refused short "not the rest"; }
@test "a layer without end" { refused endlessblob "the layer sha256:"; }
@test "a manifest without end" { refused endless "more than"; }
@test "a layer that is not there" { refused missing "has no"; }
@test "redirects without end" { refused loop "redirects"; }
@test "a redirect to a file" { refused file "Protocol"; }
@test "a page of a hotel's network" { refused html "text/html"; }
@test "a header of 7,000 bytes that is no challenge" { refused noise "WWW-Authenticate"; }

@test "the registry's word for a digest counts nothing" {
	cordon pull -q "$FAULTY/plain/app:app"
	run -0 --separate-stderr cordon pull -q "$FAULTY/lies/app:app"
	# other bytes are another manifest, whatever the header says
	[ "$(cordon image inspect --format '{{.Digest}}' "$FAULTY/plain/app:app")" != "$(cordon image inspect --format '{{.Digest}}' "$FAULTY/lies/app:app")" ]
	store_is_whole
	run -1 --separate-stderr cordon pull -q "$FAULTY/lies/app@$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["manifests"][0]["digest"])' "$GROUND/layout/index.json")"
	[[ "$stderr" == *"was asked for"* ]]
}

@test "Basic: the password goes where it was asked for, and shows nowhere" {
	refused basic "wants to know who asks"
	run -0 --separate-stderr cordon pull --creds ann:secret "$FAULTY/basic/app:app"
	[[ "$output$stderr" != *secret* ]]
	run -1 --separate-stderr cordon pull --creds ann:wrong "$FAULTY/basic/app:app"
	[[ "$stderr" == *"does not accept"* ]]
}

@test "Bearer: the password goes to the token service only, the token to the registry" {
	pulled --creds ann:secret "$FAULTY/bearer/app:app"
	python3 - "$FAULTY_LOG" <<-'PYTHON'
		import json, sys
		rows = [json.loads(line) for line in open(sys.argv[1])]
		token = [r for r in rows if r["path"].startswith("/token")]
		assert len(token) == 1 and token[0]["authorization"].startswith("Basic "), token
		assert "service=here" in token[0]["path"] and "scope=repository%3Abearer%2Fapp%3Apull" in token[0]["path"], token
		others = {r["authorization"] for r in rows if not r["path"].startswith("/token")}
		assert others == {None, "Bearer token-of-ann"}, others
	PYTHON
}

@test "a registry that is never content with its own token" {
	run -1 --separate-stderr cordon pull -q --creds ann:secret "$FAULTY/loopauth/app:app"
	[[ "$stderr" == *"does not accept the credentials of ann"* ]]
	[ "$(grep -c /token "$FAULTY_LOG")" -le 3 ]
}

@test "a redirect to another origin takes no credentials along" {
	pulled --creds ann:secret "$FAULTY/away/app:app"
	python3 - "$FAULTY_LOG" "$FAULTY_OTHER" <<-'PYTHON'
		import json, sys
		rows = [json.loads(line) for line in open(sys.argv[1])]
		there = [r for r in rows if r["port"] == int(sys.argv[2])]
		assert len(there) == 3 and all(r["authorization"] is None for r in there), there
	PYTHON
}

@test "a beginning that another place sent, or nobody: it is begun anew, at once" {
	local layer partial=$XDG_DATA_HOME/cordon/partial
	layer=$(sha256sum <"$GROUND/over.tar.gz" | cut -c-64)
	mkdir -p -m 700 "$partial"
	for bytes in 1000 "$(stat -c %s "$GROUND/over.tar.gz")"; do
		head -c "$bytes" /dev/urandom >"$partial/$layer"
		pulled "$FAULTY/plain/app:app"
		cordon rmi "$FAULTY/plain/app:app"
		# right at first
		{ head -c 2000 "$GROUND/over.tar.gz"; head -c "$bytes" /dev/urandom; } >"$partial/$layer"
		pulled "$FAULTY/plain/app:app"
		cordon rmi "$FAULTY/plain/app:app"
	done
	# the place itself sends wrong bytes: once more and no further, and nothing is kept of them
	head -c 1000 /dev/urandom >"$partial/$layer"
	refused wrong "the layer sha256:"
	pulled "$FAULTY/plain/app:app"
	cordon rmi "$FAULTY/plain/app:app"
}

@test "kill -9 on the way: no name, and the next pull has what came" {
	local pid rounds
	for rounds in 0.4 0.9 1.5; do
		"$CORDON" pull -q "$FAULTY/slow/app:app" 3>&- &
		pid=$!
		sleep "$rounds"
		kill -9 "$pid"
		wait "$pid" || true
		[ -z "$(cordon images -q)" ]
	done
	run -0 cordon pull -q "$FAULTY/slow/app:app"
	grep -q '"range": "bytes=' "$FAULTY_LOG"
	run -0 confined "$FAULTY/slow/app:app"
	store_is_whole
}

# A quarter of the rounds each: a pull, one that is cut and goes on, rmi, prune.
@test "kill -9 at random moments of pulls, rmi and prune: the store is consistent, and the next pull works" {
	local pid round what=$FAULTY/plain/app:app words
	for round in $(seq "${CORDON_ROUNDS:-12}"); do
		case $((round % 4)) in
		0) words="pull -q $what" ;;
		1) words="pull -q $FAULTY/cut/app:app" ;;
		2) words="rmi -f $what" ;;
		*) words="image prune -af" ;;
		esac
		[[ "$words" == pull* ]] || cordon pull -q "$what"
		# shellcheck disable=SC2086
		"$CORDON" $words >/dev/null 2>&1 3>&- &
		pid=$!
		sleep "0.0$((RANDOM % 10))$((RANDOM % 10))"
		kill -9 "$pid" 2>/dev/null || true
		wait "$pid" || true
		store_is_consistent || { echo "round $round"; false; }
	done
	cordon pull -q "$FAULTY/plain/app:app"
	run -0 confined "$FAULTY/plain/app:app"
	cordon rmi "$FAULTY/plain/app:app"
	store_is_whole
}

@test "a name that is none, a registry that does not answer" {
	for name in "" ":" "a//b" "../x" "UPPER/case" "x@sha256:1" "host:99999999/x" "docker://" $'x\ny'; do
		run -1 --separate-stderr timeout 20 "$CORDON" pull -q "$name"
		[ "$(grep -c '^cordon: ' <<<"$stderr")" = 1 ] || { echo "$name: $stderr"; false; }
	done
}

# conf LINE...: a registries.conf of these lines.
conf() {
	printf '%s\n' "$@" >"$GROUND/registries.conf"
	export CONTAINERS_REGISTRIES_CONF=$GROUND/registries.conf
}

@test "mirrors that lie, cut and are gone: the place itself has the last word" {
	conf '[[registry]]' 'prefix = "example.org/team"' "location = \"$FAULTY/plain\"" 'insecure = true' \
		'[[registry.mirror]]' 'location = "127.0.0.1:9/gone"' 'insecure = true' \
		'[[registry.mirror]]' "location = \"$FAULTY/wrong\"" 'insecure = true' \
		'[[registry.mirror]]' "location = \"$FAULTY/missing\"" 'insecure = true'
	run -0 --separate-stderr cordon pull example.org/team/app:app
	[ "$output" = example.org/team/app:app ]
	[[ "$stderr" == *"Trying 127.0.0.1:9/gone/app"*"Trying $FAULTY/wrong/app"*"Trying $FAULTY/missing/app"*"Trying $FAULTY/plain/app"* ]]
	run -0 confined --pull never example.org/team/app:app
	store_is_whole
}

@test "a blocked registry is not asked, a short name is looked for where the user says" {
	conf "unqualified-search-registries = [\"127.0.0.1:9\", \"$FAULTY\"]" 'short-name-mode = "permissive"' \
		'[[registry]]' "location = \"$FAULTY/basic\"" 'blocked = true'
	run -1 --separate-stderr cordon pull "$FAULTY/basic/app:app"
	[[ "$stderr" == *blocked*registries.conf* ]]
	[ ! -s "$FAULTY_LOG" ]
	run -0 --separate-stderr cordon pull -q plain/app:app
	[ "$output" = "$FAULTY/plain/app:app" ]
	conf 'unqualified-search-registries = ['
	run -1 --separate-stderr cordon pull -q plain/app:app
	[[ "$stderr" == *"registries.conf:2:"* ]]
}

# What a killed process left is no damage (nothing leads to it) and can be taken away; an image that
# is not whole would be.
store_is_consistent() {
	local said
	said=$(cordon system check 2>&1) || true
	! grep -E '^(image|index|container)' <<<"$said" || { echo "$said"; return 1; }
	said=$(cordon system check --repair 2>&1) || { echo "$said"; return 1; }
	cordon system check >/dev/null
}

# probed NAME: what the taken-over helper is told: "open", "closed: ERRNO", or "killed".
probed() {
	local said status=0
	said=$(PROBE_FILE=$GROUND/mine "$ATTACKERS/clientprobe" "$1" 2>&1) || status=$?
	[ "$status" -le 128 ] || said=killed
	echo "$said"
}

@test "the registry client, taken over: no files, no programs, no other sockets, no processes" {
	local name wanted said
	echo mine >"$GROUND/mine"
	[ -x "$ATTACKERS/clientprobe" ] || skip "it is not built"
	while read -r wanted name; do
		said=$(probed "$name")
		[[ "$said" == $wanted* ]] || { echo "$name: $said, expected $wanted"; false; }
	done <<-'TABLE'
		closed: read_file
		closed: write_file
		closed: make_file
		closed: read_passwd
		closed: list_root
		closed: read_environment
		closed: make_folder
		closed: remove_file
		closed: change_mode
		killed fork_process
		killed vfork_process
		killed trace_parent
		killed signal_parent
		closed: signal_thread
		closed: limit_parent
		closed: own_memory
		closed: own_signal
		closed: abstract_socket
		closed: send_abstract
		closed: dump_core
		closed: new_namespace
		closed: unix_socket
		closed: raw_socket
		closed: packet_socket
		closed: audit_socket
		closed: raise_limit
		closed: code_memory
		closed: much_memory
		killed execute
		killed listen_here
		open read_hosts
		open tcp_socket
		open udp_socket
		open start_thread
	TABLE
	[ "$(cat "$GROUND/mine")" = mine ]
}

# layer_probed COMMAND NAME: what the taken-over layer helper is told, as the unpacker of "import" or the reader of "load".
layer_probed() {
	local said
	printf '%s %s\n' "$2" "$HOME/secret" >"$GROUND/told"
	head -c 2000 /dev/zero >>"$GROUND/told"
	case $1 in
	import) said=$(CORDON_LIBEXEC=$GROUND/taken cordon import "$GROUND/told" probe 2>&1) || true ;;
	*) said=$(CORDON_LIBEXEC=$GROUND/taken cordon load -i "$GROUND/told" 2>&1) || true ;;
	esac
	if [[ "$said" == *"probe: "* ]]; then echo "${said##*probe: }"; elif [[ "$said" == *"killed by signal"* ]]; then echo killed; else echo "$said"; fi
}

@test "the layer helper, taken over: nothing of the user's, no programs, no network, no other processes, no way up" {
	local command name wanted said
	[ -x "$ATTACKERS/layerprobe" ] || skip "it is not built"
	mkdir -p -m 700 "$GROUND/taken" "$GROUND/home"
	cp "$ATTACKERS/layerprobe" "$GROUND/taken/layer"
	export HOME=$GROUND/home
	echo mine >"$HOME/secret"
	touch -d 2001-01-01 "$HOME/secret"
	for command in import load; do
		while read -r wanted name; do
			said=$(layer_probed $command "$name")
			# shellcheck disable=SC2053
			[[ "$said" == $wanted ]] || { echo "$command, $name: $said, expected $wanted"; false; }
		done <<-'TABLE'
			E* read_file
			E* write_file
			E* look_at_file
			E* reach_up
			E* touch_file
			E* give_file_away
			E* link_file
			E* remove_file
			E* rename_file
			E* follow_link
			E* make_file
			E* read_passwd
			E* read_environment
			E* own_memory
			E* make_node
			open make_inside
			killed execute
			killed execute_layer
			killed fork_process
			E* signal_parent
			E* signal_thread
			E* signal_by_file
			killed trace_parent
			E* limit_parent
			E* new_namespace
			E* change_root
			killed mount_here
			killed connect_out
			killed unix_socket
			E* unix_pair
			E* code_memory
			E* much_memory
			EBADF other_descriptors
			ENOENT keep_environment
		TABLE
	done
	[ "$(cat "$HOME/secret")" = mine ]
	[ "$(stat -c '%Y %u %h' "$HOME/secret")" = "$(date -d 2001-01-01 +%s) $(id -u) 1" ]
	[ "$(ls "$HOME")" = secret ]
}
