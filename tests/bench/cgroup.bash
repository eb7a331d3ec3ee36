#!/bin/bash
# cgroup USER COMMAND...: runs the command with a cgroup v2 tree at /sys/fs/cgroup and a subtree of it
# that is the user's, in a mount namespace of its own. As root. crun and podman do not start without
# one; where the machine has a whole v2 tree already, or none can be mounted, nothing is changed.
set -u
if [ "${CORDON_CGROUP_INSIDE:-}" = "" ]; then
	export CORDON_CGROUP_INSIDE=1
	exec unshare --mount --propagation private "$0" "$@"
fi
unset CORDON_CGROUP_INSIDE
user=$1
shift
if ! [ -e /sys/fs/cgroup/cgroup.controllers ]; then
	umount -R /sys/fs/cgroup 2>/dev/null
	mount -t cgroup2 none /sys/fs/cgroup
fi
mine=/sys/fs/cgroup/cordon-bench-$$
if mkdir -p "$mine/session" 2>/dev/null; then
	chown -R "$user:" "$mine"
	echo $$ >"$mine/session/cgroup.procs"
fi
"$@"
status=$?
echo $$ >/sys/fs/cgroup/cgroup.procs 2>/dev/null
find "$mine" -depth -type d -exec rmdir {} + 2>/dev/null
exit $status
