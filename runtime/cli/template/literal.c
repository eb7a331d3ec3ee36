/*
 * literal: strings, characters and numbers as Go's specification writes them: "…" and '…' with
 * escapes, `…` without, 1_000, 0x1f, 0b11, 0o17, 1.5e3.
 */
#include "runtime/cli/template/scan.h"
#include "runtime/cli/template/tree.h"
#include "runtime/cli/template/character.h"

#include "sandbox/base/cleanup.h"

#include <math.h>
#include <string.h>

static int refuse(struct scanner *scanner, const char *place, const char *what)
{
	return template_error(scanner->err, scanner->source, (size_t)(place - scanner->source),
	                      "%s", what);
}

static int digit_of(char character)
{
	if (character >= '0' && character <= '9')
		return character - '0';
	if (character >= 'a' && character <= 'f')
		return character - 'a' + 10;
	return character >= 'A' && character <= 'F' ? character - 'A' + 10 : 16;
}

/* Exactly `count` digits; -1 where there are fewer. */
static int64_t read_digits(const char **next, int base, int count)
{
	int64_t number = 0;

	for (; count > 0; count--, (*next)++) {
		if (digit_of(**next) >= base)
			return -1;
		number = number * base + digit_of(**next);
	}
	return number;
}

static const struct escape {
	char letter;
	char byte;  /* what it stands for; 0: digits follow */
	int digits; /* of base 16 */
} escapes[] = {
	{ 'a', '\a', 0 }, { 'b', '\b', 0 }, { 'f', '\f', 0 }, { 'n', '\n', 0 },
	{ 'r', '\r', 0 }, { 't', '\t', 0 }, { 'v', '\v', 0 }, { '\\', '\\', 0 },
	{ 'x', 0, 2 },    { 'u', 0, 4 },    { 'U', 0, 8 },
};

/* What follows a backslash; -1: no escape. *byte: it is one byte, not a character. */
static int64_t read_escape(const char **next, char quote, bool *byte)
{
	char letter = **next;

	*byte = letter == 'x' || (letter >= '0' && letter <= '7');
	if (letter >= '0' && letter <= '7')
		return read_digits(next, 8, 3);
	(*next)++;
	if (letter == quote)
		return quote;
	for (size_t i = 0; i < ARRAY_SIZE(escapes); i++)
		if (escapes[i].letter == letter)
			return escapes[i].byte != 0 ? escapes[i].byte
			                            : read_digits(next, 16, escapes[i].digits);
	return -1;
}

static int take_escape(struct scanner *scanner, struct text *ret, const char **next, char quote)
{
	const char *start = *next - 1;
	bool byte;
	int64_t code = read_escape(next, quote, &byte);

	if (code == 0)
		return refuse(scanner, start, "a string cannot hold a NUL");
	if (code < 0 || (byte && code > 255) || (!byte && !character_is_valid(code)))
		return refuse(scanner, start, "there is no such escape in a string");
	if (byte)
		text_append_char(ret, (char)code);
	else
		character_append(ret, (uint32_t)code);
	return 0;
}

static int read_quoted(struct scanner *scanner, struct text *ret, const char **next, char quote)
{
	const char *start = (*next)++;

	while (**next != quote) {
		char character = **next;

		if (character == '\0' || (character == '\n' && quote != '`'))
			return refuse(scanner, start, "the quote is not closed");
		(*next)++;
		if (character != '\\' || quote == '`')
			text_append_char(ret, character);
		else if (take_escape(scanner, ret, next, quote) < 0)
			return -1;
	}
	(*next)++;
	return 0;
}

static struct value *new_constant(struct scanner *scanner, const char *next)
{
	struct value *value = arena_alloc(scanner->arena, sizeof *value);

	scanner->token.kind = TOKEN_CONSTANT;
	scanner->token.start = scanner->next;
	scanner->token.length = (size_t)(next - scanner->next);
	scanner->token.constant = value;
	scanner->next = next;
	return value;
}

int scan_quoted(struct scanner *scanner)
{
	const char *start = scanner->next, *next = start;
	_cleanup_text struct text text = {};
	struct value *value;
	uint32_t character = 0;

	if (read_quoted(scanner, &text, &next, start[0]) < 0)
		return -1;
	if (start[0] == '\'' &&
	    (text.length == 0 || character_read(&character, text.data) != text.length))
		return refuse(scanner, start, "'…' holds one character; a string stands in \"…\"");
	value = new_constant(scanner, next);
	value->kind = start[0] == '\'' ? VALUE_INTEGER : VALUE_STRING;
	if (value->kind == VALUE_INTEGER) {
		value->integer = character;
	} else {
		value->string = arena_strdup(scanner->arena, text_string(&text));
		value->length = text.length;
	}
	return 0;
}

/* What belongs to a number: a sign only at its start and behind an exponent. */
static size_t number_length(const char *start)
{
	bool hexadecimal = strcspn(start, "xX") < 3;
	size_t length = start[0] == '-' || start[0] == '+';

	for (;; length++) {
		char character = start[length], before = length == 0 ? '\0' : start[length - 1];
		bool exponent =
		        before == (hexadecimal ? 'p' : 'e') || before == (hexadecimal ? 'P' : 'E');

		if (!scan_is_letter(character) && character != '.' &&
		    !(exponent && (character == '-' || character == '+')))
			return length;
	}
}

/* 0x, 0o, 0b, or 0 before digits; *digits is moved behind it. */
static int base_of(const char **digits)
{
	static const struct {
		char letter;
		int base;
	} bases[] = { { 'x', 16 }, { 'o', 8 }, { 'b', 2 } };

	if ((*digits)[0] != '0' || (*digits)[1] == '\0')
		return 10;
	for (size_t i = 0; i < ARRAY_SIZE(bases); i++)
		if (((*digits)[1] | 0x20) == bases[i].letter) {
			*digits += 2;
			return bases[i].base;
		}
	return 8;
}

static bool read_integer(int64_t *ret, const char *digits, bool negative)
{
	int base = base_of(&digits);
	uint64_t number = 0, limit = negative ? (uint64_t)INT64_MAX + 1 : INT64_MAX;

	if (digits[0] == '\0')
		return false;
	for (; *digits != '\0'; digits++) {
		int digit = digit_of(*digits);

		if (digit >= base || number > (limit - (uint64_t)digit) / (uint64_t)base)
			return false;
		number = number * (uint64_t)base + (uint64_t)digit;
	}
	*ret = negative ? (int64_t)(0 - number) : (int64_t)number;
	return true;
}

int scan_number(struct scanner *scanner)
{
	const char *start = scanner->next;
	size_t length = number_length(start), kept = 0;
	bool sign = start[0] == '-' || start[0] == '+';
	struct value number = {};
	struct value *value;
	char copy[80], *end;

	if (length >= sizeof copy)
		return refuse(scanner, start, "that is no number");
	for (size_t i = sign; i < length; i++)
		if (start[i] != '_')
			copy[kept++] = start[i];
	copy[kept] = '\0';
	if (read_integer(&number.integer, copy, start[0] == '-')) {
		number.kind = VALUE_INTEGER;
	} else {
		number.kind = VALUE_REAL;
		number.real = strtod(copy, &end) * (start[0] == '-' ? -1 : 1);
		if (*end != '\0' || !isfinite(number.real) || strpbrk(copy, ".eEpP") == NULL)
			return refuse(scanner, start, "that is no number, or one too large");
	}
	value = new_constant(scanner, start + length);
	*value = number;
	return 0;
}
