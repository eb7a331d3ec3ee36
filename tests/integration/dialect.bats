#!/usr/bin/env bats
# Docker's seccomp files: what cordon makes of each against the filter that crun and runc really load
# for it, on every architecture word, number and argument. dialect/NAME.crun and NAME.runc hold all
# differences; docs/docker-dialect.md says who is right. Written anew by CORDON_DIALECT_WRITE=1.

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
