/*
 * code: classic BPF, written from the end to the beginning.
 *
 * Jumps go forwards only, so in a program that is built backwards every target is there when it is
 * needed. A place counts from the end: 0 is the last instruction; a jump at place p to a target at
 * place t has the offset p - t - 1. Offsets of conditional jumps have 8 bits: what is farther is
 * reached by a copy of the return that stands there, or by a JA.
 */
#ifndef CORDON_POLICY_CODE_H
#define CORDON_POLICY_CODE_H

#include "sandbox/plan.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CODE_MAX = BPF_MAXINSNS };

struct code {
	struct sock_filter program[CODE_MAX + 1]; /* backwards */
	size_t count;
	bool full; /* more than the kernel takes: what is there means nothing */
};

size_t code_return(struct code *code, uint32_t value);
size_t code_load(struct code *code, uint32_t offset);
size_t code_and(struct code *code, uint32_t mask);
/* `operation` is BPF_JEQ, BPF_JGE, BPF_JGT or BPF_JSET, against a constant. */
size_t code_jump(struct code *code, uint16_t operation, uint32_t value, size_t yes, size_t no);
/* Makes a target what is executed behind the next instruction that is written. */
void code_adjoin(struct code *code, size_t target);

/* The program in its own order, in the arena; an error where it is too long. */
int code_finish(struct plan_filter *ret, const struct code *code, struct arena *arena,
                struct error *err) __attribute__((warn_unused_result));

#endif
