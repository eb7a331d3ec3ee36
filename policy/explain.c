#include "policy/explain.h"

#include "policy/cases.h"
#include "policy/meaning.h"
#include "policy/need.h"
#include "sandbox/base/cleanup.h"

#include <string.h>

const char *explain_layer_name(enum explain_layer layer)
{
	static const char *const names[] = {
		[EXPLAIN_SECCOMP] = "seccomp",   [EXPLAIN_CAPABILITY] = "capability",
		[EXPLAIN_MASK] = "mask",         [EXPLAIN_ROOT] = "root",
		[EXPLAIN_LANDLOCK] = "Landlock",
	};

	_Static_assert(ARRAY_SIZE(names) == EXPLAIN_LAYERS, "a name a layer");
	return names[layer];
}

void explain_add(const struct explaining *explaining, struct explain_row row)
{
	struct explanation *into = explaining->into;

	if (into->count == into->room) {
		size_t room = into->room == 0 ? 16 : into->room * 2;
		struct explain_row *rows = arena_array(explaining->arena, room, sizeof *rows);

		if (into->count > 0)
			memcpy(rows, into->rows, into->count * sizeof *rows);
		into->rows = rows;
		into->room = room;
	}
	into->rows[into->count++] = row;
}

/* ---- the filter ---- */

static struct call_sample example_of(const struct explaining *explaining,
                                     const struct deciding *deciding, const struct call_case *one)
{
	const struct question *question = explaining->question;
	struct call_sample sample = {};
	uint32_t bit = question->arch == ARCH_X32 ? 0x40000000 : 0;

	diagram_example(deciding->store, one->where, &sample);
	sample.audit = arch_audit(question->arch);
	sample.number = (uint32_t)syscall_number(question->arch, question->call) | bit;
	return sample;
}

static void add_case(const struct explaining *explaining, const struct deciding *deciding,
                     const struct call_case *one, bool partly)
{
	const struct question *question = explaining->question;

	explain_add(explaining,
	            (struct explain_row){
	                    .layer = EXPLAIN_SECCOMP,
	                    .verdict = case_permits(one) ? EXPLAIN_ALLOWS : EXPLAIN_DENIES,
	                    .partly = partly,
	                    .text = case_words(deciding, question->arch, question->call, one),
	                    .place = case_place(deciding, one),
	                    .has_example = partly,
	                    .example = example_of(explaining, deciding, one),
	            });
}

static diagram asked_of(const struct deciding *deciding, const struct question *question)
{
	diagram asked = diagram_leaf(deciding->store, 1);

	for (size_t i = 0; i < question->known_count; i++)
		asked = diagram_and(deciding->store, asked,
		                    meaning_of_condition(deciding->store, &question->known[i]));
	return asked;
}

/* ---- rules that do not take part ---- */

static bool names_call(const struct rule *rule, int call)
{
	for (size_t i = 0; i < rule->call_count; i++)
		if (rule->calls[i] == call)
			return true;
	return false;
}

static void append_capabilities(struct text *text, uint64_t set)
{
	for (unsigned i = 0; capability_name(i) != NULL; i++)
		if ((set >> i & 1) != 0)
			text_printf(text, " %s", capability_name(i));
}

/* What would let a rule take part; false where only another machine would. */
static bool missing(struct text *text, const struct rule_gate *gate,
                    const struct rules_request *request)
{
	uint64_t wanted = gate->capabilities & ~request->capabilities;
	const struct rule rule = { .gate = { .arches = gate->arches,
		                             .natives = gate->natives,
		                             .not_natives = gate->not_natives } };

	if (!rule_takes_part(&rule, request, request->native))
		return false;
	if (wanted != 0) {
		text_append(text, "a rule would allow it with the capability");
		append_capabilities(text, wanted);
		return true;
	}
	if (request->kernel < gate->kernel_from) {
		text_printf(text, "a rule allows it from Linux %u.%u on", gate->kernel_from >> 16,
		            gate->kernel_from & 0xffff);
		return true;
	}
	if (gate->kernel_below != 0 && request->kernel >= gate->kernel_below) {
		text_printf(text, "a rule allowed it before Linux %u.%u", gate->kernel_below >> 16,
		            gate->kernel_below & 0xffff);
		return true;
	}
	return false;
}

static void add_closed_rules(const struct explaining *explaining,
                             const struct rules_request *request)
{
	const struct policy *policy = explaining->policy;

	for (size_t i = 0; i < policy->rule_count; i++) {
		const struct rule *rule = &policy->rules[i];
		_cleanup_text struct text text = {};

		if (!rule_opens(rule) || !names_call(rule, explaining->question->call) ||
		    rule_takes_part(rule, request, explaining->question->arch) ||
		    !missing(&text, &rule->gate, request))
			continue;
		explain_add(explaining,
		            (struct explain_row){
		                    .layer = EXPLAIN_SECCOMP,
		                    .verdict = EXPLAIN_NOTES,
		                    .text = arena_strdup(explaining->arena, text_string(&text)),
		                    .place = place_of_rule(explaining->arena, rule),
		            });
	}
}

