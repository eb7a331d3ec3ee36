/*
 * exec: a further command in a running container: the container's own stored plan with another
 * process in it, so the same policy, never more. This process is the command's parent and carries
 * its streams; if it dies, the command dies (exec -d leaves a small process behind for that).
 */
#include "runtime/container/record.h"

#include "runtime/container/terminal.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"
#include "sandbox/spawn.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/pidfd.h>
#include <sys/signalfd.h>
#include <sys/wait.h>

struct session {
	struct sandbox sandbox;
	const struct exec_request *request;
	struct detach_keys keys;
	size_t matched;
	int output, error, input, signals;
	bool input_ready, detached;
	int status;
};

static int take_signals(struct error *err)
{
	static const int numbers[] = { SIGCHLD, SIGTERM, SIGINT,  SIGHUP,
		                       SIGQUIT, SIGUSR1, SIGUSR2, SIGWINCH };
	sigset_t set;
	int fd;

	sigemptyset(&set);
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		sigaddset(&set, numbers[i]);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return fd >= 0 ? fd : error_set(err, errno, "cannot make a signalfd");
}

static void pass_size(const struct session *session)
{
	struct winsize size;

	if (session->sandbox.terminal >= 0 && ioctl(STDIN_FILENO, TIOCGWINSZ, &size) == 0)
		ioctl(session->sandbox.terminal, TIOCSWINSZ, &size);
}

static void take_signal(struct session *session)
{
	struct signalfd_siginfo info;
	int status;

	if (read(session->signals, &info, sizeof info) != sizeof info)
		return;
	if (info.ssi_signo == SIGWINCH)
		pass_size(session);
	else if (info.ssi_signo != SIGCHLD)
		pidfd_send_signal(session->sandbox.pidfd, (int)info.ssi_signo, NULL, 0);
	else if (waitpid(session->sandbox.pid, &status, WNOHANG) == session->sandbox.pid)
		session->status = WIFSIGNALED(status) ? EXIT_SIGNAL_BASE + WTERMSIG(status)
		                                      : WEXITSTATUS(status);
}

static bool pump(int *from, int to, const struct session *session)
{
	static char buffer[65536];
	ssize_t count = read(*from, buffer, sizeof buffer);

	if (count < 0 && (errno == EINTR || errno == EAGAIN))
		return false;
	if (count <= 0) {
		if (*from != session->sandbox.terminal)
			close(*from);
		*from = -1;
		return false;
	}
	return io_write_all(to, buffer, (size_t)count) == 0;
}

static void end_input(struct session *session)
{
	char end_of_file = 4;

	if (session->sandbox.terminal < 0)
		cleanup_close(&session->input);
	else if (write(session->input, &end_of_file, 1) < 0)
		session->detached = false;
	session->input = -1;
}

