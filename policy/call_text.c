#include "policy/call_text.h"

#include "sandbox/base/cleanup.h"

#include <linux/audit.h>

enum { X32_BIT = 0x40000000 };

/* The constant of that family that is the value; else the largest from `least` on, all of whose
 * bits are in it; 0: there are no parts. */
static const char *find_constant(uint64_t *bits, enum arch arch, const char *family, uint64_t value,
                                 uint64_t least)
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
		if (least != 0 && own >= least && (value & own) == own &&
		    (found == NULL || own > *bits)) {
			*bits = own;
			found = name;
		}
	}
	return found;
}

/* From which value on constants are parts that an argument is put together of; 0 where it is one of
 * them or none: a protocol 7 is not 1, 2 and 4. */
static uint64_t least_part(const struct argument *argument)
{
	static const char *const names[] = {
		"mask", "mode", "nstype", "options", "prot", "persona"
	};

	if (argument->kind == ARGUMENT_FLAGS32 || argument->kind == ARGUMENT_FLAGS64 ||
	    text_ends(argument->name, "flags") || text_ends(argument->name, "flg"))
		return 1;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (text_equal(argument->name, names[i]))
			return 1;
	return text_equal(argument->name, "type") ? 0x100 : 0; /* one kind of socket, and flags */
}

/* One constant that is the value, or those it is put together of. */
static void append_constants(struct text *ret, enum arch arch, const struct argument *argument,
                             uint64_t value)
{
	const char *name, *between = " ";
	uint64_t bits = 0, left = value;

	while (left != 0 && (name = find_constant(&bits, arch, argument->constants, left,
	                                          least_part(argument))) != NULL) {
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
