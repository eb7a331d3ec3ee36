/*
 * output: what cordon says itself, on standard output and standard error.
 */
#ifndef CORDON_CLI_OUTPUT_H
#define CORDON_CLI_OUTPUT_H

#include "policy/value.h"
#include "sandbox/base/error.h"
#include "sandbox/base/text.h"

/* Writes all of it to standard output. On a terminal whatever is not printable is made visible,
 * except for line ends and tabs: a label or an environment of an image may hold anything. */
int output_print(const struct text *text, struct error *err) __attribute__((warn_unused_result));

/* The same for one line, which is made of the arguments and a line end. */
int output_line(struct error *err, const char *format, ...)
        __attribute__((format(printf, 2, 3), warn_unused_result));

/* The same for JSON, indented. */
int output_value(const struct value *value, struct error *err) __attribute__((warn_unused_result));

/* "cordon: WHAT: WHY" and, on a line of its own, the way out; on standard error. */
void output_error(const struct error *err);

#endif
