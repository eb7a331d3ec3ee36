/*
 * function: the functions of a template: Go's own, and those that Docker adds. A row each.
 */
#ifndef CORDON_CLI_TEMPLATE_FUNCTION_H
#define CORDON_CLI_TEMPLATE_FUNCTION_H

#include "policy/value.h"

/* One template being carried out. */
struct run {
	struct arena *arena; /* of the run: what functions make dies with it */
	const struct template *template;
	const struct value **slots;
	struct text *out;
	struct error *err;
	size_t at;     /* in the source, of what is being done */
	size_t effort; /* left; see run_spend */
	bool titles;   /* a table's first line */
};

/* The arguments of one call; NULL among them is "no value". */
struct arguments {
	const struct value *const *items;
	size_t count;
};

struct function {
	const char *name;
	size_t least, most; /* arguments, with the one that is piped in */
	/* NULL: `and` and `or`, which run.c does itself, as they may not look at all of their
	 * arguments. */
	int (*call)(struct run *run, const struct value **ret, const struct arguments *arguments);
	bool changes_look; /* of its first argument: a title stays as it is */
};

/* NULL: there is none. */
const struct function *function_find(const char *name, size_t length);
void function_names(struct text *ret);

/* The rows of one file each. */
extern const struct function compare_functions[], word_functions[], escape_functions[];

/* "in --format, column N: ..." for what is being done. Returns -1. */
int run_fail(struct run *run, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A template is a program of whoever types it, and may be a long one by mistake: what it makes is
 * counted, and ends with an error at 64 MiB. */
int run_spend(struct run *run, size_t amount) __attribute__((warn_unused_result));

/* A new string, counted. */
int run_string(struct run *run, const struct value **ret, const struct text *text)
        __attribute__((warn_unused_result));

/* False, 0, "", an empty list, null and no value are false. */
bool value_is_true(const struct value *value);

/* "no value", or value_kind_name. */
const char *kind_of(const struct value *value);

/* As Go's %v: text as it is, [a b], map[key:value] in the order of the keys, {a b}. NULL is
 * "<no value>". */
void print_value(struct text *ret, const struct value *value);

/* A real as Go's %v: the fewest digits that say the same number. */
void print_real(struct text *ret, double real);

/* Go's maps among the objects that cordon prints. */
bool value_is_map(const struct value *value);
/* What index gives for a key that a map does not have. */
const struct value *map_zero(struct arena *arena, const struct value *map);
/* An object's members, in the order of their names. */
const struct value *const *sorted_members(struct arena *arena, const struct value *object);

/* Go's printf; appends. The first argument is the format (verb.c). */
int print_formatted(struct run *run, struct text *ret, const struct arguments *arguments)
        __attribute__((warn_unused_result));

#endif
