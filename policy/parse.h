/*
 * parse: what the parts of the parser share. A JSON object's members are rows of a table; the row
 * says what kinds of value it takes, who reads it, and what to tell somebody who got it wrong.
 */
#ifndef CORDON_POLICY_PARSE_H
#define CORDON_POLICY_PARSE_H

#include "policy/model.h"

struct parser {
	struct arena *arena;
	const struct policy_source *source;
	struct policy *policy;
	struct error *err;
	struct own_groups *groups; /* NULL: the profile has none */
};

enum {
	TAKES_BOOLEAN = 1 << VALUE_BOOLEAN,
	TAKES_INTEGER = 1 << VALUE_INTEGER,
	TAKES_REAL = 1 << VALUE_REAL,
	TAKES_STRING = 1 << VALUE_STRING,
	TAKES_ARRAY = 1 << VALUE_ARRAY,
	TAKES_OBJECT = 1 << VALUE_OBJECT,
	TAKES_LARGE = 1 << VALUE_LARGE,
	TAKES_ANY = 0xff,
};

struct key {
	const char *name;
	unsigned takes;
	int (*parse)(struct parser *parser, const struct value *value, void *into);
	const char *expected; /* "a list of call names, groups and rules" */
};

/* "FILE:LINE:COLUMN: /pointer: text". Always -1. */
int parse_complain(struct parser *parser, const struct value *value, const char *format, ...)
        __attribute__((format(printf, 3, 4)));

/* Sets the hint "did you mean 'NEAREST'?" where there is one. Always -1. */
int parse_suggest(struct parser *parser, const char *nearest);

/* Reads the members of an object by their rows. */
int parse_members(struct parser *parser, const struct value *object, const struct key *keys,
                  size_t count, void *into);

/* A value's kind against what is wanted. */
int parse_expect(struct parser *parser, const struct value *value, unsigned takes,
                 const char *expected);

int parse_strings(struct parser *parser, const struct value *value, struct plan_strings *ret);
int parse_decision(struct parser *parser, const struct value *value, struct decision *ret);
int parse_capability(struct parser *parser, const struct value *value, uint64_t *ret);
int parse_arch(struct parser *parser, const struct value *value, uint32_t *ret);
int parse_kernel(struct parser *parser, const struct value *value, uint32_t *ret);

/* Each narrows the gate. */
int parse_gate_arch(struct parser *parser, const struct value *value, struct rule_gate *gate);
int parse_gate_kernel(struct parser *parser, const struct value *value, struct rule_gate *gate);
int parse_gate_capability(struct parser *parser, const struct value *value, struct rule_gate *gate);

/* The ids a word stands for: a call, or a group of the profile's or of cordon's. */
int parse_word(struct parser *parser, const struct value *value, const int **calls, size_t *count);

/* "call" of a rule: a call, a group, or a list of them. */
int parse_calls_of_rule(struct parser *parser, const struct value *value, struct rule *rule);

/* "groups" of a profile, read before anything that may name one. */
int parse_groups(struct parser *parser, const struct value *value);
const int *parse_group(const struct parser *parser, const char *name); /* with its @; NULL */
const char *parse_group_nearest(const struct parser *parser, const char *name);

int parse_when(struct parser *parser, const struct value *value, struct rule *rule);

int parse_syscalls(struct parser *parser, const struct value *value, void *into);
int parse_capabilities(struct parser *parser, const struct value *value, void *into);
int parse_idmap(struct parser *parser, const struct value *value, void *into);
int parse_filesystem(struct parser *parser, const struct value *value, void *into);
int parse_network(struct parser *parser, const struct value *value, void *into);
int parse_limits(struct parser *parser, const struct value *value, void *into);

/* Docker's seccomp JSON (dialect.c). */
int parse_dialect(struct parser *parser, const struct value *root);

/* Nearest of a table's names, NULL where none is near. */
const char *parse_nearest(const char *word, const char *const *names, size_t count);

static inline void parse_said(struct parser *parser, enum policy_setting setting)
{
	parser->policy->given |= 1u << setting;
}

#endif
