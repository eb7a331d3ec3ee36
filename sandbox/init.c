#include "sandbox/init.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/walls.h"

#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>

static int reap(pid_t command, int *status)
{
	pid_t pid;

	while ((pid = waitpid(-1, status, WNOHANG)) > 0)
		if (pid == command)
			return 1;
	return 0;
}

static _Noreturn void serve(pid_t command, const sigset_t *all)
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

int init_fork(int *report, const struct plan_filter *filter, struct error *err)
{
	sigset_t all, before;
	struct error ignored;
	pid_t command;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
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
	/* Nobody inside may look into this process: it was never exec'd, its memory is the
	 * engine's. */
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	prctl(PR_SET_NAME, "cordon-init", 0, 0, 0);
	close(*report);
	for (int fd = 0; fd < 3; fd++)
		close(fd);
	if (descriptor_close_others(-1, &ignored) < 0 || seccomp_apply(filter, &ignored) < 0)
		_exit(EXIT_ENGINE);
	serve(command, &all);
}
