/*
 * fuzz_emit: the emitter against the meaning of a table that is read from the bytes: the program is
 * one that the kernel takes, is proven equal, and answers as filter_decide does on calls at the
 * edges of its conditions. The bytes are the rules themselves, so that the fuzzer can work on them.
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

enum { CALLS = 6, RULES = 4, CONDITIONS = 3 };

struct reader {
	const uint8_t *data;
	size_t size;
	struct arena *arena;
};

static uint64_t take(struct reader *reader, size_t bytes)
{
	uint64_t number = 0;
	size_t have = bytes < reader->size ? bytes : reader->size;

	memcpy(&number, reader->data, have);
	reader->data += have;
	reader->size -= have;
	return number;
}

static struct decision take_decision(struct reader *reader)
{
	uint64_t byte = take(reader, 1);
	struct decision decision = { (enum decision_kind)(byte % DECISION_KINDS), 0 };

	if (decision.kind == DECISION_ERRNO)
		decision.data = (uint16_t)(byte / DECISION_KINDS);
	return decision;
}

/* Half of the values are one bit and its neighbours. */
static uint64_t take_value(struct reader *reader)
{
	uint64_t byte = take(reader, 1);

	if (byte < 128)
		return take(reader, 8);
	return (UINT64_C(1) << byte % 64) + (byte < 192 ? 0u : UINT64_MAX);
}

static struct condition take_condition(struct reader *reader)
{
	uint64_t byte = take(reader, 1);
	struct condition condition = {
		.argument = (uint8_t)(byte % 6),
		.operator=(enum condition_operator)(byte / 6 % CONDITION_OPERATORS),
		.is_32bit = byte / 48 % 2 != 0,
	};

	condition.value = take_value(reader);
	if (condition.operator>= CONDITION_MASKED)
		condition.mask = take_value(reader);
	return condition;
}

static struct filter_rule take_rule(struct reader *reader)
{
	size_t count = take(reader, 1) % (CONDITIONS + 1);
	struct condition *conditions = arena_array(reader->arena, count, sizeof *conditions);
	struct filter_rule rule = { conditions, count, take_decision(reader), {} };

	for (size_t i = 0; i < count; i++)
		conditions[i] = take_condition(reader);
	return rule;
}

static struct filter_call take_call(struct reader *reader, uint32_t number)
{
	size_t count = take(reader, 1) % (RULES + 1);
	struct filter_rule *rules = arena_array(reader->arena, count, sizeof *rules);
	struct filter_call call = { number, rules, count, take_decision(reader) };

	for (size_t i = 0; i < count; i++)
		rules[i] = take_rule(reader);
	return call;
}

static void take_table(struct filter_table *ret, struct reader *reader)
{
	static const uint32_t audits[] = { AUDIT_ARCH_X86_64, AUDIT_ARCH_AARCH64, AUDIT_ARCH_I386 };
	struct filter_arch *arch = arena_array(reader->arena, 1, sizeof *arch);
	struct filter_call *calls = arena_array(reader->arena, CALLS, sizeof *calls);
	uint32_t number = 0;

	arch->audit = audits[take(reader, 1) % ARRAY_SIZE(audits)];
	arch->has_x32 = arch->audit == AUDIT_ARCH_X86_64 && take(reader, 1) % 2 != 0;
	arch->listed = take_decision(reader);
	arch->unknown = take_decision(reader);
	arch->x32 = take_decision(reader);
	arch->calls = calls;
	while (arch->call_count < CALLS && reader->size > 0) {
		uint32_t byte = (uint32_t)take(reader, 1);

		number += byte % 16 + 1;
		if (byte >= 240 && arch->has_x32)
			number |= 0x40000000;
		calls[arch->call_count++] = take_call(reader, number);
	}
	arch->last_known = (number & 0x3fffffff) + 2;
	*ret = (struct filter_table){ arch, 1, take_decision(reader) };
}

static void ask(const struct filter_table *table, const struct plan_filter *filter,
                const struct call_sample *sample)
{
	if (bpf_run(filter->instructions, sample, NULL) !=
	    decision_to_seccomp(filter_decide(table, sample)))
		abort();
}

/* The value of a condition, its neighbours, and the same with a high half that is not looked at. */
static void ask_around(const struct filter_table *table, const struct plan_filter *filter,
                       const struct filter_call *call, const struct filter_rule *rule)
{
	struct call_sample sample = { .audit = table->archs[0].audit, .number = call->number };

	for (uint64_t around = 0; around < 6; around++) {
		for (size_t i = 0; i < rule->count; i++)
			sample.arguments[rule->conditions[i].argument] =
			        rule->conditions[i].value + around % 3 - 1 +
			        (around < 3 ? 0 : UINT64_C(1) << 32);
		ask(table, filter, &sample);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_arena struct arena arena = {};
	struct reader reader = { data, size, &arena };
	struct filter_table table;
	struct plan_filter filter;
	struct proof proof;
	struct error err;

	take_table(&table, &reader);
	/* too many instructions, or too much to compute: both are answers */
	if (filter_emit(&filter, &arena, &table, &err) < 0)
		return 0;
	if (program_check(&filter, &err) < 0 || !bpf_is_valid(filter.instructions, filter.count))
		abort();
	if (prove_equal(&proof, &table, &filter, &err) == 0 && !proof.equal)
		abort();
	for (size_t i = 0; i < table.archs[0].call_count; i++) {
		const struct filter_call *call = &table.archs[0].calls[i];
		const struct filter_rule none = {};

		ask_around(&table, &filter, call, &none);
		for (size_t j = 0; j < call->rule_count; j++)
			ask_around(&table, &filter, call, &call->rules[j]);
	}
	return 0;
}
