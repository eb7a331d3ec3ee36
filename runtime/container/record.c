#include "runtime/container/record.h"

#include "runtime/container/mounts.h"
#include "sandbox/base/utf8.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"

#include <fcntl.h>
#include <string.h>

enum { PLAN_MAX = 16 << 20, RECORD_MAX = 8 << 20 };

static const char narrowed_name[] = "narrowed";

/* Words of a command line are bytes; a record that is no UTF-8 could not be read back. */
static struct value *text_value(struct arena *arena, const char *bytes)
{
	_cleanup_text struct text text = {};

	utf8_append(&text, bytes, strlen(bytes));
	return value_new_string(arena, text_string(&text));
}

struct value *record_strings(struct arena *arena, const struct plan_strings *strings)
{
	struct value *array = value_new_array(arena);

	for (size_t i = 0; i < strings->count; i++)
		value_append(arena, array, text_value(arena, strings->items[i]));
	return array;
}

void record_put(struct arena *arena, struct value *object, const char *key, const char *text)
{
	value_set(arena, object, key, text_value(arena, text == NULL ? "" : text));
}

/* ---- ports ---- */

static struct value *ports_value(struct arena *arena, const struct network_plan *network)
{
	struct value *array = value_new_array(arena);

	for (size_t i = 0; i < network->port_count; i++) {
		const struct network_port *port = &network->ports[i];
		struct value *row = value_append(arena, array, value_new_object(arena));

		record_put(arena, row, "address", port->address);
		value_set(arena, row, "host", value_new_integer(arena, port->host));
		value_set(arena, row, "container", value_new_integer(arena, port->container));
		value_set(arena, row, "udp", value_new_boolean(arena, port->udp));
	}
	return array;
}

static const char *ports_text(struct arena *arena, const struct network_plan *network)
{
	_cleanup_text struct text text = {};

	for (size_t i = 0; i < network->port_count; i++) {
		const struct network_port *port = &network->ports[i];
		bool six = strchr(port->address, ':') != NULL;

		text_printf(&text, "%s%s%s%s:%u->%u/%s", i == 0 ? "" : ", ", six ? "[" : "",
		            port->address[0] == '\0' ? "0.0.0.0" : port->address, six ? "]" : "",
		            port->host, port->container, port->udp ? "udp" : "tcp");
	}
	return arena_strdup(arena, text_string(&text));
}

void record_ports(struct state *state, struct arena *arena, const struct network_plan *network)
{
	state->ports = ports_text(arena, network);
	state->published = ports_value(arena, network);
}

static struct network_port *read_ports(size_t *count, struct arena *arena, const struct value *rows)
{
	struct network_port *ports;

	*count = rows == NULL || rows->kind != VALUE_ARRAY ? 0 : rows->count;
	ports = arena_array(arena, *count, sizeof *ports);
	for (size_t i = 0; i < *count; i++) {
		const struct value *row = rows->items[i];

		snprintf(ports[i].address, sizeof ports[i].address, "%s",
		         value_string(value_get(row, "address"), ""));
		ports[i].host = (uint16_t)value_integer(value_get(row, "host"), 0);
		ports[i].container = (uint16_t)value_integer(value_get(row, "container"), 0);
		ports[i].udp = value_boolean(value_get(row, "udp"), false);
	}
	return ports;
}

void record_read_network(struct network_plan *ret, struct arena *arena, const struct value *record)
{
	const struct value *dns = value_get(record, "dns");
	struct plan_strings *list;

	*ret = (struct network_plan){
		.host_loopback = value_boolean(value_get(record, "host_loopback"), false),
	};
	ret->ports = read_ports(&ret->port_count, arena, value_get(record, "ports"));
	if (dns == NULL || dns->kind != VALUE_ARRAY || dns->count == 0)
		return;
	list = arena_alloc(arena, sizeof *list);
	for (size_t i = 0; i < dns->count; i++)
		launch_append(arena, list, value_string(dns->items[i], ""));
	ret->dns = list;
}

/* ---- the record ---- */

static struct value *add_labels(struct arena *arena, struct value *object,
                                const struct plan_strings *labels)
{
	for (size_t i = 0; i < labels->count; i++) {
		const char *label = labels->items[i];
		size_t length = strcspn(label, "=");
		_cleanup_text struct text key = {};

		utf8_append(&key, label, length);
		record_put(arena, object, arena_strdup(arena, text_string(&key)),
		           label[length] == '=' ? label + length + 1 : "");
	}
	return object;
}

/* The image's, and over them those that were given. */
static struct value *labels_value(struct arena *arena, const struct launch *launch)
{
	struct value *object = value_new_object(arena);

