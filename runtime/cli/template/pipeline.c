/*
 * pipeline: what stands inside an action: words, stages, pipelines and the variables they set.
 */
#include "runtime/cli/template/parse.h"

#include "runtime/cli/template/function.h"
#include "sandbox/base/cleanup.h"

#include <stdarg.h>
#include <string.h>

const struct token *parse_token(const struct parser *parser)
{
	return &parser->scanner.token;
}

size_t parse_place(const struct parser *parser)
{
	return (size_t)(parser->scanner.token.start - parser->template->source);
}

int parse_advance(struct parser *parser)
{
	return scan_next(&parser->scanner);
}

int parse_fail(struct parser *parser, size_t at, const char *format, ...)
{
	char text[400];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	return template_error(parser->scanner.err, parser->template->source, at, "%s", text);
}

bool parse_is_word(const struct token *token, const char *word)
{
	return token->kind == TOKEN_WORD && token->length == strlen(word) &&
	       strncmp(token->start, word, token->length) == 0;
}

/* What stands there, for an error: the word, or what it is. */
static const char *shown(const struct parser *parser, char buffer[64])
{
	const struct token *token = parse_token(parser);

	if (token->kind == TOKEN_CLOSE)
		return "the end of the action";
	snprintf(buffer, 64, "%s%.*s", token->kind == TOKEN_FIELD ? "." : "",
	         (int)(token->length < 40 ? token->length : 40), token->start);
	return buffer;
}

int parse_unexpected(struct parser *parser, const char *where)
{
	char buffer[64];

	return parse_fail(parser, parse_place(parser), "%s does not belong %s",
	                  shown(parser, buffer), where);
}

/* ---- words ---- */

static void add_field(struct parser *parser, struct operand *operand)
{
	struct arena *arena = parser->scanner.arena;
	struct plan_strings *fields = &operand->fields;
	const char **items = arena_array(arena, fields->count + 2, sizeof *items);

	if (fields->count > 0)
		memcpy(items, fields->items, fields->count * sizeof *items);
	items[fields->count++] =
	        arena_text(arena, parse_token(parser)->start, parse_token(parser)->length);
	fields->items = items;
}

static void note_root_field(struct parser *parser, const struct operand *operand)
{
	bool root = (operand->kind == OPERAND_DOT && parser->moved == 0) ||
	            (operand->kind == OPERAND_VARIABLE && operand->slot == 0);
	struct root_field *field;

	if (!root || operand->fields.count == 0)
		return;
	field = arena_alloc(parser->scanner.arena, sizeof *field);
	*field = (struct root_field){ operand->fields.items[0], operand->at, NULL };
	*parser->last_field = field;
	parser->last_field = &field->next;
}

static int find_variable(struct parser *parser, const struct token *name, size_t *slot)
{
	for (size_t i = parser->variable_count; i-- > 0;)
		if (strlen(parser->variables[i]) == name->length &&
		    strncmp(parser->variables[i], name->start, name->length) == 0) {
			*slot = i;
			return 0;
		}
	return parse_fail(parser, (size_t)(name->start - parser->template->source),
	                  "there is no variable %.*s", (int)(name->length < 40 ? name->length : 40),
	                  name->start);
}

static int declare_variable(struct parser *parser, const struct token *name, size_t *slot)
{
	if (parser->variable_count == VARIABLES_MAX)
		return parse_fail(parser, (size_t)(name->start - parser->template->source),
		                  "more than %d variables", VARIABLES_MAX);
	*slot = parser->variable_count++;
	parser->variables[*slot] = arena_text(parser->scanner.arena, name->start, name->length);
	if (parser->variable_count > parser->template->slot_count)
		parser->template->slot_count = parser->variable_count;
	return 0;
}

