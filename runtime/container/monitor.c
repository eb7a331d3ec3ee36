#include "runtime/container/monitor.h"

#include "runtime/container/channel.h"
#include "runtime/network/network.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/pidfd.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>

enum { CLIENTS_MAX = 8, BUFFER = 65536 };

struct monitor {
	struct monitor_request *request;
	struct sandbox sandbox;
	struct log_writer log;
	pid_t pasta;
	int output, error; /* read ends, or the terminal in `output` */
	int input;         /* write end of the container's standard input; the terminal; -1 */
	int own_input;     /* our standard input while it is forwarded; -1 */
	int signals;       /* signalfd */
	int listener;
	int clients[CLIENTS_MAX];
	int status;       /* of the container's first process, -1 while it lives */
	bool mute[2];     /* our own standard output or error is gone */
	bool input_ready; /* the container's standard input takes PIPE_BUF bytes without blocking */
};

/* ---- output ---- */

static void drop_client(struct monitor *monitor, size_t index)
{
	cleanup_close(&monitor->clients[index]);
	monitor->clients[index] = -1;
}

static void spread(struct monitor *monitor, enum log_stream stream, const char *bytes,
                   size_t length)
{
	enum channel_kind kind = stream == LOG_STDOUT ? CHANNEL_STDOUT : CHANNEL_STDERR;

	log_write(&monitor->log, stream, bytes, length);
	if (monitor->request->foreground && !monitor->mute[stream] &&
	    io_write_all(stream == LOG_STDOUT ? STDOUT_FILENO : STDERR_FILENO, bytes, length) < 0)
		monitor->mute[stream] = true;
	for (size_t i = 0; i < CLIENTS_MAX; i++)
		for (size_t sent = 0; monitor->clients[i] >= 0 && sent < length;
		     sent += CHANNEL_BYTES) {
			size_t piece =
			        length - sent < CHANNEL_BYTES ? length - sent : CHANNEL_BYTES;

			if (!channel_send(monitor->clients[i], kind, bytes + sent, piece, true))
				drop_client(monitor, i);
		}
}

/* One read; closes the stream at its end (EIO is a terminal's way to say so). False when nothing
 * came. */
static bool take_output(struct monitor *monitor, int *fd, enum log_stream stream)
{
	static char buffer[BUFFER];
	ssize_t count = read(*fd, buffer, sizeof buffer);

	if (count < 0 && (errno == EINTR || errno == EAGAIN))
		return false;
	if (count <= 0) {
		if (*fd != monitor->sandbox.terminal)
			cleanup_close(fd);
		*fd = -1;
		return false;
	}
	spread(monitor, stream, buffer, (size_t)count);
	return true;
}

/* ---- input ---- */

static void end_input(struct monitor *monitor)
{
	char end_of_file = 4;

	if (monitor->input < 0)
		return;
	if (monitor->request->plan->process.terminal) {
		if (write(monitor->input, &end_of_file, 1) < 0)
			return;
	} else {
		cleanup_close(&monitor->input);
		monitor->input = -1;
	}
}

static void give_input(struct monitor *monitor, const char *bytes, size_t length)
{
	monitor->input_ready = false;
	if (monitor->input >= 0 && io_write_all(monitor->input, bytes, length) < 0 &&
	    !monitor->request->plan->process.terminal)
		end_input(monitor);
}

