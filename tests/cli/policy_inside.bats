#!/usr/bin/env bats
# What a container of the default profile is, seen from inside: capability sets, the filter's answer
# to a hundred calls, masks, read-only paths, descriptors, environment, namespaces.
load helper

setup_file() {
	ground_make
	canary_make
	confined base probe call all >"$GROUND/calls"
	confined base probe status >"$GROUND/root.status"
	confined -u 1000:1000 base probe status >"$GROUND/user.status"
	confined base cat /proc/self/mountinfo >"$GROUND/mounts"
}

teardown_file() {
	canary_check || return 1
	ground_clear
}

# calls NAMES VALUE...: the probe's answers.
calls() {
	expect "$GROUND/calls" "$@"
}

# CHOWN DAC_OVERRIDE FOWNER FSETID KILL SETGID SETUID SETPCAP NET_BIND_SERVICE SYS_CHROOT SETFCAP
DEFAULT_SET=00000000800405fb
NO_SET=0000000000000000

@test "root inside: exactly the profile's capabilities, none to inherit" {
	expect "$GROUND/root.status" "CapPrm CapEff CapBnd" $DEFAULT_SET
	expect "$GROUND/root.status" "CapInh CapAmb" $NO_SET
}

@test "a user inside: no capability in any set but the bounding one" {
	expect "$GROUND/user.status" "CapPrm CapEff CapInh CapAmb" $NO_SET
	expect "$GROUND/user.status" CapBnd $DEFAULT_SET
	[[ "$(field "$GROUND/user.status" Uid)" =~ ^1000[[:space:]]1000 ]]
}

@test "capabilities by flag: the sets follow exactly" {
	confined --cap-drop ALL base probe status >"$GROUND/s"
	expect "$GROUND/s" "CapPrm CapEff CapBnd CapInh CapAmb" $NO_SET
	confined --cap-drop ALL --cap-add NET_BIND_SERVICE base probe status >"$GROUND/s"
	expect "$GROUND/s" "CapPrm CapEff CapBnd" 0000000000000400
	expect "$GROUND/s" "CapInh CapAmb" $NO_SET
	confined --cap-drop CHOWN base probe status >"$GROUND/s"
	expect "$GROUND/s" "CapPrm CapEff CapBnd" 00000000800405fa
}

@test "no new privileges, one filter, no securebits" {
	for who in root user; do
		expect "$GROUND/$who.status" NoNewPrivs 1
		expect "$GROUND/$who.status" Seccomp 2
		expect "$GROUND/$who.status" Seccomp_filters 1
		expect "$GROUND/$who.status" Securebits 0
	done
}

@test "address families: local and internet, the route part of netlink, nothing else" {
	calls "socket_unix socket_inet socket_inet6 socket_netlink_route" ok
	calls "socket_inet_seqpacket socket_sctp socket_dccp socket_ping" EPERM
	calls "socket_raw socket_netlink_xfrm socket_netlink_netfilter socket_packet socket_rds
		socket_can socket_tipc socket_bluetooth socket_alg socket_vsock socket_xdp" EPERM
	# as a kernel without it: libaudit, and with it useradd and PAM, takes any other answer for an end
	calls socket_netlink_audit EPROTONOSUPPORT
}

@test "high bits of an int argument change nothing" {
	calls "socket_vsock_high unshare_user_high clone_user_high
		ioctl_tiocsti_high ioctl_tioclinux_high" EPERM
	calls socket_unix_high ok
}

@test "no namespace can be made or entered" {
	calls "unshare_user unshare_mount unshare_net unshare_pid unshare_uts unshare_ipc
		unshare_cgroup unshare_time clone_user clone_mount clone_net setns" EPERM
	calls clone_plain ok
	calls clone3 ENOSYS
}

@test "nothing can be mounted, by the old calls or the new" {
	calls "mount umount2 pivot_root open_tree move_mount fsopen fsconfig fsmount fspick
		mount_setattr open_by_handle_at fanotify_init quotactl" EPERM
	calls mknod_device EPERM
}

@test "chroot is there for its capability, and gone without it" {
	calls chroot EFAULT
	run -0 confined --cap-drop SYS_CHROOT base probe call chroot
	[ "$output" = "chroot: EPERM" ]
}

@test "keys, programs in the kernel, io_uring: closed" {
	calls "keyctl add_key request_key bpf perf_event_open vmsplice modify_ldt" EPERM
	calls "io_uring_setup io_uring_enter io_uring_register userfaultfd memfd_secret" ENOSYS
	calls seccomp EINVAL
	calls landlock_create_ruleset ok
}

@test "watch queues and timers on CPU time: absent, the others are there" {
	calls "pipe2 timer_create" EFAULT
	calls pipe2_notification ENOPKG
	calls "timer_create_cpu timer_create_thread timer_create_of_process" EOPNOTSUPP
}

