/*
 * utf8: what is text and what is bytes. What a program says is bytes, what JSON holds is UTF-8:
 * bytes that are none become U+FFFD, as Docker's log driver has it, so that another reader does not
 * refuse the whole line.
 */
#ifndef CORDON_BASE_UTF8_H
#define CORDON_BASE_UTF8_H

#include "sandbox/base/text.h"

/* Length of the valid sequence at `bytes` (RFC 3629: shortest form, no surrogates), 0 for none. */
size_t utf8_sequence(const char *bytes, size_t length);

/* How many bytes of a sequence that is cut off stand at the end of `bytes`. */
size_t utf8_unfinished(const char *bytes, size_t length);

/* Appends the bytes with the invalid ones replaced. */
void utf8_append(struct text *ret, const char *bytes, size_t length);

#endif
