/*
 * function: the one list of functions, from the rows of three files.
 */
#include "runtime/cli/template/function.h"

#include "sandbox/base/cleanup.h"

#include <string.h>

static const struct function *const tables[] = {
	compare_functions,
	word_functions,
	escape_functions,
};

const struct function *function_find(const char *name, size_t length)
{
	for (size_t i = 0; i < ARRAY_SIZE(tables); i++)
		for (const struct function *row = tables[i]; row->name != NULL; row++)
			if (strlen(row->name) == length && strncmp(row->name, name, length) == 0)
				return row;
	return NULL;
}

void function_names(struct text *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(tables); i++)
		for (const struct function *row = tables[i]; row->name != NULL; row++)
			text_printf(ret, " %s", row->name);
}
