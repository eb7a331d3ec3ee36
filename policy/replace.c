/*
 * replace: a policy with another's system call rules (--security-opt seccomp=FILE). Both are
 * written out settled, as schema 1, and read again: so the rules of a file from elsewhere can say
 * nothing that a profile could not say.
 */
#include "policy/policy.h"

int policy_replace_calls(struct policy **ret, struct arena *arena, const struct policy *policy,
                         const struct policy *calls, struct error *err)
{
	const struct value *rules = value_get(policy_to_value(arena, calls), "syscalls");
	struct value *whole = policy_to_value(arena, policy);
	_cleanup_text struct text text = {};
	struct policy *replaced;
	struct policy_source *source = arena_alloc(arena, sizeof *source);

	if (rules == NULL)
		return error_set(err, 0, "%s has no system call rules", policy_name(calls));
	value_set(arena, whole, "syscalls", value_copy(arena, rules));
	value_encode(&text, whole, VALUE_COMPACT);
	*source = (struct policy_source){
		.file = "(the profile with other system call rules)",
		.text = arena_text(arena, text_string(&text), text.length),
		.length = text.length,
	};
	if (policy_parse(&replaced, arena, source, err) < 0)
		return -1;
	return policy_merge(ret, arena, replaced, NULL, 0, err);
}
