/*
 * vector: a 32-bit register of a BPF program whose input is not known: a constant, a word of the
 * input under a mask (what nearly every filter works with), or 32 functions of the input's bits.
 */
#ifndef CORDON_POLICY_VECTOR_H
#define CORDON_POLICY_VECTOR_H

#include "policy/diagram.h"
#include "sandbox/base/arena.h"

enum { VECTOR_BITS = 32 };

enum vector_kind {
	VECTOR_CONSTANT,
	VECTOR_WORD,
	VECTOR_FUNCTIONS,
};

struct vector {
	enum vector_kind kind;
	uint32_t value;         /* of a constant; the mask of a word */
	enum diagram_word word; /* of a word */
	const diagram *bits;    /* functions: 32 conditions, lowest bit first, in the arena */
};

struct vector vector_constant(uint32_t value);
struct vector vector_word(enum diagram_word word);
uint64_t vector_hash(uint64_t seed, const struct vector *a);
bool vector_same(const struct vector *a, const struct vector *b);

/* `operation` is BPF_ADD .. BPF_XOR of <linux/bpf_common.h>, but not BPF_NEG and BPF_MOD. A shift
 * by 32 and more shifts by its low five bits, as eBPF does, a division by zero gives 0: the caller
 * has dealt with it. */
struct vector vector_compute(struct diagrams *store, struct arena *arena, unsigned operation,
                             const struct vector *a, const struct vector *b);
struct vector vector_negate(struct diagrams *store, struct arena *arena, const struct vector *a);

/* `operation` is BPF_JEQ, BPF_JGT, BPF_JGE (unsigned) or BPF_JSET. A condition. */
diagram vector_compare(struct diagrams *store, unsigned operation, const struct vector *a,
                       const struct vector *b);

/* The whole value as the leaves of one diagram, each put through `finish`. */
diagram vector_leaves(struct diagrams *store, const struct vector *a,
                      uint32_t (*finish)(uint32_t value));

#endif
