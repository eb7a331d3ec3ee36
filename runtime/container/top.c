/*
 * top: the processes of a container, read from the host's /proc: those whose pid namespace is the
 * container's. No program of the container is run (CVE-2022-1227).
 */
#include "runtime/container/top.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

static bool in_namespace(const char *pid, ino_t namespace)
{
	char path[64];
	struct stat status;

	snprintf(path, sizeof path, "/proc/%.20s/ns/pid", pid);
	if (stat(path, &status) == 0)
		return status.st_ino == namespace;
	return false;
}

/* Processes of other users of the container (subordinate ids) hide their namespaces from us; their
 * NSpid line tells that they live one pid namespace below, and their ancestor is the container's
 * first process. */
static bool is_descendant(long pid, pid_t ancestor)
{
	for (int depth = 0; depth < 256 && pid > 1; depth++) {
		char path[64], *next;
		_cleanup_text struct text text = {};
		struct error ignored;

		if (pid == ancestor)
			return true;
		snprintf(path, sizeof path, "/proc/%ld/stat", pid);
		if (io_read_file(&text, AT_FDCWD, path, 65536, &ignored) <= 0)
			return false;
		next = strrchr(text.data, ')');
		if (next == NULL || sscanf(next + 1, " %*c %ld", &pid) != 1)
			return false;
	}
	return false;
}

static void read_command(struct text *ret, const char *pid)
{
	char path[64];
	_cleanup_text struct text text = {};
	struct error ignored;

	snprintf(path, sizeof path, "/proc/%.20s/cmdline", pid);
	if (io_read_file(&text, AT_FDCWD, path, 65536, &ignored) <= 0 || text.length == 0)
		return;
	for (size_t i = 0; i + 1 < text.length; i++)
		if (text.data[i] == '\0')
			text.data[i] = ' ';
	text_append_visible(ret, text.data, text.length - (text.data[text.length - 1] == '\0'));
}

static struct value *describe(struct arena *arena, const char *pid)
{
	char path[64], name[64] = "", *end;
	_cleanup_text struct text text = {}, command = {};
	struct error ignored;
	struct stat owner;
	long parent = 0;
	unsigned long user = 0, system = 0;
	struct value *row;

	snprintf(path, sizeof path, "/proc/%.20s/stat", pid);
	if (stat(path, &owner) < 0 || io_read_file(&text, AT_FDCWD, path, 65536, &ignored) <= 0)
		return NULL;
	end = strrchr(text.data, ')');
	if (end == NULL || sscanf(end + 1, " %*c %ld %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu",
	                          &parent, &user, &system) != 3)
		return NULL;
	sscanf(text.data, "%*d (%63[^)]", name);
	read_command(&command, pid);
	row = value_new_object(arena);
	value_set(arena, row, "UID", value_new_integer(arena, owner.st_uid));
	value_set(arena, row, "PID", value_new_string(arena, pid));
	value_set(arena, row, "PPID", value_new_integer(arena, parent));
	user = (user + system) / (unsigned long)sysconf(_SC_CLK_TCK);
	value_set(arena, row, "TIME",
	          value_new_string(arena, arena_printf(arena, "%02lu:%02lu:%02lu", user / 3600,
	                                               user / 60 % 60, user % 60)));
	value_set(arena, row, "CMD",
	          value_new_string(arena, command.length > 0 ? command.data
	                                                     : arena_printf(arena, "[%s]", name)));
	return row;
}

void container_processes(pid_t **ret, size_t *count, struct arena *arena, pid_t first)
{
	_cleanup_dir DIR *processes = opendir("/proc");
	pid_t *list = arena_array(arena, 16, sizeof *list);
	struct stat namespace;
	struct dirent *entry;
	char path[64];
	size_t room = 16;

	*count = 0;
	snprintf(path, sizeof path, "/proc/%ld/ns/pid", (long)first);
	if (stat(path, &namespace) < 0)
	namespace.st_ino = 0;
	while (processes != NULL && (entry = readdir(processes)) != NULL) {
		pid_t *more;

		if (entry->d_name[0] < '1' || entry->d_name[0] > '9')
			continue;
		if (!in_namespace(entry->d_name, namespace.st_ino) &&
		    !is_descendant(strtol(entry->d_name, NULL, 10), first))
			continue;
		if (*count == room) {
			more = arena_array(arena, 2 * room, sizeof *more);
			memcpy(more, list, room * sizeof *more);
			list = more;
			room *= 2;
		}
		list[(*count)++] = (pid_t)strtol(entry->d_name, NULL, 10);
	}
	*ret = list;
}

int container_top(struct value **ret, struct arena *arena, const struct paths *paths,
                  const char *name, struct error *err)
{
	struct container container;
	int found = container_open(&container, arena, paths, name, err);
	pid_t *list;
	size_t count;

	if (found <= 0)
		return found < 0 ? -1 : error_set(err, 0, "no such container: %.200s", name);
	container_close(&container);
	if (container.status != CONTAINER_RUNNING)
		return error_set(err, 0, "container %s is not running", name);
	*ret = value_new_array(arena);
	container_processes(&list, &count, arena, container.pid);
	for (size_t i = 0; i < count; i++) {
		struct value *row = describe(arena, arena_printf(arena, "%ld", (long)list[i]));

		if (row != NULL)
			value_append(arena, *ret, row);
	}
	return 0;
}
