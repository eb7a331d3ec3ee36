/*
 * landlock: a process behind the wall cannot open or execute anything outside its root, not even
 * through a descriptor it holds (CVE-2019-5736, CVE-2024-21626), and ordinary programs notice
 * nothing.
 *
 * The root is a tmpfs with the machine's /proc, a /dev/null, a devpts and a static busybox inside;
 * what leaks in is a folder of the host.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"
#include "sandbox/landlock_abi.h"
#include "sandbox/walls.h"
#include "tests/sandbox/child.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>

static char folder[] = "/tmp/cordon-landlock-XXXXXX"; /* outside/, root/ */
static const char busybox[] = "/bin/busybox";
static struct host host;
static bool have_busybox;

struct leak {
	int folder, file, program;
};

static int set_up(void **state)
{
	char path[128];
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, 1);

	(void)state;
	host.landlock_abi = abi < 0 ? 0 : (int)abi;
	have_busybox = access(busybox, X_OK) == 0;
	if (mkdtemp(folder) == NULL)
		return -1;
	snprintf(path, sizeof path, "%s/root", folder);
	if (mkdir(path, 0755) < 0)
		return -1;
	snprintf(path, sizeof path, "%s/outside", folder);
	if (mkdir(path, 0777) < 0)
		return -1;
	snprintf(path, sizeof path, "%s/outside/secret", folder);
	return close(open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0666));
}

static int tear_down(void **state)
{
	struct error err;

	(void)state;
	return io_remove_tree(AT_FDCWD, folder, &err);
}

static void bind_mount(const char *from, const char *name, bool is_folder)
{
	char path[160];

	snprintf(path, sizeof path, "%s/root/%s", folder, name);
	if (is_folder)
		CHECK(mkdir(path, 0755) == 0);
	else
		CHECK(close(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0644)) == 0);
	CHECK(mount(from, path, NULL, MS_BIND | MS_REC, NULL) == 0);
}

/* Builds the root, keeps descriptors of what is outside, enters. Returns the root. */
static int enter_root(struct leak *leak)
{
	static const char *const folders[] = {
		"dev", "dev/pts", "etc", "data", "data/a", "data/b"
	};
	char path[160];
	int root;

	snprintf(path, sizeof path, "%s/outside", folder);
	leak->folder = open(path, O_RDONLY | O_DIRECTORY);
	leak->file = openat(leak->folder, "secret", O_RDONLY);
	leak->program = open(have_busybox ? busybox : "/bin/true", O_RDONLY);
	CHECK(leak->folder >= 0 && leak->file >= 0 && leak->program >= 0);

	CHECK(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
	snprintf(path, sizeof path, "%s/root", folder);
	CHECK(mount("tmpfs", path, "tmpfs", 0, NULL) == 0);
	root = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	CHECK(root >= 0);
	for (size_t i = 0; i < ARRAY_SIZE(folders); i++)
		CHECK(mkdirat(root, folders[i], 0755) == 0);
	CHECK(close(openat(root, "etc/file", O_CREAT | O_RDWR | O_CLOEXEC, 0644)) == 0);
	bind_mount("/proc", "proc", true);
	bind_mount("/dev/null", "dev/null", false);
	if (have_busybox)
		bind_mount(busybox, "busybox", false);
	snprintf(path, sizeof path, "%s/root/dev/pts", folder);
	CHECK(mount("devpts", path, "devpts", 0, "newinstance,ptmxmode=0666,mode=0620") == 0);
	CHECK(symlinkat("pts/ptmx", root, "dev/ptmx") == 0);
	CHECK(fchdir(root) == 0 && chroot(".") == 0 && chdir("/") == 0);
	return root;
}

static void confine(const struct plan_landlock *landlock, int root)
{
	char notes[256] = "";
	struct error err = {};

	CHECK(no_new_privileges_set(&err) == 0);
	if (landlock_apply(landlock, root, &host, notes, sizeof notes, &err) < 0) {
		fprintf(stderr, "%s\n", err.text);
		_exit(CHILD_FAILED);
	}
	close(root);
}

static int try_open(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC, 0600);

	if (fd >= 0)
		close(fd);
	return fd < 0 ? errno : 0;
}

static int try_open_fd(int fd, const char *below, int flags)
{
	char path[128];

	snprintf(path, sizeof path, "/proc/self/fd/%d%s", fd, below);
	return try_open(path, flags);
}

