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

/* The policy may be joined with others, and read from the same text once more. */
bool check_is_own(const struct check *check, const struct rule *rule)
{
	const struct policy_source *source = rule->source;

	return source != NULL && source->length == check->source->length &&
	       memcmp(source->text, check->source->text, source->length) == 0;
}

static bool spells(const struct value *value, int call)
{
	return value != NULL && value->kind == VALUE_STRING &&
	       strcmp(value->string, syscall_name(call)) == 0;
}

const struct value *check_name_of(const struct rule *rule, int call)
{
	const struct value *names = value_get(rule->written, rule->dialect ? "names" : "call");

	if (spells(rule->written, call))
		return rule->written;
	if (spells(names, call))
		return names;
	for (size_t i = 0; names != NULL && names->kind == VALUE_ARRAY && i < names->count; i++)
		if (spells(names->items[i], call))
			return names->items[i];
	return NULL;
}

bool check_is_native(enum arch arch)
{
	return arch != ARCH_I386 && arch != ARCH_X32 && arch != ARCH_ARM;
}

uint32_t check_family(const struct check *check, enum arch native)
{
	return 1u << native | (arch_beside(native) & check->policy->arches);
}

enum openness check_openness(const struct check *check, int call, uint32_t arches)
{
	enum openness widest = OPEN_TO_NONE;

	for (unsigned arch = 0; arch < ARCH_COUNT; arch++)
		if ((arches & 1u << arch) != 0 && check->open[call][arch] > widest)
			widest = check->open[call][arch];
	return widest;
}

/* With user_namespaces false clone3 is closed, whatever the rules say (rules.c). */
static void check_guard(const struct check *check, const struct rule *rule)
{
	int call = syscall_find("clone3");
	const struct value *name = check_name_of(rule, call);

	if (name != NULL && rule_opens(rule) && !check->policy->user_namespaces)
		check_warn(check, name,
		           "this never decides: clone3 answers ENOSYS as long as "
		           "\"user_namespaces\" is false, since a filter cannot see its flags");
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

static const char *const dialect_keys[] = { "defaultAction", "defaultErrnoRet",
	                                    "defaultErrno",  "architectures",
	                                    "archMap",       "syscalls",
	                                    "flags",         NULL };
static const char *const entry_keys[] = { "names", "name",    "action",   "errnoRet", "errno",
	                                  "args",  "comment", "includes", "excludes", NULL };

/* Docker compares the names in `includes` and `excludes` letter by letter. */
static void check_gate_names(const struct check *check, const struct value *gate)
{
	static const char *const not_of_go[] = { "x86_64", "aarch64", "i386", "i686" };
	const struct value *caps = value_get(gate, "caps"), *arches = value_get(gate, "arches");

	for (size_t i = 0; caps != NULL && caps->kind == VALUE_ARRAY && i < caps->count; i++)
		if (capability_from_full_name(value_string(caps->items[i], "")) < 0)
			check_warn(check, caps->items[i],
			           "no process has a capability '%s': Docker compares letter by "
			           "letter, \"CAP_SYS_ADMIN\"",
			           value_string(caps->items[i], ""));
	for (size_t i = 0; arches != NULL && arches->kind == VALUE_ARRAY && i < arches->count; i++)
		for (size_t j = 0; j < ARRAY_SIZE(not_of_go); j++)
			if (strcmp(value_string(arches->items[i], ""), not_of_go[j]) == 0)
				check_warn(check, arches->items[i],
				           "no machine is '%s' here: Go's names are amd64, arm64, "
				           "x86",
				           not_of_go[j]);
}

static void check_dialect(const struct check *check, const struct rule *rule)
{
	const struct value *names = value_get(rule->written, "names");
	const struct argument *argument;

	check_keys(check, rule->written, entry_keys);
	check_gate_names(check, value_get(rule->written, "includes"));
	check_gate_names(check, value_get(rule->written, "excludes"));
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

static void check_rule(const struct check *check, size_t index)
{
	const struct rule *rule = &check->policy->rules[index];

	if (!check_is_own(check, rule))
		return; /* inherited: its own file is the place to say so */
	if (rule->dialect) {
		check_dialect(check, rule);
	} else {
		check_idle(check, index);
		check_guard(check, rule);
		check_constants(check, rule);
	}
	check_twins(check, rule);
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
		.matches = arena_array(arena, policy->rule_count, sizeof(bool)),
		.decides = arena_array(arena, policy->rule_count, sizeof(bool)),
		.open = arena_array(arena, syscall_count(), sizeof *check.open),
		.same = arena_array(arena, check_twin_count(), sizeof *check.same),
	};
	struct value *root;

	if (value_decode(&root, arena, source->file, source->text, source->length, err) < 0)
		return -1;
	check_survey(&check);
	if (policy->dialect)
		check_keys(&check, root, dialect_keys);
	for (size_t i = 0; i < policy->rule_count && found.count < WARNINGS_MAX; i++)
		check_rule(&check, i);
	if (policy_says(policy, SETTING_CALLS) && !check.gave_up)
		check_capabilities(&check, value_get(root, "capabilities"));
	if (check.gave_up)
		check_warn(&check, root,
		           "too many rules to say which of them never decide, and what is open "
		           "through a twin");
	*warnings = found;
	return 0;
}
