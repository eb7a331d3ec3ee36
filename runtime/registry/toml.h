/*
 * toml: TOML 1.0 (toml.io) as an immutable tree in an arena, strictly: what registries.conf is
 * written in.
 *
 * All of TOML but its floats, dates and times, which no key of that file takes: they are an error
 * that says so. As in JSON (policy/value.h), no string holds a NUL, and nothing is nested deeper
 * than 64. Pure.
 */
#ifndef CORDON_REGISTRY_TOML_H
#define CORDON_REGISTRY_TOML_H

#include "policy/value.h"

/* The whole text as an object. `file` is what the errors call it: "FILE:LINE:COLUMN: what". */
int toml_decode(struct value **ret, struct arena *arena, const char *file, const struct text *text,
                struct error *err) __attribute__((warn_unused_result));

/* Where a value of such a tree was written: its key, the header of a table, or the item of an array
 * itself. Lines and columns (of bytes) count from 1. */
struct position toml_position(const struct value *value);

#endif
