#include "runtime/image/record.h"

#include "runtime/image/layer/limits.h"
#include "runtime/image/layer/protocol.h"
#include "runtime/image/manifest.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>

enum { RECORD_FORMAT = 1 };

/* The members of a record that are lists and texts, once for both directions. */
static const struct list_row {
	const char *key;
	size_t offset;
} lists[] = {
	{ "layers", offsetof(struct image_record, layers) },
	{ "entrypoint", offsetof(struct image_record, config.entrypoint) },
	{ "command", offsetof(struct image_record, config.command) },
	{ "environment", offsetof(struct image_record, config.environment) },
	{ "volumes", offsetof(struct image_record, config.volumes) },
	{ "exposed", offsetof(struct image_record, config.exposed) },
	{ "labels", offsetof(struct image_record, config.labels) }, /* absent in older records */
}, texts[] = {
	{ "id", offsetof(struct image_record, id) },
	{ "directory", offsetof(struct image_record, config.directory) },
	{ "user", offsetof(struct image_record, config.user) },
	{ "stop_signal", offsetof(struct image_record, config.stop_signal) },
};

const char *image_record_folder(struct arena *arena, const char *hex)
{
	return arena_printf(arena, "sha256-%s", hex);
}

static int damaged(struct error *err, const char *path)
{
	error_set(err, 0, "%s is damaged", path);
	return error_hint(err, "remove the image and load it again");
}

/* What is not there is an empty list only where it came later. */
static bool read_list(struct plan_strings *ret, struct arena *arena, const struct value *root,
                      const char *key)
{
	const struct value *array = value_get(root, key);

	if (array == NULL && strcmp(key, "labels") == 0)
		return true;
	if (array == NULL || array->kind != VALUE_ARRAY)
		return false;
	ret->count = array->count;
	ret->items = arena_array(arena, array->count + 1, sizeof *ret->items);
	for (size_t i = 0; i < array->count; i++) {
		ret->items[i] = value_string(array->items[i], NULL);
		if (ret->items[i] == NULL)
			return false;
	}
	return true;
}

static bool is_hex(const char *text)
{
	return text != NULL && strlen(text) == LAYER_HEX &&
	       text[strspn(text, "0123456789abcdef")] == '\0';
}

/* Absent where no profile came, and in older records. */
static bool read_attached(struct image_attached *ret, const struct value *object)
{
	if (object == NULL)
		return true;
	ret->profile = value_string(value_get(object, "profile"), NULL);
	ret->manifest = value_string(value_get(object, "manifest"), NULL);
	ret->created = value_integer(value_get(object, "created"), 0);
	return is_hex(ret->profile) && is_hex(ret->manifest);
}

int image_record_read(struct image_record *ret, struct arena *arena, const struct paths *paths,
                      const char *hex, struct error *err)
{
	_cleanup_text struct text text = {};
	struct image_record record = {};
	struct value *root;
	char path[PATH_MAX];
	int found;

	snprintf(path, sizeof path, "%s/records/%s.json", paths->data, hex);
	found = io_read_file(&text, AT_FDCWD, path, LIMIT_MANIFEST, err);
	if (found <= 0)
		return found;
	if (value_decode_kept(&root, arena, path, &text, err) < 0 ||
	    value_integer(value_get(root, "format"), 0) != RECORD_FORMAT)
		return damaged(err, path);
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
		if (!read_list((struct plan_strings *)(void *)((char *)&record + lists[i].offset),
		               arena, root, lists[i].key))
			return damaged(err, path);
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		*(const char **)(void *)((char *)&record + texts[i].offset) =
		        value_string(value_get(root, texts[i].key), "");
	record.size = (uint64_t)value_integer(value_get(root, "size"), 0);
	record.created = value_integer(value_get(root, "created"), 0);
	if (!read_attached(&record.attached, value_get(root, "attached")))
		return damaged(err, path);
	*ret = record;
	return 1;
}

static struct value *list_value(struct arena *arena, const struct plan_strings *list)
{
	struct value *array = value_new_array(arena);

	for (size_t i = 0; i < list->count; i++)
		value_append(arena, array, value_new_string(arena, list->items[i]));
	return array;
}

static void put_attached(struct arena *arena, struct value *root,
                         const struct image_attached *attached)
{
	struct value *object = value_new_object(arena);

	if (attached->profile == NULL)
		return;
	value_set(arena, object, "profile", value_new_string(arena, attached->profile));
	value_set(arena, object, "manifest", value_new_string(arena, attached->manifest));
	value_set(arena, object, "created", value_new_integer(arena, attached->created));
	value_set(arena, root, "attached", object);
}

static const void *member_of(const struct image_record *record, size_t offset)
{
	return (const char *)record + offset;
}

void image_record_encode(struct text *ret, const struct image_record *record)
{
	_cleanup_arena struct arena arena = {};
	struct value *root = value_new_object(&arena);

	value_set(&arena, root, "format", value_new_integer(&arena, RECORD_FORMAT));
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		const char *const *text = member_of(record, texts[i].offset);

		value_set(&arena, root, texts[i].key, value_new_string(&arena, *text));
	}
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
		value_set(&arena, root, lists[i].key,
		          list_value(&arena, member_of(record, lists[i].offset)));
	value_set(&arena, root, "size", value_new_integer(&arena, (int64_t)record->size));
	value_set(&arena, root, "created", value_new_integer(&arena, record->created));
	put_attached(&arena, root, &record->attached);
	value_encode(ret, root, VALUE_COMPACT);
}

int image_record_write(const struct image_record *record, const struct paths *paths,
                       const char *hex, struct error *err)
{
	_cleanup_fd int folder = paths_open_dir(paths->data, "records", err);
	_cleanup_text struct text text = {};
	char name[128];

	if (folder < 0)
		return -1;
	image_record_encode(&text, record);
	snprintf(name, sizeof name, "%s.json", hex);
	return io_replace_file(folder, name, text.data, text.length, IO_DURABLE, err);
}
