/*
 * disassemble: any seccomp program as text a person can follow, with names of calls and actions
 * beside the numbers.
 */
#include "policy/emit.h"

#include "sandbox/base/cleanup.h"

#include <linux/audit.h>
#include <linux/seccomp.h>

enum { X32_BIT = 0x40000000, NR_WORD = 0, ARCH_WORD = 4, ARGUMENTS_WORD = 16 };

/* `big_endian`: the high half of a register stands first in memory. */
static void print_load(struct text *ret, uint32_t offset, bool big_endian)
{
	const char *half = (offset % 8 == 0) != big_endian ? "low" : "high";

	if (offset == NR_WORD)
		text_append(ret, "ld   nr");
	else if (offset == ARCH_WORD)
		text_append(ret, "ld   arch");
	else if (offset < ARGUMENTS_WORD)
		text_printf(ret, "ld   ip.%s", half);
	else
		text_printf(ret, "ld   arg%u.%s", (offset - ARGUMENTS_WORD) / 8, half);
}

static void print_value(struct text *ret, uint32_t value, uint32_t word, enum arch arch)
{
	bool x32 = word == NR_WORD && arch == ARCH_X86_64 && (value & X32_BIT);
	int id = word == NR_WORD
	                 ? syscall_from_number(x32 ? ARCH_X32 : arch, x32 ? value ^ X32_BIT : value)
	                 : SYSCALL_UNKNOWN;
	enum arch named;

	text_printf(ret, "#%#x", value);
	if (id != SYSCALL_UNKNOWN)
		text_printf(ret, " (%s%s)", x32 ? "x32 " : "", syscall_name(id));
	if (word == ARCH_WORD && arch_from_audit(&named, value))
		text_printf(ret, " (%s)", arch_name(named));
}

static void print_jump(struct text *ret, const struct sock_filter *instruction, size_t index,
                       uint32_t word, enum arch arch)
{
	static const struct {
		uint16_t operation;
		const char *name;
	} names[] = {
		{ BPF_JEQ, "jeq" }, { BPF_JGT, "jgt" }, { BPF_JGE, "jge" }, { BPF_JSET, "jset" }
	};
	const char *name = "j?";

	if (BPF_OP(instruction->code) == BPF_JA) {
		text_printf(ret, "ja   %zu", index + 1 + instruction->k);
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (names[i].operation == BPF_OP(instruction->code))
			name = names[i].name;
	text_printf(ret, "%-4s ", name);
	if (BPF_SRC(instruction->code) == BPF_X)
		text_append(ret, "x");
	else
		print_value(ret, instruction->k, word, arch);
	text_printf(ret, ", %zu, %zu", index + 1 + instruction->jt, index + 1 + instruction->jf);
}

static void print_return(struct text *ret, const struct sock_filter *instruction)
{
	struct decision decision;

	text_append(ret, "ret  ");
	if (BPF_RVAL(instruction->code) == BPF_A)
		text_append(ret, "a");
	else if (decision_from_seccomp(&decision, instruction->k))
		decision_print(ret, decision);
	else
		text_printf(ret, "#%#x", instruction->k);
}

static void print_other(struct text *ret, const struct sock_filter *instruction)
{
	static const char *const operations[] = { "add", "sub", "mul", "div", "or", "and",
		                                  "lsh", "rsh", "neg", "mod", "xor" };
	unsigned operation = BPF_OP(instruction->code) >> 4;

	switch (BPF_CLASS(instruction->code)) {
	case BPF_ALU:
		text_printf(ret, "%-4s ",
		            operation < ARRAY_SIZE(operations) ? operations[operation] : "alu");
		if (BPF_SRC(instruction->code) == BPF_X)
			text_append(ret, "x");
		else
			text_printf(ret, "#%#x", instruction->k);
		break;
	case BPF_MISC:
		text_append(ret, BPF_MISCOP(instruction->code) == BPF_TAX ? "tax" : "txa");
		break;
	case BPF_ST:
	case BPF_STX:
		text_printf(ret, "%s  m[%u]",
		            BPF_CLASS(instruction->code) == BPF_ST ? "st " : "stx", instruction->k);
		break;
	default:
		text_printf(ret, "op %#x #%#x", instruction->code, instruction->k);
		break;
	}
}

/* Whether the accumulator holds something else afterwards. */
static bool changes_accumulator(const struct sock_filter *instruction)
{
	unsigned class = BPF_CLASS(instruction->code);

	return class == BPF_LD || class == BPF_ALU ||
	       (class == BPF_MISC && BPF_MISCOP(instruction->code) == BPF_TXA);
}

void filter_disassemble(struct text *ret, const struct plan_filter *filter, enum arch arch)
{
	bool big_endian = (arch_audit(arch) & __AUDIT_ARCH_LE) == 0;
	uint32_t word = UINT32_MAX;

	for (size_t i = 0; i < filter->count; i++) {
		const struct sock_filter *instruction = &filter->instructions[i];

		text_printf(ret, "%4zu: ", i);
		if (instruction->code == (BPF_LD | BPF_W | BPF_ABS)) {
			word = instruction->k;
			print_load(ret, word, big_endian);
		} else if (BPF_CLASS(instruction->code) == BPF_JMP) {
			print_jump(ret, instruction, i, word, arch);
		} else if (BPF_CLASS(instruction->code) == BPF_RET) {
			print_return(ret, instruction);
		} else {
			if (changes_accumulator(instruction))
				word = UINT32_MAX;
			print_other(ret, instruction);
		}
		text_append_char(ret, '\n');
	}
}

void filter_print_c(struct text *ret, const struct plan_filter *filter, const char *name)
{
	text_append(ret, "#include <linux/filter.h>\n\n");
	text_printf(ret, "static const struct sock_filter %s[] = {\n", name);
	for (size_t i = 0; i < filter->count; i++)
		text_printf(ret, "\t{ 0x%02x, %u, %u, 0x%08x },\n", filter->instructions[i].code,
		            filter->instructions[i].jt, filter->instructions[i].jf,
		            filter->instructions[i].k);
	text_append(ret, "};\n");
}
