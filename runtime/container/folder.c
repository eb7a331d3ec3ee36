#include "runtime/container/folder.h"

#include "runtime/container/identity.h"
#include "runtime/container/remove.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

enum { MAKE_TRIES = 8, TAKE_TRIES = 50, TAKE_PAUSE_US = 2000 };

bool folder_is_id(const char *name)
{
	return strlen(name) == CONTAINER_ID_LENGTH &&
	       strspn(name, "0123456789abcdef") == CONTAINER_ID_LENGTH;
}

/* ---- making ---- */

/* 1 made and locked; 0 a sweeper took it for a dead one in the moment before the lock: try again.
 */
static int make_locked(struct folder *folder, struct error *err)
{
	static const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	struct stat status;

	if (mkdirat(folder->containers, folder->id, 0700) < 0)
		return error_set(err, errno, "cannot make a container's folder");
	folder->dir = openat(folder->containers, folder->id, flags);
	if (folder->dir < 0 && errno == ENOENT)
		return 0;
	if (folder->dir < 0 || flock(folder->dir, LOCK_EX) < 0 || fstat(folder->dir, &status) < 0)
		return error_set(err, errno, "cannot lock a container's folder");
	if (status.st_nlink > 0)
		return 1;
	close(folder->dir);
	folder->dir = -1;
	return 0;
}

static int make_content(const struct folder *folder, struct error *err)
{
	/* The overlay's upper folder is the container's "/": its mode is what is seen inside. */
	if (mkdirat(folder->dir, "upper", 0755) < 0 || mkdirat(folder->dir, "work", 0700) < 0)
		return error_set(err, errno, "cannot make the container's upper folder");
	/* a umask of the caller's is no reason for a root that others inside cannot enter */
	if (fchmodat(folder->dir, "upper", 0755, 0) < 0)
		return error_set(err, errno, "cannot open the container's upper folder");
	return 0;
}

int folder_choose(struct folder *ret, const struct paths *paths, struct error *err)
{
	struct folder folder = FOLDER_NONE;

	if (identity_make(folder.id, err) < 0)
		return -1;
	folder.containers = paths_open_dir(paths->data, "containers", err);
	if (folder.containers < 0)
		return -1;
	*ret = folder;
	return 0;
}

int folder_make(struct folder *folder, const struct paths *paths, bool overlay, struct error *err)
{
	struct error ignored;
	int made = 0;

	for (int tries = 0; made == 0 && tries < MAKE_TRIES; tries++)
		made = make_locked(folder, err);
	if (made == 0)
		made = error_set(err, EAGAIN, "cannot make a container's folder");
	if (made > 0 && (!overlay || make_content(folder, err) == 0))
		return 0;
	/* what cannot be removed now is for the next sweep */
	if (folder->dir >= 0 && io_remove_tree(folder->containers, folder->id, &ignored) < 0)
		ignored.number = 0;
	cleanup_close(&folder->dir);
	folder->dir = -1;
	return error_hint(err, "is there room in %s, and is it writable?", paths->data);
}

/* ---- names ---- */

/* True where the claim names a folder that is not there. */
static bool is_stale(int names, const char *target)
{
	return faccessat(names, target, F_OK, 0) < 0 && errno == ENOENT;
}

static int read_claim(int names, const char *name, char ret[PATH_MAX])
{
	ssize_t length = readlinkat(names, name, ret, PATH_MAX - 1);

	ret[length < 0 ? 0 : length] = '\0';
	return length < 0 ? -1 : 0;
}

/* A stale claim is taken away under a lock that all who do so take, so that of two who see it none
 * takes away the claim the other has just made. */
static void drop_stale(int names, const char *name)
{
	char target[PATH_MAX];

	if (flock(names, LOCK_EX) < 0)
		return;
	if (read_claim(names, name, target) == 0 && is_stale(names, target))
		unlinkat(names, name, 0);
	flock(names, LOCK_UN);
}

int folder_claim(const struct folder *folder, const struct paths *paths, const char *name,
                 struct error *err)
{
	_cleanup_fd int names = paths_open_dir(paths->data, "names", err);
	char target[CONTAINER_ID_LENGTH + 32], old[PATH_MAX] = "";
	const char *owner;

