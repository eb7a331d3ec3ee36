#!/bin/bash
 made once:, made once: $CORDON_IMAGES/NAME.tar, by default below
# ~/.cache/cordon-tests. mmdebstrap runs unprivileged (unshare mode); packages come from the
# machine's own mirror. A tar that somebody else made in /var/tmp/cordon-images is taken as it is.
#
# Prints the path of each tar; where one cannot be made, the reason goes to NAME.reason beside it
# and nothing is printed, so that tests can skip with it.
set -u
: "${CORDON_IMAGES:=${XDG_CACHE_HOME:-$HOME/.cache}/cordon-tests}"
suite=bookworm

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

# without_descriptors COMMAND...: mmdebstrap hands descriptors to sh by number, and dash knows only
# one digit: what bats has open must not push them past nine.
without_descriptors() (
	for number in /proc/self/fd/*; do
		number=${number##*/}
		[ "$number" -le 2 ] || eval "exec $number>&-"
	done 2>/dev/null
	"$@"
)

# grow: run by mmdebstrap in a root that has the essential packages: PACKAGES into it.
# shellcheck disable=SC2016 # mmdebstrap's own variables, and its root as $1
grow='APT_CONFIG="$MMDEBSTRAP_APT_CONFIG" apt-get -y --no-install-recommends -o DPkg::Chroot-Directory="$1" install $PACKAGES'
# keep_debs: run by mmdebstrap while it still has the package lists: WANTED into the root's /var/debs.
# shellcheck disable=SC2016 # mmdebstrap's own variables, and its root as $1
keep_debs='[ -z "$WANTED" ] || { mkdir -p "$1/var/debs/partial" && APT_CONFIG="$MMDEBSTRAP_APT_CONFIG" apt-get -y \
	--download-only --no-install-recommends -o Dir::Cache::archives="$1/var/debs" install $WANTED; }'

# mmdebstrap_as_user WORD...: the root grows in /tmp, and the work starts in /: the ids it is made with may not look into a
# home. Documentation and package lists are half of it, and nobody reads them there.
mmdebstrap_as_user() {
	without_descriptors env -C / TMPDIR=/tmp timeout 300 mmdebstrap --mode=unshare --format=tar \
		--aptopt='Acquire::Retries "3"' \
		--dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
		--dpkgopt='path-exclude=/usr/share/locale/*' "$@"
}

# make_root NAME TARGET: the essential packages are the same in all roots, and most of the work: they are unpacked and set up
# once, and every root grows from a copy. Java's alternatives want a folder for their pages.
make_root() {
	local base
	if [ "$1" = base ]; then
		mmdebstrap_as_user --variant=essential --essential-hook='mkdir -p "$1/usr/share/man/man1"' "$suite" "$2"
		return
	fi
	base=$(make base) && [ -n "$base" ] || { echo "E: $(cat "$CORDON_IMAGES/base.reason")"; return 1; }
	# opened here: the ids that unpack it may not look into a home
	WANTED=${debs[$1]:-} PACKAGES=${packages[$1]} mmdebstrap_as_user --variant=custom \
		--setup-hook='tar -C "$1" --exclude="./dev/*" -xpf -' \
		--customize-hook="$grow" --customize-hook="$keep_debs" \
		--customize-hook='rm -rf "$1"/var/lib/apt/lists/* "$1"/var/cache/apt/*' \
		"$suite" "$2" <"$base"
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
