/*
 * check_twins: a call closed here whose twin is open.
 *
 * A twin does the same by another number. A rule that takes a call away, or gives it with some
 * arguments only, is stepped around when a twin is more open than the call is. Twins that carry
 * their arguments in memory (clone3, openat2, socketcall, io_uring) do so whatever a rule says of
 * arguments. One that does the same with some arguments only is not meant where the rules leave it
 * none of these.
 */
#include "policy/check.h"
#include "sandbox/base/cleanup.h"

#include <fcntl.h>
#include <sched.h>
#include <string.h>

/* What the left does, the right does too: with any arguments, or where (argument & mask) == value.
 */
static const struct twin {
	char call[24], by[24], argument[16]; /* not pointers: see need.h; "" for any arguments */
	uint32_t mask, value;
} twins[] = {
	{ "open", "openat" },
	{ "openat", "openat2" },
	{ "open", "openat2" },
	{ "creat", "openat" },
	{ "creat", "open" },
	{ "creat", "openat2" },
	{ "clone", "clone3" },
	{ "fork", "clone3" },
	{ "vfork", "clone3" },
	{ "fork", "clone", "flags", CLONE_THREAD, 0 },
	{ "vfork", "clone", "flags", CLONE_THREAD, 0 },
	{ "unshare", "clone3" },
	{ "execve", "execveat" },
	{ "access", "faccessat" },
	{ "access", "faccessat2" },
	{ "faccessat", "faccessat2" },
	{ "chmod", "fchmodat" },
	{ "chmod", "fchmodat2" },
	{ "fchmodat", "fchmodat2" },
	{ "fchmod", "fchmodat2", "flags", AT_EMPTY_PATH, AT_EMPTY_PATH },
	{ "chown", "fchownat", "flags", AT_SYMLINK_NOFOLLOW, 0 },
	{ "lchown", "fchownat", "flags", AT_SYMLINK_NOFOLLOW, AT_SYMLINK_NOFOLLOW },
	{ "fchown", "fchownat", "flags", AT_EMPTY_PATH, AT_EMPTY_PATH },
	{ "unlink", "unlinkat", "flags", AT_REMOVEDIR, 0 },
	{ "rmdir", "unlinkat", "flags", AT_REMOVEDIR, AT_REMOVEDIR },
	{ "rename", "renameat" },
	{ "rename", "renameat2", "flags", UINT32_MAX, 0 },
	{ "renameat", "renameat2", "flags", UINT32_MAX, 0 },
	{ "mkdir", "mkdirat" },
	{ "mknod", "mknodat" },
	{ "symlink", "symlinkat" },
	{ "link", "linkat" },
	{ "readlink", "readlinkat" },
	{ "stat", "newfstatat", "flags", AT_SYMLINK_NOFOLLOW, 0 },
	{ "lstat", "newfstatat", "flags", AT_SYMLINK_NOFOLLOW, AT_SYMLINK_NOFOLLOW },
	{ "stat", "statx" },
	{ "newfstatat", "statx" },
	{ "utime", "utimensat" },
	{ "utimes", "utimensat" },
	{ "futimesat", "utimensat" },
	{ "setxattr", "setxattrat" },
	{ "getxattr", "getxattrat" },
	{ "listxattr", "listxattrat" },
	{ "removexattr", "removexattrat" },
	{ "select", "pselect6" },
	{ "poll", "ppoll" },
	{ "epoll_create", "epoll_create1" },
	{ "epoll_wait", "epoll_pwait" },
	{ "epoll_wait", "epoll_pwait2" },
	{ "epoll_pwait", "epoll_pwait2" },
	{ "accept", "accept4" },
	{ "dup2", "dup3" },
	{ "pipe", "pipe2" },
	{ "eventfd", "eventfd2" },
	{ "signalfd", "signalfd4" },
	{ "inotify_init", "inotify_init1" },
	{ "preadv", "preadv2" },
	{ "pwritev", "pwritev2" },
	{ "sendmsg", "sendmmsg" },
	{ "recvmsg", "recvmmsg" },
	{ "getdents", "getdents64" },
	{ "kill", "pidfd_send_signal" },
	{ "tkill", "tgkill" },
	{ "ptrace", "process_vm_readv" },
	{ "process_vm_readv", "ptrace" },
	{ "process_vm_writev", "ptrace" },
	{ "pidfd_getfd", "ptrace" },
	{ "mount", "move_mount" },
	{ "mount", "mount_setattr" },
	{ "umount2", "umount" },
	{ "getrlimit", "prlimit64" },
	{ "setrlimit", "prlimit64" },
	{ "mprotect", "pkey_mprotect" },
	{ "settimeofday", "clock_settime" },
	{ "adjtimex", "clock_adjtime" },
	{ "init_module", "finit_module" },
	{ "kexec_load", "kexec_file_load" },
	{ "quotactl", "quotactl_fd" },
	{ "madvise", "process_madvise" },
	{ "sched_setscheduler", "sched_setattr" },
	{ "io_getevents", "io_pgetevents" },
	{ "socket", "socketcall" },
	{ "socketpair", "socketcall" },
	{ "bind", "socketcall" },
	{ "connect", "socketcall" },
	{ "listen", "socketcall" },
	{ "accept", "socketcall" },
	{ "accept4", "socketcall" },
	{ "sendto", "socketcall" },
	{ "sendmsg", "socketcall" },
	{ "recvfrom", "socketcall" },
	{ "recvmsg", "socketcall" },
	{ "setsockopt", "socketcall" },
	{ "getsockopt", "socketcall" },
	{ "shmget", "ipc" },
	{ "shmat", "ipc" },
	{ "shmctl", "ipc" },
	{ "semget", "ipc" },
	{ "semctl", "ipc" },
	{ "semop", "ipc" },
	{ "msgget", "ipc" },
	{ "msgsnd", "ipc" },
	{ "msgrcv", "ipc" },
	{ "msgctl", "ipc" },
};

