#!/bin/bash
# denied USER CORDON [PROGRAM...]: the column "denied" of docs/default-programs.md: what the default
# profile denied each program while it worked. As root, because strace(1) must follow setuid
# programs; the containers are the user's, in a store that is made and taken away.
#
# The programs are those of tests/integration/programs.bats (works.bash, and this machine's own node
# asked to use io_uring), and the four servers' workloads behind the default. Every call that failed is kept, and
# denied.py counts those that the filter answered; so what the kernel itself refused is left out.
# What a program said is in FOLDER/PROGRAM.said where DENIED_KEEP names a folder, and its trace.
set -euo pipefail
[ "$(id -u)" = 0 ] || { echo "denied: run this as root" >&2; exit 1; }
[ $# -ge 2 ] || { echo "usage: denied.bash USER CORDON [PROGRAM...]" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
user=$1 cordon=$2
shift 2
[ $# -gt 0 ] || set -- apt mariadb node node-io_uring java go rust git gcc busybox nginx redis postgres python
# shellcheck source=tests/integration/programs/works.bash
. "$here/../integration/programs/works.bash"

ground=$(mktemp -d "${TMPDIR:-/tmp}/cordon-denied.XXXXXX")
chmod 711 "$ground"
install -d -o "$user" -m 700 "$ground/data" "$ground/cache" "$ground/run"
keep=${DENIED_KEEP:-$ground/kept}
mkdir -p "$keep"
home=$(getent passwd "$user" | cut -d: -f6)
words=(env -i -C / HOME="$home" PATH="$PATH" LANG=C.UTF-8 CORDON="$cordon" CORDON_WORK_SECONDS=1200
	XDG_DATA_HOME="$ground/data" XDG_CACHE_HOME="$ground/cache" XDG_RUNTIME_DIR="$ground/run")
as_user=(runuser -u "$user" -- "${words[@]}")

# The files of containers are of the user's subordinate ids, as root is not bothered by.
trap 'rm -rf "$ground"' EXIT

image_make() {
	local tar
	[ -z "$("${as_user[@]}" "$cordon" images -q "$1")" ] || return 0
	tar=$("${as_user[@]}" CORDON_IMAGES="$home/.cache/cordon-tests" "$here/../integration/images.bash" "$1")
	[ -n "$tar" ] || return 1
	"${as_user[@]}" "$cordon" import "$tar" "$1" >/dev/null
}

# traced PROGRAM COMMAND...: as the user, followed.
traced() {
	local name=$1 status=0
	shift
	timeout -k 20 1800 "${words[@]}" strace -f -qq -Z -n -X verbose -s 0 -e signal=none -u "$user" \
		-o "$keep/$name.trace" "$@" >"$keep/$name.said" 2>&1 </dev/null || status=$?
	echo "$name (ended with $status):"
	python3 "$here/denied.py" "$keep/$name.trace" "$ground/compiled"
}

# confined PROGRAM OPTION... IMAGE COMMAND...
confined() {
	local name=$1
	shift
	traced "$name" "$cordon" run --rm --network none --profile default \
		-v "$here/../integration/programs:/programs:ro" "$@"
}

"${as_user[@]}" "$cordon" policy compile default --arch x86_64 --format json >"$ground/compiled"
for name; do
	case $name in
	nginx | redis | postgres | python)
		image_make "$name"
		traced "$name" "$here/work.bash" "$name" --profile default
		;;
	node-io_uring)
		image_make programs
		install -D /usr/bin/node "$ground/own/node"
		confined "$name" -v "$ground/own:/own:ro" -e UV_USE_IO_URING=1 programs /own/node /programs/work.js
		;;
	*)
		image_make programs
		confined "$name" programs sh -c "${works[$name]:?no program of that name}"
		;;
	esac
done
