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

/* What /proc/PID/stat says behind the name. */
struct numbers {
	char state;
	long parent, group, session, priority, nice, threads;
	unsigned long user, system, size;
	unsigned long long start; /* ticks since the machine was started */
	long resident;            /* pages */
};

static bool read_numbers(struct numbers *ret, const char *stat)
{
	const char *end = strrchr(stat, ')');

	return end != NULL &&
	       sscanf(end + 1,
	              " %c %ld %ld %ld %*d %*d %*u %*u %*u %*u %*u %lu %lu %*d %*d %ld %ld %ld %*d "
	              "%llu %lu %ld",
	              &ret->state, &ret->parent, &ret->group, &ret->session, &ret->user,
	              &ret->system, &ret->priority, &ret->nice, &ret->threads, &ret->start,
	              &ret->size, &ret->resident) == 12;
}

/* The pid that the container itself knows it by: the last of NSpid. */
static const char *inner_pid(struct arena *arena, const char *pid)
{
	_cleanup_text struct text text = {};
	struct error ignored;
	const char *line, *last;
	char path[64];
	size_t length;

	snprintf(path, sizeof path, "/proc/%.20s/status", pid);
	if (io_read_file(&text, AT_FDCWD, path, 65536, &ignored) <= 0)
		return "";
	line = strstr(text.data, "NSpid:");
	if (line == NULL)
		return "";
	length = strcspn(line, "\n");
	last = line + length;
	while (last > line && last[-1] != '\t')
		last--;
	return arena_text(arena, last, (size_t)(line + length - last));
}

static const char *clock_text(struct arena *arena, unsigned long seconds)
{
	return arena_printf(arena, "%02lu:%02lu:%02lu", seconds / 3600, seconds / 60 % 60,
	                    seconds % 60);
}

static void put_numbers(struct value *row, struct arena *arena, const struct numbers *numbers)
{
	unsigned long ticks = (unsigned long)sysconf(_SC_CLK_TCK);
	unsigned long used = numbers->user + numbers->system;
	struct timespec boot;
	double lived;
	const struct {
		const char *key;
		long number;
	} rows[] = {
		{ "PPID", numbers->parent },
		{ "PGID", numbers->group },
		{ "SID", numbers->session },
		{ "PRI", numbers->priority },
		{ "NI", numbers->nice },
		{ "NLWP", numbers->threads },
		{ "VSZ", (long)(numbers->size / 1024) },
		{ "RSS", numbers->resident * (sysconf(_SC_PAGESIZE) / 1024) },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		value_set(arena, row, rows[i].key, value_new_integer(arena, rows[i].number));
	clock_gettime(CLOCK_BOOTTIME, &boot);
	lived = (double)boot.tv_sec + (double)boot.tv_nsec / 1e9 -
	        (double)numbers->start / (double)ticks;
	if (lived < 0)
		lived = 0;
	value_set(arena, row, "STAT",
	          value_new_string(arena, arena_printf(arena, "%c", numbers->state)));
	value_set(arena, row, "TIME", value_new_string(arena, clock_text(arena, used / ticks)));
	value_set(arena, row, "ELAPSED",
	          value_new_string(arena, clock_text(arena, (unsigned long)lived)));
	value_set(arena, row, "%CPU",
	          value_new_string(arena,
	                           arena_printf(arena, "%.1f",
	                                        lived <= 0 ? 0
	                                                   : 100.0 * (double)used / (double)ticks /
	                                                             lived)));
}

static struct value *describe(struct arena *arena, const char *pid)
{
	char path[64], name[64] = "";
	_cleanup_text struct text text = {}, command = {};
	struct numbers numbers = {};
	struct error ignored;
	struct stat owner;
	struct value *row;

	snprintf(path, sizeof path, "/proc/%.20s/stat", pid);
	if (stat(path, &owner) < 0 || io_read_file(&text, AT_FDCWD, path, 65536, &ignored) <= 0 ||
	    !read_numbers(&numbers, text.data))
		return NULL;
	sscanf(text.data, "%*d (%63[^)]", name);
	read_command(&command, pid);
	row = value_new_object(arena);
	value_set(arena, row, "UID", value_new_integer(arena, owner.st_uid));
	value_set(arena, row, "GID", value_new_integer(arena, owner.st_gid));
	value_set(arena, row, "PID", value_new_string(arena, pid));
	value_set(arena, row, "NSPID", value_new_string(arena, inner_pid(arena, pid)));
	put_numbers(row, arena, &numbers);
	value_set(arena, row, "COMMAND", value_new_string(arena, name));
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
