/*
 * network: a container's own network namespace, connected to the world by pasta(1) (package passt).
 *
 * The host's loopback services are not reachable from inside; what is published is listed by
 * address, port and protocol. pasta is a child of the monitor, and the kernel ends it with the
 * monitor, also with one that was killed (pasta.c says how).
 */
#ifndef CORDON_NETWORK_NETWORK_H
#define CORDON_NETWORK_NETWORK_H

#include "runtime/store/paths.h"
#include "sandbox/base/arena.h"
#include "sandbox/base/error.h"
#include "sandbox/plan.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* One `-p [ADDR:]HOST:CONTAINER[/udp]`. */
struct network_port {
	char address[64]; /* host address, "" for all */
	uint16_t host;    /* 0: any free port, chosen at start and recorded */
	uint16_t container;
	bool udp;
};

/* Parses one -p (also ranges "8000-8010:8000-8010", IPv6 "[::1]:80:80", a bare "80"); appends to
 * ret. */
int network_port_parse(struct network_port **ret, size_t *count, struct arena *arena,
                       const char *spec, struct error *err) __attribute__((warn_unused_result));

struct network_plan {
	struct network_port *ports;
	size_t port_count;
	const struct plan_strings *dns;         /* --dns; NULL: the host's */
	const struct plan_strings *dns_search;  /* "." alone: none; NULL: the host's */
	const struct plan_strings *dns_options; /* NULL: the host's */
	const struct plan_strings *hosts;       /* lines for /etc/hosts; NULL: none */
	bool host_loopback; /* --network private:host-loopback: asked for by name */
};

/* Starts pasta for the namespaces of `pid` (a child waiting at its gate) and returns once it has
 * configured the interface and listens on every port. A port in use is an error naming it; ports
 * with host 0 are filled in. *ret is pasta's pid: a child of the caller, who ends it with
 * network_stop. It ends with the calling process in any case. */
int network_start(pid_t *ret, const struct paths *paths, struct network_plan *plan, pid_t pid,
                  struct error *err) __attribute__((warn_unused_result));

/* Ends it. With `wait` its ports are free again on return: needed where there are any, and else to
 * be avoided, since the end of its namespaces takes the kernel 60 ms. 0 and less: nothing to do. */
void network_stop(pid_t pasta, bool wait);

/* The content of /etc/resolv.conf, /etc/hosts and /etc/hostname for a container. mode: "none",
 * "host", "private". */
struct text;
void network_resolv_conf(struct text *ret, const char *mode, const struct network_plan *plan);
void network_hosts(struct text *ret, const struct network_plan *plan, const char *hostname);
/* The same from the text of the host's file. Pure. */
void network_resolv_conf_from(struct text *ret, const char *host, const char *mode,
                              const struct network_plan *plan);

/* --add-host NAME:ADDRESS */
int network_host_parse(const char **name, const char **address, struct arena *arena,
                       const char *spec, struct error *err) __attribute__((warn_unused_result));

/* A numeric IPv4 or IPv6 address. */
bool network_address_is_valid(const char *text);

/* The name server inside that pasta answers for. */
extern const char network_dns[];

#endif
