/*
 * random_table: random filter tables for the emitter, the prover and their fuzzers. Values straddle
 * 2^31 and 2^32, where 32- and 64-bit readings of an argument part.
 */
#ifndef CORDON_TESTS_RANDOM_TABLE_H
#define CORDON_TESTS_RANDOM_TABLE_H

#include "policy/decision.h"

/* A row of numbers from its seed; never seeded with 0. */
struct random {
	uint64_t state;
};

uint64_t random_number(struct random *random);
unsigned random_below(struct random *random, unsigned limit);

/* Near the places where readings part. */
uint64_t random_value(struct random *random);
struct decision random_decision(struct random *random);

/* One architecture, up to 120 calls, some with rules; x32 sometimes. In the arena. */
void random_arch(struct filter_arch *ret, struct random *random, struct arena *arena,
                 uint32_t audit);
/* x86_64 and i386. */
void random_table(struct filter_table *ret, struct random *random, struct arena *arena);

/* A call of that table: its arguments near the values that its conditions name. */
void random_sample(struct call_sample *ret, struct random *random,
                   const struct filter_table *table);

#endif
