# apt: as root of a Debian container, from repositories inside it, one over file: and one over http:
# packages of Debian that make users, setuid and setgid programs, file capabilities, alternatives and
# triggers, and one made here whose scripts do each of these. /var/debs has Debian's.
set -eu
export DEBIAN_FRONTEND=noninteractive LC_ALL=C
repository=/var/repository
say() { printf '%s: %s\n' "$1" "$2"; }

# package VERSION: a service of a user of its own, with all that maintainer scripts do.
package() {
	local root=/tmp/package-$1
	install -d "$root"/{DEBIAN,etc,usr/bin,usr/lib/exemplar}
	echo "version=$1" >"$root/etc/exemplar.conf"
	printf '#!/bin/sh\necho exemplar %s\n' "$1" >"$root/usr/lib/exemplar/new"
	cp /bin/true "$root/usr/bin/exemplar-suid"
	cp /bin/true "$root/usr/bin/exemplar-sgid"
	chmod 755 "$root/usr/lib/exemplar/new"
	chmod 4755 "$root/usr/bin/exemplar-suid"
	echo /etc/exemplar.conf >"$root/DEBIAN/conffiles"
	echo 'interest-noawait /usr/share/exemplar' >"$root/DEBIAN/triggers"
	printf '%s\n' 'Package: exemplar' "Version: $1" 'Architecture: all' 'Maintainer: None <none@localhost>' \
		'Depends: adduser' 'Description: what maintainer scripts do' >"$root/DEBIAN/control"
	cat >"$root/DEBIAN/postinst" <<-'S'
		#!/bin/sh
		set -e
		case $1 in
		configure)
			adduser --quiet --system --group --home /var/lib/exemplar exemplar
			install -d -o exemplar -g exemplar -m 2750 /var/lib/exemplar/state
			dpkg-statoverride --list /usr/bin/exemplar-sgid >/dev/null ||
				dpkg-statoverride --update --add root exemplar 2755 /usr/bin/exemplar-sgid
			update-alternatives --quiet --install /usr/bin/exemplar exemplar /usr/lib/exemplar/new 50
			su -s /bin/sh exemplar -c 'id -un >/var/lib/exemplar/state/who'
			;;
		triggered) echo "$2" >>/var/lib/exemplar/triggered ;;
		esac
	S
	printf '#!/bin/sh\n[ "$1" != purge ] || { deluser --quiet --system exemplar; rm -rf /var/lib/exemplar; }\n' \
		>"$root/DEBIAN/postrm"
	chmod 755 "$root"/DEBIAN/post*
	dpkg-deb --root-owner-group -b "$root" "$repository/exemplar_$1_all.deb" >/dev/null
}

# One that sets off the trigger of the other.
activator() {
	install -d /tmp/activator/{DEBIAN,usr/share/exemplar}
	touch /tmp/activator/usr/share/exemplar/part
	printf '%s\n' 'Package: activator' 'Version: 1' 'Architecture: all' 'Maintainer: None <none@localhost>' \
		'Depends: exemplar' 'Description: sets off a trigger' >/tmp/activator/DEBIAN/control
	dpkg-deb --root-owner-group -b /tmp/activator "$repository/activator_1_all.deb" >/dev/null
}

# The repository's list; no tool for it is among the essential packages.
list() (
	cd "$repository"
	for deb in *.deb; do
		dpkg-deb -f "$deb"
		printf 'Filename: ./%s\nSize: %s\nSHA256: %s\n\n' "$deb" "$(stat -c %s "$deb")" \
			"$(sha256sum "$deb" | cut -d' ' -f1)"
	done >Packages
	printf 'Date: %s\nSHA256:\n %s %s Packages\n' "$(date -Ru)" "$(sha256sum Packages | cut -d' ' -f1)" \
		"$(stat -c %s Packages)" >Release
)

mkdir -p "$repository"
cp /var/debs/*.deb "$repository"
package 1.0
activator
list
busybox httpd -p 127.0.0.1:8080 -h "$repository"

# apt asks this program for a proxy after it has become the user that downloads: it tells who that is.
printf '#!/bin/sh\nid -un >>/tmp/downloader\necho DIRECT\n' >/usr/local/bin/proxy
chmod 755 /usr/local/bin/proxy
echo 'Acquire::http::Proxy-Auto-Detect "/usr/local/bin/proxy";' >/etc/apt/apt.conf.d/proxy

rm -rf /etc/apt/sources.list /etc/apt/sources.list.d/*
echo "deb [trusted=yes] file:$repository ./" >/etc/apt/sources.list
apt-get -qq update
say file "$(apt-cache madison exemplar | wc -l)"
echo "deb [trusted=yes] http://127.0.0.1:8080/ ./" >/etc/apt/sources.list
rm -rf /var/lib/apt/lists/*
apt-get -qq update
say downloader "$(sort -u /tmp/downloader)"
say partial "$(stat -c '%U %a' /var/lib/apt/lists/partial)"

apt-get -qq -y --no-install-recommends install exemplar cron iputils-ping dbus vim-tiny openssh-server >/tmp/log 2>&1 ||
	{ cat /tmp/log; exit 1; }
apt-get -qq -y install activator >>/tmp/log
say user "$(cat /var/lib/exemplar/state/who) $(stat -c '%U:%G %a' /var/lib/exemplar/state)"
say setuid "$(stat -c '%U:%G %a' /usr/bin/exemplar-suid)"
say setgid "$(stat -c '%U:%G %a' /usr/bin/exemplar-sgid /usr/bin/crontab | tr '\n' ' ')"
say override "$(stat -c '%U:%G %a' /usr/lib/dbus-1.0/dbus-daemon-launch-helper)"
say capability "$(getcap /bin/ping)"
say alternative "$(exemplar) $(readlink -f /usr/bin/vi)"
say trigger "$(cat /var/lib/exemplar/triggered)"
say keys "$(ls /etc/ssh/ssh_host_*_key | wc -l)"

# a newer version with a configuration file that was changed here; then another set of packages away
echo changed=here >>/etc/exemplar.conf
package 2.0
list
apt-get -qq update
apt-get -qq -y -o Dpkg::Options::=--force-confold upgrade >>/tmp/log 2>&1
say upgraded "$(exemplar) $(grep -c changed /etc/exemplar.conf)"
apt-get -qq -y purge exemplar openssh-server >>/tmp/log 2>&1
say purged "$(getent passwd exemplar || echo none) $(ls /usr/lib/exemplar 2>/dev/null || echo none)"
apt-get -qq check
dpkg --audit
say complaints "$(grep -ciE 'not permitted|permission denied|function not implemented|bad system call' /tmp/log || true)"
grep -iE 'not permitted|permission denied|function not implemented|bad system call' /tmp/log || true
say end reached
