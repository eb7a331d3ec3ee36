/*
 * child: runs a piece of a test in a process of its own, where walls can be put up without harm to
 * the other tests; on request in a fresh user (and mount) namespace, as root inside.
 *
 * In the child CHECK stands for an assertion: it says what did not hold and ends the child.
 */
#ifndef CORDON_TESTS_SANDBOX_CHILD_H
#define CORDON_TESTS_SANDBOX_CHILD_H

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CHILD_OK = 0, CHILD_FAILED = 1, CHILD_SKIPPED = 77 };

#define CHECK(condition)                                                                           \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			fprintf(stderr, "%s:%d: %s does not hold (errno: %s)\n", __FILE__,         \
			        __LINE__, #condition, strerror(errno));                            \
			_exit(CHILD_FAILED);                                                       \
		}                                                                                  \
	} while (0)

static inline bool child_write(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t count = fd < 0 ? -1 : write(fd, text, strlen(text));

	if (fd >= 0)
		close(fd);
	return count == (ssize_t)strlen(text);
}

/* Whether a user namespace made by child_in_namespace maps 65536 ids or just the caller's. */
static inline bool child_has_range(void)
{
	return geteuid() == 0;
}

static inline int child_wait(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, 0) < 0)
		return CHILD_FAILED;
	return WIFEXITED(status) ? WEXITSTATUS(status) : CHILD_FAILED;
}

static inline int child_run(void (*work)(void *), void *context)
{
	pid_t pid = fork();

	if (pid == 0) {
		work(context);
		_exit(CHILD_OK);
	}
	return child_wait(pid);
}

static inline void child_map_from_outside(pid_t pid, unsigned uid, unsigned gid)
{
	char path[64], line[64];

	snprintf(path, sizeof path, "/proc/%d/setgroups", pid);
	if (uid != 0)
		CHECK(child_write(path, "deny"));
	snprintf(path, sizeof path, "/proc/%d/gid_map", pid);
	snprintf(line, sizeof line, "0 %u %u\n", gid, gid == 0 ? 65536 : 1);
	CHECK(child_write(path, line));
	snprintf(path, sizeof path, "/proc/%d/uid_map", pid);
	snprintf(line, sizeof line, "0 %u %u\n", uid, uid == 0 ? 65536 : 1);
	CHECK(child_write(path, line));
}

/* Root maps a range 0..65535 one to one, a user himself to 0. CHILD_SKIPPED where there are no user
 * namespaces. */
static inline int child_in_namespace(int flags, void (*work)(void *), void *context)
{
	unsigned uid = geteuid(), gid = uid == 0 ? 0 : getegid();
	int ready[2], go[2];
	char byte = 0;
	pid_t pid;

	CHECK(pipe2(ready, O_CLOEXEC) == 0 && pipe2(go, O_CLOEXEC) == 0);
	pid = fork();
	if (pid == 0) {
		close(go[1]);
		if (unshare(CLONE_NEWUSER | flags) < 0)
			_exit(CHILD_SKIPPED);
		CHECK(write(ready[1], &byte, 1) == 1 && read(go[0], &byte, 1) == 1);
		CHECK(setresgid(0, 0, 0) == 0 && setresuid(0, 0, 0) == 0);
		work(context);
		_exit(CHILD_OK);
	}
	close(ready[1]);
	if (read(ready[0], &byte, 1) == 1) {
		child_map_from_outside(pid, uid, gid);
		CHECK(write(go[1], &byte, 1) == 1);
	}
	close(ready[0]);
	close(go[0]);
	close(go[1]);
	return child_wait(pid);
}

/* For use in a cmocka test. */
#define assert_child(status)                                                                       \
	do {                                                                                       \
		int status_ = (status);                                                            \
		if (status_ == CHILD_SKIPPED)                                                      \
			skip();                                                                    \
		assert_int_equal(status_, CHILD_OK);                                               \
	} while (0)

#endif
