#!/usr/bin/env bats
# policy explain and policy score, as typed.

bats_require_minimum_version 1.5.0

setup() {
	cd "$BATS_TEST_TMPDIR"
	export XDG_CONFIG_HOME=$BATS_TEST_TMPDIR/config
	cat >mine.json <<-'JSON'
		{
		  "schema": 1,
		  "name": "mine",
		  "extends": ["default"],
		  "syscalls": {
		    "deny": ["madvise",	{"call": "kill", "when": {"sig": {"is": "SIGKILL"}}}]
		  }
		}
	JSON
}

@test "explain: the answer is the exit status, the rule is shown with a caret" {
	run -1 "$CORDON" policy explain mine.json madvise
	[ "${lines[0]}" = "denied: madvise()" ]
	[[ "${lines[1]}" == *"mine.json:6:14: seccomp: errno EPERM: this rule decides" ]]
	[[ "${lines[2]}" == *'"deny": ["madvise",'* ]]
	[ "${lines[3]}" = "               ^" ]
	run -0 "$CORDON" policy explain mine.json read
	[[ "${lines[1]}" == *"default.json:"*": seccomp: allow: this rule decides" ]]
	run -2 "$CORDON" policy explain mine.json kill
	[ "${lines[0]}" = "depends on what is not said: kill()" ]
	[[ "$output" == *"mine.json:6:25: seccomp: errno EPERM"*"for example kill(sig=9 SIGKILL)"* ]]
	run -0 "$CORDON" policy explain mine.json kill sig=SIGTERM
	run -1 "$CORDON" policy explain mine.json kill sig=9
	run -0 "$CORDON" policy explain mine.json 62 sig=15
	run -125 "$CORDON" policy explain mine.json kil
	[[ "$output" == *"did you mean 'kill'?"* ]]
	run -125 "$CORDON" policy explain mine.json kill signal=9
	[[ "$output" == *"kill has no argument 'signal'; its arguments are pid, sig"* ]]
	run -125 "$CORDON" policy explain /no/such.json kill
}

@test "explain: the walls behind the filter" {
	run -1 "$CORDON" policy explain default openat path=/proc/kcore
	[[ "$output" == *"mask: /proc/kcore is hidden"* ]]
	run -2 "$CORDON" policy explain default openat path=/proc/sys/kernel/hostname
	run -0 "$CORDON" policy explain default openat path=/proc/sys/kernel/hostname flags=O_RDONLY
	run -1 "$CORDON" policy explain strict openat path=/etc/passwd 'flags=O_RDWR|O_CLOEXEC'
	[[ "$output" == *"root: the root is read-only"* ]]
	run -1 "$CORDON" policy explain default mount
	[[ "$output" == *"note: seccomp: a rule would allow it with the capability SYS_ADMIN"* ]]
	[[ "$output" == *"capability: SYS_ADMIN is not kept, and without it this does nothing"* ]]
}

@test "explain: another architecture, and JSON" {
	run -1 "$CORDON" policy explain default fork --arch x32
	[[ "$output" == "denied: x32: fork()"* ]]
	if [ "$(uname -m)" = x86_64 ]; then
		run -1 "$CORDON" policy explain default read --arch i386
		[[ "$output" == *"seccomp: kill process: the calls of i386 are closed" ]]
		echo '{"schema": 1, "name": "both", "extends": ["default"], "syscalls": {"architectures": ["i386"]}}' >both.json
		run -0 "$CORDON" policy explain both.json read --arch i386
	fi
	run -125 "$CORDON" policy explain default fork --arch aarch64
	[[ "$output" == *"aarch64 has no call 'fork'"* ]]
	run -1 "$CORDON" policy explain default unshare flags=CLONE_NEWUSER --json
	python3 - "$output" <<-'PYTHON'
		import json, sys
		answer = json.loads(sys.argv[1])
		assert answer["answer"] == "denied" and answer["call"] == "unshare(flags=CLONE_NEWUSER)"
		first = answer["walls"][0]
		assert first["layer"] == "seccomp" and first["verdict"] == "denies" and first["line"] > 1
		assert first["file"].endswith("default.json")
	PYTHON
}

# Every row of explain beside the program that is loaded: a call that is denied in words is denied.
@test "explain says what the filter answers" {
	"$CORDON" policy compile default --format json >compiled.json
	for call in getpid mount bpf keyctl read clone3 io_uring_setup vmsplice; do
		run "$CORDON" policy explain default "$call"
		python3 - "$call" "$status" "$output" <<-'PYTHON'
			import json, sys
			call, status, output = sys.argv[1], int(sys.argv[2]), sys.argv[3]
			compiled = json.load(open("compiled.json"))
			answer = compiled["calls"].get(call, compiled["default"])
			assert (answer == "allow") == (status == 0), (call, answer, status)
			assert f"seccomp: {answer}: " in output, (call, answer, output)
		PYTHON
	done
}

@test "score: the share, what is left, and a gate for it" {
	run -0 "$CORDON" policy score default --least 90
	[[ "${lines[0]}" =~ ^default:\ [0-9]+\ of\ [0-9]+\ bugs\ of\ the\ kernel\ are\ out\ of\ reach ]]
	[[ "$output" == *"within reach:"*"CVE-2016-5195"*"out of reach:"* ]]
	[[ "$output" == *"default.json:"*": io_uring_setup: errno ENOSYS: this rule decides"* ]]
	run -1 "$CORDON" policy score default --least 100
	run -0 "$CORDON" policy score default --verbose
	[[ "$output" == *"CVE-2022-0185"* ]]
	run -0 "$CORDON" policy score default --json
	python3 - "$output" <<-'PYTHON'
		import json, sys
		score = json.loads(sys.argv[1])
		rows = score["rows"]
		assert score["bugs"] == len(rows) >= 150
		assert score["out_of_reach"] == sum(not row["reachable"] for row in rows)
		assert all("stopped_by" in row for row in rows if not row["reachable"])
	PYTHON
}

