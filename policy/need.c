#include "policy/need.h"

#include "sandbox/base/cleanup.h"

#include <string.h>

static const struct need needs[] = {
	{ "SYS_MODULE", true, { "init_module", "finit_module", "delete_module" } },
	{ "SYS_BOOT", true, { "reboot", "kexec_load", "kexec_file_load" } },
	{ "SYS_TIME", true, { "settimeofday", "clock_settime", "clock_settime64", "stime" } },
	{ "SYS_TIME",
	  false,
	  { "adjtimex", "clock_adjtime", "clock_adjtime64" } }, /* without it they read */
	{ "SYS_CHROOT", true, { "chroot" } },
	{ "SYS_PACCT", true, { "acct" } },
	{ "SYS_ADMIN",
	  true,
	  { "mount", "umount", "umount2", "pivot_root", "move_mount", "fsopen", "fspick", "fsmount",
	    "fsconfig", "mount_setattr", "open_tree_attr", "swapon", "swapoff", "sethostname",
	    "setdomainname", "setns" } },
	{ "SYS_ADMIN",
	  false,
	  { "open_tree", "unshare", "clone", "bpf", "perf_event_open", "quotactl", "quotactl_fd",
	    "fanotify_init", "ioctl", "keyctl", "lookup_dcookie", "madvise" } },
	{ "SYS_RAWIO", true, { "iopl", "ioperm" } },
	{ "SYS_TTY_CONFIG", true, { "vhangup" } },
	{ "SYS_TTY_CONFIG", false, { "ioctl" } },
	{ "DAC_READ_SEARCH", true, { "open_by_handle_at" } },
	{ "DAC_READ_SEARCH",
	  false,
	  { "open", "openat", "openat2", "stat", "newfstatat", "statx", "chdir", "linkat" } },
	{ "SETUID",
	  false,
	  { "setuid", "setuid32", "setreuid", "setreuid32", "setresuid", "setresuid32", "setfsuid",
	    "setfsuid32" } },
	{ "SETGID",
	  false,
	  { "setgid", "setgid32", "setgroups", "setgroups32", "setregid", "setregid32", "setresgid",
	    "setresgid32", "setfsgid", "setfsgid32" } },
	{ "CHOWN",
	  false,
	  { "chown", "chown32", "fchown", "fchown32", "lchown", "lchown32", "fchownat" } },
	{ "MKNOD", false, { "mknod", "mknodat" } },
	{ "KILL",
	  false,
	  { "kill", "tkill", "tgkill", "pidfd_send_signal", "rt_sigqueueinfo",
	    "rt_tgsigqueueinfo" } },
	{ "NET_RAW", false, { "socket", "socketcall", "setsockopt" } },
	{ "NET_ADMIN", false, { "socket", "socketcall", "setsockopt", "ioctl" } },
	{ "NET_BIND_SERVICE", false, { "bind", "socketcall", "io_uring_enter" } },
	{ "SYSLOG", false, { "syslog" } },
	{ "BPF", false, { "bpf" } },
	{ "PERFMON", false, { "perf_event_open", "bpf" } },
	{ "SYS_NICE",
	  false,
	  { "nice", "setpriority", "sched_setscheduler", "sched_setparam", "sched_setattr",
	    "sched_setaffinity", "ioprio_set", "move_pages", "migrate_pages", "mbind" } },
	{ "SETPCAP", false, { "prctl", "capset" } },
	{ "SETFCAP", false, { "setxattr", "lsetxattr", "fsetxattr", "setxattrat" } },
	{ "IPC_LOCK", false, { "mlock", "mlock2", "mlockall", "mmap", "mmap2", "shmctl" } },
	{ "LEASE", false, { "fcntl", "fcntl64" } },
	{ "LINUX_IMMUTABLE", false, { "ioctl", "file_setattr" } },
	{ "WAKE_ALARM", false, { "timer_create", "timerfd_create", "clock_nanosleep" } },
	{ "AUDIT_WRITE", false, { "socket", "socketcall" } },
	{ "AUDIT_CONTROL", false, { "socket", "socketcall" } },
	{ "AUDIT_READ", false, { "socket", "socketcall" } },
};

const struct need *need_at(size_t index)
{
	return index < ARRAY_SIZE(needs) ? &needs[index] : NULL;
}

bool need_is_of(const struct need *need, int call)
{
	for (size_t i = 0; i < CALLS_A_NEED && need->calls[i][0] != '\0'; i++)
		if (strcmp(need->calls[i], syscall_name(call)) == 0)
			return true;
	return false;
}
