/*
 * their_filter: the program that libseccomp makes of a set of rules, in a process of its own, for
 * it does not end on some.
 */
#ifndef CORDON_TESTS_THEIR_FILTER_H
#define CORDON_TESTS_THEIR_FILTER_H

#include "tests/support/rule_set.h"

#include <linux/filter.h>

enum { MILLISECONDS_MAX = 500 /* of its own time, for one set */ };

/* What became of a set. */
enum outcome {
	OUTCOME_RIGHT,
	OUTCOME_WIDE,    /* allows what no rule allows */
	OUTCOME_NARROW,  /* refuses what is allowed, and nowhere too wide */
	OUTCOME_OTHER,   /* another refusal than any rule's */
	OUTCOME_REFUSED, /* seccomp_rule_add or the export fails, with an error */
	OUTCOME_HANGS,
	OUTCOME_CRASHES,
	OUTCOME_TOO_LONG, /* more instructions than the kernel takes */
	OUTCOMES,
};
extern const char *const outcome_names[];

/* In memory that is shared with the process. */
struct their_slot {
	int error;
	size_t count;
	struct sock_filter program[BPF_MAXINSNS];
};

/* OUTCOME_RIGHT: there is a program, whatever it does. `tree`: SCMP_FLTATR_CTL_OPTIMIZE 2, the
 * numbers in a binary tree. The set is not of kind SET_ANY. */
enum outcome their_filter(struct their_slot *slot, const struct rule_set *set, bool tree);

void their_version(struct text *ret); /* "2.5.4" */
bool their_numbers_fit(void);         /* it makes filters of x86_64 here */

#endif
