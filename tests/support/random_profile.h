/*
 * random_profile: the text of random profiles of schema 1: every kind of entry, gates, groups,
 * conditions on named arguments with values and constants that fit, and the other walls.
 */
#ifndef CORDON_TESTS_RANDOM_PROFILE_H
#define CORDON_TESTS_RANDOM_PROFILE_H

#include "policy/policy.h"
#include "sandbox/base/text.h"
#include "tests/support/random_table.h"

/* `plain`: only lists of calls that are allowed, where order says nothing. Not all of them can be
 * compiled for every architecture: a constant or a register may not be there. */
void random_profile(struct text *ret, struct random *random, bool plain);
/* One that can be parsed, in the arena; its text is left in `text`. */
struct policy *random_policy(struct text *text, struct arena *arena, struct random *random,
                             bool plain);

#endif
