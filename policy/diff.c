#include "policy/diff.h"

#include "policy/call_text.h"
#include "policy/diff_walls.h"
#include "policy/meaning.h"
#include "policy/policy.h"
#include "sandbox/base/cleanup.h"

#include <string.h>

enum { X32_BIT = 0x40000000 };

struct diffing {
	struct differences *found;
	struct arena *arena;
	struct diagrams *store;
	uint32_t usual; /* the architecture word that goes without saying */
};

const char *difference_name(enum difference_kind kind)
{
	static const char *const names[] = {
		[DIFFERENCE_WIDER] = "wider",
		[DIFFERENCE_NARROWER] = "narrower",
		[DIFFERENCE_OTHER] = "otherwise",
	};

	_Static_assert(ARRAY_SIZE(names) == DIFFERENCE_KINDS, "a name a kind");
	return names[kind];
}

struct difference *difference_add(struct differences *found, struct arena *arena,
                                  enum difference_kind kind, const char *subject)
{
	if (found->count == found->room) {
		size_t room = found->room == 0 ? 32 : found->room * 2;
		struct difference *rows = arena_array(arena, room, sizeof *rows);

		if (found->count > 0)
			memcpy(rows, found->rows, found->count * sizeof *rows);
		found->rows = rows;
		found->room = room;
	}
	found->rows[found->count] = (struct difference){ .kind = kind, .subject = subject };
	return &found->rows[found->count++];
}

/* ---- calls ---- */

static const char *words_of(struct arena *arena, uint32_t action)
{
	_cleanup_text struct text text = {};

	action_text(&text, action);
	return arena_strdup(arena, text_string(&text));
}

struct compared {
	uint32_t audit, number;
	const char *subject;
	bool is_range;
	diagram old, new;
};

static void add_call(struct diffing *diffing, const struct compared *compared,
                     enum difference_kind kind, const struct call_sample *point)
{
	struct difference *row =
	        difference_add(diffing->found, diffing->arena, kind, compared->subject);

	row->has_sample = true;
	row->is_range = compared->is_range;
	row->sample = *point;
	row->sample.audit = compared->audit;
	row->sample.number = compared->number;
	row->was = words_of(diffing->arena, diagram_value(diffing->store, compared->old, point));
	row->is = words_of(diffing->arena, diagram_value(diffing->store, compared->new, point));
}

static uint32_t differ(uint32_t a, uint32_t b)
{
	return a != b;
}

/* Wider and narrower are what the kernel executes; where both execute it, or neither, the words may
 * differ still. */
static void compare_call(struct diffing *diffing, const struct compared *compared)
{
	struct diagrams *store = diffing->store;
	diagram was = meaning_permits(store, compared->old);
	diagram is = meaning_permits(store, compared->new);
	diagram alike = diagram_not(store, diagram_join(store, differ, was, is));
	diagram other = diagram_and(store, alike,
	                            diagram_join(store, differ, compared->old, compared->new));
	struct call_sample point;

	if (diagram_example(store, diagram_and(store, is, diagram_not(store, was)), &point))
		add_call(diffing, compared, DIFFERENCE_WIDER, &point);
	if (diagram_example(store, diagram_and(store, was, diagram_not(store, is)), &point))
		add_call(diffing, compared, DIFFERENCE_NARROWER, &point);
	if (diagram_example(store, other, &point))
		add_call(diffing, compared, DIFFERENCE_OTHER, &point);
}

/* ---- numbers ---- */

struct pieces {
	struct arena *arena;
	struct diagram_piece *rows; /* each to before the next one */
	size_t count, room;
};

static bool keep_piece(void *context, uint32_t first, uint32_t last, diagram answer)
{
	struct pieces *pieces = context;

	(void)last;
	if (pieces->count == pieces->room) {
		size_t room = pieces->room == 0 ? 64 : pieces->room * 2;
		struct diagram_piece *rows = arena_array(pieces->arena, room, sizeof *rows);

		if (pieces->count > 0)
			memcpy(rows, pieces->rows, pieces->count * sizeof *rows);
		pieces->rows = rows;
		pieces->room = room;
	}
	pieces->rows[pieces->count++] = (struct diagram_piece){ first, answer };
	return true;
}

static uint32_t last_of(const struct pieces *pieces, size_t index)
{
	return index + 1 < pieces->count ? pieces->rows[index + 1].first - 1 : UINT32_MAX;
}

