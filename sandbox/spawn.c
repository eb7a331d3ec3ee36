/*
 * spawn: the parent's side of a launch. clone3(2) puts the child into its first namespaces
 * (namespace.h) and gives a pidfd, so that no pid is ever signalled that could have been reused.
 */
#include "sandbox/spawn.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"
#include "sandbox/cgroup.h"
#include "sandbox/enter.h"
#include "sandbox/idmap.h"
#include "sandbox/namespace.h"
#include "sandbox/sync.h"

#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

static pid_t clone_into(uint64_t flags, int *pidfd)
{
	struct clone_args arguments = {
		.flags = flags | CLONE_PIDFD,
		.pidfd = (uint64_t)(uintptr_t)pidfd,
		.exit_signal = SIGCHLD,
	};

	return (pid_t)syscall(SYS_clone3, &arguments, sizeof arguments);
}

static void reap(pid_t pid)
{
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

static void destroy(pid_t pid, int pidfd)
{
	pidfd_send_signal(pidfd, SIGKILL, NULL, 0);
	reap(pid);
	close(pidfd);
}

/* A child that failed by itself while its ids were mapped is why they could not be. */
static void prefer_reason(int report, struct error *err)
{
	struct report reason;

	if (sync_read_report(&reason, report) == 1 && reason.kind == REPORT_FAILURE)
		*err = reason.error;
}

/* Who connects the network looks for the child's own one. */
static int await_namespaces(const struct sync *sync, struct error *err)
{
	if (sync_wait(sync->gate_parent, GATE_APART, err) < 0)
		return error_set(err, 0, "the container's first process is gone");
	return 0;
}

int sandbox_spawn(struct sandbox *ret, const struct sandbox_request *request, struct error *err)
{
	const struct plan *plan = request->plan;
	struct entry entry = { .plan = plan,
		               .host = request->host,
		               .streams = request->streams,
		               .root = -1,
		               .files = -1,
		               .masker = MASKER_NONE,
		               .slave = -1 };
	struct sync sync;
	int pidfd = -1;
	pid_t pid;

	if (sync_open(&sync, err) < 0)
		return -1;
	pid = clone_into(namespace_of_birth(plan), &pidfd);
	if (pid < 0) {
		int number = errno;

		sync_close_child(&sync);
		sync_close_parent(&sync);
		return namespace_refused(number, err);
	}
	if (pid == 0) {
		sync_close_parent(&sync);
		entry.gate = sync.gate_child;
		entry.report = sync.report_child;
		enter_run(&entry, enter_steps, enter_step_count);
	}
	sync_close_child(&sync);
	if (cgroup_join(plan->cgroup, pid, err) < 0 ||
	    idmap_write(pid, &plan->maps, request->host, &request->meanwhile, err) < 0 ||
	    await_namespaces(&sync, err) < 0) {
		destroy(pid, pidfd);
		prefer_reason(sync.report_parent, err);
		sync_close_parent(&sync);
		return -1;
	}
	/* A child that is gone already says why in sandbox_start. */
	sync_signal(sync.gate_parent, GATE_MAPPED);
	*ret = (struct sandbox){ .pid = pid,
		                 .pidfd = pidfd,
		                 .gate = sync.gate_parent,
		                 .report = sync.report_parent,
		                 .terminal = -1 };
	return 0;
}

/* Reads reports until the pipe ends: 0 executed, -1 failed. */
static int await_exec(struct sandbox *sandbox, struct error *err)
{
	struct report report;

	while (sync_read_report(&report, sandbox->report) == 1) {
		if (report.kind == REPORT_NOTES)
			snprintf(sandbox->notes, sizeof sandbox->notes, "%.500s",
			         report.error.text);
		if (report.kind != REPORT_FAILURE)
			continue;
		*err = report.error;
		err->text[sizeof err->text - 1] = err->hint[sizeof err->hint - 1] = '\0';
		return -1;
	}
	return 0;
}

int sandbox_start(struct sandbox *sandbox, const struct plan *plan, struct error *err)
{
	int result = 0;

	if (plan->process.terminal) {
		sandbox->terminal = sync_receive_descriptor(sandbox->gate);
		if (sandbox->terminal < 0)
			result = -1;
	}
	if (result == 0)
		sync_signal(sandbox->gate, GATE_GO);
	if (await_exec(sandbox, err) < 0)
		result = -1;
	else if (result < 0)
		error_set(err, 0, "the container's terminal was not made");
	cleanup_close(&sandbox->gate);
	cleanup_close(&sandbox->report);
	sandbox->gate = sandbox->report = -1;
	if (result < 0) {
		destroy(sandbox->pid, sandbox->pidfd);
		cleanup_close(&sandbox->terminal);
		*sandbox = (struct sandbox){
			.pid = -1, .pidfd = -1, .gate = -1, .report = -1, .terminal = -1
		};
	}
	return result;
}

void sandbox_done(struct sandbox *sandbox)
{
	cleanup_close(&sandbox->pidfd);
	cleanup_close(&sandbox->gate);
	cleanup_close(&sandbox->report);
	cleanup_close(&sandbox->terminal);
	sandbox->pidfd = sandbox->gate = sandbox->report = sandbox->terminal = -1;
}

/* ---- work in a mapped user namespace ---- */

/* The child's half: root of its namespace, or nothing. */
__attribute__((noreturn)) static void do_task(struct sync *sync, const struct sandbox_work *work)
{
	struct error own = {};
	int result;

	sync_close_parent(sync);
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	result = sync_wait(sync->gate_child, GATE_MAPPED, &own);
	if (result == 0 && (setresgid(0, 0, 0) < 0 || setresuid(0, 0, 0) < 0))
		result = error_set(&own, errno, "cannot become root of the user namespace");
	/* the change of ids forgot the death signal: a parent that died before now is asked for */
	if (result == 0 &&
	    (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0 || !sync_parent_alive(sync->gate_child)))
		_exit(1);
	if (result == 0)
		result = work->run(work->context, &own);
	if (result > 0)
		own.number = result;
	if (result != 0)
		sync_report(sync->report_child, result < 0 ? REPORT_FAILURE : REPORT_RESULT, &own);
	_exit(result < 0 ? 1 : 0);
}

int sandbox_task_start(struct sandbox_task *ret, const struct plan_id_maps *maps,
                       const struct host *host, const struct sandbox_work *work, struct error *err)
{
	const struct sandbox_work nothing = {};
	struct sync sync;
	int pidfd = -1;
	pid_t pid;

	if (sync_open(&sync, err) < 0)
		return -1;
	pid = clone_into(CLONE_NEWUSER | CLONE_NEWNS, &pidfd);
	if (pid < 0) {
		int number = errno;

		sync_close_child(&sync);
		sync_close_parent(&sync);
		return namespace_refused(number, err);
	}
	if (pid == 0)
		do_task(&sync, work);
	sync_close_child(&sync);
	if (idmap_write(pid, maps, host, &nothing, err) < 0) {
		sync_close_parent(&sync);
		destroy(pid, pidfd);
		return -1;
	}
	sync_signal(sync.gate_parent, GATE_MAPPED);
	*ret = (struct sandbox_task){ pid, pidfd, sync.gate_parent, sync.report_parent };
	return 0;
}

int sandbox_task_wait(struct sandbox_task *task, struct error *err)
{
	struct report report;
	int result = 0, status = 0;

	if (sync_read_report(&report, task->report) == 1) {
		result = report.kind == REPORT_RESULT ? report.error.number : -1;
		if (result < 0)
			*err = report.error;
	}
	close(task->gate);
	close(task->report);
	while (waitpid(task->pid, &status, 0) < 0 && errno == EINTR)
		;
	close(task->pidfd);
	if (result >= 0 && status != 0)
		return error_set(err, 0, "a process in the user namespace was killed by signal %d",
		                 WTERMSIG(status));
	return result;
}

void sandbox_task_kill(struct sandbox_task *task)
{
	struct error ignored;

	pidfd_send_signal(task->pidfd, SIGKILL, NULL, 0);
	if (sandbox_task_wait(task, &ignored) < 0)
		return;
}

int sandbox_run_mapped(const struct plan_id_maps *maps, const struct host *host,
                       int (*run)(void *context, struct error *err), void *context,
                       struct error *err)
{
	const struct sandbox_work work = { run, context };
	struct sandbox_task task;

	if (sandbox_task_start(&task, maps, host, &work, err) < 0)
		return -1;
	return sandbox_task_wait(&task, err);
}
