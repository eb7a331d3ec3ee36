#include "runtime/container/process.h"

#include "sandbox/base/cleanup.h"

#include <fcntl.h>
#include <string.h>
#include <sys/pidfd.h>

/* The name in parentheses may hold anything, so fields are counted from its end; behind it comes
 * field 3 (proc_pid_stat(5)). */
enum { FIELD_BEHIND_NAME = 2, FIELD_START_TIME = 22 };

uint64_t process_start_time(pid_t pid)
{
	char path[64], content[1024];
	_cleanup_fd int fd = -1;
	ssize_t length;
	char *next;

	if (pid <= 0)
		return 0;
	snprintf(path, sizeof path, "/proc/%ld/stat", (long)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	length = fd < 0 ? -1 : read(fd, content, sizeof content - 1);
	if (length <= 0)
		return 0;
	content[length] = '\0';
	next = strrchr(content, ')');
	for (int field = FIELD_BEHIND_NAME; next != NULL && field < FIELD_START_TIME; field++)
		next = strchr(next + 1, ' ');
	return next == NULL ? 0 : strtoull(next + 1, NULL, 10);
}

int process_open(pid_t pid, uint64_t start_time)
{
	_cleanup_fd int pidfd = pid > 1 && start_time != 0 ? pidfd_open(pid, 0) : -1;

	if (pidfd < 0 || process_start_time(pid) != start_time)
		return -1;
	return cleanup_take_fd(&pidfd);
}

/* /proc/PID/task/PID/children (proc(5)) is in the order of birth. */
static pid_t first_child(pid_t pid)
{
	char path[64], content[64];
	_cleanup_fd int fd = -1;
	ssize_t length;

	snprintf(path, sizeof path, "/proc/%ld/task/%ld/children", (long)pid, (long)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	length = fd < 0 ? -1 : read(fd, content, sizeof content - 1);
	content[length < 0 ? 0 : length] = '\0';
	return (pid_t)strtol(content, NULL, 10);
}

/* A child that is still the first one after its pidfd was opened is the one that was meant. */
int process_open_first_child(pid_t pid)
{
	pid_t child = first_child(pid);
	_cleanup_fd int pidfd = child > 1 ? pidfd_open(child, 0) : -1;

	if (pidfd < 0 || first_child(pid) != child)
		return -1;
	return cleanup_take_fd(&pidfd);
}

void process_kill(pid_t pid, uint64_t start_time, int signal)
{
	_cleanup_fd int pidfd = process_open(pid, start_time);

	if (pidfd >= 0)
		pidfd_send_signal(pidfd, signal, NULL, 0);
}
