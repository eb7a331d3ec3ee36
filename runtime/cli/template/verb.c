/*
 * verb: Go's printf. Where Go would write "%!d(string=x)" into the output, this is an error; a verb
 * for what a value of JSON cannot be (%T, %p, %w), a `*` and an argument's number ([1]) are one as
 * well.
 */
#include "runtime/cli/template/character.h"
#include "runtime/cli/template/function.h"
#include "runtime/cli/template/tree.h"

#include "sandbox/base/cleanup.h"

#include <stddef.h>
#include <string.h>

enum { WIDTH_MAX = 10000 };

struct verb {
	bool minus, plus, sharp, zero, blank;
	int width, precision; /* -1: none */
	char letter;
};

static void pad_to(struct text *ret, const struct verb *verb, const char *string)
{
	size_t count = character_count(string), width = verb->width < 0 ? 0 : (size_t)verb->width;
	int blanks = width > count ? (int)(width - count) : 0;

	text_printf(ret, "%*s%s%*s", verb->minus ? 0 : blanks, "", string, verb->minus ? blanks : 0,
	            "");
}

/* A sign, zeros up to the precision or (with the flag 0) the width, digits. */
static void pad_number(struct text *ret, const struct verb *verb, const char *sign,
                       const char *digits)
{
	_cleanup_text struct text text = {};
	size_t least = verb->precision > 0 ? (size_t)verb->precision : 0;
	size_t used = strlen(sign);

	if (verb->zero && !verb->minus && verb->precision < 0 && verb->width > 0 &&
	    (size_t)verb->width > used)
		least = (size_t)verb->width - used;
	text_append(&text, sign);
	for (size_t i = strlen(digits); i < least; i++)
		text_append_char(&text, '0');
	text_append(&text, digits);
	pad_to(ret, verb, text_string(&text));
}

static int format_integer(struct text *ret, const struct verb *verb, int64_t integer)
{
	static const struct {
		char letter;
		unsigned bits; /* of a digit; 0: decimal */
		const char *prefix, *sharp_prefix;
	} bases[] = {
		{ 'd', 0, "", "" },   { 'v', 0, "", "" },     { 'b', 1, "", "0b" },
		{ 'o', 3, "", "0" },  { 'O', 3, "0o", "0o" }, { 'x', 4, "", "0x" },
		{ 'X', 4, "", "0X" },
	};
	uint64_t magnitude = integer < 0 ? 0 - (uint64_t)integer : (uint64_t)integer;
	char digits[72], *start = digits + sizeof digits, sign[8];
	size_t row = 0;

	while (row < ARRAY_SIZE(bases) && bases[row].letter != verb->letter)
		row++;
	if (row == ARRAY_SIZE(bases))
		return -1;
	*--start = '\0';
	do {
		unsigned base = bases[row].bits == 0 ? 10 : 1u << bases[row].bits;

		*--start = (verb->letter == 'X' ? "0123456789ABCDEF"
		                                : "0123456789abcdef")[magnitude % base];
		magnitude /= base;
	} while (magnitude > 0);
	snprintf(sign, sizeof sign, "%s%s",
	         integer < 0   ? "-"
	         : verb->plus  ? "+"
	         : verb->blank ? " "
	                       : "",
	         verb->sharp ? bases[row].sharp_prefix : bases[row].prefix);
	pad_number(ret, verb, sign, start);
	return 0;
}

/* %c and %U, which take an integer for a character. */
static int format_character(struct text *ret, const struct verb *verb, int64_t integer)
{
	_cleanup_text struct text text = {};

	if (integer == 0 || !character_is_valid(integer))
		return -1;
	if (verb->letter == 'U')
		text_printf(&text, "U+%04llX", (long long)integer);
	else
		character_append(&text, (uint32_t)integer);
	if (verb->letter == 'q') {
		text_clear(&text);
		text_append_char(&text, '\'');
		text_append(&text, integer == '\'' || integer == '\\' ? "\\" : "");
		character_append(&text, (uint32_t)integer);
		text_append_char(&text, '\'');
	}
	pad_to(ret, verb, text_string(&text));
	return 0;
}

