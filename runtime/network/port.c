/*
 * port: -p in Docker's notation: [[ADDRESS:]HOST:]CONTAINER[/tcp|udp], each port a number or a
 * range.
 */
#include "runtime/network/network.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/base/text.h"

#include <arpa/inet.h>
#include <string.h>

struct span {
	uint16_t first, last;
};

static bool parse_span(struct span *ret, char *text)
{
	char *dash = strchr(text, '-');
	uint64_t first, last;

	if (dash != NULL)
		*dash++ = '\0';
	if (!text_to_number(&first, text, UINT16_MAX) || first == 0)
		return false;
	last = first;
	if (dash != NULL && (!text_to_number(&last, dash, UINT16_MAX) || last < first))
		return false;
	*ret = (struct span){ (uint16_t)first, (uint16_t)last };
	return true;
}

static int invalid(const char *spec, const char *why, struct error *err)
{
	error_set(err, 0, "invalid port '%.100s': %s", spec, why);
	return error_hint(
	        err,
	        "write -p [ADDRESS:]HOST:CONTAINER[/udp], as in -p 8080:80 or -p 127.0.0.1:8080:80");
}

/* Takes an address off the front; *rest is what follows its colon. */
static int take_address(char ret[64], char **rest, char *text, const char *spec, struct error *err)
{
	unsigned char binary[16];
	char *end, *address = text;
	int family = AF_INET;

	if (text[0] == '[') {
		end = strchr(text, ']');
		if (end == NULL || end[1] != ':')
			return invalid(spec, "an IPv6 address is written [::1]:HOST:CONTAINER",
			               err);
		*end = '\0';
		address++;
		*rest = end + 2;
		family = AF_INET6;
	} else {
		end = strchr(text, ':');
		*end = '\0';
		*rest = end + 1;
	}
	if (strcmp(address, "localhost") == 0)
		address = (char *)"127.0.0.1";
	if (address[0] != '\0' && inet_pton(family, address, binary) != 1)
		return invalid(spec, "the address is not a numeric one", err);
	snprintf(ret, 64, "%s", strcmp(address, "0.0.0.0") == 0 ? "" : address);
	return 0;
}

static size_t count_colons(const char *text)
{
	size_t count = 0;

	for (; *text != '\0'; text++)
		count += *text == ':';
	return count;
}

int network_port_parse(struct network_port **ret, size_t *count, struct arena *arena,
                       const char *spec, struct error *err)
{
	struct network_port port = {}, *ports;
	char *text = arena_strdup(arena, spec), *slash = strrchr(text, '/'), *colon;
	struct span inside, outside = {};

	if (slash != NULL) {
		*slash++ = '\0';
		if (strcmp(slash, "udp") != 0 && strcmp(slash, "tcp") != 0)
			return invalid(spec, "the protocol is tcp or udp", err);
		port.udp = strcmp(slash, "udp") == 0;
	}
	if ((text[0] == '[' || count_colons(text) == 2) &&
	    take_address(port.address, &text, text, spec, err) < 0)
		return -1;
	colon = strchr(text, ':');
	if (colon != NULL)
		*colon++ = '\0';
	if (!parse_span(&inside, colon != NULL ? colon : text))
		return invalid(spec, "the container's port is not a number from 1 to 65535", err);
	if (colon != NULL && text[0] != '\0' && !parse_span(&outside, text))
		return invalid(spec, "the host's port is not a number from 1 to 65535", err);
	if (outside.first != 0 && outside.last - outside.first != inside.last - inside.first)
		return invalid(spec, "the two ranges are not of one length", err);
	ports = arena_array(arena, *count + (size_t)(inside.last - inside.first) + 1,
	                    sizeof *ports);
	if (*count > 0)
		memcpy(ports, *ret, *count * sizeof *ports);
	for (unsigned i = 0; i <= (unsigned)(inside.last - inside.first); i++) {
		port.container = (uint16_t)(inside.first + i);
		port.host = outside.first == 0 ? 0 : (uint16_t)(outside.first + i);
		ports[(*count)++] = port;
	}
	*ret = ports;
	return 0;
}
