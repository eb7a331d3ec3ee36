/*
 * Ports that are held, and a real pasta: what it publishes, what it keeps shut, and that it ends
 * with the process that started it, in every way that one may end.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "runtime/network/listen.h"
#include "runtime/network/network.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>

/* ---- ports ---- */

static int listener(uint16_t *port, const char *address)
{
	struct sockaddr_in name = { .sin_family = AF_INET };
	socklen_t size = sizeof name;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	inet_pton(AF_INET, address, &name.sin_addr);
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&name, sizeof name), 0);
	assert_int_equal(listen(fd, 8), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&name, &size), 0);
	*port = ntohs(name.sin_port);
	return fd;
}

static void test_port_in_use(void **state)
{
	struct network_port port = { .container = 80 };
	struct error err = {};
	_cleanup_fd __attribute__((unused)) int fd = listener(&port.host, "127.0.0.1");
	char wanted[64];

	(void)state;
	assert_int_equal(listen_check(&port, 1, &err), -1);
	snprintf(wanted, sizeof wanted, "cannot publish port %u/tcp", port.host);
	assert_non_null(strstr(err.text, wanted));
	assert_non_null(strstr(err.text, "Address already in use"));
	assert_non_null(strstr(err.hint, "ss -ltnp"));
	/* the same number is free for UDP */
	port.udp = true;
	assert_int_equal(listen_check(&port, 1, &err), 0);
}

static void test_free_ports(void **state)
{
	struct network_port ports[40] = {};
	struct error err = {};

	(void)state;
	assert_int_equal(listen_check(ports, ARRAY_SIZE(ports), &err), 0);
	for (size_t i = 0; i < ARRAY_SIZE(ports); i++) {
		assert_int_not_equal(ports[i].host, 0);
		for (size_t j = 0; j < i; j++)
			assert_int_not_equal(ports[i].host, ports[j].host);
	}
	ports[1] = ports[0];
	assert_int_equal(listen_check(ports, 2, &err), -1);
	assert_non_null(strstr(err.text, "is published twice"));
	assert_int_equal(listen_check(NULL, 0, &err), 0);
}

/* More than there may be open files. */
static void test_long_range(void **state)
{
	struct network_port *ports = calloc(3000, sizeof *ports);
	struct error err = {};

	(void)state;
	assert_non_null(ports);
	for (unsigned i = 0; i < 3000; i++)
		ports[i] = (struct network_port){ .host = (uint16_t)(40000 + i),
			                          .container = (uint16_t)(1000 + i),
			                          .udp = true };
	if (listen_check(ports, 3000, &err) < 0)
		assert_non_null(strstr(err.text, "Address already in use"));
	free(ports);
}

static void test_no_such_address(void **state)
{
	struct network_port port = { .address = "198.51.100.7", .container = 80 };
	struct error err = {};

	(void)state;
	assert_int_equal(listen_check(&port, 1, &err), -1);
	assert_non_null(strstr(err.text, "198.51.100.7"));
	assert_int_not_equal(err.hint[0], '\0');
}

/* ---- pasta ---- */

static char run_folder[64];

static void write_map(pid_t pid, const char *name, const char *content)
{
	char path[64];
	FILE *file;

	snprintf(path, sizeof path, "/proc/%ld/%s", (long)pid, name);
	file = fopen(path, "we");
	if (file != NULL) {
		fputs(content, file);
		fclose(file);
	}
}

