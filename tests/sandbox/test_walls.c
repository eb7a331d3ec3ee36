/* capability, limit, seccomp, descriptor, apparmor: what the kernel says is in force afterwards. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sandbox/base/cleanup.h"
#include "sandbox/base/text.h"
#include "sandbox/walls.h"
#include "tests/sandbox/child.h"

#include <linux/capability.h>
#include <linux/seccomp.h>
#include <linux/securebits.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#define BIT(number) (UINT64_C(1) << (number))

enum { LAST = 63 }; /* more than any kernel knows: what is above must not hurt */

static const uint64_t some =
        BIT(CAP_CHOWN) | BIT(CAP_KILL) | BIT(CAP_NET_BIND_SERVICE) | BIT(CAP_SETPCAP);

/* A "Cap*:" line of a status file. */
static uint64_t status_set(const char *status, const char *name)
{
	const char *line = strstr(status, name);

	CHECK(line != NULL);
	return strtoull(line + strlen(name), NULL, 16);
}

static void read_status(char *ret, size_t size, int fd)
{
	size_t used = 0;
	ssize_t count;

	while ((count = read(fd, ret + used, size - 1 - used)) > 0)
		used += (size_t)count;
	ret[used] = '\0';
}

static void check_sets(const char *status, const struct plan_capabilities *want)
{
	CHECK(status_set(status, "CapBnd:") == want->bounding);
	CHECK(status_set(status, "CapPrm:") == want->permitted);
	CHECK(status_set(status, "CapEff:") == want->effective);
	CHECK(status_set(status, "CapInh:") == want->inheritable);
	CHECK(status_set(status, "CapAmb:") == want->ambient);
}

static void check_own_sets(const struct plan_capabilities *want)
{
	char status[8192];
	int fd = open("/proc/thread-self/status", O_RDONLY | O_CLOEXEC);

	CHECK(fd >= 0);
	read_status(status, sizeof status, fd);
	close(fd);
	check_sets(status, want);
}

/* The sets of a program that is executed from here. */
static void check_sets_after_exec(const struct plan_capabilities *want, bool no_new_privileges)
{
	char status[8192];
	struct error err;
	int ends[2];
	pid_t pid;

	CHECK(pipe2(ends, O_CLOEXEC) == 0);
	pid = fork();
	if (pid == 0) {
		CHECK(!no_new_privileges || no_new_privileges_set(&err) == 0);
		dup2(ends[1], 1);
		execl("/bin/cat", "cat", "/proc/self/status", NULL);
		_exit(CHILD_FAILED);
	}
	close(ends[1]);
	read_status(status, sizeof status, ends[0]);
	CHECK(child_wait(pid) == 0);
	check_sets(status, want);
	CHECK(status_set(status, "NoNewPrivs:") == no_new_privileges);
}

static void be_root(void *context)
{
	const struct plan_capabilities sets = { .bounding = some,
		                                .permitted = some,
		                                .effective = some };
	struct error err;

	(void)context;
	CHECK(capability_drop_bounding(&sets, LAST, &err) == 0);
	CHECK(capability_set(&sets, 0, 0, 0, &err) == 0);
	check_own_sets(&sets);
	check_sets_after_exec(&sets, true);
}

static void be_root_without(void *context)
{
	const struct plan_capabilities sets = {};
	struct error err;

	(void)context;
	CHECK(capability_drop_bounding(&sets, LAST, &err) == 0);
	CHECK(capability_set(&sets, BIT(CAP_CHOWN), 0, 0, &err) == 0);
	check_own_sets(&sets);
	check_sets_after_exec(&sets, true);
}

static void be_user(void *context)
{
	uint64_t asked = *(uint64_t *)context;
	const struct plan_capabilities root = { .bounding = some,
		                                .permitted = some,
		                                .effective = some };
	const struct plan_capabilities want = { some, asked, asked, asked, asked };
	const struct credential user = { .uid = 1000, .gid = 1000 };
	struct error err;

	CHECK(capability_drop_bounding(&root, LAST, &err) == 0);
	CHECK(credential_become(&user, false, &err) == 0);
	/* What the bounding set lacks is not given to a user either. */
	CHECK(capability_set(&root, asked | BIT(CAP_SYS_ADMIN), 1000, 0, &err) == 0);
	check_own_sets(&want);
	check_sets_after_exec(&want, true);
	CHECK(prctl(PR_GET_KEEPCAPS, 0, 0, 0, 0) == 0);
	CHECK(setuid(0) == -1);
}

/* Without no_new_privs: a filter is loaded with what is kept until execve, and execve takes it
 * away, for root inside and for a user. */
