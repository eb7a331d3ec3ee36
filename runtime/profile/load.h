/*
 * load: from what was asked for to one settled policy: the profile, what it extends to any depth,
 * and the administrator's ceiling, which no user can name, hide or leave out.
 */
#ifndef CORDON_PROFILE_LOAD_H
#define CORDON_PROFILE_LOAD_H

#include "runtime/profile/search.h"

#define LOAD_CEILING "/etc/cordon/policy.d"

struct load_request {
	const struct paths *paths;
	const char *ceiling;      /* folder: LOAD_CEILING, but for tests */
	const char *given;        /* --profile NAME|FILE, NULL: by image */
	const char *reference;    /* of the image, NULL for none */
	const char *seccomp_file; /* Docker's seccomp JSON instead of the profile's rules, NULL */
};

int load_policy(struct policy **ret, struct arena *arena, const struct load_request *request,
                struct trace *trace, struct error *err) __attribute__((warn_unused_result));

#endif
