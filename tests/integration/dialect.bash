#!/bin/bash
# dialect RUNTIME PROFILE WORK: where cordon's reading of a Docker seccomp file and the filter that
# RUNTIME (crun, runc) really loads for it differ, as tests/support/dialect_proof writes it. Rootless:
# in namespaces of its own, with a cgroup v2 tree, without which crun does not start.
# CORDON_BUILD is the build folder.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
capabilities=0xa80425fb # Docker's default
kernel=$(uname -r | cut -d. -f1,2)

if [ "${CORDON_DIALECT_INSIDE:-}" = "" ]; then
	export CORDON_DIALECT_INSIDE=1
	exec unshare --map-root-user --mount --cgroup "$0" "$@"
fi
runtime=$1 profile=$2 work=$3
options=()
[ "$runtime" != crun ] || options=(--cgroup-manager=disabled)
mount -t cgroup2 none /sys/fs/cgroup
rm -rf "$work" && mkdir -p "$work"
python3 "$here/../support/oci_bundle.py" "$profile" "$work" "$kernel"
cp "$(command -v busybox)" "$work/rootfs/x"
# What it runs may be killed by its own filter: only that the filter was loaded counts.
(cd "$work" && timeout 60 "$CORDON_BUILD/tests/support/capture" "$work/filter" \
	"$runtime" "${options[@]}" --root "$work/state" run "dialect-$$" </dev/null >"$work/log" 2>&1) || true
if ! [ -e "$work/filter.0" ]; then
	echo "$runtime loads nothing: $(tail -1 "$work/log" | sed 's/.*seccomp: //; s/.*msg="//; s/"$//')"
	exit 0
fi
[ ! -e "$work/filter.1" ] || { echo "$runtime loaded two filters" >&2; exit 1; }
"$CORDON_BUILD/tests/support/dialect_proof" "$profile" "$work/filter.0" "$capabilities" "$kernel"
