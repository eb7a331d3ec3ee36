/*
 * text: a growing string, and the strict reading of numbers from strings.
 *
 * Zero-initialised is an empty text. `data` is NUL-terminated whenever it is not NULL;
 * text_string() gives "" for an empty one. Out of memory aborts.
 */
#ifndef CORDON_BASE_TEXT_H
#define CORDON_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text {
	char *data;
	size_t length;
	size_t capacity;
};

void text_done(struct text *text);
void text_clear(struct text *text);                /* keeps the memory */
void text_reserve(struct text *text, size_t more); /* room for so many behind it, and a NUL */
void text_append(struct text *text, const char *string);
void text_append_bytes(struct text *text, const void *bytes, size_t length);
void text_append_char(struct text *text, char character);
void text_printf(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
const char *text_string(const struct text *text);

#define _cleanup_text __attribute__((cleanup(text_done)))

/* Decimal digits only: no sign, no blank, no prefix, nothing behind. False and *ret untouched where
 * the string is not such a number or is above `max`. */
bool text_to_number(uint64_t *ret, const char *string, uint64_t max);

/* "64m", "1.5g", "512k", "100", "100b" (Docker's byte sizes, powers of 1024) to bytes. */
bool text_to_bytes(uint64_t *ret, const char *string);

bool text_equal(const char *a, const char *b); /* NULL equals only NULL */
bool text_starts(const char *string, const char *prefix);
bool text_ends(const char *string, const char *suffix);

/* How far apart two words are (Damerau-Levenshtein), for "did you mean". */
unsigned text_distance(const char *a, const char *b);

/* Appends `string` as a person may see it: control and non-ASCII-printable bytes as \xNN, so that a
 * name from an image or a registry cannot drive the terminal. UTF-8 above U+009F is kept. */
void text_append_visible(struct text *text, const char *string, size_t length);

#endif
