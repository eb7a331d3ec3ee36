/*
 * inspect_config: Config, HostConfig and NetworkSettings: what was asked for and what is published,
 * under Docker's names. A member that Docker has and that is not here is something cordon does not
 * keep; one that can only have one value here has that value.
 */
#include "runtime/container/inspect.h"

#include "runtime/container/record.h"
#include "runtime/container/state.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/limit.h"

#include <string.h>

enum { EXPOSED_SHOWN = 1024 };

struct value *inspect_put(struct inspection *in, struct value *object, const char *key,
                          struct value *item)
{
	return value_set(in->arena, object, key, item);
}

void inspect_text(struct inspection *in, struct value *object, const char *key, const char *text)
{
	inspect_put(in, object, key, value_new_string(in->arena, text == NULL ? "" : text));
}

void inspect_number(struct inspection *in, struct value *object, const char *key, int64_t number)
{
	inspect_put(in, object, key, value_new_integer(in->arena, number));
}

void inspect_flag(struct inspection *in, struct value *object, const char *key, bool flag)
{
	inspect_put(in, object, key, value_new_boolean(in->arena, flag));
}

void inspect_list(struct inspection *in, struct value *object, const char *key, const char *name)
{
	const struct value *list = value_get(in->container.record, name);

	inspect_put(in, object, key,
	            list == NULL ? value_new_array(in->arena) : value_copy(in->arena, list));
}

/* A list of the record's, NULL where it has none: it may be damaged. */
static const struct value *rows_of(const struct inspection *in, const char *name)
{
	const struct value *rows = value_get(in->container.record, name);

	return rows != NULL && rows->kind == VALUE_ARRAY ? rows : NULL;
}

/* ---- Config ---- */

static const char *signal_text(struct arena *arena, int number)
{
	const char *name = sigabbrev_np(number);

	return name == NULL ? arena_printf(arena, "%d", number)
	                    : arena_printf(arena, "SIG%s", name);
}

static void put_object(struct inspection *in, struct value *object, const char *key,
                       const struct value *item)
{
	inspect_put(in, object, key,
	            item == NULL ? value_new_object(in->arena) : value_copy(in->arena, item));
}

/* "80/tcp", "53/udp" */
static const char *port_key(struct inspection *in, int64_t port, bool udp)
{
	return arena_printf(in->arena, "%lld/%s", (long long)port, udp ? "udp" : "tcp");
}

static const char *row_key(struct inspection *in, const struct value *row)
{
	return port_key(in, value_integer(value_get(row, "container"), 0),
	                value_boolean(value_get(row, "udp"), false));
}

/* The exposed ports as members of an object, each a copy of `item`; a range is its ports. */
static void put_exposed(struct inspection *in, struct value *ports, const struct value *item)
{
	static const char *const lists[] = { "exposed", "expose" };
	struct network_port *exposed = NULL;
	struct error ignored;
	size_t count = 0;

	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		const struct value *list = rows_of(in, lists[i]);

		for (size_t j = 0; list != NULL && j < list->count; j++)
			if (network_port_parse(&exposed, &count, in->arena,
			                       value_string(list->items[j], ""), &ignored) < 0)
				continue; /* the image's word: no port, nothing to show */
	}
	/* an image may expose all of them */
	for (size_t i = 0; i < count && i < EXPOSED_SHOWN; i++)
		inspect_put(in, ports, port_key(in, exposed[i].container, exposed[i].udp),
		            value_copy(in->arena, item));
}

static void put_ports_exposed(struct inspection *in, struct value *config)
{
	struct value *ports = inspect_put(in, config, "ExposedPorts", value_new_object(in->arena));
	const struct value *rows = rows_of(in, "ports");
	const struct value *nothing = value_new_object(in->arena);

	put_exposed(in, ports, nothing);
	for (size_t i = 0; rows != NULL && i < rows->count; i++)
		inspect_put(in, ports, row_key(in, rows->items[i]), value_copy(in->arena, nothing));
}

