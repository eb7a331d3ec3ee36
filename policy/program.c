#include "policy/program.h"

#include "sandbox/base/cleanup.h"

#include <linux/seccomp.h>

enum { EVERY_SLOT = 0xffff };

/* What the checker lets pass; anything else is refused. */
static bool is_known(uint16_t code)
{
	static const uint16_t known[] = {
		BPF_LD | BPF_W | BPF_ABS,
		BPF_LD | BPF_W | BPF_LEN,
		BPF_LDX | BPF_W | BPF_LEN,
		BPF_LD | BPF_IMM,
		BPF_LDX | BPF_IMM,
		BPF_LD | BPF_MEM,
		BPF_LDX | BPF_MEM,
		BPF_ST,
		BPF_STX,
		BPF_MISC | BPF_TAX,
		BPF_MISC | BPF_TXA,
		BPF_RET | BPF_K,
		BPF_RET | BPF_A,
		BPF_ALU | BPF_NEG,
		BPF_JMP | BPF_JA,
	};
	static const uint8_t computing[] = { BPF_ADD, BPF_SUB, BPF_MUL, BPF_DIV, BPF_AND,
		                             BPF_OR,  BPF_XOR, BPF_LSH, BPF_RSH };
	static const uint8_t testing[] = { BPF_JEQ, BPF_JGE, BPF_JGT, BPF_JSET };
	unsigned operation = BPF_OP(code), source = code & BPF_X;

	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (known[i] == code)
			return true;
	for (size_t i = 0; i < ARRAY_SIZE(computing); i++)
		if (operation == computing[i] && code == (BPF_ALU | operation | source))
			return true;
	for (size_t i = 0; i < ARRAY_SIZE(testing); i++)
		if (operation == testing[i] && code == (BPF_JMP | operation | source))
			return true;
	return false;
}

static const char *complaint_about_value(const struct sock_filter *at)
{
	switch (at->code) {
	case BPF_LD | BPF_W | BPF_ABS:
		return at->k >= sizeof(struct seccomp_data) || at->k % 4 != 0
		               ? "reads outside struct seccomp_data, or not at a word of it"
		               : NULL;
	case BPF_ALU | BPF_DIV | BPF_K:
		return at->k == 0 ? "divides by zero" : NULL;
	case BPF_ALU | BPF_LSH | BPF_K:
	case BPF_ALU | BPF_RSH | BPF_K:
		return at->k >= 32 ? "shifts by more than 31" : NULL;
	case BPF_LD | BPF_MEM:
	case BPF_LDX | BPF_MEM:
	case BPF_ST:
	case BPF_STX:
		return at->k >= BPF_MEMWORDS ? "there are 16 words of memory" : NULL;
	default:
		return NULL;
	}
}

static const char *complaint_about_jump(const struct sock_filter *at, size_t left)
{
	if (BPF_CLASS(at->code) != BPF_JMP)
		return NULL;
	if (BPF_OP(at->code) == BPF_JA)
		return at->k >= left ? "jumps past the end" : NULL;
	return at->jt >= left || at->jf >= left ? "jumps past the end" : NULL;
}

/* Memory that is read must have been written on every way there. `written` has a mask of slots for
 * every instruction, all set at first. */
static const char *complaint_about_memory(const struct sock_filter *program, size_t count,
                                          uint16_t *written, size_t *place)
{
	uint16_t now = 0;

	for (size_t i = 0; i < count; i++) {
		const struct sock_filter *at = &program[i];

		now &= written[i];
		*place = i;
		if (at->code == BPF_ST || at->code == BPF_STX) {
			now |= (uint16_t)(1u << at->k);
		} else if (at->code == (BPF_LD | BPF_MEM) || at->code == (BPF_LDX | BPF_MEM)) {
			if ((now >> at->k & 1) == 0)
				return "reads memory that may not have been written";
		} else if (at->code == (BPF_JMP | BPF_JA)) {
			written[i + 1 + at->k] &= now;
			now = EVERY_SLOT;
		} else if (BPF_CLASS(at->code) == BPF_JMP) {
			written[i + 1 + at->jt] &= now;
			written[i + 1 + at->jf] &= now;
			now = EVERY_SLOT;
		}
	}
	return NULL;
}

static int refuse(struct error *err, size_t place, const char *complaint)
{
	return error_set(err, 0, "instruction %zu: the kernel refuses it: %s", place, complaint);
}

int program_check(const struct plan_filter *filter, struct error *err)
{
	const struct sock_filter *program = filter->instructions;
	_cleanup_free uint16_t *written = NULL;
	const char *complaint = NULL;
	size_t place = 0;

	if (filter->count == 0 || filter->count > BPF_MAXINSNS)
		return error_set(err, 0, "a filter has 1 to %d instructions, not %zu", BPF_MAXINSNS,
		                 filter->count);
	for (size_t i = 0; i < filter->count && complaint == NULL; i++) {
		place = i;
		complaint = is_known(program[i].code) ? complaint_about_value(&program[i])
		                                      : "not an instruction of a filter";
		if (complaint == NULL)
			complaint = complaint_about_jump(&program[i], filter->count - i - 1);
	}
	if (complaint == NULL && BPF_CLASS(program[filter->count - 1].code) != BPF_RET)
		complaint = "the last instruction must return";
	if (complaint != NULL)
		return refuse(err, place, complaint);
	written = malloc(filter->count * sizeof *written);
	if (written == NULL)
		abort();
	for (size_t i = 0; i < filter->count; i++)
		written[i] = EVERY_SLOT;
	complaint = complaint_about_memory(program, filter->count, written, &place);
	return complaint == NULL ? 0 : refuse(err, place, complaint);
}
