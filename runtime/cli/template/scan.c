#include "runtime/cli/template/scan.h"

#include "runtime/cli/template/tree.h"
#include "sandbox/base/cleanup.h"

#include <stdarg.h>
#include <string.h>

static const char blanks[] = " \t\r\n";

int template_error(struct error *err, const char *source, size_t at, const char *format, ...)
{
	char text[640];
	size_t line = 1, column = 1;
	va_list arguments;

	for (size_t i = 0; i < at && source[i] != '\0'; i++) {
		if (source[i] == '\n') {
			line++;
			column = 1;
		} else {
			/* characters, not bytes */
			column += ((unsigned char)source[i + 1] & 0xc0) != 0x80;
		}
	}
	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	return line == 1 ? error_set(err, 0, "in --format, column %zu: %s", column, text)
	                 : error_set(err, 0, "in --format, line %zu, column %zu: %s", line, column,
	                             text);
}

static size_t offset(const struct scanner *scanner, const char *place)
{
	return (size_t)(place - scanner->source);
}

bool scan_is_letter(char character)
{
	return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z') ||
	       (character >= '0' && character <= '9') || character == '_' ||
	       (unsigned char)character >= 0x80;
}

static bool is_blank(char character)
{
	return character != '\0' && strchr(blanks, character) != NULL;
}

/* A dash trims only with a blank beside it: {{-3}} is a number. */
static bool trims_left(const char *open)
{
	return open[2] == '-' && is_blank(open[3]);
}

static void take(struct scanner *scanner, enum token_kind kind, size_t length)
{
	scanner->token.kind = kind;
	scanner->token.start = scanner->next;
	scanner->token.length = length;
	scanner->next += length;
}

/* Passes a comment, an action of its own; 0 where none stands there. */
static int pass_comment(struct scanner *scanner)
{
	const char *open = scanner->next, *next = open + 2 + (trims_left(open) ? 1 : 0), *end;

	next += trims_left(open) ? strspn(next, blanks) : 0;
	if (next[0] != '/' || next[1] != '*')
		return 0;
	end = strstr(next + 2, "*/");
	if (end == NULL)
		return template_error(scanner->err, scanner->source, offset(scanner, open),
		                      "the comment has no end");
	end += 2;
	scanner->trim = is_blank(end[0]) && end[strspn(end, blanks)] == '-';
	if (scanner->trim)
		end += strspn(end, blanks) + 1;
	if (end[0] != '}' || end[1] != '}')
		return template_error(scanner->err, scanner->source, offset(scanner, end),
		                      "a comment is an action by itself: }} has to follow");
	scanner->next = end + 2;
	return 1;
}

/* The text before the next action; nothing is left of it where it is trimmed away. */
static void take_text(struct scanner *scanner)
{
	const char *open;

	if (scanner->trim)
		scanner->next += strspn(scanner->next, blanks);
	scanner->trim = false;
	open = strstr(scanner->next, "{{");
	take(scanner, TOKEN_TEXT,
	     open == NULL ? strlen(scanner->next) : (size_t)(open - scanner->next));
	if (open == NULL || !trims_left(open))
		return;
	while (scanner->token.length > 0 &&
	       is_blank(scanner->token.start[scanner->token.length - 1]))
		scanner->token.length--;
}

static int scan_outside(struct scanner *scanner)
{
	int comment;

	for (;;) {
		take_text(scanner);
		if (scanner->token.length > 0)
			return 0;
		if (scanner->next[0] == '\0') {
			take(scanner, TOKEN_END, 0);
			return 0;
		}
		comment = pass_comment(scanner);
		if (comment < 0)
			return -1;
		if (comment > 0)
			continue;
		take(scanner, TOKEN_OPEN, trims_left(scanner->next) ? 3 : 2);
		scanner->inside = true;
		return 0;
	}
}

static size_t word_length(const char *start)
{
	size_t length = 0;

	while (scan_is_letter(start[length]))
		length++;
	return length;
}

static const struct {
	const char *spelling;
	enum token_kind kind;
} marks[] = {
	{ ":=", TOKEN_DECLARE }, { "=", TOKEN_ASSIGN }, { "|", TOKEN_PIPE },
	{ "(", TOKEN_LEFT },     { ")", TOKEN_RIGHT },  { ",", TOKEN_COMMA },
};

static int take_mark(struct scanner *scanner)
{
	const char *next = scanner->next;

	for (size_t i = 0; i < ARRAY_SIZE(marks); i++)
		if (text_starts(next, marks[i].spelling)) {
			take(scanner, marks[i].kind, strlen(marks[i].spelling));
			return 0;
		}
	if (next[0] == '\0')
		return template_error(scanner->err, scanner->source, offset(scanner, next),
		                      "the action has no end: }} is missing");
	return template_error(scanner->err, scanner->source, offset(scanner, next),
	                      "'%c' does not belong there", next[0]);
}

/* "}}", or with a blank before it "-}}". */
static size_t close_length(const struct scanner *scanner)
{
	const char *next = scanner->next;

	if (next[0] == '}' && next[1] == '}')
		return 2;
	return scanner->token.spaced && text_starts(next, "-}}") ? 3 : 0;
}

static bool starts_number(const char *next)
{
	if (next[0] == '-' || next[0] == '+')
		next++;
	if (next[0] == '.')
		next++;
	return next[0] >= '0' && next[0] <= '9';
}

static int scan_inside(struct scanner *scanner)
{
	size_t blank = strspn(scanner->next, blanks), close;
	const char *next = scanner->next + blank;

	scanner->next = next;
	scanner->token.spaced = blank > 0;
	close = close_length(scanner);
	if (close > 0) {
		take(scanner, TOKEN_CLOSE, close);
		scanner->inside = false;
		scanner->trim = close == 3;
		return 0;
	}
	if (next[0] == '"' || next[0] == '`' || next[0] == '\'')
		return scan_quoted(scanner);
	if (starts_number(next))
		return scan_number(scanner);
	if (next[0] == '$') {
		take(scanner, TOKEN_VARIABLE, 1 + word_length(next + 1));
	} else if (next[0] == '.' && !scan_is_letter(next[1])) {
		take(scanner, TOKEN_DOT, 1);
	} else if (next[0] == '.') {
		scanner->next++;
		take(scanner, TOKEN_FIELD, word_length(next + 1));
	} else if (scan_is_letter(next[0])) {
		take(scanner, TOKEN_WORD, word_length(next));
	} else {
		return take_mark(scanner);
	}
	return 0;
}

int scan_next(struct scanner *scanner)
{
	if (scanner->next == NULL)
		scanner->next = scanner->source;
	scanner->token = (struct token){};
	return scanner->inside ? scan_inside(scanner) : scan_outside(scanner);
}
