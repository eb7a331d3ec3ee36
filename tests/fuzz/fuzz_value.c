/*
 * fuzz_value: JSON. What plain_decode takes, jansson takes (in a list beside a text that is not
 * plain), and it means the same; what is taken is written, read again and is the same text.
 */
#include "policy/plain.h"
#include "sandbox/base/cleanup.h"

#include <stdlib.h>
#include <string.h>

enum { DEPTH = 63 }; /* in a list it is one deeper */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void encode(struct text *ret, const struct value *value)
{
	text_clear(ret);
	value_encode(ret, value, VALUE_COMPACT);
}

static void compare(struct arena *arena, const struct text *written, const char *text, size_t size)
{
	_cleanup_text struct text list = {}, theirs = {};
	struct value *value;
	struct error err;

	text_append(&list, "[\"\\u0041\",");
	text_append_bytes(&list, text, size);
	text_append_char(&list, ']');
	if (plain_decode(&value, arena, list.data, list.length, DEPTH + 1) ||
	    value_decode(&value, arena, "list", list.data, list.length, &err) < 0 ||
	    value->count != 2)
		abort();
	encode(&theirs, value->items[1]);
	if (strcmp(theirs.data, written->data) != 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_arena struct arena arena = {};
	_cleanup_text struct text written = {}, again = {};
	const char *text = (const char *)data;
	char *own = arena_copy(&arena, data, size);
	struct value *value;
	struct error err;

	if (plain_decode(&value, &arena, own, size, DEPTH)) {
		encode(&written, value);
		compare(&arena, &written, text, size);
	} else if (memcmp(own, text, size) != 0) {
		abort();
	}
	if (value_decode(&value, &arena, "text", text, size, &err) < 0)
		return 0;
	encode(&written, value);
	if (value_decode(&value, &arena, "again", written.data, written.length, &err) < 0)
		abort();
	encode(&again, value);
	if (strcmp(written.data, again.data) != 0)
		abort();
	return 0;
}
