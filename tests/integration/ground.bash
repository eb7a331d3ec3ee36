# ground: what the integration tests share: the cli lane's ground, and images from real Debian roots.
load ../cli/helper

# image_make NAME CHANGE...: imports the Debian root of that name once for a file, or skips with the
# reason. Its changes are an image's own: CMD, ENV, STOPSIGNAL, EXPOSE, VOLUME, USER.
image_make() {
	local name=$1 tar change changes=()
	shift
	# the roots are kept over runs, in the user's own cache and not in this file's ground
	tar=$(CORDON_IMAGES="${CORDON_IMAGES:-$HOME/.cache/cordon-tests}" \
		"$BATS_TEST_DIRNAME/images.bash" "$name" 2>"$GROUND/reason")
	[ -n "$tar" ] || { give_up "$(cat "$GROUND/reason")"; return; }
	for change in "$@"; do changes+=(-c "$change"); done
	CORDON_TEST_SECONDS=180 cordon import "${changes[@]}" "$tar" "$name"
}

# pid_of NAME: of the container's first process, as the host sees it.
pid_of() {
	cordon inspect --format '{{.State.Pid}}' "$1"
}

# walls_of PID CAPABILITIES: what the kernel says about a process: a filter, no new privileges, and
# exactly these sets (permitted, effective and bounding), nothing inheritable or ambient.
walls_of() {
	local status=/proc/$1/status
	expect "$status" Seccomp 2 && expect "$status" NoNewPrivs 1 &&
		expect "$status" "CapInh CapAmb" 0000000000000000 &&
		expect "$status" "CapPrm CapEff CapBnd" "$2"
}

# children_of PID: the processes below it, one a line.
children_of() {
	local child
	for child in $(cat /proc/"$1"/task/*/children 2>/dev/null); do
		echo "$child"
		children_of "$child"
	done
}
