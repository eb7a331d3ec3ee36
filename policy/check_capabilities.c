/*
 * check_capabilities: a capability kept whose calls are all denied, and a call allowed that does
 * nothing without one.
 *
 * Source: capabilities(7) and the capable() calls of the kernel. Only what is plainly for a call is
 * here: capabilities that change what ordinary file calls may do (DAC_OVERRIDE, FOWNER, ...) have
 * no calls of their own.
 */
#include "policy/check.h"
#include "sandbox/base/cleanup.h"

#include <string.h>

enum { CALLS_A_CAPABILITY = 16 };

static const struct need {
	const char *capability;
	bool alone; /* the calls do nothing at all without it */
	const char *calls[CALLS_A_CAPABILITY];
} needs[] = {
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

static uint64_t bit_of(const struct need *need)
{
	return UINT64_C(1) << capability_from_name(need->capability);
}

/* Only where the profile names the call itself: a group brings what it brings. */
static void check_useless(const struct check *check, const struct need *need, int call)
{
	for (size_t i = 0; i < check->policy->rule_count; i++) {
		const struct rule *rule = &check->policy->rules[i];
		const struct value *name = check_name_of(rule, call);

		if (name != NULL && rule_opens(rule) && check_is_own(check, rule) &&
		    (rule->gate.capabilities & bit_of(need)) == 0)
			check_warn(check, name,
			           "%s is allowed, but without the capability %s it does nothing",
			           syscall_name(call), need->capability);
	}
}

/* Where a list says a capability; the list itself where it does not (inherited, or "ALL"). */
static const struct value *place_of(const struct value *written, const char *capability)
{
	const struct value *list = written;

	if (written != NULL && written->kind == VALUE_OBJECT)
		list = value_get(written, "add");
	for (size_t i = 0; list != NULL && list->kind == VALUE_ARRAY && i < list->count; i++) {
		const char *name = value_string(list->items[i], "");

		if (capability_from_name(name) == capability_from_name(capability))
			return list->items[i];
	}
	return NULL;
}

static bool any_open(const struct check *check, const char *capability)
{
	for (size_t i = 0; i < ARRAY_SIZE(needs); i++) {
		if (strcmp(needs[i].capability, capability) != 0)
			continue;
		for (size_t j = 0; j < CALLS_A_CAPABILITY && needs[i].calls[j] != NULL; j++) {
			int call = syscall_find(needs[i].calls[j]);

			if (call != SYSCALL_UNKNOWN &&
			    check_openness(check, call, UINT32_MAX) != OPEN_TO_NONE)
				return true;
		}
	}
	return false;
}

static void check_kept(const struct check *check, size_t index, const struct value *written)
{
	const char *capability = needs[index].capability;
	const struct value *place = place_of(written, capability);

	for (size_t i = 0; i < index; i++)
		if (strcmp(needs[i].capability, capability) == 0)
			return; /* said already */
	if (check->policy->extends.count > 0)
		return; /* not joined with what it extends: those may allow them */
	if (place != NULL && !any_open(check, capability))
		check_warn(check, place,
		           "the capability %s is kept, but every call it is for is denied",
		           capability);
}

void check_capabilities(const struct check *check, const struct value *written)
{
	for (size_t i = 0; i < ARRAY_SIZE(needs); i++) {
		const struct need *need = &needs[i];

		if ((check->policy->capabilities & bit_of(need)) != 0) {
			check_kept(check, i, written);
			continue;
		}
		if (!need->alone || check->policy->user_namespaces)
			continue; /* a user namespace of one's own gives them all */
		for (size_t j = 0; j < CALLS_A_CAPABILITY && need->calls[j] != NULL; j++)
			check_useless(check, need, syscall_find(need->calls[j]));
	}
}
