/*
 * capture: writes down the seccomp filters that a program and its children load, as raw struct
 * sock_filter, before the kernel has seen them.
 *
 *	capture FILE COMMAND [WORD...]      the filters are FILE.0, FILE.1, ...
 *
 * It traces the command (ptrace(2), without root) and reads the struct sock_fprog at the entry of
 * seccomp(SECCOMP_SET_MODE_FILTER) or prctl(PR_SET_SECCOMP). A filter around the command stops it
 *at these two calls and at no other: a Go program makes so many that to stop at each takes seconds.
 * Its end is the command's, or SIGALRM AFTERWARDS seconds after the first filter: a command that
 *its own filter leaves without a way to end would wait for ever. What is loaded by a 32-bit call is
 *not looked at.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	OPTIONS = PTRACE_O_TRACESECCOMP | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
	          PTRACE_O_TRACECLONE | PTRACE_O_EXITKILL,
	AFTERWARDS = 5,
};

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "capture: %s: %s\n", what, strerror(errno));
	exit(125);
}

static bool copy(pid_t pid, void *into, uint64_t from, size_t size)
{
	const struct iovec local = { into, size };
	const struct iovec remote = { (void *)(uintptr_t)from, size };

	return process_vm_readv(pid, &local, 1, &remote, 1, 0) == (ssize_t)size;
}

static void save(const char *file, unsigned number, pid_t pid, uint64_t where)
{
	static struct sock_filter program[BPF_MAXINSNS];
	struct sock_fprog header;
	char name[PATH_MAX];
	size_t size;
	int fd;

	if (!copy(pid, &header, where, sizeof header) || header.len > BPF_MAXINSNS)
		die("cannot read the head of a filter");
	size = header.len * sizeof *program;
	if (!copy(pid, program, (uintptr_t)header.filter, size))
		die("cannot read a filter");
	snprintf(name, sizeof name, "%s.%u", file, number);
	fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0 || write(fd, program, size) != (ssize_t)size || close(fd) < 0)
		die(name);
}

/* Where the head of a filter lies that this call loads; 0 where it loads none. */
static uint64_t loaded(const struct __ptrace_syscall_info *info)
{
	const uint64_t *arguments = (const uint64_t *)info->seccomp.args;

	if (info->op != PTRACE_SYSCALL_INFO_SECCOMP || (info->arch & __AUDIT_ARCH_64BIT) == 0)
		return 0;
	if (info->seccomp.nr == SYS_seccomp && arguments[0] == SECCOMP_SET_MODE_FILTER)
		return arguments[2];
	if (info->seccomp.nr == SYS_prctl && arguments[0] == PR_SET_SECCOMP &&
	    arguments[1] == SECCOMP_MODE_FILTER)
		return arguments[2];
	return 0;
}

static void look(const char *file, unsigned *number, pid_t pid)
{
	struct __ptrace_syscall_info info;
	uint64_t where;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof info, &info) <= 0)
		return; /* it has been killed meanwhile */
	where = loaded(&info);
	if (where == 0)
		return;
	if (*number == 0)
		alarm(AFTERWARDS);
	save(file, (*number)++, pid, where);
}

/* The signal to hand on: not the stops of tracing itself, nor that of a new child. */
static int passed_on(int status)
{
	int number = WSTOPSIG(status);

	if (status >> 16 != 0 || number == SIGSTOP)
		return 0;
	return number;
}

static int follow(const char *file, pid_t first)
{
	unsigned number = 0;
	int status, end = 0;
	pid_t pid;

	while ((pid = waitpid(-1, &status, __WALL)) > 0) {
		int signal = 0;

		if (!WIFSTOPPED(status)) {
			if (pid == first)
				end = WIFEXITED(status) ? WEXITSTATUS(status) : 128;
			continue;
		}
		if (status >> 8 == (SIGTRAP | PTRACE_EVENT_SECCOMP << 8))
			look(file, &number, pid);
		else
			signal = passed_on(status);
		if (ptrace(PTRACE_CONT, pid, 0, signal) < 0 && errno != ESRCH)
			die("cannot go on");
	}
	return end;
}

/* Stops this process, and what it will start, at the calls that may load a filter. */
static void stop_at_filters(void)
{
	static struct sock_filter program[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_seccomp, 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_prctl, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog header = { sizeof program / sizeof *program, program };

	/* without no_new_privs where its capabilities allow it: the command may look at that */
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &header) == 0)
		return;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &header) < 0)
		die("cannot stop at filters");
}

int main(int count, char **words)
{
	int status;
	pid_t pid;

	if (count < 3) {
		fputs("usage: capture FILE COMMAND [WORD...]\n", stderr);
		return 125;
	}
	pid = fork();
	if (pid == 0) {
		raise(SIGSTOP);
		stop_at_filters();
		execvp(words[2], words + 2);
		die(words[2]);
	}
	/* not TRACEME: that would stop at the execve with a SIGTRAP like any other */
	if (pid < 0 || waitpid(pid, &status, WUNTRACED) != pid ||
	    ptrace(PTRACE_SEIZE, pid, 0, OPTIONS) < 0 || kill(pid, SIGCONT) < 0)
		die("cannot trace");
	return follow(words[1], pid);
}
