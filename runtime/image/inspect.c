/*
 * inspect: an image as Docker's `image inspect` shows it, from the config as it was loaded.
 */
#include "runtime/image/find.h"
#include "sandbox/base/cleanup.h"

#include <string.h>

static void set_text(struct arena *arena, struct value *object, const char *key, const char *text)
{
	value_set(arena, object, key, value_new_string(arena, text));
}

/* Members that are the config's own, under Docker's names. */
static const struct copied_row {
	const char *from, *to, *fallback;
} copied[] = {
	{ "created", "Created", "" },
	{ "author", "Author", "" },
	{ "architecture", "Architecture", "" },
	{ "variant", "Variant", "" },
	{ "os", "Os", "" },
};

static void copy_members(struct value *object, struct arena *arena, const struct value *config)
{
	for (size_t i = 0; i < ARRAY_SIZE(copied); i++) {
		const char *text =
		        value_string(value_get(config, copied[i].from), copied[i].fallback);

		if (text != NULL)
			set_text(arena, object, copied[i].to, text);
	}
}

/* The comment of the last step, where the image as a whole has none. */
static void set_comment(struct value *object, struct arena *arena, const struct value *config)
{
	const struct value *history = value_get(config, "history");
	const struct value *last =
	        history == NULL || history->kind != VALUE_ARRAY || history->count == 0
	                ? NULL
	                : history->items[history->count - 1];
	const char *own = value_string(value_get(config, "comment"), "");

	set_text(arena, object, "Comment",
	         own[0] != '\0' ? own : value_string(value_get(last, "comment"), ""));
}

/* The config's own, and what Docker shows where it says nothing: a template may ask for it. */
static void copy_config(struct value *object, struct arena *arena, const struct value *config)
{
	static const char *const texts[] = { "User", "WorkingDir", "StopSignal" };
	static const char *const others[] = {
		"ExposedPorts", "Env",     "Entrypoint", "Cmd",
		"Labels",       "Volumes", "OnBuild",    "Healthcheck"
	};
	const struct value *own = value_get(config, "config");
	struct value *copy = own != NULL && own->kind == VALUE_OBJECT ? value_copy(arena, own)
	                                                              : value_new_object(arena);

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		if (value_get(copy, texts[i]) == NULL)
			set_text(arena, copy, texts[i], "");
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		if (value_get(copy, others[i]) == NULL)
			value_set(arena, copy, others[i], value_new_null(arena));
	value_set(arena, object, "Config", copy);
}

static struct value *names_value(struct arena *arena, const struct image *image, bool digests)
{
	struct value *array = value_new_array(arena);

	for (size_t i = 0; i < image->names.count; i++) {
		const char *name = image->names.items[i], *colon = strrchr(name, ':');
		size_t length = colon != NULL && strchr(colon, '/') == NULL ? (size_t)(colon - name)
		                                                            : strlen(name);

		if (digests)
			name = arena_printf(arena, "%.*s@%s", (int)length, name, image->digest);
		value_append(arena, array, value_new_string(arena, name));
	}
	return array;
}

static void set_files(struct value *object, struct arena *arena, const struct image *image,
                      const struct value *config)
{
	struct value *driver = value_new_object(arena), *data = value_new_object(arena);
	struct value *rootfs = value_new_object(arena), *layers = value_new_array(arena);
	const struct value *diffs = value_path(config, "rootfs.diff_ids");
	_cleanup_text struct text lower = {};

	set_text(arena, driver, "Name", "overlay");
	for (size_t i = 1; i < image->layers.count; i++)
		text_printf(&lower, "%s%s", i > 1 ? ":" : "", image->layers.items[i]);
	if (lower.length > 0)
		set_text(arena, data, "LowerDir", arena_strdup(arena, lower.data));
	set_text(arena, data, "UpperDir", image->layers.items[0]);
	value_set(arena, driver, "Data", data);
	value_set(arena, object, "GraphDriver", driver);
	set_text(arena, rootfs, "Type", "layers");
	for (size_t i = 0; diffs != NULL && diffs->kind == VALUE_ARRAY && i < diffs->count; i++)
		value_append(arena, layers, value_copy(arena, diffs->items[i]));
	value_set(arena, rootfs, "Layers", layers);
	value_set(arena, object, "RootFS", rootfs);
}

/* What Docker's object has not: the profile that came along; its file is named by its digest. */
static void set_cordon(struct value *object, struct arena *arena, const struct image *image)
{
	struct value *cordon = value_new_object(arena), *profile = value_new_null(arena);

	if (image->profile != NULL) {
		profile = value_new_object(arena);
		set_text(arena, profile, "Digest",
		         arena_printf(arena, "sha256:%s", strrchr(image->profile, '/') + 1));
		set_text(arena, profile, "File", image->profile);
	}
	value_set(arena, cordon, "Profile", profile);
	value_set(arena, object, "Cordon", cordon);
}

int image_inspect(struct value **ret, struct arena *arena, const struct paths *paths,
                  const char *name, struct error *err)
{
	struct value *object = value_new_object(arena), *config;
	struct image image;

	if (image_require(&image, arena, paths, name, err) < 0 ||
	    find_config(&config, arena, paths, image.id, err) < 0)
		return -1;
	set_text(arena, object, "Id", arena_printf(arena, "sha256:%s", image.id));
	value_set(arena, object, "RepoTags", names_value(arena, &image, false));
	value_set(arena, object, "RepoDigests", names_value(arena, &image, true));
	set_text(arena, object, "Digest", image.digest);
	set_comment(object, arena, config);
	copy_members(object, arena, config);
	copy_config(object, arena, config);
	value_set(arena, object, "Size", value_new_integer(arena, (int64_t)image.size));
	value_set(arena, object, "VirtualSize", value_new_integer(arena, (int64_t)image.size));
	set_files(object, arena, &image, config);
	set_cordon(object, arena, &image);
	if (value_get(config, "history") != NULL)
		value_set(arena, object, "History",
		          value_copy(arena, value_get(config, "history")));
	*ret = object;
	return 0;
}
