#include "runtime/container/usage.h"

#include "runtime/container/cgroup.h"
#include "runtime/container/state.h"
#include "runtime/container/top.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"

#include <fcntl.h>
#include <inttypes.h>
#include <string.h>

enum { FILE_MOST = 65536, MICROSECONDS = 1000000 };

static bool read_of(struct text *ret, pid_t pid, const char *file)
{
	char path[64];
	struct error ignored;

	snprintf(path, sizeof path, "/proc/%ld/%s", (long)pid, file);
	return io_read_file(ret, AT_FDCWD, path, FILE_MOST, &ignored) > 0;
}

/* "RssAnon:	     124 kB"; 0 where there is no such line. */
static uint64_t kilobytes(const char *status, const char *name)
{
	const char *line = strstr(status, name);
	uint64_t number = 0;

	if (line == NULL || sscanf(line + strlen(name), " %" SCNu64 " kB", &number) != 1)
		return 0;
	return number * 1024;
}

static uint64_t memory_of_machine(void)
{
	return (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE);
}

/* ---- by /proc ---- */

static void add_process(struct usage *usage, pid_t pid)
{
	_cleanup_text struct text stat = {}, status = {};
	uint64_t times[4], threads;
	const char *end;

	if (!read_of(&stat, pid, "stat") || !read_of(&status, pid, "status"))
		return;
	/* a name may hold anything */
	end = strrchr(stat.data, ')');
	if (end == NULL || sscanf(end + 1,
	                          " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %" SCNu64
	                          " %" SCNu64 " %" SCNu64 " %" SCNu64 " %*d %*d %" SCNu64,
	                          &times[0], &times[1], &times[2], &times[3], &threads) != 5)
		return;
	usage->processor += (times[0] + times[1] + times[2] + times[3]) * MICROSECONDS /
	                    (uint64_t)sysconf(_SC_CLK_TCK);
	usage->tasks += threads;
	usage->memory += kilobytes(status.data, "RssAnon:") + kilobytes(status.data, "RssShmem:");
}

static void count_processes(struct usage *usage, struct arena *arena, pid_t first)
{
	pid_t *list;
	size_t count;

	container_processes(&list, &count, arena, first);
	for (size_t i = 0; i < count; i++)
		add_process(usage, list[i]);
}

/* ---- by its cgroup ---- */

static bool read_number(uint64_t *ret, struct arena *arena, const char *folder, const char *file)
{
	return text_to_number(ret, cgroup_read(arena, folder, file), UINT64_MAX);
}

/* Each that it has: a controller may be missing, and then /proc's stays. */
static void ask_cgroup(struct usage *usage, struct arena *arena, const char *folder)
{
	const char *time = cgroup_read(arena, folder, "cpu.stat");
	uint64_t limit;

	if (text_starts(time, "usage_usec "))
		text_to_number(&usage->processor, time + strlen("usage_usec "), UINT64_MAX);
	read_number(&usage->memory, arena, folder, "memory.current");
	read_number(&usage->tasks, arena, folder, "pids.current");
	if (read_number(&limit, arena, folder, "memory.max") && limit < usage->limit)
		usage->limit = limit;
}

/* ---- its network ---- */

/* "  eth0: BYTES PACKETS ... (8 numbers) BYTES ..."; what goes over lo stays inside. */
static void count_network(struct usage *usage, pid_t first)
{
	_cleanup_text struct text text = {};

	if (!read_of(&text, first, "net/dev"))
		return;
	usage->network = true;
	for (char *line = text.data; line != NULL; line = strchr(line, '\n')) {
		uint64_t received, sent;
		char name[32];

		line += line[0] == '\n';
		if (sscanf(line, " %31[^: \n]: %" SCNu64 " %*u %*u %*u %*u %*u %*u %*u %" SCNu64,
		           name, &received, &sent) != 3 ||
		    strcmp(name, "lo") == 0)
			continue;
		usage->received += received;
		usage->sent += sent;
	}
}

void container_usage(struct usage *ret, struct arena *arena, const struct container *container)
{
	const char *cgroup = container->details == NULL ? NULL : state_cgroup(container->details);
	struct usage usage = { .limit = memory_of_machine() };

	count_processes(&usage, arena, container->pid);
	if (cgroup != NULL)
		ask_cgroup(&usage, arena, cgroup);
	/* the host's counters are not the container's */
	if (!text_equal(container->network, "host"))
		count_network(&usage, container->pid);
	*ret = usage;
}
