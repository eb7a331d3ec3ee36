/*
 * check_rules: which rules ever decide, exactly.
 *
 * For one call, in one place to stand (an architecture, a kernel, the capabilities kept), the rules
 * that take part are conditions on the arguments, and conditions are diagrams (diagram.h): a rule
 * decides where its own holds and none before it does. If that is empty wherever one can stand, it
 * never decides; and if its own is, it never even holds.
 *
 * Places are few. A rule's gate changes its mind about kernels only at the versions that rules
 * name; and of all places a rule takes part in, the one with no capabilities but its own has the
 * fewest rules before it. So it is enough to stand at each version named, with each set named.
 */
#include "policy/check.h"
#include "policy/meaning.h"
#include "sandbox/base/cleanup.h"

#include <string.h>

enum { STEPS_MAX = 400000, NODES_A_STORE = 1 << 18, PLACES_MAX = 64 };

struct survey {
	struct check *check;
	struct diagrams *store;
	size_t steps;
	enum arch arch;
	int call;
	const int *rules; /* those that name the call, in the order they are asked */
	size_t count;
	diagram *own; /* what each holds for */
	bool *told;   /* and whether that can be said here */
};

static enum arch native_of(enum arch arch)
{
	switch (arch) {
	case ARCH_I386:
	case ARCH_X32:
		return ARCH_X86_64;
	case ARCH_ARM:
		return ARCH_AARCH64;
	default:
		return arch;
	}
}

/* A rule that this architecture cannot say (a constant or register it does not have) is no rule
 * there. */
static bool learn_own(struct survey *survey, size_t place, const struct rules_request *request)
{
	const struct rule *rule = &survey->check->policy->rules[survey->rules[place]];
	struct call_rules made = {};
	diagram own;

	if (rules_of_call(&made, request, rule, survey->arch, survey->call) < 0)
		return false;
	own = diagram_leaf(survey->store, made.closed ? 1 : 0);
	for (size_t i = made.count; i-- > 0;)
		own = diagram_or(survey->store, meaning_of_rule(survey->store, &made.rules[i]),
		                 own);
	survey->own[place] = own;
	return true;
}

static void learn_all(struct survey *survey)
{
	struct error ignored = {};
	const struct rules_request request = { survey->check->arena,
		                               survey->check->policy,
		                               native_of(survey->arch),
		                               0,
		                               UINT64_MAX,
		                               true,
		                               &ignored };

	survey->steps += survey->count;
	if (survey->steps > STEPS_MAX)
		survey->check->gave_up = true;
	for (size_t i = 0; i < survey->count && !survey->check->gave_up; i++) {
		uint32_t arches = survey->check->policy->rules[survey->rules[i]].gate.arches;

		survey->told[i] = learn_own(survey, i, &request);
		if (survey->told[i] && survey->own[i] != diagram_leaf(survey->store, 0) &&
		    (arches == 0 || (arches & 1u << survey->arch) != 0))
			survey->check->matches[survey->rules[i]] = true;
	}
}

/* One place to stand: who decides there, and what is open. */
static diagram stand(struct survey *survey, const struct rules_request *request)
{
	struct check *check = survey->check;
	struct diagrams *store = survey->store;
	const diagram none = diagram_leaf(store, 0), all = diagram_leaf(store, 1);
	diagram covered = none, open = none;

	for (size_t i = 0; i < survey->count && covered != all; i++) {
		const struct rule *rule = &check->policy->rules[survey->rules[i]];
		diagram fresh;

		survey->steps++;
		if (!survey->told[i] || !rule_takes_part(rule, request, survey->arch))
			continue;
		/* this way round costs what is in the rule, not what is covered */
		fresh = diagram_choose(store, covered, none, survey->own[i]);
		if (fresh == none)
			continue;
		check->decides[survey->rules[i]] = true;
		covered = diagram_or(store, covered, fresh);
		if (rule_opens(rule))
			open = diagram_or(store, open, fresh);
	}
	if (check->policy->fallback.kind <= DECISION_LOG)
		open = diagram_or(store, open, diagram_not(store, covered));
	return open;
}

/* ---- places ---- */

struct places {
	uint32_t kernels[PLACES_MAX];
	size_t kernel_count;
	uint64_t capabilities[PLACES_MAX];
	size_t capability_count;
	bool full;
};