static int format_real(struct text *ret, const struct verb *verb, double real)
{
	_cleanup_text struct text text = {};
	char letter = verb->letter == 'v' ? 'g' : verb->letter == 'F' ? 'f' : verb->letter;
	char pattern[] = { '%', '.', '*', letter, '\0' };
	char digits[WIDTH_MAX + 400];
	const char *sign = real < 0 ? "-" : verb->plus ? "+" : verb->blank ? " " : "";
	struct verb padding = *verb;

	if (strchr("eEfgG", letter) == NULL)
		return -1;
	if (letter == 'g' && verb->precision < 0) {
		print_real(&text, real < 0 ? -real : real);
	} else {
		snprintf(digits, sizeof digits, pattern, verb->precision < 0 ? 6 : verb->precision,
		         real < 0 ? -real : real);
		text_append(&text, digits);
	}
	padding.precision = -1;
	pad_number(ret, &padding, sign, text_string(&text));
	return 0;
}

static void append_quoted_character(struct text *ret, const char *bytes, size_t length,
                                    uint32_t code)
{
	static const char letters[] = "abtnvfr"; /* 7 to 13 */

	if (code == '"' || code == '\\')
		text_printf(ret, "\\%c", (int)code);
	else if (code >= 7 && code <= 13)
		text_printf(ret, "\\%c", letters[code - 7]);
	else if (code < 0x80 && !character_is_printable(code))
		text_printf(ret, "\\x%02x", (unsigned)code);
	else if (length == 1 && (unsigned char)bytes[0] >= 0x80)
		text_printf(ret, "\\x%02x", (unsigned char)bytes[0]);
	else if (!character_is_printable(code))
		text_printf(ret, "\\u%04x", (unsigned)code);
	else
		text_append_bytes(ret, bytes, length);
}

static void append_quoted(struct text *ret, const char *string)
{
	text_append_char(ret, '"');
	while (*string != '\0') {
		uint32_t code;
		size_t length = character_read(&code, string);

		append_quoted_character(ret, string, length, code);
		string += length;
	}
	text_append_char(ret, '"');
}

static int format_string(struct text *ret, const struct verb *verb, const struct value *value)
{
	_cleanup_text struct text text = {}, quoted = {};
	size_t length = verb->precision < 0
	                        ? value->length
	                        : character_prefix(value->string, (size_t)verb->precision);

	/* Go puts blanks or 0x before every byte of a string in hexadecimal */
	if (strchr("svqxX", verb->letter) == NULL || verb->blank || verb->sharp)
		return -1;
	if ((verb->letter | 0x20) == 'x') {
		for (size_t i = 0; i < value->length; i++)
			text_printf(&text, verb->letter == 'x' ? "%02x" : "%02X",
			            (unsigned char)value->string[i]);
		pad_to(ret, verb, text_string(&text));
		return 0;
	}
	text_append_bytes(&text, value->string, length);
	if (verb->letter == 'q')
		append_quoted(&quoted, text_string(&text));
	pad_to(ret, verb, text_string(verb->letter == 'q' ? &quoted : &text));
	return 0;
}

static int format_value(struct text *ret, const struct verb *verb, const struct value *value);

/* Lists and maps: the verb is for what is in them. */
static int format_items(struct text *ret, const struct verb *verb, const struct value *value)
{
	_cleanup_arena struct arena arena = {};
	bool map = value_is_map(value), array = value->kind == VALUE_ARRAY;
	const struct value *const *items =
	        map ? sorted_members(&arena, value) : (const struct value *const *)value->items;

	text_append(ret, map ? "map[" : array ? "[" : "{");
	for (size_t i = 0; i < value->count; i++) {
		struct value key = { .kind = VALUE_STRING };

		text_append(ret, i > 0 ? " " : "");
		if (map) {
			key.string = items[i]->key;
			key.length = strlen(key.string);
			if (format_value(ret, verb, &key) < 0)
				return -1;
			text_append_char(ret, ':');
		}
		if (format_value(ret, verb, items[i]) < 0)
			return -1;
	}
	text_append_char(ret, map || array ? ']' : '}');
	return 0;
}

