#include "runtime/image/presence.h"

#include "runtime/image/layout.h"
#include "runtime/store/lock.h"
#include "sandbox/base/cleanup.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

void image_presence(struct image_presence *ret, const struct paths *paths)
{
	char path[PATH_MAX];
	struct stat status;

	*ret = (struct image_presence){};
	snprintf(path, sizeof path, "%s/images/index.json", paths->data);
	if (stat(path, &status) < 0)
		return;
	*ret = (struct image_presence){ .inode = status.st_ino, .changed = status.st_ctim };
}

static bool is_listed(const struct layout *layout, const char *id)
{
	for (size_t i = 0; i < layout->count; i++)
		if (strcmp(layout->entries[i].id, id) == 0)
			return true;
	return false;
}

int image_presence_confirm(const struct image_presence *before, const struct paths *paths,
                           const char *id, struct error *err)
{
	_cleanup_fd int lock = store_lock(paths, STORE_LOCK_INDEX, STORE_SHARED, err);
	_cleanup_arena struct arena arena = {};
	struct image_presence now;
	struct layout layout;

	if (lock < 0)
		return -1;
	image_presence(&now, paths);
	if (now.inode == before->inode && now.changed.tv_sec == before->changed.tv_sec &&
	    now.changed.tv_nsec == before->changed.tv_nsec)
		return 0;
	if (layout_read(&layout, &arena, paths, err) < 0)
		return -1;
	if (is_listed(&layout, id))
		return 0;
	error_set(err, 0, "the image %.12s was removed while the container was being made", id);
	return error_hint(err, "get it again with cordon pull or cordon load");
}