void inspect_config(struct inspection *in, struct value *root)
{
	struct value *config = inspect_put(in, root, "Config", value_new_object(in->arena));
	const struct plan_process *process = &in->plan.process;
	const struct state *state = in->container.details;

	inspect_text(in, config, "Hostname", in->plan.hostname);
	inspect_text(in, config, "Domainname", "");
	inspect_text(in, config, "User", process->user);
	inspect_flag(in, config, "AttachStdin", state->interactive);
	inspect_flag(in, config, "AttachStdout", true);
	inspect_flag(in, config, "AttachStderr", true);
	put_ports_exposed(in, config);
	inspect_flag(in, config, "Tty", process->terminal);
	inspect_flag(in, config, "OpenStdin", state->interactive);
	inspect_flag(in, config, "StdinOnce", false);
	inspect_put(in, config, "Env", record_strings(in->arena, &process->environment));
	inspect_list(in, config, "Cmd", "command");
	inspect_list(in, config, "Entrypoint", "entrypoint");
	inspect_text(in, config, "Image", in->container.image);
	inspect_text(in, config, "WorkingDir", process->directory);
	inspect_put(in, config, "OnBuild", value_new_null(in->arena));
	put_object(in, config, "Labels", in->container.labels);
	inspect_text(in, config, "StopSignal", signal_text(in->arena, process->stop_signal));
	inspect_put(in, config, "StopTimeout",
	            state->stop_timeout_given ? value_new_integer(in->arena, state->stop_timeout)
	                                      : value_new_null(in->arena));
}

/* ---- HostConfig ---- */

static struct value *binding(struct inspection *in, const struct value *row, const char *address)
{
	struct value *object = value_new_object(in->arena);
	const char *given = value_string(value_get(row, "address"), "");
	long long host = (long long)value_integer(value_get(row, "host"), 0);

	inspect_text(in, object, "HostIp", given[0] == '\0' ? address : given);
	inspect_text(in, object, "HostPort",
	             host == 0 ? "" : arena_printf(in->arena, "%lld", host));
	return object;
}

/* Lists of bindings by port; `address` stands for all addresses. */
static void put_bindings(struct inspection *in, struct value *ports, const struct value *rows,
                         const char *address)
{
	for (size_t i = 0; rows != NULL && rows->kind == VALUE_ARRAY && i < rows->count; i++) {
		const char *key = row_key(in, rows->items[i]);
		struct value *list = NULL;

		for (size_t j = 0; j < ports->count; j++)
			if (strcmp(ports->items[j]->key, key) == 0)
				list = ports->items[j];
		if (list == NULL || list->kind != VALUE_ARRAY)
			list = inspect_put(in, ports, key, value_new_array(in->arena));
		value_append(in->arena, list, binding(in, rows->items[i], address));
	}
}

/* --tmpfs: options by place. */
static void put_tmpfs(struct inspection *in, struct value *config)
{
	struct value *object = inspect_put(in, config, "Tmpfs", value_new_object(in->arena));
	const struct value *list = rows_of(in, "tmpfs");

	for (size_t i = 0; list != NULL && i < list->count; i++) {
		const char *spec = value_string(list->items[i], "");
		size_t length = strcspn(spec, ":");

		inspect_text(in, object, arena_text(in->arena, spec, length),
		             spec[length] == ':' ? spec + length + 1 : "");
	}
}

static void put_limits(struct inspection *in, struct value *config)
{
	struct value *list = inspect_put(in, config, "Ulimits", value_new_array(in->arena));
	const struct confinement *confinement = &in->plan.confinement;

	for (size_t i = 0; i < confinement->limit_count; i++) {
		const struct plan_limit *limit = &confinement->limits[i];
		struct value *row = value_append(in->arena, list, value_new_object(in->arena));

		/* infinity is the largest number there, and -1 here */
		inspect_text(in, row, "Name", limit_names[limit->resource]);
		inspect_number(in, row, "Hard", (int64_t)limit->hard);
		inspect_number(in, row, "Soft", (int64_t)limit->soft);
	}
}

static void put_masks(struct inspection *in, struct value *config, const char *key,
                      enum plan_mask_kind kind)
{
	struct value *list = inspect_put(in, config, key, value_new_array(in->arena));
	const struct confinement *confinement = &in->plan.confinement;

