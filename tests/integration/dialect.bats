#!/usr/bin/env bats
# Docker's seccomp files: what cordon makes of each against the filter that crun and runc really load
# for it, on every architecture word, number and argument. dialect/NAME.crun and NAME.runc hold all
# differences; docs/docker-dialect.md says who is right. Written anew by CORDON_DIALECT_WRITE=1.
# Takes about 60 s.

bats_require_minimum_version 1.5.0

setup() {
	: "${CORDON_BUILD:?the build folder}"
	[ "$(uname -m)" = x86_64 ] || skip "the captured filters are x86_64's"
	[ -x "$CORDON_BUILD/tests/support/capture" ] || skip "this build has no tests"
	[ "$(dpkg-query -W -f '${Version}' libseccomp2 2>/dev/null)" = 2.5.4-1+deb12u1 ] ||
		skip "the differences written down are those of Debian 12's libseccomp 2.5.4"
	unshare --map-root-user --mount --cgroup mount -t cgroup2 none /sys/fs/cgroup ||
		skip "no cgroup v2 tree can be mounted in a user namespace"
}

# proven RUNTIME: every file of dialect/, and podman's own.
proven() {
	local here=$BATS_TEST_DIRNAME profile name failed=0
	command -v "$1" || skip "$1 is not installed"
	for profile in "$here"/dialect/*.json /usr/share/containers/seccomp.json; do
		[ -e "$profile" ] || continue
		name=$(basename "$profile" .json)
		[ "$name" != seccomp ] || name=podman
		"$here/dialect.bash" "$1" "$profile" "$BATS_TEST_TMPDIR/$name" >"$BATS_TEST_TMPDIR/got" ||
			{ echo "$name"; failed=1; continue; }
		[ -z "${CORDON_DIALECT_WRITE:-}" ] || cp "$BATS_TEST_TMPDIR/got" "$here/dialect/$name.$1"
		diff "$here/dialect/$name.$1" "$BATS_TEST_TMPDIR/got" || { echo "$name"; failed=1; }
	done
	return $failed
}

@test "crun's filters" { proven crun; }

@test "runc's filters" { proven runc; }

# both takes|refuses NAME TEXT: podman makes a container of the file, or does not, and cordon reads it, or does not.
both() {
	local theirs=takes ours=takes
	printf '%s' "$3" >"$BATS_TEST_TMPDIR/$2.json"
	podman --root "$BATS_TEST_TMPDIR/store" --runroot "$BATS_TEST_TMPDIR/run" --storage-driver vfs create \
		--security-opt "seccomp=$BATS_TEST_TMPDIR/$2.json" --rootfs "$BATS_TEST_TMPDIR/root" true >"$BATS_TEST_TMPDIR/said" 2>&1 ||
		theirs=refuses
	"$CORDON" policy check "$BATS_TEST_TMPDIR/$2.json" >"$BATS_TEST_TMPDIR/check" || ours=refuses
	[ "$theirs" = refuses ] || [ "$theirs" = takes ]
	if [ "$theirs $ours" != "$1 $1" ]; then
		echo "$2: podman $theirs it, cordon $ours it"
		cat "$BATS_TEST_TMPDIR/said" "$BATS_TEST_TMPDIR/check"
		return 1
	fi
	# and for its words
	[ "$1" = takes ] || grep -q "seccomp profile" "$BATS_TEST_TMPDIR/said"
}

@test "podman takes and refuses the same texts" {
	command -v podman || skip "podman is not installed"
	mkdir "$BATS_TEST_TMPDIR/root"
	both takes plain '{"defaultAction":"SCMP_ACT_ERRNO"}'
	if [ "$(find "$BATS_TEST_TMPDIR/store" -name config.json -o -name 'libpod' | wc -l)" = 0 ]; then skip "podman makes no container here"; fi
	entry() { printf '{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[{"action":"SCMP_ACT_ALLOW",%s}]}' "$1"; }
	value() { entry '"names":["read"],"args":[{"index":0,"value":'"$1"',"op":"SCMP_CMP_EQ"}]'; }
	both refuses name-and-names "$(entry '"name":"read","names":["write"]')"
	both takes empty-name "$(entry '"name":"","names":["write"]')"
	both takes name-and-null "$(entry '"name":"read","names":null')"
	both takes name-and-no-names "$(entry '"name":"read","names":[]')"
	both takes another-case "$(entry '"NAMES":["write"]')"
	both refuses architectures-twice \
		'{"defaultAction":"SCMP_ACT_ERRNO","architectures":["SCMP_ARCH_X86_64"],"archMap":[{"architecture":"SCMP_ARCH_X86_64"}]}'
	both takes no-architectures '{"defaultAction":"SCMP_ACT_ERRNO","architectures":[],"archMap":[{"architecture":"SCMP_ARCH_X86_64"}]}'
	both takes largest "$(value 18446744073709551615)"
	both takes two-to-63 "$(value 9223372036854775808)"
	both refuses larger "$(value 18446744073709551616)"
	both refuses negative "$(value -1)"
	both refuses real "$(value 1.0)"
	both refuses text "$(value '"1"')"
	both takes errno-by-name "$(entry '"names":["read"],"errno":"ENOSYS"')"
	both refuses no-list "$(entry '"names":"read"')"
	both refuses cut '{"defaultAction":"SCMP_ACT_ERRNO"'
	# Of an entry that takes no part podman reads no names; moby does, and refuses.
	run both takes gated "$(entry '"name":"read","names":["write"],"includes":{"caps":["CAP_BPF"]}')"
	[[ "$output" == *"gated: podman takes it, cordon refuses it"* ]]
}
