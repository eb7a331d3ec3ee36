/*
 * attached: the profile that an image brings along, which is a stranger's word: it may take from
 * what the user's policy gives, and add nothing.
 *
 * It is met like a ceiling (policy_meet), and three things more hold it: what a meeting does not
 * only take from it may not say; an administrator's ceiling stands beside it; and what comes out is
 * compared with the same launch without it, call by call and path by path (policy_diff): one thing
 * wider, and it is refused. (A rule may be open where a capability is missing; a profile that takes
 * the capability would open it.)
 */
#ifndef CORDON_POLICY_ATTACHED_H
#define CORDON_POLICY_ATTACHED_H

#include "policy/policy.h"

/* Where such a profile comes from: an OCI artifact whose `subject` is the image. */
#define ATTACHED_MEDIA_TYPE "application/vnd.cordon.profile.v1+json"

enum { ATTACHED_SIZE = 1 << 20 }; /* bytes, at most */

/* Whether a profile says only what one that comes with an image may say. -1 names the key. */
int attached_check(const struct policy *profile, struct error *err)
        __attribute__((warn_unused_result));

/* `policy` met with it; last of all ceilings. */
int attached_meet(struct policy **ret, struct arena *arena, const struct policy *policy,
                  const struct policy *profile, struct error *err)
        __attribute__((warn_unused_result));

/* -1 where `confinement`, which `policy` was compiled to for these flags and this host, gives
 * anything that it would not give without the image's profile. 0 where there is none. */
int attached_prove(const struct confinement *confinement, const struct policy *policy,
                   const struct policy_flags *flags, const struct host *host, struct error *err)
        __attribute__((warn_unused_result));

/* What may be published with an image: the settled policy (policy_to_value) without what is the
 * user's own. */
struct value *attached_to_value(struct arena *arena, const struct policy *policy);

#endif
