#!/bin/bash
# demo: what `./dev run` shows: an image of busybox, a hardened container of it, what it was allowed.
set -euo pipefail
cd "$(dirname "$0")/../.."
. tests/support/root.bash

cordon=$PWD/build/stage/usr/local/bin/cordon
work=$(mktemp -d "${TMPDIR:-/tmp}/cordon-demo.XXXXXX")
name=demo-$$
trap '"$cordon" rm -f "$name" >/dev/null 2>&1 || true; rm -rf "$work"' EXIT

# show WORD...: a command as it would be typed, then its output.
show() {
	printf '\n$ cordon'
	printf ' %q' "$@"
	echo
	"$cordon" "$@"
}

busybox_root "$work/root"
root_tar "$work/root" "$work/root.tar"
cd "$work"

show import root.tar busybox
show images
show run --rm --network none busybox sh -c 'id; uname -n; grep -E "^(Seccomp|NoNewPrivs|Cap)" /proc/self/status'
show run -d --name "$name" --network none busybox sleep 60
show ps
echo
echo '# what the kernel says about it'
show inspect --format '{{json .Cordon}}' "$name" |
	if command -v python3 >/dev/null; then
		sed -u -n '1,2p'
		python3 -m json.tool
	else
		cat
	fi
show rm -f "$name"
