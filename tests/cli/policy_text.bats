#!/usr/bin/env bats
# policy fmt, merge, check --json, compile --format c|docker: profiles as text, for people and programs.
load helper

setup_file() { ground_make; }
teardown_file() { ground_clear; }

PROFILES=$BATS_TEST_DIRNAME/../../profiles

@test "fmt: what it writes is in its form, and means the same" {
	local name
	for name in default strict nginx redis postgres python; do
		cordon policy fmt "$PROFILES/$name.json" >"$GROUND/$name.json"
		run -0 cordon policy fmt --check "$GROUND/$name.json"
		run -0 cordon policy diff "$PROFILES/$name.json" "$GROUND/$name.json"
	done
}

@test "fmt: the profiles that are shipped are in its form" {
	cordon policy fmt --check "$PROFILES"/{default,strict,nginx,redis,postgres,python,cordon-layer,cordon-registry}.json
}

@test "fmt: names in any order, on one line, with tabs" {
	printf '{"syscalls":{"allow":["read",{"when":{"fd":{"is":1}},"call":"write"}],\n\t"default":{"errno":"EPERM"}},"name":"x","schema":1}' >"$GROUND/x.json"
	run -1 cordon policy fmt --check "$GROUND/x.json"
	[ "$output" = "$GROUND/x.json" ]
	chmod 640 "$GROUND/x.json"
	run -0 cordon policy fmt --write "$GROUND/x.json"
	[ -z "$output" ]
	[ "$(stat -c %a "$GROUND/x.json")" = 640 ]
	diff - "$GROUND/x.json" <<-'JSON'
		{
		  "schema": 1,
		  "name": "x",
		  "syscalls": {
		    "default": {"errno": "EPERM"},
		    "allow": ["read", {"call": "write", "when": {"fd": {"is": 1}}}]
		  }
		}
	JSON
}

@test "fmt: what is no profile stays as it is" {
	echo '{"schema": 1, "nmae": "x"}' >"$GROUND/bad.json"
	run -125 cordon policy fmt -w "$GROUND/bad.json"
	[[ "$output" == *"bad.json:1:15:"*"did you mean 'name'"* ]]
	[ "$(cat "$GROUND/bad.json")" = '{"schema": 1, "nmae": "x"}' ]
	run -125 cordon policy fmt "$GROUND/none.json"
}

@test "merge: one profile that extends nothing, and is no narrower than either's calls" {
	cordon policy merge --name both redis nginx >"$GROUND/both.json"
	run -0 cordon policy check "$GROUND/both.json"
	[ "$(python3 -c 'import json, sys; p = json.load(open(sys.argv[1])); print(p["name"], "extends" in p)' "$GROUND/both.json")" = "both False" ]
	run cordon policy diff redis "$GROUND/both.json"
	[ "$status" != 0 ] && [[ "$output" != *"narrower"*"now denied"* ]]
	run -125 cordon policy merge redis
	run -125 cordon policy merge redis nosuchprofile.json
}

@test "check --json" {
	printf '{"schema": 1, "extends": ["default"], "syscalls": {"allow": ["read", "raed"]}}' >"$GROUND/c.json"
	run -1 --separate-stderr cordon policy check --json "$GROUND/c.json"
	python3 - "$GROUND/c.json" <<-PYTHON
		import json, sys
		report = json.loads('''$output''')
		assert report["errors"] == 1, report
		finding = report["findings"][0]
		assert finding["file"] == sys.argv[1] and finding["line"] == 1 and finding["column"] == 70, finding
		assert finding["severity"] == "error" and "raed" in finding["message"], finding
	PYTHON
	run -0 cordon policy check --json "$PROFILES/strict.json"
	[ "$(python3 -c 'import json, sys; print(json.load(sys.stdin)["errors"])' <<<"$output")" = 0 ]
}

