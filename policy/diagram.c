#include "policy/diagram.h"

#include "sandbox/base/arena.h"
#include "sandbox/base/cleanup.h"

#include <stdlib.h>
#include <string.h>

enum {
	BITS = 32,
	LEVEL_LEAF = WORD_COUNT * BITS,
	FIRST_CAPACITY = 1 << 12, /* less memory than malloc(3) maps and unmaps by itself */
	SOON = 5 << 9,            /* nodes that a filter of ours takes */
	NODES_A_BUCKET = 2,
	NODES_A_RESULT = 8,    /* a small store remembers few results: these are touched all over */
	RESULTS_MAX = 1 << 12, /* a forgotten one is computed again */
	STEPS_A_NODE = 8,      /* work; filters, and what fills a store, take one or two */
};

/* A test of the bit of `level`; of a leaf, low is the value. */
struct node {
	uint32_t level;
	diagram low, high;
	diagram next; /* of the same bucket; 0 ends */
};

/* A result of choose (combine NULL; a is the condition) or join. */
struct memory {
	diagram_combine combine;
	diagram a, b, c, result;
};

struct diagrams {
	struct node *nodes; /* [0] is not used: it is "none" */
	size_t count, capacity, most;
	size_t steps;         /* pairs of nodes that were looked at */
	diagram *buckets;     /* capacity / NODES_A_BUCKET, a power of two */
	struct memory *cache; /* owns what buckets and nodes are in, too */
	size_t cache_size;    /* a power of two */
	bool full;
};

/* ---- the store ---- */

/* The three arrays lie in one piece, of which what is written soon is touched at once. */
static void make_room(struct diagrams *store, size_t capacity)
{
	size_t fitting = capacity / NODES_A_RESULT;
	size_t results = fitting < RESULTS_MAX ? fitting : RESULTS_MAX;
	size_t buckets = capacity / NODES_A_BUCKET;
	size_t clear = results * sizeof *store->cache + buckets * sizeof *store->buckets;
	struct memory *cache = malloc(clear + capacity * sizeof *store->nodes);
	struct node *nodes;

	if (cache == NULL)
		abort();
	pages_touch(cache, clear + (store->count + SOON) * sizeof *nodes);
	memset(cache, 0, clear);
	store->buckets = (diagram *)(cache + results);
	nodes = (struct node *)(store->buckets + buckets);
	if (store->count > 0)
		memcpy(nodes, store->nodes, store->count * sizeof *nodes);
	if (store->cache_size == results) /* else their places are others */
		memcpy(cache, store->cache, results * sizeof *cache);
	free(store->cache);
	store->cache = cache;
	store->cache_size = results;
	store->nodes = nodes;
	store->capacity = capacity;
}

struct diagrams *diagrams_new(size_t most_nodes)
{
	struct diagrams *store = calloc(1, sizeof *store);

	if (store == NULL)
		abort();
	store->most = most_nodes;
	make_room(store, FIRST_CAPACITY);
	store->nodes[0] = (struct node){ .level = LEVEL_LEAF };
	store->count = 1;
	return store;
}

void diagrams_free(struct diagrams *store)
{
	if (store == NULL)
		return;
	free(store->cache);
	free(store);
}

void diagrams_cleanup(struct diagrams **store)
{
	diagrams_free(*store);
}

int diagrams_check(const struct diagrams *store, struct error *err)
{
	if (!store->full)
		return 0;
	if (store->steps > STEPS_A_NODE * store->most)
		error_set(err, 0, "the rules are too entangled to be decided: more than %zu steps",
		          STEPS_A_NODE * store->most);
	else
		error_set(err, 0,
		          "the rules are too entangled to be decided: more than %zu diagram nodes",
		          store->most);
	return error_hint(err, "use fewer conditions that compare several arguments of one call");
}

void diagrams_fill(struct diagrams *store)
{
	store->full = true;
}

size_t diagrams_count(const struct diagrams *store)
{
	return store->count - 1;
}

static inline size_t mix(uint32_t a, uint32_t b, uint32_t c)
{
	uint64_t x = ((uint64_t)a << 32 | b) * UINT64_C(0x9e3779b97f4a7c15);

	x = ((x ^ x >> 32) + c) * UINT64_C(0xbf58476d1ce4e5b9);
	return (size_t)(x >> 32);
}

