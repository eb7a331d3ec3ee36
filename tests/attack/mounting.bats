#!/usr/bin/env bats
# A14 and B: evil roots, mount set-up, path races.
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

@test "B2: the container's console is a pty of its own devpts" {
	command -v script >/dev/null || skip "script(1) (package bsdutils) is not installed"
	root=$(evil_root console-link)
	mkdir -p "$root/dev/pts"
	ln -s /proc/sys/kernel/core_pattern "$root/dev/console"
	ln -s /proc/sys/kernel/core_pattern "$root/dev/pts/0"
	import_root "$root" console-link
	for i in $(seq 1 "$ROUNDS"); do
		run script -qec "$CORDON run --rm --network none -t console-link sh -c 'tty; stat -f -c %T /dev/pts; stat -c %t:%T /dev/console'" /dev/null
		echo "$output"
		[[ "$output" == *"/dev/pts/0"* ]]
		[[ "$output" == *devpts* || "$output" == *UNKNOWN* ]]
		[[ "$output" == *"88:0"* ]]
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
			run timeout 20 "$CORDON" run --rm --network none --tmpfs /tmp "${image[@]}" true
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
		run confined -v "$GROUND/shared5:/vol" -v "$GROUND/source:/vol/a/b" attack \
			sh -c 'cat /proc/self/mountinfo | grep -c " /vol/a/b \| /b " ; ls / | paste -sd" "'
		if [ "$status" = 0 ]; then
			started=$((started + 1))
		else
			[ "$status" = 125 ] || { echo "$status $output"; false; }
		fi
		refute grep -q "$GROUND/source" /proc/self/mountinfo
		[ ! -e /b ]
	done
	echo "started $started of $ROUNDS"
	"$CORDON" rm -f flipper5
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
}

@test "B8: the writable and readable files of /proc and /sys are the golden list" {
	confined attack walkproc /proc /sys | sed -E 's/[0-9]+/N/g' | LC_ALL=C sort -u >"$GROUND/walk"
	# What another kernel has more or less is not the question: nothing outside the list may be writable.
	grep '^w ' "$GROUND/walk" >"$GROUND/writable" || true
	cat "$GROUND/writable"
	refute grep -vxF -f "$BATS_TEST_DIRNAME/golden/proc-writable" "$GROUND/writable"
	refute grep -E '^r (/proc/(kcore|keys|timer_list|sched_debug|latency_stats|interrupts)|/sys/firmware/)' "$GROUND/walk"
}

@test "B11: files that cordon provides in /etc do not follow the image's symlinks out" {
	for link in "$GROUND/canary/file" "../../../../../../..$GROUND/canary/file" /nowhere/file; do
		root=$(evil_root etc-links)
		for file in hosts passwd group mtab; do ln -sfn "$link" "$root/etc/$file"; done
		for file in resolv.conf hostname; do ln -sfn "$link.$file" "$root/etc/$file"; done
		image=(etc-links)
		import_root "$root" etc-links 2>/dev/null || image=(--rootfs "$root")
		run confined "${image[@]}" sh -c 'cat /etc/hosts'
		echo "$link: $status $output"
		[ "$status" = 125 ] || [[ "$output" == *localhost* ]]
		[[ "$output" != *"canary sings"* ]]
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
		"$CORDON" import "$GROUND/passwd.tar" "passwd-$kind" || continue
		start=$(date +%s%N)
		run timeout 20 "$CORDON" run --rm --network none -u someone "passwd-$kind" true
		took=$((($(date +%s%N) - start) / 1000000))
		echo "$kind: status $status, $took ms: $output"
		[ "$status" = 125 ] || [ "$status" = 126 ]
		[ -n "$output" ]
		[ "$took" -lt 2000 ]
		rm -rf "$root"
	done
}

@test "B17: nobody else can look into the state" {
	confined attack true
	while read -r folder; do
		mode=$(stat -c %a "$folder")
		[ "$mode" = 700 ] || { echo "$folder has mode $mode"; false; }
	done < <(find "$XDG_DATA_HOME/cordon" "$XDG_CACHE_HOME/cordon" -maxdepth 0)
	"$CORDON" run -d --network none --name mounts attack sleep 100
	run "$CORDON" exec mounts cat /proc/self/mountinfo
	"$CORDON" rm -f mounts
	# every mount but the root is nosuid; every one is nodev but /dev's own devices
	grep -vE ' / / | /dev/(null|zero|full|random|urandom|tty|console) ' <<<"$output" | refute grep -v nosuid
}
