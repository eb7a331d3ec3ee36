#include "sandbox/base/utf8.h"

static const char replacement[] = "\xef\xbf\xbd";

/* Bytes a first byte announces; 0 for one that cannot be first. */
static size_t announced(unsigned char first)
{
	if (first < 0x80)
		return 1;
	if (first < 0xc2 || first > 0xf4)
		return 0;
	return first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

/* The second byte is what shows a longer form than needed, a surrogate, or more than U+10FFFF. */
static bool is_second(unsigned char first, unsigned char second)
{
	unsigned char least = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
	unsigned char most = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;

	return second >= least && second <= most;
}

size_t utf8_sequence(const char *bytes, size_t length)
{
	const unsigned char *next = (const unsigned char *)bytes;
	size_t wanted = length == 0 ? 0 : announced(next[0]);

	if (wanted == 0 || wanted > length || (wanted > 1 && !is_second(next[0], next[1])))
		return 0;
	for (size_t i = 2; i < wanted; i++)
		if ((next[i] & 0xc0) != 0x80)
			return 0;
	return wanted;
}

size_t utf8_unfinished(const char *bytes, size_t length)
{
	for (size_t back = 1; back <= 3 && back <= length; back++) {
		unsigned char byte = (unsigned char)bytes[length - back];

		if ((byte & 0xc0) == 0x80)
			continue;
		return announced(byte) > back ? back : 0;
	}
	return 0;
}

void utf8_append(struct text *ret, const char *bytes, size_t length)
{
	size_t valid = 0, next = 0;

	while (next < length) {
		size_t sequence = utf8_sequence(bytes + next, length - next);

		if (sequence > 0) {
			next += sequence;
			continue;
		}
		text_append_bytes(ret, bytes + valid, next - valid);
		text_append_bytes(ret, replacement, sizeof replacement - 1);
		valid = ++next;
	}
	text_append_bytes(ret, bytes + valid, next - valid);
}
