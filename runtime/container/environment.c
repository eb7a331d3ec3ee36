/*
 * environment: what the container's processes find in their environment. Nothing of the caller's
 * own gets there unless it is named.
 */
#include "runtime/container/launch.h"

#include "sandbox/base/cleanup.h"

#include <string.h>

struct plan_strings launch_copy(struct arena *arena, const struct plan_strings *list)
{
	struct plan_strings copy = {};

	for (size_t i = 0; i < list->count; i++)
		launch_append(arena, &copy, list->items[i]);
	return copy;
}

/* The room of a list is the power of two above its count: items[count] stays NULL. */
void launch_append(struct arena *arena, struct plan_strings *list, const char *item)
{
	bool is_full = list->count == 0 ||
	               (list->count + 1 >= 4 && ((list->count + 1) & list->count) == 0);

	if (is_full) {
		size_t room = list->count == 0 ? 4 : (list->count + 1) * 2;
		const char **items = arena_array(arena, room, sizeof *items);

		if (list->count > 0)
			memcpy(items, list->items, list->count * sizeof *items);
		list->items = items;
	}
	list->items[list->count++] = item;
}

void launch_set_variable(struct plan_strings *list, struct arena *arena, const char *variable)
{
	size_t length = strcspn(variable, "=") + 1;

	for (size_t i = 0; i < list->count; i++)
		if (strncmp(list->items[i], variable, length) == 0) {
			list->items[i] = variable;
			return;
		}
	launch_append(arena, list, variable);
}

int launch_set_environment(struct plan_strings *ret, struct arena *arena,
                           const struct plan_strings *given, struct error *err)
{
	for (size_t i = 0; i < given->count; i++) {
		const char *word = given->items[i], *own;

		if (word[0] == '\0' || word[0] == '=')
			return error_set(err, 0, "invalid environment variable: '%.100s'", word);
		own = strchr(word, '=') == NULL ? getenv(word) : NULL;
		if (strchr(word, '=') != NULL)
			launch_set_variable(ret, arena, word);
		else if (own != NULL)
			launch_set_variable(ret, arena, arena_printf(arena, "%s=%s", word, own));
	}
	return 0;
}

int launch_environment(struct plan_strings *ret, struct arena *arena, const struct launch *launch,
                       struct error *err)
{
	static const char path[] =
	        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
	const struct run_request *request = launch->request;
	struct plan_strings list = {};

	launch_append(arena, &list, path);
	launch_append(arena, &list, arena_printf(arena, "HOSTNAME=%s", launch->hostname));
	launch_append(arena, &list, "container=cordon");
	if (request->terminal)
		launch_append(arena, &list, "TERM=xterm");
	for (size_t i = 0; launch->image != NULL && i < launch->image->config.environment.count;
	     i++) {
		const char *variable = launch->image->config.environment.items[i];

		/* an image names no variable of the caller's */
		if (variable[0] != '=' && strchr(variable, '=') != NULL)
			launch_set_variable(&list, arena, variable);
	}
	*ret = list;
	return launch_set_environment(ret, arena, &request->environment, err);
}
