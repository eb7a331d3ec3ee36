/*
 * check_twins: a call closed here whose twin is open.
 *
 * A twin does the same by another number. A rule that takes a call away, or gives it with some
 * arguments only, is stepped around when a twin is more open than the call is. Twins that carry
 * their arguments in memory (clone3, openat2, socketcall, io_uring) do so whatever a rule says of
 * arguments: open at all they are open to anything. One that does the same with some arguments only
 * is not meant where the rules leave it none of these.
 */
#include "policy/check.h"
#include "policy/twins.h"
#include "sandbox/base/cleanup.h"

#include <string.h>

/* The same number of another architecture that the profile opens: a rule for one of them is none
 * for the other. */
static void check_architectures(const struct check *check, const struct rule *rule, int call,
                                const struct value *name)
{
	static const enum arch seconds[] = { ARCH_I386, ARCH_X32, ARCH_ARM };

	if (rule->gate.arches == 0 || rule_opens(rule))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(seconds); i++) {
		uint32_t bit = 1u << seconds[i];

		if ((check->policy->arches & bit) != 0 && (rule->gate.arches & bit) == 0 &&
		    check->open[call][seconds[i]] > OPEN_TO_NONE)
			check_warn(check, name,
			           "%s is denied, but the one of %s, which this profile opens, is "
			           "allowed",
			           syscall_name(call), arch_name(seconds[i]));
	}
}

static void warn_twin(const struct check *check, const struct rule *rule, int call,
                      const char *twin, enum arch native)
{
	const char *where =
	        native == ARCH_X86_64 ? "" : arena_printf(check->arena, " (%s)", arch_name(native));

	check_warn(check, check_name_of(rule, call),
	           "%s is %s, but %s does the same and is allowed%s%s", syscall_name(call),
	           rule_opens(rule)            ? "allowed with some arguments only"
	           : rule->condition_count > 0 ? "denied with some arguments"
	                                       : "denied",
	           twin, rule->condition_count > 0 ? " with any" : "", where);
}

/* One call and one other way to it, on each machine: said for the first. */
struct way {
	const char *name;
	int calls[2]; /* all of which it takes */
	bool unseen;  /* what it does is in memory: open at all it is open to anything */
	bool only_denied;
	const uint8_t *same; /* by architecture: it is open to arguments that do the same; NULL: any
	                        do */
	const uint8_t *own;  /* the call to those of its own; NULL: any do */
};

static bool is_open(const uint8_t *by_arch, uint32_t family)
{
	for (unsigned arch = 0; by_arch != NULL && arch < ARCH_COUNT; arch++)
		if ((family & 1u << arch) != 0 && by_arch[arch])
			return true;
	return by_arch == NULL;
}

static enum openness way_openness(const struct check *check, const struct way *way, uint32_t family)
{
	enum openness narrowest = is_open(way->same, family) ? OPEN_TO_ALL : OPEN_TO_NONE;

	for (size_t i = 0; i < ARRAY_SIZE(way->calls); i++) {
		enum openness one = way->calls[i] == SYSCALL_UNKNOWN
		                            ? OPEN_TO_NONE
		                            : check_openness(check, way->calls[i], family);

		narrowest = one < narrowest ? one : narrowest;
	}
	return way->unseen && narrowest != OPEN_TO_NONE ? OPEN_TO_ALL : narrowest;
}

static void check_way(const struct check *check, const struct rule *rule, int call,
                      const struct way *way)
{
	for (unsigned native = 0; native < ARCH_COUNT; native++) {
		uint32_t family = check_family(check, native);
		enum openness own, other;

		if (!check_is_native(native))
			continue;
		own = check_openness(check, call, family);
		other = way_openness(check, way, family);
		/* one use of each: either has it or has not */
		if (way->own != NULL) {
			own = is_open(way->own, family) ? OPEN_TO_ALL : OPEN_TO_NONE;
			other = other == OPEN_TO_NONE ? OPEN_TO_NONE : OPEN_TO_ALL;
		}
		if (own >= other || (other == OPEN_TO_SOME && rule->condition_count > 0) ||
		    (own != OPEN_TO_NONE && way->only_denied))
			continue;
		warn_twin(check, rule, call, way->name, native);
		return;
	}
}

/* clone3 is closed without user namespaces, whatever the rules say (rules.c); and without them only
 * who keeps SYS_ADMIN makes other namespaces. */
static bool is_guarded(const struct check *check, const struct twin *twin)
{
	bool admin = (check->policy->capabilities >> capability_from_name("SYS_ADMIN") & 1) != 0;

	return !check->policy->user_namespaces &&
	       (strcmp(twin->by, "clone3") == 0 || (twin->kind == ANY_BIT && !admin));
}

static void check_table(const struct check *check, const struct rule *rule, int call)
{
	for (size_t i = 0; i < twins_count; i++) {
		const char *by = twins[i].by;
		int twin = syscall_find(by);
		const struct way way = {
			.name = by,
			.calls = { twin, twin },
			.unseen = strcmp(by, "clone3") == 0 || strcmp(by, "openat2") == 0,
			.only_denied = twins[i].kind == ONLY_DENIED,
			.same = twins[i].argument[0] == '\0' ? NULL : check->same[i],
			.own = twins[i].own[0] == '\0' ? NULL : check->own[i],
		};

		if (strcmp(twins[i].call, syscall_name(call)) == 0 && !is_guarded(check, &twins[i]))
			check_way(check, rule, call, &way);
	}
}

