#include "policy/score.h"

#include "policy/cases.h"
#include "policy/meaning.h"
#include "sandbox/base/cleanup.h"

#include <string.h>

struct scoring {
	const struct deciding *deciding;
	const struct policy *settled;
	struct error *err;
};

/* Why a need cannot be met; the first reason of a need's calls stands. */
struct stop {
	const char *words;
	struct place place;
};

static struct arena *arena_of(const struct scoring *scoring)
{
	return scoring->deciding->request.arena;
}

/* ---- calls ---- */

static void stop_at_case(struct stop *stop, const struct scoring *scoring, enum arch arch, int call,
                         const struct call_case *one)
{
	if (stop->words != NULL)
		return;
	stop->words = arena_printf(arena_of(scoring), "%s: %s", syscall_name(call),
	                           case_words(scoring->deciding, arch, call, one));
	stop->place = case_place(scoring->deciding, one);
}

/* True where the kernel executes the call for some of the arguments asked for. */
static bool is_executed(struct stop *stop, const struct scoring *scoring, enum arch arch, int call,
                        diagram asked)
{
	struct call_cases cases = call_cases(scoring->deciding, arch, call, asked);

	for (size_t i = 0; i < cases.count; i++)
		if (case_permits(&cases.rows[i]))
			return true;
	if (cases.count > 0)
		stop_at_case(stop, scoring, arch, call, &cases.rows[0]);
	return false;
}

/* The arguments a rule names for a call. */
static int asked_of(diagram *ret, const struct scoring *scoring, const struct rule *rule,
                    enum arch arch, int call)
{
	struct diagrams *store = scoring->deciding->store;
	struct call_rules rules;
	diagram asked = diagram_leaf(store, 0);

	if (rules_of_call(&rules, &scoring->deciding->request, rule, arch, call) < 0)
		return -1;
	for (size_t i = 0; i < rules.count; i++)
		asked = diagram_or(store, asked, meaning_of_rule(store, &rules.rules[i]));
	*ret = rules.closed ? diagram_leaf(store, 1) : asked;
	return 0;
}

/* socketcall, ipc: the arguments are in memory there, where no filter sees them. */
static bool is_executed_through(struct stop *stop, const struct scoring *scoring, enum arch arch,
                                int call)
{
	struct diagrams *store = scoring->deciding->store;
	enum diagram_word low = word_of_argument(0, false);
	uint32_t number;
	int through;

	if (!rules_multiplexed(&through, &number, arch, call))
		return false;
	return is_executed(stop, scoring, arch, through,
	                   diagram_masked(store, low, UINT32_MAX, number));
}

/* 1: it can be called so in that architecture. */
static int reaches_in(struct stop *stop, const struct scoring *scoring, const struct rule *rule,
                      enum arch arch)
{
	if (!rule_takes_part(rule, &scoring->deciding->request, arch))
		return 0;
	for (size_t i = 0; i < rule->call_count; i++) {
		int call = rule->calls[i];
		diagram asked;

		if (syscall_number(arch, call) < 0) {
			if (is_executed_through(stop, scoring, arch, call))
				return 1;
			continue;
		}
		if (asked_of(&asked, scoring, rule, arch, call) < 0)
			return -1;
		if (is_executed(stop, scoring, arch, call, asked) ||
		    is_executed_through(stop, scoring, arch, call))
			return 1;
	}
	return 0;
}

/* The native architecture first: its reasons are the ones to tell. */
static int reaches_call(struct stop *stop, const struct scoring *scoring, const struct rule *rule)
{
	enum arch native = scoring->deciding->request.native;
	uint32_t family = arch_beside(native);
	int result = reaches_in(stop, scoring, rule, native);

	for (unsigned arch = 0; arch < ARCH_COUNT && result == 0; arch++)
		if ((family & 1u << arch) != 0)
			result = reaches_in(stop, scoring, rule, arch);
	if (result == 0 && stop->words == NULL)
		stop->words =
		        arena_printf(arena_of(scoring), "%s has no such call", arch_name(native));
	return result;
}

/* ---- the other needs ---- */

static int reaches_user_namespace(struct stop *stop, const struct scoring *scoring)
{
	static const struct operand new_user = { .name = "CLONE_NEWUSER" };
	const struct rule_condition condition = { .argument = "flags",
		                                  .operator= CONDITION_MASKED,
		                                  .values = &new_user,
		                                  .count = 1,
		                                  .mask = new_user,
		                                  .index = -1 };
	const int with_flags[] = { syscall_find("unshare"), syscall_find("clone") };
	const int without[] = { syscall_find("clone3") };
	const struct rule seen = { .calls = with_flags,
		                   .call_count = ARRAY_SIZE(with_flags),
		                   .conditions = &condition,
		                   .condition_count = 1 };
	const struct rule unseen = { .calls = without, .call_count = ARRAY_SIZE(without) };
	int result = reaches_call(stop, scoring, &seen);

	return result != 0 ? result : reaches_call(stop, scoring, &unseen);
}

