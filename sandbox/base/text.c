#include "sandbox/base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SHORT = 32 }; /* what is printed is mostly no longer */

void text_done(struct text *text)
{
	free(text->data);
	*text = (struct text){};
}

void text_clear(struct text *text)
{
	text->length = 0;
	if (text->data != NULL)
		text->data[0] = '\0';
}

void text_reserve(struct text *text, size_t more)
{
	size_t needed, capacity;

	if (__builtin_add_overflow(text->length, more, &needed) || needed > SIZE_MAX / 4)
		abort();
	needed++;
	if (needed <= text->capacity)
		return;
	capacity = text->capacity < 64 ? 64 : text->capacity * 2;
	if (capacity < needed)
		capacity = needed;
	text->data = realloc(text->data, capacity);
	if (text->data == NULL)
		abort();
	text->capacity = capacity;
	text->data[text->length] = '\0'; /* of one that had none */
}

void text_append_bytes(struct text *text, const void *bytes, size_t length)
{
	text_reserve(text, length);
	if (length > 0)
		memcpy(text->data + text->length, bytes, length);
	text->length += length;
	text->data[text->length] = '\0';
}

void text_append(struct text *text, const char *string)
{
	text_append_bytes(text, string, strlen(string));
}

void text_append_char(struct text *text, char character)
{
	text_reserve(text, 1);
	text->data[text->length++] = character;
	text->data[text->length] = '\0';
}

void text_printf(struct text *text, const char *format, ...)
{
	va_list arguments;
	size_t room;
	int length;

	text_reserve(text, SHORT);
	room = text->capacity - text->length;
	va_start(arguments, format);
	length = vsnprintf(text->data + text->length, room, format, arguments);
	va_end(arguments);
	if (length < 0)
		abort();
	if ((size_t)length >= room) {
		text_reserve(text, (size_t)length);
		va_start(arguments, format);
		vsnprintf(text->data + text->length, (size_t)length + 1, format, arguments);
		va_end(arguments);
	}
	text->length += (size_t)length;
}

const char *text_string(const struct text *text)
{
	return text->data == NULL ? "" : text->data;
}

bool text_to_number(uint64_t *ret, const char *string, uint64_t max)
{
	uint64_t number = 0;

	if (string == NULL || *string == '\0')
		return false;
	for (; *string != '\0'; string++) {
		if (*string < '0' || *string > '9')
			return false;
		if (__builtin_mul_overflow(number, 10u, &number) ||
		    __builtin_add_overflow(number, (uint64_t)(*string - '0'), &number) ||
		    number > max)
			return false;
	}
	*ret = number;
	return true;
}

static bool unit_shift(unsigned *ret, const char *unit)
{
	static const char letters[] = "bkmgtp";
	const char *found;

	if (*unit == '\0') {
		*ret = 0;
		return true;
	}
	found = strchr(letters, *unit | 0x20);
	if (found == NULL || *found == '\0')
		return false;
	*ret = (unsigned)(found - letters) * 10;
	unit++;
	if (*ret > 0 && (*unit | 0x20) == 'i')
		unit++;
	if (*ret > 0 && (*unit | 0x20) == 'b')
		unit++;
	return *unit == '\0';
}

bool text_to_bytes(uint64_t *ret, const char *string)
{
	uint64_t whole = 0, fraction = 0, scale = 1, bytes;
	unsigned shift;
	const char *next = string;

	if (string == NULL || *string < '0' || *string > '9')
		return false;
	for (; *next >= '0' && *next <= '9'; next++)
		if (__builtin_mul_overflow(whole, 10u, &whole) ||
		    __builtin_add_overflow(whole, (uint64_t)(*next - '0'), &whole))
			return false;
	if (*next == '.')
		for (next++; *next >= '0' && *next <= '9'; next++)
			if (scale < 1000000) {
				fraction = fraction * 10 + (uint64_t)(*next - '0');
				scale *= 10;
			}
	if (!unit_shift(&shift, next) || whole > (UINT64_MAX >> 1 >> shift))
		return false;
	bytes = whole << shift;
	if (shift > 40 && fraction > 0)
		return false;
	*ret = bytes + (fraction << shift) / scale;
	return true;
}

