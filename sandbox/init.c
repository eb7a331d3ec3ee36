#include "sandbox/init.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"
#include "sandbox/sync.h"
#include "sandbox/walls.h"

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#if defined(__x86_64__)
enum { NATIVE_ARCH = AUDIT_ARCH_X86_64 };
#elif defined(__aarch64__)
enum { NATIVE_ARCH = AUDIT_ARCH_AARCH64 };
#endif

#define CALL(name, jump) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##name, jump, 0)

/* Not the container's filter: that may take away what the reaper lives on, and gives a lot that it
 * never needs. */
static const struct sock_filter reaper_calls[] = {
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, NATIVE_ARCH, 0, 8),
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
	CALL(rt_sigtimedwait, 7),
	CALL(wait4, 6),
	CALL(kill, 5),
	CALL(exit_group, 4),
	CALL(close, 3),
	CALL(restart_syscall, 2),
	CALL(rt_sigreturn, 1),
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
};

static int reap(pid_t command, int *status)
{
	pid_t pid;

	while ((pid = waitpid(-1, status, WNOHANG)) > 0)
		if (pid == command)
			return 1;
	return 0;
}

/* Its own filter takes no_new_privs, whatever the container has: it executes nothing. And no execve
 * will take away what was kept until then. The report's end tells the monitor that the walls stand,
 * so it is closed behind them. */
static int confine(const struct confinement *confinement, uint32_t uid, int report,
                   struct error *err)
{
	const struct plan_filter own = {
		.instructions = reaper_calls,
		.count = confinement->filter.count == 0 ? 0 : ARRAY_SIZE(reaper_calls),
	};

	if (descriptor_close_others(report, err) < 0 ||
	    capability_set(&confinement->capabilities, confinement->user_capabilities, uid, 0,
	                   err) < 0 ||
	    no_new_privileges_set(err) < 0 || seccomp_apply(&own, err) < 0)
		return -1;
	return close(report);
}

/* Not instrumented: before a call that does not return AddressSanitizer asks for the signal stack,
 * a system call that the reaper's filter rightly does not know. */
__attribute__((no_sanitize("address"))) static _Noreturn void serve(pid_t command,
                                                                    const sigset_t *all)
{
	int status = 0, number;

	for (;;) {
		if (sigwait(all, &number) != 0)
			continue;
		if (number != SIGCHLD) {
			kill(command, number);
			continue;
		}
		if (reap(command, &status))
			_exit(WIFSIGNALED(status) ? EXIT_SIGNAL_BASE + WTERMSIG(status)
			                          : WEXITSTATUS(status));
	}
}

/* The command line of this process as the kernel shows it: the words the engine was called with,
 * the host's paths among them. Fields 48 and 49 of proc_pid_stat(5). */
static int find_words(char **ret, size_t *length, struct error *err)
{
	_cleanup_text struct text line = {};
	_cleanup_fd int fd = open("/proc/self/stat", O_RDONLY | O_CLOEXEC);
	unsigned long start, end;
	const char *at;

	if (fd < 0)
		return error_set(err, errno, "cannot open /proc/self/stat");
	if (io_read_all(&line, fd, 8192, err) < 0)
		return -1;
	at = strrchr(text_string(&line), ')');
	/* the field behind the name is the third */
	for (int field = 2; at != NULL && field < 48; field++) {
		at = strchr(at, ' ');
		at = at == NULL ? NULL : at + 1;
	}
	if (at == NULL || sscanf(at, "%lu %lu", &start, &end) != 2 || end <= start)
		return error_set(err, 0, "cannot find the words of the reaper in /proc/self/stat");
	*ret = (char *)start;
	*length = end - start;
	return 0;
}

/* Everybody inside may read /proc/1/cmdline, of a process that is undumpable as well. */
static void hide_words(char *words, size_t length)
{
	memset(words, 0, length);
	snprintf(words, length, "cordon-init");
}

/* Not instrumented, for the same reason: it calls serve() behind the filter. */
__attribute__((no_sanitize("address"))) int init_fork(int report,
                                                      const struct confinement *confinement,
                                                      uint32_t uid, struct error *err)
{
	sigset_t all, before;
	size_t length = 0;
	pid_t command;
	char *words = NULL;

	if (find_words(&words, &length, err) < 0)
		return -1;
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	/* Nobody inside may look into pid 1: it is never exec'd, its memory and its /proc/1/exe are
	 * the engine's (CVE-2019-5736). Before the fork, for the command is faster at times. */
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return error_set(err, errno, "cannot make the reaper undumpable");
	command = fork();
	if (command < 0)
		return error_set(err, errno, "cannot fork the command");
	if (command == 0) {
		/* Its own process group, in front of the terminal where there is one. */
		setpgid(0, 0);
		signal(SIGTTOU, SIG_IGN);
		ioctl(STDIN_FILENO, TIOCSPGRP, &(pid_t){ getpid() });
		signal(SIGTTOU, SIG_DFL);
		sigprocmask(SIG_SETMASK, &before, NULL);
		return 0;
	}
	prctl(PR_SET_NAME, "cordon-init", 0, 0, 0);
	/* after the fork: the command's own words may lie there */
	hide_words(words, length);
	for (int fd = 0; fd < 3; fd++)
		close(fd);
	if (confine(confinement, uid, report, err) < 0) {
		sync_report(report, REPORT_FAILURE, err);
		_exit(EXIT_ENGINE);
	}
	serve(command, &all);
}
