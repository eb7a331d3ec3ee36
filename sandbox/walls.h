/*
 * walls: the functions of the confining steps, called by the table in enter.c. Each is one file of
 * its own name (capability.c, landlock.c, seccomp.c, limit.c, apparmor.c, credential.c).
 *
 * All run in the child, after the id maps are written; none allocates more than the stack gives.
 */
#ifndef CORDON_SANDBOX_WALLS_H
#define CORDON_SANDBOX_WALLS_H

#include "sandbox/base/error.h"
#include "sandbox/host.h"
#include "sandbox/plan.h"

/* PR_CAPBSET_DROP of everything outside `bounding`. Before credential_become (needs SETPCAP). */
int capability_drop_bounding(const struct plan_capabilities *capabilities, uint64_t last,
                             struct error *err) __attribute__((warn_unused_result));
/* Sets permitted, effective, inheritable, then ambient, exactly; for uid != 0 inside the sets are
 * those of `user_capabilities` (all empty unless asked). `until_exec` are capabilities that stay
 * permitted and effective as well, and that execve takes away (see capability.c). Takes
 * PR_SET_KEEPCAPS back and fails where another securebit is on: the sets would not mean what they
 * say. After credential_become. */
int capability_set(const struct plan_capabilities *capabilities, uint64_t user_capabilities,
                   uint32_t uid, uint64_t until_exec, struct error *err)
        __attribute__((warn_unused_result));

/* A user as /etc/passwd and /etc/group of the container say. */
struct credential {
	uint32_t uid, gid;
	uint32_t groups[64];
	size_t group_count;
	char home[256];
	char name[64];
};
/* Resolves "", "UID", "NAME", "UID:GID", "NAME:GROUP", and extra groups, by descriptors inside
 * `root` (openat2 RESOLVE_IN_ROOT, regular files only, O_NONBLOCK, 4 MiB at most read, lines over
 * 4096 bytes skipped). Numbers are decimal digits only, below 2^32-1; a NAME of digits only is a
 * number (CVE-2016-3697).
 * "" is root. An unknown name is an error with Docker's words. */
int credential_resolve(struct credential *ret, int root, const char *user,
                       const struct plan_strings *groups, struct error *err)
        __attribute__((warn_unused_result));
/* setgroups (skipped where the map forbids it: `setgroups_denied`), setresgid, setresuid, keeping
 * capabilities over the change (PR_SET_KEEPCAPS) until capability_set. */
int credential_become(const struct credential *credential, bool setgroups_denied, struct error *err)
        __attribute__((warn_unused_result));

int limit_apply(const struct plan_limit *limits, size_t count, char *notes, size_t notes_size,
                struct error *err) __attribute__((warn_unused_result));

/* Stages the change of label for the next exec (/proc/thread-self/attr/apparmor/exec through a
 * verified procfs descriptor), using libapparmor. name NULL: nothing. */
int apparmor_stage(const char *name, bool if_available, const struct host *host, char *notes,
                   size_t notes_size, struct error *err) __attribute__((warn_unused_result));

int no_new_privileges_set(struct error *err) __attribute__((warn_unused_result));

/* Restricts this process to what lies beneath `root` (an O_PATH descriptor of "/" after
 * pivot_root), then to the rule lists. Handles every right of the kernel's ABI, REFER included, so
 * that renames go on working. */
int landlock_apply(const struct plan_landlock *landlock, int root, const struct host *host,
                   char *notes, size_t notes_size, struct error *err)
        __attribute__((warn_unused_result));

/* Of abstract sockets those of this process and what it starts can be reached, and no others: the
 * caller's network has the caller's in it (a session bus, an X server). */
int landlock_scope_names(const struct host *host, char *notes, size_t notes_size, struct error *err)
        __attribute__((warn_unused_result));

/* For a helper of cordon's own: of all files, those at or beneath `paths` may be read (the ones
 * that are there), and nothing else done. Without Landlock (abi 0) nothing. */
int landlock_allow_reading(const struct plan_strings *paths, int abi, struct error *err)
        __attribute__((warn_unused_result));

/* seccomp(SECCOMP_SET_MODE_FILTER). The last step but exec. */
int seccomp_apply(const struct plan_filter *filter, struct error *err)
        __attribute__((warn_unused_result));

/* Where Landlock is in force and CAP_SYS_ADMIN stays: nobody takes "read-only" off a mount. After
 * landlock_apply; see latch.c. */
int latch_mounts(const struct confinement *confinement, const struct host *host, struct error *err)
        __attribute__((warn_unused_result));
/* An empty session keyring, or no keys at all. While CAP_SYS_ADMIN is effective. */
int latch_keys(struct error *err) __attribute__((warn_unused_result));

/* close_range from 3 on, but for one descriptor (the error pipe), which is close-on-exec; -1 for
 * none. */
int descriptor_close_others(int keep, struct error *err) __attribute__((warn_unused_result));

#endif
