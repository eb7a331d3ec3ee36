/*
 * rules: which of a policy's rules take part, and what they say call by call.
 *
 * A rule with lists of values is a product of alternatives; each becomes a rule of plain
 * conditions, all of which must hold.
 */
#include "policy/place.h"
#include "policy/rules.h"
#include "sandbox/base/cleanup.h"

#include <string.h>

enum { ALTERNATIVES_MAX = 1024, CALL_RULES_MAX = 4096, NEW_USER_NAMESPACE = 0x10000000 };

/* Where one rule is being put into one call. */
struct target {
	const struct rules_request *request;
	const struct policy *policy;
	const struct rule *rule;
	enum arch arch;
	int call;
	struct call_rules *into;
	struct decision decision;
};

static int append(const struct target *target, const struct condition *conditions, size_t count)
{
	struct call_rules *into = target->into;
	struct arena *arena = target->request->arena;

	if (into->count >= CALL_RULES_MAX)
		return error_set(target->request->err, 0, "%s: more than %d rules for %s",
		                 target->policy->name, CALL_RULES_MAX, syscall_name(target->call));
	if (into->count == into->capacity) {
		size_t capacity = into->capacity == 0 ? 4 : into->capacity * 2;
		struct filter_rule *rules = arena_array(arena, capacity, sizeof *rules);

		if (into->count > 0)
			memcpy(rules, into->rules, into->count * sizeof *rules);
		into->rules = rules;
		into->capacity = capacity;
	}
	into->rules[into->count++] = (struct filter_rule){
		.conditions = conditions,
		.count = count,
		.decision = target->decision,
		.from = { target->policy, target->rule },
	};
	return 0;
}

static void close_call(const struct target *target)
{
	target->into->closed = true;
	target->into->otherwise_from = (struct origin){ target->policy, target->rule };
	target->into->otherwise = target->decision;
}

/* ---- conditions ---- */

static bool lists_alternatives(const struct rule_condition *condition)
{
	return condition->operator== CONDITION_IS || condition->operator== CONDITION_MASKED;
}

/* A value for a register of which the kernel reads `bits`: false where it does not fit. Negative
 * ones do, sign-extended or not: they are compared without what is above. */
static bool fit_value(uint64_t *value, unsigned bits)
{
	uint64_t above = bits == 64 ? 0 : *value >> bits;
	uint64_t ones = bits == 64 ? 0 : UINT64_MAX >> bits;

	if (above != 0 && above != ones && !(bits == 16 && above == ones >> 32))
		return false;
	if (bits < 64)
		*value &= (UINT64_C(1) << bits) - 1;
	return true;
}

/* Of 16 bits only those are asked. */
static int halve(struct condition *condition, const struct target *target, const char *argument)
{
	enum { HALF = 0xffff };

	switch (condition->operator) {
	case CONDITION_IS:
	case CONDITION_NOT:
		condition->operator= condition->operator== CONDITION_IS ? CONDITION_MASKED
		                                                        : CONDITION_MASKED_NOT;
		condition->mask = HALF;
		return 0;
	case CONDITION_MASKED:
	case CONDITION_MASKED_NOT:
		return 0;
	default:
		return error_set(target->request->err, 0,
		                 "%s: %s reads only 16 bits of '%s' of %s, which cannot be "
		                 "compared in order",
		                 target->policy->name, arch_name(target->arch), argument,
		                 syscall_name(target->call));
	}
}

static int place_condition(struct condition *condition, const struct target *target,
                           const struct rule_condition *from)
{
	struct argument_place place;

	if (rule_argument_in(&place, target->arch, target->call, from->argument,
	                     target->request->err) < 0)
		return -1;
	condition->argument = place.index;
	condition->is_32bit = place.bits <= 32;
	if (!fit_value(&condition->value, place.bits) || !fit_value(&condition->mask, place.bits))
		return error_set(target->request->err, 0,
		                 "%s: a value for '%s' of %s does not fit the %u bits that %s "
		                 "reads of it",
		                 target->policy->name, from->argument, syscall_name(target->call),
		                 place.bits, arch_name(target->arch));
	return place.bits == 16 ? halve(condition, target, from->argument) : 0;
}

