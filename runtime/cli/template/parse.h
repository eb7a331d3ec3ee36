/*
 * parse: what reads a template's nodes (parse.c) and its pipelines (pipeline.c).
 */
#ifndef CORDON_CLI_TEMPLATE_PARSE_H
#define CORDON_CLI_TEMPLATE_PARSE_H

#include "runtime/cli/template/scan.h"
#include "runtime/cli/template/tree.h"

enum { DEPTH_MAX = 64, VARIABLES_MAX = 64 };

struct parser {
	struct scanner scanner;
	struct template *template;
	unsigned depth;
	unsigned moved; /* bodies of range and with around: there the dot is not the root */
	unsigned loops;
	size_t end_at; /* the {{end}} or {{else}} read last */
	const char *variables[VARIABLES_MAX];
	size_t variable_count;
	const struct root_field **last_field;
};

const struct token *parse_token(const struct parser *parser);
size_t parse_place(const struct parser *parser); /* of the token, in the source */
int parse_advance(struct parser *parser) __attribute__((warn_unused_result));
bool parse_is_word(const struct token *token, const char *word);

int parse_fail(struct parser *parser, size_t at, const char *format, ...)
        __attribute__((format(printf, 3, 4)));
/* "WORD does not belong WHERE" */
int parse_unexpected(struct parser *parser, const char *where);

/* A pipeline that may begin with `$x :=` or `$x =`, in a range also with `$i, $e :=`. */
int parse_setting_pipeline(struct parser *parser, const struct pipeline **ret, bool range)
        __attribute__((warn_unused_result));

#endif