static int take_word(struct parser *parser, struct operand *ret)
{
	static const char *const others[] = { "template", "define", "block",   "call",
		                              "if",       "else",   "end",     "range",
		                              "with",     "break",  "continue" };
	const struct token *token = parse_token(parser);
	_cleanup_text struct text names = {};

	if (parse_is_word(token, "true") || parse_is_word(token, "false")) {
		ret->constant = value_new_boolean(parser->scanner.arena, token->length == 4);
		return 0;
	}
	if (parse_is_word(token, "nil")) {
		ret->constant = value_new_null(parser->scanner.arena);
		return 0;
	}
	ret->kind = OPERAND_FUNCTION;
	ret->function = function_find(token->start, token->length);
	if (ret->function != NULL)
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		if (parse_is_word(token, others[i]))
			return parse_fail(parser, ret->at,
			                  i < 4 ? "%s is not supported"
			                        : "%s does not belong there",
			                  others[i]);
	parse_fail(parser, ret->at, "there is no function '%.*s'",
	           (int)(token->length < 40 ? token->length : 40), token->start);
	function_names(&names);
	return error_hint(parser->scanner.err,
	                  "a field is written with a dot, .Name; functions are%s", names.data);
}

static int parse_pipeline(struct parser *parser, const struct pipeline **ret);

static int take_parentheses(struct parser *parser, struct operand *ret)
{
	ret->kind = OPERAND_PIPELINE;
	if (++parser->depth > DEPTH_MAX)
		return parse_fail(parser, ret->at, "nested too deep");
	if (parse_advance(parser) < 0 || parse_pipeline(parser, &ret->pipeline) < 0)
		return -1;
	parser->depth--;
	return parse_token(parser)->kind == TOKEN_RIGHT
	               ? 0
	               : parse_fail(parser, ret->at, "the ( is not closed");
}

/* One word, with the fields that hang on it. */
static int parse_operand(struct parser *parser, struct operand *ret)
{
	const struct token *token = parse_token(parser);
	int result = 0;

	*ret = (struct operand){ .at = parse_place(parser) };
	switch (token->kind) {
	case TOKEN_FIELD:
		ret->at--;
		ret->kind = OPERAND_DOT;
		add_field(parser, ret);
		break;
	case TOKEN_DOT:
		ret->kind = OPERAND_DOT;
		break;
	case TOKEN_VARIABLE:
		ret->kind = OPERAND_VARIABLE;
		result = find_variable(parser, token, &ret->slot);
		break;
	case TOKEN_CONSTANT:
		ret->constant = token->constant;
		break;
	case TOKEN_WORD:
		result = take_word(parser, ret);
		break;
	case TOKEN_LEFT:
		result = take_parentheses(parser, ret);
		break;
	default:
		return parse_unexpected(parser, "there");
	}
	if (result < 0 || parse_advance(parser) < 0)
		return -1;
	while (token->kind == TOKEN_FIELD && !token->spaced) {
		if (ret->kind == OPERAND_CONSTANT || ret->kind == OPERAND_FUNCTION)
			return parse_unexpected(parser, "behind that word");
		add_field(parser, ret);
		if (parse_advance(parser) < 0)
			return -1;
	}
	note_root_field(parser, ret);
	return 0;
}

static bool starts_operand(const struct token *token)
{
	return (token->kind >= TOKEN_WORD && token->kind <= TOKEN_CONSTANT) ||
	       token->kind == TOKEN_LEFT;
}

/* ---- stages and pipelines ---- */

/* `.Label "key"`: the one method of Docker's that takes an argument. */
static bool is_label(const struct operand *word)
{
	return word->kind == OPERAND_DOT && word->fields.count == 1 &&
	       strcmp(word->fields.items[0], "Label") == 0;
}

static int check_count(struct parser *parser, const struct operand *word, size_t count)
{
	const struct function *function = word->function;
	char takes[48];

	if (count >= function->least && count <= function->most)
		return 0;
	if (function->most == SIZE_MAX)
		snprintf(takes, sizeof takes, "at least %zu", function->least);
	else if (function->most > function->least)
		snprintf(takes, sizeof takes, "%zu to %zu", function->least, function->most);
	else
		snprintf(takes, sizeof takes, "%zu", function->least);
	return parse_fail(parser, word->at, "%s takes %s argument%s, and has %zu", function->name,
	                  takes, strcmp(takes, "1") == 0 || text_ends(takes, " 1") ? "" : "s",
	                  count);
}

