/*
 * inspect: a container as Docker's API shows it, and under "Cordon" what Docker has no word for:
 * the profile, what the kernel enforces, what was left out, and the plan in full.
 */
#include "runtime/container/inspect.h"

#include "runtime/container/control.h"
#include "runtime/container/mounts.h"
#include "runtime/container/record.h"
#include "runtime/container/stamp.h"
#include "runtime/container/state.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"

#include <string.h>
#include <sys/mount.h>
#include <time.h>

static const char *time_text(struct arena *arena, int64_t nanoseconds)
{
	char stamp[STAMP_SIZE];

	if (nanoseconds == 0)
		return "0001-01-01T00:00:00Z"; /* Go's zero, which Docker's clients know as never */
	stamp_format(stamp, nanoseconds);
	return arena_strdup(arena, stamp);
}

static void put_state(struct inspection *in, struct value *root)
{
	struct value *object = inspect_put(in, root, "State", value_new_object(in->arena));
	const struct state *state = in->container.details;
	bool running = state->status == CONTAINER_RUNNING;

	inspect_text(in, object, "Status", container_status_name(&in->container));
	inspect_flag(in, object, "Running", running);
	inspect_flag(in, object, "Paused", in->container.paused);
	inspect_flag(in, object, "Restarting", false);
	inspect_flag(in, object, "OOMKilled", state->out_of_memory);
	inspect_flag(in, object, "Dead", state->status == CONTAINER_DEAD);
	inspect_number(in, object, "Pid", running ? state->pid : 0);
	inspect_number(in, object, "ConmonPid", running ? state->monitor : 0);
	inspect_number(in, object, "ExitCode", state->exit_status);
	inspect_text(in, object, "Error", state->error);
	inspect_text(in, object, "StartedAt", time_text(in->arena, state->started));
	inspect_text(in, object, "FinishedAt", time_text(in->arena, state->finished));
	inspect_put(in, object, "Health", value_new_null(in->arena)); /* none is checked */
}

/* Where its files are on the host. */
static void put_graph_driver(struct inspection *in, struct value *root)
{
	struct value *driver = inspect_put(in, root, "GraphDriver", value_new_object(in->arena));
	struct value *data;
	const struct plan_root *files = &in->plan.root;
	_cleanup_text struct text lower = {};

	inspect_text(in, driver, "Name", "overlay");
	data = inspect_put(in, driver, "Data", value_new_object(in->arena));
	for (size_t i = 0; i < files->layers.count; i++)
		text_printf(&lower, "%s%s", i > 0 ? ":" : "", files->layers.items[i]);
	inspect_text(in, data, "LowerDir", text_string(&lower));
	inspect_text(in, data, "UpperDir", files->upper);
	inspect_text(in, data, "WorkDir", files->work);
}

static void put_mounts(struct inspection *in, struct value *root)
{
	struct value *mounts = inspect_put(in, root, "Mounts", value_new_array(in->arena));

	for (size_t i = 0; i < in->plan.mount_count; i++) {
		const struct plan_mount *mount = &in->plan.mounts[i];
		const char *name = mounts_volume(in->arena, in->data, mount->source);
		struct value *row;

		if ((mount->kind != PLAN_MOUNT_BIND && mount->kind != PLAN_MOUNT_TMPFS) ||
		    mounts_is_own(in->folder, mount))
			continue;
		row = value_append(in->arena, mounts, value_new_object(in->arena));
		inspect_text(in, row, "Type",
		             mount->kind == PLAN_MOUNT_TMPFS ? "tmpfs"
		             : name != NULL                  ? "volume"
		                                             : "bind");
		if (name != NULL)
			inspect_text(in, row, "Name", name);
		inspect_text(in, row, "Source", mount->source);
		inspect_text(in, row, "Destination", mount->target);
		inspect_text(in, row, "Mode", mount->options);
		inspect_flag(in, row, "RW", (mount->attributes & MOUNT_ATTR_RDONLY) == 0);
		inspect_text(in, row, "Propagation", "rprivate");
	}
}

static struct value *capability_names(struct inspection *in, uint64_t set)
{
	struct value *array = value_new_array(in->arena);

	for (unsigned number = 0; number < 64; number++)
		if (set >> number & 1) {
			const char *name = capability_name(number);

			value_append(in->arena, array,
			             value_new_string(in->arena,
			                              name != NULL ? name
			                                           : arena_printf(in->arena, "%u",
			                                                          number)));
		}
	return array;
}

