/*
 * argument: where a named argument of a call stands, and how much of its register is compared.
 *
 * While a profile is read its calls are of no architecture yet, and the usual arguments are meant;
 * a filter is for one, where a call may have others (arguments.tsv). What cannot be compared there
 * is an error, not a rule left out.
 */
#include "policy/model.h"

#include <string.h>

enum { ARGUMENTS_MAX = 6 };

static int unknown_argument(int call, const char *name, struct error *err)
{
	_cleanup_text struct text list = {};
	const char *nearest = NULL;
	unsigned best = 3;

	for (unsigned i = 0; i < ARGUMENTS_MAX && syscall_argument(call, i) != NULL; i++) {
		const char *known = syscall_argument(call, i)->name;
		unsigned distance = text_distance(name, known);

		text_printf(&list, "%s%s", i == 0 ? "" : ", ", known);
		if (distance < best && distance < strlen(known)) {
			best = distance;
			nearest = known;
		}
	}
	error_set(err, 0, "%s has no argument '%s'; its arguments are %s", syscall_name(call), name,
	          text_string(&list));
	return nearest == NULL ? -1 : error_hint(err, "did you mean '%s'?", nearest);
}

/* arg0..arg5 are for calls the table has no names for. */
static int unnamed_argument(struct argument_place *ret, int call, const char *name,
                            struct error *err)
{
	bool numbered = strlen(name) == 4 && strncmp(name, "arg", 3) == 0 && name[3] >= '0' &&
	                name[3] < '0' + ARGUMENTS_MAX;

	if (syscall_argument(call, 0) != NULL)
		return unknown_argument(call, name, err);
	if (!numbered)
		return error_set(err, 0,
		                 "the names of the arguments of %s are not in the table; they are "
		                 "arg0 to arg5 here",
		                 syscall_name(call));
	*ret = (struct argument_place){ (uint8_t)(name[3] - '0'), 64 };
	return 0;
}

static int pointer_argument(int call, const char *name, struct error *err)
{
	error_set(err, 0,
	          "'%s' of %s is a pointer: a filter sees the address, not what is there, and "
	          "another thread can change that after the check",
	          name, syscall_name(call));
	return error_hint(err, "allow or deny %s as a whole", syscall_name(call));
}

int rule_argument(struct argument_place *ret, int call, const char *name, struct error *err)
{
	int place = syscall_argument_find(call, name);
	const struct argument *argument;

	if (place < 0)
		return unnamed_argument(ret, call, name, err);
	argument = syscall_argument(call, (unsigned)place);
	if (argument->kind == ARGUMENT_POINTER)
		return pointer_argument(call, name, err);
	*ret = (struct argument_place){ (uint8_t)place, (uint8_t)argument_bits(argument->kind) };
	return 0;
}

int rule_argument_in(struct argument_place *ret, enum arch arch, int call, const char *name,
                     struct error *err)
{
	struct argument_place usual;
	int place = syscall_argument_find_in(arch, call, name);
	const struct argument *argument;

	if (rule_argument(&usual, call, name, err) < 0)
		return -1;
	if (syscall_argument(call, 0) != NULL) {
		argument = place < 0 ? NULL : syscall_argument_in(arch, call, (unsigned)place);
		if (argument == NULL || argument->kind == ARGUMENT_POINTER) {
			error_set(err, 0,
			          "%s has '%s' of %s not in one register: it cannot be compared "
			          "there",
			          arch_name(arch), name, syscall_name(call));
			return error_hint(err,
			                  "say {\"arch\": ...} in \"when\" and decide %s "
			                  "as a whole for %s",
			                  syscall_name(call), arch_name(arch));
		}
		usual = (struct argument_place){ (uint8_t)place,
			                         (uint8_t)argument_bits(argument->kind) };
	}
	if (arch_is_32bit(arch) && usual.bits > 32)
		usual.bits = 32;
	*ret = usual;
	return 0;
}
