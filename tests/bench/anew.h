/* anew: this program started once more, and its answer read. It is not a copy of this process, for
 * which every page that is written to here would be a page fault later. */
#ifndef CORDON_BENCH_ANEW_H
#define CORDON_BENCH_ANEW_H

#include <fcntl.h>
#include <spawn.h>
#include <stddef.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

/* `words` ends with NULL. -1 where it does not write `size` bytes and end well. */
static inline int anew_ask(void *answer, size_t size, const char *const *words)
{
	posix_spawn_file_actions_t actions;
	int ends[2], status = -1;
	ssize_t count = -1;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0 || posix_spawn_file_actions_init(&actions) != 0)
		return -1;
	if (posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO) == 0 &&
	    posix_spawn(&pid, "/proc/self/exe", &actions, NULL, (char *const *)words, environ) ==
	            0) {
		close(ends[1]);
		count = read(ends[0], answer, size);
		waitpid(pid, &status, 0);
	}
	close(ends[0]);
	posix_spawn_file_actions_destroy(&actions);
	return count == (ssize_t)size && status == 0 ? 0 : -1;
}

#endif
