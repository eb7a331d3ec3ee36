/*
 * list: containers as ps sees them, one small file read each, and finding one by name, id or
 * prefix.
 *
 * A state "running" whose lock is free is a lie of a dead monitor: whoever sees it takes the lock,
 * ends what is left of the container, and writes down the end (137, as after SIGKILL).
 */
#include "runtime/container/folder.h"

#include "runtime/container/channel.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <sys/file.h>

enum { KILLED = EXIT_SIGNAL_BASE + SIGKILL };

static void bury(struct arena *arena, const struct paths *paths, const char *id, int dir,
                 struct value **state)
{
	_cleanup_fd int lock = openat(dir, "lock", O_RDWR | O_NOFOLLOW | O_CLOEXEC);
	struct error ignored;

	/* Somebody else may be burying it at this moment: then its state is read again. */
	if (lock < 0 || flock(lock, LOCK_EX | LOCK_NB) < 0) {
		if (state_read(state, arena, dir, &ignored) < 0)
			return;
		return;
	}
	if (state_read(state, arena, dir, &ignored) < 0 ||
	    state_status(*state) != CONTAINER_RUNNING)
		return;
	process_kill_recorded((pid_t)value_integer(value_get(*state, "pid"), 0),
	                      (uint64_t)value_integer(value_get(*state, "pid_start"), 0), SIGKILL);
	process_kill_recorded((pid_t)value_integer(value_get(*state, "pasta"), 0),
	                      (uint64_t)value_integer(value_get(*state, "pasta_start"), 0),
	                      SIGKILL);
	value_set(arena, *state, "status",
	          value_new_string(arena, state_status_name(CONTAINER_EXITED)));
	value_set(arena, *state, "exit", value_new_integer(arena, KILLED));
	value_set(arena, *state, "finished", value_new_integer(arena, time(NULL)));
	value_set(arena, *state, "pid", value_new_integer(arena, 0));
	value_set(arena, *state, "error",
	          value_new_string(arena, "the container's monitor was killed"));
	channel_remove(paths->run, id);
	if (state_write(dir, *state, CONTAINER_EXITED, &ignored) < 0)
		return; /* the answer is true all the same */
}

static void fill(struct container *ret, struct arena *arena, const char *id,
                 const struct value *state)
{
	*ret = (struct container){
		.id = arena_strdup(arena, id),
		.name = value_string(value_get(state, "name"), ""),
		.image = value_string(value_get(state, "image"), ""),
		.image_id = value_string(value_get(state, "image_id"), ""),
		.command = value_string(value_get(state, "command"), ""),
		.ports = value_string(value_get(state, "ports"), ""),
		.status = state_status(state),
		.created = value_integer(value_get(state, "created"), 0),
		.started = value_integer(value_get(state, "started"), 0),
		.finished = value_integer(value_get(state, "finished"), 0),
		.exit_status = (int)value_integer(value_get(state, "exit"), 0),
		.pid = (pid_t)value_integer(value_get(state, "pid"), 0),
		.monitor = (pid_t)value_integer(value_get(state, "monitor"), 0),
		.state = state,
		.dir = -1,
	};
}

/* The state of containers/ID, told true. NULL: it is being made or was never started (kill -9 in
 * between). */
static struct value *true_state(struct arena *arena, const struct paths *paths, const char *id,
                                int dir)
{
	struct value *state = NULL;
	struct error ignored;

	if (state_read(&state, arena, dir, &ignored) < 0) {
		/* published, but killed before the first state was written */
		state = value_new_object(arena);
		value_set(arena, state, "status",
		          value_new_string(arena, folder_is_locked(dir) ? "created" : "dead"));
		return state;
	}
	if (state_status(state) == CONTAINER_RUNNING && !folder_is_locked(dir))
		bury(arena, paths, id, dir, &state);
	return state;
}

static bool is_id(const char *name)
{
	return strlen(name) == CONTAINER_ID_LENGTH &&
	       strspn(name, "0123456789abcdef") == CONTAINER_ID_LENGTH;
}

