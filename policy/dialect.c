/*
 * dialect: Docker's seccomp JSON, read as Docker and runc read it.
 *
 * Docker (moby, profiles/seccomp): an entry takes part if all of `includes` and none of `excludes`
 * holds for the native architecture, the kernel and the kept capabilities; `archMap` names the
 * architectures the filter is for. runc: an entry whose action is the default's is left out; two
 * conditions on one argument index are alternatives; all 64 bits are compared; a denial without
 * errnoRet answers EPERM; numbers above the highest call the file names answer ENOSYS. libseccomp:
 * a rule without conditions goes before every rule with them.
 *
 * Quirk kept: names the tables do not know are left out in silence, as libseccomp does (files name
 * calls of other architectures and of kernels to come); policy_check says which.
 */
#include "policy/parse.h"
#include "sandbox/base/cleanup.h"

#include <string.h>

enum { ARGUMENTS_MAX = 6, ERRNO_MAX = 4095 };

struct dialect {
	struct rule *rules;
	size_t count;
	uint16_t default_errno;
};

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
	return parse_complain(parser, value, "there is no action '%s'", value->string);
}

static int parse_number(struct parser *parser, const struct value *value, uint64_t max,
                        uint64_t *ret)
{
	if (value == NULL || value->kind == VALUE_NULL)
		return 0;
	if (parse_expect(parser, value, TAKES_INTEGER, "a number") < 0)
		return -1;
	/* A 64-bit mask with its top bit set does not fit JSON's integers here; negative is it. */
	if (max != UINT64_MAX && (value->integer < 0 || (uint64_t)value->integer > max))
		return parse_complain(parser, value, "a number of 0 to %llu is wanted",
		                      (unsigned long long)max);
	*ret = (uint64_t)value->integer;
	return 0;
}

/* A list that may be missing or null, as Go writes it. */
static int each(struct parser *parser, const struct value *list, void *into,
                int (*item)(struct parser *, const struct value *, void *))
{
	if (list == NULL || list->kind == VALUE_NULL)
		return 0;
	if (parse_expect(parser, list, TAKES_ARRAY, "a list") < 0)
		return -1;
	for (size_t i = 0; i < list->count; i++)
		if (item(parser, list->items[i], into) < 0)
			return -1;
	return 0;
}

static bool is_filled(const struct value *list)
{
	return list != NULL && list->kind == VALUE_ARRAY && list->count > 0;
}

/* moby and containers/common both refuse a file that says it in the old and in the new way. */
static int refuse_both(struct parser *parser, const struct value *in, const char *const keys[2])
{
	if (is_filled(value_get(in, keys[1])))
		return parse_complain(parser, value_get(in, keys[0]),
		                      "\"%s\" and \"%s\" may not both be given", keys[0], keys[1]);
	return 0;
}

/* ---- includes, excludes ---- */

static int gate_arch(struct parser *parser, const struct value *value, void *into)
{
	static const struct {
		const char *name;
		enum arch arch;
	} natives[] = {
		{ "amd64", ARCH_X86_64 },    { "386", ARCH_I386 },    { "x86", ARCH_I386 },
		{ "arm64", ARCH_AARCH64 },   { "arm", ARCH_ARM },     { "riscv64", ARCH_RISCV64 },
		{ "ppc64le", ARCH_PPC64LE }, { "s390x", ARCH_S390X }, { "x32", ARCH_X32 },
	};

	if (parse_expect(parser, value, TAKES_STRING, "the name of an architecture") < 0)
		return -1;
	/* Docker compares with Go's name of the native one: "x86_64" is none. The bit keeps a list
	 * of others non-empty. */
	for (size_t i = 0; i < ARRAY_SIZE(natives); i++)
		if (strcmp(natives[i].name, value->string) == 0) {
			*(uint32_t *)into |= 1u << natives[i].arch;
			return 0;
		}
	*(uint32_t *)into |= 1u << 31;
	return 0;
}

static int gate_capability(struct parser *parser, const struct value *value, void *into)
{
	uint64_t one;

	if (parse_capability(parser, value, &one) < 0)
		return -1;
	*(uint64_t *)into |= one;
	return 0;
}

