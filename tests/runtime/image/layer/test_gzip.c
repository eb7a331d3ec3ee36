/* gzip both ways: any cut of input and output, several members, and damage that is always noticed.
 */
#include "decode.h"

#include "sandbox/base/cleanup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Through a window of `input` and `output` bytes. */
static void deflate(struct text *ret, const char *bytes, size_t length, size_t window)
{
	struct gzip_writer *writer = gzip_writer_new();
	unsigned char buffer[4096];
	size_t used = 0;
	int done = 0;

	while (!done) {
		size_t left = length - used, given = left < window ? left : window;
		struct codec_span span = { (const unsigned char *)bytes + used, given, buffer,
			                   window < sizeof buffer ? window : sizeof buffer };
		size_t room = span.output_left;

		done = gzip_writer_step(writer, &span, given == left);
		used += given - span.input_left;
		text_append_bytes(ret, buffer, room - span.output_left);
	}
	assert_int_equal(used, length);
	gzip_writer_free(writer);
}

static void fill(struct text *ret, size_t length, bool dull)
{
	for (size_t i = 0; i < length; i++)
		text_append_char(ret, dull ? (char)('a' + i / 100 % 3) : (char)random());
}

static void test_round_trip(void **state)
{
	static const size_t lengths[] = { 0, 1, 100, 4095, 4096, 70000, 300000 };
	static const size_t windows[] = { 1, 7, 512, 65536, 1 << 20 };

	(void)state;
	srandom(5);
	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++)
		for (size_t j = 0; j < 2 * ARRAY_SIZE(windows); j++) {
			_cleanup_text struct text plain = {}, packed = {}, again = {};
			struct error err = {};
			bool whole;

			if (windows[j / 2] < 512 && lengths[i] > 5000)
				continue; /* as slow as it is thorough */
			fill(&plain, lengths[i], j % 2);
			deflate(&packed, text_string(&plain), plain.length, windows[j / 2]);
			assert_int_equal(decode(&again, &whole, codec_gzip(), &packed,
			                        windows[j / 2], &err),
			                 0);
			assert_true(whole);
			assert_int_equal(again.length, plain.length);
			assert_memory_equal(text_string(&again), text_string(&plain), plain.length);
		}
}

/* Equal trees, equal bytes: no name, no time. */
static void test_same_bytes(void **state)
{
	_cleanup_text struct text plain = {}, one = {}, two = {};

	(void)state;
	fill(&plain, 50000, true);
	deflate(&one, text_string(&plain), plain.length, 1 << 20);
	deflate(&two, text_string(&plain), plain.length, 1 << 20);
	assert_int_equal(one.length, two.length);
	assert_memory_equal(one.data, two.data, one.length);
	assert_memory_equal(one.data, "\x1f\x8b\x08\0\0\0\0\0", 8);
}

static void test_members(void **state)
{
	_cleanup_text struct text packed = {}, again = {};
	struct error err = {};
	bool whole;

	(void)state;
	deflate(&packed, "one ", 4, 4096);
	deflate(&packed, "", 0, 4096);
	deflate(&packed, "two", 3, 4096);
	for (size_t window = 1; window < 80; window++) {
		text_clear(&again);
		assert_int_equal(decode(&again, &whole, codec_gzip(), &packed, window, &err), 0);
		assert_true(whole);
		assert_string_equal(text_string(&again), "one two");
	}
	/* what stands behind the last is none */
	text_append(&packed, "garbage that is no member");
	assert_int_equal(decode(&again, &whole, codec_gzip(), &packed, 4096, &err), -1);
	assert_string_equal(err.text, "the gzip data are damaged: no gzip header");
}

static void test_cut(void **state)
{
	_cleanup_text struct text packed = {};

	(void)state;
	deflate(&packed, "what there is of it", 19, 4096);
	for (size_t length = packed.length; length-- > 0;) {
		_cleanup_text struct text again = {};
		struct error err = {};
		bool whole;
		int result;

		packed.length = length;
		result = decode(&again, &whole, codec_gzip(), &packed, 4096, &err);
		assert_true(result < 0 || !whole);
	}
}

/* A bit that is turned is noticed, unless it means nothing: a time, a code of no symbol. */
static void test_damage(void **state)
{
	_cleanup_text struct text plain = {}, packed = {};
	unsigned unnoticed = 0;

	(void)state;
	fill(&plain, 2000, true);
	deflate(&packed, text_string(&plain), plain.length, 4096);
	for (size_t bit = 0; bit < packed.length * 8; bit++) {
		_cleanup_text struct text again = {};
		struct error err = {};
		bool whole;

		packed.data[bit / 8] = (char)(packed.data[bit / 8] ^ 1 << bit % 8);
		if (decode(&again, &whole, codec_gzip(), &packed, 4096, &err) == 0 && whole) {
			assert_int_equal(again.length, plain.length);
			assert_memory_equal(again.data, plain.data, plain.length);
			/* the sum and the length at the end mean something, all of them */
			assert_true(bit / 8 < packed.length - 8);
			unnoticed++;
		}
		packed.data[bit / 8] = (char)(packed.data[bit / 8] ^ 1 << bit % 8);
	}
	/* how many there are is the compressor's, which differs by processor */
	assert_in_range(unnoticed, 1, 2 * packed.length);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip), cmocka_unit_test(test_same_bytes),
		cmocka_unit_test(test_members),    cmocka_unit_test(test_cut),
		cmocka_unit_test(test_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
