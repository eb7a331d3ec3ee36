#include "tests/support/rule_set.h"

#include "sandbox/base/cleanup.h"

#include <inttypes.h>
#include <string.h>

/* ---- making ---- */

static struct condition random_condition(struct random *random, enum rule_set_kind kind)
{
	struct condition condition = {};

	/* one after the other: the order within a list of initializers is the compiler's */
	condition.argument = (uint8_t)random_below(random, random_below(random, 2) ? 6 : 2);
	condition.is_32bit = random_below(random, 2) == 0;
	condition.operator=(enum condition_operator) random_below(random, CONDITION_OPERATORS);
	condition.value = random_value(random);
	condition.mask = random_value(random);
	if (kind == SET_ANY)
		return condition;
	/* libseccomp compares all 64 bits, knows no "masked, but not", and cuts to the mask */
	condition.is_32bit = false;
	if (condition.operator== CONDITION_MASKED_NOT || condition.mask == 0)
		condition.operator= CONDITION_NOT;
	if (condition.operator== CONDITION_MASKED)
		condition.value &= condition.mask;
	return condition;
}

static struct set_rule random_rule(struct random *random, enum rule_set_kind kind)
{
	struct set_rule rule = { .decision = { DECISION_ALLOW, 0 } };
	size_t wanted =
	        random_below(random, 16) == 0 ? 0 : 1 + random_below(random, SET_CONDITIONS);
	unsigned used = 0;

	if (kind != SET_TWO_ANSWERS && random_below(random, 2))
		rule.decision = random_decision(random);
	for (size_t i = 0; i < wanted; i++) {
		struct condition condition = random_condition(random, kind);

		/* libseccomp takes one condition an argument */
		if (kind != SET_ANY && (used >> condition.argument & 1) != 0)
			continue;
		used |= 1u << condition.argument;
		rule.conditions[rule.count++] = condition;
	}
	return rule;
}

void rule_set_random(struct rule_set *ret, struct random *random, enum rule_set_kind kind)
{
	struct rule_set set = { .count = 1 + random_below(random, SET_CALLS),
		                .usual = { DECISION_ERRNO, 1 } };
	uint32_t number = random_below(random, 100);

	if (kind == SET_ANY)
		set.usual = random_decision(random);
	for (size_t i = 0; i < set.count; i++) {
		struct set_call *call = &set.calls[i];

		call->number = number;
		call->count = 1 + random_below(random, SET_RULES);
		for (size_t j = 0; j < call->count; j++)
			call->rules[j] = random_rule(random, kind);
		number += 1 + random_below(random, 100);
	}
	*ret = set;
}

void rule_set_table(struct filter_table *ret, const struct rule_set *set, uint32_t audit,
                    struct arena *arena)
{
	struct filter_arch *arch = arena_array(arena, 1, sizeof *arch);
	struct filter_call *calls = arena_array(arena, set->count, sizeof *calls);

	for (size_t i = 0; i < set->count; i++) {
		const struct set_call *call = &set->calls[i];
		struct filter_rule *rules = arena_array(arena, call->count, sizeof *rules);

		for (size_t j = 0; j < call->count; j++)
			rules[j] = (struct filter_rule){ call->rules[j].conditions,
				                         call->rules[j].count,
				                         call->rules[j].decision,
				                         {} };
		calls[i] = (struct filter_call){ call->number, rules, call->count, set->usual, {} };
	}
	*arch = (struct filter_arch){ .audit = audit,
		                      .calls = calls,
		                      .call_count = set->count,
		                      .listed = set->usual,
		                      .last_known = 300,
		                      .unknown = set->usual,
		                      .x32 = set->usual };
	*ret = (struct filter_table){ arch, 1, { DECISION_KILL_PROCESS, 0 } };
}

/* ---- shrinking ---- */

struct shrink {
	struct rule_set *set;
	bool (*is_bad)(void *context, const struct rule_set *);
	void *context;
};

static bool keep(const struct shrink *shrink, const struct rule_set *smaller)
{
	if (!shrink->is_bad(shrink->context, smaller))
		return false;
	*shrink->set = *smaller;
	return true;
}

/* Takes item `at` out of `count` items. */
static void take_out(void *items, size_t size, size_t *count, size_t at)
{
	char *place = (char *)items + at * size;

	memmove(place, place + size, (*count - at - 1) * size);
	--*count;
}

