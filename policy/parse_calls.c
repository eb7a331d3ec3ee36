/*
 * parse_calls: "syscalls" of a profile.
 *
 * An entry of "allow" or "deny" is a name, a group ("@network"), or an object: a rule on "call"
 * with "when" and "decision", or a part that stands only while a capability is kept, on an
 * architecture or a kernel. "rules" is
 * asked first, in its order, then "deny", then "allow": the first match decides.
 */
#include "policy/parse.h"
#include "sandbox/base/cleanup.h"

#include <string.h>

enum { PART_NESTING_MAX = 4 };

enum list_kind {
	LIST_RULES, /* any decision, asked first, in order */
	LIST_DENY,
	LIST_ALLOW,
	LIST_KINDS,
};

static const char *const list_names[LIST_KINDS] = {
	[LIST_RULES] = "rules",
	[LIST_DENY] = "deny",
	[LIST_ALLOW] = "allow",
};

/* One list being read. */
struct call_list {
	enum list_kind kind;
	struct rule *rules;
	size_t count;
	size_t capacity;
	struct rule_gate gate;
	unsigned depth;
};

static struct rule *new_rule(struct parser *parser, struct call_list *list,
                             const struct value *value)
{
	struct rule *rule;

	if (list->count == list->capacity) {
		size_t capacity = list->capacity == 0 ? 16 : list->capacity * 2;
		struct rule *rules = arena_array(parser->arena, capacity, sizeof *rules);

		if (list->count > 0)
			memcpy(rules, list->rules, list->count * sizeof *rules);
		list->rules = rules;
		list->capacity = capacity;
	}
	rule = &list->rules[list->count++];
	*rule = (struct rule){
		.gate = list->gate,
		.decision = { list->kind == LIST_DENY ? DECISION_ERRNO : DECISION_ALLOW, 0 },
		.by_default = list->kind == LIST_DENY,
		.written = value,
		.source = parser->source,
	};
	return rule;
}

static int unknown_call(struct parser *parser, const struct value *value, const char *name)
{
	bool group = name[0] == '@';

	parse_complain(parser, value, "there is no %s '%s'", group ? "group" : "system call", name);
	return parse_suggest(parser,
	                     group ? parse_group_nearest(parser, name) : syscall_nearest(name));
}

int parse_word(struct parser *parser, const struct value *value, const int **calls, size_t *count)
{
	int *single;

	if (value->length > 0 && value->string[0] == '@') {
		const int *group = parse_group(parser, value->string);

		if (group == NULL)
			return unknown_call(parser, value, value->string);
		*calls = group;
		for (*count = 0; group[*count] != SYSCALL_UNKNOWN;)
			(*count)++;
		return 0;
	}
	single = arena_array(parser->arena, 1, sizeof *single);
	*single = syscall_find(value->string);
	if (*single == SYSCALL_UNKNOWN)
		return unknown_call(parser, value, value->string);
	*calls = single;
	*count = 1;
	return 0;
}

int parse_calls_of_rule(struct parser *parser, const struct value *value, struct rule *rule)
{
	const int *calls;
	size_t count, room = 0;
	int *all;

	if (value->kind == VALUE_STRING)
		return parse_word(parser, value, &rule->calls, &rule->call_count);
	for (size_t i = 0; i < value->count; i++) {
		if (parse_expect(parser, value->items[i], TAKES_STRING,
		                 "the name of a call or a group") < 0 ||
		    parse_word(parser, value->items[i], &calls, &count) < 0)
			return -1;
		room += count;
	}
	if (room == 0)
		return parse_complain(parser, value, "an empty list of calls");
	all = arena_array(parser->arena, room, sizeof *all);
	for (size_t i = 0; i < value->count; i++) {
		if (parse_word(parser, value->items[i], &calls, &count) < 0)
			return -1;
		memcpy(all + rule->call_count, calls, count * sizeof *all);
		rule->call_count += count;
	}
	rule->calls = all;
	return 0;
}

static int parse_call(struct parser *parser, const struct value *value, void *into)
{
	return parse_calls_of_rule(parser, value, into);
}

