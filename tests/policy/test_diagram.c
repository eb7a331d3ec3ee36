/*
 * Diagrams against brute force: every function of a few bits, by its truth table.
 */
#include "policy/diagram.h"

#include "sandbox/base/cleanup.h"
#include "tests/support/random_table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

/* The six bits of the small space: two words, far apart in the order and in the word. */
static const struct place {
	enum diagram_word word;
	unsigned bit;
} places[] = {
	{ WORD_NUMBER, 31 }, { WORD_NUMBER, 3 },          { WORD_NUMBER, 0 },
	{ WORD_IP_LOW, 31 }, { WORD_ARGUMENT_LOW_0, 17 }, { WORD_ARGUMENT_HIGH_0, 0 },
};
enum { PLACES = ARRAY_SIZE(places), POINTS = 1 << PLACES };

static void set_word(struct call_sample *sample, enum diagram_word word, uint32_t bits)
{
	if (word == WORD_NUMBER)
		sample->number |= bits;
	else if (word == WORD_IP_LOW)
		sample->instruction_pointer |= bits;
	else
		sample->arguments[0] |= (uint64_t)bits << (word == WORD_ARGUMENT_HIGH_0 ? 32 : 0);
}

static struct call_sample point(unsigned number)
{
	struct call_sample sample = {};

	for (unsigned i = 0; i < PLACES; i++)
		if (number >> i & 1)
			set_word(&sample, places[i].word, UINT32_C(1) << places[i].bit);
	return sample;
}

/* The diagram of a truth table of leaf values, built from its points in a random order. */
static diagram build(struct diagrams *store, struct random *random, const uint8_t values[POINTS])
{
	diagram result = diagram_leaf(store, values[0]);
	unsigned start = random_below(random, POINTS);

	for (unsigned i = 0; i < POINTS; i++) {
		unsigned number = (start + i * 37) % POINTS;
		diagram here = diagram_leaf(store, 1);

		for (unsigned j = 0; j < PLACES; j++) {
			diagram bit = diagram_bit(store, places[j].word, places[j].bit);

			here = diagram_and(store, here,
			                   number >> j & 1 ? bit : diagram_not(store, bit));
		}
		result = diagram_choose(store, here, diagram_leaf(store, values[number]), result);
	}
	return result;
}

static void random_values(struct random *random, uint8_t values[POINTS])
{
	unsigned kinds = 1 + random_below(random, 3);

	for (unsigned i = 0; i < POINTS; i++)
		values[i] = (uint8_t)random_below(random, kinds);
}

static uint32_t three_way(uint32_t a, uint32_t b)
{
	return a * 3 + b;
}

/* Equal tables are equal nodes, whatever the order they were made in; different ones have a
 * witness. */
static void test_canonical(void **state)
{
	_cleanup_diagrams struct diagrams *store = diagrams_new(DIAGRAM_NODES_MAX);
	struct random random = { 7 };
	struct error err;

	(void)state;
	for (unsigned round = 0; round < 300; round++) {
		uint8_t left[POINTS], right[POINTS];
		diagram a, b, joined;
		struct call_sample sample;

		random_values(&random, left);
		random_values(&random, right);
		a = build(store, &random, left);
		b = build(store, &random, right);
		assert_int_equal(a, build(store, &random, left));
		assert_int_equal(a == b, memcmp(left, right, sizeof left) == 0);
		joined = diagram_join(store, three_way, a, b);
		for (unsigned i = 0; i < POINTS; i++) {
			sample = point(i);
			assert_int_equal(diagram_value(store, a, &sample), left[i]);
			assert_int_equal(diagram_value(store, joined, &sample),
			                 left[i] * 3 + right[i]);
		}
		assert_int_equal(diagram_witness(store, a, b, &sample), a != b);
		if (a != b)
			assert_int_not_equal(diagram_value(store, a, &sample),
			                     diagram_value(store, b, &sample));
	}
	assert_int_equal(diagrams_check(store, &err), 0);
}

