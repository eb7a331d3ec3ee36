/*
 * parse_gate: when a rule, or a part of a list, takes part at all: capability, architecture,
 * kernel.
 *
 * Gates nest: a rule's own narrow those of the parts around it, and never widen them.
 */
#include "policy/parse.h"
#include "sandbox/base/cleanup.h"

#include <string.h>

int parse_arch(struct parser *parser, const struct value *value, uint32_t *ret)
{
	const char *names[ARCH_COUNT];
	enum arch arch;

	if (parse_expect(parser, value, TAKES_STRING, "the name of an architecture") < 0)
		return -1;
	if (arch_from_name(&arch, value->string)) {
		*ret |= 1u << arch;
		return 0;
	}
	for (unsigned i = 0; i < ARCH_COUNT; i++)
		names[i] = arch_name(i);
	parse_complain(parser, value, "there is no architecture '%s' in the tables", value->string);
	return parse_suggest(parser, parse_nearest(value->string, names, ARCH_COUNT));
}

/* "x86_64", or a list of such. */
int parse_gate_arch(struct parser *parser, const struct value *value, struct rule_gate *gate)
{
	uint32_t arches = 0;

	if (value->kind != VALUE_ARRAY && parse_arch(parser, value, &arches) < 0)
		return -1;
	for (size_t i = 0; value->kind == VALUE_ARRAY && i < value->count; i++)
		if (parse_arch(parser, value->items[i], &arches) < 0)
			return -1;
	if (arches == 0)
		return parse_complain(parser, value, "an empty list");
	if (gate->arches != 0)
		arches &= gate->arches;
	if (arches == 0)
		return parse_complain(parser, value,
		                      "the part around this is for other architectures");
	gate->arches = arches;
	return 0;
}

/* "5.8" */
int parse_kernel(struct parser *parser, const struct value *value, uint32_t *ret)
{
	uint64_t major, minor;
	char first[8];
	const char *dot;

	if (parse_expect(parser, value, TAKES_STRING, "a kernel version as \"5.8\"") < 0)
		return -1;
	dot = strchr(value->string, '.');
	if (dot == NULL || dot - value->string >= (ptrdiff_t)sizeof first)
		return parse_complain(parser, value, "a kernel version is written as \"5.8\"");
	memcpy(first, value->string, dot - value->string);
	first[dot - value->string] = '\0';
	if (!text_to_number(&major, first, UINT16_MAX) ||
	    !text_to_number(&minor, dot + 1, UINT16_MAX))
		return parse_complain(parser, value, "a kernel version is written as \"5.8\"");
	*ret = (uint32_t)(major << 16 | minor);
	return 0;
}

static int parse_kernel_from(struct parser *parser, const struct value *value, void *into)
{
	struct rule_gate *gate = into;
	uint32_t version;

	if (parse_kernel(parser, value, &version) < 0)
		return -1;
	if (version > gate->kernel_from)
		gate->kernel_from = version;
	return 0;
}

static int parse_kernel_below(struct parser *parser, const struct value *value, void *into)
{
	struct rule_gate *gate = into;
	uint32_t version;

	if (parse_kernel(parser, value, &version) < 0)
		return -1;
	if (gate->kernel_below == 0 || version < gate->kernel_below)
		gate->kernel_below = version;
	return 0;
}

/* "5.8": from that version on; or an object with at_least and below. */
int parse_gate_kernel(struct parser *parser, const struct value *value, struct rule_gate *gate)
{
	static const struct key keys[] = {
		{ "at_least", TAKES_STRING, parse_kernel_from, "a kernel version as \"5.8\"" },
		{ "below", TAKES_STRING, parse_kernel_below, "a kernel version as \"5.8\"" },
	};

	if (value->kind == VALUE_OBJECT)
		return parse_members(parser, value, keys, ARRAY_SIZE(keys), gate);
	return parse_kernel_from(parser, value, gate);
}

int parse_gate_capability(struct parser *parser, const struct value *value, struct rule_gate *gate)
{
	uint64_t capability;

	if (parse_capability(parser, value, &capability) < 0)
		return -1;
	gate->capabilities |= capability;
	return 0;
}
