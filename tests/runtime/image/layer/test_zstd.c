/* zstd frames, written by hand (RFC 8878): several, cut, damaged, and with a window that is too
 * much. */
#include "runtime/image/layer/codec.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/base/text.h"

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

static int decode(struct text *ret, bool *whole, const char *bytes, size_t length, size_t window,
                  struct error *err)
{
	struct codec codec = codec_zstd();
	unsigned char buffer[256];
	size_t used = 0, idle = 0;
	int result = 0;

	while (result == 0 && idle < 2) {
		size_t given = length - used < window ? length - used : window;
		struct codec_span span = { (const unsigned char *)bytes + used, given, buffer,
			                   window < sizeof buffer ? window : sizeof buffer };
		size_t room = span.output_left;

		result = codec.step(codec.state, &span, err);
		used += given - span.input_left;
		text_append_bytes(ret, buffer, room - span.output_left);
		idle = span.input_left == given && span.output_left == room ? idle + 1 : 0;
	}
	*whole = codec.complete(codec.state) && used == length;
	codec.free(codec.state);
	return result;
}

static void test_frames(void **state)
{
	static const struct {
		const char *bytes;
		size_t length;
		const char *expected;
	} rows[] = {
		{ HELLO, sizeof HELLO - 1, "hello" },
		{ NINES, sizeof NINES - 1, "999999999" },
		{ HELLO NINES, sizeof HELLO NINES - 1, "hello999999999" },
		{ HELLO SKIPPED NINES, sizeof HELLO SKIPPED NINES - 1, "hello999999999" },
		{ SKIPPED, sizeof SKIPPED - 1, "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		for (size_t window = 1; window < 64; window++) {
			_cleanup_text struct text text = {};
			struct error err = {};
			bool whole;

			assert_int_equal(decode(&text, &whole, rows[i].bytes, rows[i].length,
			                        window, &err),
			                 0);
			assert_true(whole);
			assert_string_equal(text_string(&text), rows[i].expected);
		}
}

static void test_cut(void **state)
{
	(void)state;
	for (size_t length = 0; length < sizeof HELLO - 1; length++) {
		_cleanup_text struct text text = {};
		struct error err = {};
		bool whole;

		assert_true(decode(&text, &whole, HELLO, length, 64, &err) < 0 || !whole);
	}
}

#define ROW(bytes)                                                                                 \
	{                                                                                          \
		bytes, sizeof bytes - 1                                                            \
	}

static void test_damaged(void **state)
{
	static const struct {
		const char *bytes;
		size_t length;
	} wrong[] = {
		ROW("no frame at all"),
		ROW(HELLO "garbage behind it"),
		/* a block of the reserved type, one that is longer than it may be, a checksum that
		   is none */
		ROW(MAGIC "\x20\x05\x2f\x00\x00hello"),
		ROW(MAGIC "\x20\x05\x31\x00\x00hellos"),
		ROW(MAGIC "\x24\x05\x29\x00\x00hello1234"),
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		_cleanup_text struct text text = {};
		struct error err = {};
		bool whole;

		if (decode(&text, &whole, wrong[i].bytes, wrong[i].length, 64, &err) != -1)
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
		const char bytes[] = { 0x28, (char)0xb5, 0x2f, (char)0xfd, 0, (char)(exponent << 3),
			               9,    0,          0,    'x' };
		struct error err = {};
		bool whole;
		int result = decode(&text, &whole, bytes, sizeof bytes, 64, &err);

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