@test "other processes cannot be read or driven" {
	calls "ptrace process_vm_readv process_vm_writev kcmp pidfd_getfd
		process_madvise migrate_pages move_pages" EPERM
	calls pidfd_open EINVAL
}

@test "a terminal takes no bytes that it did not type" {
	calls "ioctl_tiocsti ioctl_tioclinux ioctl_tiocsetd ioctl_tiocsetd_high" EPERM
	calls ioctl_winsize EBADF
}

@test "no upper layer of TCP, no requeuing of futexes that inherit priorities" {
	calls "setsockopt_ulp setsockopt_ulp_high" ENOPROTOOPT
	calls setsockopt_nodelay EBADF
	calls "futex_wait_requeue_pi futex_wait_requeue_pi_flags futex_cmp_requeue_pi futex_cmp_requeue_pi_flags" ENOSYS
	calls futex_wake EFAULT
}

@test "personality: what programs ask for, and not what makes addresses predictable" {
	calls "personality_query personality_linux32 personality_uname26" ok
	calls personality_no_random EPERM
}

@test "the machine itself: modules, reboot, swap, clock, ports, log" {
	calls "init_module finit_module delete_module kexec_load kexec_file_load reboot swapon
		swapoff iopl ioperm acct settimeofday clock_settime sethostname setdomainname syslog
		vhangup" EPERM
}

@test "calls that nobody knows answer ENOSYS" {
	calls "unknown_999 unknown_4095" ENOSYS
}

@test "i386 and x32 are closed" {
	[ "$(uname -m)" = x86_64 ] || skip "only x86_64 has them"
	calls "x32_getpid x32_ptrace" ENOSYS "signal 31"
	# a kernel without CONFIG_IA32_EMULATION, and some hypervisors, know no int 0x80
	"$CORDON_BUILD/tests/support/probe" call i386_getpid >"$GROUND/own"
	[ "$(field "$GROUND/own" i386_getpid)" != "signal 11" ] || skip "i386 is not served on this machine; x32 is closed"
	calls "i386_getpid i386_socketcall" "signal 31"
}

@test "what every program needs is open, so that the above means something" {
	calls "getpid epoll_create1" ok
	calls memfd_create EFAULT
	calls openat2 EINVAL
	[ "$(wc -l <"$GROUND/calls")" -ge 100 ]
	[ "$(grep -c EPERM "$GROUND/calls")" -ge 40 ]
}

@test "masked files read empty, masked folders are empty and cannot be filled" {
	run -0 confined base sh -c 'for f in /proc/interrupts /proc/kcore /proc/keys /proc/latency_stats \
		/proc/sched_debug /proc/timer_list /proc/timer_stats; do
		[ ! -e $f ] || [ -z "$(head -c 1 $f)" ] || echo "$f is readable"; done
		for d in /proc/acpi /proc/asound /proc/scsi /sys/firmware /sys/kernel/debug /sys/kernel/security \
		/sys/kernel/tracing /sys/devices/virtual/powercap; do
		[ ! -d $d ] || [ -z "$(ls -A $d)" ] || echo "$d is not empty"
		touch $d/x 2>/dev/null && echo "$d can be filled"; done; true'
	[ -z "$output" ]
}

@test "/proc/sys and friends are read-only, whoever asks" {
	run -0 confined base sh -c 'for d in /proc/bus /proc/fs /proc/irq /proc/sys; do
		grep -q " $d ro" /proc/self/mountinfo || echo "$d is not read-only"; done
		for f in /proc/sys/kernel/core_pattern /proc/sys/kernel/hostname /proc/sys/net/ipv4/ip_forward \
		/proc/sysrq-trigger /proc/irq/default_smp_affinity; do
		(echo 1 >$f) 2>/dev/null && echo "$f can be written"; done; true'
	[ -z "$output" ]
}

@test "/sys and the cgroups are read-only" {
	grep -E ' /sys ro[ ,]' "$GROUND/mounts"
	run ! grep -E ' /sys/fs/cgroup rw[ ,]' "$GROUND/mounts"
	run ! confined base mkdir /sys/fs/cgroup/x
}

@test "/dev holds the usual devices and no other" {
	run -0 confined base sh -c 'ls /dev | sort | tr "\n" " "'
	for name in $output; do
		case $name in
		console | core | fd | full | mqueue | null | ptmx | pts | random | shm | stderr | stdin | stdout | tty | urandom | zero) ;;
		*) echo "/dev/$name"; false ;;
		esac
	done
	run -0 confined base probe open /dev/null /dev/zero /dev/full /dev/urandom
	[ "$(grep -c 'read=ok write=ok' <<<"$output")" = 4 ]
}

