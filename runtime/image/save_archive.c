/*
 * save_archive: the order of an archive, told to the helper. What says what the rest is comes
 * first, so that a reader of a stream knows it early; the blobs follow.
 */
#include "runtime/image/save_parts.h"

#include "runtime/image/watch.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"

#include <string.h>
#include <sys/mman.h>

static const char layout_text[] = "{\"imageLayoutVersion\":\"1.0.0\"}";

enum { TAR_BLOCK = 512 };

struct order {
	int fd;         /* in memory */
	uint64_t total; /* bytes of the archive, but for what ends it */
	struct error *err;
	bool failed;
};

static void put(struct order *order, const struct layer_member *member, const char *text)
{
	if (order->failed)
		return;
	order->total += TAR_BLOCK + (member->size + TAR_BLOCK - 1) / TAR_BLOCK * TAR_BLOCK;
	if (io_write_all(order->fd, member, sizeof *member) < 0 ||
	    (text != NULL && io_write_all(order->fd, text, member->size) < 0)) {
		error_set(order->err, errno, "cannot hold the order of the archive in memory");
		order->failed = true;
	}
}

static void put_text(struct order *order, const char *name, const char *text)
{
	struct layer_member member = { .size = strlen(text) };

	snprintf(member.name, sizeof member.name, "%s", name);
	put(order, &member, text);
}

static void put_blob(struct order *order, const struct descriptor *blob)
{
	struct layer_member member = { .size = blob->size };

	snprintf(member.name, sizeof member.name, "blobs/sha256/%s", blob->hex);
	snprintf(member.hex, sizeof member.hex, "%s", blob->hex);
	put(order, &member, NULL);
}

/* docker save's own: configs, names and layers by their places in the archive. */
static const char *manifest_json(const struct save *save)
{
	struct arena *arena = save->arena;
	struct value *root = value_new_array(arena);
	_cleanup_text struct text text = {};

	for (size_t i = 0; i < save->count; i++) {
		const struct saved *saved = &save->images[i];
		struct value *row = value_append(arena, root, value_new_object(arena));
		struct value *names = value_new_array(arena), *layers = value_new_array(arena);

		value_set(arena, row, "Config",
		          value_new_string(arena, arena_printf(arena, "blobs/sha256/%s",
		                                               saved->config.hex)));
		for (size_t j = 0; j < saved->names.count; j++)
			value_append(arena, names, value_new_string(arena, saved->names.items[j]));
		value_set(arena, row, "RepoTags", names);
		for (size_t j = 0; j < saved->layer_count; j++)
			value_append(arena, layers,
			             value_new_string(arena, arena_printf(arena, "blobs/sha256/%s",
			                                                  saved->layers[j].hex)));
		value_set(arena, row, "Layers", layers);
	}
	value_encode(&text, root, VALUE_COMPACT);
	return arena_strdup(arena, text_string(&text));
}

static int write_order(uint64_t *total, const struct save *save, int fd, struct error *err)
{
	struct order order = { .fd = fd, .err = err };

	/* podman's and skopeo's unpacker wants to give folders that are not named to root */
	put_text(&order, "blobs/", "");
	put_text(&order, "blobs/sha256/", "");
	put_text(&order, "oci-layout", layout_text);
	put_text(&order, "index.json", save_index(save));
	if (save->request->form == IMAGE_DOCKER_ARCHIVE)
		put_text(&order, "manifest.json", manifest_json(save));
	for (size_t i = 0; i < save->count; i++)
		if (save->images[i].text != NULL)
			put_text(&order,
			         arena_printf(save->arena, "blobs/sha256/%s",
			                      save->images[i].manifest.hex),
			         save->images[i].text);
	for (size_t i = 0; i < save->blob_count; i++)
		put_blob(&order, &save->blobs[i]);
	*total = order.total;
	if (order.failed)
		return -1;
	return lseek(fd, 0, SEEK_SET) < 0 ? error_set(err, errno, "cannot read the order") : 0;
}

int save_archive(const struct save *save, struct error *err)
{
	_cleanup_fd int input = memfd_create("order", MFD_CLOEXEC);
	struct watched watched = { save->request->watch, LAYER_WRITING, "archive", 0 };
	struct plan_id_maps single;
	struct layer_answer answer;
	struct helper_call call = {
		.program = arena_printf(save->arena, "%s/layer", save->paths->libexec),
		.mode = LAYER_SAVE,
		.input = input,
		.folder = -1,
		.open_folder = helper_open_to_read,
		.context = arena_printf(save->arena, "%s/images/blobs/sha256", save->paths->data),
		.listing = -1,
		.keep = -1,
		.output = save->request->output,
		.maps = &single,
	};

	if (input < 0)
		return error_set(err, errno, "cannot hold the order of the archive in memory");
	if (write_order(&watched.total, save, input, err) < 0 ||
	    host_id_maps(&single, save->arena, save->host, IDMAP_SINGLE, 0, err) < 0)
		return -1;
	return watch_run(&answer, save->host, &call, &watched, err);
}
