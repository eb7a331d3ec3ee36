/*
 * print_calls: the rules of a policy as "syscalls" of schema 1, with nothing inherited any more.
 *
 * Calls whose first rule is a plain permission or denial go to "allow" and "deny"; all rules of the
 * others go to "rules", whose order is kept. As every call is in one of the three, the lists cannot
 * overtake one another, and reading the result gives the same policy. A call that a ceiling closes
 * altogether is shown as denied.
 */
#include "policy/rules.h"
#include "sandbox/base/cleanup.h"

#include <string.h>

struct printer {
	struct arena *arena;
	const struct policy *policy;
	struct value *allow, *deny, *rules;
};

static void set_string(struct arena *arena, struct value *object, const char *key,
                       const char *string)
{
	value_set(arena, object, key, value_new_string(arena, string));
}

static struct value *print_decision(struct arena *arena, struct decision decision)
{
	static const char *const names[DECISION_KINDS] = {
		[DECISION_ALLOW] = "allow",
		[DECISION_LOG] = "log",
		[DECISION_NOTIFY] = "notify",
		[DECISION_TRAP] = "trap",
		[DECISION_KILL_THREAD] = "kill-thread",
		[DECISION_KILL_PROCESS] = "kill",
	};
	struct value *object;
	const char *name;

	if (decision.kind != DECISION_ERRNO)
		return value_new_string(arena, names[decision.kind]);
	object = value_new_object(arena);
	name = errno_to_name(decision.data);
	value_set(arena, object, "errno",
	          name == NULL ? value_new_integer(arena, decision.data)
	                       : value_new_string(arena, name));
	return object;
}

/* ---- conditions ---- */

static struct value *print_operand(struct arena *arena, const struct operand *operand)
{
	if (operand->name != NULL)
		return value_new_string(arena, operand->name);
	return value_new_integer(arena, (int64_t)operand->number);
}

static void print_condition(struct arena *arena, struct value *object,
                            const struct rule_condition *condition)
{
	static const char *const names[CONDITION_OPERATORS] = {
		[CONDITION_IS] = "is",
		[CONDITION_NOT] = "not",
		[CONDITION_BELOW] = "below",
		[CONDITION_ABOVE] = "above",
		[CONDITION_AT_LEAST] = "at_least",
		[CONDITION_AT_MOST] = "at_most",
		[CONDITION_MASKED] = "is",
		[CONDITION_MASKED_NOT] = "not",
	};
	const char *name = names[condition->operator];
	struct value *values = value_new_array(arena);

	if (condition->operator== CONDITION_MASKED || condition->operator== CONDITION_MASKED_NOT)
		value_set(arena, object, "mask", print_operand(arena, &condition->mask));
	if (condition->count == 1) {
		value_set(arena, object, name, print_operand(arena, condition->values));
		return;
	}
	for (size_t i = 0; i < condition->count; i++)
		value_append(arena, values, print_operand(arena, &condition->values[i]));
	value_set(arena, object, strcmp(name, "is") == 0 ? "in" : name, values);
}

static void print_version(struct arena *arena, struct value *object, const char *key,
                          uint32_t version)
{
	if (version != 0)
		set_string(arena, object, key,
		           arena_printf(arena, "%u.%u", version >> 16, version & 0xffff));
}

static void print_gate(struct arena *arena, struct value *when, const struct rule_gate *gate)
{
	struct value *arches = value_new_array(arena), *kernel = value_new_object(arena);

	for (unsigned arch = 0; arch < ARCH_COUNT; arch++)
		if (((gate->arches | gate->natives) & 1u << arch) != 0)
			value_append(arena, arches, value_new_string(arena, arch_name(arch)));
	print_version(arena, kernel, "at_least", gate->kernel_from);
	print_version(arena, kernel, "below", gate->kernel_below);
	if (arches->count > 0)
		value_set(arena, when, "arch", arches);
	if (kernel->count > 0)
		value_set(arena, when, "kernel", kernel);
}

/* NULL where there is nothing to say. `only`: of dialect alternatives, this one. */
static struct value *print_when(struct arena *arena, const struct rule *rule, size_t only)
{
	struct value *when = value_new_object(arena);

	print_gate(arena, when, &rule->gate);
	for (size_t i = 0; i < rule->condition_count; i++) {
		const struct rule_condition *condition = &rule->conditions[i];
		struct value *object = (struct value *)value_get(when, condition->argument);

		if (condition->alternative && i != only)
			continue;
		if (object == NULL)
			object = value_set(arena, when, condition->argument,
			                   value_new_object(arena));
		print_condition(arena, object, condition);
	}
	return when->count == 0 ? NULL : when;
}

/* ---- rules ---- */

