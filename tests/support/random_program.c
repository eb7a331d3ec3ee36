#include "tests/support/random_program.h"

#include "policy/decision.h"
#include "sandbox/base/cleanup.h"

const uint16_t program_codes[] = {
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
	BPF_ALU | BPF_ADD | BPF_K,
	BPF_ALU | BPF_ADD | BPF_X,
	BPF_ALU | BPF_SUB | BPF_K,
	BPF_ALU | BPF_SUB | BPF_X,
	BPF_ALU | BPF_MUL | BPF_K,
	BPF_ALU | BPF_MUL | BPF_X,
	BPF_ALU | BPF_DIV | BPF_K,
	BPF_ALU | BPF_DIV | BPF_X,
	BPF_ALU | BPF_AND | BPF_K,
	BPF_ALU | BPF_AND | BPF_X,
	BPF_ALU | BPF_OR | BPF_K,
	BPF_ALU | BPF_OR | BPF_X,
	BPF_ALU | BPF_XOR | BPF_K,
	BPF_ALU | BPF_XOR | BPF_X,
	BPF_ALU | BPF_LSH | BPF_K,
	BPF_ALU | BPF_LSH | BPF_X,
	BPF_ALU | BPF_RSH | BPF_K,
	BPF_ALU | BPF_RSH | BPF_X,
	BPF_ALU | BPF_NEG,
	BPF_JMP | BPF_JA,
	BPF_JMP | BPF_JEQ | BPF_K,
	BPF_JMP | BPF_JEQ | BPF_X,
	BPF_JMP | BPF_JGE | BPF_K,
	BPF_JMP | BPF_JGE | BPF_X,
	BPF_JMP | BPF_JGT | BPF_K,
	BPF_JMP | BPF_JGT | BPF_X,
	BPF_JMP | BPF_JSET | BPF_K,
	BPF_JMP | BPF_JSET | BPF_X,
};
const size_t program_code_count = ARRAY_SIZE(program_codes);

/* Chosen besides: the most useful one a second time, and some that no filter may have. */
static const uint16_t more_codes[] = { BPF_LD | BPF_W | BPF_ABS, BPF_ALU | BPF_MOD | BPF_K,
	                               BPF_LD | BPF_H | BPF_ABS, 0xffff };

static uint16_t random_code(struct random *random)
{
	size_t place = random_below(random, program_code_count + ARRAY_SIZE(more_codes));

	return place < program_code_count ? program_codes[place]
	                                  : more_codes[place - program_code_count];
}

static struct sock_filter random_instruction(struct random *random, size_t left)
{
	struct sock_filter at = { .code = random_code(random),
		                  .k = (uint32_t)random_value(random) };

	if (at.code == (BPF_LD | BPF_W | BPF_ABS))
		at.k = random_below(random, 16) * 4;
	else if (BPF_CLASS(at.code) == BPF_ST || BPF_CLASS(at.code) == BPF_STX ||
	         BPF_MODE(at.code) == BPF_MEM)
		at.k = random_below(random, 3);
	else if (BPF_CLASS(at.code) == BPF_ALU && random_below(random, 2))
		at.k = random_below(random, 33);
	else if (BPF_CLASS(at.code) == BPF_RET)
		at.k = decision_to_seccomp(random_decision(random));
	else if (at.code == (BPF_JMP | BPF_JA))
		at.k = random_below(random, (unsigned)left + 1);
	at.jt = (uint8_t)random_below(random, (unsigned)(left > 6 ? 6 : left) + 1);
	at.jf = (uint8_t)random_below(random, (unsigned)(left > 6 ? 6 : left) + 1);
	return at;
}

size_t random_program(struct random *random, struct sock_filter *program, size_t most)
{
	size_t count = 1 + random_below(random, (unsigned)most);

	for (size_t i = 0; i < count; i++)
		program[i] = random_instruction(random, count - i - 1);
	if (random_below(random, 20))
		program[count - 1].code = BPF_RET | (random_below(random, 2) ? BPF_K : BPF_A);
	return count;
}
