/*
 * clientprobe NAME: the registry helper, taken over. Its own walls (runtime/registry/client/
 * confine.c, with the filter it is built with), and behind them one thing an attacker would try.
 * Prints "open" where it worked, "closed: ERRNO" where not; a wall that kills prints nothing.
 */
#include "runtime/registry/client/confine.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/host.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>

static pid_t parent;

static int read_file(void)
{
	return open(getenv("PROBE_FILE"), O_RDONLY);
}
static int write_file(void)
{
	return open(getenv("PROBE_FILE"), O_WRONLY | O_APPEND);
}
static int make_file(void)
{
	return open("/tmp/cordon-clientprobe", O_RDWR | O_CREAT, 0600);
}
static int read_passwd(void)
{
	return open("/etc/passwd", O_RDONLY);
}
static int list_root(void)
{
	return open("/", O_RDONLY | O_DIRECTORY);
}
static int read_environment(void)
{
	return open("/proc/self/environ", O_RDONLY);
}
static int read_hosts(void)
{
	return open("/etc/hosts", O_RDONLY);
}
static int make_folder(void)
{
	return mkdir("/tmp/cordon-clientprobe", 0700);
}
static int remove_file(void)
{
	return unlink(getenv("PROBE_FILE"));
}
static int change_mode(void)
{
	return chmod(getenv("PROBE_FILE"), 0777);
}
static int fork_process(void)
{
	return (int)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
}
static int vfork_process(void)
{
	return (int)syscall(SYS_vfork);
}
static int trace_parent(void)
{
	return (int)ptrace(PTRACE_SEIZE, getppid(), 0, 0);
}
static int signal_parent(void)
{
	return kill(getppid(), 0);
}
static int signal_thread(void)
{
	return (int)syscall(SYS_tgkill, parent, parent, 0);
}
static int limit_parent(void)
{
	struct rlimit limit;

	return prlimit(parent, RLIMIT_CPU, NULL, &limit);
}
static int own_memory(void)
{
	return open("/proc/self/mem", O_RDONLY);
}
static int abstract_socket(void)
{
	int ends[2];

	return socketpair(AF_UNIX, SOCK_DGRAM, 0, ends) < 0
	               ? -1
	               : bind(ends[0],
	                      (struct sockaddr *)&(struct sockaddr_un){ AF_UNIX, "\0cordon" }, 9);
}
static int send_abstract(void)
{
	struct sockaddr_un there = { AF_UNIX, "\0cordon-nobody" };
	int ends[2];

	/* such a pair can be turned elsewhere: that would be the way to all sockets of the machine
	 */
	if (socketpair(AF_UNIX, SOCK_DGRAM, 0, ends) < 0)
		return -1;
	if (connect(ends[0], (struct sockaddr *)&there, 17) == 0 || errno == ECONNREFUSED)
		return 0; /* it was looked for */
	return -1;
}
static int own_signal(void)
{
	return fcntl(0, F_SETOWN, parent);
}
static int dump_core(void)
{
	struct rlimit limit;

	return getrlimit(RLIMIT_CORE, &limit) == 0 && limit.rlim_max == 0 ? -1 : 0;
}
static int new_namespace(void)
{
	return unshare(CLONE_NEWUSER);
}
static int unix_socket(void)
{
	return socket(AF_UNIX, SOCK_STREAM, 0);
}
static int raw_socket(void)
{
	return socket(AF_INET, SOCK_RAW, 255);
}
static int packet_socket(void)
{
	return socket(AF_PACKET, SOCK_RAW, 0);
}
static int audit_socket(void)
{
	return socket(AF_NETLINK, SOCK_RAW, 9);
}
static int tcp_socket(void)
{
	return socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
}
static int udp_socket(void)
{
	return socket(AF_INET6, SOCK_DGRAM, 0);
}
static int raise_limit(void)
{
	return setrlimit(RLIMIT_NOFILE, &(struct rlimit){ 1 << 16, 1 << 16 });
}
static int code_memory(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1,
	            0) == MAP_FAILED
	               ? -1
	               : 0;
}
static int much_memory(void)
{
	return mmap(NULL, 1 << 30, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) ==
	                       MAP_FAILED
	               ? -1
	               : 0;
}

static int execute(void)
{
	char *const words[] = { (char *)"true", NULL };

	return execve("/bin/true", words, words + 1);
}

static int listen_here(void)
{
	struct sockaddr_in any = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	return bind(fd, (struct sockaddr *)&any, sizeof any) < 0 ? -1 : listen(fd, 1);
}

static void *nothing(void *unused)
{
	return unused;
}

static int start_thread(void)
{
	pthread_t thread;

	errno = pthread_create(&thread, NULL, nothing, NULL);
	return errno == 0 ? pthread_join(thread, NULL) : -1;
}

static const struct attempt {
	const char *name;
	int (*run)(void);
} attempts[] = {
	{ "read_file", read_file },         { "write_file", write_file },
	{ "make_file", make_file },         { "read_passwd", read_passwd },
	{ "list_root", list_root },         { "read_environment", read_environment },
	{ "read_hosts", read_hosts },       { "make_folder", make_folder },
	{ "remove_file", remove_file },     { "change_mode", change_mode },
	{ "fork_process", fork_process },   { "vfork_process", vfork_process },
	{ "trace_parent", trace_parent },   { "signal_parent", signal_parent },
	{ "new_namespace", new_namespace }, { "signal_thread", signal_thread },
	{ "limit_parent", limit_parent },   { "own_memory", own_memory },
	{ "own_signal", own_signal },       { "abstract_socket", abstract_socket },
	{ "send_abstract", send_abstract }, { "dump_core", dump_core },
	{ "unix_socket", unix_socket },     { "raw_socket", raw_socket },
	{ "packet_socket", packet_socket }, { "audit_socket", audit_socket },
	{ "tcp_socket", tcp_socket },       { "udp_socket", udp_socket },
	{ "raise_limit", raise_limit },     { "code_memory", code_memory },
	{ "much_memory", much_memory },     { "execute", execute },
	{ "listen_here", listen_here },     { "start_thread", start_thread },
};

int main(int count, char **words)
{
	struct registry_setup setup = {};
	struct host host;
	struct error err;

	if (count != 2 || host_probe(&host, NULL, &err) < 0)
		return EXIT_ENGINE;
	parent = getppid();
	setup.landlock_abi = host.landlock_abi;
	if (confine(&setup, &err) < 0) {
		fprintf(stderr, "clientprobe: %s\n", err.text);
		return EXIT_ENGINE;
	}
	for (size_t i = 0; i < ARRAY_SIZE(attempts); i++)
		if (strcmp(attempts[i].name, words[1]) == 0) {
			errno = 0;
			if (attempts[i].run() < 0)
				dprintf(STDOUT_FILENO, "closed: %s\n", strerrorname_np(errno));
			else
				dprintf(STDOUT_FILENO, "open\n");
			return 0;
		}
	return EXIT_ENGINE;
}
