/*
 * latch: two filters of the sandbox's own, for what neither a profile's filter nor another wall
 * holds shut. Each is loaded only where it is needed, stands beside the profile's (of several the
 * kernel obeys the strictest), and is there as well where a person asked for no filter at all.
 *
 *   mounts	Landlock refuses whoever is behind it every change of mounts, but mount_setattr(2)
 *		and open_tree_attr(2) pass no hook of it: root inside with CAP_SYS_ADMIN could take
 *		"read-only" off a volume, off /proc/sys, off the root. (The flags are not locked:
 *		mount_namespaces(7) locks those that come from a more privileged namespace only.)
 *   keys	A session keyring is inherited over fork and execve, and no namespace separates it:
 *		who possesses it reads what the caller's session keeps there. So every process gets
 *		an empty one; where the kernel gives none, for a user may have a limited number
 *		(keyrings(7)), nobody inside may ask for keys.
 */
#include "sandbox/base/cleanup.h"
#include "sandbox/walls.h"

#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/keyctl.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/syscall.h>

enum {
	/* Linux 5.12 and 6.15: numbers from 424 on are the same on every architecture, but that
	 * x32 has its bit (0x40000000). */
	CALL_MOUNT_SETATTR = 442,
	CALL_OPEN_TREE_ATTR = 467,
	X32_MASK = 0xbfffffff,
	/* add_key, request_key and keyctl are neighbours on each (its tables in arch/) */
	KEYS_X86_64 = 248,
	KEYS_I386 = 286,
	KEYS_AARCH64 = 217,
	KEYS_ARM = 309,
	KEYS_COUNT = 3,
};

#define REFUSE BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM)
#define PASS   BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
#define LOAD(member)                                                                               \
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)offsetof(struct seccomp_data, member))
#define EQUAL(value, yes, no)    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, yes, no)
#define AT_LEAST(value, yes, no) BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, value, yes, no)

static const struct sock_filter mount_calls[] = {
	LOAD(nr),
	BPF_STMT(BPF_ALU | BPF_AND | BPF_K, X32_MASK),
	EQUAL(CALL_MOUNT_SETATTR, 2, 0),
	EQUAL(CALL_OPEN_TREE_ATTR, 1, 0),
	PASS,
	REFUSE,
};

/* Of the architecture `word` those from `first` on. */
#define KEYS(word, first)                                                                          \
	LOAD(arch), EQUAL(word, 0, 5), LOAD(nr), BPF_STMT(BPF_ALU | BPF_AND | BPF_K, X32_MASK),    \
	        AT_LEAST(first, 0, 2), AT_LEAST((first) + KEYS_COUNT, 1, 0), REFUSE

static const struct sock_filter key_calls[] = {
	KEYS(AUDIT_ARCH_X86_64, KEYS_X86_64),
	KEYS(AUDIT_ARCH_I386, KEYS_I386),
	KEYS(AUDIT_ARCH_AARCH64, KEYS_AARCH64),
	KEYS(AUDIT_ARCH_ARM, KEYS_ARM),
	PASS,
};

int latch_mounts(const struct confinement *confinement, const struct host *host, struct error *err)
{
	const struct plan_filter filter = { mount_calls, ARRAY_SIZE(mount_calls), 0 };

	if (!confinement->landlock.enabled || host->landlock_abi < 1 ||
	    (confinement->capabilities.bounding >> CAP_SYS_ADMIN & 1) == 0)
		return 0;
	return seccomp_apply(&filter, err);
}

int latch_keys(struct error *err)
{
	const struct plan_filter filter = { key_calls, ARRAY_SIZE(key_calls), 0 };

	if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) >= 0 || errno == ENOSYS)
		return 0;
	return seccomp_apply(&filter, err);
}
