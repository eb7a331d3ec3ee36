#!/usr/bin/env bats
# login and logout, at Debian's docker-registry with TLS and a password, beside skopeo.
load registries

setup_file() {
	ground_make
	layout_make
	certificate_make
	registry_start closed \
		"auth: {htpasswd: {realm: here, path: $GROUND/htpasswd}}" \
		"http: {addr: 127.0.0.1:@PORT@, tls: {certificate: $GROUND/tls.crt, key: $GROUND/tls.key}}"
	export CLOSED=127.0.0.1:$REGISTRY_PORT SSL_CERT_FILE=$GROUND/tls.crt
	# what this machine's administrator or user has is not ours to see or to change
	export HOME=$GROUND/home AUTH=$XDG_RUNTIME_DIR/containers/auth.json
	mkdir -p "$HOME"
	[ -n "${GROUND_SKIP:-}" ] || skopeo copy -q --dest-creds ann:secret "oci:$GROUND/layout:app" "docker://$CLOSED/team/app:1"
}

teardown_file() { servers_stop; ground_clear; }
teardown() { rm -rf "$XDG_RUNTIME_DIR/containers" "$HOME/.docker" "$GROUND/bin"; cordon rmi -f "$CLOSED/team/app:1" >/dev/null 2>&1 || true; }

# enter USER PASSWORD [OPTION...]
enter() {
	local user=$1 password=$2
	shift 2
	cordon login --username "$user" --password-stdin "$@" "$CLOSED" <<<"$password"
}

@test "what the registry accepts is kept, 0600, and used by cordon and skopeo" {
	run -1 --separate-stderr cordon pull -q "$CLOSED/team/app:1"
	run -1 --separate-stderr cordon login --get-login "$CLOSED"
	[[ "$stderr" == *"not logged in to $CLOSED"* ]]
	run -0 --separate-stderr enter ann secret -v
	[ "${lines[0]}" = "Used: $AUTH" ] && [ "${lines[1]}" = "Login Succeeded" ] && [ -z "$stderr" ]
	[ "$(stat -c %a "$AUTH")" = 600 ]
	run -0 cordon login --get-login "https://$CLOSED/"
	[ "$output" = ann ]
	cordon pull -q "$CLOSED/team/app:1"
	skopeo inspect --format '{{.Name}}' "docker://$CLOSED/team/app:1"
	run -0 cordon login "$CLOSED" </dev/null
	[ "$output" = "Already logged in to $CLOSED as ann" ]
	run -0 cordon logout "$CLOSED"
	[ "$output" = "Removed login credentials for $CLOSED" ]
	run ! skopeo inspect "docker://$CLOSED/team/app:1"
	run -1 --separate-stderr cordon logout "$CLOSED"
	[[ "$stderr" == *"not logged in to $CLOSED"* ]]
}

@test "what the registry refuses is not kept, and not shown" {
	run -1 --separate-stderr enter ann hunter2
	[[ "$stderr" == *"does not accept"* ]] && [[ "$stderr$output" != *hunter2* ]]
	[ ! -e "$AUTH" ]
	enter ann secret
	run -1 enter ann hunter2
	run -0 cordon login --get-login "$CLOSED"
	cordon pull -q "$CLOSED/team/app:1"
}

@test "skopeo's login is cordon's, and the other way round" {
	skopeo login -u ann -p secret "$CLOSED" >/dev/null
	run -0 cordon login --get-login "$CLOSED"
	[ "$output" = ann ]
	cordon logout "$CLOSED"
	run ! skopeo login --get-login "$CLOSED"
	enter ann secret
	run -0 skopeo login --get-login "$CLOSED"
	[ "$output" = ann ]
	skopeo logout "$CLOSED" >/dev/null
	run -1 cordon login --get-login "$CLOSED"
}

@test "what docker has kept is used, and left to docker" {
	mkdir -p "$HOME/.docker"
	printf '{"auths": {"%s": {"auth": "%s"}}}' "$CLOSED" "$(printf ann:secret | base64)" >"$HOME/.docker/config.json"
	cordon pull -q "$CLOSED/team/app:1"
	run -1 --separate-stderr cordon logout "$CLOSED"
	[[ "$stderr" == *"$HOME/.docker/config.json has credentials for it"*"docker logout"* ]]
	run -0 cordon logout --authfile "$HOME/.docker/config.json" "$CLOSED"
	run -1 cordon login --get-login "$CLOSED"
}

