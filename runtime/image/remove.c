/*
 * remove: names first, files later. Once index.json does not lead to an image it is gone for every
 * reader; what it was made of goes in a sweep, now or, where somebody is loading, with theirs.
 */
#include "runtime/image/find.h"
#include "runtime/image/manifest.h"
#include "runtime/image/sweep.h"
#include "runtime/store/lock.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/text.h"

#include <string.h>

struct request {
	struct arena *arena;
	struct plan_strings *removed;
	const char *name;
	bool force;
	bool (*in_use)(void *context, const char *id);
	void *context;
};

static size_t count_names(const struct layout *layout, const char *id)
{
	size_t count = 0;

	for (size_t i = 0; i < layout->count; i++)
		count += layout->entries[i].name != NULL && strcmp(layout->entries[i].id, id) == 0;
	return count;
}

static void untag(struct layout *layout, const struct request *request, const char *name)
{
	list_append(request->removed, request->arena,
	            arena_printf(request->arena, "Untagged: %s", name));
	layout_untag(layout, name);
}

static void untag_all(struct layout *layout, const struct request *request, const char *id)
{
	for (size_t i = 0; i < layout->count;) {
		const struct layout_entry *entry = &layout->entries[i];

		if (entry->name != NULL && strcmp(entry->id, id) == 0) {
			untag(layout, request, entry->name);
			i = 0; /* entries may have moved */
		} else {
			i++;
		}
	}
}

/* The whole image, unless a container needs it: then only its names go, by force. */
static int remove_whole(struct layout *layout, const struct request *request, const char *id,
                        bool by_name, struct error *err)
{
	size_t names = count_names(layout, id);
	bool used = request->in_use != NULL && request->in_use(request->context, id);

	if (!by_name && names > 1 && !request->force) {
		error_set(err, 0, "the image %.12s has %zu names", id, names);
		return error_hint(err, "remove them one by one, or all at once with --force");
	}
	if (used && !request->force) {
		error_set(err, 0, "the image %s is used by a container", request->name);
		return error_hint(err, "remove the container first (cordon ps -a), or take only "
		                       "the name away with --force");
	}
	untag_all(layout, request, id);
	if (used)
		return 0;
	layout_forget(layout, id);
	list_append(request->removed, request->arena,
	            arena_printf(request->arena, "Deleted: sha256:%s", id));
	return 0;
}

static int change(struct layout *layout, const struct request *request, struct error *err)
{
	const struct layout_entry *entry;
	bool by_name;
	int found = find_entry(&entry, &by_name, request->arena, layout, request->name, err);

	if (found < 0)
		return -1;
	if (found == 0) {
		find_refuse(request->name, err);
		err->number = ENOENT;
		return -1;
	}
	if (entry->id[0] == '\0')
		return error_set(err, 0, "%.200s was put into the store by another tool",
		                 request->name);
	if (by_name && count_names(layout, entry->id) > 1) {
		untag(layout, request, entry->name);
		return 0;
	}
	return remove_whole(layout, request, entry->id, by_name, err);
}

int image_remove(struct plan_strings *removed, struct arena *arena, const struct paths *paths,
                 const struct host *host, const char *name, bool force,
                 bool (*in_use)(void *context, const char *id), void *context, struct error *err)
{
	const struct request request = { arena, removed, name, force, in_use, context };
	_cleanup_fd int lock = store_lock(paths, STORE_LOCK_INDEX, STORE_EXCLUSIVE, err);
	struct layout layout;

	if (lock < 0 || layout_read(&layout, arena, paths, err) < 0 ||
	    change(&layout, &request, err) < 0 || layout_write(&layout, arena, paths, err) < 0)
		return -1;
	cleanup_close(&lock);
	lock = -1;
	return sweep(paths, host, err) < 0 ? -1 : 0;
}
