#include "runtime/store/lock.h"

#include "sandbox/base/cleanup.h"

#include <fcntl.h>
#include <sys/file.h>

static const char *const lock_files[] = {
	[STORE_LOCK_USE] = "use.lock",
	[STORE_LOCK_INDEX] = "index.lock",
};

static int take(const struct paths *paths, enum store_lock lock, int operation, struct error *err)
{
	_cleanup_fd int folder = paths_open_dir(paths->data, "images", err);
	_cleanup_fd int fd = -1;
	int status;

	if (folder < 0)
		return -1;
	fd = openat(folder, lock_files[lock], O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return error_set(err, errno, "cannot open %s/images/%s", paths->data,
		                 lock_files[lock]);
	do
		status = flock(fd, operation);
	while (status < 0 && errno == EINTR);
	if (status < 0)
		return error_set(err, errno, "cannot lock %s/images/%s", paths->data,
		                 lock_files[lock]);
	return cleanup_take_fd(&fd);
}

int store_lock(const struct paths *paths, enum store_lock lock, enum store_hold hold,
               struct error *err)
{
	return take(paths, lock, hold == STORE_SHARED ? LOCK_SH : LOCK_EX, err);
}

int store_lock_try(const struct paths *paths, enum store_lock lock, enum store_hold hold,
                   struct error *err)
{
	return take(paths, lock, (hold == STORE_SHARED ? LOCK_SH : LOCK_EX) | LOCK_NB, err);
}
