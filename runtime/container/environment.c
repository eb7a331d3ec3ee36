/*
 * environment: what the container's processes find in their environment. Nothing of the caller's
 * own gets there unless it is named.
 */
#include "runtime/container/launch.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/base/text.h"

#include <string.h>
#include <unistd.h>

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

/* All that the caller has, but for his home, which is not there. */
static void take_callers(struct plan_strings *list, struct arena *arena)
{
	for (char **next = environ; next != NULL && *next != NULL; next++)
		if (strchr(*next, '=') != NULL && (*next)[0] != '=' && !text_starts(*next, "HOME="))
			launch_set_variable(list, arena, arena_strdup(arena, *next));
}

/* Before the caller's own are set: what he names he gets. */
static void unset(struct plan_strings *list, const struct run_request *request)
{
	size_t kept = 0;

	for (size_t i = 0; i < list->count; i++) {
		const char *variable = list->items[i];
		size_t length = strcspn(variable, "=");
		bool gone = request->unset_all;

		for (size_t j = 0; j < request->unset.count && !gone; j++)
			gone = strlen(request->unset.items[j]) == length &&
			       strncmp(request->unset.items[j], variable, length) == 0;
		if (!gone)
			list->items[kept++] = variable;
	}
	while (list->count > kept)
		list->items[--list->count] = NULL;
}

int launch_environment(struct plan_strings *ret, struct arena *arena, const struct launch *launch,
                       struct error *err)
{
	static const char path[] =
	        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
	const struct run_request *request = launch->request;
	struct plan_strings list = {};

	if (request->env_host)
		take_callers(&list, arena);
	launch_set_variable(&list, arena, path);
	launch_set_variable(&list, arena, arena_printf(arena, "HOSTNAME=%s", launch->hostname));
	launch_set_variable(&list, arena, "container=cordon");
	if (request->terminal)
		launch_set_variable(&list, arena, "TERM=xterm");
	for (size_t i = 0; launch->image != NULL && i < launch->image->config.environment.count;
	     i++) {
		const char *variable = launch->image->config.environment.items[i];

		/* an image names no variable of the caller's */
		if (variable[0] != '=' && strchr(variable, '=') != NULL)
			launch_set_variable(&list, arena, variable);
	}
	unset(&list, request);
	*ret = list;
	return launch_set_environment(ret, arena, &request->environment, err);
}
