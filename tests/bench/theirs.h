/* theirs: the rules of one architecture as libseccomp translates them. */
#ifndef CORDON_BENCH_THEIRS_H
#define CORDON_BENCH_THEIRS_H

#include "policy/decision.h"
#include "sandbox/plan.h"

/* The same decisions in rules that libseccomp can be given. */
void theirs_table(struct filter_table *ret, struct arena *arena, const struct filter_table *table,
                  uint32_t kernel);

/* tree: its SCMP_FLTATR_CTL_OPTIMIZE 2. The instructions are the caller's to free; ends the process
 * where it fails. */
struct plan_filter theirs_make(const struct filter_arch *arch, bool tree);

#endif