static int check_stage(struct parser *parser, const struct stage *stage, bool first)
{
	const struct operand *word = stage->words;
	size_t count = stage->count - (first ? 1 : 0);

	if (word->kind != OPERAND_FUNCTION) {
		if (!first && word->kind == OPERAND_CONSTANT)
			return parse_fail(parser, word->at, "only a function can stand behind a |");
		if (is_label(word) && count == 1)
			return 0;
		if (count > 0)
			return parse_fail(parser, word->at,
			                  "what is no function takes no arguments");
		if (word->constant != NULL && word->constant->kind == VALUE_NULL)
			return parse_fail(parser, word->at, "nil by itself is no command");
		return 0;
	}
	return check_count(parser, word, count);
}

/* A function among the arguments is called without any. */
static int check_argument(struct parser *parser, const struct operand *word)
{
	if (word->kind != OPERAND_FUNCTION || word->function->least == 0)
		return 0;
	parse_fail(parser, word->at, "%s has no arguments here", word->function->name);
	return error_hint(parser->scanner.err, "a call inside a call stands in parentheses: (%s …)",
	                  word->function->name);
}

static int parse_stage(struct parser *parser, struct stage *stage, bool first)
{
	const struct operand **last = &stage->words;

	do {
		struct operand *word = arena_alloc(parser->scanner.arena, sizeof *word);

		if (stage->count > 0 && !parse_token(parser)->spaced)
			return parse_fail(parser, parse_place(parser),
			                  "a blank is missing before that");
		if (parse_operand(parser, word) < 0 ||
		    (stage->count > 0 && check_argument(parser, word) < 0))
			return -1;
		*last = word;
		last = &word->next;
		stage->count++;
	} while (starts_operand(parse_token(parser)));
	return check_stage(parser, stage, first);
}

static int parse_stages(struct parser *parser, struct pipeline *pipeline)
{
	const struct stage **last = &pipeline->stages;

	for (;;) {
		struct stage *stage = arena_alloc(parser->scanner.arena, sizeof *stage);

		if (parse_stage(parser, stage, last == &pipeline->stages) < 0)
			return -1;
		*last = stage;
		last = &stage->next;
		if (parse_token(parser)->kind != TOKEN_PIPE)
			return 0;
		if (parse_advance(parser) < 0)
			return -1;
	}
}

static int parse_pipeline(struct parser *parser, const struct pipeline **ret)
{
	struct pipeline *pipeline = arena_alloc(parser->scanner.arena, sizeof *pipeline);

	pipeline->at = parse_place(parser);
	*ret = pipeline;
	return parse_stages(parser, pipeline);
}

/* The variables before `:=` and `=`; in a range there may be two, with a comma. `ahead` is left at
 * that sign. 0: what stands there sets no variable. */
static int read_names(struct scanner *ahead, struct token names[2], bool range)
{
	size_t count = 0;

	while (ahead->token.kind == TOKEN_VARIABLE && count < 2) {
		names[count++] = ahead->token;
		if (scan_next(ahead) < 0)
			return -1;
		if (ahead->token.kind != TOKEN_COMMA || !range)
			break;
		if (scan_next(ahead) < 0)
			return -1;
	}
	return ahead->token.kind == TOKEN_DECLARE || ahead->token.kind == TOKEN_ASSIGN ? (int)count
	                                                                               : 0;
}

int parse_setting_pipeline(struct parser *parser, const struct pipeline **ret, bool range)
{
	struct pipeline *pipeline = arena_alloc(parser->scanner.arena, sizeof *pipeline);
	struct scanner ahead = parser->scanner;
	struct token names[2];
	int count = read_names(&ahead, names, range);
	bool declare = ahead.token.kind == TOKEN_DECLARE;

	if (count < 0)
		return -1;
	pipeline->at = parse_place(parser);
	pipeline->declared = (size_t)count;
	if (count > 0) {
		parser->scanner = ahead;
		if (parse_advance(parser) < 0)
			return -1;
	}
	if (parse_stages(parser, pipeline) < 0)
		return -1;
	/* last: the names are not known in the pipeline itself */
	for (size_t i = 0; i < pipeline->declared; i++)
		if ((declare ? declare_variable : find_variable)(parser, &names[i],
		                                                 &pipeline->slots[i]) < 0)
			return -1;
	*ret = pipeline;
	return 0;
}
