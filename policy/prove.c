#include "policy/prove.h"

#include "policy/program.h"
#include "policy/vector.h"
#include "sandbox/base/cleanup.h"

#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>

/* The registers: 16 words of memory, A, X. */
enum { REGISTER_A = BPF_MEMWORDS, REGISTER_X, REGISTERS };

enum {
	VISITS_MAX = 1 << 16, /* instructions times states: far more than any filter has */
	VISIT_BUCKETS = 1 << 9,
};

struct state {
	struct vector registers[REGISTERS];
};

/* What the program answers from an instruction on, in a state: of the registers that are read from
 * there on, in their order. */
struct visit {
	struct visit *next; /* of the same bucket */
	size_t place;
	diagram result;
	struct vector live[];
};

struct execution {
	struct diagrams *store;
	struct arena arena;
	const struct sock_filter *program;
	bool big_endian;
	const uint32_t *live; /* for each instruction: the registers that are read from there on */
	struct visit *visits[VISIT_BUCKETS];
	size_t visit_count;
};

/* ---- which registers matter ---- */

static uint32_t reads(const struct sock_filter *at)
{
	uint32_t a = 1u << REGISTER_A, x = 1u << REGISTER_X;

	switch (BPF_CLASS(at->code)) {
	case BPF_LD:
	case BPF_LDX:
		return BPF_MODE(at->code) == BPF_MEM ? 1u << at->k : 0;
	case BPF_ST:
		return a;
	case BPF_STX:
		return x;
	case BPF_ALU:
		return BPF_OP(at->code) != BPF_NEG && (at->code & BPF_X) != 0 ? a | x : a;
	case BPF_JMP:
		if (BPF_OP(at->code) == BPF_JA)
			return 0;
		return (at->code & BPF_X) != 0 ? a | x : a;
	case BPF_RET:
		return BPF_RVAL(at->code) == BPF_A ? a : 0;
	default:
		return BPF_MISCOP(at->code) == BPF_TAX ? a : x;
	}
}

static uint32_t writes(const struct sock_filter *at)
{
	switch (BPF_CLASS(at->code)) {
	case BPF_LD:
	case BPF_ALU:
		return 1u << REGISTER_A;
	case BPF_LDX:
		return 1u << REGISTER_X;
	case BPF_ST:
	case BPF_STX:
		return 1u << at->k;
	case BPF_MISC:
		return BPF_MISCOP(at->code) == BPF_TAX ? 1u << REGISTER_X : 1u << REGISTER_A;
	default:
		return 0;
	}
}

/* Jumps go forwards only: one pass from the end. */
static void find_live(uint32_t *live, const struct sock_filter *program, size_t count)
{
	for (size_t i = count; i-- > 0;) {
		const struct sock_filter *at = &program[i];
		uint32_t after = 0;

		if (BPF_CLASS(at->code) == BPF_JMP)
			after = BPF_OP(at->code) == BPF_JA
			                ? live[i + 1 + at->k]
			                : live[i + 1 + at->jt] | live[i + 1 + at->jf];
		else if (BPF_CLASS(at->code) != BPF_RET)
			after = live[i + 1];
		live[i] = reads(at) | (after & ~writes(at));
	}
}

/* ---- one instruction ---- */

static enum diagram_word word_at(uint32_t offset, bool big_endian)
{
	uint32_t index = offset / 4; /* nr, arch, ip, ip, args ... */

	if (index < 2)
		return index == 0 ? WORD_NUMBER : WORD_ARCH;
	if (index < 4)
		return ((index & 1) != 0) != big_endian ? WORD_IP_HIGH : WORD_IP_LOW;
	return word_of_argument((index - 4) / 2, ((index & 1) != 0) != big_endian);
}

static struct vector load(const struct execution *execution, const struct sock_filter *at,
                          const struct state *state)
{
	switch (BPF_MODE(at->code)) {
	case BPF_ABS:
		return vector_word(word_at(at->k, execution->big_endian));
	case BPF_MEM:
		return state->registers[at->k];
	case BPF_LEN:
		return vector_constant(sizeof(struct seccomp_data));
	default:
		return vector_constant(at->k);
	}
}

static struct vector operand(const struct sock_filter *at, const struct state *state)
{
	return (at->code & BPF_X) != 0 ? state->registers[REGISTER_X] : vector_constant(at->k);
}

static void step(struct execution *execution, const struct sock_filter *at, struct state *state)
{
	struct vector *a = &state->registers[REGISTER_A], *x = &state->registers[REGISTER_X];
	struct vector other = operand(at, state);

	switch (BPF_CLASS(at->code)) {
	case BPF_LD:
		*a = load(execution, at, state);
		return;
	case BPF_LDX:
		*x = load(execution, at, state);
		return;
	case BPF_ST:
		state->registers[at->k] = *a;
		return;
	case BPF_STX:
		state->registers[at->k] = *x;
		return;
	case BPF_ALU:
		*a = BPF_OP(at->code) == BPF_NEG
		             ? vector_negate(execution->store, &execution->arena, a)
		             : vector_compute(execution->store, &execution->arena, BPF_OP(at->code),
		                              a, &other);
		return;
	default:
		if (BPF_MISCOP(at->code) == BPF_TAX)
			*x = *a;
		else
			*a = *x;
	}
}

/* ---- the whole ---- */

static diagram run_from(struct execution *execution, size_t place, const struct state *given);

static diagram give_back(struct execution *execution, const struct sock_filter *at,
                         const struct state *state)
{
	if (BPF_RVAL(at->code) == BPF_K)
		return diagram_leaf(execution->store, meaning_canonical(at->k));
	return vector_leaves(execution->store, &state->registers[REGISTER_A], meaning_canonical);
}

