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
	size_t most;
	struct word_pieces pieces; /* bits outside its mask are taken as 0 */
};

void word_pieces_done(struct word_pieces *pieces)
{
	free(pieces->rows);
}

static void add(struct cutter *cutter, uint32_t first, uint32_t last, diagram answer)
{
	struct word_pieces *pieces = &cutter->pieces;
	struct word_piece *before = pieces->count > 0 ? &pieces->rows[pieces->count - 1] : NULL;

	if (before != NULL && before->answer == answer) {
		before->last = last;
		return;
	}
	if (pieces->count == cutter->most) {
		pieces->too_many = true;
		return;
	}
	if (pieces->count == pieces->room) {
		pieces->room = pieces->room == 0 ? 16 : pieces->room * 2;
		pieces->rows = realloc(pieces->rows, pieces->room * sizeof *pieces->rows);
		if (pieces->rows == NULL)
			abort();
	}
	pieces->rows[pieces->count++] = (struct word_piece){ first, last, answer };
}

/* The values from `first` with `left` bits still free. */
static void walk(struct cutter *cutter, diagram node, uint32_t first, unsigned left)
{
	uint32_t half;
	unsigned bit;
	bool here;

	if (cutter->pieces.too_many)
		return;
	if (!tests(cutter->store, node, cutter->word, &bit)) {
		uint32_t rest = (uint32_t)((UINT64_C(1) << left) - 1);

		add(cutter, first, first + (rest & cutter->pieces.mask), node);
		return;
	}
	half = UINT32_C(1) << (left - 1);
	here = bit == left - 1;
	if (!here && (cutter->pieces.mask & half) == 0) {
		walk(cutter, node, first, left - 1);
		return;
	}
	walk(cutter, here ? diagram_low(cutter->store, node) : node, first, left - 1);
	walk(cutter, here ? diagram_high(cutter->store, node) : node, first + half, left - 1);
}

static struct word_pieces cut_under(const struct diagrams *store, diagram node,
                                    enum diagram_word word, uint32_t mask, size_t most)
{
	struct cutter cutter = { store, word, most, { .mask = mask } };

	walk(&cutter, node, 0, BITS);
	return cutter.pieces;
}

/* Values the mask takes away are nobody's: a piece reaches up to the next one. */
static void close_gaps(struct word_pieces *pieces)
{
	for (size_t i = 0; i < pieces->count; i++) {
		struct word_piece *row = &pieces->rows[i];

		if (row->first != row->last)
			row->last = i + 1 < pieces->count ? row[1].first - 1 : UINT32_MAX;
	}
}

void word_cut(struct word_pieces *ret, const struct diagrams *store, diagram node,
              enum diagram_word word)
{
	uint32_t mask = word_mask(store, node, word);
	struct word_pieces under = cut_under(store, node, word, mask, WORD_PIECES_MAX), plain;
	bool is_plain;

	if (mask == UINT32_MAX) {
		*ret = under;
		return;
	}
	/* the mask is one instruction more */
	plain = cut_under(store, node, word, UINT32_MAX, under.count + 1);
	is_plain = !plain.too_many && !under.too_many;
	close_gaps(&under);
	*ret = is_plain ? plain : under;
	word_pieces_done(is_plain ? &under : &plain);
}
