/*
 * value: a JSON document as an immutable tree in an arena; the one JSON type of the tree, read by
 * policy, records, images and `--format`, written by encode.
 *
 * decode.c is the only file that includes <jansson.h>.
 */
#ifndef CORDON_POLICY_VALUE_H
#define CORDON_POLICY_VALUE_H

#include "sandbox/base/arena.h"
#include "sandbox/base/error.h"
#include "sandbox/base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum value_kind {
	VALUE_NULL,
	VALUE_BOOLEAN,
	VALUE_INTEGER,
	VALUE_REAL,
	VALUE_STRING,
	VALUE_ARRAY,
	VALUE_OBJECT,
	VALUE_LARGE, /* an integer of 2^63 to 2^64-1: see value_decode_large */
	VALUE_KINDS,
};

/* Small, because a store's index has ten of them an image. */
struct value {
	enum value_kind kind;
	uint32_t index;             /* place in the parent */
	const struct value *parent; /* NULL at the root */
	const char *key;            /* name in the parent object, NULL in an array */
	union {
		bool boolean;
		int64_t integer;
		uint64_t large;
		double real;
		struct {
			const char *string; /* NUL-terminated; never holds a NUL inside (refused by
			                       decode) */
			size_t length;
		};
		struct {
			struct value **items; /* arrays and objects, in the order of the text */
			uint32_t count;       /* at most 2^31 */
			uint32_t capacity;
		};
	};
};

/* Reading. All take NULL and the wrong kind and answer NULL / the fallback. */
const struct value *value_get(const struct value *object, const char *key);
const struct value *value_path(const struct value *root, const char *dotted); /* "State.Pid" */
const char *value_string(const struct value *value, const char *fallback);
int64_t value_integer(const struct value *value, int64_t fallback);
bool value_boolean(const struct value *value, bool fallback);
const char *value_kind_name(enum value_kind kind); /* "an object", "a string", ... */

/* Building. value_set replaces an existing key. */
struct value *value_new_null(struct arena *arena);
struct value *value_new_boolean(struct arena *arena, bool boolean);
struct value *value_new_integer(struct arena *arena, int64_t integer);
struct value *value_new_unsigned(struct arena *arena,
                                 uint64_t number); /* VALUE_LARGE where it is */
struct value *value_new_string(struct arena *arena, const char *string); /* NULL gives null */
struct value *value_new_array(struct arena *arena);
struct value *value_new_object(struct arena *arena);
struct value *value_set(struct arena *arena, struct value *object, const char *key,
                        struct value *item);
struct value *value_append(struct arena *arena, struct value *array, struct value *item);
/* Takes a member out, the others keep their order. False: it is not there. */
bool value_remove(struct value *object, const char *key);
struct value *value_copy(struct arena *arena, const struct value *value);

/* Parses a whole document: UTF-8, no duplicate keys, nothing behind it, depth <= 64, size <=
 * `limit` (a policy's limit is 1 MiB). Errors: "FILE:LINE:COLUMN: what". */
int value_decode(struct value **ret, struct arena *arena, const char *file, const char *text,
                 size_t length, struct error *err) __attribute__((warn_unused_result));
/* The same without a copy: the arena takes over what the text holds, which is empty then. */
int value_decode_kept(struct value **ret, struct arena *arena, const char *file, struct text *text,
                      struct error *err) __attribute__((warn_unused_result));

/* The same for texts of a person's own (an error shows the line), whose numbers have 64 bits
 * without a sign: those above 2^63-1, an error for value_decode, are VALUE_LARGE here. */
int value_decode_large(struct value **ret, struct arena *arena, const char *file, const char *text,
                       size_t length, struct error *err) __attribute__((warn_unused_result));

/* Where a value stands in the text it was decoded from (1-based). Found by reading the text again,
 * so that the happy path pays nothing for positions. key_position true: the member's name, not its
 * value. */
struct position {
	unsigned line;
	unsigned column;
};
struct position value_position(const struct value *value, const char *text, size_t length,
                               bool key_position);

/* The start of a line of a text, and its length without its end; NULL where there are not as many.
 * Lines are counted from 1. */
const char *value_line(size_t *length, const char *text, size_t text_length, unsigned number);

/* Appends "/syscalls/allow/3" (RFC 6901). */
void value_pointer(struct text *ret, const struct value *value);

enum value_style { VALUE_COMPACT, VALUE_INDENTED /* 4 blanks, as Docker's inspect */ };
void value_encode(struct text *ret, const struct value *value, enum value_style style);

#endif
