#include "policy/vector.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/base/hash.h"

#include <linux/bpf_common.h>
#include <stdlib.h>
#include <string.h>

struct vector vector_constant(uint32_t value)
{
	return (struct vector){ .kind = VECTOR_CONSTANT, .value = value };
}

struct vector vector_word(enum diagram_word word)
{
	return (struct vector){ .kind = VECTOR_WORD, .value = UINT32_MAX, .word = word };
}

uint64_t vector_hash(uint64_t seed, const struct vector *a)
{
	uint32_t start[] = { a->kind, a->value, a->kind == VECTOR_WORD ? a->word : 0 };

	seed = hash_bytes(seed, start, sizeof start);
	return a->kind == VECTOR_FUNCTIONS
	               ? hash_bytes(seed, a->bits, VECTOR_BITS * sizeof *a->bits)
	               : seed;
}

bool vector_same(const struct vector *a, const struct vector *b)
{
	if (a->kind != b->kind)
		return false;
	switch (a->kind) {
	case VECTOR_CONSTANT:
		return a->value == b->value;
	case VECTOR_WORD:
		return a->value == b->value && a->word == b->word;
	default:
		return memcmp(a->bits, b->bits, VECTOR_BITS * sizeof *a->bits) == 0;
	}
}

/* ---- bits ---- */

static void spell_out(struct diagrams *store, const struct vector *vector,
                      diagram bits[VECTOR_BITS])
{
	diagram no = diagram_leaf(store, 0), yes = diagram_leaf(store, 1);

	for (unsigned i = 0; i < VECTOR_BITS; i++) {
		bool set = vector->value >> i & 1;

		if (vector->kind == VECTOR_FUNCTIONS)
			bits[i] = vector->bits[i];
		else if (vector->kind == VECTOR_CONSTANT || !set)
			bits[i] = set ? yes : no;
		else
			bits[i] = diagram_bit(store, vector->word, i);
	}
}

static struct vector collect(struct diagrams *store, struct arena *arena,
                             const diagram bits[VECTOR_BITS])
{
	uint32_t value = 0, bit;

	for (unsigned i = 0; i < VECTOR_BITS; i++) {
		if (!diagram_is_leaf(store, bits[i], &bit))
			return (struct vector){ .kind = VECTOR_FUNCTIONS,
				                .bits = arena_copy(arena, bits,
				                                   VECTOR_BITS * sizeof *bits) };
		value |= (bit & 1) << i;
	}
	return vector_constant(value);
}

static diagram exclusive(struct diagrams *store, diagram a, diagram b)
{
	return diagram_choose(store, a, diagram_not(store, b), b);
}

/* a += b + carry; the carry out. */
static diagram add(struct diagrams *store, diagram a[VECTOR_BITS], const diagram b[VECTOR_BITS],
                   diagram carry)
{
	for (unsigned i = 0; i < VECTOR_BITS; i++) {
		diagram differ = exclusive(store, a[i], b[i]);
		diagram next = diagram_choose(store, differ, carry, a[i]);

		a[i] = exclusive(store, differ, carry);
		carry = next;
	}
	return carry;
}

static void invert(struct diagrams *store, diagram bits[VECTOR_BITS])
{
	for (unsigned i = 0; i < VECTOR_BITS; i++)
		bits[i] = diagram_not(store, bits[i]);
}

/* a - b as a + ~b + 1; the carry out is a >= b. */
static diagram subtract(struct diagrams *store, diagram a[VECTOR_BITS],
                        const diagram b[VECTOR_BITS])
{
	diagram other[VECTOR_BITS];

	memcpy(other, b, sizeof other);
	invert(store, other);
	return add(store, a, other, diagram_leaf(store, 1));
}

static void select_bits(struct diagrams *store, diagram ret[VECTOR_BITS], diagram condition,
                        const diagram yes[VECTOR_BITS], const diagram no[VECTOR_BITS])
{
	for (unsigned i = 0; i < VECTOR_BITS; i++)
		ret[i] = diagram_choose(store, condition, yes[i], no[i]);
}

static void shift_constant(struct diagrams *store, diagram bits[VECTOR_BITS], unsigned count,
                           bool left)
{
	diagram old[VECTOR_BITS], no = diagram_leaf(store, 0);

	memcpy(old, bits, sizeof old);
	for (unsigned i = 0; i < VECTOR_BITS; i++) {
		unsigned from = left ? i - count : i + count;

		bits[i] = from < VECTOR_BITS ? old[from] : no;
	}
}

