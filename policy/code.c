#include "policy/code.h"

#include "sandbox/base/cleanup.h"

enum { REACH = 255 };

static size_t put(struct code *code, struct sock_filter instruction)
{
	if (code->count >= CODE_MAX) {
		code->full = true;
		code->count = 1; /* keeps all places in bounds; the program is thrown away */
	}
	code->program[code->count] = instruction;
	return code->count++;
}

static bool is_return(const struct sock_filter *instruction)
{
	return instruction->code == (BPF_RET | BPF_K);
}

/* The newest of that value, if a jump that is written soon still reaches it. */
size_t code_return(struct code *code, uint32_t value)
{
	size_t oldest = code->count > REACH - 4 ? code->count - (REACH - 4) : 0;

	for (size_t place = code->count; place-- > oldest;)
		if (is_return(&code->program[place]) && code->program[place].k == value)
			return place;
	return put(code, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, value));
}

size_t code_load(struct code *code, uint32_t offset)
{
	return put(code, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offset));
}

size_t code_and(struct code *code, uint32_t mask)
{
	return put(code, (struct sock_filter)BPF_STMT(BPF_ALU | BPF_AND | BPF_K, mask));
}

static size_t copy_of(struct code *code, size_t target)
{
	const struct sock_filter *instruction = &code->program[target];

	if (is_return(instruction))
		return code_return(code, instruction->k);
	return put(code, (struct sock_filter)BPF_STMT(BPF_JMP | BPF_JA,
	                                              (uint32_t)(code->count - target) - 1));
}

/* Makes a target reachable from the next instruction, and from a second one behind it. */
static size_t reach(struct code *code, size_t target)
{
	return code->count - target <= REACH - 2 ? target : copy_of(code, target);
}

void code_adjoin(struct code *code, size_t target)
{
	const struct sock_filter *instruction = &code->program[target];

	if (target + 1 == code->count)
		return;
	if (is_return(instruction))
		put(code, *instruction);
	else
		copy_of(code, target);
}

size_t code_jump(struct code *code, uint16_t operation, uint32_t value, size_t yes, size_t no)
{
	yes = reach(code, yes);
	no = reach(code, no);
	yes = reach(code, yes);
	return put(code, (struct sock_filter)BPF_JUMP(BPF_JMP | operation | BPF_K, value,
	                                              (uint8_t)(code->count - yes - 1),
	                                              (uint8_t)(code->count - no - 1)));
}

int code_finish(struct plan_filter *ret, const struct code *code, struct arena *arena,
                struct error *err)
{
	struct sock_filter *forwards;

	if (code->full) {
		error_set(
		        err, 0,
		        "the filter needs more than %d instructions, which is all the kernel takes",
		        CODE_MAX);
		return error_hint(err, "use fewer rules with conditions, or groups without them");
	}
	forwards = arena_array(arena, code->count, sizeof *forwards);
	for (size_t i = 0; i < code->count; i++)
		forwards[i] = code->program[code->count - 1 - i];
	*ret = (struct plan_filter){ .instructions = forwards, .count = code->count };
	return 0;
}
