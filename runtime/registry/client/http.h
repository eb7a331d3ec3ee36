/*
 * http: the door to libcurl. Calls run side by side; each body goes to a descriptor that need not
 * be ready (the transfer waits for it), or into memory.
 *
 * What libcurl is not left to decide: which schemes a redirect may lead to, that credentials do not
 * travel to another origin with it, how much a peer may send, and how slow it may be.
 */
#ifndef CORDON_REGISTRY_CLIENT_HTTP_H
#define CORDON_REGISTRY_CLIENT_HTTP_H

#include "sandbox/base/arena.h"
#include "sandbox/base/error.h"
#include "sandbox/base/text.h"

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

struct http_bytes {
	const char *data;
	size_t length; /* 0: none */
};

struct http_options {
	const char *agent;
	bool insecure;
	struct http_bytes authorities;      /* PEM, beside the machine's own */
	struct http_bytes certificate, key; /* PEM, shown to whoever asks for it */
};

enum http_outcome {
	HTTP_ANSWERED, /* `status` and the rest are valid */
	HTTP_NO_TLS,   /* the peer is there and does not speak TLS, or nobody listens */
	HTTP_BROKEN,   /* the connection failed: trying again may help */
	HTTP_REFUSED,  /* a certificate, a redirect, a limit: it will not */
	HTTP_UNREAD,   /* whoever reads the body is gone */
};

struct http_call {
	/* ---- the question ---- */
	const char *method; /* "GET", "HEAD", "POST", "PUT" */
	const char *url;
	const char *accept, *content_type, *authorization; /* header values, NULL */
	const char *form;                                  /* body of a POST, NULL */
	int body; /* descriptor whose first body_size bytes are sent, -1 */
	uint64_t body_size;
	uint64_t from;  /* first byte wanted */
	bool whole;     /* but all are to be asked for, and those before passed over */
	int sink;       /* non-blocking; -1: `text` */
	uint64_t limit; /* bytes of the whole, from byte 0 on */
	void *owner;

	/* ---- the answer ---- */
	enum http_outcome outcome;
	struct error error; /* unless HTTP_ANSWERED */
	long status;
	uint64_t passed;  /* bytes that went to the sink, or from `body` */
	struct text text; /* the body without a sink, and that of any status but 2xx (its start) */
	char media_type[256], digest[80];
	bool subject;           /* OCI-Subject */
	struct text challenges; /* WWW-Authenticate, one a line */
	struct text location;   /* of a 2xx answer, absolute */
	struct text next;       /* of a list that has a further page: where, as Link says */
	bool elsewhere;         /* redirects led to another origin, whose answer this is */
	unsigned retry_after;   /* seconds, 0 */
	int64_t retry_at, date; /* seconds since the epoch, by the clock of the registry; 0 */
	bool partial;           /* 206 from `from` on */
	bool begun;             /* the body's first bytes were seen */
	uint64_t skip;          /* of the bytes that come next, those that are not wanted */

	struct http_private *state;
};

struct http;

/* Once, before the walls: libcurl and libcrypto read their files. */
int http_open(struct http **ret, const struct http_options *options, struct error *err)
        __attribute__((warn_unused_result));

/* `call` stays the caller's and where it is until http_next gave it back. */
void http_start(struct http *http, struct http_call *call);
/* A call that has ended; NULL when there is none. Then http_done it. */
struct http_call *http_next(struct http *http);
void http_done(struct http_call *call);

/* Waits for the network, `extra` (revents is set), a sink that was full, or the time. */
void http_wait(struct http *http, struct pollfd *extra, int timeout_ms);

#endif
