/*
 * plan_print: a plan for people, goldens and `inspect`: "path.to.field = value", a line each, in
 * the order of the table. A filter is shown by its length and hash; `policy compile --format
 * disasm` shows its instructions.
 */
#include "sandbox/plan_fields.h"

#include "sandbox/base/hash.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* The way to a field: names that are on the stack of the walk. */
struct place {
	const struct place *parent;
	const char *name; /* NULL: an item of its parent */
	size_t index;
};

static void print_place(struct text *ret, const struct place *place)
{
	if (place->parent != NULL)
		print_place(ret, place->parent);
	if (place->name == NULL)
		text_printf(ret, "[%zu]", place->index);
	else
		text_printf(ret, "%s%s", place->parent == NULL ? "" : ".", place->name);
}

static void print_string(struct text *ret, const struct place *place, const char *string)
{
	print_place(ret, place);
	text_append(ret, " = ");
	if (string == NULL) {
		text_append(ret, "none\n");
		return;
	}
	text_append_char(ret, '"');
	text_append_visible(ret, string, strlen(string));
	text_append(ret, "\"\n");
}

static void print_strings(struct text *ret, const struct place *place,
                          const struct plan_strings *strings)
{
	if (strings->count == 0) {
		print_place(ret, place);
		text_append(ret, " = []\n");
	}
	for (size_t i = 0; i < strings->count; i++) {
		struct place item = { .parent = place, .index = i };

		print_string(ret, &item, strings->items[i]);
	}
}

static uint64_t read_number(const struct field *field, const void *member)
{
	switch (field->kind) {
	case FIELD_U16:
		return *(const uint16_t *)member;
	case FIELD_U32:
		return *(const uint32_t *)member;
	default:
		return *(const uint64_t *)member;
	}
}

static void print_number(struct text *ret, const struct place *place, const struct field *field,
                         uint64_t number)
{
	print_place(ret, place);
	if (field->names != NULL)
		text_printf(ret, " = %s\n",
		            number < field->limit ? field->names[number] : "invalid");
	else if (field->style == STYLE_HEX)
		text_printf(ret, " = 0x%" PRIx64 "\n", number);
	else if (field->style == STYLE_LIMIT && number == UINT64_MAX)
		text_append(ret, " = unlimited\n");
	else
		text_printf(ret, " = %" PRIu64 "\n", number);
}

static void print_raw(struct text *ret, const struct place *place, const struct field *field,
                      const void *items, size_t count)
{
	const uint16_t *numbers = items;

	print_place(ret, place);
	if (field->style == STYLE_DIGEST) {
		text_printf(ret, " = %zu (hash %016" PRIx64 ")\n", count,
		            hash_bytes(HASH_START, items, count * field->size));
		return;
	}
	text_append(ret, " = [");
	for (size_t i = 0; i < count; i++)
		text_printf(ret, "%s%u", i == 0 ? "" : ", ", numbers[i]);
	text_append(ret, "]\n");
}

static void print_shape(struct text *ret, const struct place *place, const struct shape *shape,
                        const unsigned char *object);

static void print_items(struct text *ret, const struct place *place, const struct shape *shape,
                        const unsigned char *items, size_t count)
{
	if (count == 0) {
		print_place(ret, place);
		text_append(ret, " = []\n");
	}
	for (size_t i = 0; i < count; i++) {
		struct place item = { .parent = place, .index = i };

		print_shape(ret, &item, shape, items + i * shape->size);
	}
}

static void print_field(struct text *ret, const struct place *parent, const struct field *field,
                        const unsigned char *object)
{
	const struct place place = { .parent = parent, .name = field->name };
	const void *member = object + field->offset;
	const size_t *count = (const void *)(object + field->count_offset);

	switch (field->kind) {
	case FIELD_BOOL:
		print_place(ret, &place);
		text_append(ret, *(const bool *)member ? " = true\n" : " = false\n");
		break;
	case FIELD_STRING:
		print_string(ret, &place, *(const char *const *)member);
		break;
	case FIELD_STRINGS:
		print_strings(ret, &place, member);
		break;
	case FIELD_SHAPE:
		print_shape(ret, &place, field->shape, member);
		break;
	case FIELD_ITEMS:
		print_items(ret, &place, field->shape, *(unsigned char *const *)member, *count);
		break;
	case FIELD_RAW:
		print_raw(ret, &place, field, *(void *const *)member, *count);
		break;
	default:
		print_number(ret, &place, field, read_number(field, member));
	}
}

static void print_shape(struct text *ret, const struct place *place, const struct shape *shape,
                        const unsigned char *object)
{
	for (size_t i = 0; i < shape->count; i++)
		print_field(ret, place, &shape->fields[i], object);
}

void plan_print(struct text *ret, const struct plan *plan)
{
	print_shape(ret, NULL, &plan_shape, (const unsigned char *)plan);
}

void confinement_print(struct text *ret, const struct confinement *confinement)
{
	print_shape(ret, NULL, &confinement_shape, (const unsigned char *)confinement);
}
