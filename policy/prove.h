/*
 * prove: what a classic BPF program answers, found by running it on all inputs at once, and whether
 * that is what a policy says.
 *
 * It does not trust emit, and shares nothing with it but struct sock_filter and what the table
 * means, which emit only reads. The program is
 * executed with the bits of struct seccomp_data unknown: a register is 32 functions of them. Every
 * instruction that the kernel's checker lets pass (kernel/seccomp.c, seccomp_check_filter;
 * net/core/filter.c, bpf_check_classic) is understood, every other is refused.
 */
#ifndef CORDON_POLICY_PROVE_H
#define CORDON_POLICY_PROVE_H

#include "policy/diagram.h"
#include "policy/meaning.h"
#include "sandbox/plan.h"

/* The program's answers. `big_endian`: of the machine it is for: decides which half of an argument
 * stands first. -1: not a program (program_check), or too much for the store. */
int prove_program(diagram *ret, struct diagrams *store, const struct plan_filter *filter,
                  bool big_endian, struct error *err) __attribute__((warn_unused_result));

struct proof {
	bool equal;
	struct call_sample witness; /* where they differ */
	uint32_t wanted, got;       /* SECCOMP_RET_* and data there */
	size_t nodes;               /* of the common diagram */
	size_t instructions;
};

/* Whether the program answers as the meaning for every architecture word, every number and every
 * argument. -1 only where that cannot be decided. */
int prove_meaning(struct proof *ret, const struct table_meaning *meaning,
                  const struct plan_filter *filter, struct error *err)
        __attribute__((warn_unused_result));
/* The same, from the table. */
int prove_equal(struct proof *ret, const struct filter_table *table,
                const struct plan_filter *filter, struct error *err)
        __attribute__((warn_unused_result));

#endif
