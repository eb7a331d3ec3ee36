/* guard: tar headers seen from the outside, in pieces of any size. */
#include "runtime/image/layer/guard.h"
#include "sandbox/base/cleanup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { TAPE = 16 * GUARD_BLOCK };

/* An archive that grows block by block. */
struct tape {
	unsigned char bytes[TAPE];
	size_t length;
};

static void seal(unsigned char *block)
{
	unsigned sum = 0;

	memset(block + 148, ' ', 8);
	for (size_t i = 0; i < GUARD_BLOCK; i++)
		sum += block[i];
	snprintf((char *)block + 148, 8, "%06o", sum);
	block[155] = ' ';
}

static unsigned char *add_header(struct tape *tape, char type, const char *size)
{
	unsigned char *block = tape->bytes + tape->length;

	memcpy(block, "name", 4);
	memcpy(block + 124, size, strlen(size));
	block[156] = (unsigned char)type;
	memcpy(block + 257,
	       "ustar\0"
	       "00",
	       8);
	seal(block);
	tape->length += GUARD_BLOCK;
	return block;
}

static void add_body(struct tape *tape, const char *bytes, size_t length)
{
	memcpy(tape->bytes + tape->length, bytes, length);
	tape->length += (length + GUARD_BLOCK - 1) / GUARD_BLOCK * GUARD_BLOCK;
}

static void add_extension(struct tape *tape, char type, const char *bytes, size_t length)
{
	char size[12];

	snprintf(size, sizeof size, "%011zo", length);
	add_header(tape, type, size);
	add_body(tape, bytes, length);
}

static int feed(const struct tape *tape, size_t step, struct error *err)
{
	struct guard *guard = calloc(1, sizeof *guard);
	int result = 0;

	assert_non_null(guard);
	for (size_t at = 0; result == 0 && at < tape->length; at += step)
		result = guard_feed(guard, tape->bytes + at,
		                    tape->length - at < step ? tape->length - at : step, err);
	free(guard);
	return result;
}

/* word: what the error holds; NULL: it is taken. */
static void check(const struct tape *tape, const char *word)
{
	static const size_t steps[] = { 1, 7, 511, 512, 513, 4096, TAPE };

	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		struct error err = {};
		int result = feed(tape, steps[i], &err);

		if (word == NULL && result < 0)
			fail_msg("in steps of %zu: %s", steps[i], err.text);
		if (word != NULL && (result == 0 || strstr(err.text, word) == NULL))
			fail_msg("in steps of %zu: '%s' without '%s'", steps[i], err.text, word);
	}
}

static const char data[2 * GUARD_BLOCK] = "bytes of a file";

static void test_entries(void **state)
{
	struct tape tape = {};

	(void)state;
	add_header(&tape, '0', "00000000005");
	add_body(&tape, "hello", 5);
	add_header(&tape, '5', "00000000000");
	add_header(&tape, '1', "00000001000"); /* a hard link has no data, whatever it says */
	add_header(&tape, '0', "00000002000");
	add_body(&tape, data, sizeof data);
	tape.length += 2 * GUARD_BLOCK;
	memset(tape.bytes + tape.length, 'x', GUARD_BLOCK); /* behind the end: anything */
	tape.length += GUARD_BLOCK;
	check(&tape, NULL);
}

static void test_lost_header(void **state)
{
	struct tape tape = {};

	(void)state;
	add_header(&tape, '1', "00000001000");
	add_body(&tape, data, GUARD_BLOCK);
	check(&tape, "no header");
}

static void test_names_with_nul(void **state)
{
	static const size_t fields[] = { 0, 157, 345 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		struct tape tape = {};
		unsigned char *block = add_header(&tape, '0', "00000000000");

		memcpy(block + fields[i], "a\0b", 3);
		seal(block);
		check(&tape, "NUL");
	}
}

static void test_prefix_of_gnu(void **state)
{
	struct tape tape = {};
	unsigned char *block = add_header(&tape, '0', "00000000000");

	(void)state;
	memcpy(block + 257, "ustar  ", 8);
	memcpy(block + 345,
	       "0\0"
	       "12345",
	       7); /* times and sparse maps stand there */
	seal(block);
	check(&tape, NULL);
}

