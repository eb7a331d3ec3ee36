/*
 * lock: the two locks of the image store, flock(2) on files of the data folder. The kernel lets go
 * of them when their holder dies, however that happens.
 *
 *	STORE_LOCK_USE	 shared by everyone who adds to the store, from the first blob to the last
 *			 name; exclusively by whoever sweeps away what nothing refers to. So a sweep
 *			 never takes what a load is about to refer to, and everything half-made that
 *			 a sweep finds belongs to the dead.
 *	STORE_LOCK_INDEX exclusively, for the moment in which index.json is read, changed and
 *			 renamed into place. Taken after USE, where both are.
 *
 * Readers take neither: index.json and the records are replaced in one step.
 */
#ifndef CORDON_STORE_LOCK_H
#define CORDON_STORE_LOCK_H

#include "runtime/store/paths.h"

enum store_lock { STORE_LOCK_USE, STORE_LOCK_INDEX, STORE_LOCKS };
enum store_hold { STORE_SHARED, STORE_EXCLUSIVE };

/* Waits for the lock. Returns a descriptor that holds it until it is closed. */
int store_lock(const struct paths *paths, enum store_lock lock, enum store_hold hold,
               struct error *err) __attribute__((warn_unused_result));

/* Does not wait: returns a descriptor, -1 with err->number EWOULDBLOCK where someone holds it. */
int store_lock_try(const struct paths *paths, enum store_lock lock, enum store_hold hold,
                   struct error *err) __attribute__((warn_unused_result));

#endif
