#include "runtime/registry/scope.h"

#include "sandbox/base/text.h"

#include <string.h>

static size_t count_letters(const char *text, const char *letters)
{
	size_t count = 0;

	for (; *text != '\0'; text++)
		count += strchr(letters, *text) != NULL;
	return count;
}

/* Appends the path and all that it lies in, the nearest first. */
static void add_parents(struct plan_strings *ret, struct arena *arena, const char *path)
{
	char *parent = arena_strdup(arena, path), *slash;

	for (;;) {
		ret->items[ret->count++] = arena_strdup(arena, parent);
		slash = strrchr(parent, '/');
		if (slash == NULL || slash == parent)
			return;
		*slash = '\0';
	}
}

void scope_of_reference(struct plan_strings *ret, struct arena *arena,
                        const struct reference *reference)
{
	const char *name = arena_printf(arena, "%s/%s", reference->domain, reference->path);
	const char *host = arena_text(arena, reference->domain, strcspn(reference->domain, ":"));
	bool digest = reference->digest != NULL;

	ret->count = 0;
	ret->items = arena_array(arena, count_letters(name, "/.") + 3, sizeof *ret->items);
	ret->items[ret->count++] = arena_printf(arena, "%s%s%s", name, digest ? "@" : ":",
	                                        digest ? reference->digest : reference->tag);
	add_parents(ret, arena, name);
	while ((host = strchr(host, '.')) != NULL)
		ret->items[ret->count++] = arena_printf(arena, "*.%s", ++host);
}

void scope_of_path(struct plan_strings *ret, struct arena *arena, const char *path)
{
	ret->count = 0;
	ret->items = arena_array(arena, count_letters(path, "/") + 2, sizeof *ret->items);
	if (path[0] == '/' && path[1] != '\0')
		add_parents(ret, arena, path);
}
