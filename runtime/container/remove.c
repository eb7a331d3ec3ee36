/*
 * remove: a container's folder and what belongs to it.
 *
 * Files that processes of the container made belong to subordinate ids: they go from inside a user
 * namespace that maps them. Nothing is followed and no mount is crossed (io_remove_tree). The name
 * and the state go first: what is left after a crash is no container, and for the next sweep.
 */
#include "runtime/container/remove.h"

#include "runtime/container/channel.h"
#include "runtime/container/control.h"
#include "runtime/container/record.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"
#include "sandbox/spawn.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>

struct removal {
	int dir;
	const char *path;
};

static int remove_work(void *context, struct error *err)
{
	const struct removal *removal = context;

	return io_remove_tree(removal->dir, removal->path, err);
}

int remove_tree(int dir, const char *path, const struct plan_id_maps *maps, const struct host *host,
                struct error *err)
{
	_cleanup_arena struct arena arena = {};
	struct removal removal = { dir, path };
	struct plan_id_maps range;

	if (io_remove_tree(dir, path, err) == 0)
		return 0;
	if (host == NULL ||
	    (err->number != EACCES && err->number != EPERM && err->number != ENOTEMPTY))
		return -1;
	if (maps == NULL || !maps->helpers) {
		if (host_id_maps(&range, &arena, host, IDMAP_RANGE, 0, err) < 0)
			return -1;
		maps = &range;
	}
	return sandbox_run_mapped(maps, host, remove_work, &removal, err);
}

static void remove_volumes(const struct value *names, const struct paths *paths,
                           const struct host *host)
{
	struct error ignored;
	_cleanup_fd int volumes = -1;

	if (names == NULL || names->kind != VALUE_ARRAY || names->count == 0)
		return;
	volumes = paths_open_dir(paths->data, "volumes", &ignored);
	for (size_t i = 0; volumes >= 0 && i < names->count; i++) {
		const char *name = value_string(names->items[i], "");

		/* the record is ours, but a name is only a name */
		if (!folder_is_id(name) || remove_tree(volumes, name, NULL, host, &ignored) < 0)
			continue;
	}
}

int remove_container(struct folder *folder, const struct paths *paths, const struct host *host,
                     const struct state *state, bool volumes, struct error *err)
{
	if (volumes)
		remove_volumes(state->anonymous, paths, host);
	if (folder->dir < 0)
		return 0; /* it was never made */
	if (folder_forget(folder, paths, state->name, err) < 0)
		return -1;
	if (remove_tree(folder->containers, folder->id, NULL, host, err) < 0)
		return error_prefix(err, "cannot remove all of container %.12s", folder->id);
	return 0;
}

static int refuse_taken(const struct container *container, const char *name, struct error *err)
{
	if (container->status != CONTAINER_RUNNING) {
		error_set(err, 0, "cannot remove container \"/%s\": somebody is at work on it",
		          name);
		return error_hint(err, "it is being started or copied to this moment; try again");
	}
	error_set(err, 0, "cannot remove container \"/%s\": container is running", name);
	return error_hint(err,
	                  "stop the container before removing it (cordon stop %s), or force "
	                  "remove (cordon rm -f %s)",
	                  name, name);
}

/* A container whose state was damaged (by itself, where the caller gave it its own folder as a
 * volume) says of no process that it runs, and yet is locked. Its monitor listens where the
 * container cannot reach, and the kernel says who that is; the container ends with it. */
static void end_unknown(const struct paths *paths, const char *id)
{
	struct error ignored;
	struct ucred peer;
	socklen_t size = sizeof peer;
	_cleanup_fd int channel = channel_connect(paths->run, id, &ignored), process = -1;

	if (channel < 0 || getsockopt(channel, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0 ||
	    peer.uid != geteuid() || peer.pid <= 0)
		return;
	process = pidfd_open(peer.pid, 0);
	if (process >= 0)
		pidfd_send_signal(process, SIGKILL, NULL, 0);
}

/* The lock is the truth: whoever has it keeps the container. */
static int take(struct folder *folder, const struct paths *paths, const struct container *container,
                bool force, struct error *err)
{
	int result;

	if (container->status == CONTAINER_RUNNING && !force)
		return 0;
	if (container->status == CONTAINER_RUNNING)
		control_end(container, SIGKILL);
	result = folder_take(folder, paths, container->id, err);
	if (result != 0 || !force)
		return result;
	end_unknown(paths, container->id);
	return folder_take(folder, paths, container->id, err);
}

int container_remove(const struct paths *paths, const struct host *host, const char *name,
                     bool force, bool volumes, struct error *err)
{
	_cleanup_arena struct arena arena = {};
	_cleanup_fd int lock = -1;
	struct container container;
	struct folder folder = FOLDER_NONE;
	struct state state = {};
	struct error ignored;
	int result;

	folder_sweep(paths, host);
	if (control_open(&container, &arena, paths, name, err) < 0)
		return -1;
	result = take(&folder, paths, &container, force, err);
	if (result == 0)
		result = refuse_taken(&container, container.name[0] != '\0' ? container.name : name,
		                      err);
	if (result > 0) {
		lock = state_lock(folder.dir);
		/* a damaged state hides no more than the names of its volumes */
		if (state_read(&state, &arena, folder.dir, &ignored) <= 0)
			state = (struct state){ .name = container.name };
		channel_remove(paths->run, folder.id);
		result = remove_container(&folder, paths, host, &state, volumes || state.remove,
		                          err);
	} else if (result < 0 && err->number == ENOENT)
		result = 0; /* one of --rm: its monitor was faster */
	folder_close(&folder);
	container_close(&container);
	return result;
}
