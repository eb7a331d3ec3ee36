/* compile: profile_confinement with the ceiling's folder as an argument, for tests. */
#ifndef CORDON_PROFILE_COMPILE_H
#define CORDON_PROFILE_COMPILE_H

#include "runtime/profile/load.h"

struct compile_request {
	struct load_request load;
	const struct policy_flags *flags;
	const struct host *host;
};

int profile_compile(struct confinement *ret, bool *hit, struct arena *arena,
                    const struct compile_request *request, struct error *err)
        __attribute__((warn_unused_result));

#endif
