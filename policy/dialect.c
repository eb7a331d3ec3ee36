/*
 * dialect: Docker's seccomp JSON, read as Docker and runc read it.
 *
 * Docker (moby, profiles/seccomp): an entry takes part if all of `includes` and none of `excludes`
 * holds for the native architecture, the kernel and the kept capabilities; `archMap` names the
 * architectures the filter is for. runc: an entry whose action is the default's is left out; two
 * conditions on one argument index are alternatives; all 64 bits are compared; a denial without
 * errnoRet answers EPERM; numbers above the highest call the file names answer ENOSYS, and an entry
 * that is left out names its calls, too. libseccomp:
 * a rule without conditions goes before every rule with them.
 *
 * Quirk kept: names the tables do not know are left out in silence, as libseccomp does (files name
 * calls of other architectures and of kernels to come); policy_check says which.
 */
#include "policy/dialect.h"

#include "sandbox/base/cleanup.h"

#include <string.h>

enum { ARGUMENTS_MAX = 6, ERRNO_MAX = 4095 };

struct dialect {
	struct rule *rules, *idle;
	size_t count, idle_count;
	uint16_t default_errno;
	uint32_t mapped; /* architectures that archMap had a line for */
};

static const char *const root_keys[] = { "defaultAction", "defaultErrnoRet",
	                                 "defaultErrno",  "architectures",
	                                 "archMap",       "syscalls",
	                                 "listenerPath",  NULL };
static const char *const map_keys[] = { "architecture", "subArchitectures", NULL };
static const char *const entry_keys[] = { "names",    "name",     "action", "errnoRet", "errno",
	                                  "includes", "excludes", "args",   NULL };
static const char *const argument_keys[] = { "index", "value", "valueTwo", "op", NULL };

static const struct {
	const char *name;
	enum decision_kind kind;
} actions[] = {
	{ "SCMP_ACT_ALLOW", DECISION_ALLOW },
	{ "SCMP_ACT_ERRNO", DECISION_ERRNO },
	{ "SCMP_ACT_KILL", DECISION_KILL_THREAD },
	{ "SCMP_ACT_KILL_THREAD", DECISION_KILL_THREAD },
	{ "SCMP_ACT_KILL_PROCESS", DECISION_KILL_PROCESS },
	{ "SCMP_ACT_LOG", DECISION_LOG },
	{ "SCMP_ACT_TRAP", DECISION_TRAP },
	{ "SCMP_ACT_TRACE", DECISION_ERRNO },
};

static const char *nearest_action(const char *word)
{
	const char *names[ARRAY_SIZE(actions)];

	for (size_t i = 0; i < ARRAY_SIZE(actions); i++)
		names[i] = actions[i].name;
	return parse_nearest(word, names, ARRAY_SIZE(actions));
}

static int parse_action(struct parser *parser, const struct value *value, uint16_t number,
                        struct decision *ret)
{
	if (parse_expect(parser, value, TAKES_STRING, "an action as \"SCMP_ACT_ALLOW\"") < 0)
		return -1;
	for (size_t i = 0; i < ARRAY_SIZE(actions); i++) {
		if (strcmp(actions[i].name, value->string) != 0)
			continue;
		*ret = (struct decision){ actions[i].kind, 0 };
		if (strcmp(value->string, "SCMP_ACT_TRACE") == 0)
			ret->data = ENOSYS; /* what the kernel answers where nobody traces */
		else if (ret->kind == DECISION_ERRNO)
			ret->data = number;
		return 0;
	}
	if (strcmp(value->string, "SCMP_ACT_NOTIFY") == 0)
		return parse_complain(parser, value,
		                      "SCMP_ACT_NOTIFY is for a later version of cordon");
	parse_complain(parser, value, "there is no action '%s'", value->string);
	return parse_suggest(parser, nearest_action(value->string));
}

static int parse_number(struct parser *parser, const struct value *value, uint64_t max,
                        uint64_t *ret)
{
	uint64_t number;

	if (value == NULL || value->kind == VALUE_NULL)
		return 0;
	if (parse_expect(parser, value, TAKES_INTEGER | TAKES_LARGE, "a number") < 0)
		return -1;
	number = value->kind == VALUE_LARGE ? value->large : (uint64_t)value->integer;
	if ((value->kind == VALUE_INTEGER && value->integer < 0) || number > max)
		return parse_complain(parser, value, "a number of 0 to %llu is wanted",
		                      (unsigned long long)max);
	*ret = number;
	return 0;
}

/* Podman's files have the name of an errno (or its number in a string) beside the number, and the
 * name counts. */
static int parse_named_errno(struct parser *parser, const struct value *name,
                             const struct value *number, uint64_t *ret)
{
	uint16_t found;

	if (parse_number(parser, number, ERRNO_MAX, ret) < 0)
		return -1;
	if (name == NULL || name->kind == VALUE_NULL)
		return 0;
	if (parse_expect(parser, name, TAKES_STRING, "the name of an errno") < 0)
		return -1;
	if (name->length == 0 || text_to_number(ret, name->string, ERRNO_MAX))
		return 0;
	if (!errno_from_name(&found, name->string)) {
		parse_complain(parser, name, "there is no errno '%s'", name->string);
		return parse_suggest(parser, errno_nearest(name->string));
	}
	*ret = found;
	return 0;
}

