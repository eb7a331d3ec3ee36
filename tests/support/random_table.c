#include "tests/support/random_table.h"

#include "sandbox/base/cleanup.h"

#include <linux/audit.h>

/* Marsaglia's xorshift64. */
uint64_t random_number(struct random *random)
{
	random->state ^= random->state << 13;
	random->state ^= random->state >> 7;
	return random->state ^= random->state << 17;
}

unsigned random_below(struct random *random, unsigned limit)
{
	return (unsigned)(random_number(random) % limit);
}

uint64_t random_value(struct random *random)
{
	static const uint64_t anchors[] = { 0,
		                            1,
		                            8,
		                            0x7fffffff,
		                            0x80000000,
		                            0xffffffff,
		                            0x100000000,
		                            0x17fffffff,
		                            0x180000000,
		                            0x7fffffffffffffff,
		                            0x8000000000000000,
		                            0xffffffff80000000,
		                            UINT64_MAX };

	if (random_below(random, 4) == 0)
		return random_number(random) >> random_below(random, 64);
	return anchors[random_below(random, ARRAY_SIZE(anchors))] + random_below(random, 5) - 2;
}

struct decision random_decision(struct random *random)
{
	static const struct decision decisions[] = {
		{ DECISION_ALLOW, 0 },  { DECISION_ALLOW, 0 }, { DECISION_ERRNO, 1 },
		{ DECISION_ERRNO, 38 }, { DECISION_LOG, 0 },   { DECISION_KILL_PROCESS, 0 },
		{ DECISION_TRAP, 0 },
	};

	return decisions[random_below(random, ARRAY_SIZE(decisions))];
}

/* Another one, but nearly the same. */
static void vary(struct condition *condition, struct random *random)
{
	switch (random_below(random, 5)) {
	case 0:
		condition->argument ^= 1;
		return;
	case 1:
		condition->is_32bit = !condition->is_32bit;
		return;
	case 2:
		condition->operator=(enum condition_operator)(condition->operator^ 1);
		return;
	case 3:
		condition->value = random_value(random);
		return;
	default:
		condition->mask = random_value(random);
	}
}

/* As the rules are that a list of values in a profile becomes: alike from some condition on. */
static void resemble(struct condition *conditions, struct filter_rule *rule,
                     const struct filter_rule *other, struct random *random)
{
	if (rule->count != other->count || random_below(random, 2) == 0)
		return;
	for (size_t i = random_below(random, (unsigned)rule->count + 1); i < rule->count; i++) {
		conditions[i] = other->conditions[i];
		if (random_below(random, 3) == 0)
			vary(&conditions[i], random);
	}
	rule->decision = other->decision;
}

static struct filter_call random_call(struct random *random, struct arena *arena, uint32_t number)
{
	struct filter_call call = { .number = number, .otherwise = random_decision(random) };
	struct filter_rule *rules;

	if (random_below(random, 3) > 0)
		return call;
	call.rule_count = random_below(random, 5);
	rules = arena_array(arena, call.rule_count, sizeof *rules);
	call.rules = rules;
	for (size_t i = 0; i < call.rule_count; i++) {
		size_t count = random_below(random, 4);
		struct condition *conditions = arena_array(arena, count, sizeof *conditions);

		for (size_t j = 0; j < count; j++)
			conditions[j] = (struct condition){
				.argument = (uint8_t)random_below(random,
				                                  random_below(random, 2) ? 6 : 2),
				.is_32bit = random_below(random, 2) == 0,
				.operator=(enum condition_operator)
				        random_below(random, CONDITION_OPERATORS),
				.value = random_value(random),
				.mask = random_value(random)
			};
		rules[i] = (struct filter_rule){ conditions, count, random_decision(random), {} };
		if (i > 0)
			resemble(conditions, &rules[i], &rules[i - 1], random);
	}
	return call;
}

void random_arch(struct filter_arch *arch, struct random *random, struct arena *arena,
                 uint32_t audit)
{
	struct filter_call *calls = arena_array(arena, 400, sizeof *calls);
	uint32_t number = random_below(random, 4);

	*arch = (struct filter_arch){ .audit = audit,
		                      .calls = calls,
		                      .listed = random_decision(random),
		                      .unknown = random_decision(random),
		                      .x32 = random_decision(random),
		                      .has_x32 = audit == AUDIT_ARCH_X86_64 &&
		                                 random_below(random, 2) };
	for (size_t count = random_below(random, 120); arch->call_count < count;
	     number += 1 + random_below(random, 3) / 2)
		calls[arch->call_count++] = random_call(random, arena, number);
	arch->last_known = number + random_below(random, 20);
	for (number = 0x40000000 + random_below(random, 4);
	     arch->has_x32 && random_below(random, 8) > 0; number += 1 + random_below(random, 3))
		calls[arch->call_count++] = random_call(random, arena, number);
}

void random_table(struct filter_table *ret, struct random *random, struct arena *arena)
{
	struct filter_arch *archs = arena_array(arena, 2, sizeof *archs);

	random_arch(&archs[0], random, arena, AUDIT_ARCH_X86_64);
	random_arch(&archs[1], random, arena, AUDIT_ARCH_I386);
	*ret = (struct filter_table){ archs, 2, { DECISION_KILL_PROCESS, 0 } };
}

/* Values around those of a rule, some with a high half that a 32-bit reading must not see. */
static void aim(struct call_sample *sample, struct random *random, const struct filter_rule *rule)
{
	for (size_t i = 0; i < rule->count && random_below(random, 2); i++) {
		const struct condition *condition = &rule->conditions[i];

		sample->arguments[condition->argument] =
		        condition->value + random_below(random, 3) - 1 +
		        (random_below(random, 4) == 0 ? UINT64_C(1) << 32 : 0);
	}
}

void random_sample(struct call_sample *ret, struct random *random, const struct filter_table *table)
{
	const struct filter_arch *arch =
	        &table->archs[random_below(random, (unsigned)table->arch_count)];
	const struct filter_call *call =
	        arch->call_count > 0
	                ? &arch->calls[random_below(random, (unsigned)arch->call_count)]
	                : NULL;
	struct call_sample sample = { .audit = arch->audit };

	if (random_below(random, 50) == 0)
		sample.audit ^= 1;
	sample.number = call == NULL || random_below(random, 4) == 0
	                        ? (uint32_t)random_value(random)
	                        : call->number;
	for (size_t i = 0; i < 6; i++)
		sample.arguments[i] = random_value(random);
	for (size_t i = 0; call != NULL && i < call->rule_count; i++)
		aim(&sample, random, &call->rules[i]);
	*ret = sample;
}
