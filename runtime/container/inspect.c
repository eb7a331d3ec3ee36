/*
 * inspect: a container as Docker's API shows it, and under "Cordon" what Docker has no word for:
 * the profile, what the kernel enforces, what was left out, and the plan in full.
 */
#include "runtime/container/control.h"
#include "runtime/container/record.h"
#include "runtime/container/stamp.h"
#include "runtime/container/state.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"

#include <string.h>
#include <sys/mount.h>
#include <time.h>

struct inspection {
	struct arena *arena;
	struct container container;
	struct plan plan;
	bool has_plan; /* else it is damaged, and empty */
	const char *data, *folder;
};

static struct value *put(struct inspection *in, struct value *object, const char *key,
                         struct value *item)
{
	return value_set(in->arena, object, key, item);
}

static void put_text(struct inspection *in, struct value *object, const char *key, const char *text)
{
	put(in, object, key, value_new_string(in->arena, text == NULL ? "" : text));
}

static void put_number(struct inspection *in, struct value *object, const char *key, int64_t number)
{
	put(in, object, key, value_new_integer(in->arena, number));
}

static void put_flag(struct inspection *in, struct value *object, const char *key, bool flag)
{
	put(in, object, key, value_new_boolean(in->arena, flag));
}

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
	struct value *object = put(in, root, "State", value_new_object(in->arena));
	const struct state *state = in->container.details;
	bool running = state->status == CONTAINER_RUNNING;

	put_text(in, object, "Status", state_status_name(state->status));
	put_flag(in, object, "Running", running);
	put_flag(in, object, "Paused", false);
	put_flag(in, object, "Restarting", false);
	put_flag(in, object, "OOMKilled", state->out_of_memory);
	put_flag(in, object, "Dead", state->status == CONTAINER_DEAD);
	put_number(in, object, "Pid", running ? state->pid : 0);
	put_number(in, object, "ConmonPid", running ? state->monitor : 0);
	put_number(in, object, "ExitCode", state->exit_status);
	put_text(in, object, "Error", state->error);
	put_text(in, object, "StartedAt", time_text(in->arena, state->started));
	put_text(in, object, "FinishedAt", time_text(in->arena, state->finished));
}

/* A list of the record, empty where it has none. */
static void put_list(struct inspection *in, struct value *object, const char *key, const char *name)
{
	const struct value *list = value_get(in->container.record, name);

	put(in, object, key,
	    list == NULL ? value_new_array(in->arena) : value_copy(in->arena, list));
}

static const char *signal_text(struct arena *arena, int number)
{
	const char *name = sigabbrev_np(number);

	return name == NULL ? arena_printf(arena, "%d", number)
	                    : arena_printf(arena, "SIG%s", name);
}

static void put_config(struct inspection *in, struct value *root)
{
	struct value *config = put(in, root, "Config", value_new_object(in->arena));
	const struct plan_process *process = &in->plan.process;
	const struct value *labels = in->container.labels;
	bool interactive = in->container.details->interactive;

	put_text(in, config, "Hostname", in->plan.hostname);
	put_text(in, config, "User", process->user);
	put_flag(in, config, "AttachStdin", interactive);
	put_flag(in, config, "AttachStdout", true);
	put_flag(in, config, "AttachStderr", true);
	put_flag(in, config, "Tty", process->terminal);
	put_flag(in, config, "OpenStdin", interactive);
	put(in, config, "Env", record_strings(in->arena, &process->environment));
	put_list(in, config, "Cmd", "command");
	put_list(in, config, "Entrypoint", "entrypoint");
	put_text(in, config, "Image", in->container.image);
	put_text(in, config, "WorkingDir", process->directory);
	put(in, config, "Labels",
	    labels == NULL ? value_new_object(in->arena) : value_copy(in->arena, labels));
	put_text(in, config, "StopSignal", signal_text(in->arena, process->stop_signal));
}

static void put_host_config(struct inspection *in, struct value *root)
{
	static const char *const lists[][2] = {
		{ "Binds", "volumes" },   { "CapAdd", "cap_add" }, { "CapDrop", "cap_drop" },
		{ "GroupAdd", "groups" }, { "Dns", "dns" },
	};
	struct value *config = put(in, root, "HostConfig", value_new_object(in->arena));
	const struct plan_resources *resources = &in->plan.confinement.resources;

	put_text(in, config, "NetworkMode",
	         value_string(value_get(in->container.record, "network"), ""));
	put_flag(in, config, "AutoRemove", in->container.details->remove);
	put_flag(in, config, "ReadonlyRootfs", in->plan.root.read_only);
	put_flag(in, config, "Privileged", false);
	put_flag(in, config, "Init", in->plan.process.init);
	put_number(in, config, "Memory", (int64_t)resources->memory);
	put_number(in, config, "NanoCpus", (int64_t)resources->cpu_quota * 10000);
	put_number(in, config, "PidsLimit", (int64_t)resources->pids);
	put_text(in, config, "CgroupParent", in->container.details->cgroup);
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
		put_list(in, config, lists[i][0], lists[i][1]);
}

/* The name of a volume of cordon's own, from data/volumes/NAME/_data; NULL for a bind. */
static const char *volume_name(struct inspection *in, const char *source)
{
	const char *prefix = arena_printf(in->arena, "%s/volumes/", in->data);
	size_t length;

	if (source == NULL || !text_starts(source, prefix))
		return NULL;
	source += strlen(prefix);
	length = strcspn(source, "/");
	return strcmp(source + length, "/_data") == 0 ? arena_text(in->arena, source, length)
	                                              : NULL;
}