static void keep_until_exec(void *context)
{
	static struct sock_filter allow_all[] = {
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct plan_filter filter = { .instructions = allow_all, .count = 1 };
	const uint32_t uid = *(uint32_t *)context;
	const uint64_t held = uid == 0 ? some : 0;
	const struct plan_capabilities root = { .bounding = some,
		                                .permitted = some,
		                                .effective = some };
	const struct plan_capabilities before = { some, held | BIT(CAP_SYS_ADMIN),
		                                  held | BIT(CAP_SYS_ADMIN), 0, 0 };
	const struct plan_capabilities after = { some, held, held, 0, 0 };
	const struct credential user = { .uid = uid, .gid = uid };
	struct error err;

	CHECK(capability_drop_bounding(&root, LAST, &err) == 0);
	CHECK(uid == 0 || credential_become(&user, false, &err) == 0);
	CHECK(capability_set(&root, 0, uid, BIT(CAP_SYS_ADMIN), &err) == 0);
	check_own_sets(&before);
	CHECK(seccomp_apply(&filter, &err) == 0);
	check_sets_after_exec(&after, false);
}

static void have_securebits(void *context)
{
	const struct plan_capabilities sets = { .bounding = some,
		                                .permitted = some,
		                                .effective = some };
	struct error err;

	(void)context;
	CHECK(prctl(PR_SET_SECUREBITS, SECBIT_NOROOT, 0, 0, 0) == 0);
	CHECK(capability_set(&sets, 0, 0, 0, &err) == -1);
	CHECK(strstr(err.text, "securebits") != NULL);
}

static void test_capabilities(void **state)
{
	uint64_t none = 0, one = BIT(CAP_NET_BIND_SERVICE);
	uint32_t root = 0, user = 1000;

	(void)state;
	assert_child(child_in_namespace(0, be_root, NULL));
	assert_child(child_in_namespace(0, be_root_without, NULL));
	assert_child(child_in_namespace(0, have_securebits, NULL));
	assert_child(child_in_namespace(0, keep_until_exec, &root));
	if (!child_has_range())
		skip();
	assert_child(child_in_namespace(0, be_user, &none));
	assert_child(child_in_namespace(0, be_user, &one));
	assert_child(child_in_namespace(0, keep_until_exec, &user));
}

static void lower_limits(void *context)
{
	struct plan_limit limits[] = {
		{ .resource = RLIMIT_NOFILE, .soft = 32, .hard = 64 },
		{ .resource = RLIMIT_CORE, .soft = 0, .hard = 0 },
	};
	struct plan_limit above[] = { { .resource = RLIMIT_NOFILE, .soft = 48, .hard = 1024 } };
	struct plan_limit unknown[] = { { .resource = 99 } };
	char notes[512] = "";
	struct rlimit now;
	struct error err;

	(void)context;
	CHECK(limit_apply(limits, 2, notes, sizeof notes, &err) == 0 && notes[0] == '\0');
	CHECK(getrlimit(RLIMIT_NOFILE, &now) == 0 && now.rlim_cur == 32 && now.rlim_max == 64);
	CHECK(getrlimit(RLIMIT_CORE, &now) == 0 && now.rlim_max == 0);

	CHECK(limit_apply(above, 1, notes, sizeof notes, &err) == -1);
	CHECK(strstr(err.text, "cannot set the limit nofile to 48:1024") != NULL && err.hint[0]);
	CHECK(getrlimit(RLIMIT_NOFILE, &now) == 0 && now.rlim_cur == 32);

	above[0].if_available = true;
	CHECK(limit_apply(above, 1, notes, sizeof notes, &err) == 0);
	CHECK(getrlimit(RLIMIT_NOFILE, &now) == 0 && now.rlim_cur == 48 && now.rlim_max == 64);
	CHECK(strcmp(notes, "limit nofile: 1024 asked for, 64 is all this user has\n") == 0);
	CHECK(limit_apply(unknown, 1, notes, sizeof notes, &err) == -1);
}

static void test_limits(void **state)
{
	(void)state;
	assert_child(child_in_namespace(0, lower_limits, NULL));
}

static struct sock_filter refuse_getppid[] = {
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOANO),
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
};

static void load_filter(void *context)
{
	struct plan_filter filter = { .instructions = refuse_getppid, .count = 4 };
	struct plan_filter none = {}, listener = filter, broken = filter, giant = filter;
	struct error err;

	(void)context;
	listener.flags = SECCOMP_FILTER_FLAG_NEW_LISTENER;
	broken.count = 2; /* ends without a return */
	giant.count = BPF_MAXINSNS + 1;
	if (geteuid() != 0) {
		CHECK(seccomp_apply(&filter, &err) == -1 && err.number == EACCES && err.hint[0]);
	}
	CHECK(no_new_privileges_set(&err) == 0);
	CHECK(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1);
	CHECK(seccomp_apply(&none, &err) == 0);
	CHECK(seccomp_apply(&listener, &err) == -1 && strstr(err.text, "listener") != NULL);
	CHECK(seccomp_apply(&broken, &err) == -1 && err.number == EINVAL);
	CHECK(seccomp_apply(&giant, &err) == -1 && strstr(err.text, "4097") != NULL);
	CHECK(syscall(SYS_getppid) > 0);
	CHECK(seccomp_apply(&filter, &err) == 0);
	CHECK(syscall(SYS_getppid) == -1 && errno == ENOANO);
	CHECK(prctl(PR_GET_SECCOMP, 0, 0, 0, 0) == SECCOMP_MODE_FILTER);
}

