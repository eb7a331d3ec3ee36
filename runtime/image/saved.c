/*
 * saved: manifest.json of `docker save`: an array of objects with a Config, RepoTags and Layers.
 * (moby's image/spec, "Combined Image JSON + Filesystem Changeset Format".) Pure.
 */
#include "runtime/image/manifest.h"

#include "runtime/image/layer/limits.h"
#include "sandbox/base/text.h"

static const char file[] = "manifest.json";

static int read_strings(struct plan_strings *ret, struct arena *arena, const struct value *array,
                        const char *key, struct error *err)
{
	if (array == NULL || array->kind == VALUE_NULL)
		return 0;
	if (array->kind != VALUE_ARRAY)
		return error_set(err, 0, "%s: %s must be an array", file, key);
	for (size_t i = 0; i < array->count; i++) {
		const char *string = value_string(array->items[i], NULL);

		if (string == NULL || string[0] == '\0')
			return error_set(err, 0, "%s: %s must hold texts", file, key);
		list_append(ret, arena, string);
	}
	return 0;
}

static int read_image(struct saved_image *image, struct arena *arena, const struct value *object,
                      struct error *err)
{
	if (object->kind != VALUE_OBJECT)
		return error_set(err, 0, "%s: an image must be an object", file);
	image->config = value_string(value_get(object, "Config"), NULL);
	if (image->config == NULL || image->config[0] == '\0')
		return error_set(err, 0, "%s: an image without a Config", file);
	if (read_strings(&image->names, arena, value_get(object, "RepoTags"), "RepoTags", err) <
	            0 ||
	    read_strings(&image->layers, arena, value_get(object, "Layers"), "Layers", err) < 0)
		return -1;
	if (image->layers.count == 0)
		return error_set(err, 0, "%s: an image without layers", file);
	if (image->layers.count > LIMIT_LAYERS)
		return error_set(err, 0, "%s: %zu layers; an image may have %d", file,
		                 image->layers.count, LIMIT_LAYERS);
	if (image->names.count > LIMIT_IMAGES)
		return error_set(err, 0, "%s: %zu names; cordon takes %d", file, image->names.count,
		                 LIMIT_IMAGES);
	return 0;
}

int saved_parse(struct saved_image **ret, size_t *count, struct arena *arena,
                const struct text *text, struct error *err)
{
	struct saved_image *images;
	struct value *root;

	if (text->length > LIMIT_MANIFEST)
		return error_set(err, 0, "%s: %zu bytes; cordon takes %llu", file, text->length,
		                 (unsigned long long)LIMIT_MANIFEST);
	if (value_decode(&root, arena, file, text_string(text), text->length, err) < 0)
		return -1;
	if (root->kind != VALUE_ARRAY || root->count == 0)
		return error_set(err, 0, "%s: must be an array of images", file);
	if (root->count > LIMIT_IMAGES)
		return error_set(err, 0, "%s: %u images; cordon takes %d", file, root->count,
		                 LIMIT_IMAGES);
	images = arena_array(arena, root->count, sizeof *images);
	for (size_t i = 0; i < root->count; i++)
		if (read_image(&images[i], arena, root->items[i], err) < 0)
			return -1;
	*ret = images;
	*count = root->count;
	return 0;
}
