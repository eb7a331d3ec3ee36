# The attack lane's ground: a state of its own, an image of busybox and the attackers, a canary.
#
#   CORDON    the cordon binary under test
#   ATTACKERS the folder of the static attackers (build folder tests/attack)
#   CORDON_ROUNDS  rounds of each race (small by default; 10000 in a campaign)

bats_require_minimum_version 1.5.0
# shellcheck source=tests/support/refute.bash
. "${BATS_TEST_DIRNAME:-.}/../support/refute.bash"
# shellcheck source=tests/support/root.bash
. "${BATS_TEST_DIRNAME:-.}/../support/root.bash"
# shellcheck source=tests/support/waiting.bash
. "${BATS_TEST_DIRNAME:-.}/../support/waiting.bash"

attack_setup_file() {
	: "${CORDON:?the cordon binary under test}" "${ATTACKERS:?the folder of the attackers}"
	[ "$(id -u)" != 0 ] || skip "cordon is for ordinary users; this lane runs as one"
	export ROUNDS="${CORDON_ROUNDS:-20}"
	export GROUND
	GROUND=$(mktemp -d "${TMPDIR:-/tmp}/cordon-attack.XXXXXX")
	chmod 755 "$GROUND"
	export XDG_DATA_HOME=$GROUND/data XDG_CACHE_HOME=$GROUND/cache XDG_CONFIG_HOME=$GROUND/config
	mkdir -p "$GROUND/root/"{etc,tmp,root,vol}
	busybox_bin "$GROUND/root/bin"
	local name
	for name in swap exehunt fdprobe latchprobe loopprobe ttyinject verdicts walkproc; do
		cp "$ATTACKERS/attack_$name" "$GROUND/root/bin/$name"
	done
	echo 'root:x:0:0:root:/root:/bin/sh' >"$GROUND/root/etc/passwd"
	echo 'root:x:0:' >"$GROUND/root/etc/group"
	chmod 1777 "$GROUND/root/tmp"
	import_root "$GROUND/root" attack
}

# import_root FOLDER NAME: a folder becomes an image.
import_root() {
	tar -C "$1" --owner=0 --group=0 --numeric-owner -cf "$GROUND/$2.tar" .
	"$CORDON" import "$GROUND/$2.tar" "$2"
}

# evil_root NAME: a copy of the root to be made evil, printed; import it when it is ready.
evil_root() {
	cp -a "$GROUND/root" "$GROUND/$1"
	echo "$GROUND/$1"
}

# attack_setup_file_apart: and a runtime folder of the file's own, so that what is in there is its own, too.
attack_setup_file_apart() {
	attack_setup_file
	mkdir -m 700 "$GROUND/run"
	export XDG_RUNTIME_DIR=$GROUND/run
}

attack_teardown_file() {
	[ -n "${GROUND:-}" ] || return 0
	local id
	for id in $("$CORDON" ps -aq); do "$CORDON" rm -f "$id" >/dev/null || true; done
	for id in $("$CORDON" images -q); do "$CORDON" rmi -f "$id" >/dev/null || true; done
	refute grep -F "$GROUND" /proc/self/mountinfo
	chmod -R u+rwX "$GROUND" && rm -rf "$GROUND"
}

# canary_make: a file and a folder of the host that no attack may read, change or add to.
canary_make() {
	mkdir -p "$GROUND/canary/folder"
	echo "the canary sings" >"$GROUND/canary/file"
	chmod 640 "$GROUND/canary/file"
	touch -d '2020-01-02 03:04:05' "$GROUND/canary/file" "$GROUND/canary/folder" "$GROUND/canary"
	canary_state >"$GROUND/canary.before"
}

canary_state() {
	(cd "$GROUND/canary" && find . -printf '%p %m %U %G %T@ %s %l\n' | sort && sha256sum file)
}

canary_check() {
	diff "$GROUND/canary.before" <(canary_state)
}

# confined COMMAND...: a throw-away container of the attack image without a network.
confined() {
	"$CORDON" run --rm --network none "$@"
}
