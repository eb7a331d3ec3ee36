/*
 * character: characters of a text, as the functions of a template count them.
 */
#ifndef CORDON_CLI_TEMPLATE_CHARACTER_H
#define CORDON_CLI_TEMPLATE_CHARACTER_H

#include "sandbox/base/text.h"

/* A Unicode scalar value: below U+110000, no surrogate. */
bool character_is_valid(int64_t code);

void character_append(struct text *ret, uint32_t code);

/* The character at the start of a string that is not empty, and how many bytes it has. A byte that
 * begins none is U+FFFD and one byte, as in Go. */
size_t character_read(uint32_t *ret, const char *string);

/* False for controls, separators other than a blank, marks of direction and private characters:
 * what Go's strconv.IsPrint refuses, but for codes that mean nothing yet. */
bool character_is_printable(uint32_t code);

size_t character_count(const char *string);

/* The bytes of the first `count` characters. */
size_t character_prefix(const char *string, size_t count);

#endif
