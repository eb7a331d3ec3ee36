/*
 * case_words: a case told to people, and where the word that decides it was said.
 */
#include "policy/cases.h"
#include "sandbox/base/cleanup.h"

static const char *reason(const struct deciding *deciding, enum arch arch, int call,
                          const struct call_case *one)
{
	switch (one->reason) {
	case CASE_RULE:
		return "this rule decides";
	case CASE_GUARD:
		return text_equal(syscall_name(call), "clone3")
		               ? "new user namespaces are closed, and a filter cannot see the "
		                 "flags of clone3"
		               : "new user namespaces are closed";
	case CASE_CLOSED:
		return arena_printf(deciding->request.arena, "the calls of %s are closed",
		                    arch_name(arch));
	case CASE_UNKNOWN:
		return "newer than every call this file names";
	default:
		return "no rule holds, so the default does";
	}
}

const char *case_words(const struct deciding *deciding, enum arch arch, int call,
                       const struct call_case *one)
{
	const struct policy *policy = one->from.policy;
	bool ceiling = policy != NULL && policy != deciding->request.policy;
	_cleanup_text struct text decision = {};

	decision_print(&decision, one->decision);
	return arena_printf(deciding->request.arena, "%s: %s%s", text_string(&decision),
	                    reason(deciding, arch, call, one), ceiling ? " (of the ceiling)" : "");
}

/* The one of the policy and its ceilings that says it, in that order. */
static struct place place_of_guard(const struct deciding *deciding)
{
	struct place place = {};

	for (const struct policy *policy = deciding->request.policy;
	     policy != NULL && place.file == NULL; policy = policy->ceiling)
		place = place_of_member(deciding->request.arena, policy, "user_namespaces", NULL);
	return place;
}

struct place case_place(const struct deciding *deciding, const struct call_case *one)
{
	const struct policy *policy = one->from.policy;
	struct arena *arena = deciding->request.arena;

	switch (one->reason) {
	case CASE_RULE:
		return place_of_rule(arena, one->from.rule);
	case CASE_GUARD:
		return place_of_guard(deciding);
	case CASE_DEFAULT:
		return place_of_member(arena, policy,
		                       policy->dialect ? "defaultAction" : "syscalls.default",
		                       NULL);
	default:
		return (struct place){};
	}
}
