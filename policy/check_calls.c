/*
 * check_calls: warnings that need to know what calls do: which capability a call is for, and which
 * two calls do the same.
 */
#include "policy/check.h"
#include "sandbox/base/cleanup.h"

#include <string.h>

enum { CALLS_A_CAPABILITY = 12 };

/* ---- calls and capabilities ---- */

static const struct {
	const char *capability;
	const char *calls[CALLS_A_CAPABILITY];
} needs[] = {
	{ "SYS_MODULE", { "init_module", "finit_module", "delete_module" } },
	{ "SYS_BOOT", { "reboot", "kexec_load", "kexec_file_load" } },
	{ "SYS_TIME", { "settimeofday", "clock_settime", "adjtimex", "clock_adjtime", "stime" } },
	{ "SYS_CHROOT", { "chroot" } },
	{ "SYS_PACCT", { "acct" } },
	{ "SYS_ADMIN",
	  { "mount", "umount2", "pivot_root", "setns", "move_mount", "fsopen", "fsmount",
	    "open_tree", "swapon", "sethostname" } },
	{ "SYS_RAWIO", { "iopl", "ioperm" } },
	{ "SYS_TTY_CONFIG", { "vhangup" } },
	{ "DAC_READ_SEARCH", { "open_by_handle_at" } },
	{ "SETUID", { "setuid", "setreuid", "setresuid", "setfsuid" } },
	{ "SETGID", { "setgid", "setgroups", "setregid", "setresgid" } },
	{ "CHOWN", { "chown", "fchown", "lchown", "fchownat" } },
	{ "MKNOD", { "mknod", "mknodat" } },
};

/* Those that are of no use without their capability. */
static bool useless_alone(const char *capability)
{
	static const char *const names[] = { "SYS_MODULE", "SYS_BOOT",  "SYS_CHROOT",
		                             "SYS_PACCT",  "SYS_RAWIO", "DAC_READ_SEARCH" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (strcmp(names[i], capability) == 0)
			return true;
	return false;
}

static bool says_itself(const struct rule *rule, int call)
{
	return rule->written != NULL && rule->written->kind == VALUE_STRING &&
	       strcmp(rule->written->string, syscall_name(call)) == 0;
}

/* Only where the profile names the call itself: a group brings what it brings. */
static void check_useless(const struct check *check, const char *capability, int call)
{
	for (size_t i = 0; i < check->policy->rule_count; i++) {
		const struct rule *rule = &check->policy->rules[i];

		if (rule_opens(rule) && says_itself(rule, call) && gate_is_open(&rule->gate))
			check_warn(check, rule->written,
			           "%s is allowed, but without the capability %s it "
			           "does nothing",
			           syscall_name(call), capability);
	}
}

void check_capabilities(const struct check *check, const struct value *written)
{
	const struct policy *policy = check->policy;

	for (size_t i = 0; i < ARRAY_SIZE(needs); i++) {
		uint64_t bit = UINT64_C(1) << capability_from_name(needs[i].capability);
		bool kept = (policy->capabilities & bit) != 0, any = false;

		for (size_t j = 0; j < CALLS_A_CAPABILITY && needs[i].calls[j] != NULL; j++) {
			int call = syscall_find(needs[i].calls[j]);

			if (call == SYSCALL_UNKNOWN)
				continue;
			any = any || check->ever_open[call];
			if (!kept && useless_alone(needs[i].capability))
				check_useless(check, needs[i].capability, call);
		}
		if (kept && !any && policy->extends.count == 0)
			check_warn(check, written,
			           "the capability %s is kept, but every call it is for "
			           "is denied",
			           needs[i].capability);
	}
}

/* ---- twins ---- */

/* A denial of the left is stepped around by the right. */
static const char *const twins[][2] = {
	{ "open", "openat" },
	{ "openat", "openat2" },
	{ "open", "openat2" },
	{ "creat", "openat" },
	{ "clone", "clone3" },
	{ "fork", "clone" },
	{ "vfork", "clone" },
	{ "execve", "execveat" },
	{ "chmod", "fchmodat" },
	{ "fchmodat", "fchmodat2" },
	{ "chown", "fchownat" },
	{ "unlink", "unlinkat" },
	{ "rename", "renameat" },
	{ "renameat", "renameat2" },
	{ "mkdir", "mkdirat" },
	{ "mknod", "mknodat" },
	{ "symlink", "symlinkat" },
	{ "link", "linkat" },
	{ "access", "faccessat" },
	{ "stat", "newfstatat" },
	{ "stat", "statx" },
	{ "select", "pselect6" },
	{ "poll", "ppoll" },
	{ "accept", "accept4" },
	{ "dup2", "dup3" },
	{ "pipe", "pipe2" },
	{ "kill", "pidfd_send_signal" },
	{ "ptrace", "process_vm_readv" },
	{ "mount", "move_mount" },
	{ "umount2", "pivot_root" },
	{ "setrlimit", "prlimit64" },
	{ "settimeofday", "clock_settime" },
	{ "init_module", "finit_module" },
	{ "kexec_load", "kexec_file_load" },
};

void check_twins(const struct check *check, const struct rule *rule)
{
	if (rule_opens(rule) || rule->condition_count > 0 || !gate_is_open(&rule->gate))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(twins); i++) {
		int call = syscall_find(twins[i][0]), twin = syscall_find(twins[i][1]);

		if (call == SYSCALL_UNKNOWN || twin == SYSCALL_UNKNOWN ||
		    !says_itself(rule, call) || !check->ever_open[twin])
			continue;
		check_warn(check, rule->written,
		           "%s is denied, but %s does the same and is allowed", twins[i][0],
		           twins[i][1]);
	}
}
