/*
 * fuzz_plan: plan_decode and confinement_decode on any bytes. The header is made right first
 * (magic, length, hash), so that the fuzzer works on the bounds and not against the hash. What is
 * taken must encode to the very same bytes, and print.
 */
#include "sandbox/base/hash.h"
#include "sandbox/plan_fields.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void seal(struct text *bytes, const struct shape *shape)
{
	struct plan_header header = { .format = PLAN_FORMAT, .length = (uint32_t)bytes->length };

	memcpy(header.magic, shape->magic, strlen(shape->magic));
	header.hash =
	        hash_bytes(HASH_START, bytes->data + sizeof header, bytes->length - sizeof header);
	memcpy(bytes->data, &header, sizeof header);
}

static void expect_equal(const struct text *a, const struct text *b)
{
	if (a->length != b->length || memcmp(a->data, b->data, a->length) != 0)
		abort();
}

static void try_plan(struct text *bytes)
{
	_cleanup_arena struct arena arena = {};
	_cleanup_text struct text encoded = {}, shown = {};
	struct error err;
	struct plan plan;

	seal(bytes, &plan_shape);
	if (plan_decode(&plan, &arena, bytes->data, bytes->length, &err) < 0)
		return;
	plan_encode(&encoded, &plan);
	plan_print(&shown, &plan);
	expect_equal(bytes, &encoded);
}

static void try_confinement(struct text *bytes)
{
	_cleanup_arena struct arena arena = {};
	_cleanup_text struct text encoded = {}, shown = {};
	struct confinement confinement;
	struct error err;

	seal(bytes, &confinement_shape);
	if (confinement_decode(&confinement, &arena, bytes->data, bytes->length, &err) < 0)
		return;
	confinement_encode(&encoded, &confinement);
	confinement_print(&shown, &confinement);
	expect_equal(bytes, &encoded);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct plan_header blank;
	_cleanup_text struct text bytes = {};
	struct error err;
	struct plan plan;
	_cleanup_arena struct arena arena = {};

	/* As they are, and behind a header that is right. */
	if (plan_decode(&plan, &arena, data, size, &err) == 0)
		plan_encode(&bytes, &plan);
	text_clear(&bytes);
	text_append_bytes(&bytes, &blank, sizeof blank);
	text_append_bytes(&bytes, data, size);
	try_plan(&bytes);
	try_confinement(&bytes);
	return 0;
}