/* setuid and setuid32, futex and futex_time64: either is stepped around by the other. */
static void check_ends(const struct check *check, const struct rule *rule, int call)
{
	const char *own = syscall_name(call);
	size_t length = strlen(own);

	for (size_t i = 0; i < TWIN_ENDS; i++) {
		const char *end = twin_ends[i];
		size_t more = strlen(end);
		bool is_wide = length > more && strcmp(own + length - more, end) == 0;
		const char *name = is_wide ? arena_text(check->arena, own, length - more)
		                           : arena_printf(check->arena, "%s%s", own, end);
		int twin = syscall_find(name);
		const struct way way = { .name = name, .calls = { twin, twin } };

		if (twin != SYSCALL_UNKNOWN)
			check_way(check, rule, call, &way);
	}
}

/* One function of socketcall(2) or ipc(2). */
static void check_doors(const struct check *check, const struct rule *rule, int call)
{
	for (unsigned arch = 0; arch < ARCH_COUNT; arch++) {
		uint32_t number;
		int door;

		if (rules_multiplexed(&door, &number, arch, call)) {
			const struct way way = { .name = syscall_name(door),
				                 .calls = { door, door },
				                 .unseen = true,
				                 .same = check->doors[call] };

			check_way(check, rule, call, &way);
			return;
		}
	}
}

static void check_call(const struct check *check, const struct rule *rule, int call)
{
	const struct value *name = check_name_of(rule, call);

	if (name == NULL)
		return; /* a group takes what it takes */
	check_architectures(check, rule, call, name);
	check_table(check, rule, call);
	check_ends(check, rule, call);
	check_doors(check, rule, call);
	for (size_t i = 0; i < twins_by_io_uring_count; i++) {
		const struct way way = { .name = "io_uring",
			                 .calls = { syscall_find("io_uring_setup"),
			                            syscall_find("io_uring_enter") },
			                 .unseen = true };

		if (strcmp(twins_by_io_uring[i], syscall_name(call)) == 0)
			check_way(check, rule, call, &way);
	}
}

static bool holds(const struct twin *twin, enum arch arch, struct diagrams *store, diagram open)
{
	struct argument_place place;
	struct error ignored;
	diagram same;

	/* an architecture that has it elsewhere, or not at all: any arguments do */
	if (rule_argument_in(&place, arch, syscall_find(twin->by), twin->argument, &ignored) < 0)
		return open != diagram_leaf(store, 0);
	same = twin->kind == ANY_BIT
	               ? diagram_any_bit(store, word_of_argument(place.index, false), twin->mask)
	               : diagram_masked(store, word_of_argument(place.index, false), twin->mask,
	                                twin->value);
	return diagram_and(store, open, same) != diagram_leaf(store, 0);
}

static bool holds_of_own(const struct twin *twin, enum arch arch, struct diagrams *store,
                         diagram open)
{
	struct twin itself = { .mask = UINT32_MAX, .value = twin->own_value };

	memcpy(itself.by, twin->call, sizeof itself.by);
	memcpy(itself.argument, twin->own, sizeof itself.argument);
	return holds(&itself, arch, store, open);
}

/* Through a door: its first argument is the function's number. */
static void learn_doors(const struct check *check, int door, enum arch arch, struct diagrams *store,
                        diagram open)
{
	for (int call = 0; call < (int)syscall_count(); call++) {
		uint32_t number;
		int through;

		if (!rules_multiplexed(&through, &number, arch, call) || through != door)
			continue;
		check->doors[call][arch] =
		        diagram_and(store, open,
		                    diagram_masked(store, word_of_argument(0, false), UINT32_MAX,
		                                   number)) != diagram_leaf(store, 0);
	}
}

void check_learn_twins(const struct check *check, int call, enum arch arch, struct diagrams *store,
                       diagram open)
{
	const char *name = syscall_name(call);

	for (size_t i = 0; i < twins_count; i++) {
		if (twins[i].argument[0] != '\0' && strcmp(twins[i].by, name) == 0)
			check->same[i][arch] = holds(&twins[i], arch, store, open);
		if (twins[i].own[0] != '\0' && strcmp(twins[i].call, name) == 0)
			check->own[i][arch] = holds_of_own(&twins[i], arch, store, open);
	}
	if (strcmp(name, "socketcall") == 0 || strcmp(name, "ipc") == 0)
		learn_doors(check, call, arch, store, open);
}

size_t check_twin_count(void)
{
	return twins_count;
}

void check_twins(const struct check *check, const struct rule *rule)
{
	if (check->gave_up || (rule_opens(rule) && rule->condition_count == 0))
		return;
	for (size_t i = 0; i < rule->call_count; i++)
		check_call(check, rule, rule->calls[i]);
}
