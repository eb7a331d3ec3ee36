/*
 * usage: how much of the disk is whose. Every layer and every blob is one item, noted once for each
 * image that needs it; sorted by name, those of one name stand together.
 */
#include "runtime/image/image.h"
#include "runtime/image/kept.h"
#include "runtime/image/layers.h"
#include "sandbox/base/cleanup.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct item {
	const char *name; /* below images/blobs/sha256, or layers */
	bool layer;
	size_t image; /* its row */
};

struct survey {
	struct arena *arena;
	const struct paths *paths;
	struct image_usage usage;
	struct item *items;
	size_t count, room;
	const struct plan_strings *chosen;
};

static void note(struct survey *survey, const struct plan_strings *names, bool layer, size_t image)
{
	for (size_t i = 0; i < names->count; i++) {
		survey->items = arena_more(survey->arena, survey->items, survey->count,
		                           &survey->room, sizeof *survey->items);
		survey->items[survey->count++] = (struct item){ names->items[i], layer, image };
	}
}

/* Names of one image share its row. An entry of another tool is an image of its own. */
static size_t row_of(struct survey *survey, const struct layout_entry *entry)
{
	const char *id = entry->id[0] != '\0' ? entry->id : entry->hex;
	struct image_usage *usage = &survey->usage;

	for (size_t i = 0; i < usage->count; i++)
		if (strcmp(usage->rows[i].id, id) == 0)
			return i;
	usage->rows[usage->count] = (struct image_usage_row){ .id = id };
	return usage->count++;
}

static int collect(struct survey *survey, struct error *err)
{
	struct layout layout;

	if (layout_read(&layout, survey->arena, survey->paths, err) < 0)
		return -1;
	survey->usage.rows = arena_array(survey->arena, layout.count, sizeof *survey->usage.rows);
	for (size_t i = 0; i < layout.count; i++) {
		struct kept kept = { .arena = survey->arena };
		size_t row = row_of(survey, &layout.entries[i]);

		if (kept_entry(&kept, survey->paths, &layout.entries[i], err) < 0)
			return -1;
		note(survey, &kept.blobs, false, row);
		note(survey, &kept.layers, true, row);
	}
	return 0;
}

static int by_name(const void *a, const void *b)
{
	const struct item *left = a, *right = b;
	int order = strcmp(left->name, right->name);

	if (order == 0)
		order = left->layer - right->layer;
	return order != 0 ? order : (left->image > right->image) - (left->image < right->image);
}

static bool is_same(const struct item *a, const struct item *b)
{
	return a->layer == b->layer && strcmp(a->name, b->name) == 0;
}

static uint64_t size_of(const struct survey *survey, const struct item *item)
{
	struct arena *arena = survey->arena;
	const char *data = survey->paths->data;
	struct stat status;
	uint64_t size = 0;

	if (item->layer)
		return layers_read_size(&size, AT_FDCWD,
		                        arena_printf(arena, "%s/layers/%s", data, item->name)) < 0
		               ? 0
		               : size;
	return lstat(arena_printf(arena, "%s/images/blobs/sha256/%s", data, item->name), &status) <
	                       0
	               ? 0
	               : (uint64_t)status.st_size;
}

static bool is_chosen(const struct survey *survey, size_t row)
{
	for (size_t i = 0; i < survey->chosen->count; i++)
		if (strcmp(survey->chosen->items[i], survey->usage.rows[row].id) == 0)
			return true;
	return false;
}

/* items[0..count) are of one name. */
static void add_up(struct survey *survey, const struct item *items, size_t count)
{
	struct image_usage *usage = &survey->usage;
	uint64_t size = size_of(survey, &items[0]);
	size_t images = 0;
	bool chosen = false;

	for (size_t i = 0; i < count; i++) {
		if (i > 0 && items[i].image == items[i - 1].image)
			continue; /* two names of one image, or a layer that comes twice */
		images++;
		usage->rows[items[i].image].size += size;
		chosen = chosen || is_chosen(survey, items[i].image);
	}
	if (images == 1)
		usage->rows[items[0].image].unique += size;
	usage->total += size;
	usage->chosen += chosen ? size : 0;
}

int image_usage(struct image_usage *ret, struct arena *arena, const struct paths *paths,
                const struct plan_strings *chosen, struct error *err)
{
	struct survey survey = { .arena = arena, .paths = paths, .chosen = chosen };

	if (collect(&survey, err) < 0)
		return -1;
	if (survey.count > 0)
		qsort(survey.items, survey.count, sizeof *survey.items, by_name);
	for (size_t first = 0, next; first < survey.count; first = next) {
		for (next = first + 1; next < survey.count; next++)
			if (!is_same(&survey.items[first], &survey.items[next]))
				break;
		add_up(&survey, &survey.items[first], next - first);
	}
	*ret = survey.usage;
	return 0;
}
