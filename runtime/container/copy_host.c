/*
 * copy_host: a path of the machine's, read once as the caller reads it, symlinks and all, to a
 * folder and a name in it. The helper gets the folder as a descriptor and follows nothing.
 */
#include "runtime/container/copy_parts.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { LINKS_MAX = 40 };

bool copy_says_folder(const char *path)
{
	return strcmp(path, ".") == 0 || strcmp(path, "..") == 0 || text_ends(path, "/") ||
	       text_ends(path, "/.") || text_ends(path, "/..");
}

int copy_base_name(char ret[256], const char *path, struct error *err)
{
	size_t above = 0, length;
	const char *end = path + strlen(path);

	ret[0] = '\0';
	if (strcmp(path, ".") == 0 || text_ends(path, "/."))
		return 0;
	/* from the end: each ".." takes a name away */
	while (end > path) {
		const char *start;

		while (end > path && end[-1] == '/')
			end--;
		for (start = end; start > path && start[-1] != '/';)
			start--;
		length = (size_t)(end - start);
		if (length == 2 && memcmp(start, "..", 2) == 0) {
			above++;
		} else if (length > 1 || (length == 1 && start[0] != '.')) {
			if (above-- == 0) {
				if (length > NAME_MAX)
					return error_set(err, ENAMETOOLONG, "%.80s", path);
				memcpy(ret, start, length);
				ret[length] = '\0';
				return 0;
			}
		}
		end = start;
	}
	return 0;
}

/* Cuts the path in two. 0, or -1 where the last name is none. */
static int split(char folder[PATH_MAX], char name[NAME_MAX + 1], const char *path,
                 struct error *err)
{
	size_t length = strlen(path), begin;

	while (length > 1 && path[length - 1] == '/')
		length--;
	for (begin = length; begin > 0 && path[begin - 1] != '/';)
		begin--;
	if (length >= PATH_MAX || length - begin > NAME_MAX)
		return error_set(err, ENAMETOOLONG, "%.80s", path);
	snprintf(folder, PATH_MAX, "%.*s", begin == 0 ? 1 : (int)begin, begin == 0 ? "." : path);
	snprintf(name, NAME_MAX + 1, "%.*s", (int)(length - begin), path + begin);
	if (name[0] == '\0' || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return error_set(err, ENOENT, "%.200s", path);
	return 0;
}

/* One name in a folder. */
static int take(struct copy_end *end, const char *path, struct error *err)
{
	char folder[PATH_MAX], name[NAME_MAX + 1];

	if (split(folder, name, path, err) < 0)
		return -1;
	end->folder = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (end->folder < 0)
		return error_set(err, errno, "%.200s", folder);
	strcpy(end->end.order.path, name);
	return 0;
}

/* A folder itself. 1, 0 where the path leads to none, -1. */
static int take_folder(struct copy_end *end, const char *path, bool follow, struct error *err)
{
	end->folder = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC | (follow ? 0 : O_NOFOLLOW));
	if (end->folder >= 0)
		return 1;
	if (errno == ENOTDIR || errno == ELOOP || errno == ENOENT)
		return 0;
	return error_set(err, errno, "%.200s", path);
}

int copy_find_source(struct copy_end *end, const char *path, bool follow, struct error *err)
{
	bool folder = copy_says_folder(path);
	_cleanup_free char *real = NULL;
	struct stat status;
	int found = take_folder(end, path, follow || folder, err);

	end->end.order.flags = LAYER_ORDER_HOST;
	if (found < 0)
		return -1;
	if (folder || follow || text_ends(path, "..")) {
		real = realpath(path, NULL);
		if (real == NULL)
			return error_set(err, errno, "%.200s", path);
	}
	if (copy_base_name(end->end.order.name, text_ends(path, "..") ? real : path, err) < 0)
		return -1;
	if (found == 1)
		return 0;
	if (folder)
		return error_set(err, ENOTDIR, "%.200s", path);
	if (fstatat(AT_FDCWD, path, &status, follow ? 0 : AT_SYMLINK_NOFOLLOW) < 0)
		return error_set(err, errno, "%.200s", path);
	return take(end, follow ? real : path, err);
}

/* Where the link leads; 0 where it is none. */
static int read_link(char now[PATH_MAX], struct error *err)
{
	char folder[PATH_MAX], name[NAME_MAX + 1], target[PATH_MAX], path[2 * PATH_MAX];
	ssize_t length;

	if (split(folder, name, now, err) < 0)
		return -1;
	snprintf(path, sizeof path, "%s/%s", folder, name);
	length = readlink(path, target, sizeof target - 1);
	if (length < 0)
		return errno == EINVAL || errno == ENOENT ? 0
		                                          : error_set(err, errno, "%.200s", now);
	target[length] = '\0';
	if (snprintf(path, sizeof path, "%s%s%s", target[0] == '/' ? "" : folder,
	             target[0] == '/' ? "" : "/", target) >= PATH_MAX)
		return error_set(err, ENAMETOOLONG, "%.200s", now);
	strcpy(now, path);
	return 1;
}

int copy_find_target(struct copy_end *end, const char *path, struct error *err)
{
	char now[PATH_MAX];
	int found = take_folder(end, path, true, err), linked;

	end->end.order.flags = LAYER_ORDER_HOST | (copy_says_folder(path) ? LAYER_ORDER_FOLDER : 0);
	if (found != 0)
		return found < 0 ? -1 : 0;
	if (strlen(path) >= sizeof now)
		return error_set(err, ENAMETOOLONG, "%.80s", path);
	strcpy(now, path);
	for (int links = 0; (linked = read_link(now, err)) == 1; links++)
		if (links == LINKS_MAX)
			return error_set(err, ELOOP, "%.200s", path);
	return linked < 0 ? -1 : take(end, now, err);
}
