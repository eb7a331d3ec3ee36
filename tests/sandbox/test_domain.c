/*
 * domain: which of two processes behind Landlock may look into the other (ptrace(2), and with it
 * /proc/PID/fd, exe, cwd, root, environ).
 *
 * The kernel's rule (security/landlock/task.c, domain_scope_le): the one who looks must be in the
 * same domain as the other, or in one that the other's was made within. A domain is made by
 * landlock_restrict_self(2) and inherited by fork; two domains of equal rules are strangers, and no
 * process can enter a domain that exists. Hence what docs/architecture.md says of `exec`.
 *
 * Nothing else stands between these processes: same user, same capabilities, all dumpable, and
 * without a domain they can look.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sandbox/base/cleanup.h"
#include "sandbox/walls.h"
#include "tests/sandbox/child.h"

#include <signal.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>

enum { CAN_LOOK = 0, CANNOT_LOOK = EACCES };

static const struct plan_landlock wall = { .enabled = true };
static struct host host;

static void confine(unsigned times)
{
	char notes[256] = "";
	struct error err = {};

	CHECK(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) == 0 && no_new_privileges_set(&err) == 0);
	while (times-- > 0) {
		_cleanup_fd int root = open("/", O_PATH | O_CLOEXEC);

		CHECK(landlock_apply(&wall, root, &host, notes, sizeof notes, &err) == 0);
	}
}

/* A process in as many domains, one in the other, as asked; it waits to be killed. */
static pid_t start_confined(unsigned domains)
{
	int ready[2];
	char byte = 0;
	pid_t pid;

	CHECK(pipe2(ready, O_CLOEXEC) == 0);
	pid = fork();
	if (pid == 0) {
		CHECK(prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == 0);
		confine(domains);
		CHECK(write(ready[1], &byte, 1) == 1);
		for (;;)
			pause();
	}
	close(ready[1]);
	CHECK(read(ready[0], &byte, 1) == 1);
	close(ready[0]);
	return pid;
}

/* Every way of looking has the same answer. (Not environ and maps: since Linux 6.16 CAP_PERFMON of
 * the machine's root is enough for them; in a container nobody has it.) */
static int look(pid_t pid)
{
	static const char *const links[] = { "fd/1", "exe", "cwd", "root" };
	char path[64], target[256];
	int answer = ptrace(PTRACE_SEIZE, pid, NULL, NULL) == 0 ? CAN_LOOK : CANNOT_LOOK;

	if (answer == CAN_LOOK)
		ptrace(PTRACE_DETACH, pid, NULL, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(links); i++) {
		snprintf(path, sizeof path, "/proc/%d/%s", pid, links[i]);
		CHECK((readlink(path, target, sizeof target) < 0 ? errno : CAN_LOOK) == answer);
	}
	return answer;
}

static void end(pid_t pid)
{
	CHECK(kill(pid, SIGKILL) == 0); /* signals are no matter of domains */
	CHECK(waitpid(pid, NULL, 0) == pid);
}

/* What `exec` does today: equal rules, two domains. */
static void strangers(void *context)
{
	pid_t first = start_confined(1);

	(void)context;
	CHECK(look(first) == CAN_LOOK); /* from no domain at all */
	confine(1);
	CHECK(look(first) == CANNOT_LOOK);
	end(first);
}

/* What the container's own children are to its first process. */
static void family(void *context)
{
	pid_t pid;

	(void)context;
	confine(1);
	pid = start_confined(0);
	CHECK(look(pid) == CAN_LOOK);
	end(pid);
	pid = start_confined(1);
	CHECK(look(pid) == CAN_LOOK);
	end(pid);
}

static void child_of_a_domain(void *context)
{
	pid_t outer, pid;

	(void)context;
	confine(1);
	outer = getpid();
	pid = fork();
	if (pid == 0) {
		CHECK(look(outer) == CAN_LOOK);
		confine(1);
		CHECK(look(outer) == CANNOT_LOOK);
		_exit(CHILD_OK);
	}
	CHECK(child_wait(pid) == CHILD_OK);
}

/* A common outer domain does not make two inner ones acquainted: it is no help to put the monitor
 * or an outer step of the launch into one. */
static void strangers_in_one_house(void *context)
{
	pid_t first;

	(void)context;
	confine(1);
	first = start_confined(1);
	CHECK(look(first) == CAN_LOOK);
	confine(1);
	CHECK(look(first) == CANNOT_LOOK);
	end(first);
}

static void run_with_landlock(void (*work)(void *))
{
	if (host.landlock_abi < 1)
		skip();
	assert_child(child_run(work, NULL));
}

static void test_strangers(void **state)
{
	(void)state;
	run_with_landlock(strangers);
}

static void test_family(void **state)
{
	(void)state;
	run_with_landlock(family);
}

static void test_child_of_a_domain(void **state)
{
	(void)state;
	run_with_landlock(child_of_a_domain);
}

static void test_strangers_in_one_house(void **state)
{
	(void)state;
	run_with_landlock(strangers_in_one_house);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_strangers),
		cmocka_unit_test(test_family),
		cmocka_unit_test(test_child_of_a_domain),
		cmocka_unit_test(test_strangers_in_one_house),
	};
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, 1);

	host.landlock_abi = abi < 0 ? 0 : (int)abi;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
