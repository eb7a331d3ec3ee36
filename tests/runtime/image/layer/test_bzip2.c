/* bzip2 streams: several, through any window, cut anywhere, every bit of them turned. */
#include "decode.h"

#include "sandbox/base/cleanup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define HELLO                                                                                      \
	"BZh91AY&SY\x19\x31\x65\x3d\x00\x00\x00\x81\x00\x02\x44\xa0\x00\x21\x9a\x68\x33\x4d\x07"   \
	"\x33\x8b\xb9\x22\x9c\x28\x48\x0c\x98\xb2\x9e\x80"
#define NINES                                                                                      \
	"BZh91AY&SY\x55\x80\xf6\xc3\x00\x00\x02\x48\x00\x02\x00\x00\x20\x20\x00\x21\x00\x82\x0b"   \
	"\x17\x72\x45\x38\x50\x90\x55\x80\xf6\xc3"
#define NOTHING "BZh9\x17\x72\x45\x38\x50\x90\x00\x00\x00\x00"

static void test_streams(void **state)
{
	static const struct {
		struct text bytes;
		const char *expected;
	} rows[] = {
		{ BYTES(HELLO), "hello" },
		{ BYTES(NINES), "999999999" },
		{ BYTES(NOTHING), "" },
		{ BYTES(HELLO NINES), "hello999999999" },
		{ BYTES(NOTHING HELLO NOTHING NINES NOTHING), "hello999999999" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		decode_gives(codec_bzip2, &rows[i].bytes, rows[i].expected);
}

static void test_cut(void **state)
{
	struct text bytes = BYTES(HELLO NINES);

	(void)state;
	for (bytes.length = 0; bytes.length < sizeof HELLO NINES - 1; bytes.length++)
		if (bytes.length != sizeof HELLO - 1 && !decode_refuses(codec_bzip2(), &bytes))
			fail_msg("%zu bytes", bytes.length);
}

/* Some bits mean nothing (tables that no symbol is read with, the padding at the end); what the
 * others lead to is noticed by one of the two sums. */
static void test_turned(void **state)
{
	unsigned meaningless = 0;

	(void)state;
	for (size_t bit = 0; bit < (sizeof HELLO - 1) * 8; bit++) {
		_cleanup_text struct text text = {};
		char turned[] = HELLO;
		const struct text bytes = { .data = turned, .length = sizeof HELLO - 1 };
		struct error err;
		bool whole;

		turned[bit / 8] = (char)(turned[bit / 8] ^ 0x80 >> bit % 8);
		if (decode(&text, &whole, codec_bzip2(), &bytes, 64, &err) < 0 || !whole)
			continue;
		assert_string_equal(text_string(&text), "hello");
		meaningless++;
	}
	assert_in_range(meaningless, 0, 64);
}

static void test_damaged(void **state)
{
	static const struct {
		struct text bytes;
		const char *why;
	} wrong[] = {
		{ BYTES("no stream at all"), "no bzip2 header" },
		{ BYTES("BZh0" NOTHING), "no bzip2 header" },
		{ BYTES(HELLO "garbage behind it"), "no bzip2 header" },
		{ BYTES(HELLO "\0\0\0\0"), "no bzip2 header" },
		{ BYTES("BZh91AY&SYxxxxxxxxxxxxxxxxxxxxxxx"), "incorrect data check" },
		{ BYTES("BZh9\x17\x72\x45\x38\x50\x90\x00\x00\x00\x01"), "incorrect data check" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		_cleanup_text struct text text = {};
		struct error err = {};
		bool whole;

		if (decode(&text, &whole, codec_bzip2(), &wrong[i].bytes, 64, &err) != -1)
			fail_msg("row %zu", i);
		assert_memory_equal(err.text, "the bzip2 data are damaged: ", 28);
		assert_string_equal(err.text + 28, wrong[i].why);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_streams),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_turned),
		cmocka_unit_test(test_damaged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
