/*
 * layers: what an image is made of, layer by layer and step by step. Sizes are those of the
 * unpacked folders, as they were counted when the layers were unpacked.
 */
#include "runtime/image/layers.h"

#include "runtime/image/config.h"
#include "runtime/image/find.h"
#include "runtime/image/list.h"
#include "runtime/image/record.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>

int layers_read_size(uint64_t *ret, int layers, const char *folder)
{
	_cleanup_text struct text text = {};
	struct error ignored;
	char path[PATH_MAX];

	snprintf(path, sizeof path, "%s/size", folder);
	if (io_read_file(&text, layers, path, 32, &ignored) <= 0 ||
	    !text_to_number(ret, text_string(&text), UINT64_MAX))
		return -1;
	return 0;
}

static int read_record(struct image_record *ret, struct arena *arena, const struct paths *paths,
                       const struct image *image, struct error *err)
{
	const char *hex = image->digest + strlen("sha256:");
	int found = image_record_read(ret, arena, paths, hex, err);

	return found == 0 ? error_set(err, 0, "the image %.12s has been removed", image->id)
	                  : found;
}

/* A layer whose size cannot be read is damaged: `system check` says so, a list shows 0. */
static uint64_t size_of(struct arena *arena, const struct paths *paths, const char *hex)
{
	uint64_t size = 0;

	if (layers_read_size(&size, AT_FDCWD,
	                     arena_printf(arena, "%s/layers/%s", paths->data,
	                                  image_record_folder(arena, hex))) < 0)
		return 0;
	return size;
}

/* ---- layers ---- */

static bool begins_with(const struct plan_strings *layers, const struct plan_strings *others)
{
	if (others->count == 0 || others->count > layers->count)
		return false;
	for (size_t i = 0; i < others->count; i++)
		if (strcmp(layers->items[i], others->items[i]) != 0)
			return false;
	return true;
}

/* Where the layers of another image are the lowest of ours, it ends with one of them. */
static int note_others(struct image_layer *rows, struct arena *arena, const struct paths *paths,
                       const struct plan_strings *layers, struct error *err)
{
	struct image *images;
	size_t count;

	if (image_list(&images, &count, arena, paths, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		struct image_record other;

		if (read_record(&other, arena, paths, &images[i], err) < 0)
			return -1;
		if (!begins_with(layers, &other.layers))
			continue;
		for (size_t j = 0; j < images[i].names.count; j++)
			list_append(&rows[other.layers.count - 1].top_of, arena,
			            images[i].names.items[j]);
	}
	return 0;
}

int image_layers(struct image_layer **ret, size_t *count, struct arena *arena,
                 const struct paths *paths, const struct image *image, struct error *err)
{
	struct image_layer *rows;
	struct image_record record;

	if (read_record(&record, arena, paths, image, err) < 0)
		return -1;
	rows = arena_array(arena, record.layers.count, sizeof *rows);
	for (size_t i = 0; i < record.layers.count; i++)
		rows[i] = (struct image_layer){ .hex = record.layers.items[i],
			                        .size = size_of(arena, paths,
			                                        record.layers.items[i]) };
	if (note_others(rows, arena, paths, &record.layers, err) < 0)
		return -1;
	*ret = rows;
	*count = record.layers.count;
	return 0;
}

/* ---- history ---- */

static const struct image_step unknown = { .by = "", .comment = "" };

/* The steps of a config, oldest first, each with the next layer unless it says that it has none.
 * Layers that no step speaks of are steps without a word. */
static size_t take_steps(struct image_step *steps, const struct value *history,
                         const uint64_t *sizes, size_t layers)
{
	size_t count = 0, layer = 0, told = history == NULL ? 0 : history->count;

	for (size_t i = 0; i < told; i++) {
		const struct value *step = history->items[i];
		bool empty = value_boolean(value_get(step, "empty_layer"), false);

		steps[count++] = (struct image_step){
			.by = value_string(value_get(step, "created_by"), ""),
			.comment = value_string(value_get(step, "comment"), ""),
			.created = config_parse_time(value_string(value_get(step, "created"), "")),
			.size = !empty && layer < layers ? sizes[layer] : 0,
		};
		layer += !empty;
	}
	for (; layer < layers; layer++) {
		steps[count] = unknown;
		steps[count++].size = sizes[layer];
	}
	return count;
}

int image_history(struct image_step **ret, size_t *count, struct arena *arena,
                  const struct paths *paths, const struct image *image, struct error *err)
{
	const struct value *history;
	struct image_record record;
	struct image_step *steps;
	struct value *config;
	uint64_t *sizes;

	if (read_record(&record, arena, paths, image, err) < 0 ||
	    find_config(&config, arena, paths, image->id, err) < 0)
		return -1;
	history = value_get(config, "history");
	if (history != NULL && history->kind != VALUE_ARRAY)
		history = NULL;
	sizes = arena_array(arena, record.layers.count, sizeof *sizes);
	for (size_t i = 0; i < record.layers.count; i++)
		sizes[i] = size_of(arena, paths, record.layers.items[i]);
	steps = arena_array(arena, record.layers.count + (history == NULL ? 0 : history->count),
	                    sizeof *steps);
	*count = take_steps(steps, history, sizes, record.layers.count);
	for (size_t i = 0; i < *count / 2; i++) {
		struct image_step swapped = steps[i];

		steps[i] = steps[*count - 1 - i];
		steps[*count - 1 - i] = swapped;
	}
	*ret = steps;
	return 0;
}
