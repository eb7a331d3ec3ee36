/*
 * trust_parse: policy.json, from JSON to requirements.
 */
#ifndef CORDON_REGISTRY_TRUST_PARSE_H
#define CORDON_REGISTRY_TRUST_PARSE_H

#include "policy/value.h"
#include "runtime/registry/trust.h"

struct trust_parser {
	struct arena *arena;
	const char *file;
	const struct text *text;
	struct error *err;
};

/* A key that an object may have. */
struct trust_field {
	const char *name;
	enum value_kind kind;
	bool required;
};

/* -1: "FILE:LINE:COLUMN: what". */
int trust_complain(const struct trust_parser *parser, const struct value *at, const char *format,
                   ...) __attribute__((format(printf, 3, 4)));
/* An object of these fields, which end with a NULL name, and no others. */
int trust_check_fields(const struct trust_parser *parser, const struct value *object,
                       const struct trust_field *fields) __attribute__((warn_unused_result));
/* The type of an object: which of the words, which end with NULL. */
int trust_take_type(unsigned *ret, const struct trust_parser *parser, const struct value *object,
                    const char *const *words) __attribute__((warn_unused_result));

/* One requirement. */
int trust_take_requirement(struct trust_requirement *ret, const struct trust_parser *parser,
                           const struct value *object) __attribute__((warn_unused_result));
/* The value of signedIdentity; NULL: it is missing. */
int trust_take_identity(struct trust_identity *ret, const struct trust_parser *parser,
                        const struct value *object) __attribute__((warn_unused_result));

#endif