static void add_kernel(struct places *places, uint32_t kernel)
{
	for (size_t i = 0; i < places->kernel_count; i++)
		if (places->kernels[i] == kernel)
			return;
	if (places->kernel_count == PLACES_MAX)
		places->full = true;
	else
		places->kernels[places->kernel_count++] = kernel;
}

static void add_capabilities(struct places *places, uint64_t capabilities)
{
	for (size_t i = 0; i < places->capability_count; i++)
		if (places->capabilities[i] == capabilities)
			return;
	if (places->capability_count == PLACES_MAX)
		places->full = true;
	else
		places->capabilities[places->capability_count++] = capabilities;
}

static const struct rule_gate *gate_of(const struct survey *survey, size_t place)
{
	return &survey->check->policy->rules[survey->rules[place]].gate;
}

/* What ends others' parts (Docker's `excludes`) leaves a rule more than having no capabilities. */
static void find_places(struct places *places, const struct survey *survey)
{
	uint64_t ending = 0;

	add_kernel(places, 0);
	add_capabilities(places, 0);
	for (size_t i = 0; i < survey->count; i++)
		ending |= gate_of(survey, i)->capability_not;
	for (size_t i = 0; i < survey->count; i++) {
		const struct rule_gate *gate = gate_of(survey, i);

		add_kernel(places, gate->kernel_from);
		add_kernel(places, gate->kernel_below);
		add_capabilities(places, gate->capabilities);
		add_capabilities(places, gate->capabilities | (ending & ~gate->capability_not));
	}
	add_capabilities(places, survey->check->policy->capabilities); /* for what is open */
}

static void survey_call(struct survey *survey)
{
	struct places places = {};
	struct check *check = survey->check;
	struct rules_request request = { check->arena, check->policy, native_of(survey->arch), 0, 0,
		                         true,         NULL };
	diagram open = diagram_leaf(survey->store, 0), here;

	find_places(&places, survey);
	if (places.full)
		check->gave_up = true;
	learn_all(survey);
	for (size_t i = 0; i < places.kernel_count && !check->gave_up; i++) {
		for (size_t j = 0; j < places.capability_count; j++) {
			request.kernel = places.kernels[i];
			request.capabilities = places.capabilities[j];
			here = stand(survey, &request);
			if (request.capabilities == check->policy->capabilities)
				open = diagram_or(survey->store, open, here);
		}
		if (survey->steps > STEPS_MAX)
			check->gave_up = true;
	}
	check_learn_twins(check, survey->call, survey->arch, survey->store, open);
	check->open[survey->call][survey->arch] =
	        open == diagram_leaf(survey->store, 0)   ? OPEN_TO_NONE
	        : open == diagram_leaf(survey->store, 1) ? OPEN_TO_ALL
	                                                 : OPEN_TO_SOME;
}

/* ---- all calls ---- */

struct call_index {
	int *rules;
	size_t count;
};

/* The rules that name each call. Of Docker's form the plain ones go first, as libseccomp has it. */
static struct call_index *index_rules(struct arena *arena, const struct policy *policy)
{
	struct call_index *index = arena_array(arena, syscall_count(), sizeof *index);

	for (size_t i = 0; i < policy->rule_count; i++)
		for (size_t j = 0; j < policy->rules[i].call_count; j++)
			index[policy->rules[i].calls[j]].count++;
	for (size_t id = 0; id < syscall_count(); id++) {
		index[id].rules = arena_array(arena, index[id].count, sizeof(int));
		index[id].count = 0;
	}
	for (int pass = policy->dialect ? 0 : 1; pass < 2; pass++) {
		for (size_t i = 0; i < policy->rule_count; i++) {
			const struct rule *rule = &policy->rules[i];

			if (policy->dialect && (pass == 0) != (rule->condition_count == 0))
				continue;
			for (size_t j = 0; j < rule->call_count; j++) {
				struct call_index *one = &index[rule->calls[j]];

				one->rules[one->count++] = (int)i;
			}
		}
	}
	return index;
}

static void survey_arch(struct survey *survey, const struct call_index *index)
{
	struct check *check = survey->check;
	struct error full = {};

	for (size_t id = 0; id < syscall_count() && !check->gave_up; id++) {
		if (syscall_number(survey->arch, (int)id) < 0)
			continue;
		if (diagrams_count(survey->store) > NODES_A_STORE / 2) {
			diagrams_free(survey->store);
			survey->store = diagrams_new(NODES_A_STORE);
		}
		survey->call = (int)id;
		survey->rules = index[id].rules;
		survey->count = index[id].count;
		survey_call(survey);
		if (diagrams_check(survey->store, &full) < 0)
			check->gave_up = true;
	}
}

