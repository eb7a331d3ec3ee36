/* plan_encode, plan_decode, plan_print: exact round trips, and no harm from any bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sandbox/base/cleanup.h"
#include "sandbox/base/hash.h"
#include "sandbox/limit.h"
#include "sandbox/plan_fields.h"

/* Fills every field of a shape with a value of its own, so that a field the table forgot or swapped
 * shows up. */
struct filler {
	struct arena *arena;
	uint64_t next;
};

static void fill_shape(struct filler *filler, const struct shape *shape, unsigned char *object);

static const char *fill_string(struct filler *filler)
{
	return arena_printf(filler->arena, "string %llu", (unsigned long long)filler->next++);
}

static void fill_field(struct filler *filler, const struct field *field, unsigned char *object)
{
	void *member = object + field->offset;
	size_t *count = (void *)(object + field->count_offset);
	struct plan_strings *strings = member;
	uint64_t number = ++filler->next;

	switch (field->kind) {
	case FIELD_BOOL:
		*(bool *)member = true;
		break;
	case FIELD_U16:
		*(uint16_t *)member = (uint16_t)number;
		break;
	case FIELD_U32:
		*(uint32_t *)member = (uint32_t)(field->names ? number % field->limit : number);
		break;
	case FIELD_U64:
		*(uint64_t *)member = number << 32 | number;
		break;
	case FIELD_STRING:
		*(const char **)member = fill_string(filler);
		break;
	case FIELD_STRINGS:
		strings->count = 3;
		strings->items = arena_array(filler->arena, 4, sizeof *strings->items);
		for (size_t i = 0; i < strings->count; i++)
			strings->items[i] = fill_string(filler);
		break;
	case FIELD_SHAPE:
		fill_shape(filler, field->shape, member);
		break;
	case FIELD_ITEMS:
		*count = 3;
		*(void **)member = arena_array(filler->arena, 3, field->shape->size);
		for (size_t i = 0; i < *count; i++)
			fill_shape(filler, field->shape,
			           *(unsigned char **)member + i * field->shape->size);
		break;
	case FIELD_RAW:
		*count = 5;
		*(void **)member = arena_array(filler->arena, *count, field->size);
		memset(*(void **)member, (int)(number & 0x7f), *count * field->size);
		break;
	default:
		fail();
	}
}

static void fill_shape(struct filler *filler, const struct shape *shape, unsigned char *object)
{
	for (size_t i = 0; i < shape->count; i++)
		fill_field(filler, &shape->fields[i], object);
}

static void fill_plan(struct plan *ret, struct arena *arena)
{
	struct filler filler = { .arena = arena };

	*ret = (struct plan){};
	fill_shape(&filler, &plan_shape, (unsigned char *)ret);
}

static void test_round_trip(void **state)
{
	_cleanup_arena struct arena arena = {};
	_cleanup_text struct text first = {}, second = {}, shown = {}, shown_again = {};
	struct plan plan, again;
	struct error err;

	(void)state;
	fill_plan(&plan, &arena);
	plan_encode(&first, &plan);
	assert_int_equal(plan_decode(&again, &arena, first.data, first.length, &err), 0);
	plan_encode(&second, &again);
	assert_int_equal(first.length, second.length);
	assert_memory_equal(first.data, second.data, first.length);
	plan_print(&shown, &plan);
	plan_print(&shown_again, &again);
	assert_string_equal(shown.data, shown_again.data);

	assert_string_equal(again.process.arguments.items[2], plan.process.arguments.items[2]);
	assert_null(again.process.arguments.items[3]);
	assert_int_equal((uintptr_t)again.confinement.filter.instructions % 8, 0);
	assert_int_equal(again.confinement.filter.count, 5);
	assert_int_equal(again.mounts[2].attributes, plan.mounts[2].attributes);
	assert_string_equal(again.hostname, plan.hostname);
}

static void test_empty(void **state)
{
	_cleanup_arena struct arena arena = {};
	_cleanup_text struct text bytes = {};
	struct confinement confinement = { .profile = "" }, again;
	struct error err;

	(void)state;
	text_append(&bytes, "odd"); /* what stands before must not matter to the padding */
	confinement_encode(&bytes, &confinement);
	assert_int_equal(confinement_decode(&again, &arena, bytes.data + 3, bytes.length - 3, &err),
	                 0);
	assert_string_equal(again.profile, "");
	assert_null(again.apparmor);
	assert_int_equal(again.mount_count, 0);
	assert_int_equal(again.left_out.count, 0);
	assert_null(again.left_out.items[0]);
}

