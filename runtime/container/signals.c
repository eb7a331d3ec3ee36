#include "runtime/container/signals.h"

#include "sandbox/base/cleanup.h"

#include <signal.h>
#include <sys/signalfd.h>

int signals_open(bool proxy, struct error *err)
{
	/* Job control (SIGTSTP, SIGTTIN, SIGTTOU) stays between the caller and his shell. */
	static const int passed_on[] = { SIGHUP,  SIGINT,  SIGQUIT, SIGTERM,
		                         SIGUSR1, SIGUSR2, SIGALRM, SIGCONT };
	sigset_t set;
	int fd;

	sigemptyset(&set);
	sigaddset(&set, SIGWINCH);
	for (size_t i = 0; proxy && i < ARRAY_SIZE(passed_on); i++)
		sigaddset(&set, passed_on[i]);
	signal(SIGPIPE, SIG_IGN);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return error_set(err, errno, "cannot block the signals");
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return fd >= 0 ? fd : error_set(err, errno, "cannot make a signalfd");
}

int signals_next(int fd)
{
	struct signalfd_siginfo info;

	return read(fd, &info, sizeof info) == sizeof info ? (int)info.ssi_signo : 0;
}
