/*
 * host: what this kernel and this user can do, probed once a command. An argument, never a global,
 * so that tests invent machines. Cheap by design: the hot path calls host_probe on every launch
 * (uname, one landlock_create_ruleset, one seccomp action query, two small files).
 */
#ifndef CORDON_SANDBOX_HOST_H
#define CORDON_SANDBOX_HOST_H

#include "sandbox/base/arena.h"
#include "sandbox/base/error.h"
#include "sandbox/plan.h"

enum { HOST_RANGES_MAX = 16 };

/* One line of /etc/subuid or /etc/subgid. */
struct host_range {
	uint32_t first;
	uint32_t count;
};

struct host {
	char release[65];    /* uname -r */
	uint32_t kernel;     /* major << 16 | minor */
	uint32_t audit_arch; /* AUDIT_ARCH_X86_64, AUDIT_ARCH_AARCH64 */
	uint32_t uid, gid;   /* effective */
	char user[64];       /* login name; the uid as digits where passwd has none */
	char home[256];
	struct host_range subuids[HOST_RANGES_MAX];
	size_t subuid_count;
	struct host_range subgids[HOST_RANGES_MAX];
	size_t subgid_count;
	char newuidmap[256]; /* absolute path, "" where it is not installed */
	char newgidmap[256];
	int landlock_abi; /* 0: none */
	bool seccomp_filter;
	bool seccomp_kill_process;
	bool user_namespaces; /* not switched off by a sysctl (max_user_namespaces,
	                         unprivileged_userns_clone) */
	bool apparmor;        /* /sys/kernel/security/apparmor or /sys/module/apparmor enabled */
	uint64_t capability_last; /* highest capability number the kernel knows */
};

/* `simulate` names facilities to pretend away, separated by commas: "landlock", "subuid",
 * "newuidmap", "apparmor", "seccomp"; NULL for none. (cordon reads it from CORDON_SIMULATE_MISSING:
 * it can only take away, so it is no hole.) */
int host_probe(struct host *ret, const char *simulate, struct error *err)
        __attribute__((warn_unused_result));

/* Builds the id maps for a mode. size 0: all there are. Falls back to nothing: a range without
 * subordinate ids or without newuidmap is an error with the way out; the caller decides whether to
 * ask for IDMAP_SINGLE instead. Pure. */
int host_id_maps(struct plan_id_maps *ret, struct arena *arena, const struct host *host,
                 enum idmap_mode mode, uint32_t size, struct error *err)
        __attribute__((warn_unused_result));

/* The caller with all he has: the range, or his one id where he has no more. */
int host_own_maps(struct plan_id_maps *ret, struct arena *arena, const struct host *host,
                  struct error *err) __attribute__((warn_unused_result));

#endif