static void take_own_input(struct monitor *monitor)
{
	static char buffer[4096]; /* at most what the pipe takes at once, see pipe(7) PIPE_BUF */
	ssize_t count = read(monitor->own_input, buffer, sizeof buffer);

	if (count < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (count <= 0) {
		monitor->own_input = -1;
		end_input(monitor);
		return;
	}
	give_input(monitor, buffer, (size_t)count);
	if (monitor->input < 0)
		monitor->own_input = -1;
}

static void send_signal(struct monitor *monitor, int number)
{
	pidfd_send_signal(monitor->sandbox.pidfd, number, NULL, 0);
}

static void resize(const struct monitor *monitor, const struct packet *packet)
{
	uint16_t numbers[2];
	struct winsize size = {};

	memcpy(numbers, packet->bytes, sizeof numbers);
	size.ws_row = numbers[0];
	size.ws_col = numbers[1];
	if (monitor->sandbox.terminal >= 0)
		ioctl(monitor->sandbox.terminal, TIOCSWINSZ, &size);
}

static void take_client(struct monitor *monitor, size_t index)
{
	static struct packet packet;
	long length = channel_receive(monitor->clients[index], &packet);

	if (length < 0) {
		drop_client(monitor, index);
		return;
	}
	switch (packet.kind) {
	case CHANNEL_INPUT:
		give_input(monitor, packet.bytes, (size_t)length);
		break;
	case CHANNEL_INPUT_END:
		end_input(monitor);
		break;
	case CHANNEL_SIZE:
		if (length >= 4)
			resize(monitor, &packet);
		break;
	case CHANNEL_SIGNAL:
		if (length >= 1)
			send_signal(monitor, packet.bytes[0]);
		break;
	default:
		break;
	}
}

static void accept_client(struct monitor *monitor)
{
	int fd = channel_accept(monitor->listener);

	for (size_t i = 0; i < CLIENTS_MAX && fd >= 0; i++)
		if (monitor->clients[i] < 0) {
			monitor->clients[i] = fd;
			return;
		}
	cleanup_close(&fd);
}

/* ---- signals and the end ---- */

static int exit_status(int status)
{
	return WIFSIGNALED(status) ? EXIT_SIGNAL_BASE + WTERMSIG(status) : WEXITSTATUS(status);
}

static void reap(struct monitor *monitor)
{
	pid_t pid;
	int status;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid == monitor->sandbox.pid)
			monitor->status = exit_status(status);
		if (pid == monitor->pasta)
			monitor->pasta = 0;
	}
}

static void take_signal(struct monitor *monitor)
{
	struct signalfd_siginfo info;

	if (read(monitor->signals, &info, sizeof info) != sizeof info)
		return;
	if (info.ssi_signo == SIGCHLD)
		reap(monitor);
	else
		send_signal(monitor, (int)info.ssi_signo);
}

static int open_signals(struct error *err)
{
	static const int numbers[] = { SIGCHLD, SIGTERM, SIGINT,   SIGHUP, SIGQUIT,
		                       SIGUSR1, SIGUSR2, SIGWINCH, SIGCONT };
	sigset_t set;
	int fd;

	sigemptyset(&set);
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		sigaddset(&set, numbers[i]);
	signal(SIGPIPE, SIG_IGN);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return error_set(err, errno, "cannot block the signals");
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return fd >= 0 ? fd : error_set(err, errno, "cannot make a signalfd");
}

/* ---- the loop ---- */

/* Input is only taken from anyone while the container's standard input has room: a blocking write
 * here would stop the output, and `cat` would wait for us while we wait for it. */
static void watch(struct monitor *monitor)
{
	bool take = monitor->input < 0 || monitor->input_ready;
	struct pollfd items[6 + CLIENTS_MAX] = {
		{ .fd = monitor->output, .events = POLLIN },
		{ .fd = monitor->error, .events = POLLIN },
		{ .fd = take ? monitor->own_input : -1, .events = POLLIN },
		{ .fd = monitor->signals, .events = POLLIN },
		{ .fd = monitor->listener, .events = POLLIN },
		{ .fd = take ? -1 : monitor->input, .events = POLLOUT },
	};

	for (size_t i = 0; i < CLIENTS_MAX; i++)
		items[6 + i] =
		        (struct pollfd){ .fd = take ? monitor->clients[i] : -1, .events = POLLIN };
	if (poll(items, ARRAY_SIZE(items), -1) < 0)
		return;
	if (items[0].revents != 0)
		take_output(monitor, &monitor->output, LOG_STDOUT);
	if (items[1].revents != 0)
		take_output(monitor, &monitor->error, LOG_STDERR);
	if (items[5].revents != 0)
		monitor->input_ready = true;
	if (items[2].revents != 0)
		take_own_input(monitor);
	if (items[4].revents != 0)
		accept_client(monitor);
	for (size_t i = 0; i < CLIENTS_MAX; i++)
		if (items[6 + i].revents != 0 && (monitor->input < 0 || monitor->input_ready))
			take_client(monitor, i);
	if (items[3].revents != 0)
		take_signal(monitor);
}

static void set_nonblocking(int fd)
{
	if (fd >= 0)
		fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

/* The first process is gone, and with it the pid namespace: what the streams still hold is all
 * there is. */
static void drain(struct monitor *monitor)
{
	set_nonblocking(monitor->output);
	set_nonblocking(monitor->error);
	while (monitor->output >= 0 && take_output(monitor, &monitor->output, LOG_STDOUT))
		;
	while (monitor->error >= 0 && take_output(monitor, &monitor->error, LOG_STDERR))
		;
}

/* ---- start ---- */

static int make_pipe(int *ours, int *theirs, bool output, struct error *err)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return error_set(err, errno, "cannot make a pipe");
	*ours = ends[output ? 0 : 1];
	*theirs = ends[output ? 1 : 0];
	return 0;
}

