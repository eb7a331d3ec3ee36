#include "runtime/image/commit.h"

#include "runtime/image/change.h"
#include "runtime/image/find.h"
#include "runtime/image/layer/limits.h"
#include "runtime/image/load.h"
#include "sandbox/base/cleanup.h"

#include <fcntl.h>
#include <string.h>
#include <time.h>

struct making {
	struct stage *stage;
	const struct image_request *request;
	const struct image_commit *commit;
	struct value *root; /* the new image's config */
	struct descriptor layers[LIMIT_LAYERS + 1];
	size_t count;
};

static void set(struct arena *arena, struct value *object, const char *key, const char *text)
{
	value_set(arena, object, key, value_new_string(arena, text));
}

/* A member that must be of that kind; made where it is missing. */
static struct value *member(struct arena *arena, struct value *object, const char *key, bool array)
{
	struct value *there = (struct value *)value_get(object, key);

	if (there != NULL && there->kind == (array ? VALUE_ARRAY : VALUE_OBJECT))
		return there;
	return value_set(arena, object, key,
	                 array ? value_new_array(arena) : value_new_object(arena));
}

/* ---- the image below ---- */

static int read_base(struct making *making, struct error *err)
{
	struct arena *arena = making->stage->arena;
	_cleanup_text struct text manifest = {}, config = {};
	struct descriptor descriptor = {};
	struct document document;
	struct find find;
	int found = find_stored(&find, arena, making->request->paths, making->commit->base, err);

	if (found <= 0)
		return found < 0 ? -1
		                 : error_set(err, 0,
		                             "the image %.12s, which the container was made "
		                             "from, has been removed",
		                             making->commit->base);
	descriptor = (struct descriptor){ .hex = find.entry->hex, .size = find.entry->size };
	if (stage_read_blob(&manifest, making->stage, &descriptor, err) < 0 ||
	    document_parse(&document, arena, "the manifest", &manifest, find.entry->media_type,
	                   err) < 0 ||
	    stage_read_blob(&config, making->stage, &document.config, err) < 0 ||
	    value_decode(&making->root, arena, "the image's config", text_string(&config),
	                 config.length, err) < 0)
		return -1;
	if (making->root->kind != VALUE_OBJECT)
		return error_set(err, 0, "the image's config is no object");
	if (document.count >= LIMIT_LAYERS && making->commit->tree != NULL)
		return error_set(err, 0, "an image has %d layers at most, and this one has them",
		                 LIMIT_LAYERS);
	memcpy(making->layers, document.items, document.count * sizeof *document.items);
	making->count = document.count;
	return 0;
}

/* ---- the layer ---- */

static int add_layer(struct making *making, struct error *err)
{
	static const char packed[] = "packed";
	struct stage *stage = making->stage;
	struct layer_answer *answer = arena_alloc(stage->arena, sizeof *answer);
	_cleanup_fd int file = -1;
	struct value *diffs =
	        member(stage->arena, member(stage->arena, making->root, "rootfs", false),
	               "diff_ids", true);
	struct layer_answer unpacked;

	if (stage_make(stage, err) < 0)
		return -1;
	file = openat(stage->blobs, packed, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (file < 0)
		return error_set(err, errno, "cannot make a file in the store");
	if (image_pack_layer(answer, making->request, making->commit->tree, file, err) < 0)
		return -1;
	if (renameat(stage->blobs, packed, stage->blobs, answer->blob) < 0)
		return error_set(err, errno, "cannot name a file of the store");
	making->layers[making->count] =
	        (struct descriptor){ .hex = answer->blob, .size = answer->blob_size };
	value_append(stage->arena, diffs,
	             value_new_string(stage->arena,
	                              arena_printf(stage->arena, "sha256:%s", answer->diff)));
	return stage_layer(&unpacked, stage, &making->layers[making->count++], answer->diff, err);
}

/* ---- the config ---- */

static int set_config(struct making *making, struct error *err)
{
	const struct image_commit *commit = making->commit;
	struct arena *arena = making->stage->arena;
	struct value *config =
	        value_set(arena, making->root, "config", value_copy(arena, commit->config));

	for (size_t i = 0; i < commit->changes->count; i++)
		if (change_apply(config, arena, commit->changes->items[i], err) < 0)
			return -1;
	return 0;
}

static void add_history(struct making *making)
{
	const struct image_commit *commit = making->commit;
	struct arena *arena = making->stage->arena;
	const char *now = config_print_time(arena, time(NULL));
	struct value *step = value_append(arena, member(arena, making->root, "history", true),
	                                  value_new_object(arena));

	set(arena, making->root, "created", now);
	set(arena, step, "created", now);
	set(arena, step, "created_by", commit->by);
	if (commit->message != NULL)
		set(arena, step, "comment", commit->message);
	if (commit->author != NULL) {
		set(arena, step, "author", commit->author);
		set(arena, making->root, "author", commit->author);
	}
	if (commit->tree == NULL)
		value_set(arena, step, "empty_layer", value_new_boolean(arena, true));
}

static int make(struct making *making, const struct plan_strings *names, struct error *err)
{
	struct descriptor config, manifest;
	_cleanup_text struct text text = {};
	struct layer_answer document;

	/* a change that is no instruction is found before anything is packed */
	if (read_base(making, err) < 0 || set_config(making, err) < 0)
		return -1;
	if (making->commit->tree != NULL && add_layer(making, err) < 0)
		return -1;
	add_history(making);
	value_encode(&text, making->root, VALUE_COMPACT);
	if (stage_take_text(&document, making->stage, &text, err) < 0)
		return -1;
	config = (struct descriptor){ .hex = document.blob, .size = document.blob_size };
	if (load_manifest(&manifest, making->stage, &config, making->layers, making->count, err) <
	    0)
		return -1;
	return stage_image(making->stage, &manifest, names, err);
}

int image_commit(const char **id, const struct image_request *request,
                 const struct image_commit *commit, struct error *err)
{
	struct plan_strings names = {}, loaded = {};
	struct stage stage;
	struct making making = { .stage = &stage, .request = request, .commit = commit };
	int result;

	if (load_name(&names, request->arena, commit->name, err) < 0)
		return -1;
	result = stage_open(&stage, request->arena, request->paths, request->host, err);
	stage.watch = request->watch;
	if (result == 0)
		result = make(&making, &names, err);
	if (result == 0)
		result = stage_publish(&loaded, &stage, err);
	if (result == 0)
		*id = stage.images[0].record.id;
	stage_close(&stage);
	return result;
}
