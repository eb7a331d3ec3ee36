/*
 * spawn: from a plan to a running, confined process. The parent's side.
 *
 * sandbox_spawn clones the child into its namespaces, writes the id maps (newuidmap beside
 * newgidmap, and beside both whatever else the caller has to do before the child may mount), and
 * returns while the child mounts. The caller may attach a network to `pid` at the
 * same time: the child waits at its gate after the mounts, before it gives up any power.
 * sandbox_start opens the gate and returns when the command was exec'd (or with the child's error,
 * the child reaped). The child dies with its parent (PR_SET_PDEATHSIG).
 *
 * sandbox_enter puts a further process into a running container: the same namespaces, cgroup,
 * filter, capabilities, Landlock rules and limits as the plan says, another command. It is never
 * dumpable between setns and execve.
 */
#ifndef CORDON_SANDBOX_SPAWN_H
#define CORDON_SANDBOX_SPAWN_H

#include "sandbox/base/error.h"
#include "sandbox/host.h"
#include "sandbox/plan.h"

#include <stdio.h>
#include <sys/types.h>

/* One line a step: `trace` NULL for none, else "  NAME  MICROSECONDS" lines (cordon --trace-time).
 */
struct sandbox_streams {
	/* The container can reopen what it is given: pass pipes and files, never the host's
	 * terminal (CVE-2017-5226). -1 is the container's /dev/null. Nameless pipes are given to
	 * the container's user, so that he can open /dev/stdout again. */
	int input, output,
	        error; /* dup'ed to 0, 1, 2 in the child; ignored with plan->process.terminal */
	int trace;     /* descriptor for trace lines, -1 for none */
};

/* A function and what it works on. */
struct sandbox_work {
	int (*run)(void *context, struct error *err);
	void *context;
};

struct sandbox_request {
	const struct plan *plan;
	const struct host *host;
	struct sandbox_streams streams;
	/* Done here while the helpers write the maps, and done when the child mounts its root: so
	 * it may be what makes the root's folders. run NULL: nothing. */
	struct sandbox_work meanwhile;
};

struct sandbox {
	pid_t pid; /* pid 1 of the container in the caller's pid namespace */
	int pidfd;
	int gate;     /* write end: one byte opens it. -1 once started */
	int report;   /* read end of the error pipe. -1 once started */
	int terminal; /* master side of the container's own pty, -1 without one; given by the child
	                 over the gate as SCM_RIGHTS and verified (devpts, TIOCGPTPEER) */
	char notes[512]; /* if_available steps that were skipped, one line each */
};

/* On failure nothing is left (but what `meanwhile` made): no process, no mount, *ret untouched. */
int sandbox_spawn(struct sandbox *ret, const struct sandbox_request *request, struct error *err)
        __attribute__((warn_unused_result));

/* Opens the gate. 0: the command runs. -1: err says which step failed and why
 * (exit_status 126/127 where the command itself could not be started), the child is reaped. */
int sandbox_start(struct sandbox *sandbox, const struct plan *plan, struct error *err)
        __attribute__((warn_unused_result));

/* Reads back what the kernel enforces on the process (works on a zombie too, so call before
 * reaping). Of Landlock it says nothing: landlock_abi is the host's. */
int sandbox_read_enforced(struct enforced *ret, pid_t pid, const struct host *host,
                          struct error *err) __attribute__((warn_unused_result));

/* That the kernel has what the plan says, or more: none of these walls can be taken down again from
 * inside, so it holds at any later moment, too. A kernel (or what stands for one) that says yes and
 * does nothing is found out here. */
int sandbox_check_enforced(const struct enforced *enforced, const struct confinement *confinement,
                           struct error *err) __attribute__((warn_unused_result));

/* `target_pidfd` is the pidfd of a process of the container; `plan` the container's own plan with
 * `process` replaced by the caller. Returns a started process in *ret (no gate). */
int sandbox_enter(struct sandbox *ret, const struct plan *plan, int target_pidfd,
                  const struct sandbox_streams *streams, const struct host *host, struct error *err)
        __attribute__((warn_unused_result));

/* Closes what is still open; does not kill. */
void sandbox_done(struct sandbox *sandbox);

/* ---- work in a mapped user namespace ---- */

/* A child that has entered a fresh user namespace with id maps (and nothing else unshared but
 * mounts) and works there as root inside: so layers are unpacked with right owners, and files of
 * subordinate ids removed. */
struct sandbox_task {
	pid_t pid;
	int pidfd; /* readable once it has ended */
	int gate, report;
};

/* The child runs when this returns, and dies with its parent. */
int sandbox_task_start(struct sandbox_task *ret, const struct plan_id_maps *maps,
                       const struct host *host, const struct sandbox_work *work, struct error *err)
        __attribute__((warn_unused_result));
/* Waits, reaps. Returns the work's return value; its *err comes back over a pipe. */
int sandbox_task_wait(struct sandbox_task *task, struct error *err)
        __attribute__((warn_unused_result));
void sandbox_task_kill(struct sandbox_task *task);

/* Both at once. */
int sandbox_run_mapped(const struct plan_id_maps *maps, const struct host *host,
                       int (*run)(void *context, struct error *err), void *context,
                       struct error *err) __attribute__((warn_unused_result));

#endif
