/*
 * pasta: connects a container's network namespace by pasta(1) of the package passt.
 *
 * pasta is started without -f: it puts itself into the background when its interface is configured
 * and its ports are bound, so the end of the first process is the sign of readiness (or says why
 * not on standard error), and the pid of the second stands in the file it was told. It does not go
 * by itself when the namespace does, and sheds a death signal when it joins the user namespace, so
 * its pid and start time are kept in the container's state: the monitor ends it, and after a kill
 * -9 of the monitor the next command.
 *
 * What is not asked for is shut: no port but those published is forwarded in, none out of the
 * namespace to the host's loopback (-T none -U none), and the gateway's address does not lead to
 * the host (--no-map-gw).
 */
#include "runtime/network/network.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>

enum { ARGUMENTS_MAX = 512 };

static const char dns_address[] = "169.254.1.1"; /* link-local, answered by pasta itself */

static int make_address(struct sockaddr_storage *ret, const struct network_port *port)
{
	struct sockaddr_in *four = (struct sockaddr_in *)ret;
	struct sockaddr_in6 *six = (struct sockaddr_in6 *)ret;

	*ret = (struct sockaddr_storage){};
	if (strchr(port->address, ':') != NULL) {
		six->sin6_family = AF_INET6;
		six->sin6_port = htons(port->host);
		inet_pton(AF_INET6, port->address, &six->sin6_addr);
		return sizeof *six;
	}
	four->sin_family = AF_INET;
	four->sin_port = htons(port->host);
	if (port->address[0] != '\0')
		inet_pton(AF_INET, port->address, &four->sin_addr);
	return sizeof *four;
}

/* Binds the port ourselves first: the kernel's own reason is better than pasta's, and port 0 gets a
 * number. */
