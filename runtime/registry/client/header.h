/*
 * header: what a registry says in its headers, read strictly. Pure: the first thing that meets the
 * bytes of a stranger, and a fuzz target.
 */
#ifndef CORDON_REGISTRY_CLIENT_HEADER_H
#define CORDON_REGISTRY_CLIENT_HEADER_H

#include "sandbox/base/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One line, without its end; blanks around the value taken off. Both are cut at their size: false
 * for a line that is none, is too long, or holds control characters. */
struct header {
	char name[64];
	char value[8192];
};
bool header_parse(struct header *ret, const char *line, size_t length);

/* "120" of Retry-After: seconds, an hour for more than that; 0 for anything else. */
unsigned header_seconds(const char *value);
/* A date in one of the three forms of RFC 9110, 5.6.7: seconds since the epoch; 0 for anything
 * else. */
int64_t header_date(const char *value);
/* How long to wait until `then`, as seen from `now`: seconds, at most an hour, and 0 where it has
 * passed or one of them is not known (0). */
unsigned header_until(int64_t then, int64_t now);

/* "bytes 100-199/200": begins with byte `from`? */
bool header_range_starts(const char *value, uint64_t from);

/* "application/json; charset=utf-8" -> "application/json" */
void header_media_type(char *ret, size_t room, const char *value);

/* The target of the link whose relation is "next" (RFC 8288), as it stands there; NULL. */
const char *header_next(struct arena *arena, const char *value);

/* A challenge of WWW-Authenticate (RFC 9110, 11.6.1): the parameters that token authentication
 * names; NULL where they are missing. */
struct challenge {
	bool basic, bearer;
	const char *realm, *service, *scope;
};
/* All challenges of one header value; Bearer's parameters win. False where it is malformed. */
bool challenge_parse(struct challenge *ret, struct arena *arena, const char *value);

#endif
