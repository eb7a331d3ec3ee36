#!/bin/bash
# image: what the VM boots, made once in $CORDON_IMAGES/vm (by default below ~/.cache/cordon-tests)
# and again when it would be another one: vmlinuz, initrd, and root.ext4, a Debian root with systemd,
# AppArmor, bats and a user. As an ordinary user, with mmdebstrap's unshare mode. Prints the folder;
# where it cannot be made, nothing, and the reason on standard error.
set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
: "${CORDON_IMAGES:=${XDG_CACHE_HOME:-$HOME/.cache}/cordon-tests}"
folder=$CORDON_IMAGES/vm
# The cloud kernel is a third of the size of the generic one, configured alike, and has ext4 built in.
kernel=linux-image-cloud-amd64
drivers="virtio_ring virtio virtio_pci_modern_dev virtio_pci_legacy_dev virtio_pci virtio_blk"
packages=(
	systemd systemd-sysv libpam-systemd dbus dbus-user-session kmod procps
	apparmor uidmap passt busybox-static bats
	libisal2 libssl3
)

# Run by mmdebstrap with the new root as its argument: the kernel's package is unpacked and not
# installed, since installing it would build an initramfs, a large one. Nothing that only costs time
# at boot is left on; who tests is a user with subordinate ids.
customize() {
	local root=$1 name version
	export APT_CONFIG=$MMDEBSTRAP_APT_CONFIG
	name=$(apt-cache depends "$kernel" | sed -n 's/.*Depends: \(linux-image-[0-9].*\)/\1/p' | head -1)
	(cd "$root/tmp" && apt-get download -qq "$name") || return 1
	# /lib is a link to usr/lib there, and stays one
	dpkg-deb --fsys-tarfile "$root"/tmp/linux-image-*.deb |
		tar -C "$root" --keep-directory-symlink -xf - || return 1
	rm "$root"/tmp/linux-image-*.deb
	version=${name#linux-image-}
	chroot "$root" depmod "$version" || return 1
	printf '%s\n' overlay tun >"$root/etc/modules-load.d/cordon.conf"
	chroot "$root" useradd -m -s /bin/bash tester
	printf 'tester:100000:65536\n' | tee "$root/etc/subuid" >"$root/etc/subgid"
	mkdir -p "$root/var/lib/systemd/linger"
	touch "$root/var/lib/systemd/linger/tester"
	for name in getty@ serial-getty@ systemd-journal-flush e2scrub_reap systemd-update-utmp; do
		ln -sf /dev/null "$root/etc/systemd/system/$name.service"
	done
	ln -sf /dev/null "$root/etc/systemd/system/timers.target"
	echo vm >"$root/etc/hostname"
	rm -rf "$root"/var/lib/apt/lists/* "$root"/var/cache/apt/* "$root/tmp/image.bash"
}

# make_tar TARGET: grown from what the other roots of the tests grow from, which has all but the machine's own packages.
make_tar() {
	local base
	base=$("$here/../integration/images.bash" base) && [ -n "$base" ] || { echo "E: no base"; return 1; }
	debian_grow "$base" "$1" "${packages[*]}" \
		"upload $here/cordon-tests.service /etc/systemd/system/cordon-tests.service" \
		"upload $here/image.bash /tmp/image.bash" 'bash "$1/tmp/image.bash" customize "$1"'
}

# root_image TAR TARGET: inside a user namespace that has all ids, so that the image's owners are
# right; the journal of ext4 would only cost time.
root_image() {
	local root
	root=$(mktemp -d "$2.XXXXXX")
	tar -C "$root" --exclude='./dev/*' -xpf "$1" && truncate -s 2G "$2" &&
		mke2fs -q -t ext4 -O ^has_journal -d "$root" "$2"
	local status=$?
	rm -rf "$root"
	return $status
}

# boot_files TAR: the kernel and the initramfs, a busybox with ./init and a few drivers.
boot_files() {
	local parts=initrd.parts driver
	rm -rf $parts && mkdir -p $parts/{bin,dev,modules,proc,root} || return 1
	tar -xf "$1" --wildcards -C $parts --strip-components=2 './boot/vmlinuz-*' &&
		mv $parts/vmlinuz-* vmlinuz || return 1
	for driver in $drivers; do
		tar -xf "$1" --wildcards -C $parts/modules --transform 's,.*/,,' "./usr/lib/modules/*/$driver.ko" ||
			return 1
	done
	tar -xf "$1" --transform 's,.*/,,' -C $parts/bin --wildcards './*bin/busybox' &&
		sed "s/@DRIVERS@/$drivers/" "$here/init" >$parts/init && chmod +x $parts/init || return 1
	(cd $parts && find . | bin/busybox cpio -o -H newc) >initrd && rm -rf $parts
}

make() {
	rm -f stamp
	make_tar "$folder/root.tar" </dev/null && boot_files root.tar &&
		unshare --map-root-user --map-auto bash "$here/image.bash" root_image root.tar root.ext4 &&
		echo "$version" >stamp && rm root.tar
}

case ${1:-} in
customize | root_image)
	"$@"
	exit
	;;
esac
# shellcheck source=tests/support/debian.bash
. "$here/../support/debian.bash"
mkdir -p "$folder" && cd "$folder" || exit 1
exec 8>lock
flock 8
version=$(cat "$here"/{image.bash,init,cordon-tests.service} "$here/../support/debian.bash" | sha256sum)
if [ "$(cat stamp 2>/dev/null)" != "$version" ] && ! make >make.log 2>&1; then
	echo "no VM image: $(grep -aE '^(E:|Err|dpkg|mke2fs|tar)' make.log | head -2 | cut -c1-200 | tr '\n' ' ')" >&2
	exit 1
fi
echo "$folder"
