/*
 * profile: picks, reads and compiles the profile of a launch; the only policy I/O, and the plan
 * cache.
 *
 * The cache ($XDG_CACHE_HOME/cordon/plans/) is by content: an entry holds the very inputs it was
 * made from (texts of the profile and all it extends, flags, the host's facts, cordon's build id)
 * and is used only if they are equal byte for byte, so no hash has to be trusted. A damaged entry
 * is noticed by its hash and rebuilt.
 */
#ifndef CORDON_PROFILE_PROFILE_H
#define CORDON_PROFILE_PROFILE_H

#include "policy/policy.h"
#include "runtime/store/paths.h"

/* Finds the profile for an image: --profile NAME|FILE where given, else the profile whose `images`
 * pattern matches the reference best (longest pattern), else "default". Reads it and what it
 * extends, merges, meets the ceiling of /etc/cordon/policy.d. reference may be NULL (--rootfs). */
int profile_load(struct policy **ret, struct arena *arena, const struct paths *paths,
                 const char *given, const char *reference, struct error *err)
        __attribute__((warn_unused_result));

/* profile_load + policy_compile, through the cache. seccomp_file: --security-opt seccomp=FILE, a
 * Docker seccomp JSON that replaces the system call rules; NULL for none. hit: whether the cache
 * answered. */
int profile_confinement(struct confinement *ret, bool *hit, struct arena *arena,
                        const struct paths *paths, const struct host *host, const char *given,
                        const char *seccomp_file, const char *reference,
                        const struct policy_flags *flags, struct error *err)
        __attribute__((warn_unused_result));

#endif
