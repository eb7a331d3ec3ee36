/*
 * score: how much of a table of kernel bugs a policy puts out of reach, and by which of its words.
 *
 * A bug is out of reach where one of its needs cannot be met: for a call, where for no arguments
 * that the need names, in no architecture that is open, the kernel executes it. That is exact, by
 * the diagrams that also explain (cases.h).
 */
#ifndef CORDON_POLICY_SCORE_H
#define CORDON_POLICY_SCORE_H

#include "policy/bugs.h"
#include "policy/place.h"

struct score_row {
	const struct bug *bug;
	bool reachable;
	const char *stop; /* what stops it: "bpf: errno EPERM: no rule holds"; NULL: nothing */
	struct place place;
};

struct score {
	struct score_row *rows; /* in the table's order */
	size_t count;
	size_t stopped;
};

/* kernel: major << 16 | minor. Everything in `arena`. */
int policy_score(struct score *ret, struct arena *arena, const struct policy *policy,
                 enum arch native, uint32_t kernel, const struct bug_table *bugs, struct error *err)
        __attribute__((warn_unused_result));

#endif
