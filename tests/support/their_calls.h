/*
 * their_calls: random sets of rules whose numbers are those of calls that libseccomp knows, and the
 * same sets on another architecture.
 */
#ifndef CORDON_TESTS_THEIR_CALLS_H
#define CORDON_TESTS_THEIR_CALLS_H

#include "tests/support/their_filter.h"

/* By the numbers of a world's first architecture, ascending; those with one door only. */
struct their_calls {
	uint32_t numbers[600];
	size_t count;
};
void their_calls(struct their_calls *ret, const struct their_world *world);

/* A random set's numbers, which are below 301, become those of calls that are known. */
void their_calls_name(struct rule_set *set, const struct their_calls *known);

/* The numbers of another architecture (x32: with its bit), and its registers. */
void rule_set_translate(struct rule_set *set, enum arch from, enum arch to);

#endif
