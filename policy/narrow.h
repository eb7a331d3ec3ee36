/*
 * narrow: a compiled confinement under the ceilings of today.
 *
 * A container that is started again was compiled when it was made, and its profile may have changed
 * or gone since. What it was made with is taken as the profile: a policy that gives exactly what
 * the confinement gives is met with the ceilings like any other (meet.c), and compiled for the host
 * of now. Its calls are no rules any more, but a program: what that answers is found as the prover
 * does, and joined, for every input, with what the ceilings answer. So nothing here can be wider
 * than what was stored, nor than the ceilings.
 */
#ifndef CORDON_POLICY_NARROW_H
#define CORDON_POLICY_NARROW_H

#include "policy/policy.h"

/* What a confinement gives, as a policy to put ceilings on (policy_meet). All its calls are open:
 * they are the filter's. */
struct policy *policy_of_confinement(struct arena *arena, const struct confinement *stored);

/* `stored` under the ceilings of `policy`, which policy_of_confinement made of it. What they take
 * is said in `left_out`, behind what was there. */
int policy_narrow(struct confinement *ret, struct arena *arena, const struct policy *policy,
                  const struct confinement *stored, const struct host *host, struct error *err)
        __attribute__((warn_unused_result));

#endif
