/*
 * check: what is well-formed but surprises. Nothing here is an error: the profile means what it
 * says; somebody may have meant something else.
 */
#include "policy/check.h"
#include "sandbox/base/cleanup.h"

#include <string.h>

enum { WARNINGS_MAX = 200 };

void check_warn(const struct check *check, const struct value *value, const char *format, ...)
{
	const struct policy_source *source = check->source;
	struct position position;
	char text[400];
	va_list arguments;

	if (check->warnings->count >= WARNINGS_MAX)
		return;
	position = value_position(value, source->text, source->length, false);
	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	strings_append(check->arena, check->warnings,
	               arena_printf(check->arena, "%s:%u:%u: warning: %s", source->file,
	                            position.line, position.column, text));
}

/* ---- rules that do nothing ---- */

static void check_shadow(const struct check *check, size_t index)
{
	const struct rule *rule = &check->policy->rules[index];
	size_t shadowed = 0;
	int by = -1;

	for (size_t i = 0; i < rule->call_count; i++) {
		int closed_by = check->closed_by[rule->calls[i]];

		if (closed_by < 0 || closed_by >= (int)index)
			continue;
		by = closed_by;
		shadowed++;
	}
	if (shadowed == 0 || shadowed < rule->call_count)
		return;
	check_warn(check, rule->written, "this never decides: the rule at line %u already %s %s",
	           value_position(check->policy->rules[by].written, check->source->text,
	                          check->source->length, false)
	                   .line,
	           rule_opens(&check->policy->rules[by]) ? "allows" : "denies",
	           rule->call_count == 1 ? syscall_name(rule->calls[0]) : "all of these calls");
}

/* Whether a condition can hold at all for the values it names. */
static bool can_hold(const struct rule_condition *condition)
{
	uint64_t value, mask;

	if (condition->operator== CONDITION_BELOW)
		return !operand_value(&value, ARCH_X86_64, condition->values) || value > 0;
	if (condition->operator!=
	    CONDITION_MASKED || !operand_value(&mask, ARCH_X86_64, &condition->mask))
		return true;
	for (size_t i = 0; i < condition->count; i++)
		if (!operand_value(&value, ARCH_X86_64, &condition->values[i]) ||
		    (value & ~mask) == 0)
			return true;
	return false;
}

/* Two of IS on one argument with different numbers cannot come from schema 1; bounds can cross. */
static bool bounds_cross(const struct rule *rule, const struct rule_condition *lower)
{
	uint64_t low, high;

	if ((lower->operator!= CONDITION_AT_LEAST && lower->operator!= CONDITION_ABOVE) ||
	    !operand_value(&low, ARCH_X86_64, lower->values))
		return false;
	for (size_t i = 0; i < rule->condition_count; i++) {
		const struct rule_condition *upper = &rule->conditions[i];

		if ((upper->operator!= CONDITION_AT_MOST && upper->operator!= CONDITION_BELOW) ||
		    strcmp(upper->argument, lower->argument) != 0 ||
		    !operand_value(&high, ARCH_X86_64, upper->values))
			continue;
		if (low > high ||
		    (low == high &&
		     (lower->operator== CONDITION_ABOVE || upper->operator== CONDITION_BELOW)))
			return true;
	}
	return false;
}

static void check_conditions(const struct check *check, const struct rule *rule)
{
	const struct rule_gate *gate = &rule->gate;

	if (gate->kernel_below != 0 && gate->kernel_from >= gate->kernel_below)
		check_warn(check, rule->written,
		           "this can never match: no kernel is in this range");
	for (size_t i = 0; i < rule->condition_count; i++) {
		const struct rule_condition *condition = &rule->conditions[i];

		if (!can_hold(condition))
			check_warn(check, rule->written, "this can never match: %s",
			           condition->operator== CONDITION_BELOW
			                   ? "nothing is below 0"
			                   : "the value has bits outside of the mask");
		else if (bounds_cross(rule, condition))
			check_warn(check, rule->written,
			           "this can never match: no value of '%s' is "
			           "within both bounds",
			           condition->argument);
	}
}

static bool call_exists(const struct rule *rule, int call)
{
	for (unsigned arch = 0; arch < ARCH_COUNT; arch++)
		if ((rule->gate.arches & 1u << arch) != 0 && syscall_number(arch, call) >= 0)
			return true;
	return rule->gate.arches == 0;
}

static void check_arches(const struct check *check, const struct rule *rule)
{
	for (size_t i = 0; i < rule->call_count; i++)
		if (call_exists(rule, rule->calls[i]))
			return;
	if (rule->call_count > 0)
		check_warn(check, rule->written,
		           "this can never match: none of the named architectures "
		           "has %s",
		           syscall_name(rule->calls[0]));
}

/* ---- Docker's form ---- */

