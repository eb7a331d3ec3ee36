#include "policy/word.h"

#include "sandbox/base/cleanup.h"

#include <stdlib.h>

enum { BITS = 32 };

static bool tests(const struct diagrams *store, diagram node, enum diagram_word word, unsigned *bit)
{
	return !diagram_is_leaf(store, node, NULL) && diagram_word(store, node, bit) == word;
}

/* ---- which bits matter ---- */

struct visited {
	const struct diagrams *store;
	enum diagram_word word;
	unsigned char *seen;
	uint32_t mask;
};

static void collect(struct visited *visited, diagram node)
{
	unsigned bit;

	if (!tests(visited->store, node, visited->word, &bit) ||
	    (visited->seen[node / 8] >> (node % 8) & 1) != 0)
		return;
	visited->seen[node / 8] |= (unsigned char)(1u << (node % 8));
	visited->mask |= UINT32_C(1) << bit;
	collect(visited, diagram_low(visited->store, node));
	collect(visited, diagram_high(visited->store, node));
}

uint32_t word_mask(const struct diagrams *store, diagram node, enum diagram_word word)
{
	_cleanup_free unsigned char *seen = calloc(diagrams_count(store) / 8 + 2, 1);
	struct visited visited = { store, word, seen, 0 };

	if (seen == NULL)
		abort();
	collect(&visited, node);
	return visited.mask;
}

/* ---- pieces ---- */

struct cutter {
	const struct diagrams *store;
	enum diagram_word word;
	uint32_t mask; /* bits outside are taken as 0 */
	struct word_piece *rows;
	size_t count;
	bool too_many;
};

static void add(struct cutter *cutter, uint32_t first, uint32_t last, diagram answer)
{
	struct word_piece *before = cutter->count > 0 ? &cutter->rows[cutter->count - 1] : NULL;

	if (before != NULL && before->answer == answer) {
		before->last = last;
		return;
	}
	if (cutter->count == WORD_PIECES_MAX) {
		cutter->too_many = true;
		return;
	}
	cutter->rows[cutter->count++] = (struct word_piece){ first, last, answer };
}

/* The values from `first` with `left` bits still free. */
static void walk(struct cutter *cutter, diagram node, uint32_t first, unsigned left)
{
	uint32_t half;
	unsigned bit;
	bool here;

	if (cutter->too_many)
		return;
	if (!tests(cutter->store, node, cutter->word, &bit)) {
		uint32_t rest = (uint32_t)((UINT64_C(1) << left) - 1);

		add(cutter, first, first + (rest & cutter->mask), node);
		return;
	}
	half = UINT32_C(1) << (left - 1);
	here = bit == left - 1;
	if (!here && (cutter->mask & half) == 0) {
		walk(cutter, node, first, left - 1);
		return;
	}
	walk(cutter, here ? diagram_low(cutter->store, node) : node, first, left - 1);
	walk(cutter, here ? diagram_high(cutter->store, node) : node, first + half, left - 1);
}

static void cut_under(struct word_pieces *ret, const struct diagrams *store, diagram node,
                      enum diagram_word word, uint32_t mask, struct word_piece *rows)
{
	struct cutter cutter = { .store = store, .word = word, .mask = mask, .rows = rows };

	walk(&cutter, node, 0, BITS);
	*ret = (struct word_pieces){ mask, rows, cutter.count, cutter.too_many };
}

/* Values the mask takes away are nobody's: a piece reaches up to the next one. */
static void close_gaps(struct word_pieces *pieces)
{
	for (size_t i = 0; i + 1 < pieces->count; i++)
		if (pieces->rows[i].first != pieces->rows[i].last)
			pieces->rows[i].last = pieces->rows[i + 1].first - 1;
	if (pieces->rows[pieces->count - 1].first != pieces->rows[pieces->count - 1].last)
		pieces->rows[pieces->count - 1].last = UINT32_MAX;
}

void word_cut(struct word_pieces *ret, const struct diagrams *store, diagram node,
              enum diagram_word word, struct word_piece *rows)
{
	_cleanup_free struct word_piece *plain = calloc(WORD_PIECES_MAX, sizeof *plain);
	uint32_t mask = word_mask(store, node, word);
	struct word_pieces whole;

	if (plain == NULL)
		abort();
	cut_under(ret, store, node, word, mask, rows);
	cut_under(&whole, store, node, word, UINT32_MAX, plain);
	/* the mask is one instruction more */
	if (!whole.too_many && whole.count <= ret->count + 1) {
		for (size_t i = 0; i < whole.count; i++)
			rows[i] = plain[i];
		*ret = (struct word_pieces){ UINT32_MAX, rows, whole.count, false };
		return;
	}
	close_gaps(ret);
}
