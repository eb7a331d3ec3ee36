/*
 * prune_filter: --filter of what takes away: until=TIME (made before it), label=NAME[=VALUE] and
 * label!=NAME[=VALUE]; all must hold.
 */
#ifndef CORDON_CLI_PRUNE_FILTER_H
#define CORDON_CLI_PRUNE_FILTER_H

#include "policy/value.h"
#include "sandbox/plan.h"

struct prune_filter {
	bool until_given;
	int64_t until; /* seconds since the epoch */
	struct plan_strings labels, without;
};

/* Times are those of when.h; `now` in seconds since the epoch. */
int prune_filter_read(struct prune_filter *ret, struct arena *arena,
                      const struct plan_strings *filters, int64_t now, struct error *err)
        __attribute__((warn_unused_result));

/* labels: object; NULL for none. */
bool prune_filter_matches(const struct prune_filter *filter, int64_t created,
                          const struct value *labels);

#endif
