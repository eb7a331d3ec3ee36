#!/bin/bash
# inside: what root does in the VM: gets AppArmor's profiles in, and lets the user log in and run the
# tests. What is printed goes to the second serial line, and is the lane's TAP.
set -u
stty -F /dev/ttyS1 -opost
cd /srv/cordon || exit 1
# shellcheck source=/dev/null
. ./environment
for profile in tests/vm/apparmor/*; do
	apparmor_parser --replace --skip-cache "$profile" || echo "Bail out! $profile was not loaded"
done
# A way out that leads nowhere (restrict=on), as pasta wants to see one.
modprobe -q virtio_net
for word in "link set lo up" "link set eth0 up" "addr add 10.0.2.15/24 dev eth0" "route add default via 10.0.2.2"; do
	# shellcheck disable=SC2086
	busybox ip $word
done
chmod 0666 /dev/net/tun # as udev has it, which is not here
# Debian 12's AppArmor profile of pasta lets it open the namespaces of a process by their names, but
# not look at a process, which the kernel asks for as well; and keeps its pid files in /tmp. This is
# what cordon's own message says to do.
printf '%s\n' 'ptrace (read),' 'owner /run/user/*/cordon/** rw,' >>/etc/apparmor.d/abstractions/pasta
apparmor_parser --replace --skip-cache /etc/apparmor.d/usr.bin.passt
# A login, as by ssh: PAM makes a session, systemd a scope for it that belongs to root. Nothing of a
# session is a cgroup that the user may write to: that is what limits must cope with. A file that
# wants to be started in another way says so ("# systemd-run: OPTION...").
for file in "${FILES[@]}"; do
	echo "-- $file"
	read -ra how < <(sed -n 's/^# systemd-run: //p' "$file" | grep . || echo -p PAMName=login)
	systemd-run --quiet --wait --pipe --uid=tester "${how[@]}" -p WorkingDirectory=/srv/cordon \
		--setenv=HOME=/home/tester --setenv=LANG=C.UTF-8 --setenv=CORDON=/usr/local/bin/cordon \
		--setenv=CORDON_BUILD=/srv/cordon/build --setenv=ATTACKERS=/srv/cordon/build/tests/attack \
		timeout -k 20 "$SECONDS_A_FILE" bats --tap -T --print-output-on-failure "$file" </dev/null ||
		echo "# $file ended with status $?"
done
echo "# done"
