/*
 * tree: what a template is once it is read. Names are settled: a variable is the number of its
 * slot, a function is its row.
 */
#ifndef CORDON_CLI_TEMPLATE_TREE_H
#define CORDON_CLI_TEMPLATE_TREE_H

#include "policy/value.h"
#include "sandbox/plan.h"

struct function;
struct pipeline;

enum operand_kind {
	OPERAND_CONSTANT,
	OPERAND_DOT,
	OPERAND_VARIABLE,
	OPERAND_FUNCTION,
	OPERAND_PIPELINE, /* in parentheses */
};

struct operand {
	enum operand_kind kind;
	size_t at; /* offset in the source, for errors */
	const struct value *constant;
	size_t slot;
	const struct function *function;
	const struct pipeline *pipeline;
	struct plan_strings fields; /* A and B of .A.B, $x.A.B, (…).A.B */
	const struct operand *next;
};

/* One stage of a pipeline: a value, or a function and its arguments. */
struct stage {
	const struct operand *words;
	size_t count;
	const struct stage *next;
};

struct pipeline {
	size_t at;
	size_t slots[2]; /* $i, $e := */
	size_t declared;
	const struct stage *stages;
};

enum node_kind {
	NODE_TEXT,
	NODE_PRINT,
	NODE_SET, /* {{$x := …}}: nothing is printed */
	NODE_IF,
	NODE_RANGE,
	NODE_WITH,
	NODE_BREAK,
	NODE_CONTINUE,
};

struct node {
	enum node_kind kind;
	size_t at;
	const char *text; /* NODE_TEXT */
	const struct pipeline *pipeline;
	const struct node *body, *otherwise;
	const struct node *next;
};

/* A field taken of the root, for template_check_fields. */
struct root_field {
	const char *name;
	size_t at;
	const struct root_field *next;
};

struct template
{
	const char *source;
	const struct node *nodes;
	size_t slot_count; /* slot 0 is $ */
	const struct root_field *fields;
};

/* "in --format, column 4: ..."; with the line where it is not the first. Returns -1. */
int template_error(struct error *err, const char *source, size_t at, const char *format, ...)
        __attribute__((format(printf, 4, 5)));

#endif
