/*
 * trouble: what a connection that failed means to the user, and what can be done about it. Knows
 * nothing of libcurl.
 */
#ifndef CORDON_REGISTRY_CLIENT_TROUBLE_H
#define CORDON_REGISTRY_CLIENT_TROUBLE_H

#include "sandbox/base/error.h"

#include <stdbool.h>

struct trouble {
	const char *words;      /* libcurl's */
	const char *url;        /* that was asked */
	long proxy_status;      /* of its answer to CONNECT; 0 */
	bool proxy_unknown;     /* its name cannot be resolved */
	bool refused;           /* nobody listens */
	long verify_result;     /* X509_V_ERR_..., 0 */
	bool wants_certificate; /* the peer asked for one of ours, and there is none */
};

void trouble_explain(struct error *ret, const struct trouble *trouble);

/* Whether the environment names a proxy for what is asked with this scheme ("https:...") at some
 * host. */
bool trouble_is_proxied(const char *url);

#endif
