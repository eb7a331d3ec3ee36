/*
 * find: names, ids and digests to images. On the way of every `cordon run`: index.json and one
 * record are all that is read.
 */
#include "runtime/image/find.h"

#include "runtime/image/layer/limits.h"
#include "runtime/image/manifest.h"
#include "runtime/image/record.h"
#include "runtime/registry/reference.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

static const struct layout_entry *find_name(const struct layout *layout, const char *name)
{
	for (size_t i = 0; i < layout->count; i++)
		if (text_equal(layout->entries[i].name, name))
			return &layout->entries[i];
	return NULL;
}

static const struct layout_entry *find_digest(const struct layout *layout, const char *hex)
{
	for (size_t i = 0; i < layout->count; i++)
		if (strcmp(layout->entries[i].hex, hex) == 0 ||
		    strcmp(layout->entries[i].id, hex) == 0)
			return &layout->entries[i];
	return NULL;
}

/* 1, 0, or -1 where the prefix fits several images. */
static int find_prefix(const struct layout_entry **ret, const struct layout *layout,
                       const char *prefix, struct error *err)
{
	const struct layout_entry *found = NULL;

	if (prefix[0] == '\0' || prefix[strspn(prefix, "0123456789abcdef")] != '\0')
		return 0;
	for (size_t i = 0; i < layout->count; i++) {
		const struct layout_entry *entry = &layout->entries[i];

		if (!text_starts(entry->id, prefix))
			continue;
		if (found != NULL && strcmp(found->id, entry->id) != 0) {
			error_set(err, 0, "several images have an id that begins with %s", prefix);
			return error_hint(err, "give more digits");
		}
		found = found == NULL ? entry : found;
	}
	*ret = found;
	return found != NULL;
}

int find_entry(const struct layout_entry **ret, bool *by_name, struct arena *arena,
               const struct layout *layout, const char *name, struct error *err)
{
	const char *hex = text_starts(name, "sha256:") ? name + strlen("sha256:") : name;
	const struct layout_entry *entry = NULL;
	struct reference reference;
	struct error why;

	*by_name = true;
	if (reference_parse(&reference, arena, name, &why) == 0) {
		entry = find_name(layout, reference_string(arena, &reference));
		if (entry == NULL && !reference.domain_given)
			entry = find_name(layout, reference_local_string(arena, &reference));
		if (entry == NULL && reference.digest != NULL) {
			*by_name = false;
			entry = find_digest(layout, reference_digest_hex(reference.digest));
		}
	}
	if (entry == NULL && strlen(hex) == 64) {
		*by_name = false;
		entry = find_digest(layout, hex);
	}
	if (entry == NULL) {
		*by_name = false;
		if (find_prefix(&entry, layout, hex, err) < 0)
			return -1;
	}
	*ret = entry;
	return entry != NULL;
}

/* All names of an image, the one it was found under first. */
static void take_names(struct image *image, struct arena *arena, const struct layout *layout,
                       const struct layout_entry *entry)
{
	if (entry->name != NULL)
		list_append(&image->names, arena, entry->name);
	for (size_t i = 0; i < layout->count; i++) {
		const struct layout_entry *other = &layout->entries[i];

		if (other != entry && other->name != NULL && strcmp(other->id, entry->id) == 0)
			list_append(&image->names, arena, other->name);
	}
}

static bool is_above(const struct plan_strings *layers, size_t place)
{
	for (size_t i = place + 1; i < layers->count; i++)
		if (strcmp(layers->items[i], layers->items[place]) == 0)
			return true;
	return false;
}

/* Topmost first. A layer that comes again further up says nothing new down here, and overlayfs
 * takes no folder twice. (Docker's empty layer often comes twice.) */
static void take_layers(struct image *image, struct arena *arena, const struct paths *paths,
                        const struct plan_strings *layers)
{
	image->layers.items = arena_array(arena, layers->count + 1, sizeof(char *));
	for (size_t i = layers->count; i-- > 0;)
		if (!is_above(layers, i))
			image->layers.items[image->layers.count++] =
			        arena_printf(arena, "%s/layers/sha256-%s/diff", paths->data,
			                     layers->items[i]);
}

/* But for the names. */
static int find_recorded(struct image *ret, struct arena *arena, const struct paths *paths,
                         const struct layout_entry *entry, struct error *err)
{
	struct image image = { .id = entry->id };
	struct image_record record;
	int found = image_record_read(&record, arena, paths, entry->hex, err);

	if (found <= 0)
		return found;
	image.digest = arena_printf(arena, "sha256:%s", entry->hex);
	image.reference =
	        entry->name != NULL ? entry->name : arena_printf(arena, "sha256:%s", record.id);
	take_layers(&image, arena, paths, &record.layers);
	image.config = record.config;
	image.size = record.size;
	image.created = record.created;
	if (record.attached.profile != NULL)
		image.profile = arena_printf(arena, "%s/images/blobs/sha256/%s", paths->data,
		                             record.attached.profile);
	*ret = image;
	return 1;
}

int find_image(struct image *ret, struct arena *arena, const struct paths *paths,
               const struct layout *layout, const struct layout_entry *entry, struct error *err)
{
	int found = find_recorded(ret, arena, paths, entry, err);

	if (found > 0)
		take_names(ret, arena, layout, entry);
	return found;
}

int find_stored(struct find *ret, struct arena *arena, const struct paths *paths, const char *name,
                struct error *err)
{
	if (layout_read(&ret->layout, arena, paths, err) < 0)
		return -1;
	return find_entry(&ret->entry, &ret->by_name, arena, &ret->layout, name, err);
}

