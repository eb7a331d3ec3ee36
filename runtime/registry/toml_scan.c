#include "runtime/registry/toml_scan.h"

#include "sandbox/base/utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct position toml_place(struct toml_scan *scan, const char *at)
{
	if (scan->placed == NULL || at < scan->placed) {
		scan->placed = scan->text;
		scan->place = (struct position){ 1, 1 };
	}
	for (; scan->placed < at; scan->placed++) {
		scan->place.column++;
		if (*scan->placed == '\n')
			scan->place = (struct position){ scan->place.line + 1, 1 };
	}
	return scan->place;
}

int toml_complain(struct toml_scan *scan, const char *at, const char *format, ...)
{
	struct position position = toml_place(scan, at);
	char text[400];
	va_list list;

	va_start(list, format);
	vsnprintf(text, sizeof text, format, list);
	va_end(list);
	return error_set(scan->err, 0, "%s:%u:%u: %s", scan->file, position.line, position.column,
	                 text);
}

int toml_check_bytes(struct toml_scan *scan)
{
	if (scan->end - scan->text >= 3 && memcmp(scan->text, "\xef\xbb\xbf", 3) == 0)
		return toml_complain(scan, scan->text, "begins with a byte order mark");
	for (const char *next = scan->text; next < scan->end;) {
		unsigned char byte = (unsigned char)*next;
		size_t length = utf8_sequence(next, (size_t)(scan->end - next));

		if (length == 0)
			return toml_complain(scan, next, "is not UTF-8: byte 0x%02x", byte);
		/* A return stands before a line feed only; `end` holds a NUL. */
		if (byte == '\r' && next[1] == '\n')
			length = 2;
		else if ((byte < 0x20 && byte != '\t' && byte != '\n') || byte == 0x7f)
			return toml_complain(scan, next, "holds the control byte 0x%02x", byte);
		next += length;
	}
	return 0;
}

bool toml_take(struct toml_scan *scan, const char *word)
{
	size_t length = strlen(word);

	if ((size_t)(scan->end - scan->next) < length || memcmp(scan->next, word, length) != 0)
		return false;
	scan->next += length;
	return true;
}

void toml_skip_blanks(struct toml_scan *scan)
{
	scan->next += strspn(scan->next, " \t");
}

void toml_skip_lines(struct toml_scan *scan)
{
	for (;;) {
		scan->next += strspn(scan->next, " \t\r\n");
		if (*scan->next != '#')
			return;
		scan->next += strcspn(scan->next, "\n");
	}
}

/* ---- keys ---- */

