#include "runtime/container/record.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"

#include <fcntl.h>
#include <string.h>
#include <time.h>

enum { PLAN_MAX = 16 << 20 };

struct value *record_strings(struct arena *arena, const struct plan_strings *strings)
{
	struct value *array = value_new_array(arena);

	for (size_t i = 0; i < strings->count; i++)
		value_append(arena, array, value_new_string(arena, strings->items[i]));
	return array;
}

static void set(struct arena *arena, struct value *object, const char *key, const char *text)
{
	value_set(arena, object, key, value_new_string(arena, text == NULL ? "" : text));
}

static struct value *ports_value(struct arena *arena, const struct network_plan *network)
{
	struct value *array = value_new_array(arena);

	for (size_t i = 0; i < network->port_count; i++) {
		const struct network_port *port = &network->ports[i];
		struct value *row = value_append(arena, array, value_new_object(arena));

		set(arena, row, "address", port->address);
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
		const char *address = port->address[0] == '\0' ? "0.0.0.0" : port->address;

		text_printf(&text, "%s%s:%u->%u/%s", i == 0 ? "" : ", ", address, port->host,
		            port->container, port->udp ? "udp" : "tcp");
	}
	return arena_strdup(arena, text_string(&text));
}

static struct value *labels_value(struct arena *arena, const struct plan_strings *labels)
{
	struct value *object = value_new_object(arena);

	for (size_t i = 0; i < labels->count; i++) {
		const char *equals = strchr(labels->items[i], '=');
		size_t length = equals == NULL ? strlen(labels->items[i])
		                               : (size_t)(equals - labels->items[i]);

		value_set(arena, object, arena_text(arena, labels->items[i], length),
		          value_new_string(arena, equals == NULL ? "" : equals + 1));
	}
	return object;
}

static int write_text(int dir, const char *name, const struct text *text, mode_t mode,
                      struct error *err)
{
	/* the folder is still temporary: no rename is needed for a file to be whole */
	_cleanup_fd int fd =
	        openat(dir, name, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, mode);

	if (fd < 0 || io_write_all(fd, text_string(text), text->length) < 0)
		return error_set(err, errno, "cannot write the container's %s", name);
	return 0;
}

static int write_files(int dir, const struct launch *launch, const struct plan *plan,
                       struct error *err)
{
	_cleanup_text struct text resolv = {}, hosts = {}, hostname = {};
	const char *name = plan->hostname == NULL ? "" : plan->hostname;

	network_resolv_conf(&resolv, launch->network_mode, &launch->network);
	network_hosts(&hosts, launch->network_mode, name);
	text_printf(&hostname, "%s\n", name);
	if (write_text(dir, "resolv.conf", &resolv, 0644, err) < 0 ||
	    write_text(dir, "hosts", &hosts, 0644, err) < 0)
		return -1;
	return write_text(dir, "hostname", &hostname, 0644, err);
}

static struct value *record_value(struct arena *arena, const struct launch *launch,
                                  const struct plan *plan, const char *notes)
{
	const struct run_request *request = launch->request;
	struct value *record = value_new_object(arena);

	set(arena, record, "id", launch->id);
	set(arena, record, "name", launch->name);
	set(arena, record, "image",
	    request->rootfs != NULL ? request->rootfs : launch->image->reference);
	set(arena, record, "image_id", launch->image == NULL ? "" : launch->image->id);
	set(arena, record, "image_digest", launch->image == NULL ? "" : launch->image->digest);
	value_set(arena, record, "created", value_new_integer(arena, time(NULL)));
	set(arena, record, "profile", plan->confinement.profile);
	set(arena, record, "network", launch->network_mode);
	value_set(arena, record, "ports", ports_value(arena, &launch->network));
	value_set(arena, record, "host_loopback",
	          value_new_boolean(arena, launch->network.host_loopback));
	value_set(arena, record, "labels", labels_value(arena, &request->labels));
	value_set(arena, record, "interactive", value_new_boolean(arena, request->interactive));
	value_set(arena, record, "remove", value_new_boolean(arena, request->remove));
	value_set(arena, record, "volumes", record_strings(arena, &request->volumes));
	value_set(arena, record, "dns", record_strings(arena, &request->dns));
	value_set(arena, record, "cap_add", record_strings(arena, &request->flags.cap_add));
	value_set(arena, record, "cap_drop", record_strings(arena, &request->flags.cap_drop));
	set(arena, record, "notes", notes);
	return record;
}