/* One stage for each of the five bits of the count. */
static void shift(struct diagrams *store, diagram a[VECTOR_BITS], const diagram b[VECTOR_BITS],
                  bool left)
{
	for (unsigned stage = 0; stage < 5; stage++) {
		diagram shifted[VECTOR_BITS];

		memcpy(shifted, a, sizeof shifted);
		shift_constant(store, shifted, 1u << stage, left);
		select_bits(store, a, b[stage], shifted, a);
	}
}

static void multiply(struct diagrams *store, diagram a[VECTOR_BITS], const diagram b[VECTOR_BITS])
{
	diagram sum[VECTOR_BITS], no = diagram_leaf(store, 0);

	for (unsigned i = 0; i < VECTOR_BITS; i++)
		sum[i] = no;
	for (unsigned i = 0; i < VECTOR_BITS; i++) {
		diagram term[VECTOR_BITS];

		for (unsigned j = 0; j < VECTOR_BITS; j++)
			term[j] = j < i ? no : diagram_and(store, b[i], a[j - i]);
		add(store, sum, term, no);
	}
	memcpy(a, sum, sizeof sum);
}

/* Restoring division, from the highest bit. The rest may need a 33rd bit before it is compared. */
static void divide(struct diagrams *store, diagram a[VECTOR_BITS], const diagram b[VECTOR_BITS])
{
	diagram rest[VECTOR_BITS], no = diagram_leaf(store, 0);

	for (unsigned i = 0; i < VECTOR_BITS; i++)
		rest[i] = no;
	for (unsigned i = VECTOR_BITS; i-- > 0;) {
		diagram out = rest[VECTOR_BITS - 1], less[VECTOR_BITS], fits;

		shift_constant(store, rest, 1, true);
		rest[0] = a[i];
		memcpy(less, rest, sizeof less);
		fits = diagram_or(store, out, subtract(store, less, b));
		select_bits(store, rest, fits, less, rest);
		a[i] = fits;
	}
}

static void compute_bits(struct diagrams *store, unsigned operation, diagram a[VECTOR_BITS],
                         const diagram b[VECTOR_BITS])
{
	switch (operation) {
	case BPF_ADD:
		add(store, a, b, diagram_leaf(store, 0));
		return;
	case BPF_SUB:
		subtract(store, a, b);
		return;
	case BPF_MUL:
		multiply(store, a, b);
		return;
	case BPF_DIV:
		divide(store, a, b);
		return;
	case BPF_LSH:
	case BPF_RSH:
		shift(store, a, b, operation == BPF_LSH);
		return;
	default:
		break;
	}
	for (unsigned i = 0; i < VECTOR_BITS; i++)
		a[i] = operation == BPF_AND  ? diagram_and(store, a[i], b[i])
		       : operation == BPF_OR ? diagram_or(store, a[i], b[i])
		                             : exclusive(store, a[i], b[i]);
}

/* ---- whole registers ---- */

static uint32_t compute_constants(unsigned operation, uint32_t a, uint32_t b)
{
	switch (operation) {
	case BPF_ADD:
		return a + b;
	case BPF_SUB:
		return a - b;
	case BPF_MUL:
		return a * b;
	case BPF_DIV:
		return b == 0 ? 0 : a / b;
	case BPF_OR:
		return a | b;
	case BPF_AND:
		return a & b;
	case BPF_LSH:
		return a << (b & 31);
	case BPF_RSH:
		return a >> (b & 31);
	default:
		return a ^ b;
	}
}

struct vector vector_compute(struct diagrams *store, struct arena *arena, unsigned operation,
                             const struct vector *a, const struct vector *b)
{
	diagram left[VECTOR_BITS], right[VECTOR_BITS];

	if (a->kind == VECTOR_CONSTANT && b->kind == VECTOR_CONSTANT)
		return vector_constant(compute_constants(operation, a->value, b->value));
	if (operation == BPF_AND && a->kind == VECTOR_WORD && b->kind == VECTOR_CONSTANT) {
		struct vector result = *a;

		result.value &= b->value;
		return result.value == 0 ? vector_constant(0) : result;
	}
	spell_out(store, a, left);
	spell_out(store, b, right);
	compute_bits(store, operation, left, right);
	return collect(store, arena, left);
}

