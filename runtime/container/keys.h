/*
 * keys: the sequence a person types to leave a container's terminal without ending it.
 */
#ifndef CORDON_CONTAINER_KEYS_H
#define CORDON_CONTAINER_KEYS_H

#include "sandbox/base/error.h"

#include <stdbool.h>
#include <stddef.h>

enum { KEYS_MAX = 16 };

struct keys {
	unsigned char codes[KEYS_MAX];
	size_t count;
	size_t matched; /* how much of the sequence was typed last */
};

/* Docker's notation: "ctrl-p,ctrl-q", single characters; NULL is that default, "" none at all. */
int keys_parse(struct keys *ret, const char *text, struct error *err)
        __attribute__((warn_unused_result));

/* Looks for the sequence in what is typed. What is to be passed on goes to `out` (room for `length`
 * + KEYS_MAX): a sequence begun and not ended is held back until it is known not to be one. True:
 * all of it was typed. */
bool keys_match(struct keys *keys, const char *typed, size_t length, char *out, size_t *out_length);

#endif
