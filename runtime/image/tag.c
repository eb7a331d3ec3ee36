/*
 * tag: the names of images that are there. Only index.json changes, under its lock; no file of an
 * image is touched, and so none can be lost.
 */
#include "runtime/image/find.h"
#include "runtime/image/list.h"
#include "runtime/registry/reference.h"
#include "runtime/store/lock.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/text.h"

#include <string.h>

/* What is made here, and not said to be of a registry, is called localhost/NAME: a name that
 * nobody else can take. */
static int full_name(const char **ret, struct arena *arena, const char *name, struct error *err)
{
	struct reference reference;

	if (reference_parse(&reference, arena, name, err) < 0)
		return -1;
	if (reference.digest != NULL)
		return error_set(err, 0, "'%.200s': a name that is given cannot hold a digest",
		                 name);
	*ret = reference.domain_given ? reference_string(arena, &reference)
	                              : reference_local_string(arena, &reference);
	return 0;
}

/* The entry of an image that cordon verified. */
static int find_own(struct layout_entry *ret, struct arena *arena, const struct layout *layout,
                    const char *image, struct error *err)
{
	const struct layout_entry *entry;
	bool by_name;
	int found = find_entry(&entry, &by_name, arena, layout, image, err);

	if (found == 0)
		return find_refuse(image, err);
	if (found < 0)
		return -1;
	if (entry->id[0] == '\0')
		return error_set(err, 0, "%.200s was put into the store by another tool", image);
	*ret = *entry;
	return 0;
}

int image_tag(struct arena *arena, const struct paths *paths, const char *image, const char *name,
              struct error *err)
{
	_cleanup_fd int lock = -1;
	struct layout_entry entry;
	struct layout layout;
	const char *full = NULL;

	if (full_name(&full, arena, name, err) < 0)
		return -1;
	lock = store_lock(paths, STORE_LOCK_INDEX, STORE_EXCLUSIVE, err);
	if (lock < 0 || layout_read(&layout, arena, paths, err) < 0 ||
	    find_own(&entry, arena, &layout, image, err) < 0)
		return -1;
	entry.name = full;
	entry.raw = NULL;
	layout_tag(&layout, arena, &entry);
	return layout_write(&layout, arena, paths, err);
}

/* ---- untag ---- */

/* The entry a word names: as a name, not as an id. */
static int find_name(const char **ret, struct arena *arena, const struct layout *layout,
                     const char *name, struct error *err)
{
	const struct layout_entry *entry = NULL;
	bool by_name = false;
	int found = find_entry(&entry, &by_name, arena, layout, name, err);

	if (found < 0)
		return -1;
	*ret = found > 0 && by_name ? entry->name : NULL;
	return 0;
}

static int drop_one(struct layout *layout, struct arena *arena, const struct layout_entry *image,
                    const char *name, struct error *err)
{
	const char *full = NULL;

	if (find_name(&full, arena, layout, name, err) < 0)
		return -1;
	for (size_t i = 0; full != NULL && i < layout->count; i++)
		if (text_equal(layout->entries[i].name, full) &&
		    strcmp(layout->entries[i].id, image->id) == 0) {
			layout_untag(layout, full);
			return 0;
		}
	error_set(err, 0, "'%.200s' is no name of the image %.12s", name, image->id);
	return error_hint(err, "see cordon images");
}

static void drop_all(struct layout *layout, const char *id)
{
	for (size_t i = 0; i < layout->count;) {
		const char *name = layout->entries[i].name;

		if (name != NULL && strcmp(layout->entries[i].id, id) == 0) {
			layout_untag(layout, name);
			i = 0; /* entries may have moved */
		} else {
			i++;
		}
	}
}

int image_untag(struct arena *arena, const struct paths *paths, const char *image,
                const struct plan_strings *names, struct error *err)
{
	_cleanup_fd int lock = store_lock(paths, STORE_LOCK_INDEX, STORE_EXCLUSIVE, err);
	struct layout_entry entry;
	struct layout layout;

	if (lock < 0 || layout_read(&layout, arena, paths, err) < 0 ||
	    find_own(&entry, arena, &layout, image, err) < 0)
		return -1;
	for (size_t i = 0; i < names->count; i++)
		if (drop_one(&layout, arena, &entry, names->items[i], err) < 0)
			return -1;
	if (names->count == 0)
		drop_all(&layout, entry.id);
	return layout_write(&layout, arena, paths, err);
}
