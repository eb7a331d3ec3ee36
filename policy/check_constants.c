/*
 * check_constants: a name that is a number of something else: SOCK_STREAM for a domain, F_SETFL for
 * an ioctl. It is a number all the same, so the rule stands; it is rarely what was meant.
 */
#include "policy/check.h"
#include "sandbox/base/cleanup.h"

#include <string.h>

/* Families whose arguments take no others' constants. Flags are not here: SIGCHLD is a part of
 * clone's, O_CLOEXEC of many. */
static bool is_strict(const char *family)
{
	static const char *const names[] = { "AF",    "SOCK",   "PR",       "KEYCTL", "BPF",
		                             "CLOCK", "PTRACE", "RLIMIT",   "SIG",    "SYS",
		                             "FUTEX", "PROT",   "MADV",     "IOCTL",  "PER",
		                             "KCMP",  "SCHED",  "FSCONFIG", "SECCOMP" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (strcmp(names[i], family) == 0)
			return true;
	return false;
}

/* The first name of "A|B" that is of another family; NULL. */
static const char *find_stranger(const struct check *check, const char *names, const char *family)
{
	for (const char *next = names; next != NULL;) {
		size_t length = strcspn(next, "|");
		const char *name = arena_text(check->arena, next, length);
		const char *own = constant_family(name);

		if (own != NULL && strcmp(own, family) != 0)
			return name;
		next = next[length] == '|' ? next + length + 1 : NULL;
	}
	return NULL;
}

static void check_operand(const struct check *check, const struct rule *rule,
                          const struct rule_condition *condition, const struct operand *operand)
{
	int place = syscall_argument_find(rule->calls[0], condition->argument);
	const struct value *at = value_get(value_get(rule->written, "when"), condition->argument);
	const struct argument *argument;
	const char *stranger;

	if (place < 0 || operand->name == NULL)
		return;
	argument = syscall_argument(rule->calls[0], (unsigned)place);
	if (!is_strict(argument->constants))
		return;
	stranger = find_stranger(check, operand->name, argument->constants);
	if (stranger != NULL)
		check_warn(check, at == NULL ? rule->written : at,
		           "%s is no value of '%s' of %s: it is of %s, the argument takes %s",
		           stranger, condition->argument, syscall_name(rule->calls[0]),
		           constant_family(stranger), argument->constants);
}

void check_constants(const struct check *check, const struct rule *rule)
{
	for (size_t i = 0; rule->call_count > 0 && i < rule->condition_count; i++) {
		const struct rule_condition *condition = &rule->conditions[i];

		check_operand(check, rule, condition, &condition->mask);
		for (size_t j = 0; j < condition->count; j++)
			check_operand(check, rule, condition, &condition->values[j]);
	}
}
