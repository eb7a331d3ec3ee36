/*
 * filter: --filter of ps, as Docker has it: values of one key are alternatives (of labels all must
 * hold), keys must all hold.
 */
#ifndef CORDON_CLI_FILTER_H
#define CORDON_CLI_FILTER_H

#include "runtime/container/container.h"

/* "KEY=VALUE": name (a regular expression), id (a prefix), status, label (KEY or KEY=VALUE),
 * ancestor, exited, volume (its name or place), network, before and since (another container). */
struct filters {
	const struct plan_strings *words;
	const struct container *among; /* all there are, the newest first; `before` and `since`
	                                  compare places in it */
	size_t among_count;
};

/* Whether all of them are filters, whatever containers there are. */
int filter_check(const struct plan_strings *words, struct error *err)
        __attribute__((warn_unused_result));

/* Whether one is among them that also finds containers that do not run. */
bool filter_wants_all(const struct plan_strings *words);

/* 1 all filters match, 0 not, -1. They have been checked. */
int filter_matches(const struct container *container, const struct filters *filters,
                   struct error *err) __attribute__((warn_unused_result));

#endif
