/* check: what the parts of policy_check share. */
#ifndef CORDON_POLICY_CHECK_H
#define CORDON_POLICY_CHECK_H

#include "policy/rules.h"

struct check {
	struct plan_strings *warnings;
	struct arena *arena;
	const struct policy *policy;
	const struct policy_source *source;
	int *closed_by;  /* per call: the plain rule that decides it first, -1 */
	bool *ever_open; /* per call: some rule allows it */
};

/* Adds "FILE:LINE:COLUMN: warning: TEXT". */
void check_warn(const struct check *check, const struct value *value, const char *format, ...)
        __attribute__((format(printf, 3, 4)));

/* Capabilities kept for nothing, calls that do nothing without one (check_calls.c). `written`: the
 * key "capabilities", NULL where there is none. */
void check_capabilities(const struct check *check, const struct value *written);

/* A call denied whose twin is allowed (check_calls.c). */
void check_twins(const struct check *check, const struct rule *rule);

#endif
