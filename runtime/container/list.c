/*
 * list: containers as ps sees them, one small file read each, and finding one by name, id or
 * prefix.
 */
#include "runtime/container/folder.h"
#include "runtime/container/freeze.h"
#include "runtime/container/record.h"
#include "runtime/container/recover.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>

enum { NANOSECONDS = 1000000000 };

static const char *text_or_empty(const char *text)
{
	return text == NULL ? "" : text;
}

/* The state lives as long as the arena. */
static void fill(struct container *ret, struct arena *arena, const char *id,
                 const struct state *state)
{
	*ret = (struct container){
		.id = arena_text(arena, id, CONTAINER_ID_LENGTH),
		.name = text_or_empty(state->name),
		.image = text_or_empty(state->image),
		.image_id = text_or_empty(state->image_id),
		.command = text_or_empty(state->command),
		.ports = text_or_empty(state->ports),
		.status = state->status,
		.paused = state->status == CONTAINER_RUNNING && freeze_is(state->cgroup),
		.created = state->created / NANOSECONDS,
		.started = state->started / NANOSECONDS,
		.finished = state->finished / NANOSECONDS,
		.exit_status = (int)state->exit_status,
		.pid = (pid_t)state->pid,
		.monitor = (pid_t)state->monitor,
		.network = state->network,
		.mounts = state->mounts,
		.labels = state->labels,
		.details = state,
		.dir = -1,
	};
}

static DIR *open_containers(const struct paths *paths)
{
	char path[PATH_MAX];
	DIR *stream;
	int fd;

	snprintf(path, sizeof path, "%s/containers", paths->data);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	stream = fd < 0 ? NULL : fdopendir(fd);
	if (stream == NULL && fd >= 0)
		close(fd);
	return stream;
}

/* ---- all ---- */

struct list {
	struct container *items;
	size_t count, capacity;
};

static struct container *next_place(struct list *list, struct arena *arena)
{
	if (list->count == list->capacity) {
		size_t capacity = list->capacity == 0 ? 16 : list->capacity * 2;
		struct container *more = arena_array(arena, capacity, sizeof *more);

		if (list->count > 0)
			memcpy(more, list->items, list->count * sizeof *more);
		list->items = more;
		list->capacity = capacity;
	}
	return &list->items[list->count];
}

static int compare_created(const void *a, const void *b)
{
	int64_t first = ((const struct container *)a)->details->created;
	int64_t second = ((const struct container *)b)->details->created;

	return (first < second) - (first > second);
}

/* Nobody is making or removing it; gone this moment is not torn. */
static bool is_torn(int containers, const char *id)
{
	_cleanup_fd int dir =
	        openat(containers, id, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	return dir >= 0 && !folder_is_locked(dir);
}

int container_list(struct container **ret, size_t *count, struct arena *arena,
                   const struct paths *paths, bool all, struct error *err)
{
	_cleanup_dir DIR *stream = open_containers(paths);
	struct list list = {};
	_cleanup_arena struct arena scratch = {};
	struct dirent *entry;
	struct state state;
	bool torn = false; /* there is what a killed process left behind */

	if (stream == NULL && errno != ENOENT)
		return error_set(err, errno, "cannot read %s/containers", paths->data);
	while (stream != NULL && (entry = readdir(stream)) != NULL) {
		if (!folder_is_id(entry->d_name))
			continue;
		arena_reset(&scratch);
		if (!recover_listed(&state, &scratch, paths, dirfd(stream), entry->d_name)) {
			torn = torn || is_torn(dirfd(stream), entry->d_name);
			continue;
		}
		if (!all && state.status != CONTAINER_RUNNING)
			continue;
		fill(next_place(&list, arena), arena, entry->d_name, state_keep(arena, &state));
		list.count++;
	}
	if (torn)
		folder_sweep(paths, NULL);
	if (list.count > 1)
		qsort(list.items, list.count, sizeof *list.items, compare_created);
	*ret = list.items;
	*count = list.count;
	return 0;
}

/* ---- one ---- */

static bool find_by_name(char ret[CONTAINER_ID_LENGTH + 1], const struct paths *paths,
                         const char *name)
{
	char path[PATH_MAX], target[PATH_MAX];
	ssize_t length;

	if (strchr(name, '/') != NULL || name[0] == '.' || name[0] == '\0')
		return false;
	snprintf(path, sizeof path, "%s/names/%s", paths->data, name);
	length = readlink(path, target, sizeof target - 1);
	if (length < CONTAINER_ID_LENGTH)
		return false;
	target[length] = '\0';
	if (!folder_is_id(target + length - CONTAINER_ID_LENGTH))
		return false;
	strcpy(ret, target + length - CONTAINER_ID_LENGTH);
	return true;
}

/* 1 found, 0 none, -1 ambiguous. */
static int find_by_prefix(char ret[CONTAINER_ID_LENGTH + 1], const struct paths *paths,
                          const char *prefix, struct error *err)
{
	_cleanup_dir DIR *stream = NULL;
	struct dirent *entry;
	int found = 0;

	if (prefix[0] == '\0' || strspn(prefix, "0123456789abcdef") != strlen(prefix))
		return 0;
	stream = open_containers(paths);
	while (stream != NULL && (entry = readdir(stream)) != NULL) {
		if (!folder_is_id(entry->d_name) || !text_starts(entry->d_name, prefix))
			continue;
		if (found++ > 0)
			return error_set(err, 0, "the id prefix %s means more than one container",
			                 prefix);
		strcpy(ret, entry->d_name);
	}
	return found;
}

int container_open(struct container *ret, struct arena *arena, const struct paths *paths,
                   const char *name, struct error *err)
{
	char id[CONTAINER_ID_LENGTH + 1] = "";
	struct state state;
	struct error ignored;
	int found, dir;

	/* Docker writes names with a slash before them (inspect); both forms are known. */
	if (!find_by_name(id, paths, name + (name[0] == '/'))) {
		found = find_by_prefix(id, paths, name, err);
		if (found <= 0)
			return found;
	}
	dir = folder_open(paths, id);
	if (dir < 0)
		return 0;
	if (!recover_state(&state, arena, paths, id, dir)) {
		close(dir);
		return 0;
	}
	fill(ret, arena, id, arena_copy(arena, &state, sizeof state));
	ret->record = record_read(arena, dir, &ignored);
	ret->dir = dir;
	return 1;
}

void container_close(struct container *container)
{
	cleanup_close(&container->dir);
	container->dir = -1;
}
