/*
 * check_dialect: what surprises in a Docker seccomp file. Docker takes no notice of what it does
 * not know, be it a key, a call, a capability or an architecture; it does not even say so.
 */
#include "policy/check.h"

#include "policy/parse.h"
#include "sandbox/base/cleanup.h"

#include <string.h>
#include <strings.h>

/* Of the first architecture that the rule is for and that has the call. */
static const char *known_argument(const struct rule *rule, size_t index,
                                  const struct argument **argument)
{
	uint32_t natives = rule->gate.natives == 0 ? UINT32_MAX : rule->gate.natives;

	natives &= ~rule->gate.not_natives;
	for (size_t i = 0; i < rule->call_count; i++) {
		for (unsigned arch = 0; arch < ARCH_COUNT; arch++) {
			if ((natives & 1u << arch) == 0 || syscall_number(arch, rule->calls[i]) < 0)
				continue;
			*argument = syscall_argument_in(arch, rule->calls[i], (unsigned)index);
			if (*argument != NULL)
				return syscall_name(rule->calls[i]);
		}
	}
	return NULL;
}

/* ", did you mean 'X'?", or nothing. */
static const char *or_rather(const struct check *check, const char *nearest)
{
	return nearest == NULL ? "" : arena_printf(check->arena, "; did you mean '%s'?", nearest);
}

static size_t count_keys(const char *const *known)
{
	size_t count = 0;

	while (known[count] != NULL)
		count++;
	return count;
}

/* Docker skips keys it does not know: a misspelt one is not seen there. Go reads them in any case.
 */
static void check_keys(const struct check *check, const struct value *object,
                       const char *const *known)
{
	for (size_t i = 0; object != NULL && object->kind == VALUE_OBJECT && i < object->count;
	     i++) {
		const char *key = object->items[i]->key;
		size_t count = count_keys(known), j = 0;

		while (j < count && strcasecmp(known[j], key) != 0)
			j++;
		if (j == count)
			check_warn_key(check, object->items[i],
			               "the key \"%.60s\" means nothing here%s", key,
			               or_rather(check, parse_nearest(key, known, count)));
	}
}

static void check_keys_each(const struct check *check, const struct value *list,
                            const char *const *known)
{
	for (size_t i = 0; list != NULL && list->kind == VALUE_ARRAY && i < list->count; i++)
		check_keys(check, list->items[i], known);
}

static const char *const dialect_keys[] = { "defaultAction", "defaultErrnoRet", "defaultErrno",
	                                    "architectures", "archMap",         "syscalls",
	                                    "flags",         "listenerPath",    NULL };
static const char *const map_keys[] = { "architecture", "subArchitectures", NULL };
static const char *const gate_keys[] = { "arches", "caps", "minKernel", NULL };
static const char *const argument_keys[] = { "index", "value", "valueTwo", "op", NULL };
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

static void check_names(const struct check *check, const struct value *names)
{
	for (size_t i = 0; names != NULL && names->kind == VALUE_ARRAY && i < names->count; i++) {
		const char *name = value_string(names->items[i], "");

		if (syscall_find(name) == SYSCALL_UNKNOWN)
			check_warn(check, names->items[i],
			           "there is no system call '%s': left out%s", name,
			           or_rather(check, syscall_nearest(name)));
	}
}

static void check_condition(const struct check *check, const struct rule *rule,
                            const struct rule_condition *condition)
{
	const struct argument *argument;
	const char *call = known_argument(rule, (size_t)condition->index, &argument);

	if (call == NULL)
		return;
	if (argument->kind == ARGUMENT_POINTER)
		check_warn(check, rule->written,
		           "'%s' of %s is a pointer: comparing it says nothing", argument->name,
		           call);
	else if (argument_is_32bit(argument->kind))
		check_warn(check, rule->written,
		           "'%s' of %s is 32 bits wide, but 64 are compared: %s", argument->name,
		           call,
		           rule_opens(rule) ? "a call with high bits set is denied"
		                            : "setting a high bit steps around this denial");
}

void check_dialect(const struct check *check, const struct rule *rule)
{
	const struct value *includes = value_get(rule->written, "includes");
	const struct value *excludes = value_get(rule->written, "excludes");

	check_keys(check, rule->written, entry_keys);
	check_keys(check, includes, gate_keys);
	check_keys(check, excludes, gate_keys);
	check_keys_each(check, value_get(rule->written, "args"), argument_keys);
	check_gate_names(check, includes);
	check_gate_names(check, excludes);
	if (rule->decision.kind == DECISION_ERRNO && rule->decision.data == 0)
		check_warn(check, rule->written,
		           "errno 0: these calls do nothing and say they "
		           "succeeded");
	check_names(check, value_get(rule->written, "names"));
	if (rule->condition_count > 0 && rule->conditions[0].alternative)
		check_warn(check, rule->written,
		           "two conditions on one argument are alternatives "
		           "here: one of them is enough");
	for (size_t i = 0; i < rule->condition_count; i++)
		check_condition(check, rule, &rule->conditions[i]);
}

void check_dialect_root(const struct check *check, const struct value *root)
{
	check_keys(check, root, dialect_keys);
	check_keys_each(check, value_get(root, "archMap"), map_keys);
}
