/*
 * copy_container: a container's files as one end of a copy.
 *
 * One that runs is seen with all that is mounted in it. One that does not is mounted as its start
 * would do it: the root, and the volumes on it; and while it is written to, nobody may start or
 * remove it. To be read its root gets no place to write to, so a volume whose place was not yet
 * made is not seen.
 */
#include "runtime/container/copy_parts.h"

#include "runtime/container/control.h"
#include "runtime/container/launch.h"
#include "runtime/container/record.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"
#include "sandbox/mount.h"
#include "sandbox/reach.h"
#include "sandbox/root.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>

void copy_end_close(struct copy_end *end)
{
	if (end->container.dir >= 0)
		container_close(&end->container);
	folder_close(&end->lock);
	cleanup_close(&end->folder);
	end->folder = -1;
}

/* ---- in the helper's own mount namespace ---- */

static bool is_volume(const struct plan_mount *mount)
{
	return mount->kind == PLAN_MOUNT_BIND && strcmp(mount->target, "/sys") != 0;
}

static int mount_volumes(const struct copy_end *end, int root, struct error *err)
{
	for (size_t i = 0; i < end->plan.mount_count; i++) {
		const struct plan_mount *mount = &end->plan.mounts[i];
		_cleanup_fd int place =
		        end->write ? -1 : io_open_in_root(root, mount->target, O_PATH, 0);

		if (is_volume(mount) && (end->write || place >= 0) &&
		    mount_row(root, mount, -1, err) < 0)
			return -1;
	}
	return 0;
}

static int open_stopped(void *context, struct error *err)
{
	static const uint64_t safe = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;
	const struct copy_end *end = context;
	struct plan_root plan = end->plan.root;
	_cleanup_arena struct arena arena = {};
	struct plan_strings layers = {};
	_cleanup_fd int root = -1;

	plan.volatile_writes = false; /* it would be its last mount */
	if (!end->write && plan.kind == PLAN_ROOT_OVERLAY && plan.upper != NULL) {
		launch_append(&arena, &layers, plan.upper);
		for (size_t i = 0; i < plan.layers.count; i++)
			launch_append(&arena, &layers, plan.layers.items[i]);
		plan.layers = layers;
		plan.upper = plan.work = NULL;
	}
	root = root_mount(&plan, err);
	if (root < 0 ||
	    (!end->write && mount_set_attributes(root, MOUNT_ATTR_RDONLY, false, err) < 0) ||
	    mount_volumes(end, root, err) < 0 ||
	    (plan.read_only && mount_set_attributes(root, MOUNT_ATTR_RDONLY, false, err) < 0) ||
	    mount_set_attributes(root, safe | (end->write ? 0 : MOUNT_ATTR_RDONLY), true, err) < 0)
		return -1;
	return cleanup_take_fd(&root);
}

/* ---- in the engine ---- */

static int open_running(struct copy_end *end, struct error *err)
{
	_cleanup_fd int member = control_member(&end->container, &end->plan);

	if (member < 0)
		return error_set(err, 0, "container %s has just ended", end->container.name);
	end->folder = sandbox_reach(member, !end->write, err);
	return end->folder < 0 ? -1 : 0;
}

static int lock(struct copy_end *end, const struct paths *paths, struct error *err)
{
	int taken = folder_take(&end->lock, paths, end->container.id, err);

	if (taken == 0) {
		error_set(err, 0, "container %s is being started, removed or copied to this moment",
		          end->container.name);
		return error_hint(err, "try again");
	}
	return taken < 0 ? -1 : 0;
}

int copy_open_container(struct copy_end *end, const struct image_request *request, const char *name,
                        struct error *err)
{
	if (control_open(&end->container, request->arena, request->paths, name, err) < 0)
		return -1;
	if (record_read_plan(&end->plan, request->arena, end->container.dir, err) < 0)
		return -1;
	end->end.maps = &end->plan.maps;
	if (end->container.status == CONTAINER_RUNNING)
		return open_running(end, err);
	end->end.open = open_stopped;
	end->end.context = end;
	return end->write ? lock(end, request->paths, err) : 0;
}
