/*
 * answer: what a call's answer is made of, as it comes: header lines and pieces of the body. Knows
 * nothing of libcurl.
 */
#ifndef CORDON_REGISTRY_CLIENT_ANSWER_H
#define CORDON_REGISTRY_CLIENT_ANSWER_H

#include "runtime/registry/client/http.h"

/* One header line. call->location is as the registry says it: it may be relative. */
void answer_header(struct http_call *call, const char *line, size_t length);

/* How many seconds it says to wait before it is asked again; 0. */
unsigned answer_retry_after(const struct http_call *call);

enum answer_taking {
	ANSWER_TAKEN,
	ANSWER_WAITS, /* the sink is full: the same bytes are to be given again */
	ANSWER_ENDS,  /* call->outcome and call->error say why */
};
/* A piece of the body; call->status is known. */
enum answer_taking answer_body(struct http_call *call, const char *bytes, size_t length);
/* Until the sink takes more, or nobody reads it any more. */
void answer_wait(const struct http_call *call);

#endif