int image_find(struct image *ret, struct arena *arena, const struct paths *paths, const char *name,
               struct error *err)
{
	struct find find;
	int found = find_stored(&find, arena, paths, name, err);

	return found <= 0 ? found : find_image(ret, arena, paths, &find.layout, find.entry, err);
}

static int newest_first(const void *a, const void *b)
{
	const struct image *left = a, *right = b;

	if (left->created != right->created)
		return left->created > right->created ? -1 : 1;
	return strcmp(left->reference, right->reference);
}

/* As find_recorded, from what index.json notes of an image. */
static int find_title(struct image *ret, struct arena *arena, const struct paths *paths,
                      const struct layout_entry *entry, struct error *err)
{
	if (!entry->noted)
		return find_recorded(ret, arena, paths, entry, err);
	*ret = (struct image){ .id = entry->id,
		               .digest = value_string(value_get(entry->raw, "digest"), ""),
		               .reference = entry->name,
		               .size = entry->bytes,
		               .created = entry->created };
	if (ret->reference == NULL)
		ret->reference = arena_printf(arena, "sha256:%s", entry->id);
	return 1;
}

/* What has one id stands together, in the order of the file. */
static int by_id(const void *a, const void *b)
{
	const struct layout_entry *left = *(const struct layout_entry *const *)a;
	const struct layout_entry *right = *(const struct layout_entry *const *)b;
	int order = strcmp(left->id, right->id);

	return order != 0 ? order : left < right ? -1 : left > right;
}

static const struct layout_entry **sorted(struct arena *arena, const struct layout *layout)
{
	const struct layout_entry **entries = arena_array(arena, layout->count, sizeof *entries);

	for (size_t i = 0; i < layout->count; i++)
		entries[i] = &layout->entries[i];
	if (layout->count > 0)
		qsort(entries, layout->count, sizeof *entries, by_id);
	return entries;
}

typedef int find_function(struct image *ret, struct arena *arena, const struct paths *paths,
                          const struct layout_entry *entry, struct error *err);

/* The image of entries that have one id: by the first that leads to it, whose name is the first. */
static int find_one(struct image *ret, struct arena *arena, const struct paths *paths,
                    const struct layout_entry *const *entries, size_t count, find_function *find,
                    struct error *err)
{
	size_t by = 0;
	int found;

	while ((found = find(ret, arena, paths, entries[by], err)) == 0)
		if (++by == count)
			return 0;
	if (found < 0)
		return -1;
	if (entries[by]->name != NULL)
		list_append(&ret->names, arena, entries[by]->name);
	for (size_t i = 0; i < count; i++)
		if (i != by && entries[i]->name != NULL)
			list_append(&ret->names, arena, entries[i]->name);
	return 1;
}

static int list(struct image **ret, size_t *count, struct arena *arena, const struct paths *paths,
                find_function *find, struct error *err)
{
	const struct layout_entry **entries;
	struct image *images;
	struct layout layout;
	size_t used = 0;

	if (layout_read(&layout, arena, paths, err) < 0)
		return -1;
	entries = sorted(arena, &layout);
	images = arena_array(arena, layout.count, sizeof *images);
	for (size_t i = 0, end; i < layout.count; i = end) {
		int found;

		end = i + 1;
		while (end < layout.count && strcmp(entries[i]->id, entries[end]->id) == 0)
			end++;
		found = find_one(&images[used], arena, paths, entries + i, end - i, find, err);
		if (found < 0)
			return -1;
		used += (size_t)found;
	}
	if (used > 0)
		qsort(images, used, sizeof *images, newest_first);
	*ret = images;
	*count = used;
	return 0;
}

int image_list(struct image **ret, size_t *count, struct arena *arena, const struct paths *paths,
               struct error *err)
{
	return list(ret, count, arena, paths, find_recorded, err);
}

int image_titles(struct image **ret, size_t *count, struct arena *arena, const struct paths *paths,
                 struct error *err)
{
	return list(ret, count, arena, paths, find_title, err);
}

int image_reference_normalize(const char **ret, struct arena *arena, const char *name,
                              struct error *err)
{
	struct reference reference;

	if (reference_parse(&reference, arena, name, err) < 0)
		return -1;
	*ret = reference_string(arena, &reference);
	return 0;
}

int image_require(struct image *ret, struct arena *arena, const struct paths *paths,
                  const char *name, struct error *err)
{
	int found = image_find(ret, arena, paths, name, err);

	if (found == 0)
		find_refuse(name, err);
	return found > 0 ? 0 : -1;
}

int find_refuse(const char *name, struct error *err)
{
	error_set(err, 0, "no such image: %.200s", name);
	return error_hint(err, "see cordon images");
}

int find_config(struct value **ret, struct arena *arena, const struct paths *paths, const char *id,
                struct error *err)
{
	_cleanup_text struct text text = {};
	char path[PATH_MAX];
	int found;

	snprintf(path, sizeof path, "%s/images/blobs/sha256/%s", paths->data, id);
	found = io_read_file(&text, AT_FDCWD, path, LIMIT_MANIFEST, err);
	if (found < 0)
		return -1;
	if (found == 0) {
		error_set(err, 0, "the config of the image is missing: %s", path);
		return error_hint(err, "load the image again");
	}
	return value_decode(ret, arena, path, text_string(&text), text.length, err);
}

int image_is_for(const struct image *image, struct arena *arena, const struct paths *paths,
                 const struct host *host, const struct platform *asked, struct error *err)
{
	struct platform wanted = *asked, own;
	struct value *config;

	if (find_config(&config, arena, paths, image->id, err) < 0)
		return -1;
	platform_complete(&wanted, host);
	own = platform_read(config);
	return platform_fitness(&wanted, &own) > 0;
}
