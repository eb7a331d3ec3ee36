# machine: what the rows of the VM share. As tests/cli/helper.bash, whose words are used here, but for
# what is slow in an emulated processor: the image was made outside, and the runtime folder is the
# session's own, since systemd's socket is there.
load ../cli/helper
export CORDON_TEST_SECONDS=${CORDON_TEST_SECONDS:-180}

machine_make() {
	export GROUND HOST_SECRET="a secret of the host"
	GROUND=$(mktemp -d /tmp/cordon-vm.XXXXXX)
	export XDG_DATA_HOME=$GROUND/data XDG_CACHE_HOME=$GROUND/cache XDG_CONFIG_HOME=$GROUND/config
	cordon import /srv/cordon/base.tar base >"$GROUND/base.id"
}

# Fails if a container's mount, process or cgroup is left.
machine_clear() {
	local id
	for id in $(cordon ps -aq); do cordon rm -f "$id" >/dev/null; done
	wait_until 60 machine_is_quiet || { machine_left; return 1; }
	rm -rf "$GROUND" 2>/dev/null || unshare --map-root-user --map-auto rm -rf "$GROUND"
}

machine_left() {
	grep -lsF "$GROUND" /proc/[0-9]*/mountinfo
	pgrep -u "$(id -u)" -a '^(cordon|pasta)'
	find /sys/fs/cgroup -regextype egrep -regex '.*/cordon-[0-9a-f]{64}(\.scope)?'
}

machine_is_quiet() { [ -z "$(machine_left)" ]; }

# profile_make NAME MEMBER...: a profile that extends the default, in $GROUND/NAME.json.
profile_make() {
	local name=$1
	shift
	printf '{"schema": 1, "name": "%s", "extends": ["default"], %s}\n' "$name" "$(
		IFS=,
		echo "$*"
	)" >"$GROUND/$name.json"
}
