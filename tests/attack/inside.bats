#!/usr/bin/env bats
# A5, B9, B16, D3, D4, D5, D8: what a container was handed, what of the machine's it reaches, what it leaves behind.
load attack

setup_file() { attack_setup_file_apart; }

teardown_file() { attack_teardown_file; }

setup() { canary_make; }
teardown() { canary_check; }

# handed TEXT PATTERN: fdprobe's words in it name 0, 1 and 2, each of this kind, and no other.
handed() {
	echo "$1"
	[ "$(grep -o '^fd [0-9]*' <<<"$1" | sort -u | wc -l)" = 3 ] || return 1
	! grep '^fd' <<<"$1" | tr -d '\r' | grep -vE "^fd [012] ($2)$" || return 1
}

@test "A5: exec with a terminal, detached, or with --init hands over three descriptors, and none of /proc" {
	plain='/dev/null|pipe:\[[0-9]+\]|socket:\[[0-9]+\]|/[^ ]*'
	for init in "" --init; do
		# shellcheck disable=SC2086
		"$CORDON" run -d $init --network none --name handed attack sleep 600
		handed "$("$CORDON" exec handed fdprobe)" "$plain"
		"$CORDON" exec -d handed sh -c 'fdprobe >/tmp/said; echo end >>/tmp/said'
		wait_until 60 "$CORDON" exec handed grep -q end /tmp/said
		handed "$("$CORDON" exec handed cat /tmp/said)" '/dev/null|pipe:\[[0-9]+\]|/tmp/said'
		if command -v script >/dev/null; then
			handed "$(script -qec "$CORDON exec -t handed fdprobe" /dev/null)" '/dev/pts/[0-9]+'
			handed "$(script -qec "$CORDON run --rm $init --network none -t attack fdprobe" /dev/null)" '/dev/pts/0'
		fi
		run "$CORDON" exec handed sh -c 'for p in /proc/[0-9]*; do ls -l $p/fd 2>/dev/null; done'
		[[ "$output" != *"/proc"* ]] || ! grep -E ' -> /proc($|/[^0-9s])' <<<"$output"
		"$CORDON" rm -f handed
	done
}

@test "B9: the cgroup tree is read-only or not there, release_agent is out of reach, and no tree can be mounted" {
	for network in none host; do
		for profile in default "$GROUND/wide.json"; do
			echo '{"schema": 1, "name": "wide", "extends": ["default"], "capabilities": ["SYS_ADMIN", "DAC_OVERRIDE"], "syscalls": {"allow": ["mount", "unshare"]}, "filesystem": {"landlock": false}}' >"$GROUND/wide.json"
			run "$CORDON" run --rm --network $network --profile "$profile" attack sh -c '
				for tree in /sys/fs/cgroup /sys/fs/cgroup/*/; do
					for file in cgroup.procs release_agent notify_on_release tasks cgroup.subtree_control devices.allow; do
						[ ! -e $tree/$file ] || { echo 1 >$tree/$file; } 2>/dev/null && [ -e $tree/$file ] && echo "WROTE $tree/$file"
					done
					mkdir $tree/x 2>/dev/null && echo "MADE $tree/x"
				done
				mkdir -p /tmp/c
				for words in "cgroup -o memory" "cgroup -o rdma" "cgroup -o none,name=x" "cgroup"; do
					mount -t $words none /tmp/c 2>/dev/null && echo "MOUNTED $words" && { echo /tmp/evil >/tmp/c/release_agent; } 2>/dev/null && echo "AGENT"
				done
				grep -c . /proc/self/cgroup; echo end'
			echo "$network $profile: $output"
			[ "$status" = 0 ]
			[[ "$output" == *end ]]
			[[ "$output" != *WROTE* && "$output" != *MADE* && "$output" != *AGENT* ]]
			# (given mount and SYS_ADMIN, it is its own cgroup namespace's tree, whose agent is root's outside: CVE-2022-0492)
			[ "$profile" != default ] || [[ "$output" != *MOUNTED* ]]
		done
	done
}

@test "B16: what cordon clears away after a container does not lead it outside" {
	mkdir -p "$GROUND/bare" "$GROUND/given"
	cp -a "$GROUND/root/." "$GROUND/bare"
	mkdir -p "$GROUND/canary/folder"
	for root in attack "--rootfs $GROUND/bare"; do
		# shellcheck disable=SC2086
		"$CORDON" run -d --network none --name turned -v "$GROUND/given:/made/for/it" -v "$GROUND/given/:/other" --tmpfs /third/place $root \
			sh -c "mv /made /away; ln -s $GROUND/canary /made; mkdir -p /deep/er; ln -s $GROUND/canary/folder /deep/er/link; ln -s / /slash; mkdir -p /closed/x; chmod 0 /closed; echo ready; sleep 600"
		wait_until 60 sh -c '[ "$("$CORDON" logs turned)" = ready ]'
		upper=$("$CORDON" inspect -f '{{.GraphDriver.Data.UpperDir}}' turned 2>/dev/null || true)
		if [ -d "$upper" ]; then # while it is being removed, a folder turns into a link
			mkdir -p "$upper/race/for/it"
			ln -sfn "$GROUND/canary" "$upper/link"
			cp "$ATTACKERS/attack_swap" "$GROUND/swap"
			timeout 1 "$GROUND/swap" "$upper/race" "$upper/link" 1000 >/dev/null 2>&1 3>&- &
		fi
		"$CORDON" rm -f turned || true # it may say that something was in the way: the next start sweeps that
		wait
		confined attack true
		canary_check
		[ -e "$GROUND/given" ] && [ -e /etc/passwd ]
	done
	[ -z "$(ls "$XDG_DATA_HOME/cordon/containers")" ]
}

@test "B16: rm against a container's files that flip between a folder and a link" {
	for i in $(seq "$ROUNDS"); do
		"$CORDON" create --network none --name flipped attack true >/dev/null
		upper=$("$CORDON" inspect -f '{{.GraphDriver.Data.UpperDir}}' flipped)
		mkdir -p "$upper/a/b/c" "$upper"/{d,e,f,g}/{h,i,j}
		ln -s "$GROUND/canary" "$upper/link"
		timeout 0.3 "$ATTACKERS/attack_swap" "$upper/a" "$upper/link" 1 >/dev/null 2>&1 3>&- &
		timeout -s KILL 20 "$CORDON" rm -f flipped >/dev/null 2>&1 || true
		wait
		canary_check
		"$CORDON" rm -f flipped >/dev/null 2>&1 || true
	done
}

@test "D3, D4: without a network there is lo, no name server and no helper; with one, no router is believed" {
	run confined attack sh -c 'ls /sys/class/net; cat /etc/resolv.conf; grep -c : /proc/net/route; cat /proc/net/packet | wc -l; time -p nslookup example.org 2>&1'
	echo "$output"
	[ "${lines[0]}" = lo ]
	[[ "$output" != *nameserver* ]]
	if command -v strace >/dev/null; then
		CORDON_SIMULATE_MISSING=newuidmap strace -f -e trace=execve,connect,sendto,sendmsg,sendmmsg -o "$GROUND/trace" "$CORDON" run --rm --network none attack nslookup example.org || true
		grep -E 'pasta|sin_port=htons\(53\)[^=]*\) = [0-9]' "$GROUND/trace" | refute grep -vE '= -1 E'
	fi
	command -v pasta >/dev/null && [ -w /dev/net/tun ] || return 0
	# pasta announces itself: the one router that is believed answers on the container's own device, and no other device is there
	run "$CORDON" run --rm attack sh -c 'ls /sys/class/net | wc -l; cat /proc/sys/net/ipv6/conf/*/forwarding /proc/sys/net/ipv4/ip_forward 2>/dev/null | sort -u'
	echo "$output"
	[ "${lines[0]}" = 2 ]
	[ "${lines[1]}" = 0 ] && [ "${#lines[@]}" = 2 ]
}