static diagram branch(struct execution *execution, size_t place, const struct state *state)
{
	const struct sock_filter *at = &execution->program[place];
	struct vector other = operand(at, state);
	diagram condition, yes, no;
	uint32_t known;

	if (BPF_OP(at->code) == BPF_JA)
		return run_from(execution, place + 1 + at->k, state);
	condition = vector_compare(execution->store, BPF_OP(at->code),
	                           &state->registers[REGISTER_A], &other);
	if (diagram_is_leaf(execution->store, condition, &known))
		return run_from(execution, place + 1 + (known != 0 ? at->jt : at->jf), state);
	no = run_from(execution, place + 1 + at->jf, state);
	yes = run_from(execution, place + 1 + at->jt, state);
	return diagram_choose(execution->store, condition, yes, no);
}

/* A division by a zero in X ends the program with 0 (bpf_convert_filter). */
static diagram without_zero(struct execution *execution, size_t place, const struct state *state)
{
	const struct vector zero = vector_constant(0);
	struct state next = *state;
	diagram is_zero =
	        vector_compare(execution->store, BPF_JEQ, &state->registers[REGISTER_X], &zero);

	step(execution, &execution->program[place], &next);
	return diagram_choose(execution->store, is_zero,
	                      diagram_leaf(execution->store, meaning_canonical(0)),
	                      run_from(execution, place + 1, &next));
}

static diagram run(struct execution *execution, size_t place, struct state *state)
{
	for (;; place++) {
		const struct sock_filter *at = &execution->program[place];

		if (BPF_CLASS(at->code) == BPF_RET)
			return give_back(execution, at, state);
		if (BPF_CLASS(at->code) == BPF_JMP)
			return branch(execution, place, state);
		if (at->code == (BPF_ALU | BPF_DIV | BPF_X))
			return without_zero(execution, place, state);
		step(execution, at, state);
	}
}

/* The registers of a set, which is not empty, in their order. */
static const struct vector *next_live(const struct state *state, uint32_t *live)
{
	unsigned number = (unsigned)__builtin_ctz(*live);

	*live &= *live - 1;
	return &state->registers[number];
}

static bool is_visit(const struct visit *visit, size_t place, const struct state *state,
                     uint32_t live)
{
	if (visit->place != place)
		return false;
	for (const struct vector *at = visit->live; live != 0; at++)
		if (!vector_same(at, next_live(state, &live)))
			return false;
	return true;
}

static struct visit *new_visit(struct arena *arena, size_t place, const struct state *state,
                               uint32_t live)
{
	size_t count = (size_t)__builtin_popcount(live);
	struct visit *visit = arena_alloc(arena, sizeof *visit + count * sizeof *visit->live);

	visit->place = place;
	for (struct vector *at = visit->live; live != 0; at++)
		*at = *next_live(state, &live);
	return visit;
}

/* Registers that are not read any more do not tell states apart. */
static diagram run_from(struct execution *execution, size_t place, const struct state *given)
{
	const uint32_t live = execution->live[place];
	uint64_t hash = place;
	struct visit *visit, **bucket;
	struct state state;

	for (uint32_t left = live; left != 0;)
		hash = vector_hash(hash, next_live(given, &left));
	bucket = &execution->visits[hash % VISIT_BUCKETS];
	for (visit = *bucket; visit != NULL; visit = visit->next)
		if (is_visit(visit, place, given, live))
			return visit->result;
	if (++execution->visit_count > VISITS_MAX)
		diagrams_fill(execution->store);
	visit = new_visit(&execution->arena, place, given, live);
	state = *given;
	/* once it is full there is no sense in going on */
	if (execution->visit_count <= VISITS_MAX)
		visit->result = run(execution, place, &state);
	visit->next = *bucket;
	*bucket = visit;
	return visit->result;
}

int prove_program(diagram *ret, struct diagrams *store, const struct plan_filter *filter,
                  bool big_endian, struct error *err)
{
	_cleanup_arena struct arena live = {};
	struct execution execution = {
		.store = store,
		.program = filter->instructions,
		.big_endian = big_endian,
	};
	const struct state start = {};
	uint32_t *needed;
	diagram result;

	if (program_check(filter, err) < 0)
		return -1;
	needed = arena_array(&live, filter->count, sizeof *needed);
	find_live(needed, filter->instructions, filter->count);
	execution.live = needed;
	result = run_from(&execution, 0, &start);
	arena_done(&execution.arena);
	if (diagrams_check(store, err) < 0)
		return -1;
	*ret = result;
	return 0;
}

int prove_meaning(struct proof *ret, const struct table_meaning *meaning,
                  const struct plan_filter *filter, struct error *err)
{
	struct proof proof = { .instructions = filter->count };
	struct diagrams *store = meaning->store;
	diagram wanted = meaning->node, got;

	if (prove_program(&got, store, filter, meaning->big_endian, err) < 0)
		return -1;
	proof.equal = !diagram_witness(store, wanted, got, &proof.witness);
	if (!proof.equal) {
		proof.wanted = diagram_value(store, wanted, &proof.witness);
		proof.got = diagram_value(store, got, &proof.witness);
	}
	proof.nodes = diagram_size(store, wanted);
	*ret = proof;
	return 0;
}

int prove_equal(struct proof *ret, const struct filter_table *table,
                const struct plan_filter *filter, struct error *err)
{
	_cleanup_meaning struct table_meaning meaning = {};

	if (meaning_init(&meaning, table, err) < 0)
		return -1;
	return prove_meaning(ret, &meaning, filter, err);
}
