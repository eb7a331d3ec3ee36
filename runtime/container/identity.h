/*
 * identity: ids, made-up names, and what may be a name.
 */
#ifndef CORDON_CONTAINER_IDENTITY_H
#define CORDON_CONTAINER_IDENTITY_H

#include "runtime/container/container.h"

/* 64 random hex digits. */
int identity_make(char ret[CONTAINER_ID_LENGTH + 1], struct error *err)
        __attribute__((warn_unused_result));

/* Prints the id of a container that goes on by itself. The exit status: where it cannot be written,
 * standard error says so and has it, and the container goes on all the same. */
int identity_tell(const char *id);

/* adjective_noun, from the id's own digits; from the second attempt on with a number behind. */
void identity_make_name(char *ret, size_t size, const char *id, unsigned attempt);

/* Docker's rule: [a-zA-Z0-9][a-zA-Z0-9_.-]*, here at most 128 long. Fills *err where it is broken.
 */
int identity_check_name(const char *name, struct error *err) __attribute__((warn_unused_result));

#endif