static void put_enforced(struct inspection *in, struct value *cordon)
{
	static const char *const sets[] = { "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb" };
	const struct value *recorded = in->container.details->enforced;
	struct value *enforced;

	if (recorded == NULL)
		return;
	enforced = inspect_put(in, cordon, "Enforced", value_copy(in->arena, recorded));
	for (size_t i = 0; i < ARRAY_SIZE(sets); i++)
		inspect_put(in, enforced, sets[i],
		            capability_names(in,
		                             (uint64_t)value_integer(value_get(recorded, sets[i]),
		                                                     0)));
}

static void put_cordon(struct inspection *in, struct value *root)
{
	struct value *cordon = inspect_put(in, root, "Cordon", value_new_object(in->arena));
	_cleanup_text struct text printed = {};
	struct value *lines;
	char *save = NULL;

	inspect_text(in, cordon, "Profile",
	             value_string(value_get(in->container.record, "profile"), ""));
	inspect_text(in, cordon, "ImageProfile",
	             value_string(value_get(in->container.record, "image_profile"), ""));
	inspect_text(in, cordon, "Notes",
	             value_string(value_get(in->container.record, "notes"), ""));
	inspect_text(in, cordon, "Skipped", in->container.details->skipped);
	put_enforced(in, cordon);
	inspect_put(in, cordon, "LeftOut",
	            record_strings(in->arena, &in->plan.confinement.left_out));
	inspect_number(in, cordon, "FilterInstructions",
	               (int64_t)in->plan.confinement.filter.count);
	lines = inspect_put(in, cordon, "Plan", value_new_array(in->arena));
	if (!in->has_plan)
		return;
	plan_print(&printed, &in->plan);
	for (char *line = strtok_r(printed.data, "\n", &save); line != NULL;
	     line = strtok_r(NULL, "\n", &save))
		if (strstr(line, "filter.instructions") == NULL)
			value_append(in->arena, lines, value_new_string(in->arena, line));
}

static struct value *inspect(struct inspection *in)
{
	struct value *root = value_new_object(in->arena), *arguments;
	const struct plan_strings *words = &in->plan.process.arguments;
	const char *image_id = in->container.image_id;

	inspect_text(in, root, "Id", in->container.id);
	inspect_text(in, root, "Created", time_text(in->arena, in->container.details->created));
	inspect_text(in, root, "Path", words->count > 0 ? words->items[0] : "");
	arguments = inspect_put(in, root, "Args", value_new_array(in->arena));
	for (size_t i = 1; i < words->count; i++)
		value_append(in->arena, arguments, value_new_string(in->arena, words->items[i]));
	put_state(in, root);
	inspect_text(in, root, "Image",
	             image_id[0] == '\0' ? "" : arena_printf(in->arena, "sha256:%s", image_id));
	inspect_text(in, root, "ImageName", in->container.image);
	/* They are in a tmpfs of the container's own: there is no path outside. */
	inspect_text(in, root, "ResolvConfPath", "");
	inspect_text(in, root, "HostnamePath", "");
	inspect_text(in, root, "HostsPath", "");
	inspect_text(in, root, "LogPath", arena_printf(in->arena, "%s/log", in->folder));
	inspect_text(in, root, "Name", arena_printf(in->arena, "/%s", in->container.name));
	inspect_number(in, root, "RestartCount", 0);
	inspect_text(in, root, "Driver", "overlay");
	inspect_text(in, root, "Platform", "linux");
	inspect_text(in, root, "MountLabel", "");
	inspect_text(in, root, "ProcessLabel", "");
	inspect_text(in, root, "AppArmorProfile", in->plan.confinement.apparmor);
	inspect_put(in, root, "ExecIDs", value_new_null(in->arena));
	put_graph_driver(in, root);
	inspect_host_config(in, root);
	put_mounts(in, root);
	inspect_config(in, root);
	inspect_network(in, root);
	put_cordon(in, root);
	return root;
}

int container_inspect(struct value **ret, struct arena *arena, const struct paths *paths,
                      const char *name, struct error *err)
{
	struct inspection in = { .arena = arena, .data = paths->data };
	struct error ignored;

	if (control_open(&in.container, arena, paths, name, err) < 0)
		return -1;
	in.folder = arena_printf(arena, "%s/containers/%s", paths->data, in.container.id);
	in.has_plan = record_read_plan(&in.plan, arena, in.container.dir, &ignored) == 0;
	if (!in.has_plan)
		in.plan = (struct plan){};
	*ret = inspect(&in);
	container_close(&in.container);
	return 0;
}
