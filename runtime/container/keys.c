#include "runtime/container/keys.h"

#include <string.h>

/* "ctrl-a" to "ctrl-z", and the five others that ctrl makes from @ [ \ ] ^ _ */
static unsigned char read_key(const char *word, size_t length)
{
	if (length == 1)
		return (unsigned char)word[0];
	if (length != 6 || strncmp(word, "ctrl-", 5) != 0)
		return 0;
	if (word[5] >= 'a' && word[5] <= 'z')
		return (unsigned char)(word[5] - 'a' + 1);
	return strchr("[\\]^_", word[5]) != NULL ? (unsigned char)word[5] & 0x1f : 0;
}

int keys_parse(struct keys *ret, const char *text, struct error *err)
{
	struct keys keys = {};
	const char *next = text == NULL ? "ctrl-p,ctrl-q" : text;

	while (*next != '\0') {
		size_t length = strcspn(next, ",");
		unsigned char key = read_key(next, length);

		if (key == 0 || keys.count == KEYS_MAX) {
			error_set(err, 0, "invalid detach keys '%.64s'", text);
			return error_hint(err, "write them as ctrl-p,ctrl-q or single characters");
		}
		keys.codes[keys.count++] = key;
		next += length + (next[length] == ',');
	}
	*ret = keys;
	return 0;
}

/* After a mismatch: how much of the sequence what was typed still ends with. The sequence is short;
 * all suffixes are tried, longest first. */
static size_t longest_end(const struct keys *keys, size_t matched, unsigned char key)
{
	unsigned char typed[KEYS_MAX + 1];

	memcpy(typed, keys->codes, matched);
	typed[matched] = key;
	for (size_t length = matched; length > 0; length--)
		if (memcmp(typed + matched + 1 - length, keys->codes, length) == 0)
			return length;
	return 0;
}

bool keys_match(struct keys *keys, const char *typed, size_t length, char *out, size_t *out_length)
{
	size_t used = 0;

	*out_length = 0;
	for (size_t i = 0; i < length; i++) {
		unsigned char key = (unsigned char)typed[i];
		size_t kept;

		if (keys->count > 0 && key == keys->codes[keys->matched]) {
			if (++keys->matched < keys->count)
				continue;
			*out_length = used;
			return true;
		}
		/* What was held back was meant for the container after all, but for the end that
		 * may begin the sequence anew. */
		kept = keys->count == 0 ? 0 : longest_end(keys, keys->matched, key);
		memcpy(out + used, keys->codes, keys->matched + 1 - (kept > 0 ? kept : 1));
		used += keys->matched + 1 - (kept > 0 ? kept : 1);
		if (kept == 0)
			out[used++] = typed[i];
		keys->matched = kept;
	}
	*out_length = used;
	return false;
}