bool text_equal(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

bool text_starts(const char *string, const char *prefix)
{
	return strncmp(string, prefix, strlen(prefix)) == 0;
}

bool text_ends(const char *string, const char *suffix)
{
	size_t length = strlen(string), tail = strlen(suffix);

	return length >= tail && strcmp(string + length - tail, suffix) == 0;
}

enum { DISTANCE_MAX = 63 };

static unsigned minimum(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

unsigned text_distance(const char *a, const char *b)
{
	unsigned rows[3][DISTANCE_MAX + 1];
	size_t a_length = strnlen(a, DISTANCE_MAX + 1), b_length = strnlen(b, DISTANCE_MAX + 1);

	if (a_length > DISTANCE_MAX || b_length > DISTANCE_MAX)
		return DISTANCE_MAX;
	for (size_t j = 0; j <= b_length; j++)
		rows[0][j] = (unsigned)j;
	for (size_t i = 1; i <= a_length; i++) {
		unsigned *row = rows[i % 3], *above = rows[(i - 1) % 3];

		row[0] = (unsigned)i;
		for (size_t j = 1; j <= b_length; j++) {
			row[j] = minimum(minimum(above[j], row[j - 1]) + 1,
			                 above[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				row[j] = minimum(row[j], rows[(i - 2) % 3][j - 2] + 1);
		}
	}
	return rows[a_length % 3][b_length];
}

/* The length of a well-formed UTF-8 sequence above U+009F at `bytes`, 0 where there is none. */
static size_t printable_sequence(const unsigned char *bytes, size_t length)
{
	size_t count = bytes[0] >= 0xc2 && bytes[0] <= 0xdf   ? 2
	               : (bytes[0] & 0xf0) == 0xe0            ? 3
	               : bytes[0] >= 0xf0 && bytes[0] <= 0xf4 ? 4
	                                                      : 0;

	if (count == 0 || count > length)
		return 0;
	for (size_t i = 1; i < count; i++)
		if ((bytes[i] & 0xc0) != 0x80)
			return 0;
	if (count == 2 && bytes[0] == 0xc2 && bytes[1] < 0xa0)
		return 0;
	/* the bidirectional controls U+200E, U+200F, U+202A..U+202E, U+2066..U+2069 and the line
	 * separators U+2028, U+2029 reorder or break what a person reads */
	if (count == 3 && bytes[0] == 0xe2 && bytes[1] == 0x80 &&
	    (bytes[2] == 0x8e || bytes[2] == 0x8f || (bytes[2] >= 0xa8 && bytes[2] <= 0xae)))
		return 0;
	if (count == 3 && bytes[0] == 0xe2 && bytes[1] == 0x81 && bytes[2] >= 0xa6 &&
	    bytes[2] <= 0xa9)
		return 0;
	return count;
}

/* How many bytes of printable ASCII `bytes` begins with. */
static size_t printable_ascii(const unsigned char *bytes, size_t length)
{
	size_t count = 0;

	while (count < length && bytes[count] >= 0x20 && bytes[count] < 0x7f)
		count++;
	return count;
}

void text_append_visible(struct text *text, const char *string, size_t length)
{
	const unsigned char *bytes = (const unsigned char *)string;

	for (size_t i = 0; i < length;) {
		size_t sequence = printable_ascii(bytes + i, length - i);

		if (sequence == 0)
			sequence = printable_sequence(bytes + i, length - i);
		if (sequence > 0) {
			text_append_bytes(text, bytes + i, sequence);
			i += sequence;
		} else {
			text_printf(text, "\\x%02x", bytes[i++]);
		}
	}
}