/* What the engine mounts of itself: /dev/shm, and files of /etc. */
static bool is_own(const struct inspection *in, const struct plan_mount *mount)
{
	if (mount->kind == PLAN_MOUNT_TMPFS)
		return strcmp(mount->target, "/dev/shm") == 0;
	return mount->source != NULL && text_starts(mount->target, "/etc/") &&
	       text_starts(mount->source, in->folder);
}

static void put_mounts(struct inspection *in, struct value *root)
{
	struct value *mounts = put(in, root, "Mounts", value_new_array(in->arena));

	for (size_t i = 0; i < in->plan.mount_count; i++) {
		const struct plan_mount *mount = &in->plan.mounts[i];
		const char *name = volume_name(in, mount->source);
		struct value *row;

		if ((mount->kind != PLAN_MOUNT_BIND && mount->kind != PLAN_MOUNT_TMPFS) ||
		    is_own(in, mount))
			continue;
		row = value_append(in->arena, mounts, value_new_object(in->arena));
		put_text(in, row, "Type",
		         mount->kind == PLAN_MOUNT_TMPFS ? "tmpfs"
		         : name != NULL                  ? "volume"
		                                         : "bind");
		if (name != NULL)
			put_text(in, row, "Name", name);
		put_text(in, row, "Source", mount->source);
		put_text(in, row, "Destination", mount->target);
		put_text(in, row, "Mode", mount->options);
		put_flag(in, row, "RW", (mount->attributes & MOUNT_ATTR_RDONLY) == 0);
		put_text(in, row, "Propagation", "rprivate");
	}
}

static void put_network(struct inspection *in, struct value *root)
{
	struct value *settings = put(in, root, "NetworkSettings", value_new_object(in->arena));
	struct value *ports = put(in, settings, "Ports", value_new_object(in->arena));
	const struct value *rows = in->container.details->published;

	for (size_t i = 0; rows != NULL && rows->kind == VALUE_ARRAY && i < rows->count; i++) {
		const struct value *row = rows->items[i];
		const char *address = value_string(value_get(row, "address"), "");
		const char *key =
		        arena_printf(in->arena, "%lld/%s",
		                     (long long)value_integer(value_get(row, "container"), 0),
		                     value_boolean(value_get(row, "udp"), false) ? "udp" : "tcp");
		struct value *list = put(in, ports, key, value_new_array(in->arena));
		struct value *binding = value_append(in->arena, list, value_new_object(in->arena));

		put_text(in, binding, "HostIp", address[0] == '\0' ? "0.0.0.0" : address);
		put_text(in, binding, "HostPort",
		         arena_printf(in->arena, "%lld",
		                      (long long)value_integer(value_get(row, "host"), 0)));
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
	enforced = put(in, cordon, "Enforced", value_copy(in->arena, recorded));
	for (size_t i = 0; i < ARRAY_SIZE(sets); i++)
		put(in, enforced, sets[i],
		    capability_names(in, (uint64_t)value_integer(value_get(recorded, sets[i]), 0)));
}

static void put_cordon(struct inspection *in, struct value *root)
{
	struct value *cordon = put(in, root, "Cordon", value_new_object(in->arena));
	_cleanup_text struct text printed = {};
	struct value *lines;
	char *save = NULL;

	put_text(in, cordon, "Profile",
	         value_string(value_get(in->container.record, "profile"), ""));
	put_text(in, cordon, "Notes", value_string(value_get(in->container.record, "notes"), ""));
	put_text(in, cordon, "Skipped", in->container.details->skipped);
	put_enforced(in, cordon);
	put(in, cordon, "LeftOut", record_strings(in->arena, &in->plan.confinement.left_out));
	put_number(in, cordon, "FilterInstructions", (int64_t)in->plan.confinement.filter.count);
	lines = put(in, cordon, "Plan", value_new_array(in->arena));
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

	put_text(in, root, "Id", in->container.id);
	put_text(in, root, "Created", time_text(in->arena, in->container.details->created));
	put_text(in, root, "Path", words->count > 0 ? words->items[0] : "");
	arguments = put(in, root, "Args", value_new_array(in->arena));
	for (size_t i = 1; i < words->count; i++)
		value_append(in->arena, arguments, value_new_string(in->arena, words->items[i]));
	put_state(in, root);
	put_text(in, root, "Image",
	         image_id[0] == '\0' ? "" : arena_printf(in->arena, "sha256:%s", image_id));
	put_text(in, root, "ImageName", in->container.image);
	/* They are in a tmpfs of the container's own: there is no path outside. */
	put_text(in, root, "ResolvConfPath", "");
	put_text(in, root, "HostnamePath", "");
	put_text(in, root, "HostsPath", "");
	put_text(in, root, "LogPath", arena_printf(in->arena, "%s/log", in->folder));
	put_text(in, root, "Name", arena_printf(in->arena, "/%s", in->container.name));
	put_number(in, root, "RestartCount", 0);
	put_text(in, root, "Driver", "overlay");
	put_host_config(in, root);
	put_mounts(in, root);
	put_config(in, root);
	put_network(in, root);
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