/* Numbers that nobody has are told as one row. */
static void tell_nameless(struct diffing *diffing, struct compared compared, uint32_t first,
                          uint32_t last)
{
	enum arch arch;
	const char *where =
	        compared.audit == diffing->usual || !arch_from_audit(&arch, compared.audit)
	                ? ""
	                : arena_printf(diffing->arena, "%s: ", arch_name(arch));

	compared.number = first;
	compared.is_range = first != last;
	compared.subject = first == last ? arena_printf(diffing->arena, "call %u", first)
	                                 : arena_printf(diffing->arena, "%scalls %u to %u", where,
	                                                first, last);
	compare_call(diffing, &compared);
}

/* The calls of `arch` from *first to last, and what is between them. */
static void tell_named(struct diffing *diffing, struct compared compared, enum arch arch,
                       uint64_t *first, uint32_t last)
{
	uint32_t bit = arch == ARCH_X32 ? X32_BIT : 0;

	for (size_t place = 0; place < syscall_count_in(arch); place++) {
		int id = syscall_at(arch, place);
		uint32_t number = (uint32_t)syscall_number(arch, id) | bit;

		if (number < *first || number > last)
			continue;
		if (number > *first)
			tell_nameless(diffing, compared, (uint32_t)*first, number - 1);
		compared.number = number;
		compared.subject = syscall_name(id);
		compare_call(diffing, &compared);
		*first = (uint64_t)number + 1;
	}
}

/* All from first to last are answered alike by each of the two. */
static void tell_range(struct diffing *diffing, const struct compared *compared, uint32_t first,
                       uint32_t last)
{
	enum arch arch = ARCH_X86_64;
	uint64_t next = first;

	if (arch_from_audit(&arch, compared->audit))
		tell_named(diffing, *compared, arch, &next, last);
	if (arch == ARCH_X86_64)
		tell_named(diffing, *compared, ARCH_X32, &next, last);
	if (next <= last)
		tell_nameless(diffing, *compared, (uint32_t)next, last);
}

/* Both are cut into pieces of one answer each: a piece of the two has one answer of each. */
static void compare_arch(struct diffing *diffing, uint32_t audit, diagram old, diagram new)
{
	struct pieces was = { .arena = diffing->arena }, is = was;
	uint32_t first = 0, last;

	diagram_cut(diffing->store, diagram_given(diffing->store, old, WORD_ARCH, audit),
	            WORD_NUMBER, keep_piece, &was);
	diagram_cut(diffing->store, diagram_given(diffing->store, new, WORD_ARCH, audit),
	            WORD_NUMBER, keep_piece, &is);
	for (size_t i = 0, j = 0; i < was.count && j < is.count; first = last + 1) {
		uint32_t end_was = last_of(&was, i), end_is = last_of(&is, j);
		const struct compared compared = { .audit = audit,
			                           .old = was.rows[i].answer,
			                           .new = is.rows[j].answer };

		last = end_was < end_is ? end_was : end_is;
		if (compared.old != compared.new)
			tell_range(diffing, &compared, first, last);
		i += last == end_was;
		j += last == end_is;
	}
}

static bool has_arch(const struct filter_table *table, uint32_t audit)
{
	for (size_t i = 0; i < table->arch_count; i++)
		if (table->archs[i].audit == audit)
			return true;
	return false;
}

static void compare_filters(struct diffing *diffing, const struct filter_table *old,
                            const struct filter_table *new)
{
	diagram was = meaning_of_table(diffing->store, old);
	diagram is = meaning_of_table(diffing->store, new);

	for (size_t i = 0; i < old->arch_count; i++)
		compare_arch(diffing, old->archs[i].audit, was, is);
	for (size_t i = 0; i < new->arch_count; i++)
		if (!has_arch(old, new->archs[i].audit))
			compare_arch(diffing, new->archs[i].audit, was, is);
}

int policy_diff(struct differences *ret, struct arena *arena, const struct diff_side *old,
                const struct diff_side *new, struct error *err)
{
	_cleanup_diagrams struct diagrams *store = diagrams_new(DIAGRAM_NODES_MAX);
	struct differences found = {};
	struct diffing diffing = { &found, arena, store, old->table->archs[0].audit };

	compare_filters(&diffing, old->table, new->table);
	if (diagrams_check(store, err) < 0)
		return -1;
	diff_walls(&found, arena, old, new);
	*ret = found;
	return 0;
}