@test "score: bugs of one's own" {
	echo '{"bugs": [{"id": "A", "needs": [{"call": "madvise"}]}, {"id": "B", "needs": [{"call": "read"}]}]}' >bugs.json
	run -0 "$CORDON" policy score mine.json --table bugs.json
	[ "${lines[0]}" = "mine.json: 1 of 2 bugs of the kernel are out of reach (50.0 %)" ]
	[[ "$output" == *"mine.json:6: madvise: errno EPERM: this rule decides"* ]]
	run -0 "$CORDON" policy score default --table bugs.json
	[[ "$output" == *"0 of 2"* ]]
	echo '{"bugs": [{"id": "A", "needs": [{"call": "madvize"}]}]}' >bugs.json
	run -125 "$CORDON" policy score default --table bugs.json
	[[ "$output" == *"bugs.json:1:"*"did you mean 'madvise'?"* ]]
	run -125 "$CORDON" policy score default --table /no/such.json
}

@test "an error of a profile shows its line, whatever reads it" {
	printf '{"schema": 1,\n "syscalls": {"allow": ["read", "opnat"]}}\n' >wrong.json
	for command in "policy compile ./wrong.json" "policy show ./wrong.json" "policy prove ./wrong.json" \
		"policy score ./wrong.json" "policy diff default ./wrong.json" "policy explain ./wrong.json read" \
		"run --rm --profile ./wrong.json --rootfs / true"; do
		# shellcheck disable=SC2086 # words
		run -125 "$CORDON" $command
		[[ "${lines[0]}" == *"wrong.json:2:33: /syscalls/allow/1: there is no system call 'opnat'" ]]
		[ "${lines[1]}" = '   "syscalls": {"allow": ["read", "opnat"]}}' ]
		[ "${lines[2]}" = '                                  ^' ]
		[ "${lines[3]}" = "  did you mean 'openat'?" ]
	done
}

@test "explain: an argument has one value; a misspelt constant among several is found" {
	run -125 "$CORDON" policy explain mine.json kill sig=9 sig=15
	[[ "$output" == *"'sig' is given twice"* ]]
	run -125 "$CORDON" policy explain mine.json openat 'flags=O_RDWR|O_CLOEXC'
	[[ "$output" == *"did you mean 'O_CLOEXEC'?"* ]]
}

@test "what cannot be extended has its place; a circle is shown once" {
	printf '{\n "schema": 1,\r\n "extends": ["default", "nobody.json"]\r\n}' >lost.json
	run -1 "$CORDON" policy check lost.json
	[ "${lines[0]}" = "lost.json:3:25: error: cannot extend 'nobody.json': ./nobody.json: No such file or directory" ]
	[ "${lines[1]}" = '   "extends": ["default", "nobody.json"]' ]
	run -1 "$CORDON" policy check --json lost.json
	[[ "$output" == *'"line": 3,'*'"column": 25,'* ]]
	echo '{"schema": 1, "extends": ["./second.json"]}' >first.json
	echo '{"schema": 1, "extends": ["./first.json"]}' >second.json
	run -1 "$CORDON" policy check first.json
	[[ "${lines[0]}" == *"in a circle: ./first.json -> ./second.json -> ./first.json" ]]
}

@test "a rule that an architecture cannot ask has its place" {
	printf '{"schema": 1, "extends": ["default"], "syscalls": {"architectures": ["i386"],\n "rules": [{"call": "mmap", "when": {"prot": {"is": 7}}, "decision": "kill"}]}}' >mmap.json
	run -125 "$CORDON" policy compile mmap.json
	[[ "${lines[0]}" == *"mmap.json:2:12: i386 has 'prot' of mmap not in one register"* ]]
	[ "${lines[2]}" = "             ^" ]
}

@test "an error is one message on stderr and nothing on stdout, with --json too" {
	printf '{"schema": 1, "nmae": 1}' >bad.json
	for words in "show" "show --where" "compile" "prove" "fmt" "fmt --check" "score"; do
		# shellcheck disable=SC2086 # words
		run -125 --separate-stderr "$CORDON" policy $words --json bad.json
		[ -z "$output" ] && [[ "$stderr" == "cordon: "*"bad.json:1:15: "* ]]
	done
	run -125 --separate-stderr "$CORDON" policy diff --json default bad.json
	[ -z "$output" ]
	run -125 --separate-stderr "$CORDON" policy explain --json bad.json read
	[ -z "$output" ]
	# what check finds is its answer
	run -1 --separate-stderr "$CORDON" policy check --json bad.json
	[ -z "$stderr" ]
	python3 -c 'import json, sys; assert json.load(sys.stdin)["errors"] == 1' <<<"$output"
}

@test "show --where: each part with the line that says it" {
	run -0 "$CORDON" policy show --where mine.json
	[[ "${lines[0]}" == *'mine.json:3:3: name: "mine"' ]]
	[[ "$output" == *'mine.json:6:14: syscalls.deny: "madvise"'* ]]
	[[ "$output" == *'/default.json:'*': capabilities: "CHOWN"'* ]]
	[[ "$output" != *'name: "default"'* ]]
}
