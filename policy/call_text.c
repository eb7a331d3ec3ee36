#include "policy/call_text.h"

#include <linux/audit.h>

enum { X32_BIT = 0x40000000 };

/* The constant of that family and value; with `whole` also one whose bits are all in the value. */
static const char *find_constant(enum arch arch, const char *family, uint64_t value, bool whole,
                                 uint64_t *bits)
{
	for (size_t i = 0; i < constant_count(); i++) {
		const char *name = constant_at(i);
		uint64_t own;

		if (!text_equal(constant_family(name), family) || !constant_value(&own, arch, name))
			continue;
		if (own == value ||
		    (!whole && own != 0 && (own & (own - 1)) == 0 && (value & own) != 0)) {
			*bits = own;
			return name;
		}
	}
	return NULL;
}

/* One constant that is the value, or those that are its bits. */
static void append_constants(struct text *ret, enum arch arch, const char *family, uint64_t value)
{
	uint64_t bits, left = value;
	const char *name = find_constant(arch, family, value, true, &bits);

	if (name != NULL) {
		text_printf(ret, " %s", name);
		return;
	}
	for (const char *between = " "; left != 0; between = "|") {
		name = find_constant(arch, family, left, false, &bits);
		if (name == NULL)
			return;
		text_printf(ret, "%s%s", between, name);
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
		append_constants(ret, arch, argument->constants, value);
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