static void grow(struct diagrams *store)
{
	make_room(store, 2 * store->capacity);
	for (size_t i = 1; i < store->count; i++) {
		struct node *node = &store->nodes[i];
		size_t bucket = mix(node->level, node->low, node->high) &
		                (store->capacity / NODES_A_BUCKET - 1);

		node->next = store->buckets[bucket];
		store->buckets[bucket] = (diagram)i;
	}
}

/* The one node that is this. */
static diagram intern(struct diagrams *store, uint32_t level, diagram low, diagram high)
{
	size_t bucket = mix(level, low, high) & (store->capacity / NODES_A_BUCKET - 1);

	for (diagram at = store->buckets[bucket]; at != 0; at = store->nodes[at].next) {
		const struct node *node = &store->nodes[at];

		if (node->level == level && node->low == low && node->high == high)
			return at;
	}
	if (store->full || store->count >= store->most) {
		store->full = true;
		return 0;
	}
	if (store->count == store->capacity) {
		grow(store);
		bucket = mix(level, low, high) & (store->capacity / NODES_A_BUCKET - 1);
	}
	store->nodes[store->count] = (struct node){ level, low, high, store->buckets[bucket] };
	store->buckets[bucket] = (diagram)store->count;
	return (diagram)store->count++;
}

static diagram test(struct diagrams *store, uint32_t level, diagram low, diagram high)
{
	if (low == high)
		return low;
	return store->full ? 0 : intern(store, level, low, high);
}

static size_t place_of(diagram_combine combine, diagram a, diagram b, diagram c)
{
	uint32_t purpose = (uint32_t)(uintptr_t)combine;

	return mix(a ^ purpose * 0x85ebca6bu, b, c);
}

/* A pointer lives until the next node is made. */
static struct memory *remembered(struct diagrams *store, size_t place)
{
	return &store->cache[place & (store->cache_size - 1)];
}

static bool is_about(const struct memory *memory, diagram_combine combine, diagram a, diagram b,
                     diagram c)
{
	return memory->result != 0 && memory->combine == combine && memory->a == a &&
	       memory->b == b && memory->c == c;
}

/* ---- making ---- */

diagram diagram_leaf(struct diagrams *store, uint32_t value)
{
	return intern(store, LEVEL_LEAF, value, 0);
}

static uint32_t level_of(enum diagram_word word, unsigned bit)
{
	return (uint32_t)word * BITS + (BITS - 1 - bit);
}

diagram diagram_bit(struct diagrams *store, enum diagram_word word, unsigned bit)
{
	return test(store, level_of(word, bit), diagram_leaf(store, 0), diagram_leaf(store, 1));
}

diagram diagram_where(struct diagrams *store, enum diagram_word word, uint32_t mask, uint32_t value,
                      diagram yes, diagram no)
{
	if ((value & ~mask) != 0)
		return no;
	for (unsigned bit = 0; bit < BITS; bit++) {
		if ((mask >> bit & 1) == 0)
			continue;
		yes = value >> bit & 1 ? test(store, level_of(word, bit), no, yes)
		                       : test(store, level_of(word, bit), yes, no);
	}
	return yes;
}

diagram diagram_masked(struct diagrams *store, enum diagram_word word, uint32_t mask,
                       uint32_t value)
{
	return diagram_where(store, word, mask, value, diagram_leaf(store, 1),
	                     diagram_leaf(store, 0));
}

diagram diagram_at_least(struct diagrams *store, enum diagram_word word, uint32_t value)
{
	diagram no = diagram_leaf(store, 0), yes = diagram_leaf(store, 1), result = yes;

	/* from the lowest bit: what is equal above decides by what is below */
	for (unsigned bit = 0; bit < BITS; bit++)
		result = value >> bit & 1 ? test(store, level_of(word, bit), no, result)
		                          : test(store, level_of(word, bit), result, yes);
	return result;
}

diagram diagram_any_bit(struct diagrams *store, enum diagram_word word, uint32_t mask)
{
	return diagram_where(store, word, mask, 0, diagram_leaf(store, 0), diagram_leaf(store, 1));
}

static diagram side(const struct diagrams *store, diagram node, uint32_t level, bool high)
{
	const struct node *at = &store->nodes[node];

	if (at->level != level)
		return node;
	return high ? at->high : at->low;
}

