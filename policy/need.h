/*
 * need: which calls want a capability.
 *
 * Source: capabilities(7) and the capable() calls of the kernel. Only what is plainly for a call is
 * here: capabilities that change what ordinary file calls may do (DAC_OVERRIDE, FOWNER, ...) have
 * no calls of their own.
 */
#ifndef CORDON_POLICY_NEED_H
#define CORDON_POLICY_NEED_H

#include "policy/model.h"

enum { CALLS_A_NEED = 16, CALL_NAME_SIZE = 24 };

/* The names stand in the rows: a table of pointers would be pages of its own in every process,
 * since each is written to at its start. */
struct need {
	char capability[CALL_NAME_SIZE];
	bool alone;                               /* the calls do nothing at all without it */
	char calls[CALLS_A_NEED][CALL_NAME_SIZE]; /* "" behind the last */
};

/* A capability may have two rows: one of either kind. */
const struct need *need_at(size_t index); /* NULL behind the last */
bool need_is_of(const struct need *need, int call);

static inline uint64_t need_bit(const struct need *need)
{
	return UINT64_C(1) << capability_from_name(need->capability);
}

#endif
