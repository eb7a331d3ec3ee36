/*
 * url: addresses, as libcurl reads them: what it asks and what is compared must be the same.
 */
#ifndef CORDON_REGISTRY_CLIENT_URL_H
#define CORDON_REGISTRY_CLIENT_URL_H

#include "sandbox/base/arena.h"
#include "sandbox/base/text.h"

#include <stdbool.h>

/* Have two absolute URLs the same scheme, host and port? */
bool url_same_origin(const char *a, const char *b);

/* For a query: percent-encoded. */
const char *url_escape(struct arena *arena, const char *text);

/* Makes a location, which may be relative, absolute: "" where it is none. */
void url_resolve(struct text *location, const char *base);

/* The path and query of a link, which may be relative, from `base` on: "" where it leads to another
 * origin, is longer than `room`, or is none. */
void url_next(char *ret, size_t room, const char *link, const char *base);

#endif
