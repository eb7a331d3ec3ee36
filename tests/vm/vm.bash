#!/bin/bash
# vm BUILD [FILE...]: boots Debian's kernel under QEMU, without KVM, and runs the bats files (all of
# this folder) there as a user who has logged in, with the cordon that is staged in BUILD. Prints
# their TAP; the console is left in BUILD/vm-console.log.
#
# Why a machine: limits need a cgroup tree that systemd delegates, labels an AppArmor, and an older
# Landlock an older kernel; the machines we build on have none of them.
set -u
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
build=$(cd "$1" && pwd)
shift
[ $# -gt 0 ] || set -- tests/vm/*.bats
limit=${CORDON_VM_SECONDS:-900}

folder=$(tests/vm/image.bash) || { echo "not ok 0 the VM's image can be made"; exit 1; }
work=$(mktemp -d)
machine=
trap 'kill $machine 2>/dev/null; rm -rf "$work"' EXIT

# The second disk: a tar that the VM unpacks over its root.
pack() {
	local root=$work/root
	mkdir -p "$root/srv/cordon/build/tests/support" "$root/usr"
	cp -r "$build/stage/usr/local" "$root/usr/"
	cp -r tests "$root/srv/cordon/"
	cp "$build/tests/support/probe" "$root/srv/cordon/build/tests/support/"
	# shellcheck source=tests/support/root.bash
	. tests/support/root.bash
	busybox_root "$work/base" "$build/tests/support/probe" &&
		root_tar "$work/base" "$root/srv/cordon/base.tar" || return 1
	printf 'FILES=(%s)\nSECONDS_A_FILE=%s\n' "$*" "$((limit / 2))" >"$root/srv/cordon/environment"
	tar -C "$root" --owner=0 --group=0 -cf "$work/disk.tar" .
	truncate -s %512 "$work/disk.tar"
}

# The emulator's clock is the time stamp counter: another one would be asked device by device, at every switch of a task.
boot() {
	qemu-system-x86_64 -accel tcg,thread=multi -cpu max -smp 2 -m 2048 \
		-nodefaults -display none -no-reboot \
		-kernel "$folder/vmlinuz" -initrd "$folder/initrd" \
		-append "console=ttyS0 quiet panic=-1 net.ifnames=0 tsc=reliable clocksource=tsc mitigations=off apparmor=1 security=apparmor systemd.unified_cgroup_hierarchy=1 systemd.unit=cordon-tests.service" \
		-drive "file=$folder/root.ext4,if=virtio,format=raw,snapshot=on" \
		-drive "file=$work/disk.tar,if=virtio,format=raw,readonly=on" \
		-nic user,model=virtio-net-pci,restrict=on \
		-serial "file:$build/vm-console.log" -serial "file:$work/tap" </dev/null &
	machine=$!
}

pack "$@"
touch "$work/tap"
boot
tail -f --pid=$machine "$work/tap" &
shown=$!
SECONDS=0
while kill -0 $machine 2>/dev/null && [ $SECONDS -lt "$limit" ]; do sleep 0.5; done
kill $machine 2>/dev/null
wait $machine $shown 2>/dev/null
if ! grep -q '^# done' "$work/tap"; then
	echo "not ok 0 the VM ran all tests within $limit s"
	tail -25 "$build/vm-console.log" | sed 's/^/# /'
	exit 1
fi
! grep -q '^not ok' "$work/tap"
