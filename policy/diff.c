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
	diagram old, new;
};

static void add_call(struct diffing *diffing, const struct compared *compared,
                     enum difference_kind kind, const struct call_sample *point)
{
	struct difference *row =
	        difference_add(diffing->found, diffing->arena, kind, compared->subject);

	row->has_sample = true;
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

static void compare_call(struct diffing *diffing, const struct compared *compared)
{
	struct diagrams *store = diffing->store;
	diagram was = meaning_permits(store, compared->old);
	diagram is = meaning_permits(store, compared->new);
	diagram neither = diagram_not(store, diagram_or(store, was, is));
	diagram other = diagram_and(store, neither,
	                            diagram_join(store, differ, compared->old, compared->new));
	struct call_sample point;

	if (diagram_example(store, diagram_and(store, is, diagram_not(store, was)), &point))
		add_call(diffing, compared, DIFFERENCE_WIDER, &point);
	if (diagram_example(store, diagram_and(store, was, diagram_not(store, is)), &point))
		add_call(diffing, compared, DIFFERENCE_NARROWER, &point);
	if (diagram_example(store, other, &point))
		add_call(diffing, compared, DIFFERENCE_OTHER, &point);
}

/* The pieces of the number on which the two differ, each told once. */
struct pieces {
	struct diffing *diffing;
	uint32_t audit;
	diagram old, new;
};

static const char *subject_of(struct arena *arena, uint32_t audit, uint32_t first, uint32_t last)
{
	bool x32 = audit == 0xc000003e && (first & X32_BIT) != 0 && first < 0x80000000u;
	enum arch arch = ARCH_X86_64;
	int id = SYSCALL_UNKNOWN;

	if (arch_from_audit(&arch, audit) && first == last)
		id = syscall_from_number(x32 ? ARCH_X32 : arch,
		                         x32 ? first & ~(uint32_t)X32_BIT : first);
	if (id != SYSCALL_UNKNOWN)
		return syscall_name(id);
	if (first == last)
		return arena_printf(arena, "call %u", first);
	return arena_printf(arena, "calls %u to %u", first, last);
}

static bool tell_range(struct pieces *pieces, uint32_t first, uint32_t last)
{
	struct diagrams *store = pieces->diffing->store;
	struct compared compared = { .audit = pieces->audit, .number = first };

	compared.old = diagram_given(store, pieces->old, WORD_NUMBER, first);
	compared.new = diagram_given(store, pieces->new, WORD_NUMBER, first);
	compared.subject = subject_of(pieces->diffing->arena, pieces->audit, first, last);
	compare_call(pieces->diffing, &compared);
	return true;
}

static bool see_piece(void *context, uint32_t first, uint32_t last, diagram answer)
{
	struct pieces *pieces = context;
	uint32_t value;
	enum arch arch = ARCH_X86_64;

	if (diagram_is_leaf(pieces->diffing->store, answer, &value) && value == 0)
		return true;
	if (!arch_from_audit(&arch, pieces->audit) || last - first > 1024)
		return tell_range(pieces, first, last);
	for (uint32_t number = first;; number++) {
		tell_range(pieces, number, number);
		if (number == last)
			return true;
	}
}

static void compare_arch(struct diffing *diffing, uint32_t audit, diagram old, diagram new)
{
	struct pieces pieces = { diffing, audit,
		                 diagram_given(diffing->store, old, WORD_ARCH, audit),
		                 diagram_given(diffing->store, new, WORD_ARCH, audit) };
	diagram where = diagram_join(diffing->store, differ, pieces.old, pieces.new);

	diagram_cut(diffing->store, where, WORD_NUMBER, see_piece, &pieces);
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
	struct diffing diffing = { &found, arena, store };

	compare_filters(&diffing, old->table, new->table);
	if (diagrams_check(store, err) < 0)
		return -1;
	diff_walls(&found, arena, old->confinement, new->confinement);
	*ret = found;
	return 0;
}
