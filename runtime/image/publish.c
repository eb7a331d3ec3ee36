/*
 * publish: a stage becomes part of the store. The order is the promise: what is named last is whole
 * on the disk before.
 */
#include "runtime/image/stage.h"

#include "runtime/image/layout.h"
#include "runtime/store/lock.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* An equal one that is there already is as good: both were verified. */
static int place(int from, const char *name, int to, const char *as, struct error *err)
{
	if (renameat2(from, name, to, as, RENAME_NOREPLACE) == 0 || errno == EEXIST)
		return 0;
	/* Not in the stage: the store had it before, or an earlier image of this load brought it.
	 */
	if ((errno == ENOENT || from < 0) && faccessat(to, as, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		return 0;
	return error_set(err, errno, "cannot put %s into the store", as);
}

/* A profile that came along earlier stays, where this time none did. */
static int write_record(const struct stage *stage, const struct staged_image *image,
                        struct error *err)
{
	_cleanup_text struct text old = {}, new = {};
	struct image_record record = image->record, before = {};
	struct error ignored;

	if (image_record_read(&before, stage->arena, stage->paths, image->manifest.hex, &ignored) ==
	    1) {
		if (record.attached.profile == NULL)
			record.attached = before.attached;
		image_record_encode(&old, &before);
	}
	image_record_encode(&new, &record);
	if (strcmp(text_string(&old), text_string(&new)) == 0)
		return 0;
	return image_record_write(&record, stage->paths, image->manifest.hex, err);
}

static int place_image(const struct stage *stage, const struct staged_image *image, int layers,
                       int blobs, struct error *err)
{
	for (size_t i = 0; i < image->record.layers.count; i++) {
		const char *diff = image->record.layers.items[i];

		if (place(stage->layers, diff, layers, image_record_folder(stage->arena, diff),
		          err) < 0)
			return -1;
	}
	for (size_t i = 0; i < image->blobs.count; i++)
		if (place(stage->blobs, image->blobs.items[i], blobs, image->blobs.items[i], err) <
		    0)
			return -1;
	return write_record(stage, image, err);
}

static int name_images(struct plan_strings *loaded, const struct stage *stage, struct error *err)
{
	_cleanup_fd int lock = store_lock(stage->paths, STORE_LOCK_INDEX, STORE_EXCLUSIVE, err);
	struct arena *arena = stage->arena;
	struct layout layout;

	if (lock < 0 || layout_read(&layout, arena, stage->paths, err) < 0)
		return -1;
	for (size_t i = 0; i < stage->count; i++) {
		const struct staged_image *image = &stage->images[i];
		struct layout_entry entry = { .hex = image->manifest.hex,
			                      .media_type = image->manifest.media_type,
			                      .size = image->manifest.size,
			                      .id = image->record.id,
			                      .noted = true,
			                      .bytes = image->record.size,
			                      .created = image->record.created };

		layout_tag(&layout, arena, &entry);
		for (size_t j = 0; j < image->names.count; j++) {
			entry.name = image->names.items[j];
			layout_tag(&layout, arena, &entry);
		}
	}
	if (layout_write(&layout, arena, stage->paths, err) < 0)
		return -1;
	for (size_t i = 0; i < stage->count; i++) {
		const struct staged_image *image = &stage->images[i];

		for (size_t j = 0; j < image->names.count; j++)
			list_append(loaded, arena, image->names.items[j]);
		if (image->names.count == 0)
			list_append(loaded, arena,
			            arena_printf(arena, "sha256:%s", image->record.id));
	}
	return 0;
}

int stage_publish(struct plan_strings *loaded, struct stage *stage, struct error *err)
{
	_cleanup_fd int layers = paths_open_dir(stage->paths->data, "layers", err);
	_cleanup_fd int images = -1, blobs = -1;
	bool fresh;

	if (layers < 0)
		return -1;
	images = paths_open_dir(stage->paths->data, "images", err);
	if (images < 0)
		return -1;
	blobs = openat(images, "blobs/sha256", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (blobs < 0)
		return error_set(err, errno, "cannot open %s/images/blobs/sha256",
		                 stage->paths->data);
	/* what is in the store by now was synced when it came */
	fresh = stage->layers >= 0 &&
	        (!io_is_empty(stage->layers, ".") || !io_is_empty(stage->blobs, "."));
	if (fresh && syncfs(stage->folder) < 0)
		return error_set(err, errno, "cannot write the image to the disk");
	for (size_t i = 0; i < stage->count; i++)
		if (place_image(stage, &stage->images[i], layers, blobs, err) < 0)
			return -1;
	if (fresh && (fsync(layers) < 0 || fsync(blobs) < 0))
		return error_set(err, errno, "cannot write the image to the disk");
	return name_images(loaded, stage, err);
}
