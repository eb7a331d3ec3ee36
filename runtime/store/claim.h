/*
 * claim: a file of the store that one process at a time works on: opened (and made where it is
 * missing) and locked, and still the file of that name when the lock is held.
 */
#ifndef CORDON_STORE_CLAIM_H
#define CORDON_STORE_CLAIM_H

#include "sandbox/base/error.h"

#include <stdbool.h>

/* A descriptor for reading and writing that holds the claim until it is closed. wait false: -1 with
 * err->number EWOULDBLOCK where somebody else has it. */
int store_claim(int folder, const char *name, bool wait, struct error *err)
        __attribute__((warn_unused_result));

#endif
