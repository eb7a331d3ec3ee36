#include "runtime/image/list.h"

void list_append(struct plan_strings *list, struct arena *arena, const char *item)
{
	/* One more for the NULL at the end: room is doubled at 1, 3, 7, ... items. */
	if (list->count == 0 || (list->count & (list->count + 1)) == 0) {
		const char **items = arena_array(arena, 2 * list->count + 2, sizeof *items);

		for (size_t i = 0; i < list->count; i++)
			items[i] = list->items[i];
		list->items = items;
	}
	list->items[list->count++] = item;
	list->items[list->count] = NULL;
}
