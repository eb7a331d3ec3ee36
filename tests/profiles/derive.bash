#!/bin/bash
# derive NAME...: what the program of an image profile really asks the kernel for. As root, because
# strace(1) must follow programs that change their user.
#
# The Debian root that the integration tests use is unpacked, its workload (NAME.work, or shell.work
# for what an image's entrypoint script may do) runs in it under strace in namespaces of its own,
# and calls.py makes measured/NAME.calls of what was asked: one call a line, with the arguments that
# a profile can look at. profiles/derive.py makes the profile's list of them.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

[ "$(id -u)" = 0 ] || { echo "derive: run this as root" >&2; exit 1; }
[ $# -gt 0 ] || set -- shell nginx redis postgres python

for name in "$@"; do
	root=nginx
	[ "$name" = shell ] || root=$name
	tar=$("$here/../integration/images.bash" "$root")
	[ -n "$tar" ] || { echo "derive: no root for $name" >&2; exit 1; }
	work=$(mktemp -d "${TMPDIR:-/tmp}/cordon-derive.XXXXXX")
	trap 'rm -rf "$work"' EXIT
	mkdir "$work/root"
	tar -C "$work/root" --numeric-owner -xf "$tar"
	cp "$here/$name.work" "$work/root/work"
	mkdir -p "$work/root/proc" "$work/root/dev" "$work/root/tmp"
	for device in null zero full random urandom tty; do
		[ -e "$work/root/dev/$device" ] || cp -a "/dev/$device" "$work/root/dev/$device"
	done
	ln -sfn /proc/self/fd "$work/root/dev/fd"
	[ -s "$work/root/etc/hosts" ] || echo '127.0.0.1 localhost' >"$work/root/etc/hosts"
	# the first program is /bin/bash of the root: calls before its execve are chroot's own
	status=0
	mkdir -p "$work/root/dev/pts" "$work/root/dev/shm"
	unshare --mount --pid --net --ipc --uts --fork --mount-proc="$work/root/proc" \
		sh -c 'mount -t devpts -o newinstance,ptmxmode=0666 none "$0/dev/pts" && ln -sf pts/ptmx "$0/dev/ptmx" &&
			mount -t tmpfs none "$0/dev/shm" && exec "$@"' "$work/root" \
		strace -f -qq -e signal=none -s 0 -o "$work/trace" \
		chroot "$work/root" /usr/bin/env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
		HOME=/root TERM=dumb /bin/bash /work >"$work/said" 2>&1 || status=$?
	if [ $status != 0 ] || ! grep -q '^done$' "$work/said"; then
		echo "derive: the workload of $name failed ($status):" >&2
		tail -20 "$work/said" >&2
		exit 1
	fi
	version=$(chroot "$work/root" dpkg-query -W -f '${Package} ${Version}, ' libc6 nginx-light redis-server \
		postgresql-15 python3.11 2>/dev/null || true)
	mkdir -p "$here/measured"
	python3 "$here/calls.py" "$work/trace" \
		"$name.work under $(strace -V | sed -n '1s/.*version/strace/p'), Linux $(uname -r | cut -d. -f1,2), ${version%, }, $(date -I)" \
		>"$here/measured/$name.calls"
	echo "$name: $(grep -vc '^#' "$here/measured/$name.calls") lines"
	rm -rf "$work"
done
