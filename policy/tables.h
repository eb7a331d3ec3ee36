/*
 * tables: the shape of the generated arrays (tables.py). Only syscall.c reads them.
 *
 * Names are arrays, not pointers: a table without addresses needs no relocation when the program
 * starts, and its pages stay the page cache's.
 */
#ifndef CORDON_POLICY_TABLES_H
#define CORDON_POLICY_TABLES_H

#include "policy/syscall.h"

struct table_syscall {
	char name[32];
	int32_t numbers[ARCH_COUNT]; /* -1: none */
	uint32_t since;
};
extern const struct table_syscall table_syscalls[]; /* by name */
extern const size_t table_syscall_count;

struct table_number {
	uint32_t number;
	int id;
};
struct table_numbers {
	const struct table_number *rows; /* by number */
	size_t count;
};
extern const struct table_numbers table_numbers[ARCH_COUNT];

struct table_arguments {
	int id;
	struct argument arguments[6];
};
extern const struct table_arguments table_arguments[]; /* by id */
extern const size_t table_arguments_count;

struct table_constant {
	char name[32], family[8];
	uint64_t value, value_arm;
};
extern const struct table_constant table_constants[]; /* by name */
extern const size_t table_constant_count;

struct table_group {
	const char *name; /* with its @ */
	const int *calls;
};
extern const struct table_group table_groups[]; /* by name */
extern const size_t table_group_count;

#endif
