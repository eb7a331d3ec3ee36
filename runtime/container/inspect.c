/*
 * inspect: a container as Docker's API shows it, and under "Cordon" what Docker has no word for:
 * the profile, what the kernel enforces, what was left out, and the plan in full.
 */
#include "runtime/container/record.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"

#include <string.h>
#include <sys/mount.h>
#include <time.h>

struct inspection {
	struct arena *arena;
	struct container container;
	struct plan plan;
	bool has_plan;
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

static const char *time_text(struct arena *arena, int64_t seconds)
{
	time_t when = (time_t)seconds;
	struct tm parts;

	if (seconds == 0)
		return "0001-01-01T00:00:00Z";
	gmtime_r(&when, &parts);
	return arena_printf(arena, "%04d-%02d-%02dT%02d:%02d:%02dZ", parts.tm_year + 1900,
	                    parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min,
	                    parts.tm_sec);
}

static void put_state(struct inspection *in, struct value *root)
{
	struct value *state = put(in, root, "State", value_new_object(in->arena));
	const struct container *container = &in->container;

	put_text(in, state, "Status", state_status_name(container->status));
	put_flag(in, state, "Running", container->status == CONTAINER_RUNNING);
	put_flag(in, state, "Paused", false);
	put_flag(in, state, "Restarting", false);
	put_flag(in, state, "OOMKilled", false);
	put_flag(in, state, "Dead", container->status == CONTAINER_DEAD);
	put_number(in, state, "Pid", container->status == CONTAINER_RUNNING ? container->pid : 0);
	put_number(in, state, "MonitorPid",
	           container->status == CONTAINER_RUNNING ? container->monitor : 0);
	put_number(in, state, "ExitCode", container->exit_status);
	put_text(in, state, "Error", value_string(value_get(container->state, "error"), ""));
	put_text(in, state, "StartedAt", time_text(in->arena, container->started));
	put_text(in, state, "FinishedAt", time_text(in->arena, container->finished));
}

static void put_config(struct inspection *in, struct value *root)
{
	struct value *config = put(in, root, "Config", value_new_object(in->arena));
	const struct plan_process *process = &in->plan.process;
	const struct value *labels = value_get(in->container.record, "labels");

	put_text(in, config, "Hostname", in->plan.hostname);
	put_text(in, config, "User", process->user);
	put_flag(in, config, "Tty", process->terminal);
	put_flag(in, config, "OpenStdin",
	         value_boolean(value_get(in->container.record, "interactive"), false));
	put(in, config, "Env", record_strings(in->arena, &process->environment));
	put(in, config, "Cmd", record_strings(in->arena, &process->arguments));
	put_text(in, config, "Image", in->container.image);
	put_text(in, config, "WorkingDir", process->directory);
	put(in, config, "Labels",
	    labels == NULL ? value_new_object(in->arena) : value_copy(in->arena, labels));
	put_text(in, config, "StopSignal",
	         arena_printf(in->arena, "SIG%s",
	                      sigabbrev_np(process->stop_signal) == NULL
	                              ? "TERM"
	                              : sigabbrev_np(process->stop_signal)));
}

static void put_host_config(struct inspection *in, struct value *root)
{
	static const char *const lists[][2] = { { "Binds", "volumes" },
		                                { "CapAdd", "cap_add" },
		                                { "CapDrop", "cap_drop" },
		                                { "Dns", "dns" } };
	struct value *config = put(in, root, "HostConfig", value_new_object(in->arena));

	put_text(in, config, "NetworkMode",
	         value_string(value_get(in->container.record, "network"), ""));
	put_flag(in, config, "AutoRemove",
	         value_boolean(value_get(in->container.record, "remove"), false));
	put_flag(in, config, "ReadonlyRootfs", in->plan.root.read_only);
	put_flag(in, config, "Privileged", false);
	put_flag(in, config, "Init", in->plan.process.init);
	put_number(in, config, "Memory", (int64_t)in->plan.confinement.resources.memory);
	put_number(in, config, "PidsLimit", (int64_t)in->plan.confinement.resources.pids);
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		const struct value *list = value_get(in->container.record, lists[i][1]);

		put(in, config, lists[i][0],
		    list == NULL ? value_new_array(in->arena) : value_copy(in->arena, list));
	}
}

static void put_mounts(struct inspection *in, struct value *root)
{
	struct value *mounts = put(in, root, "Mounts", value_new_array(in->arena));

	for (size_t i = 0; i < in->plan.mount_count; i++) {
		const struct plan_mount *mount = &in->plan.mounts[i];
		struct value *row;

		if (mount->kind != PLAN_MOUNT_BIND && mount->kind != PLAN_MOUNT_TMPFS)
			continue;
		if (mount->source != NULL && strstr(mount->source, in->container.id) != NULL &&
		    text_starts(mount->target, "/etc/"))
			continue; /* cordon's own files */
		row = value_append(in->arena, mounts, value_new_object(in->arena));
		put_text(in, row, "Type",
		         mount->kind == PLAN_MOUNT_TMPFS              ? "tmpfs"
		         : strstr(mount->source, "/volumes/") != NULL ? "volume"
		                                                      : "bind");
		put_text(in, row, "Source", mount->source);
		put_text(in, row, "Destination", mount->target);
		put_flag(in, row, "RW", (mount->attributes & MOUNT_ATTR_RDONLY) == 0);
	}
}

static void put_network(struct inspection *in, struct value *root)
{
	struct value *settings = put(in, root, "NetworkSettings", value_new_object(in->arena));
	struct value *ports = put(in, settings, "Ports", value_new_object(in->arena));
	const struct value *rows = value_get(in->container.record, "ports");

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
	const struct value *recorded = value_get(in->container.state, "enforced");
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

int container_inspect(struct value **ret, struct arena *arena, const struct paths *paths,
                      const char *name, struct error *err)
{
	struct inspection in = { .arena = arena };
	struct network_plan network = {};
	struct error ignored;
	struct value *root;
	int found = container_open(&in.container, arena, paths, name, err);

	if (found <= 0)
		return found < 0 ? -1 : error_set(err, 0, "no such container: %.200s", name);
	in.has_plan = record_read(&in.plan, &network, arena, in.container.dir, &ignored) == 0;
	root = value_new_object(arena);
	put_text(&in, root, "Id", in.container.id);
	put_text(&in, root, "Created", time_text(arena, in.container.created));
	put_text(&in, root, "Path",
	         in.plan.process.arguments.count > 0 ? in.plan.process.arguments.items[0] : "");
	put(&in, root, "Args", value_new_array(arena));
	for (size_t i = 1; i < in.plan.process.arguments.count; i++)
		value_append(arena, (struct value *)value_get(root, "Args"),
		             value_new_string(arena, in.plan.process.arguments.items[i]));
	put_state(&in, root);
	put_text(&in, root, "Image",
	         arena_printf(arena, "%s%s", in.container.image_id[0] == '\0' ? "" : "sha256:",
	                      in.container.image_id));
	put_text(&in, root, "ImageName", in.container.image);
	put_text(&in, root, "Name", arena_printf(arena, "/%s", in.container.name));
	put_text(&in, root, "LogPath",
	         arena_printf(arena, "%s/containers/%s/log", paths->data, in.container.id));
	put_host_config(&in, root);
	put_mounts(&in, root);
	put_config(&in, root);
	put_network(&in, root);
	put_cordon(&in, root);
	container_close(&in.container);
	*ret = root;
	return 0;
}
