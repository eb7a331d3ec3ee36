#include "policy/diff.h"

#include "policy/call_text.h"
#include "policy/meaning.h"
#include "policy/policy.h"
#include "sandbox/base/cleanup.h"

#include <string.h>

enum { CAPABILITIES = 64, X32_BIT = 0x40000000 };

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

static struct difference *add(struct diffing *diffing, enum difference_kind kind,
                              const char *subject)
{
	struct differences *found = diffing->found;

	if (found->count == found->room) {
		size_t room = found->room == 0 ? 32 : found->room * 2;
		struct difference *rows = arena_array(diffing->arena, room, sizeof *rows);

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
	struct difference *row = add(diffing, kind, compared->subject);

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

/* ---- the other walls ---- */

static void compare_capabilities(struct diffing *diffing, uint64_t old, uint64_t new)
{
	for (unsigned i = 0; i < CAPABILITIES; i++) {
		bool was = old >> i & 1, is = new >> i & 1;
		const char *name = capability_name(i);

		if (was == is || name == NULL)
			continue;
		add(diffing, is ? DIFFERENCE_WIDER : DIFFERENCE_NARROWER,
		    arena_printf(diffing->arena, "capability %s", name));
	}
}

/* A wall that stands or does not. */
static void compare_wall(struct diffing *diffing, const char *name, bool was, bool is)
{
	struct difference *row;

	if (was == is)
		return;
	row = add(diffing, is ? DIFFERENCE_NARROWER : DIFFERENCE_WIDER, name);
	row->was = was ? "yes" : "no";
	row->is = is ? "yes" : "no";
}

static bool has_mask(const struct confinement *confinement, const struct plan_mask *mask)
{
	for (size_t i = 0; i < confinement->mask_count; i++)
		if (confinement->masks[i].kind == mask->kind &&
		    strcmp(confinement->masks[i].path, mask->path) == 0)
			return true;
	return false;
}

static void compare_masks(struct diffing *diffing, const struct confinement *from,
                          const struct confinement *to, enum difference_kind kind)
{
	for (size_t i = 0; i < from->mask_count; i++) {
		const struct plan_mask *mask = &from->masks[i];

		if (!has_mask(to, mask))
			add(diffing, kind,
			    arena_printf(diffing->arena, "%s %s",
			                 mask->kind == PLAN_MASK_HIDE ? "hidden" : "read-only",
			                 mask->path));
	}
}

static bool has_string(const struct plan_strings *strings, const char *text)
{
	for (size_t i = 0; i < strings->count; i++)
		if (strcmp(strings->items[i], text) == 0)
			return true;
	return false;
}

static void compare_strings(struct diffing *diffing, const char *name,
                            const struct plan_strings *from, const struct plan_strings *to,
                            enum difference_kind kind)
{
	for (size_t i = 0; i < from->count; i++)
		if (!has_string(to, from->items[i]))
			add(diffing, kind,
			    arena_printf(diffing->arena, "%s %s", name, from->items[i]));
}

static void compare_landlock(struct diffing *diffing, const struct plan_landlock *old,
                             const struct plan_landlock *new)
{
	compare_wall(diffing, "Landlock", old->enabled, new->enabled);
	compare_wall(diffing, "Landlock: writing restricted", old->restrict_write,
	             new->restrict_write);
	compare_wall(diffing, "Landlock: executing restricted", old->restrict_execute,
	             new->restrict_execute);
	compare_wall(diffing, "Landlock: bind restricted", old->restrict_bind, new->restrict_bind);
	compare_wall(diffing, "Landlock: connect restricted", old->restrict_connect,
	             new->restrict_connect);
	if (old->restrict_write && new->restrict_write) {
		compare_strings(diffing, "writable", &new->write, &old->write, DIFFERENCE_WIDER);
		compare_strings(diffing, "writable", &old->write, &new->write, DIFFERENCE_NARROWER);
	}
	if (old->restrict_execute && new->restrict_execute) {
		compare_strings(diffing, "executable", &new->execute, &old->execute,
		                DIFFERENCE_WIDER);
		compare_strings(diffing, "executable", &old->execute, &new->execute,
		                DIFFERENCE_NARROWER);
	}
}

static const struct plan_limit *find_limit(const struct confinement *confinement, uint32_t resource)
{
	for (size_t i = 0; i < confinement->limit_count; i++)
		if (confinement->limits[i].resource == resource)
			return &confinement->limits[i];
	return NULL;
}

/* No limit is the highest. */
static void compare_number(struct diffing *diffing, const char *name, uint64_t was, uint64_t is)
{
	struct difference *row;

	if (was == is)
		return;
	row = add(diffing, is > was ? DIFFERENCE_WIDER : DIFFERENCE_NARROWER, name);
	row->was = was == UINT64_MAX
	                   ? "none"
	                   : arena_printf(diffing->arena, "%llu", (unsigned long long)was);
	row->is = is == UINT64_MAX ? "none"
	                           : arena_printf(diffing->arena, "%llu", (unsigned long long)is);
}

static void compare_limits(struct diffing *diffing, const struct confinement *old,
                           const struct confinement *new)
{
	enum { RESOURCES = 16 };

	for (uint32_t i = 0; i < RESOURCES; i++) {
		const struct plan_limit *was = find_limit(old, i), *is = find_limit(new, i);

		compare_number(diffing, arena_printf(diffing->arena, "limit %u", i),
		               was == NULL ? UINT64_MAX : was->hard,
		               is == NULL ? UINT64_MAX : is->hard);
	}
}

static uint64_t or_none(uint64_t value)
{
	return value == 0 ? UINT64_MAX : value;
}

static void compare_resources(struct diffing *diffing, const struct plan_resources *old,
                              const struct plan_resources *new)
{
	compare_number(diffing, "processes", or_none(old->pids), or_none(new->pids));
	compare_number(diffing, "memory", or_none(old->memory), or_none(new->memory));
	compare_number(diffing, "processor time", or_none(old->cpu_quota), or_none(new->cpu_quota));
}

/* What cannot be ordered counts as wider: a gate must not let it through unseen. */
static void compare_words(struct diffing *diffing, const char *name, const char *was,
                          const char *is)
{
	struct difference *row;

	if (text_equal(was, is) || (was == NULL && is == NULL))
		return;
	row = add(diffing, was == NULL ? DIFFERENCE_NARROWER : DIFFERENCE_WIDER, name);
	row->was = was == NULL ? "none" : was;
	row->is = is == NULL ? "none" : is;
}

static void compare_confinements(struct diffing *diffing, const struct confinement *old,
                                 const struct confinement *new)
{
	static const char *const modes[] = { "single", "range", "keep-id", "nomap" };

	compare_capabilities(diffing, old->capabilities.bounding, new->capabilities.bounding);
	compare_wall(diffing, "no_new_privileges", old->no_new_privileges, new->no_new_privileges);
	compare_wall(diffing, "read-only root", old->root_read_only, new->root_read_only);
	compare_wall(diffing, "new user namespaces closed", !old->new_user_namespaces,
	             !new->new_user_namespaces);
	compare_masks(diffing, old, new, DIFFERENCE_WIDER);
	compare_masks(diffing, new, old, DIFFERENCE_NARROWER);
	compare_landlock(diffing, &old->landlock, &new->landlock);
	compare_limits(diffing, old, new);
	compare_resources(diffing, &old->resources, &new->resources);
	compare_words(diffing, "AppArmor profile", old->apparmor, new->apparmor);
	compare_words(diffing, "id map", modes[old->idmap], modes[new->idmap]);
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
	compare_confinements(&diffing, old->confinement, new->confinement);
	*ret = found;
	return 0;
}
