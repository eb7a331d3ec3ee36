#!/usr/bin/env bats
# policy prove and policy diff, as typed.

bats_require_minimum_version 1.5.0

setup() {
	cd "$BATS_TEST_TMPDIR"
	export XDG_CONFIG_HOME=$BATS_TEST_TMPDIR/config
}

# profile FILE SYSCALLS [MORE]: a small profile that extends default.
profile() {
	printf '{"schema": 1, "name": "%s", "extends": ["default"], "syscalls": {%s}%s}\n' "${1%.json}" "$2" "${3:+, $3}" >"$1"
}

@test "every shipped profile is proven, for both architectures" {
	for name in default strict nginx redis postgres python; do
		for arch in x86_64 aarch64; do
			run -0 "$CORDON" policy prove "$name" --arch $arch
			[[ "$output" == "proven: "*" instructions answer as the policy for every "* ]]
		done
	done
}

@test "another program is told apart by a call on which it differs" {
	"$CORDON" policy compile strict -o strict.bpf
	run -1 "$CORDON" policy prove default --bpf strict.bpf
	[[ "$output" == "DIFFERENT: "*": the policy says 'allow', the program 'errno EPERM'" ]]
	run -1 "$CORDON" policy prove default --bpf strict.bpf --json
	python3 -c 'import json, sys; d = json.loads(sys.argv[1]); assert not d["equal"] and d["witness"]["call"] and d["policy"] == "allow"' "$output"
	"$CORDON" policy compile default -o default.bpf
	run -0 "$CORDON" policy prove default --bpf default.bpf
}

@test "what is no program of the kernel's is refused with the instruction" {
	printf 'seven b' >short.bpf
	run -125 "$CORDON" policy prove default --bpf short.bpf
	[[ "$output" == *"no multiple of 8 bytes"* ]]
	# one load of a halfword, which the kernel does not take; then a return
	printf '\x28\0\0\0\0\0\0\0\x06\0\0\0\0\0\xff\x7f' >half.bpf
	run -125 "$CORDON" policy prove default --bpf half.bpf
	[[ "$output" == *"instruction 0: the kernel refuses it"* ]]
	run -125 "$CORDON" policy prove default --bpf /no/such/file
}

@test "diff: equal, narrower, wider, and their exit statuses" {
	profile same.json ''
	run -0 "$CORDON" policy diff default same.json
	[[ "$output" == "equal: "* ]]
	profile less.json '"deny": ["sync"]'
	run -1 "$CORDON" policy diff default less.json
	[ "$output" = "narrower   sync(): was 'allow', is 'errno EPERM'" ]
	run -2 "$CORDON" policy diff less.json default
	[ "$output" = "wider      sync(): was 'errno EPERM', is 'allow'" ]
	profile other.json '"rules": [{"call": "ptrace", "decision": {"errno": "ENOSYS"}}]'
	run -1 "$CORDON" policy diff default other.json
	[ "$output" = "otherwise  ptrace(): was 'errno EPERM', is 'errno ENOSYS'" ]
	run -125 "$CORDON" policy diff default /no/such/file.json
}

@test "diff: an argument is named, with a value on which they really differ" {
	profile open.json '"allow": [{"call": "socket", "when": {"domain": {"is": "AF_VSOCK"}}}]'
	run -2 "$CORDON" policy diff default open.json
	[[ "$output" == "wider      socket(domain=0x28 AF_VSOCK): was 'errno EPERM', is 'allow'" ]]
}

@test "diff: an architecture that is opened is wider, whatever its first call answers" {
	profile opened.json '"architectures": ["i386"], "rules": [{"call": "restart_syscall", "when": {"arch": "i386"}, "decision": {"errno": "EPERM"}}]'
	run -2 "$CORDON" policy diff default opened.json
	[[ "$output" == *"wider      i386: getpid(): was 'kill process', is 'allow'"* ]]
	[[ "$output" == *"otherwise  i386: calls "*" to 4294967295: was 'kill process', is 'errno ENOSYS'"* ]]
	run -1 "$CORDON" policy diff opened.json default
	profile logged.json '"rules": [{"call": "sync", "decision": "log"}]'
	run -1 "$CORDON" policy diff logged.json default
	[ "$output" = "otherwise  sync(): was 'log', is 'allow'" ]
	profile optional.json '' '"if_available": ["landlock"], "image_profile": "require"'
	profile insisting.json '' '"image_profile": "accept"'
	run -2 "$CORDON" policy diff optional.json insisting.json
	[ "$output" = "wider      image_profile: was 'require', is 'accept'" ]
}

@test "diff: the other walls, in their direction" {
	profile walls.json '' '"no_new_privileges": false, "capabilities": {"drop": ["CHOWN"], "add": ["SYS_ADMIN"]}, "limits": {"nofile": 64}'
	run -2 "$CORDON" policy diff default walls.json
	[[ "$output" == *"wider      capability SYS_ADMIN"* && "$output" == *"narrower   capability CHOWN"* ]]
	[[ "$output" == *"wider      no_new_privileges: was 'yes', is 'no'"* && "$output" == *"narrower   limit "*"is '64'"* ]]
	run -2 "$CORDON" policy diff default walls.json --json
	python3 -c 'import json, sys; rows = json.loads(sys.argv[1]); assert {"wider", "narrower"} == {row["direction"] for row in rows}' "$output"
}

@test "diff: a folder in a folder is no more, a port that was not there is, and so is a tmpfs" {
	profile trees.json '' '"filesystem": {"landlock": {"write": ["/var", "/srv"]}}, "network": {"bind": [80, 443]}'
	profile leaves.json '' '"filesystem": {"landlock": {"write": ["/var/cache", "/srv"]}}, "network": {"bind": [443]}'
	run -1 "$CORDON" policy diff trees.json leaves.json
	[ "$output" = $'narrower   writable /var\nnarrower   TCP bind 80' ]
	run -2 "$CORDON" policy diff leaves.json trees.json
	[ "$output" = $'wider      writable /var\nwider      TCP bind 80' ]
	profile place.json '' '"filesystem": {"tmpfs": ["/run"]}'
	run -2 "$CORDON" policy diff default place.json
	[ "$output" = "wider      tmpfs /run" ]
	profile user.json '' '"capabilities": {"add": ["CHOWN"], "user": ["CHOWN"]}'
	run -2 "$CORDON" policy diff default user.json
	[ "$output" = "wider      capability CHOWN of users other than root" ]
	profile ids.json '' '"idmap": {"mode": "range", "size": 1000}'
	run -1 "$CORDON" policy diff default ids.json
	[[ "$output" == "narrower   ids: was '"*"', is '1000'" ]]
}

# Diagrams have one form for one meaning, and so has what is written from them.
@test "the same policy is the same bytes: again, in another process, and in other words" {
	local name
	for name in default strict nginx postgres; do
		"$CORDON" policy compile "$name" -o once.bpf
		for _ in 1 2 3; do
			setarch -R "$CORDON" policy compile "$name" -o again.bpf
			cmp once.bpf again.bpf
			"$CORDON" policy compile "$name" -o again.bpf
			cmp once.bpf again.bpf
		done
		"$CORDON" policy show "$name" >other.json
		"$CORDON" policy compile other.json -o other.bpf
		cmp once.bpf other.bpf
	done
}