	if (launch->image != NULL)
		add_labels(arena, object, &launch->image->config.labels);
	return add_labels(arena, object, &launch->request->labels);
}

/* In Docker's words. */
static struct value *mounts_value(struct arena *arena, const struct run_request *request)
{
	static const char *const kinds[] = { "bind", "volume", "tmpfs" };
	struct value *array = value_new_array(arena);

	for (size_t i = 0; i < request->mount_count; i++) {
		const struct mount_request *mount = &request->mounts[i];
		struct value *row = value_append(arena, array, value_new_object(arena));

		record_put(arena, row, "Type", kinds[mount->kind]);
		record_put(arena, row, "Source", mount->source);
		record_put(arena, row, "Target", mount->target);
		record_put(arena, row, "Options", mount->options);
	}
	return array;
}

static void put_lists(struct arena *arena, struct value *record, const struct launch *launch)
{
	static const struct image_config none = {};
	const struct run_request *request = launch->request;
	const struct image_config *config = launch->image == NULL ? &none : &launch->image->config;
	const struct {
		const char *key;
		const struct plan_strings *strings;
	} lists[] = {
		{ "volumes", &request->volumes },
		{ "tmpfs", &request->tmpfs },
		{ "dns", &request->dns },
		{ "dns_search", &request->dns_search },
		{ "dns_options", &request->dns_options },
		{ "hosts", &request->hosts },
		{ "devices", &request->devices },
		{ "expose", &request->expose },
		{ "groups", &request->groups },
		{ "cap_add", &request->flags.cap_add },
		{ "cap_drop", &request->flags.cap_drop },
		{ "command", request->command.count > 0 || request->entrypoint_given
		                     ? &request->command
		                     : &config->command },
		{ "entrypoint",
		  request->entrypoint_given ? &request->entrypoint : &config->entrypoint },
		{ "exposed", &config->exposed },
	};

	for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
		if (lists[i].strings->count > 0)
			value_set(arena, record, lists[i].key,
			          record_strings(arena, lists[i].strings));
}

static struct value *record_value(struct arena *arena, const struct launch *launch,
                                  const struct plan *plan)
{
	const struct run_request *request = launch->request;
	const struct image *image = launch->image;
	struct value *record = value_new_object(arena);

	record_put(arena, record, "id", launch->id);
	record_put(arena, record, "name", launch->name);
	record_put(arena, record, "image", image == NULL ? launch->rootfs : image->reference);
	record_put(arena, record, "image_id", image == NULL ? "" : image->id);
	record_put(arena, record, "image_digest", image == NULL ? "" : image->digest);
	record_put(arena, record, "profile", plan->confinement.profile);
	if (plan->confinement.attached != NULL)
		record_put(arena, record, "image_profile", plan->confinement.attached);
	record_put(arena, record, "network", launch->network_mode);
	value_set(arena, record, "ports", ports_value(arena, &launch->network));
	value_set(arena, record, "host_loopback",
	          value_new_boolean(arena, launch->network.host_loopback));
	value_set(arena, record, "interactive", value_new_boolean(arena, request->interactive));
	value_set(arena, record, "remove", value_new_boolean(arena, request->remove));
	record_put(arena, record, "notes", text_string(launch->notes));
	if (request->pidfile != NULL)
		record_put(arena, record, "pidfile", request->pidfile);
	value_set(arena, record, "publish_all", value_new_boolean(arena, request->publish_all));
	value_set(arena, record, "labels", labels_value(arena, launch));
	value_set(arena, record, "annotations",
	          add_labels(arena, value_new_object(arena), &request->annotations));
	if (request->mount_count > 0)
		value_set(arena, record, "mounts", mounts_value(arena, request));
	put_lists(arena, record, launch);
	return record;
}

/* ---- files ---- */

struct writer {
	int dir;
	bool durable;
	struct error *err;
};

/* Nobody reads them before the state is there: no rename is needed for a file to be whole. */
static int write_text(const struct writer *writer, const char *name, const struct text *text,
                      mode_t mode)
{
	_cleanup_fd int fd = openat(writer->dir, name,
	                            O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);

	if (fd < 0 || io_write_all(fd, text_string(text), text->length) < 0 ||
	    (writer->durable && fsync(fd) < 0))
		return error_set(writer->err, errno, "cannot write the container's %s", name);
	return 0;
}

int record_write(const struct folder *folder, struct arena *arena, const struct launch *launch,
                 const struct plan *plan, struct error *err)
{
	const struct writer writer = { folder->dir, !launch->request->remove, err };
	_cleanup_text struct text record = {}, encoded = {};

	value_encode(&record, record_value(arena, launch, plan), VALUE_COMPACT);
	plan_encode(&encoded, plan);
	if (write_text(&writer, "record.json", &record, 0600) < 0)
		return -1;
	return write_text(&writer, "plan", &encoded, 0600);
}

