/* What the kernel says of a process is what was done to it, also once it has ended. */
#include "sandbox/spawn.h"

#include "sandbox/base/cleanup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static struct enforced look(pid_t pid)
{
	const struct host host = { .landlock_abi = 7 };
	struct enforced enforced;
	struct error err = {};

	if (sandbox_read_enforced(&enforced, pid, &host, &err) < 0)
		fail_msg("%s", err.text);
	return enforced;
}

static void test_own(void **state)
{
	struct enforced enforced = look(getpid());

	(void)state;
	assert_int_equal(enforced.pid, getpid());
	assert_int_equal(enforced.uid, getuid());
	assert_int_equal(enforced.gid, getgid());
	assert_int_equal(enforced.no_new_privileges, prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
	for (unsigned i = 0; i < 41; i++)
		assert_int_equal(enforced.capabilities.bounding >> i & 1,
		                 prctl(PR_CAPBSET_READ, i, 0, 0, 0) == 1);
	assert_string_equal(enforced.label, "");
	assert_int_equal(enforced.landlock_abi, 7);
}

/* Two filters and no new privileges; then it waits, or ends. */
static pid_t confined(bool ends)
{
	struct sock_filter all[] = { BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW) };
	const struct sock_fprog program = { 1, all };
	int ready[2];
	char byte;
	pid_t pid;

	assert_int_equal(pipe(ready), 0);
	pid = fork();
	if (pid == 0) {
		/* a name that looks like a line of the file */
		if (prctl(PR_SET_NAME, "x\nSeccomp:\t0", 0, 0, 0) < 0 ||
		    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
		    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) < 0 ||
		    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) < 0 ||
		    write(ready[1], "", 1) != 1)
			_exit(1);
		while (!ends)
			pause();
		_exit(0);
	}
	close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	return pid;
}

static void test_confined(void **state)
{
	(void)state;
	for (int ends = 0; ends < 2; ends++) {
		pid_t pid = confined(ends);
		struct enforced enforced;
		siginfo_t info;

		if (ends) /* what has ended is still looked at */
			assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
		enforced = look(pid);
		assert_int_equal(enforced.no_new_privileges, 1);
		assert_int_equal(enforced.seccomp, 2);
		assert_int_equal(enforced.seccomp_filters, 2);
		kill(pid, SIGKILL);
		assert_int_equal(waitpid(pid, NULL, 0), pid);
	}
}

/* The kernel has a mode of its own for those that a filter killed. */
static void test_killed_by_the_filter(void **state)
{
	struct sock_filter none[] = { BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS) };
	const struct sock_fprog program = { 1, none };
	const struct confinement confinement = { .filter = { .count = 1 },
		                                 .no_new_privileges = true };
	struct enforced enforced;
	struct error err = {};
	siginfo_t info;
	pid_t pid = fork();

	(void)state;
	if (pid == 0) {
		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0)
			prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0);
		_exit(1);
	}
	assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
	assert_int_equal(info.si_status, SIGSYS);
	enforced = look(pid);
	enforced.capabilities = (struct plan_capabilities){};
	if (sandbox_check_enforced(&enforced, &confinement, &err) < 0)
		fail_msg("%s (mode %d)", err.text, enforced.seccomp);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static const struct confinement walls = {
	.filter = { .count = 1 },
	.capabilities = { .bounding = 5, .permitted = 5, .effective = 5 },
	.no_new_privileges = true,
};

static int check(const struct enforced *enforced, const struct confinement *confinement,
                 const char *wall)
{
	struct error err = {};
	int result = sandbox_check_enforced(enforced, confinement, &err);

	if (wall != NULL)
		assert_non_null(strstr(err.text, wall));
	return result;
}

static void test_less_than_planned(void **state)
{
	const struct enforced good = { .seccomp = 2,
		                       .seccomp_filters = 1,
		                       .no_new_privileges = 1,
		                       .capabilities = { .bounding = 5, .permitted = 1 } };
	const size_t sets[] = {
		offsetof(struct plan_capabilities, bounding),
		offsetof(struct plan_capabilities, permitted),
		offsetof(struct plan_capabilities, effective),
		offsetof(struct plan_capabilities, inheritable),
		offsetof(struct plan_capabilities, ambient),
	};
	struct confinement open = walls;
	struct enforced less = good;

	(void)state;
	assert_int_equal(check(&good, &walls, NULL), 0);
	for (int mode = 0; mode < 2; mode++) {
		less.seccomp = mode;
		assert_int_equal(check(&less, &walls, "the system call filter"), -1);
	}
	open.filter.count = 0;
	assert_int_equal(check(&less, &open, NULL), 0);
	less = good;
	less.no_new_privileges = 0;
	assert_int_equal(check(&less, &walls, "no_new_privs"), -1);
	open.no_new_privileges = false;
	assert_int_equal(check(&less, &open, NULL), 0);
	open.new_user_namespaces = true;
	for (size_t i = 0; i < sizeof sets / sizeof sets[0]; i++) {
		less = good;
		*(uint64_t *)(void *)((char *)&less.capabilities + sets[i]) = 7;
		assert_int_equal(check(&less, &walls, "the capability sets"), -1);
		assert_int_equal(check(&less, &open, NULL), 0);
	}
}

static void test_nobody(void **state)
{
	const struct host host = {};
	struct enforced enforced = { .pid = 77 };
	struct error err = {};

	(void)state;
	assert_int_equal(sandbox_read_enforced(&enforced, 0x7ffffff0, &host, &err), -1);
	assert_string_equal(err.text, "cannot read /proc/2147483632/status: No such process");
	assert_int_equal(enforced.pid, 77);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_own),
		cmocka_unit_test(test_confined),
		cmocka_unit_test(test_killed_by_the_filter),
		cmocka_unit_test(test_less_than_planned),
		cmocka_unit_test(test_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
