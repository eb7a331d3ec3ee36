/*
 * pasta: connects a container's network namespace by pasta(1) of the package passt.
 *
 * Its life. pasta holds the namespace open, so it does not end with the container, and a death
 * signal (PR_SET_PDEATHSIG) is forgotten when it joins the user namespace. It stays in the
 * foreground as our child instead, with the read end of a pipe as standard input that signals its
 * owner (F_SETOWN, F_SETSIG, O_ASYNC: fcntl(2)). We alone hold the write end, and never use or
 * close it: when this process ends in whatever way, the kernel closes it and with that kills pasta.
 * It is set up before pasta is executed, so there is no moment at which a kill -9 leaves pasta
 * behind. The price is that pasta, which makes a pid namespace only for the background, has none;
 * its own seccomp filter and empty root remain.
 *
 * Its start. It writes its pid when the interface is configured and all ports are bound; the file
 * is a FIFO, so that this is an event to wait for. A FIFO with a name and not a pipe, since the
 * AppArmor profile of the package knows paths only.
 *
 * What is not asked for is shut: no port but those published is forwarded in, none out of the
 * namespace to the host's loopback (-T none -U none), and the gateway's address does not lead to
 * the host (--no-map-gw).
 */
#include "runtime/network/listen.h"
#include "runtime/network/network.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/wait.h>

static const char fifo_prefix[] = "pasta.";

enum { READY_MILLISECONDS = 15000, SAID_MAX = 65536 };

/* ---- the command line ---- */

struct command {
	struct arena arena;
	const char **words;
	size_t count;
};

static void say(struct command *command, const char *word)
{
	command->words[command->count++] = word;
}

static void say_ports(struct command *command, const struct network_plan *plan, bool udp)
{
	bool any = false;

	for (size_t i = 0; i < plan->port_count; i++) {
		const struct network_port *port = &plan->ports[i];

		if (port->udp != udp)
			continue;
		say(command, udp ? "-u" : "-t");
		say(command,
		    arena_printf(&command->arena, "%s%s%u:%u", port->address,
		                 port->address[0] ? "/" : "", port->host, port->container));
		any = true;
	}
	if (!any) {
		say(command, udp ? "-u" : "-t");
		say(command, "none");
	}
}

static void build(struct command *command, const struct network_plan *plan, const char *fifo,
                  pid_t pid)
{
	const char *const fixed[] = { "pasta",        "-f", "-q",   "-e",
		                      "--config-net", "-T", "none", "-U",
		                      "none",         "-P", fifo,   "--dns-forward",
		                      network_dns };
	/* the fixed words, two for each port or "none", --no-map-gw, the pid, the end */
	size_t most = ARRAY_SIZE(fixed) + 2 * plan->port_count + 4 + 3;

	command->words = arena_array(&command->arena, most, sizeof *command->words);
	for (size_t i = 0; i < ARRAY_SIZE(fixed); i++)
		say(command, fixed[i]);
	if (!plan->host_loopback)
		say(command, "--no-map-gw");
	say_ports(command, plan, false);
	say_ports(command, plan, true);
	say(command, arena_printf(&command->arena, "%ld", (long)pid));
	say(command, NULL);
}

static const char *find_program(void)
{
	static const char *const places[] = { "/usr/bin/pasta", "/usr/local/bin/pasta",
		                              "/bin/pasta" };

	for (size_t i = 0; i < ARRAY_SIZE(places); i++)
		if (access(places[i], X_OK) == 0)
			return places[i];
	return NULL;
}

/* ---- the process ---- */

struct process {
	pid_t pid;
	int pidfd; /* of pasta */
	int ready; /* the FIFO */
	int said;  /* its standard error */
};

struct streams {
	int life[2], said[2];
};

