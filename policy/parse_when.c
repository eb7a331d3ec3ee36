/*
 * parse_when: decisions, and conditions on arguments.
 *
 * A condition names an argument as the kernel does. What the kernel reads as an int is compared on
 * its low 32 bits, because a caller may put anything into the high ones; what it reads as a pointer
 * is not compared at all, because another thread may change what it points to after the filter has
 * looked (and the number itself says nothing).
 */
#include "policy/parse.h"
#include "sandbox/base/cleanup.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static int parse_errno(struct parser *parser, const struct value *value, void *into)
{
	struct decision *decision = into;
	uint16_t number = 0;

	if (value->kind == VALUE_INTEGER && value->integer >= 1 && value->integer <= 4095)
		number = (uint16_t)value->integer;
	else if (value->kind == VALUE_INTEGER)
		return parse_complain(parser, value, "an errno is 1 to 4095");
	else if (!errno_from_name(&number, value->string)) {
		parse_complain(parser, value, "there is no errno '%s'", value->string);
		return parse_suggest(parser, errno_nearest(value->string));
	}
	*decision = (struct decision){ DECISION_ERRNO, number };
	return 0;
}

int parse_decision(struct parser *parser, const struct value *value, struct decision *ret)
{
	static const char *const names[] = { "allow", "log", "trap", "kill", "kill-thread" };
	static const enum decision_kind kinds[] = { DECISION_ALLOW, DECISION_LOG, DECISION_TRAP,
		                                    DECISION_KILL_PROCESS, DECISION_KILL_THREAD };
	static const struct key keys[] = {
		{ "errno", TAKES_STRING | TAKES_INTEGER, parse_errno, "the name of an errno" },
	};

	if (parse_expect(parser, value, TAKES_STRING | TAKES_OBJECT, "a decision") < 0)
		return -1;
	if (value->kind == VALUE_OBJECT && value->count == 0)
		return parse_complain(parser, value, "an empty object is no decision");
	if (value->kind == VALUE_OBJECT)
		return parse_members(parser, value, keys, ARRAY_SIZE(keys), ret);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (strcmp(value->string, names[i]) == 0) {
			*ret = (struct decision){ kinds[i], 0 };
			return 0;
		}
	}
	if (strcmp(value->string, "notify") == 0)
		return parse_complain(parser, value,
		                      "'notify' is reserved for a later version of cordon");
	parse_complain(parser, value,
	               "there is no decision '%s'; there are allow, log, trap, kill, kill-thread "
	               "and {\"errno\": NAME}",
	               value->string);
	return parse_suggest(parser, parse_nearest(value->string, names, ARRAY_SIZE(names)));
}

/* ---- arguments ---- */

/* Every part of "A|B" must be a name some architecture knows. */
static bool operand_known(const struct operand *operand)
{
	uint64_t value;

	for (unsigned arch = 0; arch < ARCH_COUNT; arch++)
		if (operand_value(&value, arch, operand))
			return true;
	return false;
}

bool operand_value(uint64_t *ret, enum arch arch, const struct operand *operand)
{
	uint64_t value = 0, part;
	char name[64];

	if (operand->name == NULL) {
		*ret = operand->number;
		return true;
	}
	for (const char *next = operand->name; next != NULL;) {
		size_t length = strcspn(next, "|");

		if (length == 0 || length >= sizeof name)
			return false;
		memcpy(name, next, length);
		name[length] = '\0';
		if (!constant_value(&part, arch, name))
			return false;
		value |= part;
		next = next[length] == '|' ? next + length + 1 : NULL;
	}
	*ret = value;
	return true;
}

static int parse_operand(struct parser *parser, const struct value *value, struct operand *ret)
{
	char *end;

	if (parse_expect(parser, value, TAKES_INTEGER | TAKES_LARGE | TAKES_STRING,
	                 "an integer or the name of a constant") < 0)
		return -1;
	if (value->kind == VALUE_INTEGER) {
		*ret = (struct operand){ .number = (uint64_t)value->integer };
		return 0;
	}
	if (value->kind == VALUE_LARGE) {
		*ret = (struct operand){ .number = value->large };
		return 0;
	}
	if (text_starts(value->string, "0x") && value->length > 2 && value->length <= 18 &&
	    strspn(value->string + 2, "0123456789abcdefABCDEF") == value->length - 2) {
		*ret = (struct operand){ .number = strtoull(value->string, &end, 16) };
		return 0;
	}
	*ret = (struct operand){ .name = value->string };
	if (operand_known(ret))
		return 0;
	parse_complain(parser, value, "there is no constant '%s'", value->string);
	return parse_suggest(parser, constant_nearest(value->string));
}

static int parse_operands(struct parser *parser, const struct value *value,
                          struct rule_condition *condition)
{
	const struct value *const *items = &value;
	struct operand *operands;
	size_t count = 1;

	if (value->kind == VALUE_ARRAY) {
		items = (const struct value *const *)value->items;
		count = value->count;
	}
	if (count == 0)
		return parse_complain(parser, value, "an empty list");
	operands = arena_array(parser->arena, count, sizeof *operands);
	for (size_t i = 0; i < count; i++)
		if (parse_operand(parser, items[i], &operands[i]) < 0)
			return -1;
	condition->values = operands;
	condition->count = count;
	return 0;
}

static const struct {
	const char *name;
	enum condition_operator operator;
	bool takes_list;
} operators[] = {
	{ "is", CONDITION_IS, false },
	{ "not", CONDITION_NOT, true },
	{ "in", CONDITION_IS, true },
	{ "below", CONDITION_BELOW, false },
	{ "above", CONDITION_ABOVE, false },
	{ "at_least", CONDITION_AT_LEAST, false },
	{ "at_most", CONDITION_AT_MOST, false },
};

