/*
 * cost COMMAND...: runs it and prints "WALL CPU MEMORY": seconds, seconds of it and its children,
 * and bytes of the largest process. A program of its own because a process begins its life with the
 * memory of the one that started it, and an interpreter's is larger than what is measured.
 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static double seconds(struct timeval time)
{
	return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

int main(int count, char **words)
{
	posix_spawn_file_actions_t actions;
	struct rusage used;
	double begin;
	int status;
	pid_t pid;

	if (count < 2 || posix_spawn_file_actions_init(&actions) != 0)
		return 2;
	for (int fd = 0; fd < 3; fd++)
		if (posix_spawn_file_actions_addopen(&actions, fd, "/dev/null", O_RDWR, 0) != 0)
			return 2;
	begin = now();
	if (posix_spawnp(&pid, words[1], &actions, NULL, words + 1, environ) != 0)
		return 2;
	while (wait4(pid, &status, 0, &used) < 0 && errno == EINTR)
		;
	printf("%.6f %.6f %ld\n", now() - begin, seconds(used.ru_utime) + seconds(used.ru_stime),
	       used.ru_maxrss * 1024L);
	return status == 0 ? 0 : 1;
}