	if (names < 0)
		return -1;
	snprintf(target, sizeof target, "../containers/%s", folder->id);
	for (int tries = 0; tries < MAKE_TRIES; tries++) {
		if (symlinkat(target, names, name) == 0)
			return 0;
		if (errno != EEXIST)
			return error_set(err, errno, "cannot claim the name %s", name);
		if (read_claim(names, name, old) < 0)
			continue; /* it was given back this moment */
		/* what a killed process left behind holds no name */
		folder_sweep(paths, NULL);
		if (!is_stale(names, old))
			break;
		drop_stale(names, name);
	}
	owner = strrchr(old, '/');
	error_set(err, 0,
	          "Conflict. The container name \"/%s\" is already in use by container \"%s\"",
	          name, owner == NULL ? old : owner + 1);
	err->number = EEXIST;
	return error_hint(err, "You have to remove (or rename) that container to be able to reuse "
	                       "that name");
}

void folder_release(const struct paths *paths, const char *name, const char *id)
{
	struct error ignored;
	_cleanup_fd int names = paths_open_dir(paths->data, "names", &ignored);
	char target[PATH_MAX];

	if (names >= 0 && read_claim(names, name, target) == 0 && text_ends(target, id))
		unlinkat(names, name, 0);
}

int folder_forget(const struct folder *folder, const struct paths *paths, const char *name,
                  struct error *err)
{
	/* The name first: a claim without a container is stale, a container keeps its claim. */
	if (name != NULL && name[0] != '\0')
		folder_release(paths, name, folder->id);
	if (unlinkat(folder->dir, "state.json", 0) < 0 && errno != ENOENT)
		return error_set(err, errno, "cannot remove container %.12s", folder->id);
	return 0;
}

void folder_close(struct folder *folder)
{
	cleanup_close(&folder->containers);
	cleanup_close(&folder->dir);
	folder->containers = folder->dir = -1;
}

/* ---- what is there ---- */

int folder_open(const struct paths *paths, const char *id)
{
	char path[PATH_MAX];

	snprintf(path, sizeof path, "%s/containers/%s", paths->data, id);
	return open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* A question asked by a shared lock, which is given back at once. Whoever wants the folder may
 * meet it for that moment: see folder_take. */
bool folder_is_locked(int dir)
{
	if (flock(dir, LOCK_SH | LOCK_NB) < 0)
		return errno == EWOULDBLOCK;
	flock(dir, LOCK_UN);
	return false;
}

int folder_take(struct folder *ret, const struct paths *paths, const char *id, struct error *err)
{
	struct folder folder = FOLDER_NONE;
	int result = -1;

	snprintf(folder.id, sizeof folder.id, "%s", id);
	folder.containers = paths_open_dir(paths->data, "containers", err);
	if (folder.containers < 0)
		return -1;
	folder.dir = openat(folder.containers, id, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (folder.dir < 0) {
		error_set(err, errno, "cannot open the folder of container %.12s", id);
		folder_close(&folder);
		return -1;
	}
	/* Refused for longer than a question takes: a process has it. */
	for (int tries = 0; result < 0 && tries < TAKE_TRIES; tries++) {
		result = flock(folder.dir, LOCK_EX | LOCK_NB);
		if (result < 0)
			usleep(TAKE_PAUSE_US);
	}
	if (result < 0) {
		folder_close(&folder);
		return 0;
	}
	*ret = folder;
	return 1;
}

/* Claims of containers that were killed while they were made or removed: their folders are made
 * before the claim, so a claim without one is nobody's. */
static void sweep_claims(const struct paths *paths)
{
	struct error ignored;
	char target[PATH_MAX];
	int names = paths_open_dir(paths->data, "names", &ignored);
	_cleanup_dir DIR *stream = names < 0 ? NULL : fdopendir(names);
	struct dirent *entry;

	while (stream != NULL && (entry = readdir(stream)) != NULL)
		if (entry->d_name[0] != '.' && read_claim(names, entry->d_name, target) == 0 &&
		    is_stale(names, target))
			drop_stale(names, entry->d_name);
}

static bool is_container(int dir)
{
	return faccessat(dir, "state.json", F_OK, 0) == 0 || errno != ENOENT;
}

void folder_sweep(const struct paths *paths, const struct host *host)
{
	static const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	struct error ignored;
	int containers = paths_open_dir(paths->data, "containers", &ignored);
	_cleanup_dir DIR *stream = containers < 0 ? NULL : fdopendir(containers);
	struct dirent *entry;

	while (stream != NULL && (entry = readdir(stream)) != NULL) {
		_cleanup_fd int dir = -1;

		if (!folder_is_id(entry->d_name))
			continue;
		dir = openat(containers, entry->d_name, flags);
		if (dir < 0 || is_container(dir) || flock(dir, LOCK_EX | LOCK_NB) < 0)
			continue;
		/* its maker may have finished between the question and the lock; what cannot be
		 * removed is tried again by the next sweep */
		if (is_container(dir) ||
		    remove_tree(containers, entry->d_name, NULL, host, &ignored) < 0)
			continue;
	}
	sweep_claims(paths);
}
