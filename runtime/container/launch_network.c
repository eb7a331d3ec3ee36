/*
 * launch_network: the network of a launch: its mode, the ports that are published, how it finds
 * other machines.
 */
#include "runtime/container/launch.h"

#include "sandbox/base/cleanup.h"

#include <string.h>

enum { EXPOSED_MAX = 1024 }; /* pasta listens on each of them, and an image may say 1-65535 */

int launch_network_mode(const char **ret, const char *given, struct error *err)
{
	static const struct {
		const char *typed, *mode;
	} modes[] = {
		{ "none", "none" },       { "host", "host" },
		{ "private", "private" }, { "private:host-loopback", "private" },
		{ "bridge", "private" },  { "default", "private" },
		{ "pasta", "private" },   { "slirp4netns", "private" },
	};

	if (given == NULL || given[0] == '\0')
		given = "private";
	for (size_t i = 0; i < ARRAY_SIZE(modes); i++)
		if (strcmp(modes[i].typed, given) == 0) {
			*ret = modes[i].mode;
			return 0;
		}
	error_set(err, 0, "there is no network '%.64s'", given);
	return error_hint(err, "use none, host or private");
}

/* ---- ports ---- */

static bool is_published(const struct network_plan *network, const struct network_port *port)
{
	for (size_t i = 0; i < network->port_count; i++)
		if (network->ports[i].container == port->container &&
		    network->ports[i].udp == port->udp)
			return true;
	return false;
}

/* "80/tcp", "53/udp", "8000-8010": each on a free port of the host, unless -p named it. */
static int publish_exposed(struct network_plan *network, struct arena *arena,
                           const struct plan_strings *exposed, struct error *err)
{
	for (size_t i = 0; i < exposed->count; i++) {
		struct network_port *ports = NULL, *all;
		size_t count = 0;

		if (network_port_parse(&ports, &count, arena, exposed->items[i], err) < 0)
			return error_prefix(err, "exposed port");
		if (count + network->port_count > EXPOSED_MAX)
			return error_set(err, 0,
			                 "--publish-all: %s: more than %d ports are exposed",
			                 exposed->items[i], EXPOSED_MAX);
		all = arena_array(arena, network->port_count + count, sizeof *all);
		if (network->port_count > 0)
			memcpy(all, network->ports, network->port_count * sizeof *all);
		network->ports = all;
		for (size_t j = 0; j < count; j++) {
			ports[j].host = 0;
			if (!is_published(network, &ports[j]))
				network->ports[network->port_count++] = ports[j];
		}
	}
	return 0;
}

static int take_ports(struct arena *arena, struct launch *launch, bool private, struct error *err)
{
	const struct run_request *request = launch->request;
	struct network_plan *network = &launch->network;

	for (size_t i = 0; i < request->publish.count; i++)
		if (network_port_parse(&network->ports, &network->port_count, arena,
		                       request->publish.items[i], err) < 0)
			return -1;
	if (request->publish_all &&
	    (publish_exposed(network, arena, &request->expose, err) < 0 ||
	     (launch->image != NULL &&
	      publish_exposed(network, arena, &launch->image->config.exposed, err) < 0)))
		return -1;
	if (network->port_count == 0 || private)
		return 0;
	error_set(err, 0, "ports cannot be published with --network %s", launch->network_mode);
	return error_hint(err, "leave --network out, or -p and -P");
}

/* ---- names ---- */

static const struct plan_strings *copied(struct arena *arena, const struct plan_strings *list)
{
	return list->count == 0 ? NULL : arena_copy(arena, list, sizeof *list);
}

/* A word of resolv.conf: a blank or a line end in it would begin another. */
static int check_words(const char *option, const struct plan_strings *words, struct error *err)
{
	for (size_t i = 0; i < words->count; i++)
		for (const char *next = words->items[i]; *next != '\0'; next++)
			if ((unsigned char)*next <= ' ' || *next == '#' || *next == ';' ||
			    *next == 0x7f)
				return error_set(err, 0, "invalid --%s '%.80s'", option,
				                 words->items[i]);
	return 0;
}

static int take_dns(struct arena *arena, struct launch *launch, struct error *err)
{
	const struct run_request *request = launch->request;
	bool any = request->dns.count + request->dns_search.count + request->dns_options.count > 0;

	if (any && strcmp(launch->network_mode, "none") == 0) {
		error_set(err, 0, "--dns, --dns-search and --dns-option need a network");
		return error_hint(err, "leave them out, or --network none");
	}
	for (size_t i = 0; i < request->dns.count; i++)
		if (!network_address_is_valid(request->dns.items[i]))
			return error_set(err, 0, "--dns '%.80s' is not a numeric address",
			                 request->dns.items[i]);
	if (check_words("dns-search", &request->dns_search, err) < 0 ||
	    check_words("dns-option", &request->dns_options, err) < 0)
		return -1;
	launch->network.dns = copied(arena, &request->dns);
	launch->network.dns_search = copied(arena, &request->dns_search);
	launch->network.dns_options = copied(arena, &request->dns_options);
	return 0;
}

static int take_hosts(struct arena *arena, struct launch *launch, struct error *err)
{
	const struct plan_strings *given = &launch->request->hosts;
	struct plan_strings lines = {};

	for (size_t i = 0; i < given->count; i++) {
		const char *name, *address;

		if (network_host_parse(&name, &address, arena, given->items[i], err) < 0)
			return -1;
		launch_append(arena, &lines, arena_printf(arena, "%s\t%s", address, name));
	}
	launch->network.hosts = copied(arena, &lines);
	return 0;
}

int launch_network(struct plan *plan, struct arena *arena, struct launch *launch, struct error *err)
{
	const struct run_request *request = launch->request;

	if (launch_network_mode(&launch->network_mode, request->network, err) < 0)
		return -1;
	plan->network = strcmp(launch->network_mode, "host") == 0   ? PLAN_NETWORK_HOST
	                : strcmp(launch->network_mode, "none") == 0 ? PLAN_NETWORK_NONE
	                                                            : PLAN_NETWORK_PRIVATE;
	launch->network.host_loopback = text_equal(request->network, "private:host-loopback");
	if (take_ports(arena, launch, plan->network == PLAN_NETWORK_PRIVATE, err) < 0 ||
	    take_dns(arena, launch, err) < 0)
		return -1;
	return take_hosts(arena, launch, err);
}
