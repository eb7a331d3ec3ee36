/*
 * remove: a container's folder and what belongs to it. Files that processes of the container made
 * belong to subordinate ids: they go from inside a user namespace that maps them. Nothing is
 * followed, no mount is crossed (io_remove_tree).
 */
#include "runtime/container/monitor.h"

#include "runtime/container/channel.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>

struct removal {
	int dir;
	const char *path;
};

static int remove_work(void *context, struct error *err)
{
	const struct removal *removal = context;

	return io_remove_tree(removal->dir, removal->path, err);
}

static int remove_tree(int dir, const char *path, const struct plan_id_maps *maps,
                       const struct host *host, struct error *err)
{
	struct removal removal = { dir, path };

	if (io_remove_tree(dir, path, err) == 0)
		return 0;
	if (maps == NULL ||
	    (err->number != EACCES && err->number != EPERM && err->number != ENOTEMPTY))
		return -1;
	return sandbox_run_mapped(maps, host, remove_work, &removal, err);
}

static void remove_volumes(const struct value *names, const struct paths *paths,
                           const struct plan_id_maps *maps, const struct host *host)
{
	struct error ignored;
	_cleanup_fd int volumes = -1;

	if (names == NULL || names->kind != VALUE_ARRAY || names->count == 0)
		return;
	volumes = paths_open_dir(paths->data, "volumes", &ignored);
	for (size_t i = 0; volumes >= 0 && i < names->count; i++) {
		const char *name = value_string(names->items[i], "");

		/* the record is ours, but a name is only a name */
		if (name[0] == '\0' || name[0] == '.' || strchr(name, '/') != NULL ||
		    remove_tree(volumes, name, maps, host, &ignored) < 0)
			continue;
	}
}

int monitor_remove_folder(struct folder *folder, const struct paths *paths, const struct host *host,
                          const struct plan_id_maps *maps, const char *name, struct error *err)
{
	_cleanup_arena struct arena arena = {};
	char temporary[CONTAINER_ID_LENGTH + 8];
	struct value *state = NULL;
	struct error ignored;

	if (state_read(&state, &arena, folder->dir, &ignored) == 0)
		remove_volumes(value_get(state, "anonymous"), paths, maps, host);
	/* First out of sight and the name free: what is left after a crash is a temporary folder.
	 */
	if (name != NULL) {
		_cleanup_fd int names = paths_open_dir(paths->data, "names", &ignored);
		char target[PATH_MAX] = "";

		if (names >= 0 && readlinkat(names, name, target, sizeof target - 1) > 0 &&
		    text_ends(target, folder->id))
			unlinkat(names, name, 0);
	}
	snprintf(temporary, sizeof temporary, ".%s.tmp", folder->id);
	if (renameat(folder->containers, folder->id, folder->containers, temporary) < 0 &&
	    errno != ENOENT)
		return error_set(err, errno, "cannot remove container %.12s", folder->id);
	if (remove_tree(folder->containers, temporary, maps, host, err) < 0)
		return error_prefix(err, "cannot remove all of container %.12s", folder->id);
	return 0;
}
