/*
 * The second half of a stage: from blobs to unpacked layers, to a whole image.
 */
#include "runtime/image/stage.h"

#include "runtime/image/layer/limits.h"
#include "runtime/image/find.h"
#include "runtime/image/layers.h"
#include "runtime/image/watch.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* 1 where the stage or the store has the layer, whole. */
static int find_layer(struct layer_answer *ret, struct stage *stage, const char *diff)
{
	const char *stored = arena_printf(stage->arena, "%s/layers/%s", stage->paths->data,
	                                  image_record_folder(stage->arena, diff));

	*ret = (struct layer_answer){};
	snprintf(ret->diff, sizeof ret->diff, "%s", diff);
	return layers_read_size(&ret->tree_size, stage->layers, diff) == 0 ||
	       layers_read_size(&ret->tree_size, AT_FDCWD, stored) == 0;
}

/* A folder that an earlier attempt left (its files may belong to others: it goes with the stage) is
 * put aside. */
static int make_layer(struct stage *stage, const char *hex, struct error *err)
{
	char aside[32];

	if (mkdirat(stage->layers, hex, 0700) == 0)
		return 0;
	if (errno != EEXIST)
		return error_set(err, errno, "cannot make a folder in the store");
	snprintf(aside, sizeof aside, "failed-%u", stage->failed++);
	if (renameat(stage->layers, hex, stage->layers, aside) < 0 ||
	    mkdirat(stage->layers, hex, 0700) < 0)
		return error_set(err, errno, "cannot make a folder in the store");
	return 0;
}