static const char *known_argument(const struct rule *rule, size_t index,
                                  const struct argument **argument)
{
	for (size_t i = 0; i < rule->call_count; i++) {
		*argument = syscall_argument(rule->calls[i], (unsigned)index);
		if (*argument != NULL)
			return syscall_name(rule->calls[i]);
	}
	return NULL;
}

/* Docker skips keys it does not know: a misspelt one is not seen there. */
static void check_keys(const struct check *check, const struct value *object,
                       const char *const *known)
{
	for (size_t i = 0; object->kind == VALUE_OBJECT && i < object->count; i++) {
		size_t j = 0;

		while (known[j] != NULL && strcmp(known[j], object->items[i]->key) != 0)
			j++;
		if (known[j] == NULL)
			check_warn(check, object->items[i], "the key \"%.60s\" means nothing here",
			           object->items[i]->key);
	}
}

static const char *const dialect_keys[] = {
	"defaultAction", "defaultErrnoRet", "architectures", "archMap", "syscalls", "flags", NULL
};
static const char *const entry_keys[] = { "names",   "name",     "action",   "errnoRet", "args",
	                                  "comment", "includes", "excludes", NULL };

static void check_dialect(const struct check *check, const struct rule *rule)
{
	const struct value *names = value_get(rule->written, "names");
	const struct argument *argument;

	check_keys(check, rule->written, entry_keys);
	if (rule->decision.kind == DECISION_ERRNO && rule->decision.data == 0)
		check_warn(check, rule->written,
		           "errno 0: these calls do nothing and say they "
		           "succeeded");
	for (size_t i = 0; names != NULL && names->kind == VALUE_ARRAY && i < names->count; i++)
		if (syscall_find(value_string(names->items[i], "")) == SYSCALL_UNKNOWN)
			check_warn(check, names->items[i], "there is no system call '%s': left out",
			           value_string(names->items[i], ""));
	for (size_t i = 0; i < rule->condition_count; i++) {
		const struct rule_condition *condition = &rule->conditions[i];
		const char *call = known_argument(rule, (size_t)condition->index, &argument);

		if (condition->alternative && i == 0)
			check_warn(check, rule->written,
			           "two conditions on one argument are alternatives "
			           "here: one of them is enough");
		if (call == NULL)
			continue;
		if (argument->kind == ARGUMENT_POINTER)
			check_warn(check, rule->written,
			           "'%s' of %s is a pointer: comparing it says "
			           "nothing",
			           argument->name, call);
		else if (argument_is_32bit(argument->kind))
			check_warn(check, rule->written,
			           "'%s' of %s is 32 bits wide, but 64 are compared: "
			           "%s",
			           argument->name, call,
			           rule_opens(rule)
			                   ? "a call with high bits set is denied"
			                   : "setting a high bit steps around this denial");
	}
}

/* ---- all ---- */

static void survey(const struct check *check)
{
	const struct policy *policy = check->policy;

	for (size_t call = 0; call < syscall_count(); call++) {
		check->closed_by[call] = -1;
		check->ever_open[call] = false;
	}
	for (size_t i = 0; i < policy->rule_count; i++) {
		const struct rule *rule = &policy->rules[i];

		for (size_t j = 0; j < rule->call_count; j++) {
			int call = rule->calls[j];

			if (check->closed_by[call] >= 0)
				continue;
			check->ever_open[call] = check->ever_open[call] || rule_opens(rule);
			if (rule->condition_count == 0 && gate_is_open(&rule->gate))
				check->closed_by[call] = (int)i;
		}
	}
	for (size_t call = 0; call < syscall_count(); call++)
		if (check->closed_by[call] < 0 && policy->fallback.kind <= DECISION_LOG)
			check->ever_open[call] = true;
}

int policy_check(struct plan_strings *warnings, struct arena *arena, const struct policy *policy,
                 const struct policy_source *source, struct error *err)
{
	struct plan_strings found = {};
	struct check check = {
		.warnings = &found,
		.arena = arena,
		.policy = policy,
		.source = source,
		.closed_by = arena_array(arena, syscall_count(), sizeof(int)),
		.ever_open = arena_array(arena, syscall_count(), sizeof(bool)),
	};
	struct value *root;

	if (value_decode(&root, arena, source->file, source->text, source->length, err) < 0)
		return -1;
	survey(&check);
	if (policy->dialect)
		check_keys(&check, root, dialect_keys);
	for (size_t i = 0; i < policy->rule_count && found.count < WARNINGS_MAX; i++) {
		const struct rule *rule = &policy->rules[i];

		if (strcmp(rule->source->file, source->file) != 0)
			continue; /* inherited: its own file is the place to say so */
		check_arches(&check, rule);
		check_conditions(&check, rule);
		if (rule->dialect)
			check_dialect(&check, rule);
		else
			check_shadow(&check, i);
		check_twins(&check, rule);
	}
	if (policy_says(policy, SETTING_CALLS))
		check_capabilities(&check, value_get(root, "capabilities"));
	*warnings = found;
	return 0;
}