static void test_prefix_of_star(void **state)
{
	struct tape tape = {};
	unsigned char *block = add_header(&tape, '0', "00000000000");

	(void)state;
	memcpy(block + 345, "folder", 6);
	memcpy(block + 476, "12345670123 12345670123 ", 24);
	memcpy(block + 508, "tar", 4);
	seal(block);
	check(&tape, NULL);
	memcpy(block + 508, "xxx", 4);
	seal(block);
	check(&tape, "NUL");
}

static const struct record_row {
	const char *bytes;
	size_t length;
	const char *word;
} records[] = {
	{ "12 path=abc\n", 12, NULL },
	{ "12 path=abc\n12 path=abd\n", 24, NULL },
	{ "14 path=abc\0d\n", 14, "NUL" },
	{ "18 linkpath=abc\0d\n", 18, "NUL" },
	{ "14 comment=a\0\n", 14, NULL },
	{ "9 k\0y=ab\n", 9, "NUL" },
	{ "10 size=5\n", 10, NULL },
	{ "10 size=x\n", 10, "no number" },
	{ "10 size=-\n", 10, "no number" },
	{ "12 size=5\0x\n", 12, "no number" },
	{ "29 size=99999999999999999999\n", 29, "no number" },
	{ "12 path=abcd", 12, "wrong length" },
	{ "13 path=abc\n", 12, "wrong length" },
	{ "11 path=abc\n", 12, "wrong length" },
	{ "0 path=abc\n", 11, "wrong length" },
	{ "2 \n", 3, "wrong length" },
	{ "-1 path=abc\n", 12, "wrong length" },
	{ "path=abc\n", 9, "without a length" },
	{ "6 =ab\n", 6, "without a key" },
	{ "6 abc\n", 6, "without a key" },
	{ "\0\0\0\0", 4, "without a length" },
};

static void test_records(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(records); i++) {
		struct tape tape = {};

		add_extension(&tape, 'x', records[i].bytes, records[i].length);
		if (records[i].word == NULL && strstr(records[i].bytes, "size") != NULL) {
			add_header(&tape, '0', "00000000000");
			add_body(&tape, "hello", 5);
		}
		add_header(&tape, '0', "00000000000");
		check(&tape, records[i].word);
	}
}

static void test_global_size(void **state)
{
	struct tape tape = {};

	(void)state;
	add_extension(&tape, 'g', "10 size=5\n", 10);
	check(&tape, "one size");
}

static void test_long_names(void **state)
{
	struct tape good = {}, bad = {};

	(void)state;
	add_extension(&good, 'L', "a/long/name\0\0\0", 14);
	add_header(&good, '0', "00000000000");
	check(&good, NULL);
	add_extension(&bad, 'K', "a/long\0name\0", 12);
	check(&bad, "NUL");
}

static void test_sizes(void **state)
{
	static const struct {
		const char *size, *word;
	} sizes[] = {
		{ "00000000000", NULL },
		{ "           ", NULL },
		{ "0000000000x", "no number" },
		{ "99999999999", "no number" },
		{ "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", "no number" },
		{ "\x80\x7f\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", "no number" },
		{ "77777777777", NULL },
		{ "\x80\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01", "no number" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct tape tape = {};

		add_header(&tape, '0', sizes[i].size);
		check(&tape, sizes[i].word);
	}
	for (size_t i = 0; i < 4; i++) {
		struct tape tape = {};

		add_header(&tape, "xgLK"[i], "07777777777");
		check(&tape, "extension header");
	}
}

static void test_sparse(void **state)
{
	struct tape tape = {};
	unsigned char *block = add_header(&tape, 'S', "00000000005");

	(void)state;
	memcpy(block + 257, "ustar  ", 8);
	block[482] = 1;
	seal(block);
	tape.bytes[tape.length + 504] = 1;
	tape.length += 2 * GUARD_BLOCK; /* two further blocks of the map */
	add_body(&tape, "hello", 5);
	add_header(&tape, '0', "00000000000");
	check(&tape, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_entries),        cmocka_unit_test(test_lost_header),
		cmocka_unit_test(test_names_with_nul), cmocka_unit_test(test_prefix_of_gnu),
		cmocka_unit_test(test_prefix_of_star), cmocka_unit_test(test_records),
		cmocka_unit_test(test_global_size),    cmocka_unit_test(test_long_names),
		cmocka_unit_test(test_sizes),          cmocka_unit_test(test_sparse),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
