/*
 * decision: what a filter table answers, in the plainest way, and how decisions are written.
 */
#include "policy/decision.h"

#include "sandbox/base/cleanup.h"

#include <linux/audit.h>
#include <linux/seccomp.h>
#include <string.h>

enum { X32_BIT = 0x40000000 };

static bool holds(const struct condition *condition, uint64_t argument)
{
	uint64_t value = condition->value, mask = condition->mask;

	if (condition->is_32bit) {
		argument &= UINT32_MAX;
		value &= UINT32_MAX;
		mask &= UINT32_MAX;
	}
	switch (condition->operator) {
	case CONDITION_IS:
		return argument == value;
	case CONDITION_NOT:
		return argument != value;
	case CONDITION_BELOW:
		return argument < value;
	case CONDITION_ABOVE:
		return argument > value;
	case CONDITION_AT_LEAST:
		return argument >= value;
	case CONDITION_AT_MOST:
		return argument <= value;
	case CONDITION_MASKED:
		return (argument & mask) == value;
	case CONDITION_MASKED_NOT:
		return (argument & mask) != value;
	default:
		return false;
	}
}

static bool rule_holds(const struct filter_rule *rule, const struct call_sample *sample)
{
	for (size_t i = 0; i < rule->count; i++)
		if (!holds(&rule->conditions[i], sample->arguments[rule->conditions[i].argument]))
			return false;
	return true;
}

static struct decision decide_call(const struct filter_call *call, const struct call_sample *sample)
{
	for (size_t i = 0; i < call->rule_count; i++)
		if (rule_holds(&call->rules[i], sample))
			return call->rules[i].decision;
	return call->otherwise;
}

static const struct filter_call *find_call(const struct filter_arch *arch, uint32_t number)
{
	size_t low = 0, high = arch->call_count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (arch->calls[middle].number == number)
			return &arch->calls[middle];
		if (arch->calls[middle].number < number)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

struct decision filter_decide(const struct filter_table *table, const struct call_sample *sample)
{
	for (size_t i = 0; i < table->arch_count; i++) {
		const struct filter_arch *arch = &table->archs[i];
		const struct filter_call *call;

		if (arch->audit != sample->audit)
			continue;
		call = find_call(arch, sample->number);
		if (call != NULL)
			return decide_call(call, sample);
		if (arch->has_x32 && (sample->number & X32_BIT) && sample->number < 0x80000000u)
			return arch->x32;
		return sample->number <= arch->last_known ? arch->listed : arch->unknown;
	}
	return table->foreign;
}

static const struct kind_row {
	const char *name;
	uint32_t action;
} kinds[] = {
	[DECISION_ALLOW] = { "allow", SECCOMP_RET_ALLOW },
	[DECISION_LOG] = { "log", SECCOMP_RET_LOG },
	[DECISION_NOTIFY] = { "notify", SECCOMP_RET_USER_NOTIF },
	[DECISION_ERRNO] = { "errno", SECCOMP_RET_ERRNO },
	[DECISION_TRAP] = { "trap", SECCOMP_RET_TRAP },
	[DECISION_KILL_THREAD] = { "kill thread", SECCOMP_RET_KILL_THREAD },
	[DECISION_KILL_PROCESS] = { "kill process", SECCOMP_RET_KILL_PROCESS },
};
_Static_assert(ARRAY_SIZE(kinds) == DECISION_KINDS, "one row a kind");

uint32_t decision_to_seccomp(struct decision decision)
{
	return kinds[decision.kind].action | (decision.kind == DECISION_ERRNO ? decision.data : 0u);
}

bool decision_from_seccomp(struct decision *ret, uint32_t action)
{
	for (size_t i = 0; i < DECISION_KINDS; i++)
		if (kinds[i].action == (action & SECCOMP_RET_ACTION_FULL)) {
			*ret = (struct decision){ (enum decision_kind)i,
				                  (uint16_t)(action & SECCOMP_RET_DATA) };
			return true;
		}
	return false;
}

void decision_print(struct text *ret, struct decision decision)
{
	const char *name = errno_to_name(decision.data);

	text_append(ret, kinds[decision.kind].name);
	if (decision.kind != DECISION_ERRNO)
		return;
	if (name != NULL)
		text_printf(ret, " %s", name);
	else
		text_printf(ret, " %u", decision.data);
}
