# helper: the ground of the cli lane: a state of its own for every file, an image, a canary, and at
# the end the proof that nothing is left.
#
#   CORDON        the cordon binary under test
#   CORDON_BUILD  the build folder it comes from (tests/support/probe)
#   CORDON_TEST_SECONDS  the limit of one command, 60 by default
#
# A file says:   setup_file() { ground_make; }    teardown_file() { ground_clear; }
# Its image is "base": busybox, the probe, a user (1000), a group (staff, 50).

bats_require_minimum_version 1.5.0
# shellcheck source=tests/support/root.bash
. "${BATS_TEST_DIRNAME:-.}/../support/root.bash"
# shellcheck source=tests/support/refute.bash
. "${BATS_TEST_DIRNAME:-.}/../support/refute.bash"
# shellcheck source=tests/support/waiting.bash
. "${BATS_TEST_DIRNAME:-.}/../support/waiting.bash"

# cordon WORD...: with a limit, in the terminal's foreground.
cordon() {
	timeout --foreground -k 10 "${CORDON_TEST_SECONDS:-60}" "$CORDON" "$@"
}

# confined WORD...: a throw-away container without a network.
confined() {
	cordon run --rm --network none "$@"
}

# give_up REASON: skips the test, or, said by setup_file, all tests of the file (bats 1.8 takes a
# skip there for a failure).
give_up() {
	[ -z "${BATS_TEST_NUMBER:-}" ] || skip "$1"
	export GROUND_SKIP=$1
}

setup() {
	[ -z "${GROUND_SKIP:-}" ] || skip "$GROUND_SKIP"
}

ground_make() {
	: "${CORDON:?the cordon binary under test}" "${CORDON_BUILD:?its build folder}"
	[ "$(id -u)" != 0 ] || { give_up "cordon is for ordinary users; this lane runs as one"; return; }
	export GROUND
	GROUND=$(mktemp -d "${TMPDIR:-/tmp}/cordon-cli.XXXXXX")
	export XDG_DATA_HOME=$GROUND/data XDG_CACHE_HOME=$GROUND/cache XDG_CONFIG_HOME=$GROUND/config
	export XDG_RUNTIME_DIR=$GROUND/run
	mkdir -m 700 "$XDG_RUNTIME_DIR"
	# What must not be seen inside.
	export HOST_SECRET="a secret of the host"
	busybox_root "$GROUND/root" "$CORDON_BUILD/tests/support/probe"
	root_tar "$GROUND/root" "$GROUND/base.tar"
	cordon import "$GROUND/base.tar" base >"$GROUND/base.id"
}

# Removes every container and image; fails if a process or a mount of this ground is left.
ground_clear() {
	local id
	[ -n "${GROUND:-}" ] || return 0
	for id in $(cordon ps -aq); do cordon rm -f "$id" >/dev/null || true; done
	for id in $(cordon images -q | sort -u); do cordon rmi -f "$id" >/dev/null || true; done
	ground_is_quiet || { ground_processes; return 1; }
	# volumes may hold files of subordinate ids
	rm -rf "$GROUND" 2>/dev/null || unshare --map-root-user --map-auto rm -rf "$GROUND"
}

# Processes of this ground: a container's has our folders in its mounts, a monitor or a helper our
# variables in its environment. The tests' own shells and tools do too, and do not count.
ground_processes() {
	local file folder name
	for file in $(grep -lsF "$GROUND" /proc/[0-9]*/mountinfo; grep -lsF "XDG_DATA_HOME=$GROUND/" /proc/[0-9]*/environ); do
		folder=${file%/*}
		read -r name 2>/dev/null <"$folder/comm" || continue
		[[ $file == */mountinfo || $name == cordon* || $name == pasta* || $name == layer* ]] || continue
		echo "left: ${folder#/proc/} $name: $(tr '\0' ' ' 2>/dev/null <"$folder/cmdline")"
	done
	! grep -F "$GROUND" /proc/self/mountinfo
}

# Ends take a moment: true once nothing is left, false after half a minute.
ground_is_quiet() { wait_until 30 nothing_of_the_ground; }
nothing_of_the_ground() { [ -z "$(ground_processes)" ]; }

# A free port of the loopback, as far as anybody can know.
free_port() {
	python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# A file and a folder of the host that nothing inside may read, change or add to.
canary_make() {
	mkdir -p "$GROUND/canary/folder"
	echo "the canary sings" >"$GROUND/canary/file"
	touch -d '2020-01-02 03:04:05' "$GROUND/canary/file" "$GROUND/canary/folder" "$GROUND/canary"
	canary_state >"$GROUND/canary.before"
}

canary_state() {
	(cd "$GROUND/canary" && find . -printf '%p %m %U %G %T@ %s %l\n' | sort && sha256sum file)
}

canary_check() {
	diff "$GROUND/canary.before" <(canary_state)
}

# field FILE NAME: what "NAME: value" of a saved output says.
field() {
	sed -n "s/^$2:[[:space:]]*//p" "$1"
}

# expect FILE "NAME..." VALUE...: every NAME of a saved output has one of the values.
expect() {
	local file=$1 names=$2 name got want good status=0
	shift 2
	for name in $names; do
		got=$(field "$file" "$name")
		good=false
		for want in "$@"; do [ "$got" != "$want" ] || good=true; done
		$good || { echo "$name: '$got', not '$*'"; status=1; }
	done
	return $status
}