static int check_port(struct network_port *port, struct error *err)
{
	struct sockaddr_storage address;
	socklen_t size = (socklen_t)make_address(&address, port);
	_cleanup_fd int fd =
	        socket(address.ss_family, (port->udp ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC, 0);
	int one = 1;

	if (fd < 0)
		return error_set(err, errno, "cannot make a socket for port %u", port->host);
	if (!port->udp)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	if (bind(fd, (struct sockaddr *)&address, size) < 0) {
		error_set(err, errno, "cannot publish port %u%s%s", port->host,
		          port->address[0] ? " of " : "", port->address);
		if (err->number == EACCES)
			return error_hint(
			        err,
			        "ports below net.ipv4.ip_unprivileged_port_start (1024) are root's: use a "
			        "higher one, or lower that sysctl");
		return error_hint(err, "see who has it with: ss -ltnp 'sport = :%u'", port->host);
	}
	if (port->host == 0 && getsockname(fd, (struct sockaddr *)&address, &size) == 0)
		port->host = ntohs(address.ss_family == AF_INET6
		                           ? ((struct sockaddr_in6 *)&address)->sin6_port
		                           : ((struct sockaddr_in *)&address)->sin_port);
	return 0;
}

struct command {
	const char *words[ARGUMENTS_MAX];
	size_t count;
	struct arena arena;
};

static void say(struct command *command, const char *word)
{
	if (command->count < ARGUMENTS_MAX - 1)
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

static void build(struct command *command, const struct network_plan *plan, const char *pid_file,
                  pid_t pid)
{
	static const char *const fixed[] = { "pasta", "-q",   "-e", "--config-net",
		                             "-T",    "none", "-U", "none" };

	for (size_t i = 0; i < ARRAY_SIZE(fixed); i++)
		say(command, fixed[i]);
	if (!plan->host_loopback)
		say(command, "--no-map-gw");
	say(command, "--dns-forward");
	say(command, dns_address);
	say(command, "-P");
	say(command, pid_file);
	say_ports(command, plan, false);
	say_ports(command, plan, true);
	say(command, arena_printf(&command->arena, "%ld", (long)pid));
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

/* Runs it until it goes to the background. What it said on standard error is in `said`. */
static int run_to_background(struct command *command, const char *program, struct text *said,
                             struct error *err)
{
	static const char *const environment[] = { NULL };
	struct error ignored;
	int ends[2], status = 0;
	pid_t child;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return error_set(err, errno, "cannot make a pipe");
	command->words[command->count] = NULL;
	child = vfork();
	if (child == 0) {
		int null = open("/dev/null", O_RDWR | O_CLOEXEC);
		sigset_t none;

		/* pasta takes a SIGPIPE that was ignored before for a failure of signal(2) */
		signal(SIGPIPE, SIG_DFL);
		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		dup2(null, STDIN_FILENO);
		dup2(null, STDOUT_FILENO);
		dup2(ends[1], STDERR_FILENO);
		execve(program, (char *const *)command->words, (char *const *)environment);
		_exit(127);
	}
	close(ends[1]);
	if (child < 0) {
		close(ends[0]);
		return error_set(err, errno, "cannot start %s", program);
	}
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	if (io_read_all(said, ends[0], 65536, &ignored) < 0 && said->length == 0)
		text_append(said, "");
	close(ends[0]);
	return status == 0 ? 0 : error_set(err, 0, "pasta cannot connect the container");
}

static void explain(const struct text *said, struct error *err)
{
	char line[200];
	const char *start = text_string(said);

	/* The last line is the reason; noise about the system log, which may not be there, is not.
	 */
	line[0] = '\0';
	for (const char *next = start; *next != '\0';
	     next += strcspn(next, "\n") + (next[strcspn(next, "\n")] != '\0'))
		if (strncmp(next, "Failed to send", 14) != 0 && *next != '\n')
			snprintf(line, sizeof line, "%.*s", (int)strcspn(next, "\n"), next);
	if (line[0] != '\0')
		error_set(err, 0, "pasta cannot connect the container: %s", line);
	if (strstr(line, "interface") != NULL || strstr(line, "routable") != NULL)
		error_hint(err,
		           "the host has no default route: use --network none or --network host");
	else if (strstr(line, "tun") != NULL)
		error_hint(err, "/dev/net/tun must be readable and writable for this user");
}

int network_start(pid_t *ret, const struct paths *paths, struct network_plan *plan, pid_t pid,
                  struct error *err)
{
	struct command command = {};
	const char *program = find_program();
	_cleanup_text struct text said = {}, number = {};
	char pid_file[PATH_MAX];
	uint64_t found = 0;
	int result;

	if (program == NULL) {
		error_set(err, 0,
		          "pasta is not installed: the container cannot have a network of its own");
		return error_hint(
		        err, "install the package passt, or use --network none or --network host");
	}
	for (size_t i = 0; i < plan->port_count; i++)
		if (check_port(&plan->ports[i], err) < 0)
			return -1;
	if (io_make_dirs(paths->run, err) < 0)
		return -1;
	snprintf(pid_file, sizeof pid_file, "%s/pasta.%ld", paths->run, (long)pid);
	build(&command, plan, pid_file, pid);
	result = run_to_background(&command, program, &said, err);
	if (result < 0)
		explain(&said, err);
	else if (io_read_file(&number, AT_FDCWD, pid_file, 64, err) > 0) {
		number.data[strcspn(number.data, "\n")] = '\0';
		if (!text_to_number(&found, number.data, INT32_MAX))
			result = error_set(err, 0, "pasta did not tell its pid");
	} else {
		result = error_set(err, 0, "pasta did not write its pid to %s", pid_file);
	}
	unlink(pid_file);
	arena_done(&command.arena);
	if (result == 0)
		*ret = (pid_t)found;
	return result;
}

/* ---- names ---- */

static bool is_loopback_server(const char *line)
{
	return text_starts(line, "nameserver 127.") || text_starts(line, "nameserver ::1");
}

void network_resolv_conf(struct text *ret, const char *mode, const struct network_plan *plan)
{
	_cleanup_text struct text host = {};
	struct error ignored;
	char *save = NULL;
	bool private = strcmp(mode, "private") == 0, server = false;

	if (strcmp(mode, "none") == 0)
		return;
	for (size_t i = 0; plan != NULL && plan->dns != NULL && i < plan->dns->count; i++) {
		text_printf(ret, "nameserver %s\n", plan->dns->items[i]);
		server = true;
	}
	if (io_read_file(&host, AT_FDCWD, "/etc/resolv.conf", 65536, &ignored) <= 0) {
		/* often a symlink, which io_read_file does not follow */
		_cleanup_fd int fd = open("/etc/resolv.conf", O_RDONLY | O_CLOEXEC);

		text_clear(&host);
		if (fd < 0 || io_read_all(&host, fd, 65536, &ignored) < 0)
			text_clear(&host);
	}
	for (char *line = host.length == 0 ? NULL : strtok_r(host.data, "\n", &save); line != NULL;
	     line = strtok_r(NULL, "\n", &save)) {
		bool names_server = text_starts(line, "nameserver");

		if (line[0] == '#' || (names_server && server && plan != NULL && plan->dns != NULL))
			continue;
		/* the host's own resolver is not reachable from inside: pasta passes questions on
		 */
		if (private && names_server && is_loopback_server(line))
			text_printf(ret, "nameserver %s\n", dns_address);
		else
			text_printf(ret, "%s\n", line);
		server |= names_server;
	}
	if (private && !server)
		text_printf(ret, "nameserver %s\n", dns_address);
}

void network_hosts(struct text *ret, const char *mode, const char *hostname)
{
	(void)mode;
	text_append(ret, "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n");
	if (hostname != NULL && hostname[0] != '\0')
		text_printf(ret, "127.0.1.1\t%s\n", hostname);
}
