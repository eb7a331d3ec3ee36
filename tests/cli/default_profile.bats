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