/* -1: the verb is not for such a value; the error is not set. */
static int format_value(struct text *ret, const struct verb *verb, const struct value *value)
{
	if (value == NULL || value->kind == VALUE_NULL) {
		if (verb->letter != 'v')
			return -1;
		pad_to(ret, verb, "<nil>");
		return 0;
	}
	switch (value->kind) {
	case VALUE_BOOLEAN:
		if (verb->letter != 't' && verb->letter != 'v')
			return -1;
		pad_to(ret, verb, value->boolean ? "true" : "false");
		return 0;
	case VALUE_INTEGER:
		return strchr("cUq", verb->letter) != NULL
		               ? format_character(ret, verb, value->integer)
		               : format_integer(ret, verb, value->integer);
	case VALUE_REAL:
		return format_real(ret, verb, value->real);
	case VALUE_STRING:
		return format_string(ret, verb, value);
	default:
		return format_items(ret, verb, value);
	}
}

static void take_flags(struct verb *verb, const char **next)
{
	for (;; (*next)++)
		switch (**next) {
		case '-':
			verb->minus = true;
			break;
		case '+':
			verb->plus = true;
			break;
		case '#':
			verb->sharp = true;
			break;
		case '0':
			verb->zero = true;
			break;
		case ' ':
			verb->blank = true;
			break;
		default:
			return;
		}
}

static int take_number(const char **next)
{
	int number = 0;

	for (; **next >= '0' && **next <= '9'; (*next)++)
		if (number <= WIDTH_MAX)
			number = number * 10 + (**next - '0');
	return number;
}

/* Flags that mean something to Go that they do not mean here. */
static const struct {
	char flag;
	size_t offset;
	const char *letters;
} senseless[] = {
	{ '#', offsetof(struct verb, sharp), "vqstceEfFgGU" },
	{ '+', offsetof(struct verb, plus), "vqstc" },
	{ '0', offsetof(struct verb, zero), "qstc" },
};

/* Behind the '%'. */
static int take_verb(struct run *run, struct verb *verb, const char **next)
{
	*verb = (struct verb){ .width = -1, .precision = -1 };
	take_flags(verb, next);
	if (**next >= '1' && **next <= '9')
		verb->width = take_number(next);
	if (**next == '.') {
		(*next)++;
		verb->precision = take_number(next);
	}
	if (verb->width > WIDTH_MAX || verb->precision > WIDTH_MAX)
		return run_fail(run, "printf: a width or precision of more than %d", WIDTH_MAX);
	verb->letter = **next;
	if (verb->letter == '\0')
		return run_fail(run, "printf: the format ends within a verb");
	if (strchr("vtbcdoOqxXUeEfFgGs", verb->letter) == NULL)
		return run_fail(run, "printf: %%%c is not supported", verb->letter);
	for (size_t i = 0; i < ARRAY_SIZE(senseless); i++)
		if (*(const bool *)((const char *)verb + senseless[i].offset) &&
		    strchr(senseless[i].letters, verb->letter) != NULL)
			return run_fail(run, "printf: %%%c%c is not supported", senseless[i].flag,
			                verb->letter);
	(*next)++;
	return 0;
}

int print_formatted(struct run *run, struct text *ret, const struct arguments *arguments)
{
	const char *next = arguments->items[0]->string;
	size_t used = 1;
	struct verb verb;
	size_t before;

	while (*next != '\0') {
		if (next[0] != '%' || next[1] == '%') {
			text_append_char(ret, *next);
			next += next[0] == '%' ? 2 : 1;
			continue;
		}
		next++;
		before = ret->length;
		if (take_verb(run, &verb, &next) < 0)
			return -1;
		if (used == arguments->count)
			return run_fail(run, "printf: there is no argument for %%%c", verb.letter);
		if (format_value(ret, &verb, arguments->items[used]) < 0)
			return run_fail(run, "printf: %%%c is not for %s", verb.letter,
			                kind_of(arguments->items[used]));
		if (run_spend(run, ret->length - before) < 0)
			return -1;
		used++;
	}
	return used == arguments->count
	               ? 0
	               : run_fail(run, "printf: %zu arguments too many", arguments->count - used);
}