static void test_print(void **state)
{
	static const struct plan_limit limits[] = {
		{ .resource = RLIMIT_NOFILE, .soft = 7, .hard = UINT64_MAX }
	};
	static const uint16_t ports[] = { 80, 443 };
	_cleanup_text struct text shown = {};
	struct confinement confinement = {
		.profile = "a\033b",
		.limits = (struct plan_limit *)limits,
		.limit_count = 1,
		.capabilities.bounding = 0xa80425fb,
		.landlock = { .bind_ports = ports, .bind_count = 2 },
	};

	(void)state;
	confinement_print(&shown, &confinement);
	assert_non_null(strstr(shown.data, "profile = \"a\\x1bb\"\n"));
	assert_non_null(strstr(shown.data, "limits[0].resource = nofile\n"));
	assert_non_null(strstr(shown.data, "limits[0].soft = 7\n"));
	assert_non_null(strstr(shown.data, "limits[0].hard = unlimited\n"));
	assert_non_null(strstr(shown.data, "capabilities.bounding = 0xa80425fb\n"));
	assert_non_null(strstr(shown.data, "landlock.bind_ports = [80, 443]\n"));
	assert_non_null(strstr(shown.data, "apparmor = none\n"));
	assert_non_null(strstr(shown.data, "masks = []\n"));
}

static void test_every_cut_and_flip_is_noticed(void **state)
{
	_cleanup_arena struct arena keep = {};
	_cleanup_text struct text bytes = {};
	struct plan plan, again;
	struct error err;

	(void)state;
	fill_plan(&plan, &keep);
	plan_encode(&bytes, &plan);
	for (size_t length = 0; length < bytes.length; length++) {
		_cleanup_arena struct arena arena = {};

		assert_int_equal(plan_decode(&again, &arena, bytes.data, length, &err), -1);
	}
	for (size_t bit = 0; bit < bytes.length * 8; bit++) {
		_cleanup_arena struct arena arena = {};

		bytes.data[bit / 8] ^= (char)(1 << bit % 8);
		assert_int_equal(plan_decode(&again, &arena, bytes.data, bytes.length, &err), -1);
		bytes.data[bit / 8] ^= (char)(1 << bit % 8);
	}
	assert_int_equal(plan_decode(&again, &keep, bytes.data, bytes.length, &err), 0);
}

/* With a right hash over wrong bytes: the bounds alone must hold. What is taken is taken exactly:
 * it encodes to the same bytes. */
static void test_bounds_hold_without_the_hash(void **state)
{
	_cleanup_arena struct arena keep = {};
	_cleanup_text struct text bytes = {};
	struct plan_header header;
	struct plan plan, again;
	struct error err;
	uint64_t seed = 1;

	(void)state;
	fill_plan(&plan, &keep);
	plan_encode(&bytes, &plan);
	memcpy(&header, bytes.data, sizeof header);
	for (int round = 0; round < 20000; round++) {
		_cleanup_arena struct arena arena = {};
		_cleanup_text struct text copy = {}, encoded = {};
		size_t place;

		text_append_bytes(&copy, bytes.data, bytes.length);
		seed = hash_bytes(seed, &round, sizeof round);
		place = sizeof header + seed % (bytes.length - sizeof header);
		copy.data[place] = (char)(seed & 0x100 ? 0xff : seed >> 32);
		header.hash = hash_bytes(HASH_START, copy.data + sizeof header,
		                         copy.length - sizeof header);
		memcpy(copy.data, &header, sizeof header);
		if (plan_decode(&again, &arena, copy.data, copy.length, &err) < 0)
			continue;
		plan_encode(&encoded, &again);
		assert_int_equal(encoded.length, copy.length);
		assert_memory_equal(encoded.data, copy.data, copy.length);
	}
}

static uint64_t fingerprint(uint64_t seed, const struct shape *shape)
{
	seed = hash_bytes(seed, &shape->size, sizeof shape->size);
	for (size_t i = 0; i < shape->count; i++) {
		const struct field *field = &shape->fields[i];

		seed = hash_bytes(seed, field->name, strlen(field->name));
		seed = hash_bytes(seed, &field->kind, sizeof field->kind);
		for (size_t name = 0; field->names != NULL && name < field->limit; name++)
			seed = hash_bytes(seed, field->names[name], strlen(field->names[name]));
		if (field->shape != NULL)
			seed = fingerprint(seed, field->shape);
	}
	return seed;
}

/* A changed table must change PLAN_FORMAT: containers started by an older cordon keep their plan.
 */
static void test_format_is_raised_with_the_tables(void **state)
{
	(void)state;
	assert_int_equal(PLAN_FORMAT, 3);
	assert_int_equal(fingerprint(HASH_START, &plan_shape), UINT64_C(0x9b3264f74c3c7c81));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_print),
		cmocka_unit_test(test_every_cut_and_flip_is_noticed),
		cmocka_unit_test(test_bounds_hold_without_the_hash),
		cmocka_unit_test(test_format_is_raised_with_the_tables),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
