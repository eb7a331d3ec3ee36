#!/usr/bin/env bats
# The default profile allows nothing that moby's default denies, and the table in docs/ is true.

@test "the default profile is a subset of moby's, as docs/default-profile.md says" {
	run python3 "$BATS_TEST_DIRNAME/../policy/moby/compare.py" "$CORDON" --check "$BATS_TEST_DIRNAME/../../docs/default-profile.md"
	echo "$output"
	[ "$status" = 0 ]
}

@test "the image profiles are parts of the default, made from measurements, as docs/image-profiles.md says" {
	run python3 "$BATS_TEST_DIRNAME/../profiles/compare.py" "$CORDON" --check "$BATS_TEST_DIRNAME/../../docs/image-profiles.md"
	echo "$output"
	[ "$status" = 0 ]
}

@test "the shipped profiles have no errors, and compile for x86_64 and aarch64" {
	folder=$("$CORDON" info -f '{{.ProfileDir}}')
	run "$CORDON" policy check "$folder"/*.json
	echo "$output"
	[ "$status" = 0 ]
	for profile in default strict nginx redis postgres python; do
		for arch in x86_64 aarch64; do
			"$CORDON" policy compile "$profile" --arch $arch --format disasm >"$BATS_TEST_TMPDIR/text"
			[ "$(wc -l <"$BATS_TEST_TMPDIR/text")" -gt 20 ]
		done
	done
}

# What the default says it closes, for every bit of the arguments: a profile that denies just that (with an errno of its
# own) before anything else takes nothing from it, so that all of it was denied before.
@test "each thing that the default closes is closed for all arguments, and what it leaves open is not" {
	cat >"$BATS_TEST_TMPDIR/closed" <<-'RULES'
		{"call": "setns"}
		{"call": "socket", "when": {"domain": {"not": ["AF_UNIX", "AF_INET", "AF_INET6", "AF_NETLINK"]}}}
		{"call": "socket", "when": {"domain": {"is": "AF_NETLINK"}, "protocol": {"not": "NETLINK_ROUTE"}}}
		{"call": "socket", "when": {"domain": {"is": "AF_UNIX"}, "type": {"mask": 15, "not": [1, 2, 5]}}}
		{"call": "socket", "when": {"domain": {"not": ["AF_UNIX", "AF_NETLINK"]}, "type": {"mask": 15, "not": ["SOCK_STREAM", "SOCK_DGRAM"]}}}
		{"call": "socket", "when": {"domain": {"not": ["AF_UNIX", "AF_NETLINK"]}, "protocol": {"not": [0, "IPPROTO_TCP", "IPPROTO_UDP"]}}}
		{"call": "setsockopt", "when": {"level": {"is": "SOL_TCP"}, "optname": {"is": "TCP_ULP"}}}
		{"call": "ioctl", "when": {"request": {"in": ["TIOCSTI", "TIOCSETD", "TIOCLINUX"]}}}
		{"call": "modify_ldt"}
		{"call": "futex", "when": {"op": {"mask": "FUTEX_CMD_MASK", "in": ["FUTEX_WAIT_REQUEUE_PI", "FUTEX_CMP_REQUEUE_PI"]}}}
		{"call": ["io_uring_setup", "io_uring_enter", "io_uring_register"]}
		{"call": ["add_key", "request_key", "keyctl"]}
		{"call": "userfaultfd"}
		{"call": ["ptrace", "process_vm_readv", "process_vm_writev"]}
		{"call": ["bpf", "perf_event_open", "init_module", "finit_module", "kexec_load", "mount", "fsopen", "open_by_handle_at"]}
		{"call": "personality", "when": {"persona": {"mask": "ADDR_NO_RANDOMIZE", "is": "ADDR_NO_RANDOMIZE"}, "arch": "x86_64"}, "but": "0xffffffff"}
		{"call": "pipe2", "when": {"flags": {"mask": "O_EXCL", "is": "O_EXCL"}}}
	RULES
	cat >"$BATS_TEST_TMPDIR/open" <<-'RULES'
		{"call": "clone", "when": {"flags": {"mask": "CLONE_NEWUSER", "is": 0}}}
		{"call": "socket", "when": {"domain": {"is": "AF_INET6"}}}
		{"call": "socket", "when": {"domain": {"is": "AF_NETLINK"}}}
		{"call": "setsockopt", "when": {"optname": {"is": "TCP_ULP"}}}
		{"call": "ioctl", "when": {"request": {"is": "TIOCGWINSZ"}}}
		{"call": "futex", "when": {"op": {"mask": "FUTEX_CMD_MASK", "is": "FUTEX_LOCK_PI"}}}
		{"call": "personality", "when": {"persona": {"is": "0xffffffff"}}}
	RULES
	python3 - "$CORDON" "$BATS_TEST_TMPDIR" <<-'PYTHON'
		import json, subprocess, sys
		cordon, folder = sys.argv[1:]
		def differences(profile):
		    with open(folder + "/less.json", "w") as file:
		        json.dump({"schema": 1, "name": "less", "extends": ["default"], **profile}, file)
		    done = subprocess.run([cordon, "policy", "diff", "default", folder + "/less.json", "--json"], capture_output=True, text=True)
		    return json.loads(done.stdout)
		def taken(rule):
		    first = [{"call": rule["call"], "when": {"persona": {"is": rule.pop("but")}}, "decision": "allow"}] if "but" in rule else []
		    rows = differences({"syscalls": {"rules": first + [{**rule, "decision": {"errno": "EXDEV"}}]}})
		    assert rows, rule
		    assert all(row["direction"] in ("narrower", "otherwise") for row in rows), rows
		    return [row["witness"]["call"] for row in rows if row["direction"] == "narrower"]
		# user namespaces are closed by a wall of their own, before any rule: in its place, rules take as much
		namespaces = [{"call": ["unshare", "clone3"], "decision": {"errno": "EXDEV"}},
		              {"call": "clone", "when": {"flags": {"mask": "CLONE_NEWUSER", "is": "CLONE_NEWUSER"}}, "decision": {"errno": "EXDEV"}}]
		opened = [{**rule, "decision": "allow"} for rule in namespaces]
		for rules, found in (namespaces, set()), (opened, {"unshare()", "clone3()", "clone(flags=0x10000000 CLONE_NEWUSER)"}):
		    rows = differences({"user_namespaces": True, "syscalls": {"rules": rules}})
		    calls = {row["witness"]["call"] for row in rows if "witness" in row and row["direction"] in ("wider", "narrower")}
		    assert calls == found, (rules, rows)
		for name in "closed", "open":
		    for line in open(f"{folder}/{name}"):
		        found = taken(json.loads(line))
		        assert bool(found) == (name == "open"), (line, found)
	PYTHON
	for call in read ptrace modify_ldt; do
		run "$CORDON" policy explain default "$call" --arch i386
		[ "$status" = 1 ] && [[ "$output" == *"kill process: the calls of i386 are closed"* ]]
	done
	run "$CORDON" policy explain default read --arch x32
	[ "$status" = 1 ] && [[ "$output" == *"ENOSYS"* ]]
}
