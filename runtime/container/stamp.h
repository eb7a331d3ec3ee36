/*
 * stamp: points in time as RFC 3339 with nanoseconds, always UTC. By our own arithmetic: gmtime(3)
 * reads the time zone's files first.
 */
#ifndef CORDON_CONTAINER_STAMP_H
#define CORDON_CONTAINER_STAMP_H

#include <stdbool.h>
#include <stdint.h>

enum { STAMP_SIZE = sizeof "2026-01-02T03:04:05.000000006Z" };

/* "2026-01-02T03:04:05.000000006Z". Nanoseconds since the epoch, not before it. */
void stamp_format(char ret[STAMP_SIZE], int64_t nanoseconds);

/* Reads what the above wrote, with any number of digits behind the point; nothing else. */
bool stamp_parse(int64_t *ret, const char *stamp);

#endif
