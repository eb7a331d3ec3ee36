#include "runtime/cli/label.h"

#include <string.h>

bool label_matches(const struct value *labels, const char *wanted)
{
	size_t length = strcspn(wanted, "=");

	for (size_t i = 0; labels != NULL && labels->kind == VALUE_OBJECT && i < labels->count; i++)
		if (strlen(labels->items[i]->key) == length &&
		    strncmp(labels->items[i]->key, wanted, length) == 0)
			return wanted[length] == '\0' ||
			       text_equal(value_string(labels->items[i], NULL),
			                  wanted + length + 1);
	return false;
}
