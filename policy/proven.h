/* proven: a filter that is what its table says. */
#ifndef CORDON_POLICY_PROVEN_H
#define CORDON_POLICY_PROVEN_H

#include "policy/decision.h"
#include "sandbox/plan.h"

/* -1, too, where the program that was made cannot be proven equal: nothing else may be loaded. */
int filter_proven(struct plan_filter *ret, struct arena *arena, const struct filter_table *table,
                  struct error *err) __attribute__((warn_unused_result));
struct table_meaning;
int filter_proven_meaning(struct plan_filter *ret, struct arena *arena,
                          const struct table_meaning *meaning, struct error *err)
        __attribute__((warn_unused_result));

#endif
