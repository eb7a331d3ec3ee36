/*
 * names: how a container finds other machines and itself: resolv.conf, hosts.
 *
 * A resolver of the host that only the host can reach (loopback, as systemd-resolved's, or
 * link-local with a scope) is replaced by an address that pasta answers for: it passes the
 * questions on to that resolver.
 */
#include "runtime/network/network.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <string.h>

enum { RESOLV_MAX = 65536 };

const char network_dns[] = "169.254.1.1"; /* link-local (RFC 3927), on no real network */

bool network_address_is_valid(const char *text)
{
	unsigned char binary[16];

	return inet_pton(AF_INET, text, binary) == 1 || inet_pton(AF_INET6, text, binary) == 1;
}

/* The address of a "nameserver ADDRESS" line, NULL for other lines. Ends it with a NUL. */
static char *server_of(char *line)
{
	static const char word[] = "nameserver", blank[] = " \t";

	if (!text_starts(line, word) || strchr(blank, line[sizeof word - 1]) == NULL)
		return NULL;
	line += sizeof word - 1;
	line += strspn(line, blank);
	line[strcspn(line, " \t\r#;")] = '\0';
	return line;
}

/* A line of the host's that something given stands for. */
static bool is_replaced(const char *line, const struct network_plan *plan)
{
	size_t length = strcspn(line, " \t");

	if (plan == NULL)
		return false;
	if ((length == 6 && strncmp(line, "search", 6) == 0) ||
	    (length == 6 && strncmp(line, "domain", 6) == 0))
		return plan->dns_search != NULL;
	return length == 7 && strncmp(line, "options", 7) == 0 && plan->dns_options != NULL;
}

static void print_words(struct text *ret, const char *keyword, const struct plan_strings *words)
{
	text_append(ret, keyword);
	for (size_t i = 0; i < words->count; i++)
		text_printf(ret, " %s", words->items[i]);
	text_append_char(ret, '\n');
}

static bool is_of_the_host_only(const char *address)
{
	return text_starts(address, "127.") || strcmp(address, "::1") == 0 ||
	       strcmp(address, "0.0.0.0") == 0 || strcmp(address, "::") == 0 ||
	       strchr(address, '%') != NULL;
}

void network_resolv_conf_from(struct text *ret, const char *host, const char *mode,
                              const struct network_plan *plan)
{
	bool own = strcmp(mode, "private") == 0, given = plan != NULL && plan->dns != NULL;
	bool any = false, passed_on = false;
	_cleanup_free char *copy = strdup(host);
	char *save = NULL;

	if (copy == NULL)
		abort();
	for (size_t i = 0; given && i < plan->dns->count; i++, any = true)
		text_printf(ret, "nameserver %s\n", plan->dns->items[i]);
	for (char *line = strtok_r(copy, "\n", &save); line != NULL;
	     line = strtok_r(NULL, "\n", &save)) {
		char *address;

		if (line[0] == '#' || line[0] == ';')
			continue;
		address = server_of(line);
		if (address == NULL) {
			if (!is_replaced(line, plan))
				text_printf(ret, "%s\n", line);
			continue;
		}
		if (given)
			continue;
		any = true;
		if (!own || !is_of_the_host_only(address))
			text_printf(ret, "nameserver %s\n", address);
		else if (!passed_on)
			text_printf(ret, "nameserver %s\n", network_dns);
		passed_on |= own && is_of_the_host_only(address);
	}
	/* resolver(3) would ask the loopback */
	if (own && !any)
		text_printf(ret, "nameserver %s\n", network_dns);
	if (plan != NULL && plan->dns_search != NULL &&
	    !(plan->dns_search->count == 1 && strcmp(plan->dns_search->items[0], ".") == 0))
		print_words(ret, "search", plan->dns_search);
	if (plan != NULL && plan->dns_options != NULL)
		print_words(ret, "options", plan->dns_options);
}

void network_resolv_conf(struct text *ret, const char *mode, const struct network_plan *plan)
{
	/* often a symlink, into /run */
	_cleanup_fd int fd = -1;
	_cleanup_text struct text host = {};
	struct error ignored;

	if (strcmp(mode, "none") == 0)
		return;
	fd = open("/etc/resolv.conf", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 || io_read_all(&host, fd, RESOLV_MAX, &ignored) < 0)
		text_clear(&host);
	network_resolv_conf_from(ret, text_string(&host), mode, plan);
}

int network_host_parse(const char **name, const char **address, struct arena *arena,
                       const char *spec, struct error *err)
{
	static const char known[] =
	        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";
	size_t length = strcspn(spec, ":=");
	const char *rest = spec[length] == '\0' ? "" : spec + length + 1;

	if (strcmp(rest, "host-gateway") == 0) {
		error_set(err, 0, "--add-host %.80s: the host is not reachable from inside", spec);
		return error_hint(err, "ask for it with --network private:host-loopback, where the "
		                       "default route leads to it");
	}
	if (length == 0 || strspn(spec, known) != length || !network_address_is_valid(rest)) {
		error_set(err, 0, "invalid --add-host '%.80s'", spec);
		return error_hint(err, "write NAME:ADDRESS, as in --add-host db:10.0.0.7");
	}
	*name = arena_text(arena, spec, length);
	*address = arena_strdup(arena, rest);
	return 0;
}

void network_hosts(struct text *ret, const struct network_plan *plan, const char *hostname)
{
	text_append(ret, "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n");
	for (size_t i = 0; plan != NULL && plan->hosts != NULL && i < plan->hosts->count; i++)
		text_printf(ret, "%s\n", plan->hosts->items[i]);
	if (hostname != NULL && hostname[0] != '\0')
		text_printf(ret, "127.0.1.1\t%s\n", hostname);
}