/* What io_uring does without a call of its own: enum io_uring_op of <linux/io_uring.h>. */
static const char *const by_io_uring[] = {
	"openat",    "openat2",   "socket",          "connect",   "accept",   "accept4",
	"sendmsg",   "recvmsg",   "sendto",          "recvfrom",  "bind",     "listen",
	"shutdown",  "renameat",  "renameat2",       "unlinkat",  "mkdirat",  "symlinkat",
	"linkat",    "statx",     "fallocate",       "fadvise64", "madvise",  "splice",
	"tee",       "epoll_ctl", "setxattr",        "fsetxattr", "getxattr", "fgetxattr",
	"ftruncate", "fsync",     "sync_file_range", "waitid",    "close",    "read",
	"write",     "readv",     "writev",
};

/* The same number of another architecture that the profile opens: a rule for one of them is none
 * for the other. */
static void check_architectures(const struct check *check, const struct rule *rule, int call,
                                const struct value *name)
{
	static const enum arch seconds[] = { ARCH_I386, ARCH_X32, ARCH_ARM };

	if (rule->gate.arches == 0 || rule_opens(rule))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(seconds); i++) {
		uint32_t bit = 1u << seconds[i];

		if ((check->policy->arches & bit) != 0 && (rule->gate.arches & bit) == 0 &&
		    check->open[call][seconds[i]] > OPEN_TO_NONE)
			check_warn(check, name,
			           "%s is denied, but the one of %s, which this profile opens, is "
			           "allowed",
			           syscall_name(call), arch_name(seconds[i]));
	}
}

static void warn_twin(const struct check *check, const struct rule *rule, int call,
                      const char *twin, enum arch native)
{
	const char *where =
	        native == ARCH_X86_64 ? "" : arena_printf(check->arena, " (%s)", arch_name(native));

	check_warn(check, check_name_of(rule, call),
	           "%s is %s, but %s does the same and is allowed%s%s", syscall_name(call),
	           rule_opens(rule)            ? "allowed with some arguments only"
	           : rule->condition_count > 0 ? "denied with some arguments"
	                                       : "denied",
	           twin, rule->condition_count > 0 ? " with any" : "", where);
}

/* One call and one other way to it, on each machine: said for the first. */
struct way {
	const char *name;
	int calls[2]; /* all of which it takes */
	bool whole;   /* held by its own arguments it is taken for thought of: a multiplexer */
	const uint8_t *same; /* by architecture: it is open to arguments that do the same; NULL: any
	                        do */
};

