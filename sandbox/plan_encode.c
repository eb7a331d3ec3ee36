/* plan_encode: a plan as bytes. See plan_fields.h for their form. */
#include "sandbox/plan_fields.h"

#include "sandbox/base/hash.h"

#include <stdlib.h>
#include <string.h>

static void put_u32(struct text *ret, size_t value)
{
	uint32_t number = (uint32_t)value;

	/* A plan is no larger than what execve takes and a profile holds: mebibytes. */
	if (number != value)
		abort();
	text_append_bytes(ret, &number, sizeof number);
}

static void put_string(struct text *ret, const char *string)
{
	size_t length = string == NULL ? 0 : strlen(string);

	if (string == NULL) {
		put_u32(ret, UINT32_MAX);
		return;
	}
	put_u32(ret, length);
	text_append_bytes(ret, string, length + 1);
}

static void put_strings(struct text *ret, const struct plan_strings *strings)
{
	put_u32(ret, strings->count);
	for (size_t i = 0; i < strings->count; i++)
		put_string(ret, strings->items[i]);
}

static void put_raw(struct text *ret, size_t start, const void *items, size_t count, size_t size)
{
	static const char zeros[PLAN_ALIGNMENT];

	put_u32(ret, count);
	text_append_bytes(ret, zeros, -(ret->length - start) % PLAN_ALIGNMENT);
	text_append_bytes(ret, items, count * size);
}

static void put_shape(struct text *ret, size_t start, const struct shape *shape,
                      const unsigned char *object);

static void put_items(struct text *ret, size_t start, const struct shape *shape,
                      const unsigned char *items, size_t count)
{
	put_u32(ret, count);
	for (size_t i = 0; i < count; i++)
		put_shape(ret, start, shape, items + i * shape->size);
}

static void put_field(struct text *ret, size_t start, const struct field *field,
                      const unsigned char *object)
{
	static const size_t widths[FIELD_KINDS] = {
		[FIELD_BOOL] = 1, [FIELD_U16] = 2, [FIELD_U32] = 4, [FIELD_U64] = 8
	};
	const void *member = object + field->offset;
	const size_t *count = (const void *)(object + field->count_offset);

	switch (field->kind) {
	case FIELD_STRING:
		put_string(ret, *(const char *const *)member);
		break;
	case FIELD_STRINGS:
		put_strings(ret, member);
		break;
	case FIELD_SHAPE:
		put_shape(ret, start, field->shape, member);
		break;
	case FIELD_ITEMS:
		put_items(ret, start, field->shape, *(unsigned char *const *)member, *count);
		break;
	case FIELD_RAW:
		put_raw(ret, start, *(void *const *)member, *count, field->size);
		break;
	default:
		text_append_bytes(ret, member, widths[field->kind]);
	}
}

static void put_shape(struct text *ret, size_t start, const struct shape *shape,
                      const unsigned char *object)
{
	for (size_t i = 0; i < shape->count; i++)
		put_field(ret, start, &shape->fields[i], object);
}

static void encode(struct text *ret, const struct shape *shape, const void *object)
{
	struct plan_header header = { .format = PLAN_FORMAT };
	size_t start = ret->length, length;

	memcpy(header.magic, shape->magic, strlen(shape->magic));
	text_append_bytes(ret, &header, sizeof header);
	put_shape(ret, start, shape, object);
	length = ret->length - start;
	if (length > UINT32_MAX)
		abort();
	header.length = (uint32_t)length;
	header.hash =
	        hash_bytes(HASH_START, ret->data + start + sizeof header, length - sizeof header);
	memcpy(ret->data + start, &header, sizeof header);
}

void plan_encode(struct text *ret, const struct plan *plan)
{
	encode(ret, &plan_shape, plan);
}

void confinement_encode(struct text *ret, const struct confinement *confinement)
{
	encode(ret, &confinement_shape, confinement);
}
