/*
 * probe_calls: the system calls that `probe call` can make, with arguments chosen so that a call
 * that the filter lets through does no harm and, wherever the kernel looks at its arguments before
 * it looks at the caller, fails with an errno that no filter gives (EFAULT, EBADF, EINVAL, E2BIG).
 *
 * Numbers are those of x86_64 where <sys/syscall.h> of Debian 12 has no name for them.
 */
#ifndef CORDON_TESTS_SUPPORT_PROBE_CALLS_H
#define CORDON_TESTS_SUPPORT_PROBE_CALLS_H

#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>

enum probe_entry { ENTRY_NATIVE, ENTRY_I386, ENTRY_X32 };

struct probe_call {
	const char *name;
	enum probe_entry entry;
	long number;
	long arguments[6];
};

/* A pointer into the first page, which is never mapped. */
#define BAD  8L
#define HIGH (1L << 32)
#define N    ENTRY_NATIVE

static const struct probe_call probe_calls[] = {
	/* address families: (domain, type, protocol) */
	{ "socket_unix", N, SYS_socket, { 1, 1, 0 } },
	{ "socket_inet", N, SYS_socket, { 2, 1, 0 } },
	{ "socket_inet6", N, SYS_socket, { 10, 1, 0 } },
	{ "socket_inet_seqpacket", N, SYS_socket, { 2, 5, 0 } }, /* SCTP, where it is loaded */
	{ "socket_sctp", N, SYS_socket, { 2, 1, 132 } },
	{ "socket_dccp", N, SYS_socket, { 2, 6, 33 } },
	{ "socket_ping", N, SYS_socket, { 2, 2, 1 } },
	{ "pipe2", N, SYS_pipe2, { BAD, 0 } },
	{ "pipe2_notification", N, SYS_pipe2, { BAD, 0x80 } },
	{ "timer_create", N, SYS_timer_create, { 1, BAD, BAD } },
	{ "timer_create_cpu", N, SYS_timer_create, { 2, BAD, BAD } },
	{ "timer_create_thread", N, SYS_timer_create, { HIGH | 3, BAD, BAD } },
	{ "timer_create_of_process", N, SYS_timer_create, { -6, BAD, BAD } },
	{ "socket_raw", N, SYS_socket, { 2, 3, 1 } },
	{ "socket_netlink_route", N, SYS_socket, { 16, 3, 0 } },
	{ "socket_netlink_xfrm", N, SYS_socket, { 16, 3, 6 } },
	{ "socket_netlink_audit", N, SYS_socket, { 16, 3, 9 } },
	{ "socket_netlink_netfilter", N, SYS_socket, { 16, 3, 12 } },
	{ "socket_packet", N, SYS_socket, { 17, 3, 0 } },
	{ "socket_rds", N, SYS_socket, { 21, 5, 0 } },
	{ "socket_can", N, SYS_socket, { 29, 3, 1 } },
	{ "socket_tipc", N, SYS_socket, { 30, 5, 0 } },
	{ "socket_bluetooth", N, SYS_socket, { 31, 3, 1 } },
	{ "socket_alg", N, SYS_socket, { 38, 5, 0 } },
	{ "socket_vsock", N, SYS_socket, { 40, 1, 0 } },
	{ "socket_xdp", N, SYS_socket, { 44, 3, 0 } },
	/* the kernel takes the domain as an int: these are AF_VSOCK and AF_UNIX all the same */
	{ "socket_vsock_high", N, SYS_socket, { HIGH | 40, 1, 0 } },
	{ "socket_unix_high", N, SYS_socket, { HIGH | 1, 1, 0 } },
	/* namespaces */
	{ "unshare_none", N, SYS_unshare, { 0 } },
	{ "unshare_user", N, SYS_unshare, { CLONE_NEWUSER } },
	{ "unshare_user_high", N, SYS_unshare, { HIGH | CLONE_NEWUSER } },
	{ "unshare_mount", N, SYS_unshare, { CLONE_NEWNS } },
	{ "unshare_net", N, SYS_unshare, { CLONE_NEWNET } },
	{ "unshare_pid", N, SYS_unshare, { CLONE_NEWPID } },
	{ "unshare_uts", N, SYS_unshare, { CLONE_NEWUTS } },
	{ "unshare_ipc", N, SYS_unshare, { CLONE_NEWIPC } },
	{ "unshare_cgroup", N, SYS_unshare, { CLONE_NEWCGROUP } },
	{ "unshare_time", N, SYS_unshare, { 0x80 } },
	{ "clone_plain", N, SYS_clone, { SIGCHLD } },
	{ "clone_user", N, SYS_clone, { CLONE_NEWUSER | SIGCHLD } },
	{ "clone_mount", N, SYS_clone, { CLONE_NEWNS | SIGCHLD } },
	{ "clone_net", N, SYS_clone, { CLONE_NEWNET | SIGCHLD } },
	{ "clone_user_high", N, SYS_clone, { HIGH | CLONE_NEWUSER | SIGCHLD } },
	{ "clone3", N, SYS_clone3, { BAD, 0 } },
	{ "setns", N, SYS_setns, { -1, 0 } },
	/* mounts */
	{ "mount", N, SYS_mount, { BAD, BAD, BAD, 0, 0 } },
	{ "umount2", N, SYS_umount2, { BAD, -1 } },
	{ "pivot_root", N, SYS_pivot_root, { BAD, BAD } },
	{ "chroot", N, SYS_chroot, { BAD } },
	{ "open_tree", N, SYS_open_tree, { -1, BAD, -1 } },
	{ "move_mount", N, SYS_move_mount, { -1, BAD, -1, BAD, 0 } },
	{ "fsopen", N, SYS_fsopen, { BAD, 0 } },
	{ "fsconfig", N, SYS_fsconfig, { -1, 0, BAD, 0, 0 } },
	{ "fsmount", N, SYS_fsmount, { -1, 0, 0 } },
	{ "fspick", N, SYS_fspick, { -1, BAD, 0 } },
	{ "mount_setattr", N, SYS_mount_setattr, { -1, BAD, 0, BAD, 0 } },
	{ "open_by_handle_at", N, SYS_open_by_handle_at, { -1, BAD, 0 } },
	{ "name_to_handle_at", N, SYS_name_to_handle_at, { -1, BAD, BAD, BAD, 0 } },
	{ "fanotify_init", N, SYS_fanotify_init, { -1, 0 } },
	{ "quotactl", N, SYS_quotactl, { -1, BAD, 0, 0 } },
	{ "mknod_device", N, SYS_mknodat, { -100, (long)"/tmp/probe-node", 020600, 0x103 } },
	/* keys, programs in the kernel, and other ways to much code */
	{ "keyctl", N, SYS_keyctl, { 4095 } },
	{ "add_key", N, SYS_add_key, { BAD, BAD, BAD, 1, 0 } },
	{ "request_key", N, SYS_request_key, { BAD, BAD, BAD, 0 } },
	{ "bpf", N, SYS_bpf, { 0, 0, 65536 } },
	{ "io_uring_setup", N, SYS_io_uring_setup, { 0, BAD } },
	{ "io_uring_enter", N, SYS_io_uring_enter, { -1, 0, 0, 0, 0, 0 } },
	{ "io_uring_register", N, SYS_io_uring_register, { -1, 0, 0, 0 } },
	{ "userfaultfd", N, SYS_userfaultfd, { 0x40000001 } },
	{ "perf_event_open", N, SYS_perf_event_open, { BAD, 0, 0, -1, 0 } },
	{ "memfd_secret", N, 447, { -1 } },
	{ "vmsplice", N, SYS_vmsplice, { -1, BAD, 1, 0 } },
	{ "modify_ldt", N, SYS_modify_ldt, { 0, 0, 0 } },
	{ "seccomp", N, SYS_seccomp, { 4095, 0, 0 } },
	{ "landlock_create_ruleset", N, 444, { 0, 0, 1 } },
	/* other processes */
	{ "ptrace", N, SYS_ptrace, { 4095, 0, 0, 0 } },
	{ "process_vm_readv", N, SYS_process_vm_readv, { -1, BAD, 1, BAD, 1, 0 } },
	{ "process_vm_writev", N, SYS_process_vm_writev, { -1, BAD, 1, BAD, 1, 0 } },
	{ "kcmp", N, SYS_kcmp, { -1, -1, 0, 0, 0 } },
	{ "pidfd_open", N, SYS_pidfd_open, { -1, 0 } },
	{ "pidfd_getfd", N, SYS_pidfd_getfd, { -1, 0, 0 } },
	{ "process_madvise", N, SYS_process_madvise, { -1, BAD, 1, 0, 0 } },
	{ "migrate_pages", N, SYS_migrate_pages, { -1, 0, 0, 0 } },
	{ "move_pages", N, SYS_move_pages, { -1, 0, 0, 0, 0, -1 } },
	/* terminals: the request is an unsigned int */
	{ "ioctl_winsize", N, SYS_ioctl, { -1, 0x5413, BAD } },
	{ "ioctl_setflags", N, SYS_ioctl, { -1, 0x40086602, BAD } },
	{ "prctl_name", N, SYS_prctl, { 15, BAD } },
	{ "prctl_seccomp", N, SYS_prctl, { 22, 2, BAD } },
	{ "ioctl_tiocsti", N, SYS_ioctl, { -1, 0x5412, BAD } },
	{ "ioctl_tiocsti_high", N, SYS_ioctl, { -1, HIGH | 0x5412, BAD } },
	{ "ioctl_tioclinux", N, SYS_ioctl, { -1, 0x541c, BAD } },
	{ "ioctl_tioclinux_high", N, SYS_ioctl, { -1, HIGH | 0x541c, BAD } },
	{ "ioctl_tiocsetd", N, SYS_ioctl, { -1, 0x5423, BAD } },
	{ "ioctl_tiocsetd_high", N, SYS_ioctl, { -1, HIGH | 0x5423, BAD } },
	/* upper layers of TCP, priority inheritance: the kernel takes all of these as ints, too */
	{ "setsockopt_nodelay", N, SYS_setsockopt, { -1, 6, 1, BAD, 4 } },
	{ "setsockopt_ulp", N, SYS_setsockopt, { -1, 6, 31, BAD, 4 } },
	{ "setsockopt_ulp_high", N, SYS_setsockopt, { -1, HIGH | 6, HIGH | 31, BAD, 4 } },
	{ "futex_wake", N, SYS_futex, { BAD, 1, 0, 0, 0, 0 } },
	{ "futex_wait_requeue_pi", N, SYS_futex, { BAD, 11, 0, 0, BAD, 0 } },
	{ "futex_wait_requeue_pi_flags",
	  N,
	  SYS_futex,
	  { BAD, HIGH | 256 | 128 | 11, 0, 0, BAD, 0 } },
	{ "futex_cmp_requeue_pi", N, SYS_futex, { BAD, 12, 1, 1, BAD, 0 } },
	{ "futex_cmp_requeue_pi_flags", N, SYS_futex, { BAD, HIGH | 128 | 12, 1, 1, BAD, 0 } },
	/* personality */
	{ "personality_query", N, SYS_personality, { 0xffffffff } },
	{ "personality_linux32", N, SYS_personality, { 8 } },
	{ "personality_no_random", N, SYS_personality, { 0x0040000 } },
	{ "personality_uname26", N, SYS_personality, { 0x20000 } },
	/* the machine */
	{ "init_module", N, SYS_init_module, { BAD, 0, BAD } },
	{ "finit_module", N, SYS_finit_module, { -1, BAD, 0 } },
	{ "delete_module", N, SYS_delete_module, { BAD, 0 } },
	{ "kexec_load", N, SYS_kexec_load, { 0, 0, 0, -1 } },
	{ "kexec_file_load", N, SYS_kexec_file_load, { -1, -1, 0, BAD, 0 } },
	{ "reboot", N, SYS_reboot, { 0, 0, 0, 0 } },
	{ "swapon", N, SYS_swapon, { BAD, -1 } },
	{ "swapoff", N, SYS_swapoff, { BAD } },
	{ "iopl", N, SYS_iopl, { 3 } },
	{ "ioperm", N, SYS_ioperm, { 0x80, 1, 1 } },
	{ "acct", N, SYS_acct, { BAD } },
	{ "settimeofday", N, SYS_settimeofday, { BAD, 0 } },
	{ "clock_settime", N, SYS_clock_settime, { 0, BAD } },
	{ "sethostname", N, SYS_sethostname, { BAD, -1 } },
	{ "setdomainname", N, SYS_setdomainname, { BAD, -1 } },
	{ "syslog", N, SYS_syslog, { 3, 0, 0 } },
	{ "vhangup", N, SYS_vhangup, { 0 } },
	/* what everything needs, to see that the probe itself sees right */
	{ "getpid", N, SYS_getpid, { 0 } },
	{ "memfd_create", N, SYS_memfd_create, { BAD, 0 } },
	{ "openat2", N, SYS_openat2, { -1, BAD, BAD, 0 } },
	{ "epoll_create1", N, SYS_epoll_create1, { 0 } },
	{ "futex", N, SYS_futex, { BAD, 127, 0, 0, 0, 0 } },
	/* unknown to everybody, and other ways in */
	{ "unknown_999", N, 999, { 0 } },
	{ "unknown_4095", N, 4095, { 0 } },
	{ "i386_getpid", ENTRY_I386, 20, { 0 } },
	{ "i386_socketcall", ENTRY_I386, 102, { 1, BAD } },
	{ "x32_getpid", ENTRY_X32, SYS_getpid, { 0 } },
	{ "x32_ptrace", ENTRY_X32, 521, { 4095 } },
};

#undef BAD
#undef HIGH
#undef N

#endif
