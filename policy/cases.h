/*
 * cases: how the arguments of a call fall into cases, each decided by one word of a policy.
 *
 * The same rules a filter is made from, asked in the same order; but a diagram of what is left to
 * the rules behind goes along, so that each answer has the exact set of arguments that get it.
 * What explains a decision and what was compiled cannot differ (tests/policy/test_explain.c).
 */
#ifndef CORDON_POLICY_CASES_H
#define CORDON_POLICY_CASES_H

#include "policy/diagram.h"
#include "policy/place.h"
#include "policy/rules.h"

/* A policy on a machine, ready to be asked. Begin with {}; end with deciding_release. */
struct deciding {
	struct rules_request request;
	uint32_t arches; /* those with answers of their own; bit n: enum arch n */
	struct call_rules *calls[ARCH_COUNT]; /* by the id of the call; NULL: closed */
	struct filter_table table;
	struct diagrams *store;
};
int deciding_init(struct deciding *ret, const struct rules_request *request)
        __attribute__((warn_unused_result));
void deciding_release(struct deciding *deciding);
#define _cleanup_deciding __attribute__((cleanup(deciding_release)))

enum case_reason {
	CASE_RULE,    /* `from` has the rule */
	CASE_GUARD,   /* "user_namespaces" is false */
	CASE_DEFAULT, /* no rule holds: `from` has the policy */
	CASE_CLOSED,  /* calls of that architecture are not opened */
	CASE_UNKNOWN, /* no call of that number is known; in a Docker file: none is named behind it
	               */
};

struct call_case {
	enum case_reason reason;
	struct decision decision;
	struct origin from;
	diagram where; /* leaves 0 and 1, over the arguments; never empty */
};

/* The cases of a call for the arguments in `asked`, in the order they are decided in; neighbours
 * with the same reason are one. diagrams_check(deciding->store) says whether to believe them. */
struct call_cases {
	struct call_case *rows;
	size_t count;
};
struct call_cases call_cases(const struct deciding *deciding, enum arch arch, int call,
                             diagram asked);

bool case_permits(const struct call_case *one); /* allow, log */

/* For people, in the request's arena: "errno EPERM: this rule decides", and where it says so. */
const char *case_words(const struct deciding *deciding, enum arch arch, int call,
                       const struct call_case *one);
struct place case_place(const struct deciding *deciding, const struct call_case *one);

#endif
