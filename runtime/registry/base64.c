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

bool base64_decode(struct text *ret, const char *string)
{
	size_t length = strlen(string), before = ret->length;

	for (size_t i = 0; i < length; i += 4) {
		size_t padding = 0;
		char bytes[3];

		if (i + 4 == length && length >= 4)
			padding = (string[length - 1] == '=') +
			          (string[length - 2] == '=' && string[length - 1] == '=');
		if (length % 4 != 0 || decode_group(bytes, string + i, padding) < 0) {
			ret->length = before;
			return false;
		}
		text_append_bytes(ret, bytes, 3 - padding);
	}
	return true;
}
