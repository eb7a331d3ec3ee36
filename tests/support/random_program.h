/*
 * random_program: random classic BPF programs of all instructions that the kernel takes in a
 * filter, and a few that it does not.
 */
#ifndef CORDON_TESTS_RANDOM_PROGRAM_H
#define CORDON_TESTS_RANDOM_PROGRAM_H

#include "tests/support/random_table.h"

#include <linux/filter.h>

/* Every operation that a filter may have, once (seccomp_check_filter in kernel/seccomp.c). */
extern const uint16_t program_codes[];
extern const size_t program_code_count;

/* Up to `most` instructions; how many. Many are refused by a checker. */
size_t random_program(struct random *random, struct sock_filter *program, size_t most);

#endif
