/*
 * program: whether the kernel would take a classic BPF program as a system call filter.
 *
 * The rules are those of kernel/seccomp.c (seccomp_check_filter) and net/core/filter.c
 * (bpf_check_classic, check_load_and_stores).
 */
#ifndef CORDON_POLICY_PROGRAM_H
#define CORDON_POLICY_PROGRAM_H

#include "sandbox/plan.h"

/* An error names the instruction and what is wrong with it. */
int program_check(const struct plan_filter *filter, struct error *err)
        __attribute__((warn_unused_result));

#endif
