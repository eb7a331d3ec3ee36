/* What the monitor learns when the reaper's report ends: its walls stand by then. */
#include "sandbox/init.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/spawn.h"
#include "sandbox/sync.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* One processor, and the child less urgent: whoever waits for the report runs before the reaper
 * does anything more, or nearly always. */
static void share_one_processor(void)
{
	cpu_set_t one;
	int processor = sched_getcpu();

	CPU_ZERO(&one);
	CPU_SET(processor < 0 ? 0 : processor, &one);
	assert_int_equal(sched_setaffinity(0, sizeof one, &one), 0);
}

static void test_walls_stand_when_the_report_ends(void **state)
{
	const struct sock_filter all = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	const struct confinement confinement = { .filter = { &all, 1 },
		                                 .no_new_privileges = true,
		                                 /* the caller's bounding set stays his */
		                                 .capabilities = { .bounding = UINT64_MAX } };
	const struct host host = {};

	(void)state;
	share_one_processor();
	for (int round = 0; round < 30; round++) {
		struct enforced enforced;
		struct error err = {};
		struct report said;
		int report[2], ended;
		pid_t pid;

		assert_int_equal(pipe(report), 0);
		pid = fork();
		if (pid == 0) {
			close(report[0]);
			(void)!nice(10);
			if (init_fork(report[1], &confinement, getuid(), &err) < 0)
				sync_report(report[1], REPORT_FAILURE, &err);
			prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
			close(report[1]);
			pause();
			_exit(0);
		}
		close(report[1]);
		ended = sync_read_report(&said, report[0]);
		close(report[0]);
		assert_int_equal(sandbox_read_enforced(&enforced, pid, &host, &err), 0);
		/* nor did its own filter kill it */
		usleep(1000);
		assert_int_equal(waitpid(pid, NULL, WNOHANG), 0);
		kill(pid, SIGKILL);
		assert_int_equal(waitpid(pid, NULL, 0), pid);
		if (ended != 0)
			fail_msg("%s", said.error.text);
		if (sandbox_check_enforced(&enforced, &confinement, &err) < 0)
			fail_msg("round %d: %s", round, err.text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_walls_stand_when_the_report_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
