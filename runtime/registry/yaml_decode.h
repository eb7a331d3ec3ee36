/*
 * yaml_decode: one YAML document as a value tree, through libyaml (this is the one file that
 * includes it): mappings with scalar keys, sequences, strings, true and false. What YAML has beyond
 * that (tags, keys that are no scalars, further documents) is an error; a plain number stays a
 * string, since no key of ours takes one.
 */
#ifndef CORDON_REGISTRY_YAML_DECODE_H
#define CORDON_REGISTRY_YAML_DECODE_H

#include "policy/value.h"

/* An empty text is an empty object. "FILE:LINE:COLUMN: what". */
int yaml_decode(struct value **ret, struct arena *arena, const char *file, const struct text *text,
                struct error *err) __attribute__((warn_unused_result));

#endif
