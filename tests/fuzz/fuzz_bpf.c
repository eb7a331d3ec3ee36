/*
 * fuzz_bpf: the reader of BPF programs (policy prove --bpf) on any bytes: the two checkers agree,
 * what is taken is disassembled and executed on all inputs at once or refused as too much, the
 * result is what the interpreter says, and a witness against a policy is one.
 */
#include "policy/emit.h"
#include "policy/program.h"
#include "policy/prove.h"
#include "sandbox/base/cleanup.h"
#include "tests/support/bpf.h"

#include <linux/audit.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { NODES_USUAL = 1 << 13 };

/* Constants of the program and their neighbours are where it may change its mind. */
static struct call_sample sample_of(const struct plan_filter *filter, size_t round)
{
	struct call_sample sample = { .audit = AUDIT_ARCH_X86_64 };
	uint32_t words[16];

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		words[i] = filter->instructions[(round * 7 + i * (round + 1)) % filter->count].k +
		           (uint32_t)(round % 3) - 1;
	if (round % 4 == 0)
		sample.audit = words[14];
	sample.number = words[15];
	sample.instruction_pointer = words[13];
	for (size_t i = 0; i < 6; i++)
		sample.arguments[i] = (uint64_t)words[2 * i] << 32 | words[2 * i + 1];
	return sample;
}

/* False where that is too much for a small store. */
static bool compare(const struct plan_filter *filter)
{
	_cleanup_diagrams struct diagrams *store = diagrams_new(NODES_USUAL);
	struct error err;
	diagram meaning;

	if (prove_program(&meaning, store, filter, false, &err) < 0)
		return false;
	for (size_t round = 0; round < 40; round++) {
		struct call_sample sample = sample_of(filter, round);

		if (diagram_value(store, meaning, &sample) !=
		    meaning_canonical(bpf_run(filter->instructions, &sample, NULL)))
			abort();
	}
	return true;
}

/* Against a small policy: equal, or a call on which the two differ. */
static void prove(const struct plan_filter *filter)
{
	struct filter_call calls[] = { { .number = 1 }, { .number = 2 } };
	struct filter_arch arch = { .audit = AUDIT_ARCH_X86_64,
		                    .calls = calls,
		                    .call_count = 2,
		                    .listed = { DECISION_ERRNO, 1 },
		                    .last_known = 3,
		                    .unknown = { DECISION_ERRNO, 38 } };
	const struct filter_table table = { &arch, 1, { DECISION_KILL_PROCESS, 0 } };
	struct proof proof;
	struct error err;

	if (prove_equal(&proof, &table, filter, &err) < 0 || proof.equal)
		return;
	if (proof.wanted == proof.got ||
	    decision_to_seccomp(filter_decide(&table, &proof.witness)) != proof.wanted ||
	    meaning_canonical(bpf_run(filter->instructions, &proof.witness, NULL)) != proof.got)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_arena struct arena arena = {};
	_cleanup_text struct text text = {};
	struct plan_filter filter = { .count = size / sizeof *filter.instructions };
	unsigned sum = 0;
	struct error err;

	if (filter.count == 0)
		return 0;
	filter.instructions = arena_copy(&arena, data, filter.count * sizeof *filter.instructions);
	filter_disassemble(&text, &filter, ARCH_X86_64);
	if (program_check(&filter, &err) < 0)
		return 0;
	if (!bpf_is_valid(filter.instructions, filter.count))
		abort();
	/* the whole bound is tried for few: it is slow, but it ends */
	for (size_t i = 0; i < size; i++)
		sum += data[i];
	if (compare(&filter) || sum % 256 == 0)
		prove(&filter);
	return 0;
}