static void test_seccomp(void **state)
{
	(void)state;
	assert_child(child_run(load_filter, NULL));
}

static bool is_open(int fd)
{
	return fcntl(fd, F_GETFD) >= 0;
}

static void close_descriptors(void *context)
{
	struct error err;
	int keep;

	(void)context;
	for (int fd = 3; fd < 40; fd++)
		dup2(1, fd);
	for (keep = 17; keep >= -1; keep -= 18) {
		CHECK(descriptor_close_others(keep, &err) == 0);
		for (int fd = 0; fd < 64; fd++)
			CHECK(is_open(fd) == (fd < 3 || fd == keep));
	}
	dup2(1, 3);
	CHECK(descriptor_close_others(3, &err) == 0 && is_open(3));
	CHECK(descriptor_close_others(2, &err) == 0 && is_open(2) && !is_open(3));
}

static void test_descriptors(void **state)
{
	(void)state;
	assert_child(child_run(close_descriptors, NULL));
}

static void test_apparmor(void **state)
{
	const struct host without = {}, with = { .apparmor = true };
	char notes[512] = "";
	struct error err;

	(void)state;
	assert_int_equal(apparmor_stage(NULL, false, &without, notes, sizeof notes, &err), 0);
	assert_int_equal(apparmor_stage("cordon-x", false, &without, notes, sizeof notes, &err),
	                 -1);
	assert_non_null(strstr(err.text, "cannot set the AppArmor label 'cordon-x': this kernel"));
	assert_non_null(strstr(err.hint, "if_available"));
	assert_string_equal(notes, "");
	assert_int_equal(apparmor_stage("cordon-x", true, &without, notes, sizeof notes, &err), 0);
	assert_string_equal(notes,
	                    "apparmor: this kernel has no AppArmor, 'cordon-x' is not in force\n");
	/* A label that is not loaded, or a kernel that has none after all: an error, never a note.
	 */
	assert_int_equal(apparmor_stage("cordon-x", true, &with, notes, sizeof notes, &err), -1);
	assert_non_null(strstr(err.text, "cannot set the AppArmor label 'cordon-x'"));
}

static void make_file(const char *path)
{
	int fd = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0666);

	CHECK(fd >= 0 && close(fd) == 0);
}

static void check_refused(const char *words, const char *file)
{
	const struct host with = { .apparmor = true };
	char notes[512] = "";
	struct stat status;
	struct error err = {};

	CHECK(apparmor_stage("cordon-x", false, &with, notes, sizeof notes, &err) == -1);
	if (strstr(err.text, words) == NULL) {
		fprintf(stderr, "%s\n", err.text);
		_exit(CHILD_FAILED);
	}
	CHECK(stat(file, &status) == 0 && status.st_size == 0);
}

/* B3 (CVE-2025-52881, CVE-2019-16884): a /proc that is a folder, a tmpfs, another folder of procfs,
 * or whose attr/exec is another file: no label is written anywhere. */
static void write_no_label(void *context)
{
	static const char *const folders[] = {
		"/tmp/r",
		"/tmp/r/proc",
		"/tmp/r/proc/thread-self",
		"/tmp/r/proc/thread-self/attr",
		"/tmp/r/proc/thread-self/attr/apparmor",
		"/tmp/r/other",
	};
	char attr[64];

	(void)context;
	CHECK(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
	CHECK(mount("tmpfs", "/tmp", "tmpfs", 0, NULL) == 0);
	for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++)
		CHECK(mkdir(folders[i], 0755) == 0);
	make_file("/tmp/r/proc/thread-self/attr/exec");
	make_file("/tmp/r/proc/thread-self/attr/apparmor/exec");
	make_file("/tmp/r/file");
	CHECK(mount("/proc", "/tmp/r/other", NULL, MS_BIND | MS_REC, NULL) == 0);
	CHECK(chroot("/tmp/r") == 0 && chdir("/") == 0);
	check_refused("/proc is not the kernel's", "/proc/thread-self/attr/exec");
	CHECK(mount("/other/self", "/proc", NULL, MS_BIND | MS_REC, NULL) == 0);
	check_refused("/proc is not the kernel's", "/file");
	CHECK(mount("/other", "/proc", NULL, MS_BIND | MS_REC, NULL) == 0);
	snprintf(attr, sizeof attr, "/proc/%d/task/%d/attr/exec", getpid(), getpid());
	CHECK(mount("/file", attr, NULL, MS_BIND, NULL) == 0);
	check_refused("cannot open /proc/thread-self/attr/exec", "/file");
}

static void test_label_is_written_to_procfs_only(void **state)
{
	(void)state;
	assert_child(child_in_namespace(CLONE_NEWNS, write_no_label, NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_capabilities),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_seccomp),
		cmocka_unit_test(test_descriptors),
		cmocka_unit_test(test_apparmor),
		cmocka_unit_test(test_label_is_written_to_procfs_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