static int try_exec(int fd)
{
	static char name[] = "true";
	char *const argv[] = { name, NULL };
	pid_t pid = fork();

	if (pid == 0) {
		syscall(SYS_execveat, fd, "", argv, environ, AT_EMPTY_PATH);
		_exit(errno);
	}
	return child_wait(pid);
}

static void escape(void *context)
{
	const struct plan_landlock wall = { .enabled = true };
	struct leak leak;
	int root = enter_root(&leak);
	char path[64];

	(void)context;
	/* Without the wall all of this is possible: the test tests something. */
	CHECK(try_open_fd(leak.file, "", O_RDWR) == 0);
	CHECK(try_open_fd(leak.folder, "/secret", O_RDWR) == 0);

	confine(&wall, root);
	CHECK(try_open_fd(leak.file, "", O_RDONLY) == EACCES);
	CHECK(try_open_fd(leak.file, "", O_WRONLY) == EACCES);
	CHECK(try_open_fd(leak.file, "", O_RDWR | O_TRUNC) == EACCES);
	CHECK(try_open_fd(leak.program, "", O_RDONLY) == EACCES);
	CHECK(try_open("/proc/self/exe", O_RDONLY) == EACCES);
	CHECK(try_open_fd(leak.folder, "", O_RDONLY | O_DIRECTORY) == EACCES);
	CHECK(try_open_fd(leak.folder, "/secret", O_RDONLY) == EACCES);
	CHECK(try_open_fd(leak.folder, "/../../../etc/passwd", O_RDONLY) == EACCES);
	CHECK(try_open_fd(leak.folder, "/new", O_CREAT | O_WRONLY) == EACCES);
	CHECK(try_open_fd(leak.folder, "", O_TMPFILE | O_WRONLY) == EACCES);
	CHECK(openat(leak.folder, "secret", O_RDONLY) == -1 && errno == EACCES);
	CHECK(openat(leak.folder, ".", O_RDONLY | O_DIRECTORY) == -1 && errno == EACCES);
	CHECK(mkdirat(leak.folder, "new", 0700) == -1 && errno == EACCES);
	CHECK(unlinkat(leak.folder, "secret", 0) == -1 && errno == EACCES);
	CHECK(symlinkat("x", leak.folder, "new") == -1 && errno == EACCES);
	CHECK(renameat(leak.folder, "secret", leak.folder, "new") == -1 && errno == EACCES);
	snprintf(path, sizeof path, "/proc/self/fd/%d", leak.file);
	CHECK(host.landlock_abi < 3 || (truncate(path, 0) == -1 && errno == EACCES));
	CHECK(try_exec(leak.program) == EACCES);
	CHECK(fchdir(leak.folder) == 0);
	CHECK(try_open("secret", O_RDONLY) == EACCES);
	CHECK(mount("none", "/data", "tmpfs", 0, NULL) == -1);
}

static void use_pty(void)
{
	struct winsize size = { .ws_row = 25, .ws_col = 80 };
	int master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC), zero = 0, slave;
	unsigned number;
	char path[32];

	CHECK(master >= 0 && ioctl(master, TIOCSPTLCK, &zero) == 0);
	CHECK(ioctl(master, TIOCGPTN, &number) == 0);
	snprintf(path, sizeof path, "/dev/pts/%u", number);
	slave = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
	CHECK(slave >= 0 && ioctl(slave, TIOCSWINSZ, &size) == 0);
	CHECK(ioctl(master, TIOCGWINSZ, &size) == 0);
}

static void use_socket(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = "/data/socket" };
	int server = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int client = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	CHECK(bind(server, (struct sockaddr *)&address, sizeof address) == 0);
	CHECK(listen(server, 1) == 0);
	CHECK(connect(client, (struct sockaddr *)&address, sizeof address) == 0);
}

static void use_memory_file(int program)
{
	int memory = memfd_create("program", MFD_CLOEXEC);
	struct stat status;
	off_t start = 0;

	CHECK(memory >= 0 && fstat(program, &status) == 0);
	CHECK(try_open_fd(memory, "", O_RDWR) == 0);
	if (!have_busybox)
		return;
	CHECK(sendfile(memory, program, &start, (size_t)status.st_size) == status.st_size);
	CHECK(try_exec(memory) == 0);
}

