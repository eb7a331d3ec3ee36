/*
 * meaning: what a filter table answers, as one diagram: for every architecture word, every number
 * and every bit of the arguments, the value that seccomp gets (SECCOMP_RET_* and its data).
 */
#ifndef CORDON_POLICY_MEANING_H
#define CORDON_POLICY_MEANING_H

#include "policy/decision.h"
#include "policy/diagram.h"

/* The meaning of a table in a store of its own. */
struct table_meaning {
	struct diagrams *store;
	diagram node;
	bool big_endian; /* of the machine it is for: which half of an argument stands first */
};

int meaning_init(struct table_meaning *ret, const struct filter_table *table, struct error *err)
        __attribute__((warn_unused_result));
void meaning_done(struct table_meaning *meaning);
#define _cleanup_meaning __attribute__((cleanup(meaning_done)))

/* Whether a full store made it meaningless is diagrams_check's to say. */
diagram meaning_of_table(struct diagrams *store, const struct filter_table *table);

/* A condition, and a rule's conditions together, as diagrams with leaves 0 and 1. */
diagram meaning_of_condition(struct diagrams *store, const struct condition *condition);
diagram meaning_of_rule(struct diagrams *store, const struct filter_rule *rule);

/* The answers for one architecture and number, over the arguments. */
diagram meaning_of_call(struct diagrams *store, diagram policy, uint32_t audit, uint32_t number);

/* 1 where the kernel executes the call (allow, log), else 0: a diagram of leaves like the
 * policy's. */
diagram meaning_permits(struct diagrams *store, diagram policy);

/* Where both permit or both refuse equally: what a join of leaves means. The stricter of two
 * actions as the kernel orders them when several filters answer (seccomp(2)). */
uint32_t meaning_stricter(uint32_t a, uint32_t b);

/* An action without what the kernel ignores (the data of all but errno, trap and trace; errno above
 * 4095), so that equal behaviour is equal leaves. */
uint32_t meaning_canonical(uint32_t action);

#endif
