/*
 * emit: a filter table becomes a diagram, and the diagram becomes BPF.
 *
 * The diagram is walked word by word. A word whose values fall into few pieces is searched: a
 * balanced tree of JGE over groups of pieces, in each group a chain of JEQ for the values that
 * stand alone in an otherwise equal neighbourhood (a denied call among allowed ones), which costs
 * one instruction where two bounds cost two. A word that is a set of flags is tested bit by bit,
 * runs of bits with one answer by one JSET. Equal diagrams are equal code, written once.
 *
 * The search of the number reads nr and arch and nothing else, so that the kernel's emulation at
 * load time proves an unconditional allow constant and puts it into its bitmap (kernel/seccomp.c,
 * seccomp_is_const_allow).
 */
#include "policy/emit.h"

#include "policy/code.h"
#include "policy/meaning.h"
#include "policy/word.h"
#include "sandbox/base/cleanup.h"

#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>

enum {
	CHAIN_MAX = 2, /* values tested one after the other before the next bound pays */
	GROUP_MAX = 2 * CHAIN_MAX + 1, /* rows: between two of those values lies one at most */
	FURTHER_TESTS = 4,             /* groups that weigh as much as an answer with arguments */
	NOTHING = WORD_COUNT,          /* what A holds where it holds no word of the input */
	MEMORY_BUCKETS = 1 << 8,
};

/* Code that is there already. None is forgotten, so that what is written does not hang on the
 * order in which nodes were made. */
struct memory {
	struct memory *next; /* of the same bucket */
	diagram node;
	unsigned held;
	size_t place;
};

struct emitter {
	const struct diagrams *store;
	struct code code;
	bool big_endian;
	struct memory *memories[MEMORY_BUCKETS];
	struct arena arena; /* what they are in */
};

static size_t put_node(struct emitter *emitter, diagram node, unsigned held);

static uint32_t offset_of(const struct emitter *emitter, enum diagram_word word)
{
	uint32_t half, base;

	if (word == WORD_ARCH)
		return offsetof(struct seccomp_data, arch);
	if (word == WORD_NUMBER)
		return offsetof(struct seccomp_data, nr);
	half = (word - WORD_ARGUMENT_HIGH_0) % 2; /* 0: the high one */
	base = (uint32_t)(word >= WORD_IP_HIGH ? offsetof(struct seccomp_data, instruction_pointer)
	                                       : offsetof(struct seccomp_data, args) +
	                                                 (word - WORD_ARGUMENT_HIGH_0) / 2 * 8);
	return base + (half == (emitter->big_endian ? 1u : 0u) ? 4u : 0u);
}

/* ---- a word in pieces ---- */

struct search {
	struct emitter *emitter;
	const struct word_piece *rows;
	unsigned held; /* what A holds where an answer begins */
};

static bool stands_alone(const struct word_piece *row)
{
	return row->first == row->last;
}

/* Whether rows [low, high) are one answer but for at most CHAIN_MAX values that stand alone. */
static bool is_group(const struct word_piece *rows, size_t low, size_t high, diagram *usual)
{
	bool found = false;
	size_t alone = 0;

	for (size_t i = low; i < high; i++) {
		if (!stands_alone(&rows[i]) && found && rows[i].answer != *usual)
			return false;
		if (!stands_alone(&rows[i]) && !found) {
			*usual = rows[i].answer;
			found = true;
		}
	}
	if (!found)
		*usual = rows[high - 1].answer;
	for (size_t i = low; i < high; i++)
		alone += rows[i].answer != *usual;
	return alone <= CHAIN_MAX;
}

/* Tests of the values in [low, high) that stand alone and whose answer is a leaf, or is not. */
static size_t put_chain(const struct search *search, size_t low, size_t high, bool leaves,
                        const size_t *places, size_t place)
{
	struct emitter *emitter = search->emitter;

	for (size_t i = high; i-- > low;)
		if (places[i - low] != 0 &&
		    diagram_is_leaf(emitter->store, search->rows[i].answer, NULL) == leaves)
			place = code_jump(&emitter->code, BPF_JEQ, search->rows[i].first,
			                  places[i - low] - 1, place);
	return place;
}