static bool does_the_same(const struct way *way, uint32_t family)
{
	for (unsigned arch = 0; way->same != NULL && arch < ARCH_COUNT; arch++)
		if ((family & 1u << arch) != 0 && way->same[arch])
			return true;
	return way->same == NULL;
}

static enum openness way_openness(const struct check *check, const struct way *way, uint32_t family)
{
	enum openness narrowest = does_the_same(way, family) ? OPEN_TO_ALL : OPEN_TO_NONE;

	for (size_t i = 0; i < ARRAY_SIZE(way->calls); i++) {
		enum openness one = way->calls[i] == SYSCALL_UNKNOWN
		                            ? OPEN_TO_NONE
		                            : check_openness(check, way->calls[i], family);

		narrowest = one < narrowest ? one : narrowest;
	}
	return narrowest;
}

static void check_way(const struct check *check, const struct rule *rule, int call,
                      const struct way *way)
{
	for (unsigned native = 0; native < ARCH_COUNT; native++) {
		uint32_t family = check_family(check, native);
		enum openness own, other;

		if (!check_is_native(native))
			continue;
		own = check_openness(check, call, family);
		other = way_openness(check, way, family);
		if (own >= other ||
		    (other == OPEN_TO_SOME && (way->whole || rule->condition_count > 0)))
			continue;
		warn_twin(check, rule, call, way->name, native);
		return;
	}
}

/* clone3 is closed without user namespaces, whatever the rules say (rules.c). */
static bool is_guarded(const struct check *check, const char *twin)
{
	return strcmp(twin, "clone3") == 0 && !check->policy->user_namespaces;
}

static void check_call(const struct check *check, const struct rule *rule, int call)
{
	const struct value *name = check_name_of(rule, call);
	const char *own = syscall_name(call);

	if (name == NULL)
		return; /* a group takes what it takes */
	check_architectures(check, rule, call, name);
	for (size_t i = 0; i < ARRAY_SIZE(twins); i++) {
		const char *by = twins[i].by;
		int twin = syscall_find(by);
		const struct way way = {
			.name = by,
			.calls = { twin, twin },
			.whole = strcmp(by, "ipc") == 0 || strcmp(by, "socketcall") == 0,
			.same = twins[i].argument[0] == '\0' ? NULL : check->same[i]
		};

		if (strcmp(twins[i].call, own) == 0 && !is_guarded(check, by))
			check_way(check, rule, call, &way);
	}
	for (size_t i = 0; i < ARRAY_SIZE(by_io_uring); i++) {
		const struct way way = { "io_uring",
			                 { syscall_find("io_uring_setup"),
			                   syscall_find("io_uring_enter") } };

		if (strcmp(by_io_uring[i], own) == 0)
			check_way(check, rule, call, &way);
	}
}

static bool holds(const struct twin *twin, enum arch arch, struct diagrams *store, diagram open)
{
	struct argument_place place;
	struct error ignored;
	diagram same;

	/* an architecture that has it elsewhere, or not at all: any arguments do */
	if (rule_argument_in(&place, arch, syscall_find(twin->by), twin->argument, &ignored) < 0)
		return open != diagram_leaf(store, 0);
	same = diagram_masked(store, word_of_argument(place.index, false), twin->mask, twin->value);
	return diagram_and(store, open, same) != diagram_leaf(store, 0);
}

void check_learn_twins(const struct check *check, int call, enum arch arch, struct diagrams *store,
                       diagram open)
{
	const char *name = syscall_name(call);

	for (size_t i = 0; i < ARRAY_SIZE(twins); i++)
		if (twins[i].argument[0] != '\0' && strcmp(twins[i].by, name) == 0)
			check->same[i][arch] = holds(&twins[i], arch, store, open);
}

size_t check_twin_count(void)
{
	return ARRAY_SIZE(twins);
}

void check_twins(const struct check *check, const struct rule *rule)
{
	if (check->gave_up || (rule_opens(rule) && rule->condition_count == 0))
		return;
	for (size_t i = 0; i < rule->call_count; i++)
		check_call(check, rule, rule->calls[i]);
}