int record_write(const struct folder *folder, struct arena *arena, const struct launch *launch,
                 const struct plan *plan, const char *notes, struct error *err)
{
	_cleanup_text struct text text = {}, encoded = {};

	value_encode(&text, record_value(arena, launch, plan, notes), VALUE_COMPACT);
	plan_encode(&encoded, plan);
	if (write_text(folder->dir, "record.json", &text, 0600, err) < 0 ||
	    write_text(folder->dir, "plan", &encoded, 0600, err) < 0)
		return -1;
	return write_files(folder->dir, launch, plan, err);
}

static const char *command_text(struct arena *arena, const struct plan_strings *arguments)
{
	_cleanup_text struct text text = {};

	for (size_t i = 0; i < arguments->count; i++)
		text_printf(&text, "%s%s", i == 0 ? "" : " ", arguments->items[i]);
	return arena_strdup(arena, text_string(&text));
}

struct value *record_state(struct arena *arena, const struct launch *launch,
                           const struct plan *plan)
{
	struct value *state = value_new_object(arena);

	set(arena, state, "status", state_status_name(CONTAINER_CREATED));
	set(arena, state, "name", launch->name);
	set(arena, state, "image",
	    launch->request->rootfs != NULL ? launch->request->rootfs : launch->image->reference);
	set(arena, state, "image_id", launch->image == NULL ? "" : launch->image->id);
	set(arena, state, "command", command_text(arena, &plan->process.arguments));
	set(arena, state, "ports", ports_text(arena, &launch->network));
	value_set(arena, state, "created", value_new_integer(arena, time(NULL)));
	value_set(arena, state, "stop_signal", value_new_integer(arena, plan->process.stop_signal));
	value_set(arena, state, "terminal", value_new_boolean(arena, plan->process.terminal));
	value_set(arena, state, "labels", labels_value(arena, &launch->request->labels));
	value_set(arena, state, "anonymous", record_strings(arena, &launch->anonymous));
	return state;
}

static void read_ports(struct network_plan *network, struct arena *arena,
                       const struct value *record)
{
	const struct value *ports = value_get(record, "ports"), *dns = value_get(record, "dns");

	network->host_loopback = value_boolean(value_get(record, "host_loopback"), false);
	if (dns != NULL && dns->kind == VALUE_ARRAY && dns->count > 0) {
		network->dns = arena_alloc(arena, sizeof *network->dns);
		for (size_t i = 0; i < dns->count; i++)
			launch_append(arena, network->dns, value_string(dns->items[i], ""));
	}
	if (ports == NULL || ports->kind != VALUE_ARRAY)
		return;
	network->ports = arena_array(arena, ports->count, sizeof *network->ports);
	for (size_t i = 0; i < ports->count; i++) {
		struct network_port *port = &network->ports[network->port_count++];

		snprintf(port->address, sizeof port->address, "%s",
		         value_string(value_get(ports->items[i], "address"), ""));
		port->host = (uint16_t)value_integer(value_get(ports->items[i], "host"), 0);
		port->container =
		        (uint16_t)value_integer(value_get(ports->items[i], "container"), 0);
		port->udp = value_boolean(value_get(ports->items[i], "udp"), false);
	}
}

int record_read(struct plan *plan, struct network_plan *network, struct arena *arena, int dir,
                struct error *err)
{
	_cleanup_text struct text encoded = {}, text = {};
	struct value *record;

	if (io_read_file(&encoded, dir, "plan", PLAN_MAX, err) < 0 ||
	    io_read_file(&text, dir, "record.json", PLAN_MAX, err) < 0)
		return -1;
	if (plan_decode(plan, arena, text_string(&encoded), encoded.length, err) < 0 ||
	    value_decode(&record, arena, "record.json", text_string(&text), text.length, err) < 0) {
		error_prefix(err, "the container's files are damaged");
		return error_hint(err, "remove the container (cordon rm) and run it anew");
	}
	read_ports(network, arena, record);
	return 0;
}
