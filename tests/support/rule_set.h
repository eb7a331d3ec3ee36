/*
 * rule_set: small random sets of rules, that can be shrunk: a few calls, several rules a call,
 * several conditions a rule, their values where 32- and 64-bit readings of an argument part
 * (random_value). What the emitter and libseccomp's generator are tried with.
 */
#ifndef CORDON_TESTS_RULE_SET_H
#define CORDON_TESTS_RULE_SET_H

#include "tests/support/random_table.h"

enum { SET_CALLS = 3, SET_RULES = 4, SET_CONDITIONS = 3 };

struct set_rule {
	size_t count;
	struct condition conditions[SET_CONDITIONS];
	struct decision decision;
};

struct set_call {
	uint32_t number;
	size_t count;
	struct set_rule rules[SET_RULES];
};

struct rule_set {
	size_t count;
	struct set_call calls[SET_CALLS]; /* ascending numbers */
	struct decision usual;            /* of what no rule is about */
};

/* What sets are made of. */
enum rule_set_kind {
	SET_ANY,         /* all that cordon's rules can say */
	SET_TWO_ANSWERS, /* what libseccomp's rules can say, and every rule allows */
	SET_MANY_ANSWERS /* the same with several decisions */
};

void rule_set_random(struct rule_set *ret, struct random *random, enum rule_set_kind kind);

/* A table of one architecture; a call without a rule that holds gets `usual`. In the arena. */
void rule_set_table(struct filter_table *ret, const struct rule_set *set, uint32_t audit,
                    struct arena *arena);

/* The smallest set that can be had by leaving out calls, rules and conditions, and by plainer
 * values, for which `is_bad` still holds; it holds for the given one. */
void rule_set_shrink(struct rule_set *set, bool (*is_bad)(void *context, const struct rule_set *),
                     void *context);

/* "dup: allow where arg0 <= 0x80000000; allow where ...; else errno EPERM". */
void rule_set_print(struct text *ret, const struct rule_set *set);

#endif
