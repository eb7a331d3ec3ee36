/* xz streams of every check: several, with padding, through any window, cut anywhere, every bit of
 * them turned; and dictionaries that are too much. */
#include "decode.h"

#include "sandbox/base/cleanup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define MAGIC "\xfd\x37zXZ\x00"
/* LZMA2 with a dictionary of 256 KiB: "hello", not compressed */
#define BLOCK                                                                                      \
	"\x02\x00\x21\x01\x0c\x00\x00\x00\x8f\x98\x41\x9c\x01\x00\x04"                             \
	"hello\x00\x00\x00\x00"
#define UNCHECKED                                                                                  \
	MAGIC "\x00\x00\xff\x12\xd9\x41" BLOCK                                                     \
	      "\x00\x01\x15\x05\xb0\xa7\x59\x67\x06\x72\x9e\x7a\x01\x00\x00\x00\x00\x00YZ"
#define CRC32                                                                                      \
	MAGIC "\x00\x01\x69\x22\xde\x36" BLOCK "\x86\xa6\x10\x36"                                  \
	      "\x00\x01\x19\x05\xbc\xe8\xec\xcb\x90\x42\x99\x0d\x01\x00\x00\x00\x00\x01YZ"
#define CRC64                                                                                      \
	MAGIC "\x00\x04\xe6\xd6\xb4\x46" BLOCK "\xb1\x37\xb9\xdb\xe5\xda\x1e\x9b"                  \
	      "\x00\x01\x1d\x05\xb8\x2d\x80\xaf\x1f\xb6\xf3\x7d\x01\x00\x00\x00\x00\x04YZ"
#define SHA256                                                                                     \
	MAGIC "\x00\x0a\xe1\xfb\x0c\xa1" BLOCK                                                     \
	      "\x2c\xf2\x4d\xba\x5f\xb0\xa3\x0e\x26\xe8\x3b\x2a\xc5\xb9\xe2\x9e"                   \
	      "\x1b\x16\x1e\x5c\x1f\xa7\x42\x5e\x73\x04\x33\x62\x93\x8b\x98\x24"                   \
	      "\x00\x01\x35\x05\x12\x83\xdd\xf2\x18\x9b\x4b\x9a\x01\x00\x00\x00\x00\x0aYZ"
/* nine times "9", through the filters for x86 and for differences of three bytes */
#define FILTERED                                                                                   \
	MAGIC "\x00\x01\x69\x22\xde\x36"                                                           \
	      "\x03\x02\x04\x00\x03\x01\x02\x21\x01\x00\x00\x00\xa9\xc1\xe1\x7c\x01\x00\x08"       \
	      "999\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\xe4\x2a\xbe\xbb"                        \
	      "\x00\x01\x21\x09\x6c\x18\xc5\xd5\x90\x42\x99\x0d\x01\x00\x00\x00\x00\x01YZ"
#define NOTHING                                                                                    \
	MAGIC "\x00\x04\xe6\xd6\xb4\x46\x00\x00\x00\x00\x1c\xdf\x44\x21\x1f\xb6\xf3\x7d\x01"       \
	      "\x00\x00\x00\x00\x04YZ"
#define PADDING "\0\0\0\0"

