/*
 * argument: where a named argument of a call stands, and whether it may be compared.
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
static int unnamed_argument(uint8_t *index, bool *is_32bit, int call, const char *name,
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
	*index = (uint8_t)(name[3] - '0');
	*is_32bit = false;
	return 0;
}

int rule_argument(uint8_t *index, bool *is_32bit, int call, const char *name, struct error *err)
{
	int place = syscall_argument_find(call, name);
	const struct argument *argument;

	if (place < 0)
		return unnamed_argument(index, is_32bit, call, name, err);
	argument = syscall_argument(call, (unsigned)place);
	if (argument->kind == ARGUMENT_POINTER) {
		error_set(err, 0,
		          "'%s' of %s is a pointer: a filter sees the address, not what is there, "
		          "and another thread can change that after the check",
		          name, syscall_name(call));
		return error_hint(err, "allow or deny %s as a whole", syscall_name(call));
	}
	*index = (uint8_t)place;
	*is_32bit = argument_is_32bit(argument->kind);
	return 0;
}