static DIR *open_containers(const struct paths *paths)
{
	char path[PATH_MAX];
	int fd;
	DIR *stream;

	snprintf(path, sizeof path, "%s/containers", paths->data);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	stream = fd < 0 ? NULL : fdopendir(fd);
	if (stream == NULL && fd >= 0)
		close(fd);
	return stream;
}

static int compare_created(const void *a, const void *b)
{
	const struct container *first = a, *second = b;

	if (first->created != second->created)
		return first->created < second->created ? 1 : -1;
	return strcmp(first->id, second->id);
}

int container_list(struct container **ret, size_t *count, struct arena *arena,
                   const struct paths *paths, bool all, struct error *err)
{
	_cleanup_dir DIR *stream = open_containers(paths);
	struct container *list = arena_array(arena, 16, sizeof *list);
	size_t used = 0, capacity = 16;
	struct dirent *entry;

	(void)err;
	while (stream != NULL && (entry = readdir(stream)) != NULL) {
		_cleanup_fd int dir = -1;

		if (!is_id(entry->d_name))
			continue;
		dir = openat(dirfd(stream), entry->d_name,
		             O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (dir < 0)
			continue;
		if (used == capacity) {
			struct container *more = arena_array(arena, capacity * 2, sizeof *more);

			memcpy(more, list, used * sizeof *list);
			list = more;
			capacity *= 2;
		}
		fill(&list[used], arena, entry->d_name,
		     true_state(arena, paths, entry->d_name, dir));
		used += all || list[used].status == CONTAINER_RUNNING;
	}
	qsort(list, used, sizeof *list, compare_created);
	*ret = list;
	*count = used;
	return 0;
}

/* ---- one ---- */

static bool find_by_name(char *ret, const struct paths *paths, const char *name)
{
	char path[PATH_MAX], target[PATH_MAX];
	ssize_t length;

	if (strchr(name, '/') != NULL || name[0] == '.')
		return false;
	snprintf(path, sizeof path, "%s/names/%s", paths->data, name);
	length = readlink(path, target, sizeof target - 1);
	if (length < CONTAINER_ID_LENGTH)
		return false;
	target[length] = '\0';
	if (!is_id(target + length - CONTAINER_ID_LENGTH))
		return false;
	strcpy(ret, target + length - CONTAINER_ID_LENGTH);
	return true;
}

/* 1 found, 0 none, -1 ambiguous. */
static int find_by_prefix(char *ret, const struct paths *paths, const char *prefix,
                          struct error *err)
{
	_cleanup_dir DIR *stream = open_containers(paths);
	struct dirent *entry;
	int found = 0;

	if (prefix[0] == '\0' || strspn(prefix, "0123456789abcdef") != strlen(prefix))
		return 0;
	while (stream != NULL && (entry = readdir(stream)) != NULL) {
		if (!is_id(entry->d_name) || !text_starts(entry->d_name, prefix))
			continue;
		if (found++ > 0)
			return error_set(err, 0, "the id prefix %s means more than one container",
			                 prefix);
		strcpy(ret, entry->d_name);
	}
	return found;
}

static const struct value *read_record(struct arena *arena, int dir)
{
	_cleanup_text struct text text = {};
	struct value *record;
	struct error ignored;

	if (io_read_file(&text, dir, "record.json", 8 << 20, &ignored) <= 0 ||
	    value_decode(&record, arena, "record.json", text_string(&text), text.length, &ignored) <
	            0)
		return NULL;
	return record;
}

int container_open(struct container *ret, struct arena *arena, const struct paths *paths,
                   const char *name, struct error *err)
{
	char id[CONTAINER_ID_LENGTH + 1] = "";
	int found, dir;

	if (!find_by_name(id, paths, name)) {
		found = find_by_prefix(id, paths, name, err);
		if (found <= 0)
			return found;
	}
	dir = folder_open(paths, id);
	if (dir < 0)
		return 0;
	fill(ret, arena, id, true_state(arena, paths, id, dir));
	ret->record = read_record(arena, dir);
	ret->dir = dir;
	return 1;
}

void container_close(struct container *container)
{
	cleanup_close(&container->dir);
	container->dir = -1;
}