static int open_streams(struct monitor *monitor, struct sandbox_streams *streams, struct error *err)
{
	*streams = (struct sandbox_streams){ -1, -1, -1, monitor->request->trace };
	if (monitor->request->plan->process.terminal)
		return 0;
	if (make_pipe(&monitor->output, &streams->output, true, err) < 0 ||
	    make_pipe(&monitor->error, &streams->error, true, err) < 0)
		return -1;
	if (monitor->request->interactive)
		return make_pipe(&monitor->input, &streams->input, false, err);
	return 0;
}

static void close_streams(struct sandbox_streams *streams)
{
	cleanup_close(&streams->input);
	cleanup_close(&streams->output);
	cleanup_close(&streams->error);
}

static int start_sandbox(struct monitor *monitor, struct error *err)
{
	struct monitor_request *request = monitor->request;
	struct sandbox_streams streams;
	int result = open_streams(monitor, &streams, err);

	if (result == 0)
		result = sandbox_spawn(&monitor->sandbox, request->plan, request->host, &streams,
		                       err);
	close_streams(&streams);
	if (result < 0)
		return -1;
	if (request->plan->network == PLAN_NETWORK_PRIVATE &&
	    network_start(&monitor->pasta, request->paths, request->network, monitor->sandbox.pid,
	                  err) < 0) {
		send_signal(monitor, SIGKILL);
		waitpid(monitor->sandbox.pid, NULL, 0);
		sandbox_done(&monitor->sandbox);
		return -1;
	}
	if (sandbox_start(&monitor->sandbox, request->plan, err) < 0)
		return -1;
	if (request->plan->process.terminal) {
		monitor->output = monitor->sandbox.terminal;
		monitor->input = request->interactive ? monitor->sandbox.terminal : -1;
	}
	return 0;
}

static void set_number(struct monitor *monitor, const char *key, int64_t number)
{
	value_set(monitor->request->arena, monitor->request->state, key,
	          value_new_integer(monitor->request->arena, number));
}

static void set_text(struct monitor *monitor, const char *key, const char *text)
{
	value_set(monitor->request->arena, monitor->request->state, key,
	          value_new_string(monitor->request->arena, text));
}

static void set_enforced(struct monitor *monitor)
{
	struct arena *arena = monitor->request->arena;
	struct enforced enforced;
	struct error ignored;
	struct value *object;

	if (sandbox_read_enforced(&enforced, monitor->sandbox.pid, monitor->request->host,
	                          &ignored) < 0)
		return;
	object = value_set(arena, monitor->request->state, "enforced", value_new_object(arena));
	value_set(arena, object, "Seccomp", value_new_integer(arena, enforced.seccomp));
	value_set(arena, object, "SeccompFilters",
	          value_new_integer(arena, enforced.seccomp_filters));
	value_set(arena, object, "NoNewPrivs",
	          value_new_integer(arena, enforced.no_new_privileges));
	value_set(arena, object, "CapInh",
	          value_new_integer(arena, (int64_t)enforced.capabilities.inheritable));
	value_set(arena, object, "CapPrm",
	          value_new_integer(arena, (int64_t)enforced.capabilities.permitted));
	value_set(arena, object, "CapEff",
	          value_new_integer(arena, (int64_t)enforced.capabilities.effective));
	value_set(arena, object, "CapBnd",
	          value_new_integer(arena, (int64_t)enforced.capabilities.bounding));
	value_set(arena, object, "CapAmb",
	          value_new_integer(arena, (int64_t)enforced.capabilities.ambient));
	value_set(arena, object, "LandlockABI", value_new_integer(arena, enforced.landlock_abi));
	value_set(arena, object, "Label", value_new_string(arena, enforced.label));
	value_set(arena, object, "Notes", value_new_string(arena, monitor->sandbox.notes));
}

