/*
 * filter: --filter of ps, as Docker has it: values of one key are alternatives (of labels all must
 * hold), keys must all hold.
 */
#ifndef CORDON_CLI_FILTER_H
#define CORDON_CLI_FILTER_H

#include "runtime/container/container.h"

/* Whether all of them are filters, whatever containers there are. "KEY=VALUE": name (a regular
 * expression), id (a prefix), status, label (KEY or KEY=VALUE), ancestor, exited. */
int filter_check(const struct plan_strings *filters, struct error *err)
        __attribute__((warn_unused_result));

/* 1 all filters match, 0 not, -1. They have been checked. */
int filter_matches(const struct container *container, const struct plan_strings *filters,
                   struct error *err) __attribute__((warn_unused_result));

/* "running" and the like. */
const char *filter_status(enum container_status status);

#endif
