#include "runtime/store/claim.h"

#include "sandbox/base/cleanup.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

static int lock(int fd, bool wait)
{
	int status;

	do
		status = flock(fd, LOCK_EX | (wait ? 0 : LOCK_NB));
	while (status < 0 && errno == EINTR);
	return status;
}

/* Whoever had it may have moved it away meanwhile. */
static bool is_still(int fd, int folder, const char *name)
{
	struct stat own, there;

	return fstat(fd, &own) == 0 && fstatat(folder, name, &there, AT_SYMLINK_NOFOLLOW) == 0 &&
	       own.st_ino == there.st_ino && own.st_dev == there.st_dev;
}

int store_claim(int folder, const char *name, bool wait, struct error *err)
{
	for (;;) {
		_cleanup_fd int fd =
		        openat(folder, name, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC,
		               0600);

		if (fd < 0)
			return error_set(err, errno, "cannot open %s in the store", name);
		if (lock(fd, wait) < 0)
			return error_set(err, errno, "cannot lock %s in the store", name);
		if (is_still(fd, folder, name))
			return cleanup_take_fd(&fd);
	}
}
