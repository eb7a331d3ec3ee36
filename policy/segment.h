/*
 * segment: the numbers of an architecture cut into runs of one answer each.
 */
#ifndef CORDON_POLICY_SEGMENT_H
#define CORDON_POLICY_SEGMENT_H

#include "policy/decision.h"

#include <stddef.h>

/* A run of numbers from `first` on (to the next segment) with one answer. */
struct segment {
	uint32_t first;
	const struct filter_call *call; /* conditions to check, NULL for a plain decision */
	struct decision decision;
};

struct segments {
	struct segment *rows;
	size_t count;
};

/* Fills `rows`, which has room for two a call and eight more. They are ascending and cover every
 * number. */
void segment_cut(struct segments *ret, const struct filter_arch *arch);

bool segment_same_decision(struct decision a, struct decision b);

#endif
