#include "tests/support/bpf.h"

#include <linux/seccomp.h>
#include <string.h>

static bool is_valid_load(const struct sock_filter *instruction)
{
	switch (instruction->code) {
	case BPF_LD | BPF_W | BPF_ABS:
		return instruction->k < sizeof(struct seccomp_data) && instruction->k % 4 == 0;
	case BPF_LD | BPF_W | BPF_LEN:
	case BPF_LDX | BPF_W | BPF_LEN:
	case BPF_LD | BPF_IMM:
	case BPF_LDX | BPF_IMM:
		return true;
	case BPF_LD | BPF_MEM:
	case BPF_LDX | BPF_MEM:
	case BPF_ST:
	case BPF_STX:
		return instruction->k < BPF_MEMWORDS;
	default:
		return false;
	}
}

static bool is_valid_alu(const struct sock_filter *instruction)
{
	uint16_t operation = BPF_OP(instruction->code);

	if (operation == BPF_NEG)
		return instruction->code == (BPF_ALU | BPF_NEG);
	if (operation == BPF_MOD || operation > BPF_XOR)
		return false;
	if (BPF_SRC(instruction->code) == BPF_X)
		return true;
	if (operation == BPF_DIV)
		return instruction->k != 0;
	return (operation != BPF_LSH && operation != BPF_RSH) || instruction->k < 32;
}

static bool is_valid_jump(const struct sock_filter *instruction, size_t left)
{
	uint16_t operation = BPF_OP(instruction->code);

	if (operation == BPF_JA)
		return instruction->code == (BPF_JMP | BPF_JA) && instruction->k < left;
	return operation <= BPF_JSET && instruction->jt < left && instruction->jf < left;
}

bool bpf_is_valid(const struct sock_filter *program, size_t count)
{
	if (count == 0 || count > BPF_MAXINSNS || BPF_CLASS(program[count - 1].code) != BPF_RET)
		return false;
	for (size_t i = 0; i < count; i++) {
		const struct sock_filter *instruction = &program[i];
		bool valid;

		switch (BPF_CLASS(instruction->code)) {
		case BPF_ALU:
			valid = is_valid_alu(instruction);
			break;
		case BPF_JMP:
			valid = is_valid_jump(instruction, count - i - 1);
			break;
		case BPF_RET:
			valid = instruction->code == (BPF_RET | BPF_K) ||
			        instruction->code == (BPF_RET | BPF_A);
			break;
		case BPF_MISC:
			valid = instruction->code == (BPF_MISC | BPF_TAX) ||
			        instruction->code == (BPF_MISC | BPF_TXA);
			break;
		default:
			valid = is_valid_load(instruction);
			break;
		}
		if (!valid)
			return false;
	}
	return true;
}

struct machine {
	uint32_t a, x, memory[BPF_MEMWORDS];
	uint32_t data[sizeof(struct seccomp_data) / 4];
};

static void alu(struct machine *machine, const struct sock_filter *instruction)
{
	uint32_t operand = BPF_SRC(instruction->code) == BPF_X ? machine->x : instruction->k;

	switch (BPF_OP(instruction->code)) {
	case BPF_ADD:
		machine->a += operand;
		break;
	case BPF_SUB:
		machine->a -= operand;
		break;
	case BPF_MUL:
		machine->a *= operand;
		break;
	case BPF_DIV:
		machine->a = operand == 0 ? 0 : machine->a / operand;
		break;
	case BPF_OR:
		machine->a |= operand;
		break;
	case BPF_AND:
		machine->a &= operand;
		break;
	case BPF_LSH:
		machine->a <<= operand & 31;
		break;
	case BPF_RSH:
		machine->a >>= operand & 31;
		break;
	case BPF_XOR:
		machine->a ^= operand;
		break;
	default:
		machine->a = -machine->a;
		break;
	}
}

static size_t jump(const struct machine *machine, const struct sock_filter *instruction)
{
	uint32_t operand = BPF_SRC(instruction->code) == BPF_X ? machine->x : instruction->k;
	bool yes;

	switch (BPF_OP(instruction->code)) {
	case BPF_JA:
		return instruction->k;
	case BPF_JEQ:
		yes = machine->a == operand;
		break;
	case BPF_JGT:
		yes = machine->a > operand;
		break;
	case BPF_JGE:
		yes = machine->a >= operand;
		break;
	default:
		yes = (machine->a & operand) != 0;
		break;
	}
	return yes ? instruction->jt : instruction->jf;
}

