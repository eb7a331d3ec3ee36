/*
 * prune: removing many images at once: index.json changes once, and one sweep takes what nothing
 * refers to any more.
 */
#include "runtime/image/image.h"
#include "runtime/image/layout.h"
#include "runtime/image/list.h"
#include "runtime/image/sweep.h"
#include "runtime/store/lock.h"
#include "sandbox/base/cleanup.h"

#include <string.h>

/* The ids of those that go, and what is said of them. */
static int choose(struct plan_strings *going, struct plan_strings *lines, struct arena *arena,
                  const struct paths *paths, const struct image_prune *prune, struct error *err)
{
	struct image *images;
	size_t count;

	if (image_list(&images, &count, arena, paths, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		const struct image *image = &images[i];

		if ((image->names.count > 0 && !prune->all) || prune->spare(prune->context, image))
			continue;
		for (size_t j = 0; j < image->names.count; j++)
			list_append(lines, arena,
			            arena_printf(arena, "untagged: %s", image->names.items[j]));
		list_append(lines, arena, arena_printf(arena, "deleted: sha256:%s", image->id));
		list_append(going, arena, image->id);
	}
	return 0;
}

/* What the others do not need. */
static int measure(uint64_t *ret, struct arena *arena, const struct paths *paths,
                   const struct layout *layout, const struct plan_strings *going, struct error *err)
{
	struct plan_strings staying = {};
	struct image_usage usage;

	for (size_t i = 0; i < layout->count; i++) {
		const struct layout_entry *entry = &layout->entries[i];

		if (!plan_strings_has(going, entry->id))
			list_append(&staying, arena, entry->id[0] != '\0' ? entry->id : entry->hex);
	}
	if (image_usage(&usage, arena, paths, &staying, err) < 0)
		return -1;
	*ret = usage.total - usage.chosen;
	return 0;
}

int image_prune(struct image_pruned *ret, struct arena *arena, const struct paths *paths,
                const struct host *host, const struct image_prune *prune, struct error *err)
{
	_cleanup_fd int lock = store_lock(paths, STORE_LOCK_INDEX, STORE_EXCLUSIVE, err);
	struct plan_strings going = {}, lines = {};
	struct layout layout;

	if (lock < 0 || layout_read(&layout, arena, paths, err) < 0 ||
	    choose(&going, &lines, arena, paths, prune, err) < 0)
		return -1;
	*ret = (struct image_pruned){ .lines = lines };
	if (going.count > 0 && measure(&ret->bytes, arena, paths, &layout, &going, err) < 0)
		return -1;
	for (size_t i = 0; i < going.count; i++)
		layout_forget(&layout, going.items[i]);
	if (going.count > 0 && layout_write(&layout, arena, paths, err) < 0)
		return -1;
	cleanup_close(&lock);
	lock = -1;
	if (going.count > 0 && sweep(paths, host, err) < 0)
		return -1;
	return sweep_partial(&ret->bytes, paths, 0, err) < 0 ? -1 : 0;
}