/* One plain condition. */
static int make_condition(struct condition *ret, const struct target *target,
                          const struct rule_condition *from, size_t value)
{
	struct condition condition = { .operator= from->operator};

	if (!operand_value(&condition.value, target->arch, &from->values[value]) ||
	    !operand_value(&condition.mask, target->arch, &from->mask))
		return error_set(target->request->err, 0,
		                 "%s: the rule on %s names a constant that %s does not have",
		                 target->policy->name, syscall_name(target->call),
		                 arch_name(target->arch));
	if (from->index >= 0) {
		condition.argument = (uint8_t)from->index;
		/* libseccomp: only the low half on what it calls 32-bit, x32 among them */
		condition.is_32bit = arch_is_32bit(target->arch) || target->arch == ARCH_X32;
	} else if (place_condition(&condition, target, from) < 0)
		return -1;
	*ret = condition;
	return 0;
}

/* Dialect: each condition alone is enough. */
static int add_alternatives(const struct target *target)
{
	const struct rule *rule = target->rule;

	for (size_t i = 0; i < rule->condition_count; i++) {
		struct condition *one = arena_array(target->request->arena, 1, sizeof *one);

		if (make_condition(one, target, &rule->conditions[i], 0) < 0 ||
		    append(target, one, 1) < 0)
			return -1;
	}
	return 0;
}

static size_t count_products(const struct rule *rule, size_t *plain)
{
	size_t products = 1;

	*plain = 0;
	for (size_t i = 0; i < rule->condition_count; i++) {
		const struct rule_condition *condition = &rule->conditions[i];

		*plain += lists_alternatives(condition) ? 1 : condition->count;
		if (lists_alternatives(condition) && products <= ALTERNATIVES_MAX)
			products *= condition->count;
	}
	return products;
}

/* Every condition with every value of its list, in the order of the rule. */
static int make_conditions(struct condition **ret, const struct target *target)
{
	const struct rule *rule = target->rule;
	struct condition *made;
	size_t count = 0;

	for (size_t i = 0; i < rule->condition_count; i++)
		count += rule->conditions[i].count;
	made = arena_array(target->request->arena, count, sizeof *made);
	*ret = made;
	for (size_t i = 0; i < rule->condition_count; i++)
		for (size_t value = 0; value < rule->conditions[i].count; value++)
			if (make_condition(made++, target, &rule->conditions[i], value) < 0)
				return -1;
	return 0;
}

/* The product with number `choice`, read as digits of a mixed base. */
static int add_product(const struct target *target, const struct condition *all, size_t plain,
                       size_t choice)
{
	struct condition *made = arena_array(target->request->arena, plain, sizeof *made);
	size_t count = 0;

	for (size_t i = 0; i < target->rule->condition_count; i++) {
		const struct rule_condition *from = &target->rule->conditions[i];
		bool one = lists_alternatives(from);
		size_t taken = one ? 1 : from->count;

		memcpy(made + count, all + (one ? choice % from->count : 0), taken * sizeof *made);
		choice /= one ? from->count : 1;
		count += taken;
		all += from->count;
	}
	return append(target, made, count);
}

static int add_rule(const struct target *target)
{
	const struct rule *rule = target->rule;
	struct condition *all;
	size_t plain, products;

	if (rule->condition_count == 0) {
		if (rule->dialect)
			target->into->count = 0; /* libseccomp: it goes before those with any */
		close_call(target);
		return 0;
	}
	if (rule->conditions[0].alternative)
		return add_alternatives(target);
	products = count_products(rule, &plain);
	if (products > ALTERNATIVES_MAX)
		return error_set(target->request->err, 0,
		                 "%s: a rule on %s has more than %d combinations of values",
		                 target->policy->name, syscall_name(target->call),
		                 ALTERNATIVES_MAX);
	if (make_conditions(&all, target) < 0)
		return -1;
	for (size_t choice = 0; choice < products; choice++)
		if (add_product(target, all, plain, choice) < 0)
			return -1;
	return 0;
}

int rules_of_call(struct call_rules *ret, const struct rules_request *request,
                  const struct rule *rule, enum arch arch, int call)
{
	struct call_rules made = {};
	const struct target target = { request, request->policy, rule,          arch,
		                       call,    &made,           rule->decision };

	if (add_rule(&target) < 0)
		return -1;
	*ret = made;
	return 0;
}

/* ---- user namespaces ---- */

const struct rule rules_guard, rules_newer;

/* Without new user namespaces: unshare and clone not with CLONE_NEWUSER (the kernel reads the low
 * 32 bits), and no clone3, whose flags a filter cannot see. ENOSYS makes libc fall back to clone.
 */
