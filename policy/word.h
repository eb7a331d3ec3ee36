/*
 * word: how one 32-bit word decides which diagram below it goes on.
 *
 * The bits of the word that matter are its mask. Under the mask the values fall into pieces of one
 * answer each: often very few where the plain values fall into very many (the type of a socket,
 * whose flags do not matter). Where pieces are many however one looks (several flags, each with its
 * own answer) the bits are tested one by one, as they stand in the diagram.
 */
#ifndef CORDON_POLICY_WORD_H
#define CORDON_POLICY_WORD_H

#include "policy/diagram.h"

enum { WORD_PIECES_MAX = 4096 };

struct word_piece {
	uint32_t first, last;
	diagram answer; /* tests no bit of the word */
};

struct word_pieces {
	uint32_t mask;           /* to be applied first; UINT32_MAX: not needed */
	struct word_piece *rows; /* on the heap: word_pieces_done */
	size_t count, room;
	bool too_many; /* more than WORD_PIECES_MAX: rows is not all */
};

void word_pieces_done(struct word_pieces *pieces);
#define _cleanup_pieces __attribute__((cleanup(word_pieces_done)))

/* The bits of `word` that are tested in `node`. */
uint32_t word_mask(const struct diagrams *store, diagram node, enum diagram_word word);

void word_cut(struct word_pieces *ret, const struct diagrams *store, diagram node,
              enum diagram_word word);

#endif
