/*
 * bugs: a table of bugs of the kernel, each with what a process must be able to do to reach it.
 *
 * The table is data (profiles/kernel-bugs.json), in the words of the policy language: a "call" with
 * its "when" is read by the parser that reads a profile's rules. One ships with cordon; a person
 * may bring another.
 */
#ifndef CORDON_POLICY_BUGS_H
#define CORDON_POLICY_BUGS_H

#include "policy/model.h"

enum bug_need_kind {
	BUG_CALL,           /* one of the rule's calls, with such arguments */
	BUG_CAPABILITY,     /* over one's own user namespace: kept, or brought by a new one */
	BUG_USER_NAMESPACE, /* a new one can be made */
	BUG_EXEC,           /* privileges can be gained by exec */
	BUG_DEVICE,         /* a device that containers do not have */
	BUG_ANY,            /* one of `needs` is enough */
};

struct bug_need {
	enum bug_need_kind kind;
	struct rule rule;
	unsigned capability;
	const char *device;
	const struct bug_need *needs;
	size_t need_count;
};

struct bug {
	const char *id;    /* "CVE-2014-3153" */
	const char *what;  /* "futex requeue" */
	const char *until; /* "3.14": about the last mainline version that has it */
	const char *source;
	const struct bug_need *needs; /* all of them */
	size_t need_count;
};

struct bug_table {
	struct bug *rows;
	size_t count;
};

/* Everything in `arena`. Errors: "FILE:LINE:COLUMN: what". */
int bugs_parse(struct bug_table *ret, struct arena *arena, const struct policy_source *source,
               struct error *err) __attribute__((warn_unused_result));

/* The table that ships (kernel-bugs.json, made into C by embed.py). */
struct policy_source bugs_shipped(void);

#endif
