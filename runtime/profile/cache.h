/*
 * cache: compiled confinements in CACHE/plans/, each with all it was made from.
 *
 *	struct header, key, trace, confinement
 *
 * An entry's name is a hash of its key, and only that: the key is compared byte for byte, and the
 * trace asks the file system every question again. Nothing here is ever a reason to fail: an entry
 * that cannot be read, is damaged or is not the user's own is no entry, a folder that cannot be
 * written means compiling next time too.
 */
#ifndef CORDON_PROFILE_CACHE_H
#define CORDON_PROFILE_CACHE_H

#include "runtime/profile/trace.h"
#include "runtime/store/paths.h"
#include "sandbox/plan.h"

enum { CACHE_ENTRIES_MAX = 128 };

bool cache_find(struct confinement *ret, struct arena *arena, const struct paths *paths,
                const struct text *key);

/* Also removes the oldest entries above CACHE_ENTRIES_MAX. */
void cache_keep(const struct paths *paths, const struct text *key, const struct trace *trace,
                const struct confinement *confinement);

#endif
