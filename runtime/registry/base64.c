#include "runtime/registry/base64.h"

#include <string.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void base64_encode(struct text *ret, const void *bytes, size_t length)
{
	const unsigned char *next = bytes;

	for (; length > 0; next += 3, length -= length < 3 ? length : 3) {
		unsigned group = (unsigned)next[0] << 16 | (length > 1 ? next[1] << 8 : 0) |
		                 (length > 2 ? next[2] : 0);

		text_append_char(ret, alphabet[group >> 18]);
		text_append_char(ret, alphabet[group >> 12 & 63]);
		text_append_char(ret, length > 1 ? alphabet[group >> 6 & 63] : '=');
		text_append_char(ret, length > 2 ? alphabet[group & 63] : '=');
	}
}

/* Three bytes of four letters, of which `padding` are "=". -1 where the letters say anything else.
 */
static int decode_group(char ret[3], const char *letters, size_t padding)
{
	unsigned group = 0;

	for (size_t i = 0; i < 4; i++) {
		const char *place = i < 4 - padding ? strchr(alphabet, letters[i]) : alphabet;

		if (place == NULL || *place == '\0' || (i >= 4 - padding && letters[i] != '='))
			return -1;
		group = group << 6 | (unsigned)(place - alphabet);
	}
	/* bits that no byte holds must be zero: one text, one meaning */
	if (padding > 0 && (group & ((1U << (8 * padding)) - 1)) != 0)
		return -1;
	ret[0] = (char)(group >> 16);
	ret[1] = (char)(group >> 8);
	ret[2] = (char)group;
	return 0;
}

/* The next four letters, over the ends of lines. How many there were. */
static size_t take_letters(char ret[4], const char **string)
{
	size_t count = 0;

	for (; count < 4 && **string != '\0'; ++*string)
		if (**string != '\n' && **string != '\r')
			ret[count++] = **string;
	return count;
}

bool base64_decode(struct text *ret, const char *string)
{
	size_t before = ret->length, count, padding = 0;
	char letters[4], bytes[3];

	while ((count = take_letters(letters, &string)) > 0) {
		bool last = padding > 0;

		padding = count < 4 || letters[3] != '=' ? 0 : letters[2] != '=' ? 1 : 2;
		if (last || count < 4 || decode_group(bytes, letters, padding) < 0) {
			ret->length = before;
			return false;
		}
		text_append_bytes(ret, bytes, 3 - padding);
	}
	return true;
}