static size_t put_group(const struct search *search, size_t low, size_t high)
{
	struct emitter *emitter = search->emitter;
	size_t place, places[GROUP_MAX] = { 0 }; /* + 1; 0: the usual answer */
	diagram usual = 0;

	is_group(search->rows, low, high, &usual);
	/* all answers first: code between two tests would be in the way of the jumps */
	place = put_node(emitter, usual, search->held);
	for (size_t i = low; i < high; i++)
		if (search->rows[i].answer != usual)
			places[i - low] =
			        put_node(emitter, search->rows[i].answer, search->held) + 1;
	/* written backwards: what has a long way to go is tested first */
	place = put_chain(search, low, high, true, places, place);
	return put_chain(search, low, high, false, places, place);
}

/* What has more to test behind it is put nearer to the root. */
static size_t weight(const struct search *search, size_t low, size_t high)
{
	size_t sum = 1;

	for (size_t i = low; i < high; i++)
		if (!diagram_is_leaf(search->emitter->store, search->rows[i].answer, NULL))
			sum += FURTHER_TESTS;
	return sum;
}

static size_t middle_of(const struct search *search, const size_t *starts, size_t groups)
{
	size_t total = weight(search, starts[0], starts[groups]) + groups - 1, sum = 0, middle = 1;

	for (size_t i = 0; i + 1 < groups; i++) {
		size_t next = weight(search, starts[i], starts[i + 1]);

		if (i > 0 && sum + next / 2 >= total / 2)
			break;
		sum += next;
		middle = i + 1;
	}
	return middle;
}

/* `starts` are the first rows of groups; the last entry is the end. */
static size_t put_search(const struct search *search, const size_t *starts, size_t groups)
{
	size_t middle, low, high;

	if (groups == 1)
		return put_group(search, starts[0], starts[1]);
	middle = middle_of(search, starts, groups);
	high = put_search(search, starts + middle, groups - middle);
	low = put_search(search, starts, middle);
	return code_jump(&search->emitter->code, BPF_JGE, search->rows[starts[middle]].first, high,
	                 low);
}

/* The fewest groups there can be: each as long as it goes. */
static size_t find_groups(size_t *starts, const struct word_piece *rows, size_t count)
{
	size_t groups = 0;
	diagram usual;

	for (size_t low = 0, high; low < count; low = high) {
		starts[groups++] = low;
		for (high = low + 1; high < count && is_group(rows, low, high + 1, &usual); high++)
			;
	}
	starts[groups] = count;
	return groups;
}

static size_t cost_of_search(const struct word_pieces *pieces, const size_t *starts, size_t groups)
{
	size_t cost = groups - 1 + (pieces->mask != UINT32_MAX);

	for (size_t i = 0; i < groups; i++) {
		diagram usual = 0;

		is_group(pieces->rows, starts[i], starts[i + 1], &usual);
		for (size_t row = starts[i]; row < starts[i + 1]; row++)
			cost += pieces->rows[row].answer != usual;
	}
	return cost;
}

/* ---- a word bit by bit ---- */

static bool tests_word(const struct emitter *emitter, diagram node, enum diagram_word word)
{
	return !diagram_is_leaf(emitter->store, node, NULL) &&
	       diagram_word(emitter->store, node, NULL) == word;
}

/* The bits from `node` down that lead to one answer when set: tested by one JSET. Where none of
 * them is set it goes on with *rest. */
static uint32_t run_of_bits(const struct emitter *emitter, diagram node, enum diagram_word word,
                            diagram *rest)
{
	diagram set = diagram_high(emitter->store, node);
	uint32_t mask = 0;
	unsigned bit;

	while (tests_word(emitter, node, word) && diagram_high(emitter->store, node) == set) {
		diagram_word(emitter->store, node, &bit);
		mask |= UINT32_C(1) << bit;
		node = diagram_low(emitter->store, node);
	}
	*rest = node;
	return mask;
}

/* How many tests that makes; counted only as far as `most`. */
static size_t cost_of_bits(const struct emitter *emitter, diagram node, enum diagram_word word,
                           size_t most)
{
	diagram rest;
	size_t cost = 1;

	if (!tests_word(emitter, node, word) || most == 0)
		return 0;
	run_of_bits(emitter, node, word, &rest);
	cost += cost_of_bits(emitter, diagram_high(emitter->store, node), word, most - 1);
	return cost + (cost >= most ? 0 : cost_of_bits(emitter, rest, word, most - cost));
}

