/*
 * control: stop, kill, wait, rm. Signals go through a pidfd that was opened before the recorded
 * start time was compared, so a pid that was reused is never hit.
 */
#include "runtime/container/monitor.h"

#include "runtime/container/channel.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>

static int need(struct container *ret, struct arena *arena, const struct paths *paths,
                const char *name, struct error *err)
{
	int found = container_open(ret, arena, paths, name, err);

	if (found == 0) {
		error_set(err, 0, "no such container: %.200s", name);
		return error_hint(err, "see cordon ps -a");
	}
	return found < 0 ? -1 : 0;
}

/* A pidfd of the container's first process; -1 where it has ended. */
static int open_process(const struct container *container)
{
	_cleanup_fd int pidfd = container->pid > 1 ? pidfd_open(container->pid, 0) : -1;
	uint64_t start = (uint64_t)value_integer(value_get(container->state, "pid_start"), 0);

	if (pidfd < 0 || process_start_time(container->pid) != start)
		return -1;
	return cleanup_take_fd(&pidfd);
}

/* Waits until the monitor has written down the end, which it does before it lets the lock go. */
static bool wait_for_monitor(const struct container *container, int timeout_ms)
{
	for (int waited = 0; folder_is_locked(container->dir); waited += 2) {
		if (timeout_ms >= 0 && waited >= timeout_ms)
			return false;
		usleep(2000);
	}
	return true;
}

int container_stop(const struct paths *paths, const char *name, int timeout_seconds,
                   struct error *err)
{
	_cleanup_arena struct arena arena = {};
	struct container container;
	_cleanup_fd int pidfd = -1;
	int signal;

	if (need(&container, &arena, paths, name, err) < 0)
		return -1;
	if (container.status == CONTAINER_RUNNING) {
		signal = (int)value_integer(value_get(container.state, "stop_signal"), SIGTERM);
		pidfd = open_process(&container);
		if (pidfd >= 0 && pidfd_send_signal(pidfd, signal, NULL, 0) == 0 &&
		    io_wait_readable(pidfd, timeout_seconds < 0 ? -1 : timeout_seconds * 1000) == 0)
			pidfd_send_signal(pidfd, SIGKILL, NULL, 0);
		if (!wait_for_monitor(&container, 10000)) {
			container_close(&container);
			return error_set(err, 0, "container %s did not end", name);
		}
	}
	container_close(&container);
	return 0;
}

int container_kill(const struct paths *paths, const char *name, int signal, struct error *err)
{
	_cleanup_arena struct arena arena = {};
	struct container container;
	_cleanup_fd int pidfd = -1;
	int result = 0;

	if (need(&container, &arena, paths, name, err) < 0)
		return -1;
	pidfd = container.status == CONTAINER_RUNNING ? open_process(&container) : -1;
	if (pidfd < 0)
		result = error_set(err, 0, "cannot kill container %s: it is not running", name);
	else if (pidfd_send_signal(pidfd, signal, NULL, 0) < 0)
		result = error_set(err, errno, "cannot kill container %s", name);
	else if (signal == SIGKILL)
		wait_for_monitor(&container, 10000);
	container_close(&container);
	return result;
}

int container_wait(int *exit_status, const struct paths *paths, const char *name, struct error *err)
{
	_cleanup_arena struct arena arena = {};
	struct container container;
	struct value *state;
	struct error gone;
	_cleanup_fd int lock = -1;

	if (need(&container, &arena, paths, name, err) < 0)
		return -1;
	if (container.status == CONTAINER_RUNNING)
		lock = folder_lock(container.dir);
	*exit_status = container.exit_status;
	if (state_read(&state, &arena, container.dir, &gone) == 0)
		*exit_status = (int)value_integer(value_get(state, "exit"), 0);
	container_close(&container);
	return 0;
}

static const struct plan_id_maps *stored_maps(struct plan *plan, struct arena *arena, int dir)
{
	_cleanup_text struct text text = {};
	struct error ignored;

	if (io_read_file(&text, dir, "plan", 16 << 20, &ignored) <= 0 ||
	    plan_decode(plan, arena, text_string(&text), text.length, &ignored) < 0)
		return NULL;
	return &plan->maps;
}

static int remove_open(struct container *container, struct arena *arena, const struct paths *paths,
                       const struct host *host, struct error *err)
{
	struct folder folder = { .containers = -1, .dir = -1, .lock = -1 };
	struct plan plan;
	struct plan_id_maps range;
	const struct plan_id_maps *maps = stored_maps(&plan, arena, container->dir);
	struct error ignored;
	int result;

	if (maps == NULL && host_id_maps(&range, arena, host, IDMAP_RANGE, 0, &ignored) == 0)
		maps = &range;
	memcpy(folder.id, container->id, sizeof folder.id);
	folder.containers = paths_open_dir(paths->data, "containers", err);
	if (folder.containers < 0)
		return -1;
	folder.dir = container->dir;
	container->dir = -1;
	folder.lock = folder_lock(folder.dir);
	channel_remove(paths->run, folder.id);
	result = monitor_remove_folder(&folder, paths, host, maps,
	                               container->name[0] != '\0' ? container->name : NULL, err);
	folder_close(&folder);
	return result;
}

int container_remove(const struct paths *paths, const struct host *host, const char *name,
                     bool force, bool volumes, struct error *err)
{
	_cleanup_arena struct arena arena = {};
	struct container container;
	_cleanup_fd int pidfd = -1;
	int result;

	(void)volumes; /* anonymous volumes belong to the container and go with it */
	folder_sweep(paths);
	if (need(&container, &arena, paths, name, err) < 0)
		return -1;
	if (container.status == CONTAINER_RUNNING && !force) {
		container_close(&container);
		error_set(err, 0, "cannot remove container %s: it is running", name);
		return error_hint(err, "stop it first (cordon stop %s), or use rm -f", name);
	}
	if (container.status == CONTAINER_RUNNING) {
		pidfd = open_process(&container);
		if (pidfd >= 0)
			pidfd_send_signal(pidfd, SIGKILL, NULL, 0);
		wait_for_monitor(&container, 10000);
	}
	result = remove_open(&container, &arena, paths, host, err);
	container_close(&container);
	return result;
}
