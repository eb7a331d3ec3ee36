/*
 * emit: a filter table becomes a classic BPF program of our own making.
 *
 * Rules of the output: architecture word first; a plain allow reads nothing but nr and arch (so the
 * kernel's allow bitmap takes it); runs of numbers with one answer are one range, found by binary
 * search; argument checks stand behind the search, compared by halves, the low half alone for
 * 32-bit arguments; equal tails are shared; the same table gives the same bytes.
 */
#ifndef CORDON_POLICY_EMIT_H
#define CORDON_POLICY_EMIT_H

#include "policy/decision.h"
#include "sandbox/plan.h"

struct table_meaning;

/* More than BPF_MAXINSNS instructions is an error. */
int filter_emit_meaning(struct plan_filter *ret, struct arena *arena,
                        const struct table_meaning *meaning, struct error *err)
        __attribute__((warn_unused_result));
/* The same, from the table. */
int filter_emit(struct plan_filter *ret, struct arena *arena, const struct filter_table *table,
                struct error *err) __attribute__((warn_unused_result));

/* One line an instruction: "   3: jeq #0x29, 7, 4" with labels a person can follow; names of calls
 * and constants beside the numbers. Works on any program. */
void filter_disassemble(struct text *ret, const struct plan_filter *filter, enum arch arch);

/* As an array of that name in C. */
void filter_print_c(struct text *ret, const struct plan_filter *filter, const char *name);

#endif
