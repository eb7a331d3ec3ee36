/*
 * replace: a policy with another's system call rules (--security-opt seccomp=FILE). Only what the
 * language has under "syscalls" is taken; ceilings stay, and take their part of the new rules.
 */
#include "policy/model.h"

#include <string.h>

int policy_replace_calls(struct policy **ret, struct arena *arena, const struct policy *policy,
                         const struct policy *calls, struct error *err)
{
	struct policy *replaced = arena_copy(arena, policy, sizeof *policy);

	if (!policy_says(calls, SETTING_CALLS))
		return error_set(err, 0, "%s has no rules for system calls", calls->name);
	replaced->fallback = calls->fallback;
	replaced->unknown = calls->unknown;
	replaced->dialect = calls->dialect;
	replaced->arches = calls->arches;
	replaced->rules = calls->rules;
	replaced->rule_count = calls->rule_count;
	replaced->idle = calls->idle;
	replaced->idle_count = calls->idle_count;
	replaced->texts =
	        arena_array(arena, calls->text_count + policy->text_count, sizeof *replaced->texts);
	memcpy((struct policy_text *)replaced->texts, calls->texts,
	       calls->text_count * sizeof *calls->texts);
	memcpy((struct policy_text *)replaced->texts + calls->text_count, policy->texts,
	       policy->text_count * sizeof *policy->texts);
	replaced->text_count = calls->text_count + policy->text_count;
	replaced->user_namespaces = calls->user_namespaces;
	replaced->given |= 1u << SETTING_CALLS;
	*ret = replaced;
	return 0;
}
