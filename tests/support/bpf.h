/*
 * bpf: a seccomp BPF interpreter for tests: what the kernel would answer. Independent of
 * policy/emit.c.
 */
#ifndef CORDON_TESTS_BPF_H
#define CORDON_TESTS_BPF_H

#include "policy/decision.h"

#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What kernel/seccomp.c (seccomp_check_filter) and net/core/filter.c (bpf_check_classic) accept. */
bool bpf_is_valid(const struct sock_filter *program, size_t count);

/* Runs a valid program; `steps` (may be NULL) counts the instructions executed. Little endian. */
uint32_t bpf_run(const struct sock_filter *program, const struct call_sample *sample,
                 unsigned *steps);
/* The same on a machine where the high half of 64 bits stands first. */
uint32_t bpf_run_big_endian(const struct sock_filter *program, const struct call_sample *sample);

/* Whether kernel/seccomp.c (seccomp_is_const_allow) finds at load time that a call is always
 * allowed, and answers it from a bitmap from then on. */
bool bpf_is_constant_allow(const struct sock_filter *program, uint32_t audit, uint32_t number);

#endif