/* A word against constants, at and around every boundary. */
static void test_words(void **state)
{
	_cleanup_diagrams struct diagrams *store = diagrams_new(DIAGRAM_NODES_MAX);
	struct random random = { 11 };

	(void)state;
	for (unsigned round = 0; round < 3000; round++) {
		uint32_t value = (uint32_t)random_value(&random);
		uint32_t mask = (uint32_t)random_value(&random);
		struct call_sample sample = {};
		diagram masked = diagram_masked(store, WORD_NUMBER, mask, value);
		diagram least = diagram_at_least(store, WORD_NUMBER, value);
		diagram any = diagram_any_bit(store, WORD_NUMBER, mask);

		for (unsigned i = 0; i < 20; i++) {
			uint32_t x = i < 5 ? value + i - 2 : (uint32_t)random_value(&random);

			sample.number = x;
			assert_int_equal(diagram_value(store, masked, &sample),
			                 (x & mask) == value);
			assert_int_equal(diagram_value(store, least, &sample), x >= value);
			assert_int_equal(diagram_value(store, any, &sample), (x & mask) != 0);
		}
		assert_true(diagram_size(store, least) <= 34);
	}
}

struct seen {
	struct diagram_piece rows[64];
	size_t count;
	uint64_t next;
};

static bool note(void *context, uint32_t first, uint32_t last, diagram answer)
{
	struct seen *seen = context;

	assert_int_equal(first, seen->next);
	assert_true(last >= first);
	assert_true(seen->count == 0 || seen->rows[seen->count - 1].answer != answer);
	seen->rows[seen->count++] = (struct diagram_piece){ first, answer };
	seen->next = (uint64_t)last + 1;
	return true;
}

/* What is put together from pieces falls into the same pieces. */
static void test_pieces(void **state)
{
	_cleanup_diagrams struct diagrams *store = diagrams_new(DIAGRAM_NODES_MAX);
	struct random random = { 13 };

	(void)state;
	for (unsigned round = 0; round < 2000; round++) {
		struct diagram_piece rows[32] = { { 0, diagram_leaf(store, 9) } };
		size_t count = 1;
		uint32_t first = 0;
		struct seen seen = { .count = 0 };

		while (count < 1 + round % 31) {
			uint32_t step = 1 + (uint32_t)(random_number(&random) >>
			                               (32 + random_below(&random, 32)));

			if (first + step < first)
				break;
			first += step;
			rows[count] = (struct diagram_piece){
				first, diagram_leaf(store, (rows[count - 1].answer + 1 +
				                            random_below(&random, 2)) %
				                                   5)
			};
			if (rows[count].answer != rows[count - 1].answer)
				count++;
		}
		assert_true(diagram_cut(store, diagram_pieces(store, WORD_NUMBER, rows, count),
		                        WORD_NUMBER, note, &seen));
		assert_int_equal(seen.next, UINT64_C(1) << 32);
		assert_int_equal(seen.count, count);
		assert_memory_equal(seen.rows, rows, count * sizeof *rows);
	}
}

static void test_given(void **state)
{
	_cleanup_diagrams struct diagrams *store = diagrams_new(DIAGRAM_NODES_MAX);
	struct random random = { 17 };

	(void)state;
	for (unsigned round = 0; round < 100; round++) {
		uint8_t values[POINTS];
		diagram whole, part;

		random_values(&random, values);
		whole = build(store, &random, values);
		/* the lowest bit of the high half of argument 0 set, all others of that word not */
		part = diagram_given(store, whole, WORD_ARGUMENT_HIGH_0, 1);
		for (unsigned i = 0; i < POINTS; i++) {
			struct call_sample sample = point(i);

			assert_int_equal(diagram_value(store, part, &sample), values[i | 1u << 5]);
		}
	}
}

/* Past its limit a store says so, and nothing breaks. */
static void test_full(void **state)
{
	_cleanup_diagrams struct diagrams *store = diagrams_new(500);
	struct random random = { 19 };
	struct error err;
	diagram mess;

	(void)state;
	assert_int_equal(diagrams_check(store, &err), 0);
	mess = diagram_leaf(store, 0);
	for (unsigned i = 0; i < 100; i++)
		mess = diagram_choose(store,
		                      diagram_masked(store, WORD_NUMBER,
		                                     (uint32_t)random_number(&random), 0),
		                      diagram_at_least(store, WORD_IP_LOW,
		                                       (uint32_t)random_number(&random)),
		                      mess);
	assert_int_equal(diagrams_check(store, &err), -1);
	assert_non_null(strstr(err.text, "500 diagram nodes"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_canonical), cmocka_unit_test(test_words),
		cmocka_unit_test(test_pieces),    cmocka_unit_test(test_given),
		cmocka_unit_test(test_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
