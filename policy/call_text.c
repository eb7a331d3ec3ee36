#include "policy/call_text.h"

#include "sandbox/base/cleanup.h"

#include <linux/audit.h>

enum { X32_BIT = 0x40000000 };

/* The largest constant of that family that is the value; or, with `in_it`, all of whose bits are in
 * it. */
static const char *find_constant(uint64_t *bits, enum arch arch, const char *family, uint64_t value,
                                 bool in_it)
{
	const char *found = NULL;

	for (size_t i = 0; i < constant_count(); i++) {
		const char *name = constant_at(i);
		uint64_t own;

		if (!text_equal(constant_family(name), family) || !constant_value(&own, arch, name))
			continue;
		if (own == value) {
			*bits = own;
			return name;
		}
		if (in_it && own != 0 && (value & own) == own && (found == NULL || own > *bits)) {
			*bits = own;
			found = name;
		}
	}
	return found;
}

/* Whether an argument is put together of constants. Others are one of them or none: a protocol 7 is
 * not 1, 2 and 4. */
static bool is_put_together(const struct argument *argument)
{
	static const char *const names[] = { "mask", "mode",    "nstype", "options",
		                             "prot", "persona", "type" };

	if (argument->kind == ARGUMENT_FLAGS32 || argument->kind == ARGUMENT_FLAGS64 ||
	    text_ends(argument->name, "flags") || text_ends(argument->name, "flg"))
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (text_equal(argument->name, names[i]))
			return true;
	return false;
}

/* One constant that is the value, or those it is put together of. */
static void append_constants(struct text *ret, enum arch arch, const struct argument *argument,
                             uint64_t value)
{
	const char *name, *between = " ";
	uint64_t bits = 0, left = value;

	while (left != 0 && (name = find_constant(&bits, arch, argument->constants, left,
	                                          is_put_together(argument))) != NULL) {
		text_printf(ret, "%s%s", between, name);
		between = "|";
		left &= ~bits;
	}
}

static void append_argument(struct text *ret, enum arch arch, int id, unsigned index,
                            uint64_t value)
{
	const struct argument *argument = syscall_argument_in(arch, id, index);

	if (argument != NULL)
		text_printf(ret, "%s=", argument->name);
	else
		text_printf(ret, "arg%u=", index);
	text_printf(ret, value < 10 ? "%llu" : "%#llx", (unsigned long long)value);
	if (argument != NULL && argument->constants[0] != '\0')
		append_constants(ret, arch, argument, value);
}

void call_text(struct text *ret, const struct call_sample *sample, uint32_t usual)
{
	uint32_t number = sample->number;
	int id = SYSCALL_UNKNOWN;
	enum arch arch = ARCH_X86_64;
	bool known = arch_from_audit(&arch, sample->audit), first = true;

	if (sample->audit == AUDIT_ARCH_X86_64 && (number & X32_BIT) != 0) {
		arch = ARCH_X32;
		number &= ~(uint32_t)X32_BIT;
	}
	if (known)
		id = syscall_from_number(arch, number);
	if (!known)
		text_printf(ret, "architecture %#x: ", sample->audit);
	else if (sample->audit != usual || arch == ARCH_X32)
		text_printf(ret, "%s: ", arch_name(arch));
	if (id != SYSCALL_UNKNOWN)
		text_printf(ret, "%s(", syscall_name(id));
	else
		text_printf(ret, "call %u(", number);
	for (unsigned i = 0; i < 6; i++) {
		if (sample->arguments[i] == 0)
			continue;
		text_append(ret, first ? "" : ", ");
		append_argument(ret, arch, id, i, sample->arguments[i]);
		first = false;
	}
	text_append(ret, ")");
}

void action_text(struct text *ret, uint32_t action)
{
	struct decision decision;

	if (decision_from_seccomp(&decision, action))
		decision_print(ret, decision);
	else
		text_printf(ret, "action %#x", action);
}