static int parse_operator(struct parser *parser, const struct value *value,
                          struct rule_condition *condition)
{
	const char *names[ARRAY_SIZE(operators) + 1] = { "mask" };
	size_t i = 0;

	while (i < ARRAY_SIZE(operators) && strcmp(operators[i].name, value->key) != 0) {
		names[i + 1] = operators[i].name;
		i++;
	}
	if (i == ARRAY_SIZE(operators)) {
		parse_complain(parser, value,
		               "there is no operator '%s'; there are is, not, in, below, above, "
		               "at_least, at_most and mask",
		               value->key);
		return parse_suggest(parser, parse_nearest(value->key, names, ARRAY_SIZE(names)));
	}
	if (value->kind == VALUE_ARRAY && !operators[i].takes_list)
		return parse_complain(parser, value, "'%s' takes one value; a list goes to 'in'",
		                      value->key);
	if (value->kind != VALUE_ARRAY && strcmp(value->key, "in") == 0)
		return parse_complain(parser, value, "'in' takes a list");
	condition->operator= operators[i].operator;
	return parse_operands(parser, value, condition);
}

/* {"mask": "CLONE_NEWUSER", "is": 0}, {"at_least": 1, "at_most": 9}: the conditions of one
 * argument; all of them must hold. */
static int parse_test(struct parser *parser, const struct value *value, const char *argument,
                      struct rule_condition *conditions, size_t *count)
{
	const struct value *mask = value_get(value, "mask");
	struct operand masked = {};

	if (mask != NULL && parse_operand(parser, mask, &masked) < 0)
		return -1;
	for (size_t i = 0; i < value->count; i++) {
		struct rule_condition *condition = &conditions[*count];

		if (value->items[i] == mask)
			continue;
		*condition = (struct rule_condition){ .argument = argument, .index = -1 };
		if (parse_operator(parser, value->items[i], condition) < 0)
			return -1;
		(*count)++;
		if (mask == NULL)
			continue;
		if (condition->operator!= CONDITION_IS && condition->operator!= CONDITION_NOT)
			return parse_complain(parser, value, "'mask' goes with is, not and in");
		condition->operator= condition->operator== CONDITION_IS ? CONDITION_MASKED
		                                                        : CONDITION_MASKED_NOT;
		condition->mask = masked;
	}
	if (value->count == 0)
		return parse_complain(parser, value, "an empty object is no condition");
	if (value->count == 1 && mask != NULL)
		return parse_complain(parser, value, "'mask' needs is, not or in beside it");
	return 0;
}

/* The number must be one the argument can hold. */
static int check_range(struct parser *parser, const struct value *value,
                       const struct rule_condition *condition, unsigned bits)
{
	for (size_t i = 0; bits < 64 && i <= condition->count; i++) {
		const struct operand *operand =
		        i == condition->count ? &condition->mask : &condition->values[i];
		int64_t number = (int64_t)operand->number;

		if (operand->name == NULL &&
		    (number < -(INT64_C(1) << (bits - 1)) || number >= INT64_C(1) << bits))
			return parse_complain(parser, value,
			                      "'%s' holds %u bits; %" PRId64 " does not fit",
			                      condition->argument, bits, number);
	}
	return 0;
}

/* A filter compares words of 32 bits in order; of a half it can only test bits. */
static int check_order(struct parser *parser, const struct value *value,
                       const struct rule_condition *condition, unsigned bits)
{
	bool ordered = condition->operator== CONDITION_BELOW ||
	               condition->
	               operator== CONDITION_ABOVE ||
	               condition->
	               operator== CONDITION_AT_LEAST || condition->
	               operator== CONDITION_AT_MOST;

	if (bits == 16 && ordered)
		return parse_complain(parser, value,
		                      "the kernel reads only 16 bits of '%s': is, not, in and mask "
		                      "can be asked of it",
		                      condition->argument);
	return 0;
}

static int check_argument(struct parser *parser, const struct value *value, const struct rule *rule,
                          const struct rule_condition *condition)
{
	struct error reason = {};
	struct argument_place place;

	for (size_t i = 0; i < rule->call_count; i++) {
		if (rule_argument(&place, rule->calls[i], condition->argument, &reason) < 0) {
			parse_complain(parser, value, "%s", reason.text);
			return reason.hint[0] == '\0' ? -1
			                              : error_hint(parser->err, "%s", reason.hint);
		}
		if (check_range(parser, value, condition, place.bits) < 0 ||
		    check_order(parser, value, condition, place.bits) < 0)
			return -1;
	}
	return 0;
}

int parse_when(struct parser *parser, const struct value *value, struct rule *rule)
{
	struct rule_condition *conditions;
	size_t room = 0, count = 0;

	for (size_t i = 0; i < value->count; i++)
		room += value->items[i]->kind == VALUE_OBJECT ? value->items[i]->count + 1 : 1;
	conditions = arena_array(parser->arena, room, sizeof *conditions);
	for (size_t i = 0; i < value->count; i++) {
		const struct value *item = value->items[i];
		size_t before = count;
		int result = 0;

		if (strcmp(item->key, "arch") == 0)
			result = parse_gate_arch(parser, item, &rule->gate);
		else if (strcmp(item->key, "kernel") == 0)
			result = parse_gate_kernel(parser, item, &rule->gate);
		else if (parse_expect(parser, item, TAKES_OBJECT,
		                      "a condition as {\"is\": VALUE}") < 0)
			result = -1;
		else
			result = parse_test(parser, item, item->key, conditions, &count);
		for (size_t j = before; result == 0 && j < count; j++)
			result = check_argument(parser, item, rule, &conditions[j]);
		if (result < 0)
			return -1;
	}
	rule->conditions = conditions;
	rule->condition_count = count;
	return 0;
}
