/*
 * control: stop, kill, wait. Signals go through a pidfd that was opened before the recorded start
 * time was compared, so a pid that was given to another process is never hit. The end is waited for
 * at the monitor, which goes when everything about it is written down.
 */
#include "runtime/container/control.h"

#include "runtime/container/freeze.h"
#include "runtime/container/process.h"
#include "runtime/container/state.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"

#include <limits.h>
#include <signal.h>
#include <sys/pidfd.h>

enum { MONITOR_PATIENCE_MS = 10000, TAKE_TRIES = 100, TAKE_PAUSE_US = 100000 };

int control_open(struct container *ret, struct arena *arena, const struct paths *paths,
                 const char *name, struct error *err)
{
	int found = container_open(ret, arena, paths, name, err);

	if (found == 0) {
		error_set(err, 0, "No such container: %.200s", name);
		return error_hint(err, "see cordon ps -a");
	}
	return found < 0 ? -1 : 0;
}

int control_open_running(struct container *ret, struct arena *arena, const struct paths *paths,
                         const char *name, struct error *err)
{
	if (control_open(ret, arena, paths, name, err) < 0)
		return -1;
	if (ret->status == CONTAINER_RUNNING)
		return 0;
	container_close(ret);
	error_set(err, 0, "container %.200s is not running", name);
	return error_hint(err, "start it first: cordon start %.200s", name);
}

int control_refuse_paused(const char *name, struct error *err)
{
	error_set(err, 0, "container %.200s is paused", name);
	return error_hint(err, "let it go on first: cordon unpause %.200s", name);
}

int control_open_going(struct container *ret, struct arena *arena, const struct paths *paths,
                       const char *name, struct error *err)
{
	if (control_open_running(ret, arena, paths, name, err) < 0)
		return -1;
	if (!ret->paused)
		return 0;
	container_close(ret);
	return control_refuse_paused(name, err);
}

int control_process(const struct container *container)
{
	return process_open(container->pid, (uint64_t)container->details->pid_start);
}

int control_member(const struct container *container, const struct plan *plan)
{
	_cleanup_fd int first = control_process(container);

	if (first < 0 || !plan->process.init)
		return cleanup_take_fd(&first);
	return process_open_first_child(container->pid);
}

static bool runs_now(const struct container *container)
{
	_cleanup_arena struct arena arena = {};
	struct error ignored;
	struct state state;

	return state_read(&state, &arena, container->dir, &ignored) > 0 &&
	       state.status == CONTAINER_RUNNING;
}

int control_take(struct folder *ret, const struct paths *paths, const struct container *container,
                 struct error *err)
{
	for (int tries = 0; tries < TAKE_TRIES; tries++) {
		int taken = folder_take(ret, paths, container->id, err);

		if (taken != 0 || runs_now(container))
			return taken;
		usleep(TAKE_PAUSE_US);
	}
	error_set(err, 0, "container %s is being copied to, or removed", container->name);
	return error_hint(err, "try again once cordon cp has ended");
}

static bool wait_for_monitor(int monitor, int timeout_ms)
{
	return monitor < 0 || io_wait_readable(monitor, timeout_ms) > 0;
}

static int open_monitor(const struct container *container)
{
	return process_open(container->monitor, (uint64_t)container->details->monitor_start);
}

void control_end(const struct container *container, int signal)
{
	_cleanup_fd int monitor = open_monitor(container), process = control_process(container);

	if (process >= 0)
		pidfd_send_signal(process, signal, NULL, 0);
	wait_for_monitor(monitor, MONITOR_PATIENCE_MS);
}

/* One that stands still gets a signal other than SIGKILL when it goes on: it shall end by it. */
static int send_and_thaw(const struct container *container, int process, int signal)
{
	struct error ignored;

	if (pidfd_send_signal(process, signal, NULL, 0) < 0)
		return -1;
	if (container->paused)
		(void)!freeze_clear(container->details->cgroup, &ignored);
	return 0;
}

/* For io_wait_readable: -1 for ever. */
static int patience_ms(const struct container *container, int timeout_seconds)
{
	const struct state *state = container->details;

	if (timeout_seconds == STOP_TIMEOUT_OWN)
		timeout_seconds =
		        state->stop_timeout_given ? (int)state->stop_timeout : STOP_TIMEOUT_DEFAULT;
	if (timeout_seconds < 0)
		return -1;
	return timeout_seconds > INT_MAX / 1000 ? INT_MAX : timeout_seconds * 1000;
}

int container_stop(const struct paths *paths, const char *name, int signal, int timeout_seconds,
                   struct error *err)
{
	_cleanup_arena struct arena arena = {};
	_cleanup_fd int monitor = -1, process = -1;
	struct container container;
	int result = 0;

	if (control_open(&container, &arena, paths, name, err) < 0)
		return -1;
	if (container.status == CONTAINER_RUNNING) {
		if (signal == 0)
			signal = (int)container.details->stop_signal;
		monitor = open_monitor(&container);
		process = control_process(&container);
		if (process >= 0 &&
		    send_and_thaw(&container, process, signal > 0 ? signal : SIGTERM) == 0 &&
		    io_wait_readable(process, patience_ms(&container, timeout_seconds)) == 0)
			pidfd_send_signal(process, SIGKILL, NULL, 0);
		if (!wait_for_monitor(monitor, MONITOR_PATIENCE_MS))
			result = error_set(err, 0, "container %s did not end", name);
	}
	container_close(&container);
	return result;
}

int container_kill(const struct paths *paths, const char *name, int signal, struct error *err)
{
	_cleanup_arena struct arena arena = {};
	_cleanup_fd int process = -1;
	struct container container;
	int result = 0;

	if (control_open(&container, &arena, paths, name, err) < 0)
		return -1;
	process = container.status == CONTAINER_RUNNING ? control_process(&container) : -1;
	if (process < 0)
		result = error_set(err, 0, "cannot kill container %s: it is not running", name);
	else if (signal == SIGKILL)
		control_end(&container, signal);
	else if (pidfd_send_signal(process, signal, NULL, 0) < 0)
		result = error_set(err, errno, "cannot kill container %s", name);
	container_close(&container);
	return result;
}

int container_wait(int *exit_status, const struct paths *paths, const char *name, struct error *err)
{
	_cleanup_arena struct arena arena = {};
	_cleanup_fd int monitor = -1;
	struct container container;
	struct state state = {};
	struct error ignored;

	if (control_open(&container, &arena, paths, name, err) < 0)
		return -1;
	if (container.status == CONTAINER_RUNNING) {
		monitor = open_monitor(&container);
		wait_for_monitor(monitor, -1);
	}
	/* Through the open folder: one of --rm is gone by name, and its last state is all that was
	 * written before. */
	if (state_read(&state, &arena, container.dir, &ignored) <= 0)
		state.exit_status = container.exit_status;
	*exit_status = (int)state.exit_status;
	container_close(&container);
	return 0;
}
