#!/usr/bin/env bats
# The image profiles: each program does all of its workload behind its own profile, also where every
# call that the profile does not name kills; and what an attacker would ask for next is closed.
# Takes about 120 s.
load ground

setup_file() { ground_make; }
teardown_file() { ground_clear; }

# works NAME: the workload behind the profile, and behind one like it that kills.
works() {
	local name=$1
	image_make "$name"
	export CORDON
	"$BATS_TEST_DIRNAME/../profiles/work.bash" "$name"
	python3 - "$BATS_TEST_DIRNAME/../../profiles/$name.json" "$GROUND/$name-kills.json" <<-'PYTHON'
		import json, sys
		profile = json.load(open(sys.argv[1]))
		profile["name"] += "-kills"
		profile["syscalls"]["default"] = "kill"
		json.dump(profile, open(sys.argv[2], "w"))
	PYTHON
	"$BATS_TEST_DIRNAME/../profiles/work.bash" "$name" --profile "$GROUND/$name-kills.json"
	cordon rmi -f "$name"
}

@test "nginx: files, proxies, a cache, many clients, reload, reopen, a new binary, the end" { works nginx; }
@test "redis: every kind of data, RDB and AOF, a replica, redis-benchmark, restart" { works redis; }
@test "postgres: initdb, indexes, parallel workers, vacuum, dump, base backup, a crash" { works postgres; }
@test "python: files, processes, sockets, asyncio, sqlite, ssl, venv, a service that drops root" { works python; }

@test "killing would be noticed: one call less and the workload fails" {
	image_make redis
	python3 - "$BATS_TEST_DIRNAME/../../profiles/redis.json" "$GROUND/less.json" <<-'PYTHON'
		import json, sys
		profile = json.load(open(sys.argv[1]))
		profile["name"] = "less"
		profile["syscalls"]["default"] = "kill"
		profile["syscalls"]["allow"].remove("fdatasync")
		json.dump(profile, open(sys.argv[2], "w"))
	PYTHON
	run ! "$BATS_TEST_DIRNAME/../profiles/work.bash" redis --profile "$GROUND/less.json"
	cordon rmi -f redis
}

# What none of them may do, nor the default: other processes, mounts, namespaces, the kernel itself.
CLOSED="ptrace process_vm_readv process_vm_writev kcmp pidfd_getfd process_madvise mount umount2 pivot_root
	open_tree move_mount fsopen fsconfig fsmount fspick mount_setattr setns unshare_user unshare_mount
	unshare_net unshare_pid unshare_uts unshare_ipc unshare_cgroup unshare_time clone_user clone_mount
	clone_net clone_user_high bpf keyctl add_key request_key perf_event_open vmsplice modify_ldt
	open_by_handle_at fanotify_init quotactl migrate_pages move_pages ioctl_tiocsti ioctl_tioclinux
	init_module finit_module delete_module kexec_load kexec_file_load reboot swapon swapoff iopl ioperm
	acct settimeofday clock_settime sethostname setdomainname syslog vhangup
	socket_inet_seqpacket socket_sctp socket_dccp socket_ping socket_raw socket_packet socket_netlink_xfrm socket_netlink_netfilter socket_rds socket_can
	socket_tipc socket_bluetooth socket_alg socket_vsock socket_vsock_high socket_xdp"
# Programs that ask for these go on without.
ABSENT="io_uring_setup io_uring_enter io_uring_register userfaultfd memfd_secret clone3"
# Open in the default, closed here.
CLOSED_HERE="chroot name_to_handle_at seccomp landlock_create_ruleset personality_query personality_linux32"

@test "what a probe finds behind each: closed, and what the program lives on is open" {
	for name in nginx redis postgres python; do
		confined --profile "$name" base probe call all >"$GROUND/calls"
		expect "$GROUND/calls" "$CLOSED $CLOSED_HERE" EPERM
		expect "$GROUND/calls" "$ABSENT unknown_999" ENOSYS
		expect "$GROUND/calls" socket_netlink_audit EPROTONOSUPPORT
		expect "$GROUND/calls" "socket_unix socket_inet socket_inet6 getpid epoll_create1 clone_plain" ok
	done
}

@test "servers: no routes, no memory files, no requests of ioctl and prctl but theirs" {
	for name in nginx redis postgres; do
		confined --profile "$name" base probe call all >"$GROUND/calls"
		expect "$GROUND/calls" "socket_netlink_route memfd_create pidfd_open" EPERM
		expect "$GROUND/calls" ioctl_setflags ENOTTY
		expect "$GROUND/calls" ioctl_winsize EBADF
		expect "$GROUND/calls" prctl_seccomp EINVAL
		expect "$GROUND/calls" prctl_name EFAULT
	done
	confined --profile default base probe call ioctl_setflags prctl_seccomp >"$GROUND/calls"
	[ "$(cat "$GROUND/calls")" != "$(confined --profile nginx base probe call ioctl_setflags prctl_seccomp)" ]
}

@test "a server cannot execute what it wrote, python can" {
	script='cp /bin/busybox /tmp/true && /tmp/true true'
	for name in nginx redis postgres; do
		run -126 confined --profile "$name" base sh -c "$script"
	done
	confined --profile python base sh -c "$script"
}

@test "a terminal works behind each" {
	for name in nginx redis postgres python; do
		run -0 script -qec "timeout 60 $CORDON run --rm -t --network none --profile $name base \
			sh -c 'stty raw; stty sane; stty size; tty; sh -ic \"true & wait; echo jobs\"'" /dev/null </dev/null
		[[ "$output" == */dev/*jobs* && "$output" != *"can't"* ]] || { echo "$name: $output"; false; }
	done
}