static const char bare[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";

static int take_name(const char **ret, struct toml_scan *scan)
{
	size_t length = strspn(scan->next, bare);

	if (*scan->next == '"' || *scan->next == '\'')
		return toml_take_string(ret, scan, false);
	if (length == 0)
		return toml_complain(scan, scan->next, "a key is expected here");
	*ret = arena_text(scan->arena, scan->next, length);
	scan->next += length;
	return 0;
}

int toml_take_key(struct toml_key *ret, struct toml_scan *scan)
{
	ret->count = 0;
	do {
		toml_skip_blanks(scan);
		if (ret->count == TOML_DEPTH_MAX)
			return toml_complain(scan, scan->next, "a key of more than %d parts",
			                     TOML_DEPTH_MAX);
		ret->places[ret->count] = scan->next;
		if (take_name(&ret->names[ret->count], scan) < 0)
			return -1;
		ret->count++;
		toml_skip_blanks(scan);
	} while (toml_take(scan, "."));
	return 0;
}

/* ---- strings ---- */

static void append_rune(struct text *ret, uint32_t rune)
{
	size_t more = rune < 0x80 ? 0 : rune < 0x800 ? 1 : rune < 0x10000 ? 2 : 3;
	static const unsigned char first[] = { 0, 0xc0, 0xe0, 0xf0 };

	text_append_char(ret, (char)(first[more] | rune >> 6 * more));
	while (more-- > 0)
		text_append_char(ret, (char)(0x80 | (rune >> 6 * more & 0x3f)));
}

/* Behind \u or \U. */
static int take_rune(struct text *ret, struct toml_scan *scan, size_t digits)
{
	static const char hex[] = "0123456789abcdef0123456789ABCDEF";
	const char *start = scan->next - 2;
	uint32_t rune = 0;

	for (size_t i = 0; i < digits; i++, scan->next++) {
		const char *digit = *scan->next == '\0' ? NULL : strchr(hex, *scan->next);

		if (digit == NULL)
			return toml_complain(scan, start, "\\%c takes %zu hex digits", start[1],
			                     digits);
		rune = rune << 4 | (uint32_t)((digit - hex) & 15);
	}
	if (rune == 0)
		return toml_complain(scan, start, "a string with a NUL in it");
	if (rune > 0x10ffff || (rune >= 0xd800 && rune < 0xe000))
		return toml_complain(scan, start, "U+%04X is no character", rune);
	append_rune(ret, rune);
	return 0;
}

/* Behind a backslash. */
static int take_escape(struct text *ret, struct toml_scan *scan)
{
	static const char letters[] = "btnfr\"\\", meanings[] = "\b\t\n\f\r\"\\";
	const char *found = *scan->next == '\0' ? NULL : strchr(letters, *scan->next);

	if (found != NULL) {
		text_append_char(ret, meanings[found - letters]);
		scan->next++;
		return 0;
	}
	if (toml_take(scan, "u"))
		return take_rune(ret, scan, 4);
	if (toml_take(scan, "U"))
		return take_rune(ret, scan, 8);
	return toml_complain(scan, scan->next - 1, "an escape that TOML does not have");
}

/* Between the quotes of one line; `quote` closes it. */
static int take_line(struct text *ret, struct toml_scan *scan, char quote, const char *start)
{
	while (*scan->next != quote) {
		if (*scan->next == '\0' || *scan->next == '\r' || *scan->next == '\n')
			return toml_complain(scan, start, "a string that its line does not close");
		if (quote == '"' && toml_take(scan, "\\")) {
			if (take_escape(ret, scan) < 0)
				return -1;
			continue;
		}
		text_append_char(ret, *scan->next++);
	}
	scan->next++;
	return 0;
}

/* A backslash at a line's end: it and all blanks and line ends behind it are not there. */
static bool skip_line_end(struct toml_scan *scan)
{
	const char *next = scan->next + 1 + strspn(scan->next + 1, " \t\r");

	if (*next != '\n')
		return false;
	scan->next = next + strspn(next, " \t\r\n");
	return true;
}

/* Behind three quotes. Up to two may stand inside, and before the closing three. */
static int take_lines(struct text *ret, struct toml_scan *scan, char quote, const char *start)
{
	static const char quotes[] = "\"\"", apostrophes[] = "''";

	if (!toml_take(scan, "\r\n"))
		toml_take(scan, "\n");
	for (;;) {
		size_t run = strspn(scan->next, quote == '"' ? "\"" : "'");

		if (run >= 3) {
			size_t inside = run > 5 ? 2 : run - 3;

			text_append_bytes(ret, quote == '"' ? quotes : apostrophes, inside);
			scan->next += inside + 3;
			return 0;
		}
		if (scan->next == scan->end)
			return toml_complain(scan, start, "a string that nothing closes");
		if (quote == '"' && *scan->next == '\\') {
			if (skip_line_end(scan))
				continue;
			scan->next++;
			if (take_escape(ret, scan) < 0)
				return -1;
			continue;
		}
		if (*scan->next != '\r') /* a line's end is one byte, whatever the file's are */
			text_append_char(ret, *scan->next);
		scan->next++;
	}
}

int toml_take_string(const char **ret, struct toml_scan *scan, bool lines_allowed)
{
	_cleanup_text struct text text = {};
	const char *start = scan->next;
	char quote = *start;
	int result;

	if (toml_take(scan, quote == '"' ? "\"\"\"" : "'''")) {
		if (!lines_allowed)
			return toml_complain(scan, start, "a key in three quotes");
		result = take_lines(&text, scan, quote, start);
	} else {
		scan->next++;
		result = take_line(&text, scan, quote, start);
	}
	if (result == 0)
		*ret = arena_text(scan->arena, text_string(&text), text.length);
	return result;
}

/* ---- numbers ---- */

static const struct base {
	const char *prefix;
	const char *digits;
	int64_t base;
} bases[] = {
	{ "0x", "0123456789abcdef", 16 },
	{ "0o", "01234567", 8 },
	{ "0b", "01", 2 },
	{ "", "0123456789", 10 },
};

/* What a word is that is no integer, for the message. */
static const char *name_word(const char *word, size_t length)
{
	size_t digits = strspn(word, "0123456789");
	size_t sign = word[0] == '+' || word[0] == '-';

	if ((digits == 4 && word[4] == '-') || (digits == 2 && word[2] == ':'))
		return "a date or time, which no key here takes";
	if (length - sign == 3 &&
	    (strncmp(word + sign, "inf", 3) == 0 || strncmp(word + sign, "nan", 3) == 0))
		return "a number that is not whole, which no key here takes";
	if (strspn(word, "+-0123456789_.eE") == length && strcspn(word, ".eE") < length)
		return "a number that is not whole, which no key here takes";
	return NULL;
}

/* Digits with single underscores between them. */
static bool read_digits(int64_t *ret, const char *digits, size_t length, const struct base *base,
                        bool negative)
{
	int64_t number = 0;

	for (size_t i = 0; i < length; i++) {
		char letter = digits[i];
		const char *digit;

		if (letter == '_' && i > 0 && digits[i - 1] != '_' && i + 1 < length)
			continue;
		if (base->base == 16 && letter >= 'A' && letter <= 'F')
			letter = (char)(letter - 'A' + 'a');
		digit = letter == '\0' ? NULL : strchr(base->digits, letter);
		if (digit == NULL || __builtin_mul_overflow(number, base->base, &number) ||
		    __builtin_add_overflow(number,
		                           (negative ? -1 : 1) * (int64_t)(digit - base->digits),
		                           &number))
			return false;
	}
	*ret = number;
	return length > 0;
}

int toml_take_integer(int64_t *ret, struct toml_scan *scan)
{
	const char *word = scan->next;
	size_t length = strspn(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	                             "0123456789_+-.:");
	size_t sign = word[0] == '+' || word[0] == '-';
	const struct base *base = bases;
	const char *other;

	while (strncmp(word, base->prefix, strlen(base->prefix)) != 0)
		base++;
	if (read_digits(ret, word + sign + strlen(base->prefix),
	                length - sign - strlen(base->prefix), base, word[0] == '-') &&
	    (base->base != 10 || word[sign] != '0' || length == sign + 1)) {
		scan->next += length;
		return 0;
	}
	other = name_word(word, length);
	if (other != NULL)
		return toml_complain(scan, word, "%.*s is %s", (int)length, word, other);
	if (length == 0)
		return toml_complain(scan, word, "a value is expected here");
	return toml_complain(scan, word, "'%.*s' is no value of TOML (strings have quotes)",
	                     length > 80 ? 80 : (int)length, word);
}