static void live(void *context)
{
	const struct plan_landlock wall = { .enabled = true };
	struct leak leak;
	int root = enter_root(&leak), pipes[2], file, inner;

	(void)context;
	inner = have_busybox ? open("/busybox", O_RDONLY) : -1;
	confine(&wall, root);
	CHECK(pipe(pipes) == 0);
	CHECK(try_open_fd(pipes[0], "", O_RDONLY | O_NONBLOCK) == 0);
	CHECK(try_open_fd(pipes[1], "", O_WRONLY) == 0);
	CHECK(try_open("/dev/null", O_RDWR) == 0);
	CHECK(try_open("/proc/self/status", O_RDONLY) == 0);
	CHECK(try_open("/proc/self/comm", O_WRONLY) == 0);
	file = open("/data/a/file", O_CREAT | O_RDWR | O_CLOEXEC, 0600);
	CHECK(file >= 0 && write(file, "x", 1) == 1 && truncate("/data/a/file", 0) == 0);
	CHECK(rename("/data/a/file", "/data/b/file") == 0);
	CHECK(link("/data/b/file", "/data/a/link") == 0);
	CHECK(rename("/data/a", "/data/b/a") == 0 && rename("/data/b/a", "/data/a") == 0);
	CHECK(symlink("b", "/data/s") == 0 && mkfifo("/data/fifo", 0600) == 0);
	CHECK(unlink("/data/b/file") == 0 && unlink("/data/a/link") == 0);
	CHECK(try_open_fd(file, "", O_RDWR) == 0); /* deleted, and still its own */
	CHECK(try_open("/data/a", O_TMPFILE | O_RDWR) == 0);
	use_pty();
	use_socket();
	use_memory_file(leak.program);
	if (inner >= 0)
		CHECK(try_exec(inner) == 0);
}

static void narrow(void *context)
{
	static const char *writes[] = { "/data/a", "/etc/file", "/not/there", NULL };
	static const char *executes[] = { "/data", NULL };
	const struct plan_landlock wall = {
		.enabled = true,
		.restrict_write = true,
		.restrict_execute = true,
		.write = { writes, 3 },
		.execute = { executes, 1 },
	};
	struct leak leak;
	int root = enter_root(&leak), inner;

	(void)context;
	inner = have_busybox ? open("/busybox", O_RDONLY) : -1;
	confine(&wall, root);
	CHECK(try_open("/data/a/new", O_CREAT | O_RDWR) == 0);
	CHECK(try_open("/data/b/new", O_CREAT | O_RDWR) == EACCES);
	CHECK(try_open("/data/b", O_RDONLY | O_DIRECTORY) == 0);
	CHECK(try_open("/etc/file", O_RDWR | O_TRUNC) == 0);
	CHECK(try_open("/etc/other", O_CREAT | O_RDWR) == EACCES);
	CHECK(mkdir("/etc/new", 0700) == -1 && errno == EACCES);
	CHECK(unlink("/etc/file") == -1 && errno == EACCES);
	CHECK(rename("/data/a/new", "/data/b/new") == -1);
	CHECK(try_open("/dev/null", O_RDWR) == 0);
	CHECK(try_open("/proc/self/comm", O_WRONLY) == 0);
	use_pty();
	if (inner >= 0)
		CHECK(try_exec(inner) == EACCES);
}

static int try_bind(uint16_t port)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int result;

	CHECK(fd >= 0);
	result = bind(fd, (struct sockaddr *)&address, sizeof address);
	result = result < 0 ? errno : 0;
	close(fd);
	return result;
}

static void bind_ports(void *context)
{
	static const uint16_t ports[] = { 80, 8080 };
	const struct plan_landlock wall = {
		.enabled = true,
		.restrict_bind = true,
		.bind_ports = ports,
		.bind_count = 2,
		.restrict_connect = true,
	};
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(80) };
	int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)context;
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	confine(&wall, open("/", O_PATH | O_CLOEXEC));
	CHECK(try_bind(80) == 0);
	CHECK(try_bind(8080) == 0);
	CHECK(try_bind(81) == EACCES);
	CHECK(try_bind(0) == EACCES);
	CHECK(connect(client, (struct sockaddr *)&address, sizeof address) == -1);
	CHECK(errno == EACCES);
}