static void take_input(struct session *session)
{
	char typed[4000], out[sizeof typed + 16];
	size_t length;
	ssize_t count = read(STDIN_FILENO, typed, sizeof typed);

	if (count < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (count <= 0) {
		end_input(session);
		return;
	}
	session->detached = terminal_match(&session->keys, &session->matched, typed, (size_t)count,
	                                   out, &length);
	session->input_ready = false;
	if (length > 0 && io_write_all(session->input, out, length) < 0)
		end_input(session);
}

static void watch(struct session *session)
{
	bool take = session->input >= 0 && session->input_ready;
	struct pollfd items[] = { { .fd = session->output, .events = POLLIN },
		                  { .fd = session->error, .events = POLLIN },
		                  { .fd = take ? STDIN_FILENO : -1, .events = POLLIN },
		                  { .fd = take ? -1 : session->input, .events = POLLOUT },
		                  { .fd = session->signals, .events = POLLIN } };

	if (poll(items, ARRAY_SIZE(items), -1) < 0)
		return;
	if (items[0].revents != 0)
		pump(&session->output, STDOUT_FILENO, session);
	if (items[1].revents != 0)
		pump(&session->error, STDERR_FILENO, session);
	if (items[3].revents != 0)
		session->input_ready = true;
	if (items[2].revents != 0)
		take_input(session);
	if (items[4].revents != 0)
		take_signal(session);
}

/* A background child of the command may hold the streams open for ever, so only what is there is
 * read. */
static void drain(struct session *session)
{
	int *ends[] = { &session->output, &session->error };

	for (size_t i = 0; i < ARRAY_SIZE(ends); i++) {
		if (*ends[i] < 0)
			continue;
		fcntl(*ends[i], F_SETFL, fcntl(*ends[i], F_GETFL) | O_NONBLOCK);
		while (*ends[i] >= 0 &&
		       pump(ends[i], i == 0 ? STDOUT_FILENO : STDERR_FILENO, session))
			;
	}
}

static int open_streams(struct session *session, struct sandbox_streams *streams, struct error *err)
{
	int out[2] = { -1, -1 }, error[2] = { -1, -1 }, in[2] = { -1, -1 };

	*streams = (struct sandbox_streams){ -1, -1, -1, -1 };
	if (session->request->terminal || session->request->detach)
		return 0;
	if (pipe2(out, O_CLOEXEC) < 0 || pipe2(error, O_CLOEXEC) < 0 ||
	    (session->request->interactive && pipe2(in, O_CLOEXEC) < 0))
		return error_set(err, errno, "cannot make a pipe");
	session->output = out[0];
	session->error = error[0];
	session->input = in[1];
	*streams = (struct sandbox_streams){ in[0], out[1], error[1], -1 };
	return 0;
}

static int run_session(struct session *session, const struct plan *plan, int pidfd,
                       const struct host *host, struct error *err)
{
	struct sandbox_streams streams;
	int result;

	session->signals = take_signals(err);
	if (session->signals < 0 || open_streams(session, &streams, err) < 0)
		return -1;
	result = sandbox_enter(&session->sandbox, plan, pidfd, &streams, host, err);
	cleanup_close(&streams.input);
	cleanup_close(&streams.output);
	cleanup_close(&streams.error);
	if (result < 0)
		return -1;
	if (session->request->terminal && !session->request->detach) {
		session->output = session->sandbox.terminal;
		session->input = session->request->interactive ? session->sandbox.terminal : -1;
		if (session->request->interactive)
			terminal_raw();
	}
	return 0;
}

/* exec -d: the caller leaves as soon as the command runs; this process stays as its parent. */
static int detach_session(struct session *session, const struct plan *plan, int pidfd,
                          const struct host *host, struct error *err)
{
	struct error answer = {};
	int ready[2];
	pid_t pid;

	if (pipe2(ready, O_CLOEXEC) < 0)
		return error_set(err, errno, "cannot make a pipe");
	pid = fork();
	if (pid == 0) {
		int null = open("/dev/null", O_RDWR | O_CLOEXEC);

		setsid();
		for (int fd = 0; fd < 3; fd++)
			dup2(null, fd);
		if (run_session(session, plan, pidfd, host, &answer) < 0) {
			if (io_write_all(ready[1], &answer, sizeof answer) < 0)
				_exit(EXIT_ENGINE);
			_exit(EXIT_ENGINE);
		}
		close(ready[1]);
		close(ready[0]);
		while (session->status < 0)
			watch(session);
		_exit(0);
	}
	close(ready[1]);
	if (pid < 0) {
		close(ready[0]);
		return error_set(err, errno, "cannot fork");
	}
	if (read(ready[0], &answer, sizeof answer) == sizeof answer) {
		*err = answer;
		close(ready[0]);
		waitpid(pid, NULL, 0);
		return -1;
	}
	close(ready[0]);
	return 0;
}

static void replace_process(struct plan *plan, struct arena *arena,
                            const struct exec_request *request)
{
	struct plan_process *process = &plan->process;
	struct winsize size = {};

	process->arguments = request->command;
	process->terminal = request->terminal;
	process->init = false;
	process->rows = process->columns = 0;
	if (request->terminal && ioctl(STDIN_FILENO, TIOCGWINSZ, &size) == 0) {
		process->rows = size.ws_row;
		process->columns = size.ws_col;
	}
	if (request->user != NULL)
		process->user = request->user;
	if (request->directory != NULL)
		process->directory = request->directory;
	if (request->terminal)
		launch_append(arena, &process->environment, "TERM=xterm");
	for (size_t i = 0; i < request->environment.count; i++) {
		const char *given = request->environment.items[i];
		const char *own = strchr(given, '=') == NULL ? getenv(given) : NULL;

		if (strchr(given, '=') != NULL)
			launch_append(arena, &process->environment, given);
		else if (own != NULL)
			launch_append(arena, &process->environment,
			              arena_printf(arena, "%s=%s", given, own));
	}
}

static int open_running(struct container *ret, struct plan *plan, struct arena *arena,
                        const struct paths *paths, const char *name, struct error *err)
{
	struct network_plan network = {};
	int found = container_open(ret, arena, paths, name, err);

	if (found == 0) {
		error_set(err, 0, "no such container: %.200s", name);
		return error_hint(err, "see cordon ps");
	}
	if (found < 0)
		return -1;
	if (ret->status != CONTAINER_RUNNING) {
		error_set(err, 0, "container %s is not running", name);
		return error_hint(err, "start it first: cordon start %s", name);
	}
	return record_read(plan, &network, arena, ret->dir, err);
}

int container_exec(const struct paths *paths, const struct host *host,
                   const struct exec_request *request, struct error *err)
{
	_cleanup_arena struct arena arena = {};
	struct container container = { .dir = -1 };
	struct session session = { .sandbox = { -1, -1, -1, -1, -1, "" },
		                   .request = request,
		                   .output = -1,
		                   .error = -1,
		                   .input = -1,
		                   .signals = -1,
		                   .status = -1 };
	struct plan plan;
	_cleanup_fd int pidfd = -1;
	int result = open_running(&container, &plan, &arena, paths, request->name, err);

	if (result == 0) {
		pidfd = pidfd_open(container.pid, 0);
		if (pidfd < 0 ||
		    process_start_time(container.pid) !=
		            (uint64_t)value_integer(value_get(container.state, "pid_start"), 0))
			result = error_set(err, 0, "container %s has just ended", request->name);
	}
	if (result == 0)
		result = terminal_parse_keys(&session.keys, request->detach_keys, err);
	if (!request->terminal)
		session.keys.count = 0;
	if (result == 0) {
		replace_process(&plan, &arena, request);
		result = request->detach ? detach_session(&session, &plan, pidfd, host, err)
		                         : run_session(&session, &plan, pidfd, host, err);
	}
	container_close(&container);
	if (result < 0 || request->detach)
		return result;
	while (session.status < 0 && !session.detached)
		watch(&session);
	drain(&session);
	terminal_restore();
	sandbox_done(&session.sandbox);
	return session.detached ? 0 : session.status;
}
