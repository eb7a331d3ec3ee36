/* key: everything but files that decides what a confinement becomes, as bytes to compare. */
#ifndef CORDON_PROFILE_KEY_H
#define CORDON_PROFILE_KEY_H

#include "runtime/profile/profile.h"

/* Appends the key. False where this program cannot be told from another build: nothing may be
 * cached then. */
bool key_append(struct text *ret, const struct profile_request *request);

#endif
