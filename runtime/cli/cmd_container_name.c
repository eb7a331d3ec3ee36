/*
 * What a container is called, and where its ports are: rename, port.
 */
#include "runtime/cli/commands.h"
#include "runtime/cli/output.h"
#include "runtime/container/control.h"
#include "runtime/container/state.h"

#include "sandbox/base/text.h"

#include <stdlib.h>
#include <string.h>

static int rename_container(struct call *call, struct error *err)
{
	return container_rename(&call->paths, call->words[0], call->words[1], err);
}

const struct command command_rename = {
	.name = "rename",
	.group = GROUP_CONTAINER,
	.operands = "CONTAINER NAME",
	.summary = "Give a container another name",
	.needs = NEED_STATE,
	.least = 2,
	.most = 2,
	.failure = EXIT_FAILURE,
	.run = rename_container,
	.details = "Its hostname, where it was made from nothing but its id, stays as it was.",
};

/* ---- port ---- */

struct wanted_port {
	uint64_t number; /* 0: all */
	const char *protocol;
};

static int read_wanted(struct wanted_port *ret, struct arena *arena, const char *word,
                       struct error *err)
{
	char *copy = arena_strdup(arena, word), *slash = strchr(copy, '/');

	if (slash != NULL)
		*slash++ = '\0';
	if (!text_to_number(&ret->number, copy, UINT16_MAX) || ret->number == 0 ||
	    (slash != NULL && strcmp(slash, "tcp") != 0 && strcmp(slash, "udp") != 0)) {
		error_set(err, 0, "'%.80s' is not a port", word);
		return error_hint(err, "write it as 80, 80/tcp or 53/udp");
	}
	ret->protocol = slash == NULL ? "tcp" : slash;
	return 0;
}

/* How many lines were printed; -1. */
static int print_port(struct arena *arena, const struct value *row,
                      const struct wanted_port *wanted, struct error *err)
{
	const char *protocol = value_boolean(value_get(row, "udp"), false) ? "udp" : "tcp";
	const char *address = value_string(value_get(row, "address"), "");
	long long inside = value_integer(value_get(row, "container"), 0), outside;
	const char *place;

	outside = value_integer(value_get(row, "host"), 0);
	place = arena_printf(arena, strchr(address, ':') != NULL ? "[%s]:%lld" : "%s:%lld",
	                     address[0] == '\0' ? "0.0.0.0" : address, outside);
	if (wanted->number == 0)
		return output_line(err, "%lld/%s -> %s", inside, protocol, place) < 0 ? -1 : 1;
	if ((long long)wanted->number != inside || strcmp(protocol, wanted->protocol) != 0)
		return 0;
	return output_line(err, "%s", place) < 0 ? -1 : 1;
}

static int print_ports(struct call *call, const struct container *container,
                       const struct wanted_port *wanted, struct error *err)
{
	const struct value *rows = container->details->published;
	int printed = 0;

	/* one that does not run listens nowhere */
	if (container->status != CONTAINER_RUNNING)
		rows = NULL;
	for (size_t i = 0; rows != NULL && rows->kind == VALUE_ARRAY && i < rows->count; i++) {
		int result = print_port(call->arena, rows->items[i], wanted, err);

		if (result < 0)
			return -1;
		printed += result;
	}
	if (printed > 0 || wanted->number == 0)
		return 0;
	return error_set(err, 0, "No public port '%llu/%s' published for %s",
	                 (unsigned long long)wanted->number, wanted->protocol, container->name);
}

static int port(struct call *call, struct error *err)
{
	struct wanted_port wanted = {};
	struct container container;
	int result;

	if (call->count > 1 && read_wanted(&wanted, call->arena, call->words[1], err) < 0)
		return -1;
	if (control_open(&container, call->arena, &call->paths, call->words[0], err) < 0)
		return -1;
	result = print_ports(call, &container, &wanted, err);
	container_close(&container);
	return result;
}

const struct command command_port = {
	.name = "port",
	.group = GROUP_CONTAINER,
	.operands = "CONTAINER [PORT[/PROTOCOL]]",
	.summary = "Show where the ports of a container are on this machine",
	.absent = absent_one_options,
	.needs = NEED_STATE,
	.least = 1,
	.most = 2,
	.failure = EXIT_FAILURE,
	.run = port,
};