static size_t put_bits(struct emitter *emitter, diagram node, enum diagram_word word)
{
	diagram rest;
	uint32_t mask = run_of_bits(emitter, node, word, &rest);
	size_t set = put_node(emitter, diagram_high(emitter->store, node), word);
	size_t none = put_node(emitter, rest, word);

	return code_jump(&emitter->code, BPF_JSET, mask, set, none);
}

/* ---- nodes ---- */

/* The word is in A. */
static size_t put_word(struct emitter *emitter, diagram node, enum diagram_word word)
{
	_cleanup_pieces struct word_pieces pieces = {};
	_cleanup_free size_t *starts = NULL;
	struct search search = { .emitter = emitter, .held = word };
	size_t groups, cost, place;

	word_cut(&pieces, emitter->store, node, word);
	search.rows = pieces.rows;
	starts = calloc(pieces.count + 1, sizeof *starts);
	if (starts == NULL)
		abort();
	groups = find_groups(starts, pieces.rows, pieces.count);
	cost = cost_of_search(&pieces, starts, groups);
	if (pieces.too_many || cost_of_bits(emitter, node, word, cost + 1) < cost)
		return put_bits(emitter, node, word);
	if (pieces.mask != UINT32_MAX)
		search.held = NOTHING;
	place = put_search(&search, starts, groups);
	if (pieces.mask == UINT32_MAX)
		return place;
	code_adjoin(&emitter->code, place);
	return code_and(&emitter->code, pieces.mask);
}

static struct memory **bucket_of(struct emitter *emitter, diagram node, unsigned held)
{
	return &emitter->memories[(node * 31u + held) % MEMORY_BUCKETS];
}

static const struct memory *find_memory(struct emitter *emitter, diagram node, unsigned held)
{
	const struct memory *memory = *bucket_of(emitter, node, held);

	while (memory != NULL && (memory->node != node || memory->held != held))
		memory = memory->next;
	return memory;
}

static void remember(struct emitter *emitter, diagram node, unsigned held, size_t place)
{
	struct memory **bucket = bucket_of(emitter, node, held);
	struct memory *memory = arena_alloc(&emitter->arena, sizeof *memory);

	*memory = (struct memory){ *bucket, node, held, place };
	*bucket = memory;
}

/* The place of code that gives what `node` says, where A holds the word `held` (or NOTHING). */
static size_t put_node(struct emitter *emitter, diagram node, unsigned held)
{
	const struct memory *memory;
	enum diagram_word word;
	uint32_t value;
	size_t place;

	if (diagram_is_leaf(emitter->store, node, &value))
		return code_return(&emitter->code, value);
	if (emitter->code.full)
		return 0;
	word = diagram_word(emitter->store, node, NULL);
	if (held != word)
		held = NOTHING;
	memory = find_memory(emitter, node, held);
	if (memory != NULL)
		return memory->place;
	if (held == word) {
		place = put_word(emitter, node, word);
	} else {
		place = put_node(emitter, node, word);
		code_adjoin(&emitter->code, place);
		place = code_load(&emitter->code, offset_of(emitter, word));
	}
	remember(emitter, node, held, place);
	return place;
}

int filter_emit_meaning(struct plan_filter *ret, struct arena *arena,
                        const struct table_meaning *meaning, struct error *err)
{
	/* not zeroed as a whole: most of it is room for a program of the largest size */
	_cleanup_free struct emitter *emitter = malloc(sizeof *emitter);

	if (emitter == NULL)
		abort();
	emitter->store = meaning->store;
	emitter->big_endian = meaning->big_endian;
	emitter->code.count = 0;
	emitter->code.full = false;
	memset(emitter->memories, 0, sizeof emitter->memories);
	emitter->arena = (struct arena){};
	code_adjoin(&emitter->code, put_node(emitter, meaning->node, NOTHING));
	arena_done(&emitter->arena);
	return code_finish(ret, &emitter->code, arena, err);
}

int filter_emit(struct plan_filter *ret, struct arena *arena, const struct filter_table *table,
                struct error *err)
{
	_cleanup_meaning struct table_meaning meaning = {};

	if (meaning_init(&meaning, table, err) < 0)
		return -1;
	return filter_emit_meaning(ret, arena, &meaning, err);
}
