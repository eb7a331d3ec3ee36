/* The hash that names cache entries and notices damaged files: every bit of the input counts. */
#include "sandbox/base/hash.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void test_every_bit_counts(void **state)
{
	unsigned char bytes[67];

	(void)state;
	memset(bytes, 0x5a, sizeof bytes);
	for (size_t length = 1; length <= sizeof bytes; length++) {
		uint64_t whole = hash_bytes(HASH_START, bytes, length);

		assert_int_equal(whole, hash_bytes(HASH_START, bytes, length));
		assert_true(whole != hash_bytes(HASH_START, bytes, length - 1));
		assert_true(whole != hash_bytes(HASH_START + 1, bytes, length));
		for (size_t bit = 0; bit < length * 8; bit++) {
			bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
			assert_true(whole != hash_bytes(HASH_START, bytes, length));
			bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
		}
	}
}

/* Zeros are not nothing, and where one piece ends and the next begins counts. */
static void test_lengths(void **state)
{
	static const char zeros[16];
	uint64_t seen[17];

	(void)state;
	for (size_t length = 0; length <= 16; length++) {
		seen[length] = hash_bytes(HASH_START, zeros, length);
		for (size_t i = 0; i < length; i++)
			assert_true(seen[i] != seen[length]);
	}
	assert_true(hash_bytes(hash_bytes(HASH_START, "ab", 2), "c", 1) !=
	            hash_bytes(hash_bytes(HASH_START, "a", 1), "bc", 2));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_bit_counts),
		cmocka_unit_test(test_lengths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
