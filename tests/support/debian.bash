# debian: Debian roots as tars, by mmdebstrap as an ordinary user (unshare mode), from the machine's own mirror.
# The essential packages are the same in all, and most of the work: debian_base sets them up once, and every root grows
# from a copy of that tar.
debian_suite=bookworm

# mmdebstrap hands descriptors to sh by number, and dash knows only one digit: what bats has open must not push them
# past nine.
without_descriptors() (
	for number in /proc/self/fd/*; do
		number=${number##*/}
		[ "$number" -le 2 ] || eval "exec $number>&-"
	done 2>/dev/null
	"$@"
)

# mmdebstrap_as_user WORD...: the root grows in /tmp, and the work starts in /: the ids it is made with may not look into a
# home. Documentation and package lists are half of it, and nobody reads them there.
mmdebstrap_as_user() {
	without_descriptors env -C / TMPDIR=/tmp timeout 400 mmdebstrap --mode=unshare --format=tar \
		--aptopt='Acquire::Retries "3"' \
		--dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
		--dpkgopt='path-exclude=/usr/share/locale/*' "$@"
}

# debian_base TARGET: the essential packages. Java's alternatives want a folder for their pages.
debian_base() {
	mmdebstrap_as_user --variant=essential --essential-hook='mkdir -p "$1/usr/share/man/man1"' "$debian_suite" "$1"
}

# debian_grow BASE TARGET "PACKAGE..." HOOK...: TARGET has the packages as well; each HOOK is run with the root as $1
# while apt still has its lists, in an environment that has what the caller exported.
debian_grow() {
	local base=$1 target=$2 packages=$3 hook hooks=()
	shift 3
	for hook in "$@"; do hooks+=("--customize-hook=$hook"); done
	# opened here: the ids that unpack it may not look into a home
	PACKAGES=$packages mmdebstrap_as_user --variant=custom --setup-hook='tar -C "$1" --exclude="./dev/*" -xpf -' \
		--customize-hook='APT_CONFIG="$MMDEBSTRAP_APT_CONFIG" apt-get -y --no-install-recommends \
			-o DPkg::Chroot-Directory="$1" install $PACKAGES' \
		"${hooks[@]}" --customize-hook='rm -rf "$1"/var/lib/apt/lists/* "$1"/var/cache/apt/*' \
		"$debian_suite" "$target" <"$base"
}
