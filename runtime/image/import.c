/*
 * import: a root file system becomes an image of one layer. The layer is the very file that was
 * given, but for one that is compressed as no layer may be: hashed into the store, then unpacked,
 * then described.
 */
#include "runtime/image/change.h"
#include "runtime/image/layer/limits.h"
#include "runtime/image/load.h"
#include "sandbox/base/cleanup.h"

#include <string.h>
#include <time.h>

static void set(struct arena *arena, struct value *object, const char *key, const char *text)
{
	value_set(arena, object, key, value_new_string(arena, text));
}

static void set_platform(struct arena *arena, struct value *root, const struct stage *stage,
                         const struct platform *asked)
{
	struct platform platform = *asked;

	platform_complete(&platform, stage->host);
	set(arena, root, "architecture", platform.architecture);
	set(arena, root, "os", platform.os);
	if (platform.variant != NULL)
		set(arena, root, "variant", platform.variant);
}

static int make_config(struct value **ret, struct stage *stage, const char *diff,
                       const struct image_import *order, struct error *err)
{
	struct arena *arena = stage->arena;
	struct value *root = value_new_object(arena), *config = value_new_object(arena);
	struct value *rootfs = value_new_object(arena), *layers = value_new_array(arena);
	struct value *history = value_new_array(arena), *step = value_new_object(arena);
	const char *now = config_print_time(arena, time(NULL));

	for (size_t i = 0; i < order->changes->count; i++)
		if (change_apply(config, arena, order->changes->items[i], err) < 0)
			return -1;
	set(arena, root, "created", now);
	set_platform(arena, root, stage, &order->platform);
	value_set(arena, root, "config", config);
	set(arena, rootfs, "type", "layers");
	value_append(arena, layers,
	             value_new_string(arena, arena_printf(arena, "sha256:%s", diff)));
	value_set(arena, rootfs, "diff_ids", layers);
	value_set(arena, root, "rootfs", rootfs);
	set(arena, step, "created", now);
	set(arena, step, "created_by", "cordon import");
	if (order->message != NULL)
		set(arena, step, "comment", order->message);
	value_append(arena, history, step);
	value_set(arena, root, "history", history);
	*ret = root;
	return 0;
}

static int import_layer(struct stage *stage, const struct image_import *order,
                        const struct plan_strings *names, struct error *err)
{
	const struct stage_blob archive = { order->fd, LIMIT_BLOB, "archive", true };
	struct descriptor layer = {}, config = {}, manifest;
	struct layer_answer blob, tree, document;
	_cleanup_text struct text text = {};
	struct value *root;

	/* a change that is no instruction is found before anything is unpacked */
	if (make_config(&root, stage, "", order, err) < 0 ||
	    stage_take(&blob, stage, &archive, err) < 0)
		return -1;
	layer = (struct descriptor){ .hex = blob.blob, .size = blob.blob_size };
	if (stage_layer(&tree, stage, &layer, NULL, err) < 0 ||
	    make_config(&root, stage, tree.diff, order, err) < 0)
		return -1;
	value_encode(&text, root, VALUE_COMPACT);
	if (stage_take_text(&document, stage, &text, err) < 0)
		return -1;
	config = (struct descriptor){ .hex = document.blob, .size = document.blob_size };
	if (load_manifest(&manifest, stage, &config, &layer, 1, err) < 0)
		return -1;
	return stage_image(stage, &manifest, names, err);
}

int image_import(const char **id, struct arena *arena, const struct paths *paths,
                 const struct host *host, const struct image_import *order, struct error *err)
{
	struct plan_strings names = {}, loaded = {};
	struct stage stage;
	int result;

	if (load_check_trust(arena, "tarball", order->place, err) < 0 ||
	    load_name(&names, arena, order->name, err) < 0)
		return -1;
	result = stage_open(&stage, arena, paths, host, err);
	stage.watch = order->watch;
	if (result == 0)
		result = import_layer(&stage, order, &names, err);
	if (result == 0)
		result = stage_publish(&loaded, &stage, err);
	if (result == 0)
		*id = stage.images[0].record.id;
	stage_close(&stage);
	return result;
}
