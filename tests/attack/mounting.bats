#!/usr/bin/env bats
# A14 and B: evil roots, mount set-up, path races.
# Takes about 50 s.
load attack

setup_file() { attack_setup_file; }
teardown_file() { attack_teardown_file; }

setup() { canary_make; }
teardown() { canary_check; }

@test "A14: /proc, /sys or /dev of the image being a symlink does not redirect the mounts" {
	for target in proc sys dev; do
		root=$(evil_root "link-$target")
		rm -rf "${root:?}/$target"
		ln -s "$GROUND/canary/folder" "$root/$target"
		import_root "$root" "link-$target"
		run confined "link-$target" sh -c 'ls -ld /proc /sys /dev; grep -c . /proc/mounts'
		echo "$output"
		[ "$status" = 125 ]
		[[ "$output" == *"/$target"* ]]
		run confined -v "$GROUND/canary/folder:/vol:ro" "link-$target" true
		[ "$status" = 125 ]
	done
}

@test "B1: masks use the host's /dev/null, whatever the image says /dev/null is" {
	root=$(evil_root null-link)
	mkdir -p "$root/dev"
	ln -s /proc/sys/kernel/core_pattern "$root/dev/null"
	import_root "$root" null-link
	for i in $(seq 1 "$ROUNDS"); do
		run confined null-link sh -c 'stat -c %t:%T /dev/null; cat /proc/kcore /proc/keys /proc/timer_list 2>/dev/null | wc -c; echo x >/proc/sys/kernel/core_pattern && echo WRITTEN'
		[ "${lines[0]}" = "1:3" ]
		[ "${lines[1]}" = 0 ]
		[[ "$output" != *WRITTEN* ]]
	done
}

@test "B1: nor while another container flips a name on a shared volume" {
	mkdir -p "$GROUND/shared/d"
	touch "$GROUND/shared/null"
	ln -sfn /proc/sys/kernel/core_pattern "$GROUND/shared/link"
	"$CORDON" run -d --network none --name flipper -v "$GROUND/shared:/vol" attack swap /vol/null /vol/link 36000
	for i in $(seq 1 "$ROUNDS"); do
		run confined -v "$GROUND/shared:/dev/shared" attack sh -c 'stat -c %t:%T /dev/null; cat /proc/kcore 2>/dev/null | wc -c; echo x >/proc/sys/kernel/core_pattern && echo WRITTEN'
		[[ "$output" != *WRITTEN* ]]
		[ "$status" = 125 ] || [ "${lines[0]}" = "1:3" ]
	done
	"$CORDON" rm -f flipper
}

@test "B1, B2: nor while another container flips what the root itself has in /dev" {
	command -v script >/dev/null || skip "script(1) (package bsdutils) is not installed"
	root=$(evil_root flipping)
	mkdir -p "$root/dev/pts"
	for name in null console pts/0; do
		: >"$root/dev/$name"
		ln -s /proc/sys/kernel/core_pattern "$root/dev/$name-link"
	done
	mkdir "$root/dev/pts-link"
	ln -s /proc/sys/kernel/core_pattern "$root/dev/pts-link/0"
	for name in null console pts; do
		"$CORDON" run -d --network none --name "flips-$name" -v "$root/dev:/vol" attack swap "/vol/$name" "/vol/$name-link" 36000
	done
	for i in $(seq 1 "$ROUNDS"); do
		run script -qec "$CORDON run --rm --network none -t --rootfs $root sh -c 'stat -c %t:%T /dev/null; cat /proc/keys /proc/timer_list | wc -c; tty; stat -c %t:%T /dev/console; stat -f -c %t /dev/pts /dev/pts/0 /dev/console; grep -c \" /dev[^ ]* .* - proc \" /proc/self/mountinfo; (echo x >/proc/sys/kernel/core_pattern) 2>/dev/null && echo WRITTEN; echo end'" /dev/null
		# 1cd1: DEVPTS_SUPER_MAGIC (linux/magic.h)
		[ "$(tr -d '\r' <<<"$output")" = $'1:3\n0\n/dev/pts/0\n88:0\n1cd1\n1cd1\n1cd1\n0\nend' ] || { echo "round $i: $output"; false; }
	done
	for name in null console pts; do "$CORDON" rm -f "flips-$name"; done
}

