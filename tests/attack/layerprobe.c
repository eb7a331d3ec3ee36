/*
 * layerprobe: the layer helper, taken over: the program itself (main.c and its walls), with
 * attempts in the place of what reads archives. It is put into a folder of helpers and started by
 * cordon as ever; "import" reaches it with the capabilities of the unpacker, "load" without any.
 * What it reads is the name of the attempt and, behind a blank, the path of a file of the user's.
 * It answers with an error that says "probe: open" where that worked, "probe: ERRNO" where not; a
 * wall that kills says nothing.
 */
#include "runtime/image/layer/job.h"
#include "sandbox/base/cleanup.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
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

/* Asked for before there are walls. */
__attribute__((constructor)) static void find_parent(void)
{
	parent = getppid();
}

static int fail_as(bool failed)
{
	return failed ? -1 : 0;
}

/* ---- files of the user's ---- */

static int read_file(const char *path)
{
	return open(path, O_RDONLY);
}
static int write_file(const char *path)
{
	return open(path, O_WRONLY | O_APPEND);
}
static int look_at_file(const char *path)
{
	struct stat status;

	return fstatat(AT_FDCWD, path, &status, 0);
}
static int reach_up(const char *path)
{
	char up[512];
	struct stat status;

	snprintf(up, sizeof up, "../../../../../../../../../../..%s", path);
	return fstatat(LAYER_FD_FOLDER, up, &status, 0);
}
static int touch_file(const char *path)
{
	return utimensat(AT_FDCWD, path, NULL, 0);
}
static int give_file_away(const char *path)
{
	return fchownat(AT_FDCWD, path, 0, 0, 0); /* itself, if that */
}
static int link_file(const char *path)
{
	return linkat(AT_FDCWD, path, LAYER_FD_FOLDER, "mine", 0);
}
static int remove_file(const char *path)
{
	return unlinkat(AT_FDCWD, path, 0);
}
static int rename_file(const char *path)
{
	return renameat(AT_FDCWD, path, LAYER_FD_FOLDER, "mine");
}
static int follow_link(const char *path)
{
	return symlinkat(path, LAYER_FD_FOLDER, "link") < 0
	               ? -1
	               : openat(LAYER_FD_FOLDER, "link", O_RDONLY);
}
static int make_file(const char *path)
{
	char beside[512];

	snprintf(beside, sizeof beside, "%s.new", path);
	return open(beside, O_RDWR | O_CREAT, 0600);
}
static int read_passwd(const char *path)
{
	(void)path;
	return open("/etc/passwd", O_RDONLY);
}
static int read_environment(const char *path)
{
	char environment[64];

	(void)path;
	snprintf(environment, sizeof environment, "/proc/%d/environ", (int)parent);
	return open(environment, O_RDONLY);
}
static int own_memory(const char *path)
{
	(void)path;
	return open("/proc/self/mem", O_RDWR);
}
static int make_node(const char *path)
{
	(void)path;
	return mknodat(LAYER_FD_FOLDER, "disk", S_IFBLK | 0600, 8 << 8);
}
static int make_inside(const char *path)
{
	(void)path;
	return openat(LAYER_FD_FOLDER, "inside", O_RDWR | O_CREAT | O_EXCL, 0600);
}

/* ---- processes ---- */

static int execute(const char *path)
{
	char *const words[] = { (char *)"true", NULL };

	(void)path;
	return execve("/bin/true", words, words + 1);
}
static int execute_layer(const char *path)
{
	int fd = openat(LAYER_FD_FOLDER, "program", O_RDWR | O_CREAT, 0700);

	(void)path;
	return fd < 0 ? -1 : (int)syscall(SYS_execveat, fd, "", NULL, NULL, AT_EMPTY_PATH);
}
static int fork_process(const char *path)
{
	(void)path;
	return (int)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
}
static int signal_parent(const char *path)
{
	(void)path;
	return kill(parent, 0);
}
static int signal_thread(const char *path)
{
	(void)path;
	return (int)syscall(SYS_tgkill, parent, parent, 0);
}
static int signal_by_file(const char *path)
{
	(void)path;
	return fcntl(LAYER_FD_TALK, F_SETOWN, parent);
}
static int trace_parent(const char *path)
{
	(void)path;
	return (int)ptrace(PTRACE_SEIZE, parent, 0, 0);
}
static int limit_parent(const char *path)
{
	struct rlimit limit;

	(void)path;
	return prlimit(parent, RLIMIT_CPU, NULL, &limit);
}
static int new_namespace(const char *path)
{
	(void)path;
	return unshare(CLONE_NEWUSER);
}
static int change_root(const char *path)
{
	(void)path;
	return chroot(".");
}
static int mount_here(const char *path)
{
	(void)path;
	return (int)syscall(SYS_mount, "none", "/", "tmpfs", 0, NULL);
}