static bool leave_out_condition(const struct shrink *shrink, size_t call, size_t rule)
{
	for (size_t i = 0; i < shrink->set->calls[call].rules[rule].count; i++) {
		struct rule_set smaller = *shrink->set;
		struct set_rule *from = &smaller.calls[call].rules[rule];

		take_out(from->conditions, sizeof from->conditions[0], &from->count, i);
		if (keep(shrink, &smaller))
			return true;
	}
	return false;
}

static bool leave_out(const struct shrink *shrink)
{
	for (size_t i = 0; i < shrink->set->count; i++) {
		struct rule_set smaller = *shrink->set;

		take_out(smaller.calls, sizeof smaller.calls[0], &smaller.count, i);
		if (smaller.count > 0 && keep(shrink, &smaller))
			return true;
		for (size_t j = 0; j < shrink->set->calls[i].count; j++) {
			struct set_call *call = &smaller.calls[i];

			smaller = *shrink->set;
			take_out(call->rules, sizeof call->rules[0], &call->count, j);
			if (call->count > 0 && keep(shrink, &smaller))
				return true;
			if (leave_out_condition(shrink, i, j))
				return true;
		}
	}
	return false;
}

static bool plainer_condition(const struct shrink *shrink, size_t call, size_t rule, size_t at)
{
	static const uint64_t plain[] = { 1, 2, 0x80000000, 0xffffffff, 0x100000000 };
	const struct condition *old = &shrink->set->calls[call].rules[rule].conditions[at];

	for (size_t i = 0; i < ARRAY_SIZE(plain); i++) {
		struct rule_set smaller = *shrink->set;
		struct condition *new = &smaller.calls[call].rules[rule].conditions[at];

		new->value = plain[i];
		if (new->operator== CONDITION_MASKED)
			new->value &= new->mask;
		if (new->value < old->value && keep(shrink, &smaller))
			return true;
		smaller = *shrink->set;
		new->argument = 0;
		if (i == 0 && old->argument > 0 &&
		    shrink->set->calls[call].rules[rule].count == 1 && keep(shrink, &smaller))
			return true;
	}
	return false;
}

static bool plainer(const struct shrink *shrink)
{
	for (size_t i = 0; i < shrink->set->count; i++)
		for (size_t j = 0; j < shrink->set->calls[i].count; j++)
			for (size_t k = 0; k < shrink->set->calls[i].rules[j].count; k++)
				if (plainer_condition(shrink, i, j, k))
					return true;
	return false;
}

void rule_set_shrink(struct rule_set *set, bool (*is_bad)(void *context, const struct rule_set *),
                     void *context)
{
	const struct shrink shrink = { set, is_bad, context };

	while (leave_out(&shrink) || plainer(&shrink))
		;
}

/* ---- printing ---- */

static void print_condition(struct text *ret, const struct condition *condition)
{
	static const char *const signs[] = {
		[CONDITION_IS] = "==",       [CONDITION_NOT] = "!=",
		[CONDITION_BELOW] = "<",     [CONDITION_ABOVE] = ">",
		[CONDITION_AT_LEAST] = ">=", [CONDITION_AT_MOST] = "<=",
		[CONDITION_MASKED] = "==",   [CONDITION_MASKED_NOT] = "!=",
	};
	bool masked = condition->operator== CONDITION_MASKED || condition->operator==
	              CONDITION_MASKED_NOT;

	text_printf(ret, "%sarg%u", condition->is_32bit ? "(int)" : "", condition->argument);
	if (masked)
		text_printf(ret, " & %#" PRIx64, condition->mask);
	text_printf(ret, " %s %#" PRIx64, signs[condition->operator], condition->value);
}

void rule_set_print(struct text *ret, const struct rule_set *set)
{
	for (size_t i = 0; i < set->count; i++) {
		text_printf(ret, "%scall %" PRIu32 ": ", i > 0 ? "; " : "", set->calls[i].number);
		for (size_t j = 0; j < set->calls[i].count; j++) {
			const struct set_rule *rule = &set->calls[i].rules[j];

			decision_print(ret, rule->decision);
			for (size_t k = 0; k < rule->count; k++) {
				text_append(ret, k == 0 ? " where " : " and ");
				print_condition(ret, &rule->conditions[k]);
			}
			text_append(ret, ", ");
		}
		text_append(ret, "else ");
		decision_print(ret, set->usual);
	}
}