@test "B2: the container's console is a pty of its own devpts" {
	command -v script >/dev/null || skip "script(1) (package bsdutils) is not installed"
	root=$(evil_root console-link)
	mkdir -p "$root/dev/pts"
	ln -s /proc/sys/kernel/core_pattern "$root/dev/console"
	ln -s /proc/sys/kernel/core_pattern "$root/dev/pts/0"
	import_root "$root" console-link
	for i in $(seq 1 "$ROUNDS"); do
		run script -qec "$CORDON run --rm --network none -t console-link sh -c 'tty; stat -f -c %t /dev/pts; stat -f -c %t /dev/console; stat -c %t:%T /dev/console; grep -c \" /dev[^ ]* .* - proc \" /proc/self/mountinfo'" /dev/null
		echo "$output"
		# 1cd1: DEVPTS_SUPER_MAGIC; nothing of the kernel's lies in /dev
		[ "$(tr -d '\r' <<<"$output")" = $'/dev/pts/0\n1cd1\n1cd1\n88:0\n0' ]
	done
}

@test "B3: what the image has put below /proc and /sys is never written, and the kernel's own is mounted over it" {
	root=$(evil_root fake-proc)
	fakes=(proc/self/attr/exec proc/self/attr/apparmor/exec proc/thread-self/attr/exec proc/self/uid_map
		proc/self/setgroups proc/sys/kernel/hostname proc/sys/net/ipv4/ping_group_range proc/sysrq-trigger
		proc/self/oom_score_adj sys/fs/cgroup/cgroup.procs sys/kernel/mm/transparent_hugepage/enabled)
	for fake in "${fakes[@]}"; do
		mkdir -p "$root/$(dirname "$fake")"
		: >"$root/$fake"
		touch -d '2020-01-02 03:04:05' "$root/$fake"
	done
	run confined --hostname fake --rootfs "$root" sh -c 'cat /proc/sys/kernel/ostype; stat -f -c %T /proc /sys; hostname'
	echo "$output"
	[ "$status" = 0 ]
	[[ "$output" == Linux$'\n'* ]]
	[ "${lines[3]}" = fake ]
	for fake in "${fakes[@]}"; do
		[ "$(stat -c '%s %Y' "$root/$fake")" = "0 1577934245" ] || { ls -l "$root/$fake"; false; }
	done
}

@test "B3: a volume's place that flips between a folder and a link into /proc or /sys is never theirs" {
	mkdir -p "$GROUND/shared3/a" "$GROUND/source3"
	echo volume >"$GROUND/source3/exec"
	"$CORDON" run -d --network none --name flipper3 -v "$GROUND/shared3:/vol" attack swap /vol/a /vol/link 36000
	started=0
	round=0
	places=(/proc/self/attr /proc/thread-self/attr /proc/sys /proc/sys/kernel /proc /sys/kernel /sys /proc/self/root/proc)
	while [ $round -lt "$ROUNDS" ]; do
		ln -sfn "${places[round % ${#places[@]}]}" "$GROUND/shared3/link" 2>/dev/null || true
		result=0
		text=$(confined -v "$GROUND/shared3:/vol" -v "$GROUND/source3:/vol/a" attack \
			sh -c 'grep -E "source3 /(proc|sys)" /proc/self/mountinfo; cat /proc/sys/kernel/ostype; cat /proc/self/attr/exec 2>/dev/null; true' 2>&1) || result=$?
		if [ $result = 0 ]; then
			started=$((started + 1))
			[ "$text" = Linux ] || { echo "round $round: $text"; false; }
		else
			[ $result = 125 ] || { echo "round $round: $result $text"; false; }
		fi
		round=$((round + 1))
	done
	"$CORDON" rm -f flipper3
	echo "started $started of $ROUNDS"
}

