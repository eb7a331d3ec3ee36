/*
 * parse: tokens to a tree, by recursive descent. Whatever the text alone can tell is told here: an
 * unknown word, a wrong number of arguments, a variable that is not there, a missing {{end}}.
 */
#include "runtime/cli/template/parse.h"

#include "runtime/cli/template/template.h"
#include "sandbox/base/cleanup.h"

#include <string.h>

/* Why a list of nodes ended. */
enum list_end { LIST_OVER, LIST_END, LIST_ELSE };

static int parse_list(struct parser *parser, const struct node **ret, enum list_end *end);

static int expect_close(struct parser *parser)
{
	return parse_token(parser)->kind == TOKEN_CLOSE ? parse_advance(parser)
	                                                : parse_unexpected(parser, "there");
}

/* {{end}} and {{else}}; an `else if` and `else with` are left standing at their second word. */
static int parse_list_end(struct parser *parser, enum list_end *end)
{
	*end = parse_is_word(parse_token(parser), "end") ? LIST_END : LIST_ELSE;
	parser->end_at = parse_place(parser);
	if (parse_advance(parser) < 0)
		return -1;
	if (*end == LIST_ELSE && (parse_is_word(parse_token(parser), "if") ||
	                          parse_is_word(parse_token(parser), "with")))
		return 0;
	return expect_close(parser);
}

static int parse_branches(struct parser *parser, struct node *node);

static const char *word_of(const struct node *node)
{
	return node->kind == NODE_IF ? "if" : node->kind == NODE_RANGE ? "range" : "with";
}

/* What follows {{else}}: a list, or for `else if` one node, which ends with the same {{end}}. */
static int parse_otherwise(struct parser *parser, struct node *node)
{
	struct node *nested;
	enum list_end end;

	if (parse_token(parser)->kind != TOKEN_WORD) {
		if (parse_list(parser, &node->otherwise, &end) < 0)
			return -1;
		return end == LIST_END ? 0
		                       : parse_fail(parser, node->at,
		                                    end == LIST_ELSE ? "%s has two {{else}}"
		                                                     : "%s has no {{end}}",
		                                    word_of(node));
	}
	if (!parse_is_word(parse_token(parser), word_of(node)))
		return parse_unexpected(parser, "behind this else");
	nested = arena_alloc(parser->scanner.arena, sizeof *nested);
	*nested = (struct node){ .kind = node->kind, .at = parse_place(parser) };
	node->otherwise = nested;
	return parse_branches(parser, nested);
}

static int parse_body(struct parser *parser, struct node *node, enum list_end *end)
{
	bool moves = node->kind != NODE_IF, loops = node->kind == NODE_RANGE;
	size_t variables = parser->variable_count;
	int result;

	parser->moved += moves;
	parser->loops += loops;
	result = parse_list(parser, &node->body, end);
	parser->moved -= moves;
	parser->loops -= loops;
	parser->variable_count = variables; /* its own end with it */
	return result;
}

/* if, range, with: from the keyword to behind its {{end}}. */
static int parse_branches(struct parser *parser, struct node *node)
{
	size_t variables = parser->variable_count;
	enum list_end end;

	if (++parser->depth > DEPTH_MAX)
		return parse_fail(parser, node->at, "nested too deep");
	if (parse_advance(parser) < 0)
		return -1;
	if (parse_token(parser)->kind == TOKEN_CLOSE)
		return parse_fail(parser, node->at, "%s has no value", word_of(node));
	if (parse_setting_pipeline(parser, &node->pipeline, node->kind == NODE_RANGE) < 0 ||
	    expect_close(parser) < 0 || parse_body(parser, node, &end) < 0)
		return -1;
	if (end == LIST_OVER)
		return parse_fail(parser, node->at, "%s has no {{end}}", word_of(node));
	if (end == LIST_ELSE && parse_otherwise(parser, node) < 0)
		return -1;
	parser->depth--;
	parser->variable_count = variables;
	return 0;
}

static int parse_jump(struct parser *parser, struct node *node)
{
	if (parser->loops == 0)
		return parse_fail(parser, node->at, "%s stands in no range",
		                  node->kind == NODE_BREAK ? "break" : "continue");
	return parse_advance(parser) < 0 ? -1 : expect_close(parser);
}

