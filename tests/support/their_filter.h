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

/* For which architectures, all in one program. */
struct their_world {
	enum arch arches[4];
	size_t count;
};

/* OUTCOME_RIGHT: there is a program, whatever it does. `tree`: SCMP_FLTATR_CTL_OPTIMIZE 2, the
 * numbers in a binary tree. The set is not of kind SET_ANY, its numbers are those of the first
 * architecture and have names that are known (their_call). */
enum outcome their_filter(struct their_slot *slot, const struct rule_set *set, bool tree,
                          const struct their_world *world);

/* They know the call on all of these, by the number that we know it by. */
bool their_call(const struct their_world *world, int call);

/* A new scmp_filter_ctx is for these architectures alone: 0, or an error. */
int their_take(void *context, const struct their_world *world);
/* What was exported for that architecture, in this machine's byte order. */
void their_bytes(struct their_slot *slot, enum arch arch);

void their_version(struct text *ret); /* "2.5.4" */
uint32_t their_arch(enum arch arch);

#endif