static int parse_gate(struct parser *parser, const struct value *entry, struct rule_gate *gate)
{
	const struct value *includes = value_get(entry, "includes");
	const struct value *excludes = value_get(entry, "excludes");
	const struct value *from = value_get(includes, "minKernel");
	const struct value *below = value_get(excludes, "minKernel");

	if (each(parser, value_get(includes, "arches"), &gate->natives, gate_arch) < 0 ||
	    each(parser, value_get(excludes, "arches"), &gate->not_natives, gate_arch) < 0 ||
	    each(parser, value_get(includes, "caps"), &gate->capabilities, gate_capability) < 0 ||
	    each(parser, value_get(excludes, "caps"), &gate->capability_not, gate_capability) < 0)
		return -1;
	if (from != NULL && parse_kernel(parser, from, &gate->kernel_from) < 0)
		return -1;
	if (below != NULL && parse_kernel(parser, below, &gate->kernel_below) < 0)
		return -1;
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

static int parse_arg(struct parser *parser, const struct value *value, void *into)
{
	struct rule *rule = into;
	struct rule_condition *condition =
	        (struct rule_condition *)&rule->conditions[rule->condition_count];
	struct operand *operand = arena_array(parser->arena, 1, sizeof *operand);
	const struct value *op = value_get(value, "op");
	uint64_t index = 0, first = 0, second = 0;
	size_t i = 0;

	if (parse_expect(parser, value, TAKES_OBJECT, "an object with index, value and op") < 0 ||
	    parse_number(parser, value_get(value, "index"), ARGUMENTS_MAX - 1, &index) < 0 ||
	    parse_number(parser, value_get(value, "value"), UINT64_MAX, &first) < 0 ||
	    parse_number(parser, value_get(value, "valueTwo"), UINT64_MAX, &second) < 0)
		return -1;
	if (op == NULL || op->kind != VALUE_STRING)
		return parse_complain(parser, value, "a condition needs an \"op\"");
	while (i < ARRAY_SIZE(comparisons) && strcmp(comparisons[i].name, op->string) != 0)
		i++;
	if (i == ARRAY_SIZE(comparisons))
		return parse_complain(parser, op, "there is no comparison '%s'", op->string);
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
	const struct value *names = value_get(value, "names"), *name = value_get(value, "name");
	const struct value *args = value_get(value, "args");
	const struct value *action = value_get(value, "action");
	uint64_t number = dialect->default_errno;

	*rule = (struct rule){ .dialect = true, .written = value, .source = parser->source };
	if (parse_expect(parser, value, TAKES_OBJECT, "an object with names and action") < 0)
		return -1;
	if (action == NULL)
		return parse_complain(parser, value, "the key \"action\" is missing");
	rule->calls = arena_array(parser->arena, (names == NULL ? 0 : names->count) + 1,
	                          sizeof *rule->calls);
	rule->conditions = arena_array(parser->arena, args == NULL ? 0 : args->count,
	                               sizeof *rule->conditions);
	if ((name != NULL && name->kind != VALUE_NULL && add_name(parser, name, rule) < 0) ||
	    each(parser, names, rule, add_name) < 0 || each(parser, args, rule, parse_arg) < 0 ||
	    parse_gate(parser, value, &rule->gate) < 0)
		return -1;
	if (parse_number(parser, value_get(value, "errnoRet"), ERRNO_MAX, &number) < 0 ||
	    parse_action(parser, action, (uint16_t)number, &rule->decision) < 0)
		return -1;
	if (name != NULL && name->kind == VALUE_STRING && name->length > 0 &&
	    refuse_both(parser, value, (const char *const[]){ "name", "names" }) < 0)
		return -1;
	mark_alternatives((struct rule_condition *)rule->conditions, rule->condition_count);
	if (rule->decision.kind != parser->policy->fallback.kind ||
	    rule->decision.data != parser->policy->fallback.data)
		dialect->count++;
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

/* What a line opens if its architecture is the native one. The union of all lines is enough then:
 * one that belongs to another native cannot be asked. */
static int add_map(struct parser *parser, const struct value *value, void *into)
{
	static const uint32_t families[ARCH_COUNT] = {
		[ARCH_X86_64] = 1u << ARCH_I386 | 1u << ARCH_X32,
		[ARCH_AARCH64] = 1u << ARCH_ARM,
	};
	const struct value *name = value_get(value, "architecture");
	uint32_t before = parser->policy->arches, family = 0;
	enum arch arch;

	if (parse_expect(parser, value, TAKES_OBJECT, "an object with architecture") < 0 ||
	    each(parser, value_get(value, "subArchitectures"), into, add_arch) < 0)
		return -1;
	if (name != NULL && name->kind == VALUE_STRING && arch_from_name(&arch, name->string))
		family = families[arch];
	parser->policy->arches = before | (parser->policy->arches & family);
	return 0;
}

int parse_dialect(struct parser *parser, const struct value *root)
{
	const struct value *calls = value_get(root, "syscalls");
	struct policy *policy = parser->policy;
	struct dialect dialect = {};
	uint64_t number = EPERM;

	if (parse_number(parser, value_get(root, "defaultErrnoRet"), ERRNO_MAX, &number) < 0 ||
	    parse_action(parser, value_get(root, "defaultAction"), (uint16_t)number,
	                 &policy->fallback) < 0)
		return -1;
	if (value_get(root, "listenerPath") != NULL)
		return parse_complain(parser, value_get(root, "listenerPath"),
		                      "a listener is for a later version of cordon");
	dialect.default_errno = EPERM;
	dialect.rules =
	        arena_array(parser->arena, calls == NULL ? 0 : calls->count, sizeof *dialect.rules);
	if (each(parser, value_get(root, "architectures"), NULL, add_arch) < 0 ||
	    each(parser, value_get(root, "archMap"), NULL, add_map) < 0 ||
	    each(parser, calls, &dialect, parse_entry) < 0)
		return -1;
	if (is_filled(value_get(root, "architectures")) &&
	    refuse_both(parser, root, (const char *const[]){ "architectures", "archMap" }) < 0)
		return -1;
	policy->dialect = true;
	policy->user_namespaces = true; /* what the file allows, it allows */
	policy->rules = dialect.rules;
	policy->rule_count = dialect.count;
	if (policy->fallback.kind == DECISION_ALLOW)
		policy->unknown = policy->fallback;
	parse_said(parser, SETTING_CALLS);
	parse_said(parser, SETTING_DEFAULT);
	parse_said(parser, SETTING_UNKNOWN);
	parse_said(parser, SETTING_ARCHITECTURES);
	return 0;
}