static int guard_namespaces(struct call_rules *calls, const struct rules_request *request,
                            const struct policy *policy, enum arch arch)
{
	static const char *const names[] = { "unshare", "clone", "clone3" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct condition *condition = arena_array(request->arena, 1, sizeof *condition);
		struct target target = { request, policy, &rules_guard, arch,
			                 syscall_find(names[i]) };
		const char *argument = i == 2 ? "args" : "flags"; /* s390's clone: the second */
		int index = syscall_argument_find_in(arch, target.call, argument);

		if (index < 0)
			return error_set(request->err, 0, "the tables have no '%s' of '%s' for %s",
			                 argument, names[i], arch_name(arch));
		target.into = &calls[target.call];
		target.decision = (struct decision){ DECISION_ERRNO, i == 2 ? ENOSYS : EPERM };
		*condition = (struct condition){
			.argument = (uint8_t)index,
			.is_32bit = true,
			.operator= CONDITION_MASKED,
			.value = NEW_USER_NAMESPACE,
			.mask = NEW_USER_NAMESPACE,
		};
		if (i == 2)
			close_call(&target);
		else if (append(&target, condition, 1) < 0)
			return -1;
	}
	return 0;
}

/* ---- all calls ---- */

int rules_highest(const struct call_rules *calls, enum arch arch)
{
	int highest = -1;

	for (size_t id = 0; id < syscall_count(); id++)
		if (calls[id].named && syscall_number(arch, (int)id) > highest)
			highest = syscall_number(arch, (int)id);
	return highest;
}

/* runc: calls above the highest one a Docker file names are unknown to its author. What an entry
 * says does not matter for that, nor that it is left out. */
static void hide_newer(struct call_rules *calls, const struct rules_request *request,
                       const struct policy *policy, enum arch arch)
{
	int highest;

	for (size_t i = 0; i < policy->idle_count; i++)
		for (size_t j = 0; rule_takes_part(&policy->idle[i], request, arch) &&
		                   j < policy->idle[i].call_count;
		     j++)
			calls[policy->idle[i].calls[j]].named = true;
	highest = rules_highest(calls, arch);
	for (size_t id = 0; id < syscall_count(); id++)
		if (syscall_number(arch, (int)id) > highest) {
			calls[id].otherwise = policy->unknown;
			calls[id].otherwise_from = (struct origin){ policy, &rules_newer };
		}
}

/* libseccomp: a rule on one of these is one on the other door too, without its conditions, which
 * cannot be asked there. An allowing one with conditions would open too much: it is not. */
static int add_multiplexed(struct call_rules *calls, const struct target *named)
{
	struct target target = *named;
	struct condition *condition;
	uint32_t number;

	if (!rules_multiplexed(&target.call, &number, named->arch, named->call))
		return 0;
	target.into = &calls[target.call];
	target.into->named = true;
	condition = arena_array(named->request->arena, 1, sizeof *condition);
	*condition =
	        (struct condition){ .is_32bit = true, .operator= CONDITION_IS, .value = number };
	return target.into->closed ? 0 : append(&target, condition, 1);
}

int rules_collect(struct call_rules **ret, const struct rules_request *request,
                  const struct policy *policy, enum arch arch)
{
	struct call_rules *calls = arena_array(request->arena, syscall_count(), sizeof *calls);
	const bool doors = syscall_number(arch, syscall_find("socketcall")) >= 0;

	for (size_t id = 0; id < syscall_count(); id++) {
		calls[id].otherwise = policy->fallback;
		calls[id].otherwise_from = (struct origin){ policy, NULL };
	}
	if (policy == request->policy && !request->user_namespaces &&
	    guard_namespaces(calls, request, policy, arch) < 0)
		return -1;
	for (size_t i = 0; i < policy->rule_count; i++) {
		const struct rule *rule = &policy->rules[i];
		struct target target = { request, policy, rule, arch };

		if (!rule_takes_part(rule, request, arch))
			continue;
		target.decision = rule_decision(rule, policy->fallback);
		for (size_t j = 0; j < rule->call_count; j++) {
			target.call = rule->calls[j];
			target.into = &calls[target.call];
			target.into->named = true;
			if (rule->dialect && doors &&
			    (rule->condition_count == 0 || !rule_opens(rule)) &&
			    add_multiplexed(calls, &target) < 0)
				return -1;
			if (target.into->closed || syscall_number(arch, target.call) < 0)
				continue;
			if (add_rule(&target) < 0)
				return place_blame(rule->source, rule->written, request->err);
		}
	}
	if (policy->dialect)
		hide_newer(calls, request, policy, arch);
	*ret = calls;
	return 0;
}
