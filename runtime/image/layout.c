#include "runtime/image/layout.h"

#include "runtime/image/layer/limits.h"
#include "runtime/registry/reference.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char name_note[] = "org.opencontainers.image.ref.name";
static const char id_note[] = "io.cordon.image.id";
static const char bytes_note[] = "io.cordon.image.size";
static const char created_note[] = "io.cordon.image.created";
static const char layout_text[] = "{\"imageLayoutVersion\":\"1.0.0\"}";

static struct layout_entry *add(struct layout *layout, struct arena *arena)
{
	layout->entries = arena_more(arena, layout->entries, layout->count, &layout->room,
	                             sizeof *layout->entries);
	return &layout->entries[layout->count++];
}

/* A note is a text, as annotations are. */
static bool read_number(int64_t *ret, const struct value *notes, const char *key)
{
	const char *text = value_string(value_get(notes, key), "");
	char *end;

	errno = 0;
	*ret = strtoll(text, &end, 10);
	return errno == 0 && text[0] != '\0' && *end == '\0';
}

static void read_notes(struct layout_entry *ret, const struct value *notes)
{
	int64_t bytes;

	ret->name = value_string(value_get(notes, name_note), NULL);
	ret->id = value_string(value_get(notes, id_note), "");
	ret->noted = ret->id[0] != '\0' && read_number(&bytes, notes, bytes_note) && bytes >= 0 &&
	             read_number(&ret->created, notes, created_note);
	ret->bytes = ret->noted ? (uint64_t)bytes : 0;
}

static int read_entry(struct layout *layout, struct arena *arena, const struct value *object)
{
	const char *hex = reference_digest_hex(value_string(value_get(object, "digest"), NULL));
	struct layout_entry *entry;

	if (hex == NULL)
		return -1;
	entry = add(layout, arena);
	*entry = (struct layout_entry){
		.hex = hex,
		.media_type = value_string(value_get(object, "mediaType"), ""),
		.size = (uint64_t)value_integer(value_get(object, "size"), 0),
		.raw = object,
	};
	read_notes(entry, value_get(object, "annotations"));
	return 0;
}

static int damaged(struct error *err, const char *path)
{
	error_set(err, 0, "%s is damaged", path);
	return error_hint(err, "move %s away and load the images again", path);
}

int layout_read(struct layout *ret, struct arena *arena, const struct paths *paths,
                struct error *err)
{
	const char *path = arena_printf(arena, "%s/images/index.json", paths->data);
	_cleanup_text struct text text = {};
	struct layout layout = {};
	const struct value *manifests;
	struct value *root;
	int found = io_read_file(&text, AT_FDCWD, path, LIMIT_INDEX, err);

	if (found <= 0) {
		if (found == 0)
			*ret = layout;
		return found;
	}
	if (value_decode_kept(&root, arena, path, &text, err) < 0)
		return error_hint(err, "move the file away and load the images again");
	manifests = value_get(root, "manifests");
	if (manifests == NULL || manifests->kind != VALUE_ARRAY)
		return damaged(err, path);
	layout.room = manifests->count;
	layout.entries = arena_array(arena, layout.room, sizeof *layout.entries);
	for (size_t i = 0; i < manifests->count; i++)
		if (read_entry(&layout, arena, manifests->items[i]) < 0)
			return damaged(err, path);
	*ret = layout;
	return 0;
}

static void note_number(struct arena *arena, struct value *notes, const char *key, int64_t number)
{
	const char *text = arena_printf(arena, "%" PRId64, number);

	value_set(arena, notes, key, value_new_string(arena, text));
}

static struct value *entry_value(struct arena *arena, const struct layout_entry *entry)
{
	struct value *object = value_new_object(arena), *notes;

	if (entry->raw != NULL)
		object = value_copy(arena, entry->raw);
	notes = value_new_object(arena);
	value_set(arena, object, "mediaType", value_new_string(arena, entry->media_type));
	value_set(arena, object, "digest",
	          value_new_string(arena, arena_printf(arena, "sha256:%s", entry->hex)));
	value_set(arena, object, "size", value_new_integer(arena, (int64_t)entry->size));
	if (entry->name != NULL)
		value_set(arena, notes, name_note, value_new_string(arena, entry->name));
	if (entry->id[0] != '\0')
		value_set(arena, notes, id_note, value_new_string(arena, entry->id));
	if (entry->noted) {
		note_number(arena, notes, bytes_note, (int64_t)entry->bytes);
		note_number(arena, notes, created_note, entry->created);
	}
	if (entry->id[0] != '\0' || entry->raw == NULL)
		value_set(arena, object, "annotations", notes);
	return object;
}

