# root: a small root file system of the machine's own busybox-static, as a tar, for demo and tests.

# busybox_root FOLDER [PROGRAM...]: fills FOLDER; the programs go to /bin as well.
busybox_root() {
	local root=$1 busybox applet
	shift
	busybox=$(command -v busybox) || { echo "busybox is not installed (busybox-static)" >&2; return 1; }
	mkdir -p "$root"/{bin,etc,home/user,root,tmp,usr/bin,var/log}
	cp "$busybox" "$root/bin/busybox"
	for applet in $("$busybox" --list); do
		[ "$applet" = busybox ] || ln -sf busybox "$root/bin/$applet"
	done
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