static void load(struct machine *machine, const struct sock_filter *instruction)
{
	bool to_x = BPF_CLASS(instruction->code) == BPF_LDX;
	uint32_t value = instruction->k;

	if (BPF_MODE(instruction->code) == BPF_ABS)
		value = machine->data[instruction->k / 4];
	else if (BPF_MODE(instruction->code) == BPF_MEM)
		value = machine->memory[instruction->k];
	else if (BPF_MODE(instruction->code) == BPF_LEN)
		value = sizeof(struct seccomp_data);
	*(to_x ? &machine->x : &machine->a) = value;
}

static uint32_t run(const struct sock_filter *program, const struct seccomp_data *data,
                    unsigned *steps)
{
	struct machine machine = {};
	unsigned count = 0;

	memcpy(machine.data, data, sizeof *data);
	for (size_t i = 0;; i++) {
		const struct sock_filter *instruction = &program[i];

		count++;
		switch (BPF_CLASS(instruction->code)) {
		case BPF_RET:
			if (steps != NULL)
				*steps = count;
			return BPF_RVAL(instruction->code) == BPF_A ? machine.a : instruction->k;
		case BPF_JMP:
			i += jump(&machine, instruction);
			break;
		case BPF_ALU:
			/* the kernel's translation ends the program here (bpf_convert_filter) */
			if (instruction->code == (BPF_ALU | BPF_DIV | BPF_X) && machine.x == 0)
				return 0;
			alu(&machine, instruction);
			break;
		case BPF_ST:
			machine.memory[instruction->k] = machine.a;
			break;
		case BPF_STX:
			machine.memory[instruction->k] = machine.x;
			break;
		case BPF_MISC:
			if (BPF_MISCOP(instruction->code) == BPF_TAX)
				machine.x = machine.a;
			else
				machine.a = machine.x;
			break;
		default:
			load(&machine, instruction);
			break;
		}
	}
}

uint32_t bpf_run(const struct sock_filter *program, const struct call_sample *sample,
                 unsigned *steps)
{
	struct seccomp_data data = { .nr = (int)sample->number,
		                     .arch = sample->audit,
		                     .instruction_pointer = sample->instruction_pointer };

	memcpy(data.args, sample->arguments, sizeof data.args);
	return run(program, &data, steps);
}

static uint64_t swap_halves(uint64_t value)
{
	return value << 32 | value >> 32;
}

uint32_t bpf_run_big_endian(const struct sock_filter *program, const struct call_sample *sample)
{
	struct call_sample swapped = *sample;

	for (size_t i = 0; i < 6; i++)
		swapped.arguments[i] = swap_halves(sample->arguments[i]);
	swapped.instruction_pointer = swap_halves(sample->instruction_pointer);
	return bpf_run(program, &swapped, NULL);
}

bool bpf_is_constant_allow(const struct sock_filter *program, uint32_t audit, uint32_t number)
{
	struct machine machine = {};

	for (size_t i = 0;; i++) {
		const struct sock_filter *instruction = &program[i];

		switch (instruction->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			if (instruction->k > offsetof(struct seccomp_data, arch))
				return false;
			machine.a = instruction->k == offsetof(struct seccomp_data, nr) ? number
			                                                                : audit;
			break;
		case BPF_RET | BPF_K:
			return instruction->k == SECCOMP_RET_ALLOW;
		case BPF_JMP | BPF_JA:
		case BPF_JMP | BPF_JEQ | BPF_K:
		case BPF_JMP | BPF_JGE | BPF_K:
		case BPF_JMP | BPF_JGT | BPF_K:
		case BPF_JMP | BPF_JSET | BPF_K:
			i += jump(&machine, instruction);
			break;
		case BPF_ALU | BPF_AND | BPF_K:
			alu(&machine, instruction);
			break;
		default:
			return false;
		}
	}
}
