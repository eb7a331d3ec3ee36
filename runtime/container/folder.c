#include "runtime/container/folder.h"

#include "runtime/container/identity.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <sys/pidfd.h>
#include <sys/stat.h>

enum { STATE_MAX = 1 << 20 };

static int make_content(struct folder *folder, struct error *err)
{
	folder->lock = openat(folder->dir, "lock", O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (folder->lock < 0 || flock(folder->lock, LOCK_EX | LOCK_NB) < 0)
		return error_set(err, errno, "cannot lock the container's folder");
	/* The overlay's upper folder is the container's "/": its mode is what processes inside see.
	 */
	if (mkdirat(folder->dir, "upper", 0755) < 0 || mkdirat(folder->dir, "work", 0700) < 0)
		return error_set(err, errno, "cannot make the container's folders");
	return 0;
}

int folder_make(struct folder *ret, const struct paths *paths, struct error *err)
{
	struct folder folder = { .containers = -1, .dir = -1, .lock = -1 };
	char name[CONTAINER_ID_LENGTH + 8];

	if (identity_make(folder.id, err) < 0)
		return -1;
	folder.containers = paths_open_dir(paths->data, "containers", err);
	if (folder.containers < 0)
		return -1;
	snprintf(name, sizeof name, ".%s.tmp", folder.id);
	if (mkdirat(folder.containers, name, 0700) < 0) {
		error_set(err, errno, "cannot make a container in %s/containers", paths->data);
		folder_close(&folder);
		return -1;
	}
	folder.dir =
	        openat(folder.containers, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (folder.dir < 0 || make_content(&folder, err) < 0) {
		if (folder.dir < 0)
			error_set(err, errno, "cannot open the container's folder");
		folder_discard(&folder, paths, NULL);
		return -1;
	}
	*ret = folder;
	return 0;
}

static int claim_name(const struct paths *paths, const char *name, const char *id,
                      struct error *err)
{
	_cleanup_fd int names = paths_open_dir(paths->data, "names", err);
	char target[CONTAINER_ID_LENGTH + 32], old[PATH_MAX];
	ssize_t length;

	if (names < 0)
		return -1;
	snprintf(target, sizeof target, "../containers/%s", id);
	for (int tries = 0; tries < 3; tries++) {
		struct stat status;

		if (symlinkat(target, names, name) == 0)
			return 0;
		if (errno != EEXIST)
			return error_set(err, errno, "cannot claim the name %s", name);
		length = readlinkat(names, name, old, sizeof old - 1);
		old[length < 0 ? 0 : length] = '\0';
		/* A claim whose container was never published or is gone is nobody's, unless it is
		 * being made. */
		if (length > 0 && fstatat(names, old, &status, 0) < 0 && errno == ENOENT) {
			char temporary[PATH_MAX];

			snprintf(temporary, sizeof temporary, "../containers/.%s.tmp/lock",
			         strrchr(old, '/') == NULL ? "" : strrchr(old, '/') + 1);
			if (faccessat(names, temporary, F_OK, 0) < 0) {
				unlinkat(names, name, 0);
				continue;
			}
		}
		break;
	}
	error_set(err, 0, "the container name \"%s\" is already in use by container %.12s", name,
	          strrchr(old, '/') == NULL ? old : strrchr(old, '/') + 1);
	return error_hint(
	        err, "remove or rename that container to be able to reuse the name: cordon rm %s",
	        name);
}

int folder_publish(struct folder *folder, const struct paths *paths, const char *name,
                   struct error *err)
{
	char temporary[CONTAINER_ID_LENGTH + 8];

	if (claim_name(paths, name, folder->id, err) < 0)
		return -1;
	snprintf(temporary, sizeof temporary, ".%s.tmp", folder->id);
	if (renameat(folder->containers, temporary, folder->containers, folder->id) < 0)
		return error_set(err, errno, "cannot publish the container's folder");
	return 0;
}

void folder_discard(struct folder *folder, const struct paths *paths, const char *name)
{
	char temporary[CONTAINER_ID_LENGTH + 8];
	struct error ignored;

	if (name != NULL) {
		_cleanup_fd int names = paths_open_dir(paths->data, "names", &ignored);
		char target[PATH_MAX] = "";

		/* only our own claim */
		if (names >= 0 && readlinkat(names, name, target, sizeof target - 1) > 0 &&
		    text_ends(target, folder->id))
			unlinkat(names, name, 0);
	}
	snprintf(temporary, sizeof temporary, ".%s.tmp", folder->id);
	renameat(folder->containers, folder->id, folder->containers, temporary);
	if (io_remove_tree(folder->containers, temporary, &ignored) < 0)
		return; /* the next sweep tries again */
}

void folder_close(struct folder *folder)
{
	cleanup_close(&folder->containers);
	cleanup_close(&folder->dir);
	cleanup_close(&folder->lock);
	folder->containers = folder->dir = folder->lock = -1;
}

int folder_open(const struct paths *paths, const char *id)
{
	char path[PATH_MAX];

	snprintf(path, sizeof path, "%s/containers/%s", paths->data, id);
	return open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

bool folder_is_locked(int dir)
{
	_cleanup_fd int lock = openat(dir, "lock", O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

	return lock >= 0 && flock(lock, LOCK_SH | LOCK_NB) < 0 && errno == EWOULDBLOCK;
}

int folder_lock(int dir)
{
	_cleanup_fd int lock = openat(dir, "lock", O_RDWR | O_NOFOLLOW | O_CLOEXEC);
	int result;

	if (lock < 0)
		return -1;
	do
		result = flock(lock, LOCK_EX);
	while (result < 0 && errno == EINTR);
	return result < 0 ? -1 : cleanup_take_fd(&lock);
}

void folder_sweep(const struct paths *paths)
{
	struct error ignored;
	int fd = paths_open_dir(paths->data, "containers", &ignored);
	_cleanup_dir DIR *stream = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	while (stream != NULL && (entry = readdir(stream)) != NULL) {
		_cleanup_fd int dir = -1;

		if (entry->d_name[0] != '.' || !text_ends(entry->d_name, ".tmp"))
			continue;
		dir = openat(fd, entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (dir >= 0 && !folder_is_locked(dir) &&
		    io_remove_tree(fd, entry->d_name, &ignored) < 0)
			continue;
	}
}

/* ---- state ---- */

static const char *const status_names[] = {
	[CONTAINER_CREATED] = "created",
	[CONTAINER_RUNNING] = "running",
	[CONTAINER_EXITED] = "exited",
	[CONTAINER_DEAD] = "dead",
};

const char *state_status_name(enum container_status status)
{
	return status_names[status];
}

enum container_status state_status(const struct value *state)
{
	const char *name = value_string(value_get(state, "status"), "dead");

	for (size_t i = 0; i < ARRAY_SIZE(status_names); i++)
		if (strcmp(status_names[i], name) == 0)
			return (enum container_status)i;
	return CONTAINER_DEAD;
}

int state_write(int dir, const struct value *state, enum container_status status, struct error *err)
{
	_cleanup_text struct text text = {};

	(void)status;
	value_encode(&text, state, VALUE_COMPACT);
	text_append_char(&text, '\n');
	return io_replace_file(dir, "state.json", text.data, text.length, IO_VOLATILE, err);
}

int state_read(struct value **ret, struct arena *arena, int dir, struct error *err)
{
	_cleanup_text struct text text = {};
	int found = io_read_file(&text, dir, "state.json", STATE_MAX, err);

	if (found < 0)
		return -1;
	if (found == 0)
		return error_set(err, ENOENT, "state.json");
	return value_decode(ret, arena, "state.json", text_string(&text), text.length, err);
}

/* ---- processes ---- */

uint64_t process_start_time(pid_t pid)
{
	char path[64], *next;
	_cleanup_text struct text text = {};
	struct error ignored;

	snprintf(path, sizeof path, "/proc/%ld/stat", (long)pid);
	if (pid <= 0 || io_read_file(&text, AT_FDCWD, path, 65536, &ignored) <= 0)
		return 0;
	/* the name in parentheses may hold anything; fields are counted from its end: state is
	 * field 3 */
	next = strrchr(text.data, ')');
	for (int field = 2; next != NULL && field < 22; field++)
		next = strchr(next + 1, ' ');
	return next == NULL ? 0 : strtoull(next + 1, NULL, 10);
}

void process_kill_recorded(pid_t pid, uint64_t start_time, int signal)
{
	_cleanup_fd int pidfd = pid > 1 ? pidfd_open(pid, 0) : -1;

	/* The pidfd is opened first: what it means cannot change while the start time is compared.
	 */
	if (pidfd >= 0 && start_time != 0 && process_start_time(pid) == start_time)
		pidfd_send_signal(pidfd, signal, NULL, 0);
}