/* ---- networks ---- */

static int connect_out(const char *path)
{
	struct sockaddr_in here = { .sin_family = AF_INET, .sin_port = htons(80) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	(void)path;
	return connect(fd, (struct sockaddr *)&here, sizeof here);
}
static int unix_socket(const char *path)
{
	(void)path;
	return socket(AF_UNIX, SOCK_STREAM, 0);
}
static int unix_pair(const char *path)
{
	int ends[2];

	(void)path;
	return socketpair(AF_UNIX, SOCK_DGRAM, 0, ends);
}

/* ---- memory ---- */

static int code_memory(const char *path)
{
	(void)path;
	return fail_as(mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
	                    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED);
}
static int much_memory(const char *path)
{
	(void)path;
	return fail_as(mmap(NULL, 1 << 30, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
	                    0) == MAP_FAILED);
}
/* What it was born with: the descriptors of protocol.h and standard error. */
static int other_descriptors(const char *path)
{
	(void)path;
	for (int fd = LAYER_FD_COUNT; fd < 1024; fd++)
		if (fcntl(fd, F_GETFD) >= 0)
			return 0;
	errno = EBADF;
	return -1;
}
static int keep_environment(const char *path)
{
	(void)path;
	errno = ENOENT;
	return fail_as(environ == NULL || environ[0] == NULL);
}

static const struct attempt {
	const char *name;
	int (*run)(const char *path);
} attempts[] = {
	{ "read_file", read_file },
	{ "write_file", write_file },
	{ "look_at_file", look_at_file },
	{ "reach_up", reach_up },
	{ "touch_file", touch_file },
	{ "give_file_away", give_file_away },
	{ "link_file", link_file },
	{ "remove_file", remove_file },
	{ "rename_file", rename_file },
	{ "follow_link", follow_link },
	{ "make_file", make_file },
	{ "read_passwd", read_passwd },
	{ "read_environment", read_environment },
	{ "own_memory", own_memory },
	{ "make_node", make_node },
	{ "make_inside", make_inside },
	{ "execute", execute },
	{ "execute_layer", execute_layer },
	{ "fork_process", fork_process },
	{ "signal_parent", signal_parent },
	{ "signal_thread", signal_thread },
	{ "signal_by_file", signal_by_file },
	{ "trace_parent", trace_parent },
	{ "limit_parent", limit_parent },
	{ "new_namespace", new_namespace },
	{ "change_root", change_root },
	{ "mount_here", mount_here },
	{ "connect_out", connect_out },
	{ "unix_socket", unix_socket },
	{ "unix_pair", unix_pair },
	{ "code_memory", code_memory },
	{ "much_memory", much_memory },
	{ "other_descriptors", other_descriptors },
	{ "keep_environment", keep_environment },
};

static int probe(struct error *err)
{
	char words[1024] = "";
	ssize_t length = read(LAYER_FD_INPUT, words, sizeof words - 1);
	char *path;

	if (length <= 0)
		return error_set(err, 0, "the probe was told nothing");
	words[strcspn(words, "\n")] = '\0';
	path = strchrnul(words, ' ');
	if (*path != '\0')
		*path++ = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(attempts); i++)
		if (strcmp(attempts[i].name, words) == 0) {
			int result = attempts[i].run(path);

			return error_set(err, 0, "probe: %s",
			                 result < 0 ? strerrorname_np(errno) : "open");
		}
	return error_set(err, 0, "no such attempt: %s", words);
}

int unpack_run(struct layer_answer *ret, const struct layer_request *request, struct error *err)
{
	(void)ret;
	(void)request;
	return probe(err);
}

int spool_run(struct layer_answer *ret, const struct layer_request *request, struct error *err)
{
	(void)ret;
	(void)request;
	return probe(err);
}