static void run_with_landlock(void (*work)(void *), int abi, int flags)
{
	if (host.landlock_abi < abi)
		skip();
	assert_child(child_in_namespace(flags, work, NULL));
}

static void test_no_way_out(void **state)
{
	(void)state;
	run_with_landlock(escape, 1, CLONE_NEWNS);
}

static void test_ordinary_life(void **state)
{
	(void)state;
	run_with_landlock(live, 2, CLONE_NEWNS);
}

static void test_lists(void **state)
{
	(void)state;
	run_with_landlock(narrow, 3, CLONE_NEWNS);
}

static void test_ports(void **state)
{
	(void)state;
	run_with_landlock(bind_ports, 4, CLONE_NEWNET);
}

/* Every older kernel's ruleset is one the kernel of today takes too. */
static void old_abi(void *context)
{
	const struct plan_landlock wall = { .enabled = true };

	host.landlock_abi = *(int *)context;
	confine(&wall, open(folder, O_PATH | O_CLOEXEC));
	CHECK(try_open("/etc/passwd", O_RDONLY) == EACCES);
	CHECK(try_open(folder, O_RDONLY | O_DIRECTORY) == 0);
}

static void test_old_abis(void **state)
{
	(void)state;
	if (host.landlock_abi < 1)
		skip();
	for (int abi = 1; abi <= host.landlock_abi; abi++)
		assert_child(child_run(old_abi, &abi));
}

/* An abstract socket of outside is closed where the kernel can, and said to be open where it
 * cannot. */
static void own_names(void *context)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int server = socket(AF_UNIX, SOCK_DGRAM, 0), client = socket(AF_UNIX, SOCK_DGRAM, 0),
	    result;
	bool closes =
	        host.landlock_abi >= LANDLOCK_ABI_SCOPE && *(int *)context >= LANDLOCK_ABI_SCOPE;
	char notes[256] = "";
	struct error err = {};

	host.landlock_abi = *(int *)context;
	snprintf(address.sun_path + 1, sizeof address.sun_path - 1, "cordon-test-%d",
	         (int)getpid());
	CHECK(bind(server, (const struct sockaddr *)&address, sizeof address) == 0);
	CHECK(no_new_privileges_set(&err) == 0);
	CHECK(landlock_scope_names(&host, notes, sizeof notes, &err) == 0);
	errno = 0;
	result = connect(client, (const struct sockaddr *)&address, sizeof address);
	CHECK(closes ? result < 0 && errno == EPERM : result == 0);
	CHECK((strstr(notes, "abstract sockets of the host's network can be reached") != NULL) ==
	      !closes);
}

static void test_own_names(void **state)
{
	(void)state;
	for (int abi = LANDLOCK_ABI_SCOPE - 1;
	     abi <= LANDLOCK_ABI_SCOPE && abi <= host.landlock_abi; abi++)
		assert_child(child_run(own_names, &abi));
}

static void test_missing(void **state)
{
	struct plan_landlock wall = { .enabled = true };
	struct plan_landlock ports = { .enabled = true, .restrict_bind = true };
	const struct host none = {}, old = { .landlock_abi = 3 };
	char notes[256] = "";
	struct error err;

	(void)state;
	assert_int_equal(landlock_apply(&wall, -1, &none, notes, sizeof notes, &err), -1);
	assert_non_null(strstr(err.text, "this kernel has no Landlock"));
	assert_true(err.hint[0] != '\0');
	assert_int_equal(landlock_apply(&ports, -1, &old, notes, sizeof notes, &err), -1);
	assert_non_null(strstr(err.text, "TCP ports need Linux 6.7"));
	assert_string_equal(notes, "");
	wall.if_available = true;
	assert_int_equal(landlock_apply(&wall, -1, &none, notes, sizeof notes, &err), 0);
	assert_string_equal(notes, "landlock: this kernel has no Landlock\n");
	wall.enabled = false;
	assert_int_equal(landlock_apply(&wall, -1, &none, notes, sizeof notes, &err), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_way_out), cmocka_unit_test(test_ordinary_life),
		cmocka_unit_test(test_lists),      cmocka_unit_test(test_ports),
		cmocka_unit_test(test_old_abis),   cmocka_unit_test(test_own_names),
		cmocka_unit_test(test_missing),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