static int parse_when_later(struct parser *parser, const struct value *value, void *into)
{
	(void)parser, (void)value, (void)into;
	return 0; /* read once the calls are known, whatever the order of the keys */
}

static int parse_rule_decision(struct parser *parser, const struct value *value, void *into)
{
	struct rule *rule = into;

	rule->by_default = false;
	return parse_decision(parser, value, &rule->decision);
}

static int check_decision(struct parser *parser, const struct value *value, enum list_kind kind,
                          const struct rule *rule)
{
	bool opens = rule->decision.kind == DECISION_ALLOW || rule->decision.kind == DECISION_LOG;

	if (value == NULL && kind == LIST_RULES)
		return parse_complain(parser, rule->written,
		                      "an entry of \"rules\" needs the key \"decision\"");
	if (kind == LIST_DENY && opens)
		return parse_complain(parser, value, "a rule in \"deny\" cannot allow");
	if (kind == LIST_ALLOW && !opens)
		return parse_complain(parser, value,
		                      "a rule in \"allow\" cannot deny; put it "
		                      "into \"deny\"");
	return 0;
}

static int parse_rule(struct parser *parser, const struct value *value, struct call_list *list)
{
	static const struct key keys[] = {
		{ "call", TAKES_STRING | TAKES_ARRAY, parse_call, "a call, a group or a list" },
		{ "when", TAKES_OBJECT, parse_when_later, "an object of conditions" },
		{ "decision", TAKES_STRING | TAKES_OBJECT, parse_rule_decision, "a decision" },
		{ "comment", TAKES_STRING, parse_when_later, "a sentence for people" },
	};
	const struct value *when = value_get(value, "when");
	struct rule *rule = new_rule(parser, list, value);

	if (parse_members(parser, value, keys, ARRAY_SIZE(keys), rule) < 0 ||
	    check_decision(parser, value_get(value, "decision"), list->kind, rule) < 0)
		return -1;
	if (rule->calls == NULL)
		return parse_complain(parser, value, "a rule needs the key \"call\"");
	return when == NULL ? 0 : parse_when(parser, when, rule);
}

static int parse_entries(struct parser *parser, const struct value *value, void *into);

static int part_capability(struct parser *parser, const struct value *value, void *into)
{
	return parse_gate_capability(parser, value, &((struct call_list *)into)->gate);
}

static int part_arch(struct parser *parser, const struct value *value, void *into)
{
	return parse_gate_arch(parser, value, &((struct call_list *)into)->gate);
}

static int part_kernel(struct parser *parser, const struct value *value, void *into)
{
	return parse_gate_kernel(parser, value, &((struct call_list *)into)->gate);
}

/* {"capability": "SYS_ADMIN", "allow": [...]}, {"arch": "x86_64", "kernel": "6.1", "allow": [...]}:
 * the list with a narrower gate. */
static int parse_part(struct parser *parser, const struct value *value, struct call_list *list)
{
	const struct key keys[] = {
		{ "capability", TAKES_STRING, part_capability, "the name of a capability" },
		{ "arch", TAKES_STRING | TAKES_ARRAY, part_arch, "an architecture, or a list" },
		{ "kernel", TAKES_STRING | TAKES_OBJECT, part_kernel,
		  "a kernel version, or an object with at_least and below" },
		{ list_names[list->kind], TAKES_ARRAY, parse_when_later,
		  "a list of calls, groups and rules" },
		{ "comment", TAKES_STRING, parse_when_later, "a sentence for people" },
	};
	const char *entries_key = list_names[list->kind];
	const struct value *entries = value_get(value, entries_key);
	struct rule_gate outer = list->gate;
	int result;

	if (++list->depth > PART_NESTING_MAX)
		return parse_complain(parser, value, "parts nested too deep");
	result = parse_members(parser, value, keys, ARRAY_SIZE(keys), list);
	if (result == 0 && entries == NULL)
		result = parse_complain(parser, value, "a part needs \"%s\"", entries_key);
	if (result == 0)
		result = parse_entries(parser, entries, list);
	list->gate = outer;
	list->depth--;
	return result;
}