static uint32_t lower(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/* A store that is worked on for too long is full: nodes alone do not bound time. */
static void count_step(struct diagrams *store)
{
	if (++store->steps > STEPS_A_NODE * store->most)
		store->full = true;
}

static bool is_leaf_of(const struct diagrams *store, diagram node, uint32_t value)
{
	return store->nodes[node].level == LEVEL_LEAF && store->nodes[node].low == value;
}

diagram diagram_choose(struct diagrams *store, diagram condition, diagram yes, diagram no)
{
	const struct node *node = &store->nodes[condition];
	const struct memory *memory;
	uint32_t level;
	diagram low, high, result;
	size_t place;

	if (node->level == LEVEL_LEAF)
		return node->low != 0 ? yes : no;
	if (yes == no || store->full)
		return store->full ? 0 : yes;
	if (is_leaf_of(store, yes, 1) && is_leaf_of(store, no, 0))
		return condition;
	place = place_of(NULL, condition, yes, no);
	memory = remembered(store, place);
	if (is_about(memory, NULL, condition, yes, no))
		return memory->result;
	count_step(store);
	level = lower(node->level, lower(store->nodes[yes].level, store->nodes[no].level));
	low = diagram_choose(store, side(store, condition, level, false),
	                     side(store, yes, level, false), side(store, no, level, false));
	high = diagram_choose(store, side(store, condition, level, true),
	                      side(store, yes, level, true), side(store, no, level, true));
	result = test(store, level, low, high);
	*remembered(store, place) = (struct memory){ NULL, condition, yes, no, result };
	return result;
}

diagram diagram_not(struct diagrams *store, diagram condition)
{
	return diagram_choose(store, condition, diagram_leaf(store, 0), diagram_leaf(store, 1));
}

diagram diagram_and(struct diagrams *store, diagram a, diagram b)
{
	return diagram_choose(store, a, b, diagram_leaf(store, 0));
}

diagram diagram_or(struct diagrams *store, diagram a, diagram b)
{
	return diagram_choose(store, a, diagram_leaf(store, 1), b);
}

diagram diagram_join(struct diagrams *store, diagram_combine combine, diagram a, diagram b)
{
	const struct node *left = &store->nodes[a], *right = &store->nodes[b];
	const struct memory *memory;
	uint32_t level;
	diagram low, high, result;
	size_t place;

	if (left->level == LEVEL_LEAF && right->level == LEVEL_LEAF)
		return diagram_leaf(store, combine(left->low, right->low));
	if (store->full)
		return 0;
	place = place_of(combine, a, b, 0);
	memory = remembered(store, place);
	if (is_about(memory, combine, a, b, 0))
		return memory->result;
	count_step(store);
	level = lower(left->level, right->level);
	low = diagram_join(store, combine, side(store, a, level, false),
	                   side(store, b, level, false));
	high = diagram_join(store, combine, side(store, a, level, true),
	                    side(store, b, level, true));
	result = test(store, level, low, high);
	*remembered(store, place) = (struct memory){ combine, a, b, 0, result };
	return result;
}

/* Rows [low, high) cover the values from `first` that have `bits` bits left free. */
static diagram cut_rows(struct diagrams *store, enum diagram_word word,
                        const struct diagram_piece *rows, size_t low, size_t high, uint32_t first,
                        unsigned bits)
{
	uint32_t middle;
	size_t split = low + 1;

	if (split == high)
		return rows[low].answer;
	middle = first | UINT32_C(1) << (bits - 1);
	while (split < high && rows[split].first < middle)
		split++;
	return test(store, level_of(word, bits - 1),
	            cut_rows(store, word, rows, low, split, first, bits - 1),
	            cut_rows(store, word, rows,
	                     split < high && rows[split].first == middle ? split : split - 1, high,
	                     middle, bits - 1));
}

diagram diagram_pieces(struct diagrams *store, enum diagram_word word,
                       const struct diagram_piece *rows, size_t count)
{
	return cut_rows(store, word, rows, 0, count, 0, BITS);
}

/* ---- the parts of a node ---- */

bool diagram_is_leaf(const struct diagrams *store, diagram node, uint32_t *value)
{
	if (store->nodes[node].level != LEVEL_LEAF)
		return false;
	if (value != NULL)
		*value = store->nodes[node].low;
	return true;
}

enum diagram_word diagram_word(const struct diagrams *store, diagram node, unsigned *bit)
{
	uint32_t level = store->nodes[node].level;

	if (bit != NULL)
		*bit = BITS - 1 - level % BITS;
	return (enum diagram_word)(level / BITS);
}

diagram diagram_low(const struct diagrams *store, diagram node)
{
	return store->nodes[node].low;
}

diagram diagram_high(const struct diagrams *store, diagram node)
{
	return store->nodes[node].high;
}
