/*
 * spawn: the parent's side of a launch. clone3(2) puts the child into its first namespaces
 * (namespace.h) and gives a pidfd, so that no pid is ever signalled that could have been reused.
 */
#include "sandbox/spawn.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"
#include "sandbox/cgroup.h"
#include "sandbox/enter.h"
#include "sandbox/handover.h"
#include "sandbox/idmap.h"
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

void sandbox_discard(struct sandbox *sandbox)
{
	struct error ignored;

	if (sandbox->pidfd < 0)
		return;
	pidfd_send_signal(sandbox->pidfd, SIGKILL, NULL, 0);
	if (idmap_finish(sandbox->maps, &ignored) < 0)
		ignored.number = 0; /* there is nobody to map */
	reap(sandbox->pid);
	sandbox_done(sandbox);
	*sandbox = SANDBOX_NONE;
}

/* The same with the reason: a child that failed by itself is why nothing else went on. */
static int give_up(struct sandbox *sandbox, struct error *err)
{
	int report = sandbox->report;
	struct report reason;

	sandbox->report = -1;
	sandbox_discard(sandbox);
	if (sync_read_report(&reason, report) == 1 && reason.kind == REPORT_FAILURE)
		*err = reason.error;
	close(report);
	return -1;
}

int sandbox_begin(struct sandbox *ret, const struct namespaces *namespaces, const struct host *host,
                  int trace, struct error *err)
{
	struct entry entry = { .namespaces = namespaces,
		               .host = host,
		               .streams = { -1, -1, -1, trace },
		               .root = -1,
		               .files = -1,
		               .masker = MASKER_NONE,
		               .slave = -1 };
	struct sandbox sandbox = SANDBOX_NONE;
	struct sync sync;

	if (sync_open(&sync, err) < 0)
		return -1;
	sandbox.pid = clone_into(namespaces_of_birth(namespaces), &sandbox.pidfd);
	if (sandbox.pid < 0) {
		int number = errno;

		sync_close_child(&sync);
		sync_close_parent(&sync);
		return namespaces_refused(number, err);
	}
	if (sandbox.pid == 0) {
		sync_close_parent(&sync);
		entry.gate = sync.gate_child;
		entry.report = sync.report_child;
		enter_run(&entry, enter_steps, enter_step_count);
	}
	sync_close_child(&sync);
	sandbox.gate = sync.gate_parent;
	sandbox.report = sync.report_parent;
	if (idmap_start(&sandbox.maps, sandbox.pid, &namespaces->maps, host, err) < 0)
		return give_up(&sandbox, err);
	*ret = sandbox;
	return 0;
}

/* Who connects the network looks for the child's own one. */
static int await_namespaces(int gate, struct error *err)
{
	if (sync_wait(gate, GATE_APART, err) < 0)
		return error_set(err, 0, "the container's first process is gone");
	return 0;
}

static int await_maps(struct sandbox *sandbox, struct error *err)
{
	struct idmap_job *maps = sandbox->maps;

	sandbox->maps = NULL;
	return idmap_finish(maps, err);
}

static int work(const struct sandbox_work *meanwhile, struct error *err)
{
	return meanwhile->run == NULL ? 0 : meanwhile->run(meanwhile->context, err);
}

int sandbox_give(struct sandbox *sandbox, const struct sandbox_request *request, struct error *err)
{
	const struct plan *plan = request->plan;

	if (handover_give(sandbox->gate, plan, &request->streams, err) < 0 ||
	    work(&request->meanwhile, err) < 0 ||
	    cgroup_join(plan->cgroup, sandbox->pid, err) < 0 || await_maps(sandbox, err) < 0 ||
	    await_namespaces(sandbox->gate, err) < 0)
		return give_up(sandbox, err);
	/* A child that is gone already says why in sandbox_start. */
	sync_signal(sandbox->gate, GATE_MAPPED);
	return 0;
}

int sandbox_spawn(struct sandbox *ret, const struct sandbox_request *request, struct error *err)
{
	const struct namespaces namespaces = namespaces_of(request->plan);
	struct sandbox sandbox;

	if (sandbox_begin(&sandbox, &namespaces, request->host, request->streams.trace, err) < 0 ||
	    sandbox_give(&sandbox, request, err) < 0)
		return -1;
	*ret = sandbox;
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

	if (plan->process.terminal)
		result = sync_receive_descriptors(&sandbox->terminal, 1, sandbox->gate);
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
		*sandbox = SANDBOX_NONE;
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
	if (result == 0 && prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == 0)
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
	struct idmap_job *writing = NULL;
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
		return namespaces_refused(number, err);
	}
	if (pid == 0)
		do_task(&sync, work);
	sync_close_child(&sync);
	if (idmap_start(&writing, pid, maps, host, err) < 0 || idmap_finish(writing, err) < 0) {
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