static void append_rule(const struct printer *printer, int call, const struct rule *rule,
                        size_t only)
{
	struct arena *arena = printer->arena;
	struct value *object = value_new_object(arena), *when = print_when(arena, rule, only);

	set_string(arena, object, "call", syscall_name(call));
	if (when != NULL)
		value_set(arena, object, "when", when);
	value_set(arena, object, "decision",
	          print_decision(arena, rule_decision(rule, printer->policy->fallback)));
	for (unsigned i = 0; capability_name(i) != NULL; i++) {
		struct value *part = value_new_object(arena);

		if ((rule->gate.capabilities & UINT64_C(1) << i) == 0)
			continue;
		set_string(arena, part, "capability", capability_name(i));
		value_append(arena, value_set(arena, part, "rules", value_new_array(arena)),
		             object);
		object = part;
	}
	if (rule->gate.capability_not != 0 || rule->gate.not_natives != 0)
		set_string(arena, object, "comment", "stands only where its \"excludes\" says so");
	value_append(arena, printer->rules, object);
}

/* The rules of each call, in order, up to the first plain one: counted first, then filled in. */
struct call_list {
	const struct rule **rules;
	size_t count, room;
	bool closed;
};

static void list_rules(struct call_list *lists, struct arena *arena, const struct policy *policy)
{
	for (size_t i = 0; i < policy->rule_count; i++) {
		const struct rule *rule = &policy->rules[i];

		for (size_t j = 0; j < rule->call_count; j++) {
			struct call_list *list = &lists[rule->calls[j]];

			if (list->closed)
				continue;
			if (list->count == list->room) {
				const struct rule **grown;

				list->room = list->room == 0 ? 4 : list->room * 2;
				grown = arena_array(arena, list->room, sizeof *grown);
				if (list->count > 0)
					memcpy(grown, list->rules, list->count * sizeof *grown);
				list->rules = grown;
			}
			list->rules[list->count++] = rule;
			list->closed = rule_is_plain(rule);
		}
	}
}

static void print_call(const struct printer *printer, int call, const struct call_list *list)
{
	const struct rule *first = list->count == 0 ? NULL : list->rules[0];
	struct value *name = value_new_string(printer->arena, syscall_name(call));

	if (first == NULL)
		return;
	if (rule_is_plain(first) && first->by_default) {
		value_append(printer->arena, printer->deny, name);
		return;
	}
	if (rule_is_plain(first) && first->decision.kind == DECISION_ALLOW) {
		value_append(printer->arena, printer->allow, name);
		return;
	}
	for (size_t i = 0; i < list->count; i++) {
		const struct rule *rule = list->rules[i];
		bool alternatives = rule->condition_count > 0 && rule->conditions[0].alternative;

		for (size_t j = 0; j < (alternatives ? rule->condition_count : 1); j++)
			append_rule(printer, call, rule, j);
	}
}

static bool ever_allows(const struct policy *policy, const struct call_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		if (rule_opens(list->rules[i]))
			return true;
	return !list->closed && policy->fallback.kind <= DECISION_LOG;
}

static void close_by_ceilings(struct call_list *lists, struct arena *arena,
                              const struct policy *policy)
{
	static const struct rule closed = { .decision = { DECISION_ERRNO, EPERM },
		                            .by_default = true };
	static const struct rule *const only[] = { &closed };

	for (policy = policy->ceiling; policy != NULL; policy = policy->ceiling) {
		struct call_list *upper = arena_array(arena, syscall_count(), sizeof *upper);

		if (!policy_says(policy, SETTING_CALLS))
			continue;
		list_rules(upper, arena, policy);
		for (size_t call = 0; call < syscall_count(); call++)
			if (!ever_allows(policy, &upper[call]))
				lists[call] = (struct call_list){ (const struct rule **)only, 1, 1,
					                          true };
	}
}

struct value *policy_calls_to_value(struct arena *arena, const struct policy *policy)
{
	struct call_list *lists = arena_array(arena, syscall_count(), sizeof *lists);
	struct value *object = value_new_object(arena);
	struct value *arches = value_new_array(arena);
	struct printer printer = { arena, policy, value_new_array(arena), value_new_array(arena),
		                   value_new_array(arena) };

	value_set(arena, object, "default", print_decision(arena, policy->fallback));
	value_set(arena, object, "unknown", print_decision(arena, policy->unknown));
	for (unsigned arch = 0; arch < ARCH_COUNT; arch++)
		if ((policy->arches & 1u << arch) != 0)
			value_append(arena, arches, value_new_string(arena, arch_name(arch)));
	value_set(arena, object, "architectures", arches);
	list_rules(lists, arena, policy);
	close_by_ceilings(lists, arena, policy);
	for (size_t call = 0; call < syscall_count(); call++)
		print_call(&printer, (int)call, &lists[call]);
	value_set(arena, object, "rules", printer.rules);
	value_set(arena, object, "deny", printer.deny);
	value_set(arena, object, "allow", printer.allow);
	return object;
}