/* Sends its content to everybody who connects. */
static void serve(uint16_t port, const char *content)
{
	struct sockaddr_in name = { .sin_family = AF_INET, .sin_port = htons(port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	if (bind(fd, (struct sockaddr *)&name, sizeof name) < 0 || listen(fd, 8) < 0)
		_exit(1);
	for (;;) {
		int client = accept(fd, NULL, NULL);

		if (client >= 0 && io_write_all(client, content, strlen(content)) < 0)
			_exit(1);
		close(client);
	}
}

/* A process in namespaces of its own, serving port 80; *ready is readable when it is there. */
static pid_t make_container(void)
{
	int made[2], mapped[2];
	char map[32], byte;
	pid_t pid;

	assert_int_equal(pipe(made), 0);
	assert_int_equal(pipe(mapped), 0);
	pid = fork();
	if (pid == 0) {
		int failed = unshare(CLONE_NEWUSER | CLONE_NEWNET);

		byte = failed == 0 ? 'y' : 'n';
		if (write(made[1], &byte, 1) != 1 || read(mapped[0], &byte, 1) != 1)
			_exit(1);
		serve(80, "from inside\n");
		_exit(0);
	}
	assert_int_equal(read(made[0], &byte, 1), 1);
	if (byte != 'y') {
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		return 0;
	}
	write_map(pid, "setgroups", "deny");
	snprintf(map, sizeof map, "0 %u 1", getuid());
	write_map(pid, "uid_map", map);
	snprintf(map, sizeof map, "0 %u 1", getgid());
	write_map(pid, "gid_map", map);
	assert_int_equal(write(mapped[1], "y", 1), 1);
	close(made[0]);
	close(made[1]);
	close(mapped[0]);
	close(mapped[1]);
	return pid;
}

static void end_container(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/* What a port of this machine's loopback says, "" for nothing. */
static void ask(char *ret, size_t size, uint16_t port)
{
	struct sockaddr_in name = { .sin_family = AF_INET, .sin_port = htons(port) };
	struct timeval limit = { .tv_sec = 3 };
	_cleanup_fd int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ssize_t length = 0;

	inet_pton(AF_INET, "127.0.0.1", &name.sin_addr);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
	if (connect(fd, (struct sockaddr *)&name, sizeof name) == 0)
		length = read(fd, ret, size - 1);
	ret[length < 0 ? 0 : length] = '\0';
}

static bool is_alive(pid_t pid)
{
	char path[64], stat[512] = "";
	FILE *file;

	snprintf(path, sizeof path, "/proc/%ld/stat", (long)pid);
	file = fopen(path, "re");
	if (file == NULL)
		return false;
	if (fgets(stat, sizeof stat, file) == NULL)
		stat[0] = '\0';
	fclose(file);
	return strstr(stat, ") Z ") == NULL && stat[0] != '\0';
}

/* pasta for a new container; skips where this machine cannot have one. */
static pid_t start(pid_t *container, struct network_plan *plan)
{
	const struct paths paths = { .run = run_folder };
	struct error err = {};
	pid_t pasta;

	if (getuid() == 0)
		skip(); /* pasta would become nobody; cordon is never root */
	if (access("/usr/bin/pasta", X_OK) < 0 || access("/dev/net/tun", R_OK | W_OK) < 0)
		skip(); /* no package passt, or no tunnel device */
	*container = make_container();
	if (*container == 0)
		skip(); /* no user namespaces */
	if (network_start(&pasta, &paths, plan, *container, &err) < 0) {
		end_container(*container);
		if (strstr(err.hint, "default route") != NULL)
			skip(); /* a machine without a network */
		fail_msg("%s", err.text);
	}
	return pasta;
}

static void test_publishes(void **state)
{
	struct network_port ports[300] = { { .address = "127.0.0.1", .container = 80 } };
	struct network_plan plan = { .ports = ports, .port_count = ARRAY_SIZE(ports) };
	pid_t container, pasta;
	char said[64] = "";

	(void)state;
	for (unsigned i = 1; i < ARRAY_SIZE(ports); i++)
		ports[i] = (struct network_port){ .address = "127.0.0.1",
			                          .container = (uint16_t)(1000 + i) };
	pasta = start(&container, &plan);
	for (int i = 0; i < 40 && said[0] == '\0'; i++) {
		ask(said, sizeof said, ports[0].host);
		usleep(50000);
	}
	assert_string_equal(said, "from inside\n");
	network_stop(pasta, true);
	assert_false(is_alive(pasta));
	/* free again at once */
	{
		struct error err = {};

		assert_int_equal(listen_check(ports, ARRAY_SIZE(ports), &err), 0);
	}
	end_container(container);
}

/* The one who starts pasta is killed: so is pasta, whatever it has become meanwhile. */
static void test_ends_with_its_starter(void **state)
{
	struct network_plan plan = {};
	pid_t *pids = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t starter, container, pasta;
	bool survived;
	int status;

	(void)state;
	assert_true(pids != MAP_FAILED);
	/* whether it works here at all */
	pasta = start(&container, &plan);
	network_stop(pasta, true);
	end_container(container);
	starter = fork();
	if (starter == 0) {
		pids[1] = start(&pids[0], &plan);
		kill(getpid(), SIGKILL);
		_exit(0);
	}
	assert_int_equal(waitpid(starter, &status, 0), starter);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	for (int i = 0; i < 100 && is_alive(pids[1]); i++)
		usleep(20000);
	/* first all is cleared away, so that a failure leaves nothing behind */
	pasta = pids[1];
	survived = is_alive(pasta);
	if (survived)
		kill(pasta, SIGKILL);
	if (pids[0] > 0)
		kill(pids[0], SIGKILL);
	munmap(pids, 4096);
	assert_true(pasta > 0);
	assert_false(survived);
}

static void test_says_why_not(void **state)
{
	const struct paths paths = { .run = run_folder };
	struct network_plan plan = {};
	struct error err = {};
	pid_t pasta;

	(void)state;
	if (getuid() == 0 || access("/usr/bin/pasta", X_OK) < 0)
		skip();
	/* there is no such process */
	assert_int_equal(network_start(&pasta, &paths, &plan, 0x3fffffff, &err), -1);
	assert_true(text_starts(err.text, "pasta cannot connect the container: "));
	assert_null(strstr(err.text, "Failed to send"));
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* nothing is left to wait for */
}

static int set_up(void **state)
{
	(void)state;
	strcpy(run_folder, "/tmp/cordon-network-XXXXXX");
	return mkdtemp(run_folder) == NULL ? -1 : 0;
}

static int tear_down(void **state)
{
	(void)state;
	return rmdir(run_folder); /* fails if a FIFO is left */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_port_in_use),  cmocka_unit_test(test_free_ports),
		cmocka_unit_test(test_long_range),   cmocka_unit_test(test_no_such_address),
		cmocka_unit_test(test_publishes),    cmocka_unit_test(test_ends_with_its_starter),
		cmocka_unit_test(test_says_why_not),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