/* A part has a gate or a list; a rule has "call". */
static bool is_part(const struct value *value, const struct call_list *list)
{
	return value_get(value, "call") == NULL &&
	       (value_get(value, "capability") != NULL || value_get(value, "arch") != NULL ||
	        value_get(value, "kernel") != NULL ||
	        value_get(value, list_names[list->kind]) != NULL);
}

static int parse_entry(struct parser *parser, const struct value *value, struct call_list *list)
{
	struct rule *rule;

	if (parse_expect(parser, value, TAKES_STRING | TAKES_OBJECT,
	                 "the name of a call, a group (\"@base\") or a rule") < 0)
		return -1;
	if (value->kind == VALUE_OBJECT && is_part(value, list))
		return parse_part(parser, value, list);
	if (value->kind == VALUE_OBJECT)
		return parse_rule(parser, value, list);
	if (list->kind == LIST_RULES)
		return parse_complain(parser, value,
		                      "an entry of \"rules\" is an object with call and decision");
	rule = new_rule(parser, list, value);
	return parse_word(parser, value, &rule->calls, &rule->call_count);
}

static int parse_entries(struct parser *parser, const struct value *value, void *into)
{
	for (size_t i = 0; i < value->count; i++)
		if (parse_entry(parser, value->items[i], into) < 0)
			return -1;
	return 0;
}

/* ---- the section ---- */

struct calls_section {
	struct call_list lists[LIST_KINDS];
};

static int parse_default(struct parser *parser, const struct value *value, void *into)
{
	(void)into;
	parse_said(parser, SETTING_DEFAULT);
	return parse_decision(parser, value, &parser->policy->fallback);
}

static int parse_unknown(struct parser *parser, const struct value *value, void *into)
{
	(void)into;
	parse_said(parser, SETTING_UNKNOWN);
	return parse_decision(parser, value, &parser->policy->unknown);
}

static int parse_architectures(struct parser *parser, const struct value *value, void *into)
{
	(void)into;
	parse_said(parser, SETTING_ARCHITECTURES);
	for (size_t i = 0; i < value->count; i++)
		if (parse_arch(parser, value->items[i], &parser->policy->arches) < 0)
			return -1;
	return 0;
}

static int parse_list(struct parser *parser, const struct value *value, void *into)
{
	struct calls_section *section = into;

	for (unsigned kind = 0; kind < LIST_KINDS; kind++)
		if (strcmp(value->key, list_names[kind]) == 0)
			return parse_entries(parser, value, &section->lists[kind]);
	return -1;
}

int parse_syscalls(struct parser *parser, const struct value *value, void *into)
{
	static const struct key keys[] = {
		{ "default", TAKES_STRING | TAKES_OBJECT, parse_default, "a decision" },
		{ "unknown", TAKES_STRING | TAKES_OBJECT, parse_unknown, "a decision" },
		{ "architectures", TAKES_ARRAY, parse_architectures, "a list of architectures" },
		{ "rules", TAKES_ARRAY, parse_list, "a list of rules" },
		{ "allow", TAKES_ARRAY, parse_list, "a list of calls, groups and rules" },
		{ "deny", TAKES_ARRAY, parse_list, "a list of calls, groups and rules" },
	};
	struct calls_section section = {};
	struct policy *policy = into;
	size_t room = 0;
	struct rule *rules;

	for (unsigned kind = 0; kind < LIST_KINDS; kind++)
		section.lists[kind].kind = kind;
	if (parse_members(parser, value, keys, ARRAY_SIZE(keys), &section) < 0)
		return -1;
	for (unsigned kind = 0; kind < LIST_KINDS; kind++)
		room += section.lists[kind].count;
	rules = arena_array(parser->arena, room, sizeof *rules);
	policy->rules = rules;
	for (unsigned kind = 0; kind < LIST_KINDS; kind++) {
		const struct call_list *list = &section.lists[kind];

		if (list->count > 0)
			memcpy(rules + policy->rule_count, list->rules,
			       list->count * sizeof *rules);
		policy->rule_count += list->count;
	}
	parse_said(parser, SETTING_CALLS);
	return 0;
}
