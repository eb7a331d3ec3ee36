/*
 * load: from what was asked for to one settled policy: the profile, what it extends to any depth,
 * the administrator's ceiling, which no user can name, hide or leave out, and the profile that the
 * image brought along, where the policy so far wants it.
 */
#ifndef CORDON_PROFILE_LOAD_H
#define CORDON_PROFILE_LOAD_H

#include "runtime/profile/profile.h"
#include "runtime/profile/search.h"

int load_policy(struct policy **ret, struct arena *arena, const struct profile_request *request,
                struct trace *trace, struct error *err) __attribute__((warn_unused_result));

/* The last part of it: *policy becomes one with the ceiling, and the image's profile, on it. */
int load_ceilings(struct policy **policy, struct arena *arena,
                  const struct profile_request *request, struct trace *trace, struct error *err)
        __attribute__((warn_unused_result));
/* Whether the administrator has a ceiling at all. */
int load_has_ceiling(bool *ret, const struct profile_request *request, struct error *err)
        __attribute__((warn_unused_result));

/* The file it begins with. */
int load_path(const char **ret, struct arena *arena, const struct profile_request *request,
              struct trace *trace, struct error *err) __attribute__((warn_unused_result));

#endif
