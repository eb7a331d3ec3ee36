/*
 * plan_fields: what a plan is made of, as a table. The encoder, the decoder and the printer walk
 *the same rows, so that none of them can forget a field; the kind of a row is derived from the type
 *of the member, so that a row cannot lie about it.
 *
 * The byte form is native: a plan never leaves its machine. A file is
 *
 *	struct plan_header, then the fields of the shape in the order of the table:
 *	bool			1 byte, 0 or 1
 *	number, choice		its bytes as in memory
 *	string			u32 length (UINT32_MAX: NULL), the bytes, a NUL
 *	strings, items		u32 count, then each one
 *	raw			u32 count, zeros up to a multiple of 8 from the start, the array
 *	shape			its fields
 */
#ifndef CORDON_SANDBOX_PLAN_FIELDS_H
#define CORDON_SANDBOX_PLAN_FIELDS_H

#include "sandbox/plan.h"

/* Raise it with every change of a table: test_plan compares the tables' fingerprint. */
enum { PLAN_FORMAT = 3, PLAN_ALIGNMENT = 8 };

struct plan_header {
	char magic[8];
	uint32_t format;
	uint32_t length; /* of the whole, header included */
	uint64_t hash;   /* of what follows */
};

enum field_kind {
	FIELD_BOOL,
	FIELD_U16,
	FIELD_U32,
	FIELD_U64,
	FIELD_STRING,
	FIELD_STRINGS,
	FIELD_SHAPE, /* a struct inside */
	FIELD_ITEMS, /* a pointer to structs and their count */
	FIELD_RAW,   /* a pointer to plain numbers and their count */
	FIELD_KINDS,
};

enum field_style {
	STYLE_DECIMAL,
	STYLE_HEX,
	STYLE_LIMIT,   /* UINT64_MAX is "unlimited" */
	STYLE_NUMBERS, /* raw: a list of u16 */
	STYLE_DIGEST,  /* raw: how many, and a hash */
};

struct shape;

struct field {
	const char *name;
	enum field_kind kind;
	enum field_style style;
	size_t offset;
	size_t count_offset;      /* items, raw: where the count (a size_t) is */
	size_t size;              /* raw: bytes of one */
	size_t limit;             /* raw: most of them. 32-bit numbers with names: how many names */
	const char *const *names; /* what the values of a 32-bit number are called; NULL: any */
	const struct shape *shape; /* shape, items */
};

struct shape {
	const char *magic; /* of a file, for the two that are files */
	size_t size;       /* sizeof the struct */
	const struct field *fields;
	size_t count;
};

extern const struct shape plan_shape, confinement_shape;

#endif