int stage_layer_begin(struct helper *ret, struct stage *stage, const struct descriptor *blob,
                      const struct stage_input *input, struct error *err)
{
	_cleanup_fd int layer = -1, tree = -1;
	struct helper_call call = {
		.program = arena_printf(stage->arena, "%s/layer", stage->paths->libexec),
		.mode = LAYER_UNPACK,
		.input = input->fd,
		.keep = input->keep,
		.listing = -1,
		.limit = input->keep >= 0 ? blob->size : LIMIT_BLOB,
		.maps = &stage->maps,
		.squash = stage->squash,
		.tally = stage->watch != NULL,
	};

	if (stage_make(stage, err) < 0 || make_layer(stage, blob->hex, err) < 0)
		return -1;
	layer = openat(stage->layers, blob->hex, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (layer < 0)
		return error_set(err, errno, "cannot open a folder of the store");
	if (mkdirat(layer, "diff", 0755) < 0 || fchmodat(layer, "diff", 0755, 0) < 0)
		return error_set(err, errno, "cannot make a folder in the store");
	tree = openat(layer, "diff", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (tree < 0)
		return error_set(err, errno, "cannot open a folder of the store");
	call.folder = tree;
	return helper_start(ret, stage->host, &call, err);
}

static int check_digests(const struct layer_answer *answer, const struct descriptor *blob,
                         const char *diff, struct error *err)
{
	if (strcmp(answer->blob, blob->hex) != 0)
		return error_set(err, 0,
		                 "the blob sha256:%s is damaged: it has the digest sha256:%s",
		                 blob->hex, answer->blob);
	if (diff != NULL && strcmp(answer->diff, diff) != 0)
		return error_set(err, 0,
		                 "the layer sha256:%.12s unpacks to sha256:%s; the config says "
		                 "sha256:%s",
		                 blob->hex, answer->diff, diff);
	return 0;
}

int stage_layer_end(struct layer_answer *ret, struct stage *stage, const struct descriptor *blob,
                    const char *diff, struct helper *helper, struct error *err)
{
	char path[PATH_MAX], size[32];

	if (helper_finish(ret, helper, err) < 0)
		return error_prefix(err, "the layer sha256:%.12s", blob->hex);
	if (check_digests(ret, blob, diff, err) < 0)
		return -1;
	snprintf(size, sizeof size, "%llu", (unsigned long long)ret->tree_size);
	snprintf(path, sizeof path, "%s/size", blob->hex);
	if (io_replace_file(stage->layers, path, size, strlen(size), IO_VOLATILE, err) < 0)
		return -1;
	/* EEXIST: two blobs of one content (another compression). */
	if (strcmp(blob->hex, ret->diff) != 0 &&
	    renameat2(stage->layers, blob->hex, stage->layers, ret->diff, RENAME_NOREPLACE) < 0 &&
	    errno != EEXIST)
		return error_set(err, errno, "cannot name a layer");
	return 0;
}

static void note_squash(const struct stage *stage)
{
	static const char text[] =
	        "cordon: warning: no subordinate ids: the files of images all belong to root inside\n";

	if (stage->squash && stage->count == 0)
		dprintf(STDERR_FILENO, "%s", text);
}

static struct watched watched_of(const struct stage *stage, const struct descriptor *blob)
{
	return (struct watched){ stage->watch, LAYER_UNPACKING, blob->hex, blob->size };
}

int stage_layer(struct layer_answer *ret, struct stage *stage, const struct descriptor *blob,
                const char *diff, struct error *err)
{
	const struct watched watched = watched_of(stage, blob);
	struct stage_input input = { .keep = -1 };
	struct helper helper;
	int result;

	if (diff != NULL && find_layer(ret, stage, diff) == 1)
		return 0;
	input.fd = stage_open_blob(stage, blob, err);
	if (input.fd < 0)
		return -1;
	result = stage_layer_begin(&helper, stage, blob, &input, err);
	close(input.fd);
	if (result < 0)
		return -1;
	watch_begin(&watched);
	while (stage->watch != NULL && !watch_wait(&helper))
		watch_look(&watched, &helper);
	if (stage_layer_end(ret, stage, blob, diff, &helper, err) < 0)
		return -1;
	watch_end(&watched);
	return 0;
}

/* ---- the layers of an image, some at a time ---- */

enum { AT_ONCE = 4 };

struct unpacking {
	const struct descriptor *blob;
	const char *diff;
	struct layer_answer answer;
	struct helper helper;
	bool running; /* else it was there */
};

/* Two of one blob would share a folder. */
static bool is_under_way(const struct unpacking *first, const struct unpacking *last,
                         const struct descriptor *blob)
{
	for (; first < last; first++)
		if (first->running && strcmp(first->blob->hex, blob->hex) == 0)
			return true;
	return false;
}

static int begin_layer(struct unpacking *unpacking, struct stage *stage, struct error *err)
{
	struct stage_input input = { .keep = -1 };
	struct watched watched;
	/* opened first: the store keeps the blob of a layer that is already unpacked, too */
	_cleanup_fd int held = stage_open_blob(stage, unpacking->blob, err);

	if (held < 0)
		return -1;
	if (find_layer(&unpacking->answer, stage, unpacking->diff) == 1)
		return 0;
	input.fd = held;
	if (stage_layer_begin(&unpacking->helper, stage, unpacking->blob, &input, err) < 0)
		return -1;
	unpacking->running = true;
	watched = watched_of(stage, unpacking->blob);
	watch_begin(&watched);
	return 0;
}

static int end_layer(struct unpacking *unpacking, struct stage *stage, struct error *err)
{
	const struct watched watched = watched_of(stage, unpacking->blob);

	if (!unpacking->running)
		return 0;
	unpacking->running = false;
	if (stage_layer_end(&unpacking->answer, stage, unpacking->blob, unpacking->diff,
	                    &unpacking->helper, err) < 0)
		return -1;
	watch_end(&watched);
	return 0;
}

/* Until the first of them has ended. */
static void watch_layers(const struct unpacking *first, const struct unpacking *last,
                         const struct stage *stage)
{
	if (stage->watch == NULL || !first->running)
		return;
	while (!watch_wait(&first->helper))
		for (const struct unpacking *one = first; one < last; one++) {
			const struct watched watched = watched_of(stage, one->blob);

			if (one->running)
				watch_look(&watched, &one->helper);
		}
}

static int unpack_all(struct unpacking *all, size_t count, struct stage *stage, struct error *err)
{
	size_t begun = 0, ended = 0;
	int result = 0;

	while (result == 0 && ended < count) {
		if (begun < count && begun - ended < AT_ONCE &&
		    !is_under_way(all + ended, all + begun, all[begun].blob))
			result = begin_layer(&all[begun++], stage, err);
		else {
			watch_layers(all + ended, all + begun, stage);
			result = end_layer(&all[ended++], stage, err);
		}
	}
	for (; ended < begun; ended++)
		if (all[ended].running)
			helper_kill(&all[ended].helper);
	return result;
}

static int stage_layers(struct staged_image *image, struct stage *stage,
                        const struct document *manifest, const struct config *config,
                        struct error *err)
{
	struct unpacking *all = arena_array(stage->arena, manifest->count + 1, sizeof *all);

	if (manifest->count != config->layers.count)
		return error_set(err, 0, "the manifest has %zu layers, the config %zu",
		                 manifest->count, config->layers.count);
	for (size_t i = 0; i < manifest->count; i++)
		all[i] = (struct unpacking){ .blob = &manifest->items[i],
			                     .diff = config->layers.items[i] };
	if (unpack_all(all, manifest->count, stage, err) < 0)
		return -1;
	for (size_t i = 0; i < manifest->count; i++) {
		image->record.size += all[i].answer.tree_size;
		list_append(&image->blobs, stage->arena, all[i].blob->hex);
	}
	return 0;
}

int stage_check_platform(struct stage *stage, const struct platform *platform, struct error *err)
{
	struct stage_wish *wanted = &stage->wanted;
	const char *is, *should = platform_text(stage->arena, &wanted->platform);
	struct image_news news = { .kind = IMAGE_NOTE };

	if (platform_fitness(&wanted->platform, platform) > 0)
		return 0;
	is = platform_text(stage->arena, platform);
	if (wanted->asked)
		return error_set(err, 0, "the image is for %.100s, and %s was asked for", is,
		                 should);
	if (wanted->watch == NULL)
		return 0;
	news.text = arena_printf(stage->arena, "the image is for %s, and this machine is %s", is,
	                         should);
	wanted->watch->tell(wanted->watch->context, &news);
	wanted->watch = NULL; /* once */
	return 0;
}

int stage_ask_policy(enum policy_attaching *ret, const struct image_policy *policy,
                     const char *name, struct error *err)
{
	*ret = ATTACHING_IGNORE;
	return policy->attaching == NULL ? 0 : policy->attaching(ret, policy->context, name, err);
}

/* The config of an image that the store has. */
static int check_known(struct stage *stage, const char *id, struct error *err)
{
	struct platform platform;
	struct value *config;

	if (find_config(&config, stage->arena, stage->paths, id, err) < 0)
		return -1;
	platform = platform_read(config);
	return stage_check_platform(stage, &platform, err);
}

/* Room as it is needed: most stages take one. */
static int add(struct stage *stage, struct staged_image *image, const struct plan_strings *names,
               struct error *err)
{
	if (stage->count == LIMIT_IMAGES)
		return error_set(err, 0, "more than %d images", LIMIT_IMAGES);
	stage->images = arena_more(stage->arena, stage->images, stage->count, &stage->room,
	                           sizeof *stage->images);
	if (names != NULL)
		image->names = *names;
	stage->images[stage->count++] = *image;
	return 0;
}

int stage_known(struct stage *stage, const struct descriptor *manifest,
                const struct plan_strings *names, struct error *err)
{
	struct staged_image image = { .manifest = *manifest };
	int found =
	        image_record_read(&image.record, stage->arena, stage->paths, manifest->hex, err);

	if (found <= 0)
		return found;
	if (check_known(stage, image.record.id, err) < 0)
		return -1;
	return add(stage, &image, names, err) < 0 ? -1 : 1;
}

int stage_image(struct stage *stage, const struct descriptor *manifest,
                const struct plan_strings *names, struct error *err)
{
	_cleanup_text struct text manifest_text = {}, config_text = {};
	struct staged_image image = { .manifest = *manifest };
	struct document document;
	struct config config;

	if (stage_read_blob(&manifest_text, stage, manifest, err) < 0 ||
	    document_parse(&document, stage->arena, "the manifest", &manifest_text,
	                   manifest->media_type, err) < 0)
		return -1;
	if (document.media != MEDIA_MANIFEST)
		return error_set(err, 0, "sha256:%s is an index, not a manifest", manifest->hex);
	if (stage_read_blob(&config_text, stage, &document.config, err) < 0 ||
	    config_parse(&config, stage->arena, &config_text, err) < 0 ||
	    stage_check_platform(stage, &config.platform, err) < 0)
		return -1;
	note_squash(stage);
	image.record = (struct image_record){ .id = document.config.hex,
		                              .layers = config.layers,
		                              .config = config.launch,
		                              .created = config.created };
	if (stage_layers(&image, stage, &document, &config, err) < 0)
		return -1;
	list_append(&image.blobs, stage->arena, document.config.hex);
	list_append(&image.blobs, stage->arena, manifest->hex);
	return add(stage, &image, names, err);
}
