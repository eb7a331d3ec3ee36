/*
 * template: Go's text/template, as Docker's and Podman's --format takes it, carried out on value
 * trees.
 *
 * What is not taken (define, template, block, call, imaginary numbers, verbs of printf that need
 * Go's types) is an error that names the word and its column, and is found when the template is
 * read wherever its text alone tells. Nothing is ever left out in silence.
 *
 * A JSON object stands for two things of Go: a struct, whose fields are known, so that a misspelt
 * one is an error; and a map, whose missing key is "<no value>" for a field and an empty value for
 * index. Which one it is tells its key (print.c).
 */
#ifndef CORDON_CLI_TEMPLATE_TEMPLATE_H
#define CORDON_CLI_TEMPLATE_TEMPLATE_H

#include "policy/value.h"
#include "sandbox/plan.h"

struct template;

/* The template and its constants live in the arena; `source` must live as long. Errors say
 * "in --format, column N: ...". */
int template_parse(const struct template **ret, struct arena *arena, const char *source,
                   struct error *err) __attribute__((warn_unused_result));

/* Appends to `ret`; on failure what stands there is of no use. */
int template_run(struct text *ret, const struct template *template, const struct value *dot,
                 struct error *err) __attribute__((warn_unused_result));

/* The same on an object of titles, for the first line of a table: functions that change the look of
 * a value leave a title as it is. */
int template_run_titles(struct text *ret, const struct template *template,
                        const struct value *titles, struct error *err)
        __attribute__((warn_unused_result));

/* Every field the template takes directly of the value it is run on has to be among `known`: finds
 * a misspelt one before there is a value. */
int template_check_fields(const struct template *template, const struct plan_strings *known,
                          struct error *err) __attribute__((warn_unused_result));

/* Both in one, for a single value. */
int template_print(struct text *ret, const char *source, const struct value *dot, struct error *err)
        __attribute__((warn_unused_result));

#endif