@test "compile --format docker: what the highest name leaves unknown is named; what would be wider is refused" {
	local base='"execve","execveat","write","exit","exit_group","rt_sigreturn","read"'
	printf '{"schema": 1, "syscalls": {"allow": [%s]}}' "$base" >"$GROUND/small.json"
	cordon policy compile --format docker "$GROUND/small.json" -o "$GROUND/small.docker"
	cordon policy compile "$GROUND/small.json" -o "$GROUND/small.bpf"
	run -0 cordon policy prove "$GROUND/small.docker" --bpf "$GROUND/small.bpf"
	# calls that nobody knows are permitted where the default permits, in that form
	printf '{"schema": 1, "syscalls": {"default": "allow", "deny": ["ptrace"]}}' >"$GROUND/open.json"
	run -125 cordon policy compile --format oci "$GROUND/open.json"
	[[ "$output" == *"in this form it would permit more: call "*"the profile says 'errno ENOSYS', the file 'allow'"* ]]
	# one answer for all architectures
	printf '{"schema": 1, "syscalls": {"architectures": ["i386"], "allow": [%s, {"call": "sync", "when": {"arch": "x86_64"}}]}}' \
		"$base" >"$GROUND/two.json"
	run -125 cordon policy compile --format docker "$GROUND/two.json"
	[[ "$output" == *"i386: sync(): the profile says 'errno EPERM', the file 'allow'"* ]]
	printf '{"schema": 1, "syscalls": {"unknown": "kill", "allow": [%s]}}' "$base" >"$GROUND/kill.json"
	run -0 --separate-stderr cordon policy compile --format docker "$GROUND/kill.json"
	[[ "$stderr" == *"warning: "*"nothing is wider, but for example call "*"'kill process', the file 'errno ENOSYS'" ]]
}

@test "a Docker file is shown as it is, and joined with nothing" {
	local file="$BATS_TEST_DIRNAME/../integration/dialect/includes.json"
	cordon policy show "$file" >"$GROUND/shown.json"
	diff <(cordon policy fmt "$file") <(cordon policy fmt "$GROUND/shown.json")
	run -125 cordon policy merge "$file" "$file"
	[[ "$output" == *"is a seccomp file in Docker's form"* ]]
}

@test "compile --arch s390x: instructions as that machine has them" {
	cordon policy compile default --arch s390x -o "$GROUND/s390x.bpf"
	run -0 cordon policy prove default --arch s390x --bpf "$GROUND/s390x.bpf"
	# the first loads the architecture word: code 0x20, k 4
	[ "$(od -An -tx1 -N8 "$GROUND/s390x.bpf" | tr -d ' ')" = 0020000000000004 ]
	cordon policy compile default -o "$GROUND/x86_64.bpf" --arch x86_64
	[ "$(od -An -tx1 -N8 "$GROUND/x86_64.bpf" | tr -d ' ')" = 2000000004000000 ]
}

@test "compile --format docker: Docker's file is proven equal to the filter" {
	local name
	for name in default strict nginx redis postgres python; do
		cordon policy compile --format docker "$name" >"$GROUND/$name.docker"
		cordon policy compile --format bpf -o "$GROUND/$name.bpf" "$name"
		run -0 cordon policy prove "$GROUND/$name.docker" --bpf "$GROUND/$name.bpf"
		[[ "$output" == proven:* ]]
	done
}

@test "compile --format c: a compiler takes it, and has the same instructions" {
	command -v cc >/dev/null || skip "no C compiler"
	cordon policy compile --format c default >"$GROUND/filter.h"
	cordon policy compile --format bpf -o "$GROUND/filter.bpf" default
	cat >"$GROUND/dump.c" <<-'C'
		#include "filter.h"
		#include <stdio.h>
		int main(void) { return fwrite(filter, sizeof filter, 1, stdout) != 1; }
	C
	cc -Wall -Werror -o "$GROUND/dump" "$GROUND/dump.c"
	"$GROUND/dump" | cmp - "$GROUND/filter.bpf"
}
