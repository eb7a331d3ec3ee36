/*
 * when: a point in time as a person types it, in the forms Docker takes: how long ago, as Go writes
 * durations (1h30m, 90s, 1.5h, 300ms; d for days besides); seconds since the epoch (1767323045,
 * 1767323045.5); a date (RFC 3339, down to the day; without a zone it is local time).
 */
#ifndef CORDON_CLI_WHEN_H
#define CORDON_CLI_WHEN_H

#include "sandbox/base/error.h"

#include <stdbool.h>
#include <stdint.h>

/* In nanoseconds since the epoch, as `now` is. */
int when_parse(int64_t *ret, const char *text, int64_t now, struct error *err)
        __attribute__((warn_unused_result));

/* How long, as Go's time.ParseDuration reads it, in nanoseconds. False: it is none. */
bool when_duration(int64_t *ret, const char *text);

#endif
