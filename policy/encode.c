/*
 * encode: a value tree as JSON text (RFC 8259). Docker's inspect is indented by four blanks.
 */
#include "policy/value.h"

#include <math.h>
#include <string.h>

static void encode_string(struct text *ret, const char *string, size_t length)
{
	static const char names[] = "btnvfr";

	text_append_char(ret, '"');
	for (size_t i = 0; i < length; i++) {
		unsigned char byte = (unsigned char)string[i];

		if (byte == '"' || byte == '\\')
			text_printf(ret, "\\%c", byte);
		else if (byte >= 8 && byte <= 13 && byte != 11)
			text_printf(ret, "\\%c", names[byte - 8]);
		else if (byte < 0x20 || byte == 0x7f)
			text_printf(ret, "\\u%04x", byte);
		else
			text_append_char(ret, (char)byte);
	}
	text_append_char(ret, '"');
}

static void line(struct text *ret, enum value_style style, unsigned depth)
{
	if (style != VALUE_INDENTED)
		return;
	text_append_char(ret, '\n');
	for (unsigned i = 0; i < depth; i++)
		text_append(ret, "    ");
}

static void encode(struct text *ret, const struct value *value, enum value_style style,
                   unsigned depth);

static void encode_items(struct text *ret, const struct value *value, enum value_style style,
                         unsigned depth)
{
	bool object = value->kind == VALUE_OBJECT;

	text_append_char(ret, object ? '{' : '[');
	for (size_t i = 0; i < value->count; i++) {
		if (i > 0)
			text_append_char(ret, ',');
		line(ret, style, depth + 1);
		if (object) {
			encode_string(ret, value->items[i]->key, strlen(value->items[i]->key));
			text_append(ret, style == VALUE_INDENTED ? ": " : ":");
		}
		encode(ret, value->items[i], style, depth + 1);
	}
	if (value->count > 0)
		line(ret, style, depth);
	text_append_char(ret, object ? '}' : ']');
}

static void encode(struct text *ret, const struct value *value, enum value_style style,
                   unsigned depth)
{
	switch (value->kind) {
	case VALUE_BOOLEAN:
		text_append(ret, value->boolean ? "true" : "false");
		break;
	case VALUE_INTEGER:
		text_printf(ret, "%lld", (long long)value->integer);
		break;
	case VALUE_LARGE:
		text_printf(ret, "%llu", (unsigned long long)value->large);
		break;
	case VALUE_REAL:
		if (isfinite(value->real))
			text_printf(ret, "%.17g", value->real);
		else
			text_append(ret, "null");
		break;
	case VALUE_STRING:
		encode_string(ret, value->string, value->length);
		break;
	case VALUE_ARRAY:
	case VALUE_OBJECT:
		encode_items(ret, value, style, depth);
		break;
	default:
		text_append(ret, "null");
		break;
	}
}

void value_encode(struct text *ret, const struct value *value, enum value_style style)
{
	encode(ret, value, style, 0);
}
