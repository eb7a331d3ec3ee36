# root: a small root file system of the machine's own busybox-static, as a tar, for demo and tests.

# busybox_bin FOLDER: busybox by all of its names. By one process: to start four hundred takes a second.
busybox_bin() {
	local busybox
	busybox=$(command -v busybox) || { echo "busybox is not installed (busybox-static)" >&2; return 1; }
	mkdir -p "$1"
	cp "$busybox" "$1/busybox"
	"$busybox" --list | python3 -c 'import os, sys
for name in sys.stdin.read().split():
    if name != "busybox":
        os.symlink("busybox", os.path.join(sys.argv[1], name))' "$1"
}

# busybox_root FOLDER [PROGRAM...]: fills FOLDER; the programs go to /bin as well.
busybox_root() {
	local root=$1
	shift
	mkdir -p "$root"/{etc,home/user,root,tmp,usr/bin,var/log}
	busybox_bin "$root/bin" || return
	[ $# = 0 ] || cp "$@" "$root/bin/"
	printf '%s\n' root:x:0:0:root:/root:/bin/sh user:x:1000:1000:user:/home/user:/bin/sh >"$root/etc/passwd"
	printf '%s\n' root:x:0: user:x:1000: staff:x:50:user >"$root/etc/group"
	chmod 1777 "$root/tmp"
}

# root_tar FOLDER FILE: everything owned by root, but for the user's home.
root_tar() {
	tar -C "$1" --owner=0 --group=0 --numeric-owner --exclude=./home/user -cf "$2" .
	tar -C "$1" --owner=1000 --group=1000 --numeric-owner -rf "$2" ./home/user
}
