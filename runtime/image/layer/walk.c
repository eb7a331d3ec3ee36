#include "runtime/image/layer/walk.h"

#include "runtime/image/layer/name.h"
#include "sandbox/base/cleanup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct step {
	const struct walk *walk;
	char path[LIMIT_PATH + 1];
	unsigned depth;
};

/* The names of one folder, behind one another; `names` points into `bytes` once all are there. */
struct names {
	char *bytes;
	size_t length, room;
	const char **names;
	size_t count;
};

static void names_done(struct names *names)
{
	free(names->bytes);
	free(names->names);
}
#define _cleanup_names __attribute__((cleanup(names_done)))

/* A folder may have more names than this process may have memory. */
static bool add_name(struct names *names, const char *name)
{
	size_t length = strlen(name) + 1, room = 2 * names->room + 4096;

	if (names->room - names->length < length) {
		char *bytes = realloc(names->bytes, room);

		if (bytes == NULL)
			return false;
		names->bytes = bytes;
		names->room = room;
	}
	memcpy(names->bytes + names->length, name, length);
	names->length += length;
	names->count++;
	return true;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool sort_names(struct names *names)
{
	const char *next = names->bytes;

	names->names = calloc(names->count + 1, sizeof *names->names);
	if (names->names == NULL)
		return false;
	for (size_t i = 0; i < names->count; i++) {
		names->names[i] = next;
		next += strlen(next) + 1;
	}
	qsort(names->names, names->count, sizeof *names->names, by_name);
	return true;
}

static int read_names(struct names *ret, int folder, struct error *err)
{
	int copy = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_dir DIR *stream = copy < 0 ? NULL : fdopendir(copy);
	struct dirent *entry;

	if (stream == NULL)
		return error_set(err, errno, "cannot read it");
	for (errno = 0; (entry = readdir(stream)) != NULL; errno = 0)
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
		    !add_name(ret, entry->d_name))
			return error_set(err, ENOMEM, "it has too many entries");
	if (errno != 0)
		return error_set(err, errno, "cannot read it");
	return sort_names(ret) ? 0 : error_set(err, ENOMEM, "it has too many entries");
}

static bool is_passed_over(const struct step *step)
{
	const char *path = step->walk->without;

	for (; path != NULL && *path != '\0'; path += strlen(path) + 1)
		if (strcmp(path, step->path) == 0)
			return true;
	return false;
}

static int walk_folder(struct step *step, struct walk_entry *entry, int folder, struct error *err);

static int walk_into(struct step *step, struct walk_entry *entry, struct error *err)
{
	_cleanup_fd int fd =
	        openat(entry->parent, entry->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	const struct walk *walk = step->walk;
	int result;

	if (fd < 0)
		return errno == ENOENT ? 0 : error_set(err, errno, "cannot open it");
	if (step->depth >= LIMIT_DEPTH)
		return error_set(err, 0, "more than %d folders deep", LIMIT_DEPTH);
	entry->fd = fd;
	if (fstat(fd, &entry->status) < 0)
		return error_set(err, errno, "cannot look at it");
	result = walk->visit(walk->context, entry, err);
	if (result == WALK_OVER)
		return 0;
	if (result < 0 || walk_folder(step, entry, fd, err) < 0)
		return -1;
	return walk->leave == NULL ? 0 : walk->leave(walk->context, entry, err);
}

static int walk_entry(struct step *step, int folder, const char *name, struct error *err)
{
	struct walk_entry entry = { .path = step->path, .name = name, .parent = folder, .fd = -1 };

	if (fstatat(folder, name, &entry.status, AT_SYMLINK_NOFOLLOW) < 0)
		/* gone this moment: somebody is at work in a container that runs */
		return errno == ENOENT ? 0 : error_set(err, errno, "cannot look at it");
	if (S_ISDIR(entry.status.st_mode))
		return walk_into(step, &entry, err);
	return step->walk->visit(step->walk->context, &entry, err);
}

/* An error gets its path where it happened, and only there. */
static int name_error(const struct step *step, struct error *err)
{
	char shown[160];

	name_show(shown, sizeof shown, step->path);
	return error_prefix(err, "/%s", shown);
}

/* above: the folder's own entry. */
static int walk_folder(struct step *step, struct walk_entry *above, int folder, struct error *err)
{
	_cleanup_names struct names names = {};
	size_t length = strlen(step->path);

	if (read_names(&names, folder, err) < 0)
		return name_error(step, err);
	step->depth++;
	for (size_t i = 0; i < names.count; i++) {
		unsigned depth = step->depth;
		int result;

		if (snprintf(step->path + length, sizeof step->path - length, "%s%s",
		             length > 0 ? "/" : "",
		             names.names[i]) >= (int)(sizeof step->path - length))
			return error_set(err, ENAMETOOLONG, "beneath /%.100s", step->path);
		if (is_passed_over(step)) {
			above->passed++;
			result = 0;
		} else {
			result = walk_entry(step, folder, names.names[i], err);
		}
		if (result < 0 && err->text[0] != '/')
			name_error(step, err);
		step->path[length] = '\0';
		step->depth = depth;
		if (result < 0)
			return -1;
	}
	step->depth--;
	return 0;
}

int walk_tree(const struct walk *walk, struct error *err)
{
	struct step *step = calloc(1, sizeof *step);
	struct walk_entry root = { .fd = walk->root };
	int result;

	if (step == NULL)
		abort();
	step->walk = walk;
	if (walk->beneath != NULL)
		snprintf(step->path, sizeof step->path, "%s", walk->beneath);
	result = walk_folder(step, &root, walk->root, err);
	free(step);
	return result;
}
