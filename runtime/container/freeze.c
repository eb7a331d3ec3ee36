#include "runtime/container/freeze.h"

#include "runtime/container/cgroup.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <string.h>

enum { FILE_MAX = 4096, MS_PER_SECOND = 1000, NS_PER_MS = 1000000 };

static int open_file(const char *folder, const char *name)
{
	char path[PATH_MAX];

	if ((size_t)snprintf(path, sizeof path, "%s/%s", folder, name) >= sizeof path) {
		errno = ENAMETOOLONG;
		return -1;
	}
	/* the folder's name is read from a file: what stands there must not keep ps waiting */
	return open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
}

static int tell(const char *folder, const char *word, struct error *err)
{
	if (cgroup_write(folder, "cgroup.freeze", word) == 0)
		return 0;
	error_set(err, errno, "cannot write to %s/cgroup.freeze", folder);
	return err->number == ENOENT ? error_hint(err, "the container has just ended, or the "
	                                               "kernel is older than 5.2")
	                             : -1;
}

bool freeze_is(const char *folder)
{
	_cleanup_fd int fd = -1;
	char word = '0';

	if (folder == NULL || folder[0] == '\0')
		return false;
	fd = open_file(folder, "cgroup.freeze");
	return fd >= 0 && read(fd, &word, 1) == 1 && word == '1';
}

/* "frozen 1": all of them stand, and those of all cgroups below. -1: it cannot be read. */
static int all_stand(int events)
{
	char content[FILE_MAX];
	ssize_t length = pread(events, content, sizeof content - 1, 0);

	if (length < 0)
		return -1;
	content[length] = '\0';
	return strstr(content, "frozen 1") != NULL;
}

/* 1: all stand; 0: the time is over; -1. A change of the file is told as POLLPRI (cgroups(7)). */
static int wait_for_all(const char *folder, int patience_ms)
{
	_cleanup_fd int events = open_file(folder, "cgroup.events");
	struct pollfd item = { .fd = events, .events = POLLPRI };
	uint64_t end = io_now() + (uint64_t)patience_ms * NS_PER_MS, now;
	int standing;

	if (events < 0)
		return -1;
	while ((standing = all_stand(events)) == 0 && (now = io_now()) < end)
		if (poll(&item, 1, (int)((end - now) / NS_PER_MS) + 1) < 0 && errno != EINTR)
			return -1;
	return standing;
}

int freeze_set(const char *folder, int patience_ms, struct error *err)
{
	struct error ignored;
	int standing;

	if (tell(folder, "1", err) < 0)
		return -1;
	standing = wait_for_all(folder, patience_ms);
	if (standing > 0)
		return 0;
	if (standing < 0)
		error_set(err, errno, "cannot see whether all of %s stands still", folder);
	else
		error_set(err, 0, "not every process stood still within %d seconds",
		          patience_ms / MS_PER_SECOND);
	(void)!freeze_clear(folder, &ignored);
	return error_hint(err, "all go on; one of them may wait for a disk or a network file "
	                       "system: try again");
}

int freeze_clear(const char *folder, struct error *err)
{
	return tell(folder, "0", err);
}
