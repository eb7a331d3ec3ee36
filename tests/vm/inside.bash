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