	for (size_t i = 0; i < confinement->mask_count; i++)
		if (confinement->masks[i].kind == kind)
			value_append(in->arena, list,
			             value_new_string(in->arena, confinement->masks[i].path));
}

/* "size=64m" of the row for /dev/shm. */
static int64_t shm_size(const struct inspection *in)
{
	uint64_t size = 0;

	for (size_t i = 0; i < in->plan.mount_count; i++) {
		const struct plan_mount *mount = &in->plan.mounts[i];
		const char *option =
		        mount->options == NULL ? NULL : strstr(mount->options, "size=");

		if (strcmp(mount->target, "/dev/shm") == 0 && option != NULL &&
		    !text_to_bytes(&size, option + 5))
			size = 0;
	}
	return (int64_t)size;
}

static void put_resources(struct inspection *in, struct value *config)
{
	const struct plan_resources *resources = &in->plan.confinement.resources;

	inspect_number(in, config, "ShmSize", shm_size(in));
	inspect_number(in, config, "Memory", (int64_t)resources->memory);
	inspect_number(in, config, "NanoCpus", (int64_t)resources->cpu_quota * 10000);
	inspect_number(in, config, "PidsLimit", (int64_t)resources->pids);
	inspect_text(in, config, "CgroupParent", in->container.details->cgroup);
	put_limits(in, config);
}

static void put_modes(struct inspection *in, struct value *config)
{
	const struct {
		const char *key, *mode;
	} modes[] = {
		{ "NetworkMode", value_string(value_get(in->container.record, "network"), "") },
		{ "CgroupnsMode", "private" },
		{ "IpcMode", in->plan.host_ipc ? "host" : "private" },
		{ "PidMode", in->plan.host_pid ? "host" : "" },
		{ "UTSMode", in->plan.host_uts ? "host" : "" },
		{ "UsernsMode", "private" },
		{ "Runtime", "cordon" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(modes); i++)
		inspect_text(in, config, modes[i].key, modes[i].mode);
}

void inspect_host_config(struct inspection *in, struct value *root)
{
	static const char *const lists[][2] = {
		{ "Binds", "volumes" },        { "Mounts", "mounts" },
		{ "CapAdd", "cap_add" },       { "CapDrop", "cap_drop" },
		{ "GroupAdd", "groups" },      { "Dns", "dns" },
		{ "DnsSearch", "dns_search" }, { "DnsOptions", "dns_options" },
		{ "ExtraHosts", "hosts" },     { "Devices", "devices" },
	};
	struct value *config = inspect_put(in, root, "HostConfig", value_new_object(in->arena));
	const struct value *record = in->container.record;
	struct value *ports;

	put_modes(in, config);
	inspect_flag(in, config, "AutoRemove", in->container.details->remove);
	inspect_flag(in, config, "ReadonlyRootfs", in->plan.root.read_only);
	inspect_flag(in, config, "Privileged", false);
	inspect_flag(in, config, "PublishAllPorts",
	             value_boolean(value_get(record, "publish_all"), false));
	inspect_flag(in, config, "Init", in->plan.process.init);
	put_resources(in, config);
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
		inspect_list(in, config, lists[i][0], lists[i][1]);
	put_tmpfs(in, config);
	ports = inspect_put(in, config, "PortBindings", value_new_object(in->arena));
	put_bindings(in, ports, value_get(record, "ports"), "");
	put_object(in, config, "Annotations", value_get(record, "annotations"));
	put_masks(in, config, "MaskedPaths", PLAN_MASK_HIDE);
	put_masks(in, config, "ReadonlyPaths", PLAN_MASK_READ_ONLY);
}

/* ---- NetworkSettings ---- */

/* As Docker has it, a port that is exposed and not published is null. */
void inspect_network(struct inspection *in, struct value *root)
{
	struct value *settings =
	        inspect_put(in, root, "NetworkSettings", value_new_object(in->arena));
	struct value *ports = inspect_put(in, settings, "Ports", value_new_object(in->arena));

	if (in->container.details->status == CONTAINER_RUNNING)
		put_exposed(in, ports, value_new_null(in->arena));
	put_bindings(in, ports, in->container.details->published, "0.0.0.0");
}