@test "mounts other than the root and devices are nosuid, and none shows the host's folders" {
	# a masked file is the host's own /dev/null over it, read-only
	awk '$5 != "/" && $5 !~ "^/dev/(null|zero|full|random|urandom|tty)$" && $4 != "/null"' \
		"$GROUND/mounts" >"$GROUND/others"
	[ "$(wc -l <"$GROUND/others")" -ge 10 ]
	run ! grep -v nosuid "$GROUND/others"
	run ! grep -F "$GROUND/canary" "$GROUND/mounts"
	run ! confined base ls "$GROUND"
}

@test "--read-only: the root is, /tmp is not" {
	run -0 confined --read-only base sh -c 'touch /x 2>&1; touch /tmp/x && echo fine'
	[[ "$output" == *"Read-only file system"* ]]
	[[ "$output" == *fine ]]
}

@test "descriptors: the three standard ones, whatever the caller had open" {
	exec 7<"$GROUND/canary/file" 9</proc
	run -0 confined base probe fds
	exec 7<&- 9<&-
	[ "$(wc -l <<<"$output")" = 3 ]
	[ "$(cut -d' ' -f1 <<<"$output" | tr '\n' ' ')" = "0 1 2 " ]
	run -0 confined -i base probe fds </dev/null
	[ "$(wc -l <<<"$output")" = 3 ]
}

@test "the environment: only what the container is given" {
	run -0 confined -e GIVEN=yes -e TERM base env
	[[ "$output" == *GIVEN=yes* ]]
	[[ "$output" == *PATH=* && "$output" == *HOME=/root* ]]
	[[ "$output" != *HOST_SECRET* && "$output" != *XDG_* && "$output" != *CORDON* ]]
	# not of any process that can be seen either
	run -0 confined base sh -c 'cat /proc/[0-9]*/environ'
	[[ "$output" != *HOST_SECRET* ]]
}

@test "namespaces are its own" {
	for name in user mnt pid net ipc uts cgroup; do
		inside=$(confined base readlink /proc/self/ns/$name)
		[ "$inside" != "$(readlink /proc/self/ns/$name)" ] || { echo "$name is the host's"; false; }
	done
	run -0 confined base sh -c 'ls -d /proc/[0-9]* | wc -l'
	[ "$output" -le 4 ]
	run -0 confined base sh -c 'ls /sys/class/net'
	[ "$output" = lo ]
}

@test "ids: root inside is the caller, the rest is subordinate" {
	run -0 confined base cat /proc/self/uid_map
	read -r inside outside length <<<"${lines[0]}"
	[ "$inside $outside $length" = "0 $(id -u) 1" ]
	run -0 confined --userns single base cat /proc/self/uid_map
	[ "${#lines[@]}" = 1 ]
	run -0 confined --userns single base cat /proc/self/setgroups
	[ "$output" = deny ]
}

@test "Landlock is in force: who may mount by all other walls, may not" {
	run -0 confined base probe landlock
	[[ "$output" =~ ^[0-9]+$ ]] || skip "this kernel has no Landlock"
	cat >"$GROUND/walled.json" <<-END
		{"schema": 1, "name": "walled", "extends": ["default"], "syscalls": {"allow": ["@mount"]},
		 "capabilities": {"add": ["SYS_ADMIN"]}}
	END
	sed 's/]}}$/]}, "filesystem": {"landlock": false}}/' "$GROUND/walled.json" >"$GROUND/open.json"
	run ! confined --profile "$GROUND/walled.json" base mount -t tmpfs none /tmp
	run -0 confined --profile "$GROUND/open.json" base mount -t tmpfs none /tmp
	id=$(cordon run -d --network none base sleep 600)
	run -0 cordon inspect --format '{{.Cordon.Enforced.LandlockABI}}' "$id"
	[ "$output" -ge 1 ]
	cordon rm -f "$id"
	id=$(cordon run -d --network none --profile "$GROUND/open.json" base sleep 600)
	run -0 cordon inspect --format '{{.Cordon.Enforced.LandlockABI}}' "$id"
	[ "$output" = 0 ]
	cordon rm -f "$id"
}

@test "exec is behind the same walls as run" {
	cordon run -d --name walls --network none base sleep 600
	cordon exec walls probe status >"$GROUND/exec.status"
	cordon exec walls probe call all >"$GROUND/exec.calls"
	cordon exec walls probe limits >"$GROUND/exec.limits"
	cordon rm -f walls
	confined base probe limits >"$GROUND/run.limits"
	diff <(grep -v '^NSpid' "$GROUND/root.status") <(grep -v '^NSpid' "$GROUND/exec.status")
	diff "$GROUND/calls" "$GROUND/exec.calls"
	diff "$GROUND/run.limits" "$GROUND/exec.limits"
}
