#include "runtime/image/kept.h"

#include "runtime/image/layer/limits.h"
#include "runtime/image/list.h"
#include "runtime/image/manifest.h"
#include "runtime/image/record.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

static int keep_document(struct kept *kept, const struct paths *paths, const char *hex,
                         unsigned depth, struct error *err);

static int keep_items(struct kept *kept, const struct paths *paths, const struct document *document,
                      unsigned depth, struct error *err)
{
	for (size_t i = 0; i < document->count; i++) {
		const char *hex = document->items[i].hex;

		list_append(&kept->blobs, kept->arena, hex);
		if (document->media == MEDIA_INDEX && depth < LIMIT_NESTING &&
		    keep_document(kept, paths, hex, depth + 1, err) < 0)
			return -1;
	}
	if (document->media == MEDIA_MANIFEST)
		list_append(&kept->blobs, kept->arena, document->config.hex);
	return 0;
}

/* A document that another tool put there and that cannot be read keeps nothing but itself. */
static int keep_document(struct kept *kept, const struct paths *paths, const char *hex,
                         unsigned depth, struct error *err)
{
	_cleanup_text struct text text = {};
	struct document document;
	struct error ignored;
	char path[PATH_MAX];

	list_append(&kept->blobs, kept->arena, hex);
	snprintf(path, sizeof path, "%s/images/blobs/sha256/%s", paths->data, hex);
	if (io_read_file(&text, AT_FDCWD, path, LIMIT_MANIFEST, err) < 0)
		return -1;
	if (document_parse(&document, kept->arena, path, &text, NULL, &ignored) < 0)
		return 0;
	return keep_items(kept, paths, &document, depth, err);
}

int kept_entry(struct kept *kept, const struct paths *paths, const struct layout_entry *entry,
               struct error *err)
{
	struct image_record record = {};

	if (image_record_read(&record, kept->arena, paths, entry->hex, err) < 0)
		return -1;
	list_append(&kept->records, kept->arena, arena_printf(kept->arena, "%s.json", entry->hex));
	for (size_t i = 0; i < record.layers.count; i++)
		list_append(&kept->layers, kept->arena,
		            image_record_folder(kept->arena, record.layers.items[i]));
	if (record.attached.profile != NULL) {
		list_append(&kept->blobs, kept->arena, record.attached.profile);
		list_append(&kept->blobs, kept->arena, record.attached.manifest);
	}
	return keep_document(kept, paths, entry->hex, 0, err);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void sort(struct plan_strings *list)
{
	if (list->count > 0)
		qsort(list->items, list->count, sizeof *list->items, by_text);
}

int kept_find(struct kept *kept, const struct paths *paths, struct error *err)
{
	struct layout layout;

	if (layout_read(&layout, kept->arena, paths, err) < 0)
		return -1;
	for (size_t i = 0; i < layout.count; i++)
		if (kept_entry(kept, paths, &layout.entries[i], err) < 0)
			return -1;
	sort(&kept->blobs);
	sort(&kept->layers);
	sort(&kept->records);
	return 0;
}

bool kept_has(const struct plan_strings *list, const char *name)
{
	return list->count > 0 &&
	       bsearch(&name, list->items, list->count, sizeof *list->items, by_text) != NULL;
}
