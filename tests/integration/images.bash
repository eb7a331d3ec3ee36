#!/bin/bash
# images [NAME...|all]: real Debian roots as tars, made once: $CORDON_IMAGES/NAME.tar, by default below
# ~/.cache/cordon-tests, as tests/support/debian.bash does it. A tar that somebody else made in
# /var/tmp/cordon-images is taken as it is.
#
# Prints the path of each tar; where one cannot be made, the reason goes to NAME.reason beside it
# and nothing is printed, so that tests can skip with it.
set -u
# shellcheck source=tests/support/debian.bash
. "$(dirname "${BASH_SOURCE[0]}")/../support/debian.bash"
: "${CORDON_IMAGES:=${XDG_CACHE_HOME:-$HOME/.cache}/cordon-tests}"

declare -A packages=(
	[nginx]="nginx-light"
	[python]="python3"
	[redis]="redis-server redis-tools"
	[postgres]="postgresql"
	[programs]="adduser apt busybox ca-certificates ecj gcc git golang-go libc6-dev libcap2-bin make mariadb-server nodejs openjdk-17-jre-headless rustc"
)
# What a root is to have in /var/debs, to be installed in a container of it: packages, and what they need.
declare -A debs=(
	[programs]="cron dbus iputils-ping openssh-server vim-tiny"
)

# keep_debs: run by mmdebstrap while it still has the package lists: WANTED into the root's /var/debs.
# shellcheck disable=SC2016 # mmdebstrap's own variables, and its root as $1
keep_debs='[ -z "$WANTED" ] || { mkdir -p "$1/var/debs/partial" && APT_CONFIG="$MMDEBSTRAP_APT_CONFIG" apt-get -y \
	--download-only --no-install-recommends -o Dir::Cache::archives="$1/var/debs" install $WANTED; }'

# make_root NAME TARGET: "base" is what the others grow from.
make_root() {
	local base
	if [ "$1" = base ]; then
		debian_base "$2"
		return
	fi
	base=$(make base) && [ -n "$base" ] || { echo "E: $(cat "$CORDON_IMAGES/base.reason")"; return 1; }
	WANTED=${debs[$1]:-} debian_grow "$base" "$2" "${packages[$1]}" "$keep_debs"
}

# A lock a tar: two lanes at once make it once.
make() {
	local name=$1 tar=$CORDON_IMAGES/$1.tar shared=/var/tmp/cordon-images/$1.tar
	exec 8>"$tar.lock"
	flock 8
	[ ! -r "$shared" ] || { echo "$shared"; return; }
	[ ! -s "$tar" ] || { echo "$tar"; return; }
	if make_root "$name" "$tar.part" >"$CORDON_IMAGES/$name.log" 2>&1 </dev/null; then
		mv "$tar.part" "$tar"
		rm -f "$CORDON_IMAGES/$name.reason"
		echo "$tar"
	else
		rm -f "$tar.part"
		echo "no root of $name: $(grep -aE '^(E|Err|dpkg: error):' "$CORDON_IMAGES/$name.log" |
			head -2 | cut -c1-200 | tr '\n' ' ')" |
			tee "$CORDON_IMAGES/$name.reason" >&2
	fi
}

mkdir -p "$CORDON_IMAGES"
[ "${1:-}" != all ] || set -- "${!packages[@]}"
for name in "${@:-nginx}"; do make "$name"; done