void check_survey(struct check *check)
{
	size_t room = check->policy->rule_count + 1;
	const struct call_index *index = index_rules(check->arena, check->policy);
	struct survey survey = {
		.check = check,
		.store = diagrams_new(NODES_A_STORE),
		.own = arena_array(check->arena, room, sizeof(diagram)),
		.told = arena_array(check->arena, room, sizeof(bool)),
	};

	for (unsigned arch = 0; arch < ARCH_COUNT && !check->gave_up; arch++) {
		survey.arch = arch;
		survey_arch(&survey, index);
	}
	diagrams_free(survey.store);
}

/* ---- saying so ---- */

/* In words, where one condition alone can be blamed. */
static const char *why_no_value(const struct check *check, const struct rule *rule)
{
	const struct rule_condition *conditions = rule->conditions;
	bool one_argument = true;
	uint64_t value;

	if (rule->condition_count == 0)
		return "none of the named architectures has this call";
	for (size_t i = 0; i < rule->condition_count; i++) {
		if (conditions[i].operator== CONDITION_BELOW &&
		    operand_value(&value, ARCH_X86_64, conditions[i].values) &&
		    value == 0)
			return "nothing is below 0";
		one_argument =
		        one_argument && strcmp(conditions[i].argument, conditions[0].argument) == 0;
	}
	if (rule->condition_count == 1 && conditions[0].operator== CONDITION_MASKED)
		return "the value has bits outside of the mask";
	if (one_argument)
		return arena_printf(check->arena,
		                    "no value of '%s' satisfies all of its conditions",
		                    conditions[0].argument);
	return "no arguments satisfy all of its conditions";
}

static void say_never(const struct check *check, const struct rule *rule)
{
	bool kernels =
	        rule->gate.kernel_below == 0 || rule->gate.kernel_from < rule->gate.kernel_below;

	check_warn(check, rule->written, "this can never match: %s",
	           kernels ? why_no_value(check, rule) : "no kernel is in this range");
}

static bool names(const struct rule *rule, int call)
{
	for (size_t i = 0; i < rule->call_count; i++)
		if (rule->calls[i] == call)
			return true;
	return false;
}

/* The one rule that decides all of it, or the last of several that do together. */
static const struct rule *find_cover(const struct check *check, size_t index, bool *alone)
{
	const struct rule *rule = &check->policy->rules[index], *last = NULL;
	size_t count = 0;

	*alone = false;
	for (size_t i = 0; i < index && !*alone; i++) {
		const struct rule *other = &check->policy->rules[i];

		if (!names(other, rule->calls[0]))
			continue;
		last = other;
		count++;
		*alone = rule_is_plain(other);
	}
	*alone = *alone || count == 1;
	return last;
}

static void say_shadowed(const struct check *check, size_t index)
{
	const struct rule *rule = &check->policy->rules[index];
	const char *what =
	        rule->call_count == 1 ? syscall_name(rule->calls[0]) : "all of these calls";
	bool alone;
	const struct rule *cover = find_cover(check, index, &alone);
	unsigned line;

	if (cover == NULL || !check_is_own(check, cover)) {
		check_warn(check, rule->written, "this never decides: others do before it");
		return;
	}
	line = value_position(cover->written, check->source->text, check->source->length, false)
	               .line;
	if (!alone)
		check_warn(check, rule->written,
		           "this never decides: the rules before it, up to line %u, decide %s",
		           line, what);
	else
		check_warn(check, rule->written,
		           "this never decides: the rule at line %u already %s %s", line,
		           rule_opens(cover) ? "allows" : "denies", what);
}

void check_idle(const struct check *check, size_t index)
{
	const struct rule_gate *gate = &check->policy->rules[index].gate;
	bool kernels = gate->kernel_below == 0 || gate->kernel_from < gate->kernel_below;

	if (check->gave_up)
		return;
	if (!check->matches[index] || !kernels)
		say_never(check, &check->policy->rules[index]);
	else if (!check->decides[index])
		say_shadowed(check, index);
}
