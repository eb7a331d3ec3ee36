#include "runtime/image/save_parts.h"

#include "runtime/image/convert.h"
#include "runtime/image/find.h"
#include "runtime/image/layer/limits.h"
#include "runtime/image/layout.h"
#include "runtime/image/list.h"
#include "runtime/image/stage.h"
#include "runtime/store/lock.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"

#include <fcntl.h>
#include <string.h>

static const enum manifest_family families[IMAGE_FORMS] = {
	[IMAGE_DOCKER_ARCHIVE] = MANIFEST_OCI, /* manifest.json needs none of them */
	[IMAGE_OCI_ARCHIVE] = MANIFEST_OCI,
	[IMAGE_DOCKER_DIR] = MANIFEST_DOCKER,
	[IMAGE_OCI_DIR] = MANIFEST_OCI,
};

/* ---- gathering ---- */

static void add_blob(struct save *save, const struct descriptor *blob)
{
	for (size_t i = 0; i < save->blob_count; i++)
		if (strcmp(save->blobs[i].hex, blob->hex) == 0)
			return;
	save->blobs[save->blob_count++] = *blob;
}

static int read_manifest(struct text *ret, const struct save *save,
                         const struct descriptor *manifest, struct error *err)
{
	const char *path = arena_printf(save->arena, "%s/images/blobs/sha256/%s", save->paths->data,
	                                manifest->hex);
	int found = io_read_file(ret, AT_FDCWD, path, LIMIT_MANIFEST, err);

	if (found == 0) {
		error_set(err, 0, "the blob sha256:%s of the image is missing", manifest->hex);
		error_hint(err, "cordon system check says what else is");
	}
	return found > 0 ? 0 : -1;
}

/* The digest of a manifest in other words is for the helper to say, which puts it into a stage
 * that goes again. */
static int hash_text(struct descriptor *ret, const struct save *save, const struct text *text,
                     struct error *err)
{
	struct layer_answer answer;
	struct stage stage;
	int result = stage_open(&stage, save->arena, save->paths, save->host, err);

	if (result == 0)
		result = stage_take_text(&answer, &stage, text, err);
	stage_close(&stage);
	if (result < 0)
		return -1;
	ret->hex = arena_strdup(save->arena, answer.blob);
	ret->size = answer.blob_size;
	return 0;
}

static int convert(struct saved *saved, const struct save *save, const struct text *text,
                   struct error *err)
{
	enum manifest_family family = families[save->request->form];
	_cleanup_text struct text converted = {};
	struct value *value;
	int changed;

	if (value_decode(&value, save->arena, "the manifest", text->data, text->length, err) < 0)
		return -1;
	changed = manifest_convert(&converted, save->arena, value, saved->manifest.media_type,
	                           family, err);
	if (changed <= 0)
		return changed;
	saved->manifest.media_type = manifest_types[family];
	saved->text = arena_strdup(save->arena, converted.data);
	return hash_text(&saved->manifest, save, &converted, err);
}

static int take_image(struct save *save, const struct layout_entry *entry, struct error *err)
{
	struct saved *saved = &save->images[save->count];
	_cleanup_text struct text text = {};
	struct document document;

	saved->manifest = (struct descriptor){ .media = MEDIA_MANIFEST,
		                               .media_type = entry->media_type,
		                               .hex = entry->hex,
		                               .size = entry->size };
	if (read_manifest(&text, save, &saved->manifest, err) < 0 ||
	    document_parse(&document, save->arena, "the manifest", &text, entry->media_type, err) <
	            0)
		return -1;
	saved->config = document.config;
	saved->layers = document.items;
	saved->layer_count = document.count;
	if (convert(saved, save, &text, err) < 0)
		return -1;
	for (size_t i = 0; i < document.count; i++)
		add_blob(save, &document.items[i]);
	add_blob(save, &document.config);
	if (saved->text == NULL)
		add_blob(save, &saved->manifest);
	save->count++;
	return 0;
}

/* The image that is already among them; NULL. */
static struct saved *find_taken(struct save *save, const char *config)
{
	for (size_t i = 0; i < save->count; i++)
		if (strcmp(save->images[i].config.hex, config) == 0)
			return &save->images[i];
	return NULL;
}

