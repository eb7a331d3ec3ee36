#include "runtime/container/volume_store.h"

#include "runtime/container/folder.h"
#include "runtime/container/identity.h"
#include "runtime/container/record.h"
#include "runtime/container/remove.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"

#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>

enum { RECORD_MAX = 1 << 20, NAME_LENGTH = 127, MAKE_TRIES = 8 };

bool volume_name_is_valid(const char *name)
{
	static const char known[] =
	        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";

	return name[0] != '\0' && strchr("_.-", name[0]) == NULL && strlen(name) <= NAME_LENGTH &&
	       strspn(name, known) == strlen(name);
}

static int open_volume(int volumes, const char *name)
{
	return openat(volumes, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* ---- making ---- */

static int write_record(int one, const struct value *labels, struct error *err)
{
	_cleanup_arena struct arena arena = {};
	_cleanup_text struct text text = {};
	struct value *root = value_new_object(&arena);

	value_set(&arena, root, "created", value_new_integer(&arena, time(NULL)));
	if (labels != NULL)
		value_set(&arena, root, "labels", value_copy(&arena, labels));
	value_encode(&text, root, VALUE_COMPACT);
	return io_replace_file(one, "volume.json", text.data, text.length, IO_VOLATILE, err);
}

/* Its modes are the container's business from now on; the folders above keep others out. */
static int make_data(bool *is_new, int one, const char *name, const struct value *labels,
                     struct error *err)
{
	*is_new = mkdirat(one, "_data", 0755) == 0;
	if (!*is_new)
		return errno == EEXIST ? 0
		                       : error_set(err, errno, "cannot make the volume %s", name);
	if (fchmodat(one, "_data", 0755, 0) < 0)
		return error_set(err, errno, "cannot open the volume %s", name);
	return write_record(one, labels, err);
}

/* A descriptor that holds the shared lock; -1 with errno. ESTALE: it was removed this moment. */
static int make_locked(int volumes, const char *name)
{
	_cleanup_fd int one = -1;
	struct stat status, named;

	if (mkdirat(volumes, name, 0700) < 0 && errno != EEXIST)
		return -1;
	one = open_volume(volumes, name);
	if (one < 0 || flock(one, LOCK_SH) < 0 || fstat(one, &status) < 0)
		return -1;
	if (fstatat(volumes, name, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
	    named.st_ino == status.st_ino && named.st_dev == status.st_dev)
		return cleanup_take_fd(&one);
	errno = ESTALE;
	return -1;
}

int volume_make(struct volume_made *ret, struct arena *arena, const struct paths *paths,
                const char *name, const struct value *labels, struct error *err)
{
	_cleanup_fd int volumes = paths_open_dir(paths->data, "volumes", err);
	bool is_new;
	int one = -1;

	if (volumes < 0)
		return -1;
	errno = ESTALE;
	for (int tries = 0; one < 0 && errno == ESTALE && tries < MAKE_TRIES; tries++)
		one = make_locked(volumes, name);
	if (one < 0)
		return error_set(err, errno, "cannot make the volume %s", name);
	if (make_data(&is_new, one, name, labels, err) < 0) {
		close(one);
		return -1;
	}
	*ret = (struct volume_made){
		.name = name,
		.path = arena_printf(arena, "%s/volumes/%s/_data", paths->data, name),
		.lock = one, /* and stays open */
		.is_new = is_new,
	};
	return 0;
}

/* ---- looking ---- */

bool volume_is_empty(int folder)
{
	return io_is_empty(folder, "_data");
}

bool volume_is_fresh(int folder)
{
	return volume_is_empty(folder) || faccessat(folder, VOLUME_WHOLE, F_OK, 0) == 0;
}

/* What is damaged says nothing; the volume is there all the same. */
static void read_record(struct volume_entry *ret, struct arena *arena, int one)
{
	_cleanup_text struct text text = {};
	struct value *root = NULL;
	struct error ignored;
	struct stat status;

	if (io_read_file(&text, one, "volume.json", RECORD_MAX, &ignored) <= 0 ||
	    value_decode(&root, arena, "volume.json", text_string(&text), text.length, &ignored) <
	            0)
		root = NULL;
	ret->labels = value_get(root, "labels");
	if (ret->labels == NULL || ret->labels->kind != VALUE_OBJECT)
		ret->labels = value_new_object(arena);
	ret->created = value_integer(value_get(root, "created"),
	                             fstat(one, &status) == 0 ? status.st_mtime : 0);
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(((const struct volume_entry *)a)->name,
	              ((const struct volume_entry *)b)->name);
}

static int read_all(struct volume_entry **ret, size_t *count, struct arena *arena,
                    const struct paths *paths, struct error *err)
{
	int volumes = paths_open_dir(paths->data, "volumes", err);
	_cleanup_dir DIR *stream = volumes < 0 ? NULL : fdopendir(volumes);
	struct volume_entry *items = NULL;
	size_t used = 0, room = 0;
	struct dirent *entry;

	if (stream == NULL)
		return volumes < 0 ? -1
		                   : error_set(err, errno, "cannot read %s/volumes", paths->data);
	while ((entry = readdir(stream)) != NULL) {
		_cleanup_fd int one = volume_name_is_valid(entry->d_name)
		                              ? open_volume(volumes, entry->d_name)
		                              : -1;

		if (one < 0)
			continue;
		if (used == room) {
			struct volume_entry *more = arena_array(arena, 2 * room + 8, sizeof *more);

			if (used > 0)
				memcpy(more, items, used * sizeof *more);
			items = more;
			room = 2 * room + 8;
		}
		items[used] = (struct volume_entry){ .name = arena_strdup(arena, entry->d_name) };
		items[used].path =
		        arena_printf(arena, "%s/volumes/%s/_data", paths->data, items[used].name);
		items[used].anonymous = folder_is_id(items[used].name);
		read_record(&items[used++], arena, one);
	}
	if (used > 0)
		qsort(items, used, sizeof *items, compare_names);
	*ret = items;
	*count = used;
	return 0;
}

static void note_user(struct volume_entry *items, size_t count, struct arena *arena,
                      const char *path, const char *id)
{
	for (size_t i = 0; i < count; i++) {
		struct plan_strings *users = &items[i].users;

		if (!text_equal(items[i].path, path))
			continue;
		if (users->count == 0 || strcmp(users->items[users->count - 1], id) != 0)
			launch_append(arena, users, id);
	}
}

/* Which containers name them, running or not: their plans say so. */
static int find_users(struct volume_entry *items, size_t count, struct arena *arena,
                      const struct paths *paths, struct error *err)
{
	struct container *containers;
	size_t number;

	if (container_list(&containers, &number, arena, paths, true, err) < 0)
		return -1;
	for (size_t i = 0; i < number; i++) {
		_cleanup_fd int dir = folder_open(paths, containers[i].id);
		struct error ignored;
		struct plan plan;

		/* one that was removed this moment, or is damaged and cannot start again */
		if (dir < 0 || record_read_plan(&plan, arena, dir, &ignored) < 0)
			continue;
		for (size_t j = 0; j < plan.mount_count; j++)
			note_user(items, count, arena, plan.mounts[j].source, containers[i].id);
	}
	return 0;
}

int volume_list(struct volume_entry **ret, size_t *count, struct arena *arena,
                const struct paths *paths, struct error *err)
{
	if (read_all(ret, count, arena, paths, err) < 0)
		return -1;
	return *count == 0 ? 0 : find_users(*ret, *count, arena, paths, err);
}

int volume_find(struct volume_entry *ret, struct arena *arena, const struct paths *paths,
                const char *name, struct error *err)
{
	struct volume_entry *items;
	size_t count;

	if (volume_list(&items, &count, arena, paths, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++)
		if (strcmp(items[i].name, name) == 0) {
			*ret = items[i];
			return 1;
		}
	return 0;
}

/* ---- removing ---- */

static int no_such(const char *name, struct error *err)
{
	error_set(err, 0, "no such volume: %.200s", name);
	err->number = ENOENT;
	return error_hint(err, "see cordon volume ls");
}

static int refuse_used(const char *name, const char *id, struct error *err)
{
	error_set(err, 0, "the volume %s is in use by container %.12s", name, id);
	err->number = EBUSY;
	return error_hint(err, "remove the container first: cordon rm -v %.12s", id);
}

/* What a killed process left of removing volumes. */
static void remove_gone(int volumes, const struct host *host)
{
	int folder = openat(volumes, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_dir DIR *stream = folder < 0 ? NULL : fdopendir(folder);
	struct dirent *entry;
	struct error ignored;

	while (stream != NULL && (entry = readdir(stream)) != NULL)
		if (text_starts(entry->d_name, VOLUME_GONE) &&
		    remove_tree(volumes, entry->d_name, NULL, host, &ignored) < 0)
			continue; /* the next one tries again */
}

/* Its name goes first and at once: it is whole, or not there. */
static int take_away(int volumes, int folder, const char *name, struct error *err)
{
	char aside[CONTAINER_ID_LENGTH + 1 + sizeof VOLUME_GONE], id[CONTAINER_ID_LENGTH + 1];

	if (identity_make(id, err) < 0)
		return -1;
	snprintf(aside, sizeof aside, VOLUME_GONE "%s", id);
	if (renameat(folder, name, volumes, aside) < 0)
		return error_set(err, errno, "cannot remove the volume %s", name);
	return 0;
}

int volume_discard(int folder, const char *name, const struct paths *paths, const struct host *host,
                   struct error *err)
{
	_cleanup_fd int volumes = paths_open_dir(paths->data, "volumes", err);

	if (volumes < 0)
		return -1;
	if (take_away(volumes, folder, name, err) < 0) {
		if (err->number != EACCES)
			return err->number == ENOENT ? 0 : -1;
		/* a folder that belongs to another cannot get another parent */
		return remove_tree(folder, name, NULL, host, err);
	}
	remove_gone(volumes, host);
	return 0;
}

int volume_remove(const struct paths *paths, const struct host *host, const char *name,
                  struct error *err)
{
	_cleanup_arena struct arena arena = {};
	_cleanup_fd int volumes = paths_open_dir(paths->data, "volumes", err), one = -1;
	struct volume_entry entry;
	int found;

	if (volumes < 0)
		return -1;
	if (!volume_name_is_valid(name))
		return no_such(name, err);
	one = open_volume(volumes, name);
	if (one < 0)
		return no_such(name, err);
	if (flock(one, LOCK_EX | LOCK_NB) < 0) {
		error_set(err, 0,
		          "the volume %s is in use by a container that is being made or runs",
		          name);
		err->number = EBUSY;
		return -1;
	}
	found = volume_find(&entry, &arena, paths, name, err);
	if (found <= 0)
		return found < 0 ? -1 : no_such(name, err);
	if (entry.users.count > 0)
		return refuse_used(name, entry.users.items[0], err);
	if (take_away(volumes, volumes, name, err) < 0)
		return -1;
	remove_gone(volumes, host);
	return 0;
}