static void test_streams(void **state)
{
	static const struct {
		struct text bytes;
		const char *expected;
	} rows[] = {
		{ BYTES(UNCHECKED), "hello" },
		{ BYTES(CRC32), "hello" },
		{ BYTES(CRC64), "hello" },
		{ BYTES(SHA256), "hello" },
		{ BYTES(FILTERED), "999999999" },
		{ BYTES(NOTHING), "" },
		{ BYTES(CRC64 FILTERED), "hello999999999" },
		{ BYTES(NOTHING CRC32 NOTHING SHA256), "hellohello" },
		{ BYTES(CRC32 PADDING), "hello" },
		{ BYTES(CRC32 PADDING PADDING CRC64 PADDING PADDING PADDING), "hellohello" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		decode_gives(codec_xz, &rows[i].bytes, rows[i].expected);
}

static void test_cut(void **state)
{
	static const char whole[] = CRC64 SHA256 PADDING;
	struct text bytes = { .data = (char *)whole };

	(void)state;
	for (; bytes.length < sizeof whole - 1; bytes.length++)
		if (bytes.length != sizeof CRC64 - 1 && bytes.length != sizeof CRC64 SHA256 - 1 &&
		    !decode_refuses(codec_xz(), &bytes))
			fail_msg("%zu bytes", bytes.length);
}

static void check_turned(const char *stream, size_t length)
{
	char turned[256];
	const struct text bytes = { .data = turned, .length = length };

	for (size_t bit = 0; bit < length * 8; bit++) {
		memcpy(turned, stream, length);
		turned[bit / 8] = (char)(turned[bit / 8] ^ 0x80 >> bit % 8);
		if (!decode_refuses(codec_xz(), &bytes))
			fail_msg("bit %zu", bit);
	}
}

static void test_turned(void **state)
{
	(void)state;
	check_turned(CRC32, sizeof CRC32 - 1);
	check_turned(CRC64, sizeof CRC64 - 1);
	check_turned(SHA256, sizeof SHA256 - 1);
	check_turned(FILTERED, sizeof FILTERED - 1);
}

static void check_refused(const struct text *bytes, const char *why)
{
	_cleanup_text struct text text = {};
	struct error err = {};
	bool whole;

	if (decode(&text, &whole, codec_xz(), bytes, 64, &err) != -1)
		fail_msg("taken: %s", why);
	assert_memory_equal(err.text, "the xz data are damaged: ", 25);
	assert_string_equal(err.text + 25, why);
}

static void test_damaged(void **state)
{
	static const struct text padded = BYTES(CRC32 "\0\0\0");
	static const struct {
		struct text bytes;
		const char *why;
	} wrong[] = {
		{ BYTES("no stream at all"), "no xz header" },
		{ BYTES(CRC32 "garbage behind it"), "no xz header" },
		{ BYTES(CRC32 PADDING "garbage behind it"), "no xz header" },
		/* padding that is no multiple of four */
		{ BYTES(CRC32 "\0\0\0" CRC32), "no xz header" },
		{ BYTES(CRC32 PADDING "\0" CRC32), "no xz header" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		check_refused(&wrong[i].bytes, wrong[i].why);
	assert_true(decode_refuses(codec_xz(), &padded));
}

/* ---- headers of our own ---- */

static uint32_t crc32(const char *bytes, size_t length)
{
	uint32_t sum = UINT32_MAX;

	for (size_t i = 0; i < length; i++) {
		sum ^= (unsigned char)bytes[i];
		for (int bit = 0; bit < 8; bit++)
			sum = sum >> 1 ^ (sum & 1 ? UINT32_C(0xedb88320) : 0);
	}
	return ~sum;
}

static void put_crc32(char *where, const char *bytes, size_t length)
{
	uint32_t sum = crc32(bytes, length);

	for (int i = 0; i < 4; i++)
		where[i] = (char)(sum >> 8 * i);
}

/* The sizes that a byte stands for (The .xz File Format, 5.3.1): 2 to the 12th, 3 to the 11th, 2 to
 * the 13th, ... bytes. */
static void test_dictionaries(void **state)
{
	enum { HEADER = 12, SIZE = 4, HEADER_SIZE = 8, LARGEST = 40 };

	(void)state;
	for (unsigned size = 0; size <= LARGEST; size++) {
		char stream[] = CRC32;
		const struct text bytes = { .data = stream, .length = sizeof CRC32 - 1 };
		uint64_t dictionary = (UINT64_C(2) + size % 2) << (size / 2 + 11);
		_cleanup_text struct text text = {};
		struct error err = {};
		bool whole;
		int result;

		stream[HEADER + SIZE] = (char)size;
		put_crc32(stream + HEADER + HEADER_SIZE, stream + HEADER, HEADER_SIZE);
		result = decode(&text, &whole, codec_xz(), &bytes, 64, &err);
		if (dictionary <= 64 << 20) {
			assert_int_equal(result, 0);
			assert_true(whole);
			assert_string_equal(text_string(&text), "hello");
			continue;
		}
		assert_int_equal(result, -1);
		assert_memory_equal(err.text, "the xz data want ", 17);
		assert_string_equal(err.hint,
		                    "cordon takes dictionaries up to 64 MiB, which is xz -9");
		if (size == 37)
			assert_string_equal(err.text, "the xz data want 1536 MiB of memory");
	}
}

/* Kinds of checks are numbered; what nobody can check is not believed. */
static void test_checks(void **state)
{
	enum { FLAGS = 6 };

	(void)state;
	for (unsigned check = 0; check < 16; check++) {
		char stream[] = CRC32;
		const struct text bytes = { .data = stream, .length = sizeof CRC32 - 1 };

		stream[FLAGS + 1] = (char)check;
		put_crc32(stream + FLAGS + 2, stream + FLAGS, 2);
		if (check == 1)
			assert_false(decode_refuses(codec_xz(), &bytes));
		else if (check == 0 || check == 4 || check == 10)
			assert_true(decode_refuses(codec_xz(), &bytes)); /* it has another */
		else
			check_refused(&bytes, "a check that is not known");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_streams),      cmocka_unit_test(test_cut),
		cmocka_unit_test(test_turned),       cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_dictionaries), cmocka_unit_test(test_checks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
