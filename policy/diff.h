/*
 * diff: what two policies decide differently: exactly, by their diagrams, in both directions, each
 * difference with a call on which they really differ.
 */
#ifndef CORDON_POLICY_DIFF_H
#define CORDON_POLICY_DIFF_H

#include "policy/policy.h"
#include "sandbox/plan.h"

enum difference_kind {
	DIFFERENCE_WIDER,    /* the new one permits what the old one refused */
	DIFFERENCE_NARROWER, /* the other way round */
	DIFFERENCE_OTHER,    /* both permit or both refuse, in different words */
	DIFFERENCE_KINDS,
};

struct difference {
	enum difference_kind kind;
	const char *subject;  /* a call's name, "capability SYS_ADMIN", "hidden /proc/keys", ... */
	const char *was, *is; /* in words; NULL where there are none */
	bool is_range;        /* "calls 5 to 9": the sample has the first */
	bool has_sample;
	struct call_sample sample;
};

struct differences {
	struct difference *rows;
	size_t count, room;
};

const char *difference_name(enum difference_kind kind); /* "wider", "narrower", "otherwise" */

/* One side: the whole of what a profile became for a machine. */
struct diff_side {
	const struct confinement *confinement;
	const struct filter_table *table;
	enum policy_attaching attaching; /* what becomes of a profile that an image brings along */
};

/* Everything in `arena`. -1 only where the diagrams are too much (diagrams_check). */
int policy_diff(struct differences *ret, struct arena *arena, const struct diff_side *old,
                const struct diff_side *new, struct error *err) __attribute__((warn_unused_result));

#endif
