/*
 * diagram: functions of the bits of struct seccomp_data, as reduced ordered decision diagrams with
 * many leaves (MTBDD; Bryant 1986, Fujita/McGeer/Yang 1997).
 *
 * A policy is a function from (architecture, number, arguments) to an action, and so is a BPF
 * program; a condition is a function to 0 or 1. In one store every function has exactly one node:
 * two are equal if and only if their nodes are the same number. That is what the proof, the exact
 * difference and the emitter stand on.
 *
 * The variables are the bits of the words of struct seccomp_data, a word's highest bit first, the
 * words in the order of enum diagram_word. So an order comparison, an equality and a masked
 * equality of one word with a constant all have at most 32 nodes.
 *
 * The number of nodes is bounded, and so is the work, by 8 steps a node: when a store is full
 * every operation gives node 0 from then on, and diagrams_check says so. Callers ask once, at the
 * end, before they believe anything.
 */
#ifndef CORDON_POLICY_DIAGRAM_H
#define CORDON_POLICY_DIAGRAM_H

#include "policy/decision.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum diagram_word {
	WORD_ARCH,
	WORD_NUMBER,
	WORD_ARGUMENT_HIGH_0, /* argument n: high half at WORD_ARGUMENT_HIGH_0 + 2n, then the low */
	WORD_ARGUMENT_LOW_0,
	WORD_IP_HIGH = WORD_ARGUMENT_HIGH_0 + 12,
	WORD_IP_LOW,
	WORD_COUNT,
};

static inline enum diagram_word word_of_argument(unsigned argument, bool high)
{
	return (enum diagram_word)(WORD_ARGUMENT_HIGH_0 + 2 * argument + (high ? 0u : 1u));
}

/* A node: a leaf with a 32-bit value, or a test of one bit. */
typedef uint32_t diagram;

enum { DIAGRAM_NODES_MAX = 1 << 20 }; /* 16 MB of nodes, some 0.3 s of work */

struct diagrams;
struct diagrams *diagrams_new(size_t most_nodes);
void diagrams_free(struct diagrams *store);
void diagrams_cleanup(struct diagrams **store);
#define _cleanup_diagrams __attribute__((cleanup(diagrams_cleanup)))

/* -1 where the store ran full: what was computed since means nothing. */
int diagrams_check(const struct diagrams *store, struct error *err)
        __attribute__((warn_unused_result));
/* For who finds by itself that something is too much. */
void diagrams_fill(struct diagrams *store);
size_t diagrams_count(const struct diagrams *store); /* nodes made so far */

/* ---- making ---- */

diagram diagram_leaf(struct diagrams *store, uint32_t value);

/* Conditions: leaves 0 and 1. */
diagram diagram_masked(struct diagrams *store, enum diagram_word word, uint32_t mask,
                       uint32_t value); /* (word & mask) == value */
/* Where that holds `yes`, else `no`; the two may not test that word or an earlier one. */
diagram diagram_where(struct diagrams *store, enum diagram_word word, uint32_t mask, uint32_t value,
                      diagram yes, diagram no);
diagram diagram_at_least(struct diagrams *store, enum diagram_word word, uint32_t value);
diagram diagram_any_bit(struct diagrams *store, enum diagram_word word, uint32_t mask);
diagram diagram_bit(struct diagrams *store, enum diagram_word word, unsigned bit);
diagram diagram_not(struct diagrams *store, diagram condition);
diagram diagram_and(struct diagrams *store, diagram a, diagram b);
diagram diagram_or(struct diagrams *store, diagram a, diagram b);

/* Where the condition holds `yes`, else `no`. */
diagram diagram_choose(struct diagrams *store, diagram condition, diagram yes, diagram no);

/* A word's 32-bit range cut into pieces: rows[i] answers from rows[i].first to before the next one;
 * the first row's first is 0. The answers may not test that word or an earlier one. */
struct diagram_piece {
	uint32_t first;
	diagram answer;
};
diagram diagram_pieces(struct diagrams *store, enum diagram_word word,
                       const struct diagram_piece *rows, size_t count);

/* Leaf by leaf: combine(a, b). One function a purpose: results are remembered by its address. */
typedef uint32_t (*diagram_combine)(uint32_t a, uint32_t b);
diagram diagram_join(struct diagrams *store, diagram_combine combine, diagram a, diagram b);

/* ---- looking ---- */

bool diagram_is_leaf(const struct diagrams *store, diagram node, uint32_t *value);
/* The word and bit a node tests (not of a leaf), and where it leads. */
enum diagram_word diagram_word(const struct diagrams *store, diagram node, unsigned *bit);
diagram diagram_low(const struct diagrams *store, diagram node);
diagram diagram_high(const struct diagrams *store, diagram node);

/* The function that is left when a word has that value. */
diagram diagram_given(struct diagrams *store, diagram node, enum diagram_word word, uint32_t value);

/* The pieces of a word that is not below any other in `node` (for WORD_NUMBER: given the
 * architecture). Calls `piece` in ascending order; neighbours have different answers. False from
 * `piece` ends it; returns false then. */
bool diagram_cut(const struct diagrams *store, diagram node, enum diagram_word word,
                 bool (*piece)(void *context, uint32_t first, uint32_t last, diagram answer),
                 void *context);

/* The value at a point. */
uint32_t diagram_value(const struct diagrams *store, diagram node,
                       const struct call_sample *sample);

/* A point at which two functions differ; false where they are the same. All bits that do not matter
 * are 0. */
bool diagram_witness(const struct diagrams *store, diagram a, diagram b,
                     struct call_sample *sample);
/* A point at which a condition holds; false where it never does. */
bool diagram_example(struct diagrams *store, diagram condition, struct call_sample *sample);

/* How many nodes can be reached from `node`. */
size_t diagram_size(const struct diagrams *store, diagram node);

#endif