static size_t length_of(const struct value *list)
{
	return list != NULL && list->kind == VALUE_ARRAY ? list->count : 0;
}

/* moby and containers/common both refuse a file that says it in the old and in the new way. */
static int refuse_both(struct parser *parser, const struct value *in, const char *const keys[2])
{
	if (length_of(value_get(in, keys[1])) > 0)
		return parse_complain(parser, value_get(in, keys[0]),
		                      "\"%s\" and \"%s\" may not both be given", keys[0], keys[1]);
	return 0;
}

/* ---- args ---- */

static const struct {
	const char *name;
	enum condition_operator operator;
} comparisons[] = {
	{ "SCMP_CMP_NE", CONDITION_NOT },           { "SCMP_CMP_LT", CONDITION_BELOW },
	{ "SCMP_CMP_LE", CONDITION_AT_MOST },       { "SCMP_CMP_EQ", CONDITION_IS },
	{ "SCMP_CMP_GE", CONDITION_AT_LEAST },      { "SCMP_CMP_GT", CONDITION_ABOVE },
	{ "SCMP_CMP_MASKED_EQ", CONDITION_MASKED },
};

static int no_comparison(struct parser *parser, const struct value *op)
{
	const char *names[ARRAY_SIZE(comparisons)];

	for (size_t i = 0; i < ARRAY_SIZE(comparisons); i++)
		names[i] = comparisons[i].name;
	parse_complain(parser, op, "there is no comparison '%s'", op->string);
	return parse_suggest(parser, parse_nearest(op->string, names, ARRAY_SIZE(comparisons)));
}

static int parse_arg(struct parser *parser, const struct value *value, void *into)
{
	struct rule *rule = into;
	struct rule_condition *condition =
	        (struct rule_condition *)&rule->conditions[rule->condition_count];
	struct operand *operand = arena_array(parser->arena, 1, sizeof *operand);
	const struct value *op;
	uint64_t index = 0, first = 0, second = 0;
	size_t i = 0;

	if (parse_expect(parser, value, TAKES_OBJECT, "an object with index, value and op") < 0 ||
	    dialect_fold(parser, value, argument_keys) < 0 ||
	    parse_number(parser, value_get(value, "index"), ARGUMENTS_MAX - 1, &index) < 0 ||
	    parse_number(parser, value_get(value, "value"), UINT64_MAX, &first) < 0 ||
	    parse_number(parser, value_get(value, "valueTwo"), UINT64_MAX, &second) < 0)
		return -1;
	op = value_get(value, "op");
	if (op == NULL || op->kind != VALUE_STRING)
		return parse_complain(parser, value, "a condition needs an \"op\"");
	while (i < ARRAY_SIZE(comparisons) && strcmp(comparisons[i].name, op->string) != 0)
		i++;
	if (i == ARRAY_SIZE(comparisons))
		return no_comparison(parser, op);
	/* libseccomp cuts the value to the mask */
	operand->number = comparisons[i].operator== CONDITION_MASKED ? second & first : first;
	*condition = (struct rule_condition){
		.argument = arena_printf(parser->arena, "arg%u", (unsigned)index),
		.operator= comparisons[i].operator,
		.values = operand,
		.count = 1,
		.mask.number = first,
		.index = (int8_t)index,
	};
	rule->condition_count++;
	return 0;
}

static void mark_alternatives(struct rule_condition *conditions, size_t count)
{
	unsigned seen = 0;
	bool twice = false;

	for (size_t i = 0; i < count; i++) {
		twice = twice || (seen & 1u << conditions[i].index) != 0;
		seen |= 1u << conditions[i].index;
	}
	for (size_t i = 0; i < count; i++)
		conditions[i].alternative = twice;
}

/* ---- syscalls ---- */

static int add_name(struct parser *parser, const struct value *value, void *into)
{
	struct rule *rule = into;
	int call;

	if (parse_expect(parser, value, TAKES_STRING, "the name of a call") < 0)
		return -1;
	call = syscall_find(value->string);
	if (call != SYSCALL_UNKNOWN)
		((int *)rule->calls)[rule->call_count++] = call;
	return 0;
}

