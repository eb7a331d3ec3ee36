/*
 * fuzz_toml: registries.conf's language on any bytes. What is taken is a tree whose values stand
 * somewhere in the text, and whose JSON reads as the same tree.
 */
#include "runtime/registry/toml.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct value *value, size_t size)
{
	struct position position = toml_position(value);

	if (position.line < 1 || position.column < 1 || position.line + position.column > size + 2)
		abort();
	if (value->kind == VALUE_STRING && strlen(value->string) != value->length)
		abort();
	if (value->kind != VALUE_ARRAY && value->kind != VALUE_OBJECT)
		return;
	for (size_t i = 0; i < value->count; i++) {
		if (value->kind == VALUE_OBJECT &&
		    value_get(value, value->items[i]->key) != value->items[i])
			abort();
		check(value->items[i], size);
	}
}

/* Deeper than JSON is read here, it is not read. */
static void check_json(struct arena *arena, const struct value *value)
{
	_cleanup_text struct text before = {}, after = {};
	struct value *again;
	struct error err;

	value_encode(&before, value, VALUE_COMPACT);
	if (value_decode(&again, arena, "json", before.data, before.length, &err) < 0) {
		if (strstr(err.text, "nested") == NULL)
			abort();
		return;
	}
	value_encode(&after, again, VALUE_COMPACT);
	if (!text_equal(before.data, after.data))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_arena struct arena arena = {};
	_cleanup_text struct text text = {};
	struct value *value;
	struct error err;

	text_append_bytes(&text, data, size);
	if (toml_decode(&value, &arena, "fuzz", &text, &err) < 0)
		return 0;
	check(value, size);
	check_json(&arena, value);
	return 0;
}
