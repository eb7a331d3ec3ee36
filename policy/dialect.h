/* dialect: what the readers of Docker's seccomp JSON share. */
#ifndef CORDON_POLICY_DIALECT_H
#define CORDON_POLICY_DIALECT_H

#include "policy/parse.h"

/* Go reads a key in any case: each that is a known one but for that is spelt as known. An error
 * where one is given twice that way. `known` ends with NULL. Other kinds than objects pass. */
int dialect_fold(struct parser *parser, const struct value *object, const char *const *known);

/* A list that may be missing or null, as Go writes it. */
int dialect_each(struct parser *parser, const struct value *list, void *into,
                 int (*item)(struct parser *, const struct value *, void *));

/* `includes` and `excludes` of an entry. */
int dialect_gate(struct parser *parser, const struct value *entry, struct rule_gate *gate);

#endif