static const struct {
	const char *word;
	enum node_kind kind;
	int (*parse)(struct parser *parser, struct node *node);
} keywords[] = {
	{ "if", NODE_IF, parse_branches },         { "range", NODE_RANGE, parse_branches },
	{ "with", NODE_WITH, parse_branches },     { "break", NODE_BREAK, parse_jump },
	{ "continue", NODE_CONTINUE, parse_jump },
};

/* Behind {{: what is no end and no else. */
static int parse_action(struct parser *parser, struct node *node)
{
	node->at = parse_place(parser);
	for (size_t i = 0; i < ARRAY_SIZE(keywords); i++)
		if (parse_is_word(parse_token(parser), keywords[i].word)) {
			node->kind = keywords[i].kind;
			return keywords[i].parse(parser, node);
		}
	if (parse_token(parser)->kind == TOKEN_CLOSE)
		return parse_fail(parser, node->at, "the action is empty");
	if (parse_setting_pipeline(parser, &node->pipeline, false) < 0)
		return -1;
	node->kind = node->pipeline->declared > 0 ? NODE_SET : NODE_PRINT;
	return expect_close(parser);
}

/* Docker's escapes outside of actions: \n and \t, since a shell's quotes keep them as they are. */
static const char *unescape(struct arena *arena, const struct token *token)
{
	char *ret = arena_text(arena, token->start, token->length), *to = ret;

	for (const char *from = ret; *from != '\0'; from++) {
		if (from[0] == '\\' && (from[1] == 'n' || from[1] == 't'))
			*to++ = *++from == 'n' ? '\n' : '\t';
		else
			*to++ = *from;
	}
	*to = '\0';
	return ret;
}

static int parse_text(struct parser *parser, struct node *node)
{
	node->kind = NODE_TEXT;
	node->at = parse_place(parser);
	node->text = unescape(parser->scanner.arena, parse_token(parser));
	return parse_advance(parser);
}

static int parse_list(struct parser *parser, const struct node **ret, enum list_end *end)
{
	*end = LIST_OVER;
	while (parse_token(parser)->kind != TOKEN_END) {
		bool text = parse_token(parser)->kind == TOKEN_TEXT;
		struct node *node;

		if (!text && parse_advance(parser) < 0)
			return -1;
		if (!text && (parse_is_word(parse_token(parser), "end") ||
		              parse_is_word(parse_token(parser), "else")))
			return parse_list_end(parser, end);
		node = arena_alloc(parser->scanner.arena, sizeof *node);
		if ((text ? parse_text : parse_action)(parser, node) < 0)
			return -1;
		*ret = node;
		ret = &node->next;
	}
	return 0;
}

int template_parse(const struct template **ret, struct arena *arena, const char *source,
                   struct error *err)
{
	struct template *template = arena_alloc(arena, sizeof *template);
	struct parser parser = {
		.scanner = { .source = source, .arena = arena, .err = err },
		.template = template,
		.variables = { "$" },
		.variable_count = 1,
		.last_field = &template->fields,
	};
	enum list_end end;

	template->source = source;
	template->slot_count = 1;
	if (parse_advance(&parser) < 0 || parse_list(&parser, &template->nodes, &end) < 0)
		return -1;
	if (end != LIST_OVER)
		return template_error(err, source, parser.end_at,
		                      "there is no if, range or with for this %s",
		                      end == LIST_END ? "end" : "else");
	*ret = template;
	return 0;
}

int template_check_fields(const struct template *template, const struct plan_strings *known,
                          struct error *err)
{
	for (const struct root_field *field = template->fields; field != NULL;
	     field = field->next) {
		_cleanup_text struct text names = {};
		bool found = false;

		for (size_t i = 0; i < known->count; i++) {
			found |= strcmp(known->items[i], field->name) == 0;
			text_printf(&names, " .%s", known->items[i]);
		}
		if (found)
			continue;
		template_error(err, template->source, field->at, "there is no field .%.60s",
		               field->name);
		return error_hint(err, "there are%s", text_string(&names));
	}
	return 0;
}
