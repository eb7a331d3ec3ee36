/*
 * diagram_look: questions to a diagram that make no new one, or only a part of it.
 */
#include "policy/diagram.h"

#include "sandbox/base/cleanup.h"

#include <stdlib.h>
#include <string.h>

enum { BITS = 32 };

/* True where the node tests that word. */
static bool tests(const struct diagrams *store, diagram node, enum diagram_word word)
{
	return !diagram_is_leaf(store, node, NULL) && diagram_word(store, node, NULL) == word;
}

/* The words above the one that is given are kept as they are. */
static diagram given_below(struct diagrams *store, diagram node, enum diagram_word word,
                           uint32_t value)
{
	unsigned bit;

	while (tests(store, node, word)) {
		diagram_word(store, node, &bit);
		node = value >> bit & 1 ? diagram_high(store, node) : diagram_low(store, node);
	}
	return node;
}

diagram diagram_given(struct diagrams *store, diagram node, enum diagram_word word, uint32_t value)
{
	enum diagram_word own;
	unsigned bit;
	diagram low, high;

	if (diagram_is_leaf(store, node, NULL))
		return node;
	own = diagram_word(store, node, &bit);
	if (own >= word)
		return given_below(store, node, word, value);
	low = diagram_given(store, diagram_low(store, node), word, value);
	high = diagram_given(store, diagram_high(store, node), word, value);
	return diagram_choose(store, diagram_bit(store, own, bit), high, low);
}

/* ---- pieces ---- */

struct cut {
	const struct diagrams *store;
	enum diagram_word word;
	bool (*piece)(void *context, uint32_t first, uint32_t last, diagram answer);
	void *context;
	uint32_t first, last;
	diagram answer; /* of the piece that is not yet told; 0: none */
};

static bool tell(struct cut *cut)
{
	return cut->answer == 0 || cut->piece(cut->context, cut->first, cut->last, cut->answer);
}

/* `size` - 1 so that the whole range of a word fits. */
static bool walk(struct cut *cut, diagram node, uint32_t first, uint32_t rest)
{
	unsigned bit;

	if (!tests(cut->store, node, cut->word)) {
		if (node == cut->answer) {
			cut->last = first + rest;
			return true;
		}
		if (!tell(cut))
			return false;
		cut->answer = node;
		cut->first = first;
		cut->last = first + rest;
		return true;
	}
	diagram_word(cut->store, node, &bit);
	/* bits above the tested one may be free in between: all their values look the same */
	if (rest >> bit > 1) {
		uint32_t half = rest / 2;

		return walk(cut, node, first, half) && walk(cut, node, first + half + 1, half);
	}
	return walk(cut, diagram_low(cut->store, node), first, rest / 2) &&
	       walk(cut, diagram_high(cut->store, node), first + rest / 2 + 1, rest / 2);
}

bool diagram_cut(const struct diagrams *store, diagram node, enum diagram_word word,
                 bool (*piece)(void *context, uint32_t first, uint32_t last, diagram answer),
                 void *context)
{
	struct cut cut = { .store = store, .word = word, .piece = piece, .context = context };

	return walk(&cut, node, 0, UINT32_MAX) && tell(&cut);
}

/* ---- points ---- */

static uint32_t *word_in(uint32_t words[WORD_COUNT], const struct diagrams *store, diagram node,
                         unsigned *bit)
{
	return &words[diagram_word(store, node, bit)];
}

static void to_words(uint32_t words[WORD_COUNT], const struct call_sample *sample)
{
	words[WORD_ARCH] = sample->audit;
	words[WORD_NUMBER] = sample->number;
	words[WORD_IP_HIGH] = (uint32_t)(sample->instruction_pointer >> 32);
	words[WORD_IP_LOW] = (uint32_t)sample->instruction_pointer;
	for (unsigned i = 0; i < 6; i++) {
		words[word_of_argument(i, true)] = (uint32_t)(sample->arguments[i] >> 32);
		words[word_of_argument(i, false)] = (uint32_t)sample->arguments[i];
	}
}

static uint64_t wide(uint32_t high, uint32_t low)
{
	return (uint64_t)high << 32 | low;
}

static void from_words(struct call_sample *sample, const uint32_t words[WORD_COUNT])
{
	sample->audit = words[WORD_ARCH];
	sample->number = words[WORD_NUMBER];
	sample->instruction_pointer = wide(words[WORD_IP_HIGH], words[WORD_IP_LOW]);
	for (unsigned i = 0; i < 6; i++)
		sample->arguments[i] =
		        wide(words[word_of_argument(i, true)], words[word_of_argument(i, false)]);
}

uint32_t diagram_value(const struct diagrams *store, diagram node, const struct call_sample *sample)
{
	uint32_t words[WORD_COUNT], value;
	unsigned bit;

	to_words(words, sample);
	while (!diagram_is_leaf(store, node, &value)) {
		uint32_t word = *word_in(words, store, node, &bit);

		node = word >> bit & 1 ? diagram_high(store, node) : diagram_low(store, node);
	}
	return value;
}

/* True where a is tested before b, or both the same bit. */
static bool is_first(const struct diagrams *store, diagram a, diagram b)
{
	unsigned a_bit, b_bit;
	enum diagram_word a_word, b_word;

	if (diagram_is_leaf(store, a, NULL) || diagram_is_leaf(store, b, NULL))
		return !diagram_is_leaf(store, a, NULL);
	a_word = diagram_word(store, a, &a_bit);
	b_word = diagram_word(store, b, &b_bit);
	return a_word != b_word ? a_word < b_word : a_bit >= b_bit;
}

bool diagram_witness(const struct diagrams *store, diagram a, diagram b, struct call_sample *sample)
{
	uint32_t words[WORD_COUNT] = {};

	if (a == b)
		return false;
	/* Different nodes are different functions: one of the two ways always leads to such. */
	while (!diagram_is_leaf(store, a, NULL) || !diagram_is_leaf(store, b, NULL)) {
		bool in_a = is_first(store, a, b), in_b = is_first(store, b, a);
		diagram low_a = in_a ? diagram_low(store, a) : a;
		diagram low_b = in_b ? diagram_low(store, b) : b;
		unsigned bit;
		uint32_t *word = word_in(words, store, in_a ? a : b, &bit);

		if (low_a != low_b) {
			a = low_a;
			b = low_b;
			continue;
		}
		*word |= UINT32_C(1) << bit;
		a = in_a ? diagram_high(store, a) : a;
		b = in_b ? diagram_high(store, b) : b;
	}
	from_words(sample, words);
	return true;
}

bool diagram_example(struct diagrams *store, diagram condition, struct call_sample *sample)
{
	return diagram_witness(store, condition, diagram_leaf(store, 0), sample);
}

/* ---- size ---- */

static size_t count(const struct diagrams *store, diagram node, unsigned char *seen)
{
	size_t total = 1;

	if ((seen[node / 8] >> (node % 8) & 1) != 0)
		return 0;
	seen[node / 8] |= (unsigned char)(1u << (node % 8));
	if (!diagram_is_leaf(store, node, NULL))
		total += count(store, diagram_low(store, node), seen) +
		         count(store, diagram_high(store, node), seen);
	return total;
}

size_t diagram_size(const struct diagrams *store, diagram node)
{
	_cleanup_free unsigned char *seen = calloc(diagrams_count(store) / 8 + 2, 1);

	if (seen == NULL)
		abort();
	return count(store, node, seen);
}
