/*
 * scan: a template as tokens: the text between actions, and the words inside them.
 */
#ifndef CORDON_CLI_TEMPLATE_SCAN_H
#define CORDON_CLI_TEMPLATE_SCAN_H

#include "policy/value.h"

enum token_kind {
	TOKEN_END,      /* of the template */
	TOKEN_TEXT,     /* outside of actions, trimmed */
	TOKEN_OPEN,     /* {{ */
	TOKEN_CLOSE,    /* }} */
	TOKEN_WORD,     /* a keyword or a function */
	TOKEN_FIELD,    /* .Name, without the dot */
	TOKEN_DOT,      /* . */
	TOKEN_VARIABLE, /* $name, with the dollar */
	TOKEN_CONSTANT, /* a string, number or character, in `constant` */
	TOKEN_PIPE,
	TOKEN_LEFT,
	TOKEN_RIGHT,
	TOKEN_COMMA,
	TOKEN_ASSIGN,  /* = */
	TOKEN_DECLARE, /* := */
};

struct token {
	enum token_kind kind;
	const char *start;
	size_t length;
	bool spaced; /* a blank stands before it: `.A .B` is two words, `.A.B` is one */
	const struct value *constant;
};

/* Zeroed but for the first three. */
struct scanner {
	const char *source;
	struct arena *arena;
	struct error *err;
	const char *next;
	bool inside; /* an action */
	bool trim;   /* the action before ended with -}} */
	struct token token;
};

/* Reads the next token into scanner->token. */
int scan_next(struct scanner *scanner) __attribute__((warn_unused_result));

/* Reads a string, a character or a number that begins at scanner->next (literal.c). */
int scan_quoted(struct scanner *scanner) __attribute__((warn_unused_result));
int scan_number(struct scanner *scanner) __attribute__((warn_unused_result));

/* Letters, digits, '_' and whatever is not ASCII. */
bool scan_is_letter(char character);

#endif