@test "B4: symlinks in the image at every place cordon mounts or writes lead nowhere" {
	for place in dev dev/pts dev/shm dev/mqueue proc sys etc tmp; do
		for link in "$GROUND/canary/folder" "../../../../../../../..$GROUND/canary/folder" /nowhere/at/all; do
			root=$(evil_root place)
			rm -rf "${root:?}/$place"
			mkdir -p "$(dirname "$root/$place")"
			ln -s "$link" "$root/$place"
			# A link that climbs above the image's root is refused at the import: then the folder itself.
			image=(place)
			import_root "$root" place 2>/dev/null || image=(--rootfs "$root")
			run timeout 60 "$CORDON" run --rm --network none --tmpfs /tmp "${image[@]}" true
			echo "$place -> $link: $status $output"
			[ "$status" = 0 ] || [ "$status" = 125 ] || [ "$status" = 126 ] || [ "$status" = 127 ]
			canary_check
			[ "${image[0]}" != place ] || "$CORDON" rmi -f place >/dev/null
			rm -rf "$GROUND/place"
		done
	done
}

@test "B5: a mount target that flips between a folder and a symlink to / stays in the root" {
	mkdir -p "$GROUND/shared5/a/b" "$GROUND/source"
	echo volume >"$GROUND/source/file"
	ln -sfn / "$GROUND/shared5/link"
	"$CORDON" run -d --network none --name flipper5 -v "$GROUND/shared5:/vol" attack swap /vol/a /vol/link 36000
	started=0
	for i in $(seq 1 "$ROUNDS"); do
		# to the root, to a place of the host, and up
		case $((i % 3)) in
		0) link=/ ;;
		1) link=$GROUND/canary/folder ;;
		2) link=../../../../../../..$GROUND/canary/folder ;;
		esac
		ln -sfn "$link" "$GROUND/shared5/link" 2>/dev/null || true
		# the volume is mounted once, somewhere in this root, and is what it should be there
		run confined -v "$GROUND/shared5:/vol" -v "$GROUND/source:/vol/a/b" attack \
			sh -c 'for i in $(seq 500); do
				said=$(grep -F "/source /" /proc/self/mountinfo | cut -d" " -f5 | while read -r place; do echo "volume at $place: $(cat "$place/file" 2>/dev/null)"; done)
				case $said in *": volume") break ;; esac # else its place was flipped while we looked
			done; echo "$said"'
		if [ "$status" = 0 ]; then
			started=$((started + 1))
			[[ "$output" =~ ^volume\ at\ /[^$'\n']*/?b:\ volume$ ]] || { echo "round $i: $output"; false; }
		else
			[ "$status" = 125 ] || { echo "$status $output"; false; }
		fi
		refute grep -q "$GROUND/source" /proc/self/mountinfo
		[ ! -e /b ]
	done
	echo "started $started of $ROUNDS"
	"$CORDON" rm -f flipper5
	# what was made on the way lies in the shared folder's own tree, and is empty
	[ "$(find "$GROUND/shared5" "$GROUND/source" -type f | sort)" = "$GROUND/source/file" ]
}

@test "B7: volumes over /proc, /sys and what lies below are refused in clear words" {
	for target in /proc /proc/self /sys /sys/kernel //proc/../proc /proc/ /./proc/sys/; do
		run confined -v "$GROUND/canary/folder:$target" attack true
		echo "$target: $status $output"
		[ "$status" = 125 ]
		[[ "$output" == *"/proc"* || "$output" == *"/sys"* ]]
	done
	run confined --tmpfs /proc attack true
	[ "$status" = 125 ]
	for target in /proc /proc/self /sys/kernel //proc/../proc; do
		for kind in "type=bind,source=$GROUND/canary/folder" type=tmpfs type=volume,source=over; do
			run confined --mount "$kind,dst=$target" attack echo RAN
			echo "--mount $kind,dst=$target: $status $output"
			[ "$status" = 125 ]
			[[ "$output" != *RAN* && ("$output" == *"/proc"* || "$output" == *"/sys"*) ]]
		done
		# what the image itself asks for
		"$CORDON" import -c "VOLUME $target" "$GROUND/attack.tar" over >/dev/null
		run confined over echo RAN
		echo "VOLUME $target: $status $output"
		[ "$status" = 125 ]
		[[ "$output" != *RAN* && ("$output" == *"/proc"* || "$output" == *"/sys"*) ]]
		"$CORDON" rmi over >/dev/null
	done
	[ -z "$("$CORDON" ps -aq)" ]
}

