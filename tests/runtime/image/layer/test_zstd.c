/* zstd frames, written by hand (RFC 8878): several, cut, damaged, and with a window that is too
 * much. */
#include "decode.h"

#include "sandbox/base/cleanup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define MAGIC "\x28\xb5\x2f\xfd"
/* a single segment of 5 bytes: one raw block, the last */
#define HELLO MAGIC "\x20\x05\x29\x00\x00hello"
/* of 9: nine times the same byte */
#define NINES                                                                                      \
	MAGIC "\x20\x09\x4b\x00\x00"                                                               \
	      "9"
/* a frame that readers pass over, of 4 bytes */
#define SKIPPED "\x50\x2a\x4d\x18\x04\x00\x00\x00skip"

static void test_frames(void **state)
{
	static const struct {
		struct text bytes;
		const char *expected;
	} rows[] = {
		{ BYTES(HELLO), "hello" },
		{ BYTES(NINES), "999999999" },
		{ BYTES(HELLO NINES), "hello999999999" },
		{ BYTES(HELLO SKIPPED NINES), "hello999999999" },
		{ BYTES(SKIPPED), "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		decode_gives(codec_zstd, &rows[i].bytes, rows[i].expected);
}

static void test_cut(void **state)
{
	struct text bytes = BYTES(HELLO);

	(void)state;
	for (bytes.length = 0; bytes.length < sizeof HELLO - 1; bytes.length++)
		assert_true(decode_refuses(codec_zstd(), &bytes));
}

static void test_damaged(void **state)
{
	static const struct text wrong[] = {
		BYTES("no frame at all"),
		BYTES(HELLO "garbage behind it"),
		/* a block of the reserved type, one that is longer than it may be, a checksum that
		   is none */
		BYTES(MAGIC "\x20\x05\x2f\x00\x00hello"),
		BYTES(MAGIC "\x20\x05\x31\x00\x00hellos"),
		BYTES(MAGIC "\x24\x05\x29\x00\x00hello1234"),
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		_cleanup_text struct text text = {};
		struct error err = {};
		bool whole;

		if (decode(&text, &whole, codec_zstd(), &wrong[i], 64, &err) != -1)
			fail_msg("row %zu", i);
		assert_memory_equal(err.text, "the zstd data are damaged: ", 27);
		assert_string_equal(err.hint, "cordon takes windows up to 32 MiB");
	}
}

/* The window is what a frame makes its reader allocate: 2 to the 10th plus what it says. */
static void test_windows(void **state)
{
	(void)state;
	for (unsigned exponent = 0; exponent < 32; exponent++) {
		_cleanup_text struct text text = {};
		char frame[] = { 0x28, (char)0xb5, 0x2f, (char)0xfd, 0, (char)(exponent << 3),
			         9,    0,          0,    'x' };
		struct error err = {};
		bool whole;
		const struct text bytes = { .data = frame, .length = sizeof frame };
		int result = decode(&text, &whole, codec_zstd(), &bytes, 64, &err);

		if (10 + exponent <= 25) {
			assert_int_equal(result, 0);
			assert_string_equal(text_string(&text), "x");
		} else {
			assert_int_equal(result, -1);
			assert_string_equal(err.hint, "cordon takes windows up to 32 MiB");
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_frames),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_windows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
