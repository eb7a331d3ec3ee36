/*
 * sweep: takes away what nothing refers to: blobs, layers and records that no entry of index.json
 * leads to, and stages of processes that died. Only while nobody adds anything (store/lock.h).
 */
#ifndef CORDON_IMAGE_SWEEP_H
#define CORDON_IMAGE_SWEEP_H

#include "runtime/store/paths.h"
#include "sandbox/host.h"

#include <stdint.h>

/* Names of stages in data/tmp begin so; whatever else stands there is not ours. */
#define SWEEP_PREFIX "load-"

/* What came of a blob before its pull was cut off (data/partial) is kept for so long. */
enum { SWEEP_PARTIAL_DAYS = 7 };

/* 1 swept, 0 somebody is adding: the sweep is theirs, -1. */
int sweep(const struct paths *paths, const struct host *host, struct error *err)
        __attribute__((warn_unused_result));

/* Partial blobs of that many days and more, at such a moment too. Adds the bytes they had to
 * *freed. 1, 0, -1. */
int sweep_partial(uint64_t *freed, const struct paths *paths, unsigned days, struct error *err)
        __attribute__((warn_unused_result));

/* Removes one stage. Its files may belong to subordinate ids: that is done as root of them. What
 * cannot be removed is left to the next sweep. */
void sweep_folder(const struct paths *paths, const struct host *host, const char *name);

#endif
