#include "runtime/image/layer/locate.h"

#include "runtime/image/layer/name.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { LINKS_MAX = 40 }; /* the kernel's own limit */

static int complain(int number, const char *path, struct error *err)
{
	char shown[160];

	name_show(shown, sizeof shown, path);
	return error_set(err, number, "%s", shown);
}

static int open_at(int root, const char *path, int flags, bool follow)
{
	return io_open_in_root(root, path[0] == '\0' ? "." : path,
	                       O_PATH | flags | (follow ? 0 : O_NOFOLLOW), 0);
}

int locate(int root, const char *path, bool follow, struct error *err)
{
	int fd = open_at(root, path, 0, follow);

	return fd < 0 ? complain(errno, path, err) : fd;
}

/* A path in two: the folder ("" for the root, or where the path begins), and the last name. */
struct halves {
	char folder[LIMIT_PATH + 1];
	const char *name;
	char bytes[LIMIT_PATH + 1];
};

static int halve(struct halves *ret, const char *path, struct error *err)
{
	size_t length = strlen(path);
	const char *slash;

	if (length > LIMIT_PATH)
		return error_set(err, ENAMETOOLONG, "the path");
	memcpy(ret->bytes, path, length + 1);
	while (length > 0 && ret->bytes[length - 1] == '/')
		ret->bytes[--length] = '\0';
	slash = strrchr(ret->bytes, '/');
	ret->name = slash == NULL ? ret->bytes : slash + 1;
	snprintf(ret->folder, sizeof ret->folder, "%.*s", (int)(ret->name - ret->bytes),
	         ret->bytes);
	if (strlen(ret->name) > LIMIT_COMPONENT)
		return complain(ENAMETOOLONG, ret->name, err);
	/* such a name would have been a folder */
	if (ret->name[0] == '\0' || strcmp(ret->name, ".") == 0 || strcmp(ret->name, "..") == 0)
		return complain(ENOENT, path, err);
	return 0;
}

/* Where the link leads, as a path from the root. */
static int read_link(char ret[LIMIT_PATH + 1], int folder, const struct halves *halves,
                     struct error *err)
{
	char target[LIMIT_PATH + 1];
	ssize_t length = readlinkat(folder, halves->name, target, LIMIT_PATH);

	if (length < 0)
		return complain(errno, halves->name, err);
	target[length] = '\0';
	if (snprintf(ret, LIMIT_PATH + 1, "%s%s", target[0] == '/' ? "" : halves->folder, target) >
	    LIMIT_PATH)
		return complain(ENAMETOOLONG, target, err);
	return 0;
}

/* 1: the path is that of a link, and now that of its target. */
static int step(struct location *ret, int root, char path[LIMIT_PATH + 1], bool follow,
                struct error *err)
{
	_cleanup_fd int folder = open_at(root, path, O_DIRECTORY, follow);
	struct halves halves;
	struct stat status;

	if (folder >= 0) {
		*ret = (struct location){ .folder = cleanup_take_fd(&folder), .exists = true };
		return 0;
	}
	if (errno != ENOENT && errno != ENOTDIR && errno != ELOOP)
		return complain(errno, path, err);
	if (halve(&halves, path, err) < 0)
		return -1;
	folder = open_at(root, halves.folder, O_DIRECTORY, true);
	if (folder < 0)
		return complain(errno, halves.folder, err);
	if (fstatat(folder, halves.name, &status, AT_SYMLINK_NOFOLLOW) < 0) {
		if (errno != ENOENT)
			return complain(errno, path, err);
		ret->exists = false;
	} else {
		ret->exists = true;
		if (S_ISDIR(status.st_mode))
			return 1; /* it was none a moment ago: once more */
		if (S_ISLNK(status.st_mode) && follow)
			return read_link(path, folder, &halves, err) < 0 ? -1 : 1;
	}
	ret->folder = cleanup_take_fd(&folder);
	snprintf(ret->name, sizeof ret->name, "%s", halves.name);
	return 0;
}

int locate_place(struct location *ret, int root, const char *path, bool follow, struct error *err)
{
	char now[LIMIT_PATH + 1];
	int result = 1;

	if (strlen(path) > LIMIT_PATH)
		return error_set(err, ENAMETOOLONG, "the path");
	strcpy(now, path);
	for (int links = 0; result == 1; links++) {
		if (links > LINKS_MAX)
			return complain(ELOOP, path, err);
		result = step(ret, root, now, follow, err);
	}
	return result;
}