static int take(struct save *save, const struct layout *layout, const char *name, struct error *err)
{
	const struct layout_entry *entry;
	struct saved *saved;
	bool by_name;
	int found = find_entry(&entry, &by_name, save->arena, layout, name, err);

	if (found == 0)
		return find_refuse(name, err);
	if (found < 0)
		return -1;
	if (entry->id[0] == '\0')
		return error_set(err, 0, "%.200s was put into the store by another tool", name);
	saved = find_taken(save, entry->id);
	if (saved == NULL) {
		if (take_image(save, entry, err) < 0)
			return error_prefix(err, "%.200s", name);
		saved = &save->images[save->count - 1];
	}
	if (by_name && entry->name != NULL)
		list_append(&saved->names, save->arena, entry->name);
	return 0;
}

static int gather(struct save *save, struct error *err)
{
	const struct plan_strings *names = &save->request->images;
	struct layout layout;

	if (layout_read(&layout, save->arena, save->paths, err) < 0)
		return -1;
	save->images = arena_array(save->arena, names->count, sizeof *save->images);
	save->blobs =
	        arena_array(save->arena, names->count * (LIMIT_LAYERS + 2), sizeof *save->blobs);
	for (size_t i = 0; i < names->count; i++)
		if (take(save, &layout, names->items[i], err) < 0)
			return -1;
	if (save->request->form == IMAGE_DOCKER_DIR && save->count > 1)
		return error_set(err, 0, "docker-dir holds one image");
	return 0;
}

/* ---- index.json ---- */

/* Under its full name, twice: containers/image looks for the one annotation, containerd and Docker
 * for the other. */
static void add_entry(const struct save *save, struct value *manifests, const struct saved *saved,
                      const char *name)
{
	struct arena *arena = save->arena;
	struct value *entry = value_append(arena, manifests, value_new_object(arena)), *notes;

	value_set(arena, entry, "mediaType", value_new_string(arena, saved->manifest.media_type));
	value_set(arena, entry, "digest",
	          value_new_string(arena, arena_printf(arena, "sha256:%s", saved->manifest.hex)));
	value_set(arena, entry, "size", value_new_integer(arena, (int64_t)saved->manifest.size));
	if (name == NULL)
		return;
	notes = value_set(arena, entry, "annotations", value_new_object(arena));
	value_set(arena, notes, "io.containerd.image.name", value_new_string(arena, name));
	value_set(arena, notes, "org.opencontainers.image.ref.name", value_new_string(arena, name));
}

const char *save_index(const struct save *save)
{
	struct arena *arena = save->arena;
	struct value *root = value_new_object(arena), *manifests = value_new_array(arena);
	_cleanup_text struct text text = {};

	value_set(arena, root, "schemaVersion", value_new_integer(arena, 2));
	value_set(arena, root, "mediaType",
	          value_new_string(arena, "application/vnd.oci.image.index.v1+json"));
	for (size_t i = 0; i < save->count; i++) {
		const struct saved *saved = &save->images[i];

		for (size_t j = 0; j < saved->names.count; j++)
			add_entry(save, manifests, saved, saved->names.items[j]);
		if (saved->names.count == 0)
			add_entry(save, manifests, saved, NULL);
	}
	value_set(arena, root, "manifests", manifests);
	value_encode(&text, root, VALUE_COMPACT);
	return arena_strdup(arena, text_string(&text));
}

int image_save(struct arena *arena, const struct paths *paths, const struct host *host,
               const struct image_save *request, struct error *err)
{
	struct save save = { .arena = arena, .paths = paths, .host = host, .request = request };
	/* nothing that is being saved is swept away */
	_cleanup_fd int lock = store_lock(paths, STORE_LOCK_USE, STORE_SHARED, err);

	if (lock < 0 || gather(&save, err) < 0)
		return -1;
	return request->form == IMAGE_DOCKER_DIR || request->form == IMAGE_OCI_DIR
	               ? save_folder(&save, err)
	               : save_archive(&save, err);
}
