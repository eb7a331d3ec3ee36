/*
 * join: a further process in a running container (exec).
 *
 * The pid namespace of setns(2) holds for children only, so the process that joins forks once more;
 * the second one is made with CLONE_PARENT, so that it is the caller's own child and can be waited
 * for. Between setns and execve neither is dumpable: their memory is the engine's, and root inside
 * could otherwise attach to them (CVE-2016-9962). All walls of the plan are built again by the same
 * steps.
 */
#include "sandbox/spawn.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/namespace.h"
#include "sandbox/base/io.h"
#include "sandbox/cgroup.h"
#include "sandbox/enter.h"

#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <grp.h>

static int join_namespaces(const struct plan *plan, int pidfd, struct error *err)
{
	const uint64_t namespaces =
	        namespace_of_birth(plan) | namespace_of_itself(plan) | CLONE_NEWCGROUP;

	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return error_set(err, errno, "cannot make the process undumpable");
	/* the same limits, or none at all runs: before setns, which hides the host's tree */
	if (cgroup_join(plan->cgroup, 0, err) < 0)
		return -1;
	if (setns(pidfd, (int)namespaces) < 0) {
		error_set(err, errno, "cannot join the container's namespaces");
		return err->number == ESRCH ? error_hint(err, "the container has just ended") : -1;
	}
	if (plan->maps.helpers && setgroups(0, NULL) < 0)
		return error_set(err, errno, "cannot drop the supplementary groups");
	if (setresgid(0, 0, 0) < 0 || setresuid(0, 0, 0) < 0)
		return error_set(err, errno, "cannot become root of the user namespace");
	/* the change of ids may have set it again */
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 || prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0)
		return error_set(err, errno, "cannot protect the process");
	return 0;
}

static pid_t clone_sibling(void)
{
	struct clone_args arguments = { .flags = CLONE_PARENT };

	return (pid_t)syscall(SYS_clone3, &arguments, sizeof arguments);
}

static _Noreturn void fail(int report, const struct error *err)
{
	sync_report(report, REPORT_FAILURE, err);
	_exit(err->exit_status);
}

static _Noreturn void run_joiner(struct entry *entry, int target_pidfd)
{
	struct error err = {};
	pid_t sibling;

	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	if (join_namespaces(entry->plan, target_pidfd, &err) < 0)
		fail(entry->report, &err);
	entry->root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (entry->root < 0) {
		error_set(&err, errno, "cannot open the container's root");
		fail(entry->report, &err);
	}
	sibling = clone_sibling();
	if (sibling == 0)
		enter_run(entry, join_steps, join_step_count);
	if (sibling < 0) {
		error_set(&err, errno, "cannot fork into the container");
		fail(entry->report, &err);
	}
	err.number = sibling;
	sync_report(entry->report, REPORT_PID, &err);
	_exit(0);
}

static int await_joined(struct sandbox *sandbox, struct error *err)
{
	struct report report;
	int result = 0;

	while (sync_read_report(&report, sandbox->report) == 1) {
		if (report.kind == REPORT_PID)
			sandbox->pid = report.error.number;
		if (report.kind == REPORT_NOTES)
			snprintf(sandbox->notes, sizeof sandbox->notes, "%.500s",
			         report.error.text);
		if (report.kind == REPORT_FAILURE) {
			*err = report.error;
			result = -1;
		}
	}
	if (result == 0 && sandbox->pid <= 0)
		return error_set(err, 0, "the process that joins the container was killed");
	return result;
}

static int look_at(struct sandbox *sandbox, const struct plan *plan, const struct host *host,
                   struct error *err)
{
	struct enforced enforced;

	sandbox->pidfd = pidfd_open(sandbox->pid, 0);
	if (sandbox->pidfd < 0)
		return error_set(err, errno, "cannot watch the process in the container");
	if (sandbox_read_enforced(&enforced, sandbox->pid, host, err) < 0)
		return -1;
	return sandbox_check_enforced(&enforced, &plan->confinement, err);
}

/* A child of ours that nobody has waited for: the pid is its own. */
static void end_joined(struct sandbox *sandbox)
{
	if (sandbox->pid > 0) {
		kill(sandbox->pid, SIGKILL);
		while (waitpid(sandbox->pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	cleanup_close(&sandbox->pidfd);
	cleanup_close(&sandbox->terminal);
}

int sandbox_enter(struct sandbox *ret, const struct plan *plan, int target_pidfd,
                  const struct sandbox_streams *streams, const struct host *host, struct error *err)
{
	struct sandbox sandbox = { .pid = -1, .pidfd = -1, .gate = -1, .terminal = -1 };
	struct entry entry = { .plan = plan,
		               .host = host,
		               .streams = *streams,
		               .root = -1,
		               .files = -1,
		               .masker = MASKER_NONE,
		               .slave = -1 };
	struct sync sync;
	pid_t joiner;
	int result;

	if (sync_open(&sync, err) < 0)
		return -1;
	joiner = fork();
	if (joiner == 0) {
		sync_close_parent(&sync);
		entry.gate = sync.gate_child;
		entry.report = sync.report_child;
		run_joiner(&entry, target_pidfd);
	}
	sync_close_child(&sync);
	sandbox.report = sync.report_parent;
	result = joiner < 0 ? error_set(err, errno, "cannot fork") : await_joined(&sandbox, err);
	while (joiner > 0 && waitpid(joiner, NULL, 0) < 0 && errno == EINTR)
		;
	if (result == 0 && plan->process.terminal)
		sandbox.terminal = sync_receive_descriptor(sync.gate_parent);
	if (result == 0)
		result = look_at(&sandbox, plan, host, err);
	sync_close_parent(&sync);
	if (result < 0) {
		end_joined(&sandbox);
		return -1;
	}
	sandbox.report = -1;
	*ret = sandbox;
	return 0;
}