/* The same, as whoever wrote it last left it, on the disk. */
static bool is_there(int folder, const struct text *text)
{
	_cleanup_text struct text before = {};
	struct error ignored;

	return io_read_file(&before, folder, "index.json", LIMIT_INDEX, &ignored) == 1 &&
	       before.length == text->length && memcmp(before.data, text->data, text->length) == 0;
}

int layout_write(const struct layout *layout, struct arena *arena, const struct paths *paths,
                 struct error *err)
{
	_cleanup_fd int folder = paths_open_dir(paths->data, "images", err);
	struct value *root = value_new_object(arena), *manifests = value_new_array(arena);
	_cleanup_text struct text text = {};

	if (folder < 0)
		return -1;
	for (size_t i = 0; i < layout->count; i++)
		value_append(arena, manifests, entry_value(arena, &layout->entries[i]));
	value_set(arena, root, "schemaVersion", value_new_integer(arena, 2));
	value_set(arena, root, "mediaType",
	          value_new_string(arena, "application/vnd.oci.image.index.v1+json"));
	value_set(arena, root, "manifests", manifests);
	value_encode(&text, root, VALUE_COMPACT);
	text_append_char(&text, '\n');
	if (is_there(folder, &text))
		return 0;
	return io_replace_file(folder, "index.json", text.data, text.length, IO_DURABLE, err);
}

int layout_create(const struct paths *paths, struct error *err)
{
	_cleanup_fd int folder = paths_open_dir(paths->data, "images", err);

	if (folder < 0)
		return -1;
	if ((mkdirat(folder, "blobs", 0700) < 0 && errno != EEXIST) ||
	    (mkdirat(folder, "blobs/sha256", 0700) < 0 && errno != EEXIST))
		return error_set(err, errno, "cannot make %s/images/blobs", paths->data);
	if (faccessat(folder, "oci-layout", F_OK, 0) == 0)
		return 0;
	return io_replace_file(folder, "oci-layout", layout_text, strlen(layout_text), IO_DURABLE,
	                       err);
}

/* ---- changes ---- */

static void drop(struct layout *layout, size_t place)
{
	layout->count--;
	memmove(&layout->entries[place], &layout->entries[place + 1],
	        (layout->count - place) * sizeof layout->entries[0]);
}

static bool has_other(const struct layout *layout, size_t place)
{
	for (size_t i = 0; i < layout->count; i++)
		if (i != place && strcmp(layout->entries[i].hex, layout->entries[place].hex) == 0)
			return true;
	return false;
}

void layout_untag(struct layout *layout, const char *name)
{
	for (size_t i = 0; i < layout->count; i++) {
		if (!text_equal(layout->entries[i].name, name))
			continue;
		if (has_other(layout, i)) {
			drop(layout, i--);
		} else {
			layout->entries[i].name = NULL;
		}
	}
}

void layout_tag(struct layout *layout, struct arena *arena, const struct layout_entry *entry)
{
	bool there = false;

	if (entry->name != NULL)
		layout_untag(layout, entry->name);
	for (size_t i = 0; i < layout->count; i++) {
		struct layout_entry *old = &layout->entries[i];

		if (strcmp(old->hex, entry->hex) != 0)
			continue;
		/* its nameless entry has served its turn; one of another tool becomes ours */
		if (old->id[0] == '\0' || (old->name == NULL && entry->name != NULL))
			drop(layout, i--);
		else
			there = true;
	}
	if (entry->name != NULL || !there)
		*add(layout, arena) = *entry;
}

void layout_forget(struct layout *layout, const char *id)
{
	for (size_t i = 0; i < layout->count; i++)
		if (strcmp(layout->entries[i].id, id) == 0)
			drop(layout, i--);
}