struct vector vector_negate(struct diagrams *store, struct arena *arena, const struct vector *a)
{
	const struct vector zero = vector_constant(0);

	return vector_compute(store, arena, BPF_SUB, &zero, a);
}

/* ---- comparisons ---- */

/* A whole word against a constant has a diagram of its own; one under a mask for equality only. */
static diagram compare_word(struct diagrams *store, unsigned operation, const struct vector *a,
                            uint32_t value)
{
	switch (operation) {
	case BPF_JEQ:
		return diagram_masked(store, a->word, a->value, value);
	case BPF_JSET:
		return diagram_any_bit(store, a->word, a->value & value);
	case BPF_JGE:
		return diagram_at_least(store, a->word, value);
	default:
		return value == UINT32_MAX ? diagram_leaf(store, 0)
		                           : diagram_at_least(store, a->word, value + 1);
	}
}

static diagram compare_bits(struct diagrams *store, unsigned operation,
                            const diagram a[VECTOR_BITS], const diagram b[VECTOR_BITS])
{
	diagram result = diagram_leaf(store, operation == BPF_JSET ? 0 : 1), left[VECTOR_BITS];

	if (operation == BPF_JGE || operation == BPF_JGT) {
		bool greater = operation == BPF_JGT;

		memcpy(left, greater ? b : a, sizeof left);
		result = subtract(store, left, greater ? a : b);
		return greater ? diagram_not(store, result) : result;
	}
	for (unsigned i = 0; i < VECTOR_BITS; i++)
		result = operation == BPF_JSET
		                 ? diagram_or(store, result, diagram_and(store, a[i], b[i]))
		                 : diagram_and(store, result,
		                               diagram_not(store, exclusive(store, a[i], b[i])));
	return result;
}

static bool compare_constants(unsigned operation, uint32_t a, uint32_t b)
{
	switch (operation) {
	case BPF_JEQ:
		return a == b;
	case BPF_JGT:
		return a > b;
	case BPF_JGE:
		return a >= b;
	default:
		return (a & b) != 0;
	}
}

diagram vector_compare(struct diagrams *store, unsigned operation, const struct vector *a,
                       const struct vector *b)
{
	bool ordered = operation == BPF_JGE || operation == BPF_JGT;
	diagram left[VECTOR_BITS], right[VECTOR_BITS];

	if (a->kind == VECTOR_CONSTANT && b->kind == VECTOR_CONSTANT)
		return diagram_leaf(store, compare_constants(operation, a->value, b->value));
	if (a->kind == VECTOR_WORD && b->kind == VECTOR_CONSTANT &&
	    (!ordered || a->value == UINT32_MAX))
		return compare_word(store, operation, a, b->value);
	spell_out(store, a, left);
	spell_out(store, b, right);
	return compare_bits(store, operation, left, right);
}

/* ---- leaves ---- */

struct leaves {
	struct diagrams *store;
	const diagram *bits;
	uint32_t (*finish)(uint32_t value);
};

static diagram leaves_below(const struct leaves *leaves, unsigned left, uint32_t value)
{
	uint32_t known;
	diagram bit, yes, no;

	if (left == 0)
		return diagram_leaf(leaves->store, leaves->finish(value));
	bit = leaves->bits[left - 1];
	if (diagram_is_leaf(leaves->store, bit, &known))
		return leaves_below(leaves, left - 1, value | (known & 1) << (left - 1));
	no = leaves_below(leaves, left - 1, value);
	yes = leaves_below(leaves, left - 1, value | UINT32_C(1) << (left - 1));
	return diagram_choose(leaves->store, bit, yes, no);
}

/* Each bit that is not constant doubles the work: past this many the store is filled on purpose,
 * which is the answer "too much". */
enum { FREE_BITS_MAX = 16 };

diagram vector_leaves(struct diagrams *store, const struct vector *a,
                      uint32_t (*finish)(uint32_t value))
{
	diagram bits[VECTOR_BITS];
	const struct leaves leaves = { store, bits, finish };
	unsigned free_bits = 0;

	spell_out(store, a, bits);
	for (unsigned i = 0; i < VECTOR_BITS; i++)
		free_bits += !diagram_is_leaf(store, bits[i], NULL);
	if (free_bits > FREE_BITS_MAX) {
		diagrams_fill(store);
		return 0;
	}
	return leaves_below(&leaves, VECTOR_BITS, 0);
}