static int reaches_capability(struct stop *stop, const struct scoring *scoring, unsigned number)
{
	struct stop closed = {};
	int result;

	if ((scoring->settled->capabilities >> number & 1) != 0)
		return 1;
	result = reaches_user_namespace(&closed, scoring);
	if (result != 0)
		return result;
	stop->words = arena_printf(arena_of(scoring),
	                           "%s is not kept, and no new user namespace brings it",
	                           capability_name(number));
	stop->place = place_of_member(arena_of(scoring), scoring->deciding->request.policy,
	                              "capabilities", NULL);
	if (stop->place.file == NULL)
		stop->place = closed.place;
	return 0;
}

static int reaches_exec(struct stop *stop, const struct scoring *scoring)
{
	if (!scoring->settled->no_new_privileges)
		return 1;
	stop->words = "no privileges are gained by exec (no_new_privs)";
	stop->place = place_of_member(arena_of(scoring), scoring->deciding->request.policy,
	                              "no_new_privileges", NULL);
	return 0;
}

static int reaches_device(struct stop *stop, const struct scoring *scoring, const char *device)
{
	const struct policy *settled = scoring->settled;

	for (size_t i = 0; i < settled->mount_count; i++)
		if (text_starts(settled->mounts[i].target, "/dev"))
			return 1; /* whatever it brings */
	stop->words = arena_printf(arena_of(scoring), "there is no %s in a container", device);
	return 0;
}

static int reaches(struct stop *stop, const struct scoring *scoring, const struct bug_need *need);

static int reaches_any(struct stop *stop, const struct scoring *scoring,
                       const struct bug_need *need)
{
	int result = 0;

	for (size_t i = 0; i < need->need_count && result == 0; i++)
		result = reaches(stop, scoring, &need->needs[i]);
	return result;
}

/* 1: the need can be met; 0 with the reason: not; -1: error. */
static int reaches(struct stop *stop, const struct scoring *scoring, const struct bug_need *need)
{
	switch (need->kind) {
	case BUG_CALL:
		return reaches_call(stop, scoring, &need->rule);
	case BUG_CAPABILITY:
		return reaches_capability(stop, scoring, need->capability);
	case BUG_USER_NAMESPACE:
		return reaches_user_namespace(stop, scoring);
	case BUG_EXEC:
		return reaches_exec(stop, scoring);
	case BUG_DEVICE:
		return reaches_device(stop, scoring, need->device);
	default:
		return reaches_any(stop, scoring, need);
	}
}

/* ---- all ---- */

static int score_bug(struct score_row *row, const struct scoring *scoring)
{
	const struct bug *bug = row->bug;

	row->reachable = true;
	for (size_t i = 0; i < bug->need_count; i++) {
		struct stop stop = {};
		int result = reaches(&stop, scoring, &bug->needs[i]);

		if (result < 0)
			return error_prefix(scoring->err, "%s", bug->id);
		if (result > 0)
			continue;
		row->reachable = false;
		row->stop = stop.words;
		row->place = stop.place;
		return 0;
	}
	return 0;
}

int policy_score(struct score *ret, struct arena *arena, const struct policy *policy,
                 enum arch native, uint32_t kernel, const struct bug_table *bugs, struct error *err)
{
	_cleanup_deciding struct deciding deciding = {};
	struct score score = { arena_array(arena, bugs->count, sizeof *score.rows), bugs->count,
		               0 };
	struct plan_strings taken = {};
	struct policy settled;
	struct rules_request request = { arena, policy, native, kernel, 0, false, err };
	struct scoring scoring = { &deciding, &settled, err };

	policy_settle_sets(&settled, &taken, arena, policy);
	request.capabilities = settled.capabilities;
	request.user_namespaces = settled.user_namespaces;
	if (deciding_init(&deciding, &request) < 0)
		return -1;
	for (size_t i = 0; i < bugs->count; i++) {
		score.rows[i].bug = &bugs->rows[i];
		if (score_bug(&score.rows[i], &scoring) < 0)
			return -1;
		score.stopped += !score.rows[i].reachable;
	}
	if (diagrams_check(deciding.store, err) < 0)
		return -1;
	*ret = score;
	return 0;
}