@test "a credential helper keeps the secret, and the file does not" {
	mkdir -p "$GROUND/bin" "$(dirname "$AUTH")"
	cat >"$GROUND/bin/docker-credential-shelf" <<-'SHELF'
		#!/bin/sh
		case $1 in
		store) cat >"$GROUND/bin/kept" ;;
		get) cat "$GROUND/bin/kept" 2>/dev/null || { echo credentials not found in native keychain; exit 1; } ;;
		erase) rm "$GROUND/bin/kept" ;;
		esac
	SHELF
	chmod +x "$GROUND/bin/docker-credential-shelf"
	printf '{"credHelpers": {"%s": "shelf"}}' "$CLOSED" >"$AUTH"
	export PATH=$GROUND/bin:$PATH
	run -0 enter ann secret -v
	[ "${lines[0]}" = "Used: docker-credential-shelf" ]
	run -0 cat "$AUTH"
	[[ "$output" != *auth\"* ]]
	cordon pull -q "$CLOSED/team/app:1"
	skopeo inspect --format '{{.Name}}' "docker://$CLOSED/team/app:1"
	cordon logout "$CLOSED"
	[ ! -e "$GROUND/bin/kept" ]
}

@test "a helper that wants a terminal gets the one that is there, and says so where there is none" {
	mkdir -p "$GROUND/bin" "$(dirname "$AUTH")"
	cat >"$GROUND/bin/docker-credential-asks" <<-'ASKS'
		#!/bin/sh
		exec 3<>/dev/tty || exit 1
		printf 'PIN: ' >&3
		read -r pin <&3
		[ "$pin" = 1234 ] || { echo wrong pin; exit 1; }
		printf '{"Username": "ann", "Secret": "secret"}'
	ASKS
	chmod +x "$GROUND/bin/docker-credential-asks"
	printf '{"credHelpers": {"%s": "asks"}}' "$CLOSED" >"$AUTH"
	export PATH=$GROUND/bin:$PATH
	run -1 --separate-stderr setsid -w "$CORDON" pull -q "$CLOSED/team/app:1" </dev/null
	[[ "$stderr" == *"docker-credential-asks get: failed without a word"* ]]
	python3 - "$CORDON" "$CLOSED/team/app:1" <<-'PYTHON'
		import os, pty, select, sys, time
		pid, fd = pty.fork()
		if pid == 0:
		    os.execv(sys.argv[1], ["cordon", "pull", sys.argv[2]])
		seen, limit, told = b"", time.time() + 40, False
		while time.time() < limit:
		    if select.select([fd], [], [], 0.1)[0]:
		        try:
		            seen += os.read(fd, 4096)
		        except OSError:
		            break
		    if b"PIN: " in seen and not told:
		        os.write(fd, b"1234\n")
		        told = True
		assert told, seen
		assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0, seen
	PYTHON
	cordon image exists "$CLOSED/team/app:1"
}

@test "a file of credentials that is named must be there; login makes it" {
	run -1 --separate-stderr cordon pull -q --authfile "$GROUND/none.json" "$CLOSED/team/app:1"
	[[ "$stderr" == *"$GROUND/none.json: No such file"*"--authfile names it"* ]]
	REGISTRY_AUTH_FILE=$GROUND/none.json run -1 --separate-stderr cordon pull -q "$CLOSED/team/app:1"
	[[ "$stderr" == *"REGISTRY_AUTH_FILE names it"* ]]
	DOCKER_CONFIG=$GROUND/nowhere run -1 --separate-stderr cordon pull -q "$CLOSED/team/app:1"
	[[ "$stderr" == *"wants to know who asks"* ]]
	enter ann secret --authfile "$GROUND/none.json"
	cordon pull -q --authfile "$GROUND/none.json" "$CLOSED/team/app:1"
	rm "$GROUND/none.json"
}

@test "credentials for one path, beside those of the registry" {
	cordon login -u ann --password-stdin "$CLOSED/team" <<<secret
	cordon pull -q "$CLOSED/team/app:1"
	run -1 --separate-stderr cordon pull -q "$CLOSED/other/app:1"
	[[ "$stderr" == *"wants to know who asks"* ]]
	run -1 cordon login --get-login "$CLOSED"
	cordon logout --all
	run -1 cordon login --get-login "$CLOSED/team"
}

@test "options that do not fit together" {
	run -1 --separate-stderr cordon login -p secret --password-stdin "$CLOSED" </dev/null
	[[ "$stderr" == *"exclude one another"* ]]
	run -1 --separate-stderr cordon login --password-stdin "$CLOSED" <<<secret
	[[ "$stderr" == *"needs --username"* ]]
	run -1 --separate-stderr cordon login "$CLOSED" </dev/null
	[[ "$stderr" == *"no terminal"*"--password-stdin"* ]]
	run -1 --separate-stderr cordon login -u ann --password-stdin "$CLOSED" </dev/null
	[[ "$stderr" == *"password is empty"* ]]
	run -1 --separate-stderr cordon login -u a:b -p x "$CLOSED"
	[[ "$stderr" == *"no colon"* ]]
	run -1 --separate-stderr cordon login -u ann -p secret "not a registry"
	[[ "$stderr" == *"is no registry"* ]]
	run -0 --separate-stderr cordon login -u ann -p secret "$CLOSED"
	[[ "$stderr" == *"can be seen by every process"* ]]
	run -1 cordon logout --all "$CLOSED"
}

@test "a person is asked, and the password is not shown" {
	python3 - "$CORDON" "$CLOSED" <<-'PYTHON'
		import os, pty, select, sys, termios, time
		cordon, registry = sys.argv[1:]
		def spawn():
		    pid, fd = pty.fork()
		    if pid == 0:
		        os.execv(cordon, ["cordon", "login", registry])
		    return pid, fd
		def until(fd, what):
		    seen, limit = b"", time.time() + 20
		    while what not in seen:
		        assert time.time() < limit, seen
		        if select.select([fd], [], [], 0.1)[0]:
		            seen += os.read(fd, 4096)
		    return seen
		def echoes(fd):
		    return bool(termios.tcgetattr(fd)[3] & termios.ECHO)
		# Ctrl-C at the password: nothing is kept, the terminal shows what is typed again
		pid, fd = spawn()
		until(fd, b"Username: ")
		assert echoes(fd)
		os.write(fd, b"ann\n")
		until(fd, b"Password: ")
		assert not echoes(fd)
		os.write(fd, b"sec\x03")
		until(fd, b"no answer")
		assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 1
		pid, fd = spawn()
		until(fd, b"Username: ")
		os.write(fd, b"ann\n")
		until(fd, b"Password: ")
		os.write(fd, b"secret\n")
		assert b"secret" not in until(fd, b"Login Succeeded")
		assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
	PYTHON
	run -0 cordon login --get-login "$CLOSED"
	[ "$output" = ann ]
}
