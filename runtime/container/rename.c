/*
 * rename: another name for a container, running or not. The new name is claimed, written into the
 * state, and then the old one is given back: at no time is the container without a name, and one
 * name is never two containers'.
 *
 * The monitor of a running container writes the state, too, when the container ends, from what it
 * then finds on the disk. One in the foreground begins to look there when it can be spoken to
 * (monitor.c): until then, for some hundredths of a second, a name cannot change.
 */
#include "runtime/container/channel.h"
#include "runtime/container/control.h"
#include "runtime/container/folder.h"
#include "runtime/container/identity.h"
#include "runtime/container/state.h"
#include "sandbox/base/cleanup.h"

#include <string.h>

enum { TRIES = 200, PAUSE_US = 5000 };

/* What the caller is told when the container went on starting and ending all the while. */
static int refuse_restless(const struct container *container, struct error *err)
{
	error_set(err, 0, "container %.12s has just started or ended", container->id);
	return error_hint(err, "try again");
}

/* Under the state's lock. 1; 0 where the container has started or ended since it was looked at. */
static int change(const struct container *container, const struct paths *paths, const char *wanted,
                  struct error *err)
{
	_cleanup_arena struct arena arena = {};
	struct folder folder = FOLDER_NONE;
	struct state state = {};
	int found = state_read(&state, &arena, container->dir, err);
	const char *old = state.name;

	if (found == 0)
		return error_set(err, 0, "container %.12s has been removed", container->id);
	if (found < 0)
		return -1;
	if (state.status != container->status ||
	    state.monitor_start != container->details->monitor_start)
		return 0;
	snprintf(folder.id, sizeof folder.id, "%s", container->id);
	if (folder_claim(&folder, paths, wanted, err) < 0)
		return -1;
	state.name = wanted;
	if (state_write(container->dir, &state, IO_DURABLE, err) < 0) {
		folder_release(paths, wanted, container->id);
		return -1;
	}
	if (old != NULL)
		folder_release(paths, old, container->id);
	return 1;
}

/* 1, 0 as above, -1. */
static int rename_open(const struct container *container, const struct paths *paths,
                       const char *wanted, struct error *err)
{
	struct folder folder = FOLDER_NONE;
	_cleanup_fd int lock = -1;
	int result = 1;

	if (strcmp(container->name, wanted) == 0)
		return error_set(err, 0, "the container is called %s already", wanted);
	if (container->status == CONTAINER_DEAD)
		return error_set(err, 0, "container %.12s is damaged: it can only be removed",
		                 container->id);
	if (container->status == CONTAINER_RUNNING)
		result = channel_is_there(paths->run, container->id);
	else
		result = folder_take(&folder, paths, container->id, err);
	if (result <= 0)
		return result;
	lock = state_lock(container->dir);
	result = change(container, paths, wanted, err);
	folder_close(&folder);
	return result;
}

int container_rename(const struct paths *paths, const char *name, const char *wanted,
                     struct error *err)
{
	_cleanup_arena struct arena arena = {};
	struct container container;
	int result = 0;

	wanted += wanted[0] == '/'; /* as inspect prints it */
	if (identity_check_name(wanted, err) < 0)
		return -1;
	for (int tries = 0; result == 0 && tries < TRIES; tries++) {
		if (tries > 0)
			usleep(PAUSE_US);
		if (control_open(&container, &arena, paths, name, err) < 0)
			return -1;
		result = rename_open(&container, paths, wanted, err);
		container_close(&container);
	}
	return result == 0 ? refuse_restless(&container, err) : result < 0 ? -1 : 0;
}
