/*
 * dialect_gate: which entries of a Docker seccomp file take part: all of `includes` and none of
 * `excludes` must hold.
 */
#include "policy/dialect.h"

#include "policy/policy.h"
#include "sandbox/base/cleanup.h"

#include <string.h>
#include <strings.h>

/* A bit of a set of capabilities that no process has. */
enum { CAPABILITY_NEVER = 63, KEYS_MAX = 16 };

static const char *const gate_keys[] = { "arches", "caps", "minKernel", NULL };

int dialect_fold(struct parser *parser, const struct value *object, const char *const *known)
{
	bool seen[KEYS_MAX] = {};

	if (object == NULL || object->kind != VALUE_OBJECT)
		return 0;
	for (size_t i = 0; i < object->count; i++) {
		struct value *item = object->items[i];

		for (size_t j = 0; known[j] != NULL; j++) {
			if (strcasecmp(known[j], item->key) != 0)
				continue;
			if (seen[j])
				return parse_complain(parser, item,
				                      "\"%s\" is given twice: letters count as "
				                      "equal in any case here",
				                      known[j]);
			seen[j] = true;
			item->key = known[j];
		}
	}
	return 0;
}

int dialect_each(struct parser *parser, const struct value *list, void *into,
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

static int gate_arch(struct parser *parser, const struct value *value, void *into)
{
	static const struct {
		const char *name;
		enum arch arch;
	} natives[] = {
		{ "amd64", ARCH_X86_64 },    { "x86", ARCH_I386 },    { "arm64", ARCH_AARCH64 },
		{ "arm", ARCH_ARM },         { "x32", ARCH_X32 },     { "riscv64", ARCH_RISCV64 },
		{ "ppc64le", ARCH_PPC64LE }, { "s390x", ARCH_S390X },
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

/* Docker compares with the names of those that are kept, letter by letter: "SYS_ADMIN" or a
 * misspelt one is none of them, ever. */
static int gate_capability(struct parser *parser, const struct value *value, void *into)
{
	int number;

	if (parse_expect(parser, value, TAKES_STRING, "the name of a capability") < 0)
		return -1;
	number = capability_from_full_name(value->string);
	*(uint64_t *)into |= UINT64_C(1) << (number < 0 ? CAPABILITY_NEVER : number);
	return 0;
}

int dialect_gate(struct parser *parser, const struct value *entry, struct rule_gate *gate)
{
	const struct value *includes = value_get(entry, "includes");
	const struct value *excludes = value_get(entry, "excludes");
	const struct value *from, *below;

	if (dialect_fold(parser, includes, gate_keys) < 0 ||
	    dialect_fold(parser, excludes, gate_keys) < 0)
		return -1;
	from = value_get(includes, "minKernel");
	below = value_get(excludes, "minKernel");
	if (dialect_each(parser, value_get(includes, "arches"), &gate->natives, gate_arch) < 0 ||
	    dialect_each(parser, value_get(excludes, "arches"), &gate->not_natives, gate_arch) <
	            0 ||
	    dialect_each(parser, value_get(includes, "caps"), &gate->capabilities,
	                 gate_capability) < 0 ||
	    dialect_each(parser, value_get(excludes, "caps"), &gate->capability_not,
	                 gate_capability) < 0)
		return -1;
	if (from != NULL && from->kind != VALUE_NULL &&
	    parse_kernel(parser, from, &gate->kernel_from) < 0)
		return -1;
	if (below != NULL && below->kind != VALUE_NULL &&
	    parse_kernel(parser, below, &gate->kernel_below) < 0)
		return -1;
	return 0;
}
