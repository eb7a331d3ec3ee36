#include "runtime/cli/template/character.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/base/utf8.h"

#include <string.h>

enum { REPLACEMENT = 0xfffd };

bool character_is_valid(int64_t code)
{
	return code >= 0 && code < 0x110000 && (code < 0xd800 || code > 0xdfff);
}

void character_append(struct text *ret, uint32_t code)
{
	unsigned more = code < 0x80 ? 0 : code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
	static const unsigned char first[] = { 0, 0xc0, 0xe0, 0xf0 };

	text_append_char(ret, (char)(first[more] | code >> (6 * more)));
	while (more-- > 0)
		text_append_char(ret, (char)(0x80 | (code >> (6 * more) & 0x3f)));
}

size_t character_read(uint32_t *ret, const char *string)
{
	static const unsigned char masks[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
	size_t length = utf8_sequence(string, strnlen(string, 4));
	uint32_t code;

	*ret = REPLACEMENT;
	if (length == 0)
		return 1;
	code = (unsigned char)string[0] & masks[length];
	for (size_t i = 1; i < length; i++)
		code = code << 6 | ((unsigned char)string[i] & 0x3f);
	*ret = code;
	return length;
}

size_t character_count(const char *string)
{
	uint32_t code;
	size_t count = 0;

	for (; *string != '\0'; count++)
		string += character_read(&code, string);
	return count;
}

size_t character_prefix(const char *string, size_t count)
{
	const char *next = string;
	uint32_t code;

	for (; *next != '\0' && count > 0; count--)
		next += character_read(&code, next);
	return (size_t)(next - string);
}

bool character_is_printable(uint32_t code)
{
	static const uint32_t ranges[][2] = {
		{ 0, 0x1f },        { 0x7f, 0xa0 },     { 0xad, 0xad },     { 0x1680, 0x1680 },
		{ 0x180e, 0x180e }, { 0x2000, 0x200f }, { 0x2028, 0x202f }, { 0x205f, 0x206f },
		{ 0x3000, 0x3000 }, { 0xe000, 0xf8ff }, { 0xfeff, 0xfeff }, { 0xfff0, 0xfffb },
		{ 0xfffe, 0xffff },
	};

	for (size_t i = 0; i < ARRAY_SIZE(ranges); i++)
		if (code >= ranges[i][0] && code <= ranges[i][1])
			return false;
	return true;
}