static int record_running(struct monitor *monitor, struct error *err)
{
	set_text(monitor, "status", state_status_name(CONTAINER_RUNNING));
	set_number(monitor, "pid", monitor->sandbox.pid);
	set_number(monitor, "pid_start", (int64_t)process_start_time(monitor->sandbox.pid));
	set_number(monitor, "monitor", getpid());
	set_number(monitor, "started", time(NULL));
	if (monitor->pasta > 0) {
		set_number(monitor, "pasta", monitor->pasta);
		set_number(monitor, "pasta_start", (int64_t)process_start_time(monitor->pasta));
	}
	set_enforced(monitor);
	return state_write(monitor->request->folder->dir, monitor->request->state,
	                   CONTAINER_RUNNING, err);
}

static void record_end(struct monitor *monitor)
{
	struct error err;

	set_text(monitor, "status", state_status_name(CONTAINER_EXITED));
	set_number(monitor, "exit", monitor->status);
	set_number(monitor, "finished", time(NULL));
	set_number(monitor, "pid", 0);
	/* A full disk: the lock goes free with this process, and the next command finds out by
	 * itself. */
	if (state_write(monitor->request->folder->dir, monitor->request->state, CONTAINER_EXITED,
	                &err) < 0)
		return;
}

static void tell_ready(const struct monitor_request *request, const struct error *err)
{
	struct monitor_answer answer = { .started = err == NULL };

	if (request->ready < 0)
		return;
	if (err != NULL)
		answer.error = *err;
	if (io_write_all(request->ready, &answer, sizeof answer) < 0)
		return; /* nobody waits any more */
}

static void end_pasta(struct monitor *monitor)
{
	if (monitor->pasta <= 0)
		return;
	kill(monitor->pasta, SIGTERM);
	waitpid(monitor->pasta, NULL, 0);
}

static void finish(struct monitor *monitor)
{
	struct monitor_request *request = monitor->request;
	unsigned char status = (unsigned char)monitor->status;
	struct error ignored;

	drain(monitor);
	log_close(&monitor->log);
	end_pasta(monitor);
	if (monitor->listener >= 0)
		channel_remove(request->paths->run, request->folder->id);
	if (!request->remove)
		record_end(monitor);
	else if (monitor_remove_folder(request->folder, request->paths, request->host,
	                               &request->plan->maps, request->name, &ignored) < 0)
		record_end(monitor);
	for (size_t i = 0; i < CLIENTS_MAX; i++)
		if (monitor->clients[i] >= 0) {
			channel_send(monitor->clients[i], CHANNEL_EXIT, &status, 1, true);
			drop_client(monitor, i);
		}
	sandbox_done(&monitor->sandbox);
	cleanup_close(&monitor->input);
	cleanup_close(&monitor->signals);
	cleanup_close(&monitor->listener);
}

static int start(struct monitor *monitor, struct error *err)
{
	struct monitor_request *request = monitor->request;

	if (log_open(&monitor->log, request->folder->dir, err) < 0)
		return -1;
	monitor->signals = open_signals(err);
	if (monitor->signals < 0)
		return -1;
	if (!request->foreground) {
		monitor->listener = channel_listen(request->paths->run, request->folder->id, err);
		if (monitor->listener < 0)
			return -1;
	}
	if (start_sandbox(monitor, err) < 0)
		return -1;
	if (record_running(monitor, err) == 0)
		return 0;
	send_signal(monitor, SIGKILL);
	waitpid(monitor->sandbox.pid, NULL, 0);
	return -1;
}

int monitor_run(struct monitor_request *request, struct error *err)
{
	struct monitor monitor = { .request = request,
		                   .sandbox = { -1, -1, -1, -1, -1, "" },
		                   .log = { .fd = -1 },
		                   .output = -1,
		                   .error = -1,
		                   .input = -1,
		                   .own_input = -1,
		                   .signals = -1,
		                   .listener = -1,
		                   .status = -1 };

	for (size_t i = 0; i < CLIENTS_MAX; i++)
		monitor.clients[i] = -1;
	monitor.clients[0] = request->client;
	if (start(&monitor, err) < 0) {
		end_pasta(&monitor);
		log_close(&monitor.log);
		if (monitor.listener >= 0)
			channel_remove(request->paths->run, request->folder->id);
		cleanup_close(&monitor.listener);
		cleanup_close(&monitor.signals);
		cleanup_close(&monitor.output);
		cleanup_close(&monitor.error);
		cleanup_close(&monitor.input);
		tell_ready(request, err);
		return -1;
	}
	tell_ready(request, NULL);
	if (request->foreground && request->interactive)
		monitor.own_input = STDIN_FILENO;
	while (monitor.status < 0)
		watch(&monitor);
	finish(&monitor);
	return monitor.status;
}
