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
	local word words=
	for word in "$@"; do
		[[ $word =~ ^[A-Za-z0-9_./:=-]+$ ]] || word="'$word'"
		words+=" $word"
	done
	printf '\n$ cordon%s\n' "$words"
	"$cordon" "$@"
}

busybox_root "$work/root"
root_tar "$work/root" "$work/root.tar"
cd "$work"

# the image of an earlier demo would stay behind without a name
"$cordon" rmi -f busybox >/dev/null 2>&1 || true
show import root.tar busybox
show images
show run --rm --network none busybox sh -c 'id; uname -n; grep -E "^(Seccomp|NoNewPrivs|Cap)" /proc/self/status'
show run -d --name "$name" --network none busybox sleep 60
show ps
show inspect --format '{{json .Cordon.Enforced}}' "$name"

echo
echo '# what it was not allowed'
show run --rm --network none busybox sh -c \
	'mount -t tmpfs none /tmp; unshare -U true; echo 1 >/proc/sys/kernel/panic; cat /proc/keys; true'
show rm -f "$name"
