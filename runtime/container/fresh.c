#include "runtime/container/fresh.h"

#include "runtime/container/source.h"
#include "runtime/container/volume_store.h"
#include "runtime/store/claim.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/spawn.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define LOCK       "_lock"
#define FRESH_TREE "tree"
#define WHOLE_TREE VOLUME_WHOLE "/" FRESH_TREE

static int open_folder(int folder, const char *path)
{
	return openat(folder, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* ---- moving what is whole, as root inside ---- */

static int take_looks(int data, int tree, struct error *err)
{
	struct stat status;

	if (fstat(tree, &status) < 0 || fchown(data, status.st_uid, status.st_gid) < 0 ||
	    fchmod(data, status.st_mode & 07777) < 0)
		return error_set(err, errno, "cannot give it the owner and mode it has there");
	return 0;
}

/* One way through the tree. 1 where something was moved. */
static int move_some(DIR *tree, int data, struct error *err)
{
	struct dirent *entry;
	int moved = 0;

	while ((entry = readdir(tree)) != NULL) {
		const char *name = entry->d_name;

		if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
			continue;
		if (renameat2(dirfd(tree), name, data, name, RENAME_NOREPLACE) == 0)
			moved = 1;
		else if (errno != EEXIST && errno != ENOENT)
			return error_set(err, errno, "cannot move %.200s into it", name);
	}
	return moved;
}

static int move_all(void *context, struct error *err)
{
	const int *folder = context;
	int tree = open_folder(*folder, WHOLE_TREE), status;
	_cleanup_dir DIR *stream = tree < 0 ? NULL : fdopendir(tree);
	_cleanup_fd int data = open_folder(*folder, "_data");

	/* one who was killed ends a moment after his lock, and may have done it */
	if (tree < 0 && errno == ENOENT)
		return 0;
	if (stream == NULL || data < 0)
		return error_set(err, errno, "cannot open what was copied");
	if (volume_is_empty(*folder) && take_looks(data, tree, err) < 0)
		return -1;
	while ((status = move_some(stream, data, err)) == 1)
		rewinddir(stream);
	if (status == 0)
		unlinkat(*folder, WHOLE_TREE, AT_REMOVEDIR);
	return status;
}

/* ---- one volume ---- */

struct filling {
	const struct fresh_source *source;
	const struct fresh_volume *volume;
	int folder; /* of the volume */
};

static bool has(const struct filling *filling, const char *path)
{
	return faccessat(filling->folder, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static int discard(const struct filling *filling, const char *name, struct error *err)
{
	const struct launch *launch = filling->source->launch;

	return volume_discard(filling->folder, name, launch->paths, launch->host, err);
}

static int move_whole(struct filling *filling, struct error *err)
{
	const struct fresh_source *source = filling->source;

	if (sandbox_run_mapped(source->own, source->launch->host, move_all, &filling->folder, err) <
	    0)
		return -1;
	if (unlinkat(filling->folder, VOLUME_WHOLE, AT_REMOVEDIR) == 0 || errno == ENOENT)
		return 0;
	/* somebody else's have the names of what is left */
	return discard(filling, VOLUME_WHOLE, err);
}

/* An image that is being removed may have less than it had. */
static int copy_to(const struct filling *filling, int folder, const char *name, struct error *err)
{
	const struct fresh_source *source = filling->source;

	return fresh_copy(source, filling->volume->target, folder, name, err) < 0 ||
	                       source_confirm(source->launch, err) < 0
	               ? -1
	               : 0;
}

/* A crash of the machine must not leave names without their content. Who is removed at his end has
 * nothing that outlives one. */
static int sync_files(const struct filling *filling, struct error *err)
{
	if (filling->volume->anonymous && filling->source->launch->request->remove)
		return 0;
	return syncfs(filling->folder) < 0 ? error_set(err, errno, "cannot write it to the disk")
	                                   : 0;
}

static int copy(const struct filling *filling, struct error *err)
{
	_cleanup_fd int partial = -1;

	if (mkdirat(filling->folder, VOLUME_PARTIAL, 0700) < 0)
		return error_set(err, errno, "cannot make a folder for it");
	partial = open_folder(filling->folder, VOLUME_PARTIAL);
	if (partial < 0)
		return error_set(err, errno, "cannot open a folder for it");
	if (copy_to(filling, partial, FRESH_TREE, err) < 0)
		return -1;
	if (!has(filling, VOLUME_PARTIAL "/" FRESH_TREE))
		return unlinkat(filling->folder, VOLUME_PARTIAL, AT_REMOVEDIR) < 0
		               ? error_set(err, errno, "cannot remove a folder")
		               : 0;
	if (sync_files(filling, err) < 0)
		return -1;
	if (renameat(filling->folder, VOLUME_PARTIAL, filling->folder, VOLUME_WHOLE) < 0)
		return error_set(err, errno, "cannot rename what was copied");
	return 0;
}

static int fill_claimed(struct filling *filling, struct error *err)
{
	struct error ignored;

	if (!has(filling, VOLUME_WHOLE)) {
		if (!volume_is_empty(filling->folder))
			return 0; /* another was faster */
		if (discard(filling, VOLUME_PARTIAL, err) < 0)
			return -1;
		if (copy(filling, err) < 0) {
			if (discard(filling, VOLUME_PARTIAL, &ignored) < 0)
				return -1; /* the next one tries again */
			return -1;
		}
	}
	return has(filling, VOLUME_WHOLE) ? move_whole(filling, err) : 0;
}

static int fill_named(struct filling *filling, struct error *err)
{
	_cleanup_fd int claim = store_claim(filling->folder, LOCK, true, err);
	int result;

	if (claim < 0)
		return -1;
	result = fill_claimed(filling, err);
	unlinkat(filling->folder, LOCK, 0);
	return result;
}

/* Nobody else knows of it: the copy itself takes the place of _data. */
static int fill_anonymous(const struct filling *filling, struct error *err)
{
	if (copy_to(filling, filling->folder, VOLUME_PARTIAL, err) < 0)
		return -1;
	if (!has(filling, VOLUME_PARTIAL))
		return 0;
	if (sync_files(filling, err) < 0)
		return -1;
	if (renameat(filling->folder, VOLUME_PARTIAL, filling->folder, "_data") < 0)
		return error_set(err, errno, "cannot rename what was copied");
	return 0;
}

static int fill(struct filling *filling, struct error *err)
{
	const struct fresh_volume *volume = filling->volume;
	int result;

	if (!has(filling, VOLUME_WHOLE) && fresh_is_absent(filling->source, volume->target))
		return 0;
	result = volume->anonymous ? fill_anonymous(filling, err) : fill_named(filling, err);
	if (result == 0)
		return 0;
	error_prefix(err, "cannot fill the volume %.64s with what the image has at %.200s",
	             volume->name, volume->target);
	return error_hint(err, "to leave it empty, say nocopy: -v %s%s%.200s:nocopy",
	                  volume->anonymous ? "" : volume->name, volume->anonymous ? "" : ":",
	                  volume->target);
}

/* ---- all of a launch ---- */

/* Who else is about to start with one of them keeps it. */
static void remove_made(const struct launch *launch)
{
	struct error ignored;

	for (size_t i = 0; i < launch->fresh_count; i++) {
		const struct fresh_volume *volume = &launch->fresh[i];

		if (!volume->made)
			continue;
		close(volume->lock);
		if (volume_remove(launch->paths, launch->host, volume->name, &ignored) < 0)
			continue;
	}
}

int fresh_fill(struct arena *arena, const struct launch *launch, const struct plan *plan,
               struct error *err)
{
	struct plan_id_maps own;
	const struct fresh_source source = { arena, launch, plan, &own };

	if (launch->fresh_count == 0)
		return 0;
	if (host_own_maps(&own, arena, launch->host, err) < 0)
		return -1;
	for (size_t i = 0; i < launch->fresh_count; i++) {
		struct filling filling = { &source, &launch->fresh[i], launch->fresh[i].lock };

		if (!launch->fresh[i].fill || fill(&filling, err) == 0)
			continue;
		remove_made(launch);
		return -1;
	}
	return 0;
}