/* Between vfork and execve: only what touches no memory of the parent's that matters. */
static void become(const char *program, const char *const *words, const struct streams *streams)
{
	static const char *const environment[] = { NULL };
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	sigset_t none;

	/* Ctrl-C is for the container */
	setsid();
	/* pasta takes a SIGPIPE that was ignored before for a failure of signal(2) */
	signal(SIGPIPE, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (dup2(streams->life[0], STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0 ||
	    dup2(streams->said[1], STDERR_FILENO) < 0 ||
	    fcntl(STDIN_FILENO, F_SETOWN, getpid()) < 0 ||
	    fcntl(STDIN_FILENO, F_SETSIG, SIGKILL) < 0 || fcntl(STDIN_FILENO, F_SETFL, O_ASYNC) < 0)
		_exit(EXIT_NOT_RUNNABLE);
	/* The write end goes with the execve. Were the parent dead by now, that would be the last
	 * one, and the signal. */
	execve(program, (char *const *)words, (char *const *)environment);
	_exit(EXIT_NOT_FOUND);
}

static int start(struct process *process, const char *program, const char *const *words,
                 struct error *err)
{
	struct streams streams = { { -1, -1 }, { -1, -1 } };

	if (pipe2(streams.life, O_CLOEXEC) < 0 || pipe2(streams.said, O_CLOEXEC) < 0) {
		error_set(err, errno, "cannot make a pipe for pasta");
		cleanup_close(&streams.life[0]);
		cleanup_close(&streams.life[1]);
		return -1;
	}
	process->pid = vfork();
	if (process->pid == 0)
		become(program, words, &streams);
	cleanup_close(&streams.life[0]);
	cleanup_close(&streams.said[1]);
	process->said = streams.said[0];
	if (process->pid < 0) {
		cleanup_close(&streams.life[1]);
		return error_set(err, errno, "cannot start %s", program);
	}
	/* streams.life[1] stays open on purpose until this process ends */
	process->pidfd = pidfd_open(process->pid, 0);
	return process->pidfd < 0 ? error_set(err, errno, "cannot watch %s", program) : 0;
}

void network_stop(pid_t pasta, bool wait)
{
	if (pasta <= 0)
		return;
	kill(pasta, SIGKILL); /* our child, not waited for yet: the pid is its own */
	while (wait && waitpid(pasta, NULL, 0) < 0 && errno == EINTR)
		;
}

/* 1 when it has said its pid, 0 when it ended or the time was over. */
static int wait_ready(const struct process *process)
{
	struct pollfd waits[] = { { process->ready, POLLIN, 0 }, { process->pidfd, POLLIN, 0 } };
	uint64_t end = io_now() + UINT64_C(1000000) * READY_MILLISECONDS;

	for (;;) {
		uint64_t now = io_now();
		int left = now >= end ? 0 : (int)((end - now) / 1000000) + 1;
		int count = poll(waits, ARRAY_SIZE(waits), left);

		if (count < 0 && errno == EINTR)
			continue;
		return count > 0 && (waits[0].revents & POLLIN) != 0;
	}
}

/* The last line is the reason; noise about the system log, which may not be there, is not. */
static void explain(const struct process *process, struct error *err)
{
	_cleanup_text struct text said = {};
	struct error ignored;
	char line[200] = "";

	fcntl(process->said, F_SETFL, O_NONBLOCK);
	if (io_read_all(&said, process->said, SAID_MAX, &ignored) < 0 && said.length == 0)
		text_append(&said, "it did not get ready in time");
	for (const char *next = text_string(&said); *next != '\0';
	     next += strcspn(next, "\n") + (next[strcspn(next, "\n")] != '\0'))
		if (!text_starts(next, "Failed to send") && *next != '\n')
			snprintf(line, sizeof line, "%.*s", (int)strcspn(next, "\n"), next);
	error_set(err, 0, "pasta cannot connect the container: %s",
	          line[0] != '\0' ? line : "it gave no reason");
	if (strstr(line, "interface") != NULL || strstr(line, "routable") != NULL)
		error_hint(err,
		           "the host has no default route: use --network none or --network host");
	else if (strstr(line, "ermission denied") != NULL)
		/* Debian 12's profile: names of namespaces, but no look at their process; pid files
		 * in /tmp only */
		error_hint(err, "AppArmor's profile of pasta does not let it: as root, add the "
		                "lines 'ptrace (read),' and 'owner /run/user/*/cordon/** rw,' to "
		                "/etc/apparmor.d/abstractions/pasta, and apparmor_parser -r "
		                "/etc/apparmor.d/usr.bin.passt");
	else if (strstr(line, "tun") != NULL)
		error_hint(err, "/dev/net/tun must be readable and writable for this user");
}

/* Ended, and be it that nobody has waited for it yet: a container whose cordon was killed waits for
 * the system's first process, which may be in no hurry. */
static bool has_ended(pid_t pid)
{
	_cleanup_fd int pidfd = pidfd_open(pid, 0);

	return pidfd < 0 ? errno == ESRCH : io_wait_readable(pidfd, 0) > 0;
}

/* Removes what a cordon that was killed in the middle of a start has left. */
static void sweep(int dir)
{
	DIR *stream = fdopendir(dir);
	const struct dirent *entry;

	if (stream == NULL) {
		close(dir);
		return;
	}
	while ((entry = readdir(stream)) != NULL) {
		uint64_t pid;

		if (text_starts(entry->d_name, fifo_prefix) &&
		    text_to_number(&pid, entry->d_name + sizeof fifo_prefix - 1, INT32_MAX) &&
		    pid > 0 && has_ended((pid_t)pid))
			unlinkat(dirfd(stream), entry->d_name, 0);
	}
	closedir(stream);
}

static int make_fifo(const char *path, struct error *err)
{
	int fd;

	/* one of the same pid */
	unlink(path);
	if (mkfifo(path, 0600) < 0)
		return error_set(err, errno, "cannot make %s", path);
	fd = open(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
	if (fd >= 0)
		return fd;
	error_set(err, errno, "cannot open %s", path);
	unlink(path);
	return -1;
}

static int start_ready(struct process *process, const char *program,
                       const struct network_plan *plan, const char *fifo, pid_t pid,
                       struct error *err)
{
	struct command command = {};
	int result;

	build(&command, plan, fifo, pid);
	result = start(process, program, command.words, err);
	if (result == 0 && !wait_ready(process)) {
		explain(process, err);
		result = -1;
	}
	if (result < 0)
		network_stop(process->pid, true);
	arena_done(&command.arena);
	return result;
}

int network_start(pid_t *ret, const struct paths *paths, struct network_plan *plan, pid_t pid,
                  struct error *err)
{
	struct process process = { -1, -1, -1, -1 };
	const char *program = find_program();
	char fifo[PATH_MAX];
	int result, dir;

	if (program == NULL) {
		error_set(err, 0,
		          "pasta is not installed: the container cannot have a network of its own");
		return error_hint(
		        err, "install the package passt, or use --network none or --network host");
	}
	if (listen_check(plan->ports, plan->port_count, err) < 0 ||
	    io_make_dirs(paths->run, err) < 0)
		return -1;
	dir = open(paths->run, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir >= 0)
		sweep(dir);
	snprintf(fifo, sizeof fifo, "%s/%s%ld", paths->run, fifo_prefix, (long)pid);
	process.ready = make_fifo(fifo, err);
	if (process.ready < 0)
		return -1;
	result = start_ready(&process, program, plan, fifo, pid, err);
	unlink(fifo);
	cleanup_close(&process.ready);
	cleanup_close(&process.pidfd);
	cleanup_close(&process.said);
	if (result == 0)
		*ret = process.pid;
	return result;
}