# outside LIST FILE: the lines of FILE that no expression of the golden LIST is.
outside() {
	sed '/^#/d; s/.*/^(&)$/' "$BATS_TEST_DIRNAME/golden/$1" >"$GROUND/golden"
	grep -vE -f "$GROUND/golden" "$2"
}

@test "B8: with every shipped profile the writable and readable files of /proc and /sys are the golden lists" {
	for profile in "$CORDON_BUILD"/stage/usr/local/share/cordon/profiles/*.json; do
		profile=$(basename "$profile" .json)
		echo "$profile"
		confined --profile "$profile" attack walkproc /proc /sys | sed -E 's/[0-9]+/N/g' | LC_ALL=C sort -u >"$GROUND/walk"
		[ "$(grep -c '^r ' "$GROUND/walk")" -gt 50 ]
		# What another kernel has less is not the question: nothing outside the lists may be there.
		grep '^w ' "$GROUND/walk" >"$GROUND/writable" || true
		refute grep -vxF -f "$BATS_TEST_DIRNAME/golden/proc-writable" "$GROUND/writable"
		sed -n 's/^r //p' "$GROUND/walk" >"$GROUND/readable"
		refute outside proc-readable "$GROUND/readable"
		refute grep -E '^/proc/(acpi|asound|interrupts|kcore|keys|latency_stats|scsi|sched_debug|timer_list|timer_stats)' "$GROUND/readable"
		refute grep -E '^/sys/(firmware|kernel/(debug|security|tracing)|devices/virtual/powercap)/' "$GROUND/readable"
	done
}

@test "B8: so are those of a process's own folder" {
	for profile in "$CORDON_BUILD"/stage/usr/local/share/cordon/profiles/*.json; do
		profile=$(basename "$profile" .json)
		echo "$profile"
		confined --profile "$profile" attack walkproc /proc/1 | sed -E 's,/proc/1/,,' | LC_ALL=C sort -u >"$GROUND/walk"
		grep -x 'r environ' "$GROUND/walk"
		grep -x 'w comm' "$GROUND/walk"
		refute outside proc-process "$GROUND/walk"
	done
}

@test "B11: files that cordon provides in /etc do not follow the image's symlinks out" {
	for link in "$GROUND/canary/file" "../../../../../../..$GROUND/canary/file" /nowhere/file; do
		root=$(evil_root etc-links)
		for file in hosts passwd group mtab; do ln -sfn "$link" "$root/etc/$file"; done
		for file in resolv.conf hostname; do ln -sfn "$link.$file" "$root/etc/$file"; done
		image=(etc-links)
		import_root "$root" etc-links 2>/dev/null || image=(--rootfs "$root")
		# and the container sees what is cordon's
		run confined --hostname cordons-own --add-host added:10.9.8.7 "${image[@]}" \
			sh -c 'cat /etc/hosts; echo "name: $(cat /etc/hostname)"; cat /etc/resolv.conf && echo resolves'
		echo "$link: $status $output"
		[ "$status" = 0 ]
		[[ "$output" == *localhost*10.9.8.7*added*"name: cordons-own"*resolves ]]
		[[ "$output" != *"canary sings"* ]]
		# whom they name is nobody
		run confined -u someone "${image[@]}" echo RAN
		[ "$status" = 125 ] || [ "$status" = 126 ]
		[[ "$output" != *RAN* && "$output" != *"canary sings"* ]]
		canary_check
		[ "${image[0]}" != etc-links ] || "$CORDON" rmi -f etc-links >/dev/null
		rm -rf "$GROUND/etc-links"
	done
}

@test "B12: an /etc/passwd that is no ordinary file ends soon and in clear words" {
	for kind in zero fifo sparse folder; do
		root=$(evil_root "passwd-$kind")
		rm "$root/etc/passwd"
		case $kind in
		zero) ln -s /dev/zero "$root/etc/passwd" ;;
		fifo) mkfifo "$root/etc/passwd" ;;
		sparse) truncate -s 4G "$root/etc/passwd" ;;
		folder) mkdir "$root/etc/passwd" ;;
		esac
		tar -C "$root" -S --owner=0 --group=0 --numeric-owner -cf "$GROUND/passwd.tar" .
		image=("passwd-$kind")
		"$CORDON" import "$GROUND/passwd.tar" "passwd-$kind" || image=(--rootfs "$root")
		# the last words: time of a processor in ms, and the largest resident set in KiB, of cordon and of all that it started
		run timeout 60 python3 -c 'import resource, subprocess, sys
status = subprocess.run(sys.argv[1:]).returncode
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(int(1000 * (used.ru_utime + used.ru_stime)), used.ru_maxrss)
sys.exit(status)' "$CORDON" run --rm --network none -u someone "${image[@]}" true
		read -r took memory <<<"${lines[-1]}"
		echo "$kind: status $status, $took ms: $output"
		[ "$status" = 125 ] || [ "$status" = 126 ]
		[[ "$output" == *"cordon: "*"someone"* || "$output" == *"cordon: "*"passwd"* ]]
		[ "$took" -lt 2000 ]
		[ "$memory" -lt 32768 ]
		rm -rf "$root"
	done
}

@test "B17: nobody else can look into the state" {
	confined attack true
	while read -r folder; do
		mode=$(stat -c %a "$folder")
		[ "$mode" = 700 ] || { echo "$folder has mode $mode"; false; }
	done < <(find "$XDG_DATA_HOME/cordon" "$XDG_CACHE_HOME/cordon" "$XDG_RUNTIME_DIR/cordon" -maxdepth 0)
	"$CORDON" run -d --network none --name mounts attack sleep 600
	# another user, whom root of a user namespace can be: no name below is his to look at
	if unshare --map-root-user --map-auto true 2>/dev/null && command -v setpriv >/dev/null; then
		find "$XDG_DATA_HOME/cordon" "$XDG_CACHE_HOME/cordon" "$XDG_RUNTIME_DIR/cordon" -mindepth 1 2>/dev/null >"$GROUND/names" || true
		[ "$(wc -l <"$GROUND/names")" -gt 20 ]
		chmod 755 "$XDG_DATA_HOME" "$XDG_CACHE_HOME" # which are the user's to open
		unshare --map-root-user --map-auto setpriv --reuid 1000 --regid 1000 --clear-groups \
			xargs -d '\n' stat -c '%n can be seen' <"$GROUND/names" 2>/dev/null | refute grep .
		# it is the modes of cordon's folders that say so, not a way to them that is shut
		unshare --map-root-user --map-auto setpriv --reuid 1000 --regid 1000 --clear-groups stat "$XDG_DATA_HOME/cordon"
	fi
	run "$CORDON" exec mounts cat /proc/self/mountinfo
	"$CORDON" rm -f mounts
	# every mount but the root is nosuid; every one is nodev but the devices of /dev, and masks, which are the null device
	grep -vE ' /dev(/(null|zero|full|random|urandom|tty|console|pts))? | /null /' <<<"$output" | grep -v ' / / ' | refute grep -v nodev
	grep -vE ' / / | /dev/(null|zero|full|random|urandom|tty|console) ' <<<"$output" | refute grep -v nosuid
}
