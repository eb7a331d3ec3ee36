/*
 * check_capabilities: a capability kept whose calls are all denied, and a call allowed that does
 * nothing without one.
 */
#include "policy/check.h"
#include "policy/need.h"
#include "sandbox/base/cleanup.h"

#include <string.h>

/* Only where the profile names the call itself: a group brings what it brings. */
static void check_useless(const struct check *check, const struct need *need, int call)
{
	for (size_t i = 0; i < check->policy->rule_count; i++) {
		const struct rule *rule = &check->policy->rules[i];
		const struct value *name = check_name_of(rule, call);

		if (name != NULL && rule_opens(rule) && check_is_own(check, rule) &&
		    (rule->gate.capabilities & need_bit(need)) == 0)
			check_warn(check, name,
			           "%s is allowed, but without the capability %s it does nothing",
			           syscall_name(call), need->capability);
	}
}

/* Where a list says a capability; the list itself where it does not (inherited, or "ALL"). */
static const struct value *place_of(const struct value *written, const char *capability)
{
	const struct value *list = written;

	if (written != NULL && written->kind == VALUE_OBJECT)
		list = value_get(written, "add");
	for (size_t i = 0; list != NULL && list->kind == VALUE_ARRAY && i < list->count; i++) {
		const char *name = value_string(list->items[i], "");

		if (capability_from_name(name) == capability_from_name(capability))
			return list->items[i];
	}
	return NULL;
}

static bool any_open(const struct check *check, const char *capability)
{
	const struct need *need;

	for (size_t i = 0; (need = need_at(i)) != NULL; i++) {
		if (strcmp(need->capability, capability) != 0)
			continue;
		for (size_t j = 0; j < CALLS_A_NEED && need->calls[j][0] != '\0'; j++) {
			int call = syscall_find(need->calls[j]);

			if (call != SYSCALL_UNKNOWN &&
			    check_openness(check, call, UINT32_MAX) != OPEN_TO_NONE)
				return true;
		}
	}
	return false;
}

static void check_kept(const struct check *check, size_t index, const struct value *written)
{
	const char *capability = need_at(index)->capability;
	const struct value *place = place_of(written, capability);

	for (size_t i = 0; i < index; i++)
		if (strcmp(need_at(i)->capability, capability) == 0)
			return; /* said already */
	if (check->policy->extends.count > 0)
		return; /* not joined with what it extends: those may allow them */
	if (place != NULL && !any_open(check, capability))
		check_warn(check, place,
		           "the capability %s is kept, but every call it is for is denied",
		           capability);
}

void check_capabilities(const struct check *check, const struct value *written)
{
	const struct need *need;

	for (size_t i = 0; (need = need_at(i)) != NULL; i++) {
		if ((check->policy->capabilities & need_bit(need)) != 0) {
			check_kept(check, i, written);
			continue;
		}
		if (!need->alone || check->policy->user_namespaces)
			continue; /* a user namespace of one's own gives them all */
		for (size_t j = 0; j < CALLS_A_NEED && need->calls[j][0] != '\0'; j++)
			check_useless(check, need, syscall_find(need->calls[j]));
	}
}
