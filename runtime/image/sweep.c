#include "runtime/image/sweep.h"

#include "runtime/image/kept.h"
#include "runtime/store/lock.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"
#include "sandbox/spawn.h"

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>

enum { SECONDS_A_DAY = 24 * 60 * 60 };

struct removal {
	int folder;
	const char *name;
};

static int remove_work(void *context, struct error *err)
{
	const struct removal *removal = context;
	struct rlimit files;

	/* a descriptor a level: layers are up to LIMIT_DEPTH folders deep */
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	return io_remove_tree(removal->folder, removal->name, err);
}

void sweep_folder(const struct paths *paths, const struct host *host, const char *name)
{
	_cleanup_arena struct arena arena = {};
	struct plan_id_maps maps;
	struct error ignored;
	_cleanup_fd int folder = paths_open_dir(paths->data, "tmp", &ignored);
	struct removal removal = { folder, name };

	if (folder < 0 || io_remove_tree(folder, name, &ignored) == 0)
		return;
	if (host_own_maps(&maps, &arena, host, &ignored) < 0 ||
	    sandbox_run_mapped(&maps, host, remove_work, &removal, &ignored) < 0)
		return;
}

/* ---- what is not ---- */

/* Where what is not kept is moved to, one rename each, so that a name in the store is always whole;
 * it is removed afterwards as any stage. Made when there is something. */
static int make_bin(int *ret, const char *base, struct error *err)
{
	char path[PATH_MAX];

	if (*ret >= 0)
		return 0;
	snprintf(path, sizeof path, "%s/tmp/" SWEEP_PREFIX "XXXXXX", base);
	if (mkdtemp(path) == NULL)
		return error_set(err, errno, "cannot make a folder in %s/tmp", base);
	*ret = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return *ret < 0 ? error_set(err, errno, "cannot open %s", path) : 0;
}

static int move_rest(int *bin, const char *base, const char *name, const struct plan_strings *list,
                     struct error *err)
{
	_cleanup_dir DIR *stream = NULL;
	struct dirent *entry;
	char path[PATH_MAX];

	snprintf(path, sizeof path, "%s/%s", base, name);
	stream = opendir(path);
	if (stream == NULL)
		return errno == ENOENT ? 0 : error_set(err, errno, "cannot open %s", path);
	while ((entry = readdir(stream)) != NULL) {
		if (entry->d_name[0] == '.' || kept_has(list, entry->d_name))
			continue;
		if (make_bin(bin, base, err) < 0)
			return -1;
		if (renameat(dirfd(stream), entry->d_name, *bin, entry->d_name) < 0)
			return error_set(err, errno, "cannot remove %s/%s", path, entry->d_name);
	}
	return 0;
}

static int move_all(const struct paths *paths, const struct kept *kept, struct error *err)
{
	_cleanup_fd int temporary = paths_open_dir(paths->data, "tmp", err); /* it is ours */
	_cleanup_fd int bin = -1;

	if (temporary < 0 || move_rest(&bin, paths->data, "records", &kept->records, err) < 0 ||
	    move_rest(&bin, paths->data, "layers", &kept->layers, err) < 0)
		return -1;
	return move_rest(&bin, paths->data, "images/blobs/sha256", &kept->blobs, err);
}

static int remove_stages(const struct paths *paths, const struct host *host, struct error *err)
{
	char path[PATH_MAX];
	_cleanup_dir DIR *stream = NULL;
	struct dirent *entry;

	snprintf(path, sizeof path, "%s/tmp", paths->data);
	stream = opendir(path);
	if (stream == NULL)
		return error_set(err, errno, "cannot open %s", path);
	while ((entry = readdir(stream)) != NULL)
		if (text_starts(entry->d_name, SWEEP_PREFIX))
			sweep_folder(paths, host, entry->d_name);
	return 0;
}

/* ---- what came before a pull was cut off ---- */

/* Nobody is adding: nobody has one of them open to go on with. A lock file goes with its blob. */
static int remove_partial(uint64_t *freed, const struct paths *paths, unsigned days,
                          struct error *err)
{
	const time_t limit = time(NULL) - (time_t)days * SECONDS_A_DAY;
	_cleanup_fd int folder = paths_open_dir(paths->data, "partial", err);
	_cleanup_dir DIR *stream = NULL;
	struct dirent *entry;
	struct stat status;

	if (folder < 0)
		return -1;
	stream = fdopendir(folder);
	if (stream == NULL)
		return error_set(err, errno, "cannot read %s/partial", paths->data);
	folder = -1; /* the stream's now */
	while ((entry = readdir(stream)) != NULL) {
		if (entry->d_name[0] == '.' ||
		    fstatat(dirfd(stream), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) < 0 ||
		    !S_ISREG(status.st_mode) || status.st_mtim.tv_sec > limit)
			continue;
		if (unlinkat(dirfd(stream), entry->d_name, 0) < 0 && errno != ENOENT)
			return error_set(err, errno, "cannot remove %s/partial/%s", paths->data,
			                 entry->d_name);
		*freed += (uint64_t)status.st_size;
	}
	return 0;
}

int sweep_partial(uint64_t *freed, const struct paths *paths, unsigned days, struct error *err)
{
	_cleanup_fd int lock = store_lock_try(paths, STORE_LOCK_USE, STORE_EXCLUSIVE, err);

	if (lock < 0)
		return err->number == EWOULDBLOCK ? 0 : -1;
	return remove_partial(freed, paths, days, err) < 0 ? -1 : 1;
}

int sweep(const struct paths *paths, const struct host *host, struct error *err)
{
	_cleanup_arena struct arena arena = {};
	struct kept kept = { .arena = &arena };
	uint64_t freed = 0;
	_cleanup_fd int lock = store_lock_try(paths, STORE_LOCK_USE, STORE_EXCLUSIVE, err);

	if (lock < 0)
		return err->number == EWOULDBLOCK ? 0 : -1;
	if (kept_find(&kept, paths, err) < 0 || move_all(paths, &kept, err) < 0 ||
	    remove_stages(paths, host, err) < 0 ||
	    remove_partial(&freed, paths, SWEEP_PARTIAL_DAYS, err) < 0)
		return -1;
	return 1;
}
