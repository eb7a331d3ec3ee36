/*
 * fresh_image: the image's layers as one end of a copy, a volume as the other: two helpers with an
 * archive between them, as for cordon cp.
 */
#include "runtime/container/fresh.h"

#include "runtime/image/copy.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/text.h"
#include "sandbox/mount.h"
#include "sandbox/root.h"

#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

/* What the folder is called in the archive. */
#define COPIED "tree"

/* Nothing is followed: at the first that is no folder, all is open. */
bool fresh_is_absent(const struct fresh_source *source, const char *target)
{
	const struct plan_strings *layers = &source->launch->image->layers;
	size_t length = 0;

	do {
		bool found = false;

		length += 1 + strcspn(target + length + 1, "/");
		for (size_t i = 0; i < layers->count; i++) {
			const char *path = arena_printf(source->arena, "%s%.*s", layers->items[i],
			                                (int)length, target);
			struct stat status = {};

			if (lstat(path, &status) == 0 ? !S_ISDIR(status.st_mode) : errno != ENOENT)
				return false;
			found |= S_ISDIR(status.st_mode);
		}
		if (!found)
			return true;
	} while (target[length] != '\0');
	return false;
}

/* In the helper's own mount namespace: what a container of the image would begin with. */
static int open_layers(void *context, struct error *err)
{
	static const uint64_t attributes =
	        MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;
	const struct fresh_source *source = context;
	const struct plan_root root = {
		.kind = PLAN_ROOT_OVERLAY,
		.layers = source->launch->image->layers,
	};
	_cleanup_fd int mount = root_mount(&root, err);

	if (mount < 0 || mount_set_attributes(mount, attributes, false, err) < 0)
		return -1;
	return cleanup_take_fd(&mount);
}

int fresh_copy(const struct fresh_source *source, const char *target, int folder, const char *name,
               struct error *err)
{
	const struct launch *launch = source->launch;
	const struct plan_id_maps *maps = &source->plan->maps;
	bool single = maps->mode == IDMAP_SINGLE;
	const struct image_request request = { source->arena, launch->paths, launch->host };
	struct image_end from = {
		.stream = -1,
		.maps = single ? source->own : maps,
		.folder = -1,
		.open = open_layers,
		.context = (void *)source,
		.order = { .flags = LAYER_ORDER_FOLLOW | LAYER_ORDER_IF_FOLDER, .name = COPIED },
	};
	struct image_end to = {
		.stream = -1,
		.maps = maps,
		.folder = folder,
		/* where there is one id, everything is its */
		.order = { .flags = LAYER_ORDER_FOLDER | (single ? 0 : LAYER_ORDER_OWNERS),
		           .name = COPIED },
	};
	struct image_copied copied;

	if (snprintf(from.order.path, sizeof from.order.path, "%s", target) >=
	    (int)sizeof from.order.path)
		return error_set(err, ENAMETOOLONG, "%.80s", target);
	snprintf(to.order.path, sizeof to.order.path, "%s", name);
	if (image_copy(&copied, &request, &from, &to, err) < 0)
		return -1;
	if (copied.skipped > 0)
		text_printf(launch->notes,
		            "%u sockets and devices of %s were left out of a volume\n",
		            copied.skipped, target);
	return 0;
}
