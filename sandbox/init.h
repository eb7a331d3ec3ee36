/*
 * init: --init, a small reaper as pid 1.
 */
#ifndef CORDON_SANDBOX_INIT_H
#define CORDON_SANDBOX_INIT_H

#include "sandbox/base/error.h"
#include "sandbox/plan.h"

/* Forks. Returns 0 in the child, which goes on to become the command. The parent stays as pid 1,
 * never returns: closes everything (report first), loads a filter of its own (where the
 * container has one), forwards signals to the
 * child, reaps whatever is orphaned, and exits with the child's status (128 + n for a signal). */
int init_fork(int *report, const struct plan_filter *filter, struct error *err)
        __attribute__((warn_unused_result));

#endif