static const char *command_text(struct arena *arena, const struct plan_strings *arguments)
{
	_cleanup_text struct text text = {};

	for (size_t i = 0; i < arguments->count; i++) {
		text_append(&text, i == 0 ? "" : " ");
		utf8_append(&text, arguments->items[i], strlen(arguments->items[i]));
	}
	return arena_strdup(arena, text_string(&text));
}

/* Volumes and binds, as ps and its filter want them: the volume's name or the source on the host,
 * and the place in the container. */
static struct value *mounted_value(struct arena *arena, const struct launch *launch,
                                   const struct plan *plan)
{
	struct value *rows = value_new_array(arena);

	for (size_t i = 0; i < plan->mount_count; i++) {
		const struct plan_mount *mount = &plan->mounts[i];
		const char *volume;
		struct value *row;

		if (mount->kind != PLAN_MOUNT_BIND || mounts_is_own(launch->folder, mount))
			continue;
		volume = mounts_volume(arena, launch->paths->data, mount->source);
		row = value_append(arena, rows, value_new_object(arena));
		record_put(arena, row, volume == NULL ? "source" : "volume",
		           volume == NULL ? mount->source : volume);
		record_put(arena, row, "target", mount->target);
	}
	return rows->count == 0 ? NULL : rows;
}

void record_state(struct state *ret, struct arena *arena, const struct launch *launch,
                  const struct plan *plan)
{
	const struct run_request *request = launch->request;

	*ret = (struct state){
		.status = CONTAINER_CREATED,
		.name = launch->name,
		.image = launch->image == NULL ? launch->rootfs : launch->image->reference,
		.image_id = launch->image == NULL ? "" : launch->image->id,
		.command = command_text(arena, &plan->process.arguments),
		.created = state_now(),
		.stop_signal = plan->process.stop_signal,
		.stop_timeout = request->stop_timeout,
		.stop_timeout_given = request->stop_timeout_given,
		.remove = request->remove,
		.terminal = request->terminal,
		.interactive = request->interactive,
		.cgroup = plan->cgroup,
		.labels = labels_value(arena, launch),
		.anonymous = record_strings(arena, &launch->anonymous),
		.network = launch->network_mode,
		.mounts = mounted_value(arena, launch, plan),
	};
	record_ports(ret, arena, &launch->network);
}

/* ---- reading ---- */

static int damaged(const char *what, struct error *err)
{
	error_prefix(err, "the container's %s is damaged", what);
	return error_hint(err, "remove the container (cordon rm) and run it anew");
}

/* 1, 0 where there is none, -1 */
static int read_plan(struct plan *ret, struct arena *arena, int dir, const char *name,
                     struct error *err)
{
	_cleanup_text struct text encoded = {};
	int found = io_read_file(&encoded, dir, name, PLAN_MAX, err);

	if (found < 0 ||
	    (found > 0 && plan_decode(ret, arena, text_string(&encoded), encoded.length, err) < 0))
		return damaged("plan", err);
	return found;
}

int record_read_made(struct plan *ret, struct arena *arena, int dir, struct error *err)
{
	int found = read_plan(ret, arena, dir, "plan", err);

	if (found != 0)
		return found < 0 ? -1 : 0;
	error_set(err, ENOENT, "plan");
	return damaged("plan", err);
}

int record_read_plan(struct plan *ret, struct arena *arena, int dir, struct error *err)
{
	int found = read_plan(ret, arena, dir, narrowed_name, err);

	return found == 0 ? record_read_made(ret, arena, dir, err) : found < 0 ? -1 : 0;
}

int record_write_narrowed(int dir, const struct plan *plan, struct error *err)
{
	_cleanup_text struct text encoded = {};

	if (plan == NULL)
		return unlinkat(dir, narrowed_name, 0) == 0 || errno == ENOENT
		               ? 0
		               : error_set(err, errno, "cannot remove the container's %s",
		                           narrowed_name);
	plan_encode(&encoded, plan);
	return io_replace_file(dir, narrowed_name, text_string(&encoded), encoded.length,
	                       IO_DURABLE, err);
}

struct value *record_read(struct arena *arena, int dir, struct error *err)
{
	_cleanup_text struct text text = {};
	struct value *record = NULL;
	int found = io_read_file(&text, dir, "record.json", RECORD_MAX, err);

	if (found == 0)
		error_set(err, ENOENT, "record.json");
	if (found <= 0 || value_decode_kept(&record, arena, "record.json", &text, err) < 0)
		damaged("record", err);
	return record;
}
