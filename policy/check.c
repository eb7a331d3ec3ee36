/*
 * check: what is well-formed but surprises. Nothing here is an error: the profile means what it
 * says; somebody may have meant something else.
 */
#include "policy/check.h"
#include "sandbox/base/cleanup.h"

#include <string.h>

enum { WARNINGS_MAX = 200 };

static void warn(const struct check *check, const struct value *value, bool key, const char *text)
{
	const struct policy_source *source = check->source;
	struct position position;

	if (check->warnings->count >= WARNINGS_MAX)
		return;
	position = value_position(value, source->text, source->length, key);
	strings_append(check->arena, check->warnings,
	               arena_printf(check->arena, "%s:%u:%u: warning: %s", source->file,
	                            position.line, position.column, text));
}

void check_warn(const struct check *check, const struct value *value, const char *format, ...)
{
	char text[400];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	warn(check, value, false, text);
}

void check_warn_key(const struct check *check, const struct value *member, const char *format, ...)
{
	char text[400];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	warn(check, member, true, text);
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

/* ---- all ---- */

static void check_rule(const struct check *check, size_t index)
{
	const struct rule *rule = &check->policy->rules[index];

	if (!check_is_own(check, rule))
		return; /* inherited: its own file is the place to say so */
	if (rule->call_count > 0)
		check_idle(check, index);
	if (rule->dialect) {
		check_dialect(check, rule);
	} else {
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
		.doors = arena_array(arena, syscall_count(), sizeof *check.doors),
		.same = arena_array(arena, check_twin_count(), sizeof *check.same),
		.own = arena_array(arena, check_twin_count(), sizeof *check.own),
	};
	struct value *root;

	if (value_decode_large(&root, arena, source->file, source->text, source->length, err) < 0)
		return -1;
	check_survey(&check);
	if (policy->dialect)
		check_dialect_root(&check, root);
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