static int parse_entry(struct parser *parser, const struct value *value, void *into)
{
	struct dialect *dialect = into;
	struct rule *rule = &dialect->rules[dialect->count];
	const struct value *names, *name, *args, *action;
	uint64_t number = dialect->default_errno;

	if (dialect_fold(parser, value, entry_keys) < 0)
		return -1;
	names = value_get(value, "names");
	name = value_get(value, "name");
	args = value_get(value, "args");
	action = value_get(value, "action");
	*rule = (struct rule){ .dialect = true, .written = value, .source = parser->source };
	if (parse_expect(parser, value, TAKES_OBJECT, "an object with names and action") < 0)
		return -1;
	if (action == NULL)
		return parse_complain(parser, value, "the key \"action\" is missing");
	rule->calls = arena_array(parser->arena, length_of(names) + 1, sizeof *rule->calls);
	rule->conditions = arena_array(parser->arena, length_of(args), sizeof *rule->conditions);
	if ((name != NULL && name->kind != VALUE_NULL && add_name(parser, name, rule) < 0) ||
	    dialect_each(parser, names, rule, add_name) < 0 ||
	    dialect_each(parser, args, rule, parse_arg) < 0 ||
	    dialect_gate(parser, value, &rule->gate) < 0)
		return -1;
	if (parse_named_errno(parser, value_get(value, "errno"), value_get(value, "errnoRet"),
	                      &number) < 0 ||
	    parse_action(parser, action, (uint16_t)number, &rule->decision) < 0)
		return -1;
	if (name != NULL && name->kind == VALUE_STRING && name->length > 0 &&
	    refuse_both(parser, value, (const char *const[]){ "name", "names" }) < 0)
		return -1;
	mark_alternatives((struct rule_condition *)rule->conditions, rule->condition_count);
	if (rule->decision.kind != parser->policy->fallback.kind ||
	    rule->decision.data != parser->policy->fallback.data)
		dialect->count++;
	else
		dialect->idle[dialect->idle_count++] = *rule;
	return 0;
}

/* ---- architectures ---- */

static int add_arch(struct parser *parser, const struct value *value, void *into)
{
	enum arch arch;

	(void)into;
	if (parse_expect(parser, value, TAKES_STRING, "the name of an architecture") < 0)
		return -1;
	if (arch_from_name(&arch, value->string)) /* MIPS and others have no table here */
		parser->policy->arches |= 1u << arch;
	return 0;
}

/* What a line opens if its architecture is the native one; the first line of an architecture
 * counts. The union of all is enough then: one that belongs to another native cannot be asked. */
static int add_map(struct parser *parser, const struct value *value, void *into)
{
	struct dialect *dialect = into;
	uint32_t before = parser->policy->arches, family = 0;
	const struct value *name;
	enum arch arch;

	if (parse_expect(parser, value, TAKES_OBJECT, "an object with architecture") < 0 ||
	    dialect_fold(parser, value, map_keys) < 0 ||
	    dialect_each(parser, value_get(value, "subArchitectures"), into, add_arch) < 0)
		return -1;
	name = value_get(value, "architecture");
	if (name != NULL && name->kind == VALUE_STRING && arch_from_name(&arch, name->string) &&
	    (dialect->mapped & 1u << arch) == 0) {
		family = arch_beside(arch);
		dialect->mapped |= 1u << arch;
	}
	parser->policy->arches = before | (parser->policy->arches & family);
	return 0;
}

int parse_dialect(struct parser *parser, const struct value *root)
{
	const struct value *calls;
	struct policy *policy = parser->policy;
	struct dialect dialect = {};
	uint64_t number = EPERM;

	if (dialect_fold(parser, root, root_keys) < 0 ||
	    parse_named_errno(parser, value_get(root, "defaultErrno"),
	                      value_get(root, "defaultErrnoRet"), &number) < 0 ||
	    parse_action(parser, value_get(root, "defaultAction"), (uint16_t)number,
	                 &policy->fallback) < 0)
		return -1;
	if (value_get(root, "listenerPath") != NULL)
		return parse_complain(parser, value_get(root, "listenerPath"),
		                      "a listener is for a later version of cordon");
	dialect.default_errno = EPERM;
	calls = value_get(root, "syscalls");
	/* one more: where the entry that is read stands before it is known which it is */
	dialect.rules = arena_array(parser->arena, length_of(calls) + 1, sizeof *dialect.rules);
	dialect.idle = arena_array(parser->arena, length_of(calls), sizeof *dialect.idle);
	if (dialect_each(parser, value_get(root, "architectures"), NULL, add_arch) < 0 ||
	    dialect_each(parser, value_get(root, "archMap"), &dialect, add_map) < 0 ||
	    dialect_each(parser, calls, &dialect, parse_entry) < 0)
		return -1;
	if (length_of(value_get(root, "architectures")) > 0 &&
	    refuse_both(parser, root, (const char *const[]){ "architectures", "archMap" }) < 0)
		return -1;
	policy->dialect = true;
	policy->user_namespaces = true; /* what the file allows, it allows */
	policy->rules = dialect.rules;
	policy->rule_count = dialect.count;
	policy->idle = dialect.idle;
	policy->idle_count = dialect.idle_count;
	if (policy->fallback.kind == DECISION_ALLOW)
		policy->unknown = policy->fallback;
	parse_said(parser, SETTING_CALLS);
	parse_said(parser, SETTING_DEFAULT);
	parse_said(parser, SETTING_UNKNOWN);
	parse_said(parser, SETTING_ARCHITECTURES);
	return 0;
}
