#include "runtime/store/skeleton.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

/* A change of this list needs another name: a skeleton is never changed once it is there. */
static const char name[] = "skeleton-1";
static const char *const folders[] = { "proc", "sys", "dev", "etc" };
static const char *const files[] = { "etc/hosts", "etc/hostname", "etc/resolv.conf" };

/* The caller's umask must not decide what is seen inside. */
static int fill(int dir, struct error *err)
{
	if (fchmod(dir, 0755) < 0)
		return error_set(err, errno, "cannot prepare the folder %s", name);
	for (size_t i = 0; i < ARRAY_SIZE(folders); i++)
		if (mkdirat(dir, folders[i], 0755) < 0 || fchmodat(dir, folders[i], 0755, 0) < 0)
			return error_set(err, errno, "cannot make %s/%s", name, folders[i]);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		_cleanup_fd int fd =
		        openat(dir, files[i], O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

		if (fd < 0 || fchmod(fd, 0644) < 0)
			return error_set(err, errno, "cannot make %s/%s", name, files[i]);
	}
	return 0;
}

static int make_at(int data, const char *temporary, struct error *err)
{
	_cleanup_fd int dir = -1;

	if (mkdirat(data, temporary, 0755) < 0)
		return error_set(err, errno, "cannot make the folder %s", temporary);
	dir = openat(data, temporary, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (dir < 0)
		return error_set(err, errno, "cannot open the folder %s", temporary);
	if (fill(dir, err) < 0)
		return -1;
	/* who comes second finds the first one's there */
	if (renameat(data, temporary, data, name) < 0 && errno != EEXIST && errno != ENOTEMPTY)
		return error_set(err, errno, "cannot rename the folder %s", temporary);
	return 0;
}

/* Whole or absent: made under a name of its own and renamed. */
static int make(const struct paths *paths, struct error *err)
{
	_cleanup_fd int data = -1;
	char temporary[64];
	struct error ignored;
	int result;

	if (io_make_dirs(paths->data, err) < 0)
		return -1;
	data = open(paths->data, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (data < 0)
		return error_set(err, errno, "cannot open %s", paths->data);
	snprintf(temporary, sizeof temporary, "%s.%ld~", name, (long)getpid());
	/* of a killed process that had our number */
	if (io_remove_tree(data, temporary, err) < 0)
		return -1;
	result = make_at(data, temporary, err);
	if (io_remove_tree(data, temporary, &ignored) < 0)
		return result; /* an empty tree of folders, named for what it is */
	return result;
}

const char *skeleton_path(struct arena *arena, const struct paths *paths, struct error *err)
{
	const char *path = arena_printf(arena, "%s/%s", paths->data, name);

	if (access(path, F_OK) < 0 && make(paths, err) < 0)
		return NULL;
	return path;
}