static int explain_filter(const struct explaining *explaining, const struct rules_request *request)
{
	_cleanup_deciding struct deciding deciding = {};
	const struct question *question = explaining->question;
	struct call_cases cases;
	bool denied = false;

	if (deciding_init(&deciding, request) < 0)
		return -1;
	cases = call_cases(&deciding, question->arch, question->call,
	                   asked_of(&deciding, question));
	if (diagrams_check(deciding.store, request->err) < 0)
		return -1;
	for (size_t i = 0; i < cases.count; i++) {
		add_case(explaining, &deciding, &cases.rows[i], cases.count > 1);
		denied |= !case_permits(&cases.rows[i]);
	}
	if (denied)
		add_closed_rules(explaining, request);
	return 0;
}

/* ---- the answer ---- */

/* Denied where one wall denies all that was asked; allowed where none denies any of it. */
static enum explain_answer answer_of(const struct explanation *explanation)
{
	bool denies[EXPLAIN_LAYERS] = {}, allows[EXPLAIN_LAYERS] = {};
	enum explain_answer answer = EXPLAIN_ALLOWED;

	for (size_t i = 0; i < explanation->count; i++) {
		const struct explain_row *row = &explanation->rows[i];

		denies[row->layer] |= row->verdict == EXPLAIN_DENIES;
		allows[row->layer] |= row->verdict == EXPLAIN_ALLOWS;
	}
	for (unsigned i = 0; i < EXPLAIN_LAYERS; i++) {
		if (denies[i] && !allows[i])
			return EXPLAIN_DENIED;
		if (denies[i])
			answer = EXPLAIN_DEPENDS;
	}
	return answer;
}

/* ---- capabilities ---- */

static void add_need(const struct explaining *explaining, const struct need *need, bool kept)
{
	const char *form = !kept         ? "%s is not kept, and without it this does nothing"
	                   : need->alone ? "%s is kept"
	                                 : "%s is kept, which some uses want";

	explain_add(explaining,
	            (struct explain_row){
	                    .layer = EXPLAIN_CAPABILITY,
	                    .verdict = kept ? EXPLAIN_ALLOWS : EXPLAIN_DENIES,
	                    .text = arena_printf(explaining->arena, form, need->capability),
	                    .place =
	                            place_of_member(explaining->arena, explaining->policy,
	                                            "capabilities", kept ? need->capability : NULL),
	            });
}

/* What some uses of the call want, and all of them where a new user namespace would bring it. */
static void note_needs(const struct explaining *explaining, const struct text *names)
{
	const char *form =
	        explaining->settled->user_namespaces
	                ? "not kept, but a new user namespace brings it over what is new "
	                  "there:%s"
	                : "not kept, so that what wants it is refused:%s";

	explain_add(explaining,
	            (struct explain_row){
	                    .layer = EXPLAIN_CAPABILITY,
	                    .verdict = EXPLAIN_NOTES,
	                    .text = arena_printf(explaining->arena, form, text_string(names)),
	                    .place = place_of_member(explaining->arena, explaining->policy,
	                                             "capabilities", NULL),
	            });
}

static void explain_capabilities(const struct explaining *explaining)
{
	_cleanup_text struct text soft = {};
	const struct need *need;

	for (size_t i = 0; (need = need_at(i)) != NULL; i++) {
		bool kept = (explaining->settled->capabilities & need_bit(need)) != 0;

		if (!need_is_of(need, explaining->question->call))
			continue;
		if (kept || (need->alone && !explaining->settled->user_namespaces))
			add_need(explaining, need, kept);
		else
			text_printf(&soft, "%s %s", soft.length > 0 ? "," : "", need->capability);
	}
	if (soft.length > 0 && answer_of(explaining->into) != EXPLAIN_DENIED)
		note_needs(explaining, &soft);
}

int policy_explain(struct explanation *ret, struct arena *arena, const struct policy *policy,
                   uint32_t kernel, const struct question *question, struct error *err)
{
	struct plan_strings taken = {};
	struct explanation found = {};
	struct policy settled;
	struct rules_request request = { arena, policy, question->native, kernel, 0, false, err };
	const struct explaining explaining = { &found, arena, policy, &settled, question };

	policy_settle_sets(&settled, &taken, arena, policy);
	request.capabilities = settled.capabilities;
	request.user_namespaces = settled.user_namespaces;
	if (explain_filter(&explaining, &request) < 0)
		return -1;
	explain_capabilities(&explaining);
	explain_walls(&explaining);
	found.answer = answer_of(&found);
	*ret = found;
	return 0;
}
