/*
 * plan_decode: bytes back to a plan. Safe on any bytes: a file of the cache or of a container's
 * folder may be torn, or written by another program.
 *
 * The bytes are copied into the arena once, so that strings, filter instructions and ports need no
 * copy of their own. Every length is checked against what is left before anything is allocated for
 * it: an item takes at least one byte a field, a string at least four, so that no input makes the
 * decoder take more than a small multiple of its own size. There is one way to write each plan: a
 * bool that is 2, padding that is not zero or bytes left over are damage.
 */
#include "sandbox/plan_fields.h"

#include "sandbox/base/hash.h"

#include <string.h>

struct reader {
	struct arena *arena;
	const unsigned char *start, *next, *end;
};

static size_t left(const struct reader *reader)
{
	return (size_t)(reader->end - reader->next);
}

static bool take(struct reader *reader, void *ret, size_t size)
{
	if (left(reader) < size)
		return false;
	memcpy(ret, reader->next, size);
	reader->next += size;
	return true;
}

/* A count of things that take at least `smallest` bytes each. */
static bool take_count(struct reader *reader, size_t *ret, size_t smallest)
{
	uint32_t count;

	if (!take(reader, &count, sizeof count) || count > left(reader) / smallest)
		return false;
	*ret = count;
	return true;
}

static bool take_string(struct reader *reader, const char **ret)
{
	const char *string = (const char *)reader->next + sizeof(uint32_t);
	uint32_t length;

	*ret = NULL;
	if (!take(reader, &length, sizeof length))
		return false;
	if (length == UINT32_MAX)
		return true;
	if (length >= left(reader) || strnlen(string, (size_t)length + 1) != length)
		return false;
	reader->next += (size_t)length + 1;
	*ret = string;
	return true;
}

static bool take_strings(struct reader *reader, struct plan_strings *ret)
{
	if (!take_count(reader, &ret->count, sizeof(uint32_t)))
		return false;
	ret->items = arena_array(reader->arena, ret->count + 1, sizeof *ret->items);
	for (size_t i = 0; i < ret->count; i++) {
		/* A NULL would end an argv early, for everybody who does not count. */
		if (!take_string(reader, &ret->items[i]) || ret->items[i] == NULL)
			return false;
	}
	return true;
}

static bool take_raw(struct reader *reader, const struct field *field, const void **ret,
                     size_t *count)
{
	static const unsigned char zeros[PLAN_ALIGNMENT];
	size_t padding;

	if (!take_count(reader, count, field->size) || *count > field->limit)
		return false;
	padding = -(size_t)(reader->next - reader->start) % PLAN_ALIGNMENT;
	if (left(reader) < padding || memcmp(reader->next, zeros, padding) != 0)
		return false;
	reader->next += padding;
	if (*count > left(reader) / field->size)
		return false;
	*ret = reader->next;
	reader->next += *count * field->size;
	return true;
}

static bool take_bool(struct reader *reader, bool *ret)
{
	unsigned char byte;

	if (!take(reader, &byte, sizeof byte) || byte > 1)
		return false;
	*ret = byte == 1;
	return true;
}

static bool take_u32(struct reader *reader, const struct field *field, uint32_t *ret)
{
	return take(reader, ret, sizeof *ret) && (field->names == NULL || *ret < field->limit);
}

static bool take_shape(struct reader *reader, const struct shape *shape, unsigned char *object);

static bool take_items(struct reader *reader, const struct shape *shape, unsigned char **ret,
                       size_t *count)
{
	if (!take_count(reader, count, shape->count))
		return false;
	*ret = arena_array(reader->arena, *count, shape->size);
	for (size_t i = 0; i < *count; i++) {
		if (!take_shape(reader, shape, *ret + i * shape->size))
			return false;
	}
	return true;
}

static bool take_field(struct reader *reader, const struct field *field, unsigned char *object)
{
	void *member = object + field->offset;
	size_t *count = (void *)(object + field->count_offset);

	switch (field->kind) {
	case FIELD_BOOL:
		return take_bool(reader, member);
	case FIELD_U16:
		return take(reader, member, sizeof(uint16_t));
	case FIELD_U32:
		return take_u32(reader, field, member);
	case FIELD_U64:
		return take(reader, member, sizeof(uint64_t));
	case FIELD_STRING:
		return take_string(reader, member);
	case FIELD_STRINGS:
		return take_strings(reader, member);
	case FIELD_SHAPE:
		return take_shape(reader, field->shape, member);
	case FIELD_ITEMS:
		return take_items(reader, field->shape, member, count);
	case FIELD_RAW:
		return take_raw(reader, field, member, count);
	default:
		return false;
	}
}

static bool take_shape(struct reader *reader, const struct shape *shape, unsigned char *object)
{
	for (size_t i = 0; i < shape->count; i++) {
		if (!take_field(reader, &shape->fields[i], object))
			return false;
	}
	return true;
}

static bool check_header(const struct shape *shape, const unsigned char *bytes, size_t length)
{
	struct plan_header header, expected = { .format = PLAN_FORMAT };

	if (length < sizeof header)
		return false;
	memcpy(&header, bytes, sizeof header);
	memcpy(expected.magic, shape->magic, strlen(shape->magic));
	return memcmp(header.magic, expected.magic, sizeof header.magic) == 0 &&
	       header.format == expected.format && header.length == length &&
	       header.hash == hash_bytes(HASH_START, bytes + sizeof header, length - sizeof header);
}

static int decode(const struct shape *shape, unsigned char *ret, struct arena *arena,
                  const void *bytes, size_t length, struct error *err)
{
	struct reader reader = { .arena = arena };

	if (!check_header(shape, bytes, length))
		return error_set(err, 0, "the stored plan is damaged, or of another version");
	reader.start = arena_copy(arena, bytes, length);
	reader.next = reader.start + sizeof(struct plan_header);
	reader.end = reader.start + length;
	if (!take_shape(&reader, shape, ret) || left(&reader) != 0)
		return error_set(err, 0, "the stored plan is damaged");
	return 0;
}

int plan_decode(struct plan *ret, struct arena *arena, const void *bytes, size_t length,
                struct error *err)
{
	struct plan plan = {};

	if (decode(&plan_shape, (unsigned char *)&plan, arena, bytes, length, err) < 0)
		return -1;
	*ret = plan;
	return 0;
}

int confinement_decode(struct confinement *ret, struct arena *arena, const void *bytes,
                       size_t length, struct error *err)
{
	struct confinement confinement = {};

	if (decode(&confinement_shape, (unsigned char *)&confinement, arena, bytes, length, err) <
	    0)
		return -1;
	*ret = confinement;
	return 0;
}