@test "D5: shared memory and queues are the container's own, limited, and gone with it" {
	before=$(grep -c . /proc/sysvipc/shm)
	# a size that nobody else's has
	run confined --shm-size 8124k attack sh -c 'head -c 20000000 /dev/zero >/dev/shm/much && echo ALL; ls -l /dev/shm/much | awk "{ print \$5 }"; wc -l </proc/sysvipc/shm; echo x >/dev/mqueue/x; ls /dev/mqueue; df -k /dev/shm | tail -1'
	echo "$output"
	[[ "$output" != *ALL* ]]
	[ "$(grep -cx 8318976 <<<"$output")" = 1 ]
	# others of this machine may have some for a while; what leaks stays
	wait_until 60 sh -c "[ $before -ge \"\$(grep -c . /proc/sysvipc/shm)\" ]"
	# its memory is the file system's, which lives as long as somebody has it mounted
	wait_until 60 refute mounted_somewhere size=8124k
	"$CORDON" run -d --shm-size 8124k --network none --name sharing attack sh -c 'echo mine >/dev/shm/mine; sleep 600'
	run confined attack ls /dev/shm /dev/mqueue
	[[ "$output" != *mine* ]]
	[ "$(readlink "/proc/$("$CORDON" inspect -f '{{.State.Pid}}' sharing)/ns/ipc")" != "$(readlink /proc/self/ns/ipc)" ]
	mounted_somewhere size=8124k
	"$CORDON" rm -f sharing
	wait_until 60 refute mounted_somewhere size=8124k
}
mounted_somewhere() { grep -qs "$1" /proc/[0-9]*/mountinfo; }

@test "D8: thousands of words and words of 64 KiB become what they say or one clear error" {
	long=$(head -c 65536 /dev/zero | tr '\0' x)
	for options in "-v /$long:/x" "-v $GROUND/canary:/$long" "-w /$long" "-h $long" "--name $long" "-u $long" "--tmpfs /$long" "--add-host $long:1.1.1.1" "--dns-search $long" \
		"--group-add $long" "--ulimit $long=1" "--cap-add $long" "--security-opt $long" "--network $long" "-p $long" "--profile $long" "--device /dev/$long" "--env-file /$long"; do
		# shellcheck disable=SC2086
		run timeout 60 "$CORDON" run --rm --network none $options attack true
		[ "$status" = 125 ] || [ "$status" = 126 ] || [ "$status" = 0 ] || { echo "${options:0:40}: $status ${output:0:300}"; false; }
		[ "$status" = 0 ] || [ "${#lines[@]}" -le 2 ]
		[ "$status" != 0 ] || echo "taken: ${options:0:30}"
	done
	many=()
	for i in $(seq 1500); do many+=(-v "$GROUND/canary/folder:/many/$i:ro" -e "V$i=$i" -l "l$i=$i"); done
	run confined "${many[@]}" attack sh -c 'ls /many | wc -l; env | grep -c ^V'
	echo "$status ${output:0:300}"
	[ "$output" = $'1500\n1500' ]
	run confined -e "A=$long" -l "a=$long" attack sh -c 'echo ${#A}'
	[ "$output" = 65536 ]
}
