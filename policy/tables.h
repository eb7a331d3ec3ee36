/*
 * tables: the shape of the generated arrays (tables.py). Only syscall.c reads them.
 *
 * Rows hold their names themselves, not pointers to them: a program that is loaded at an address
 * of its own would have to relocate thousands of those at every start. tables.py asserts that the
 * names fit.
 */
#ifndef CORDON_POLICY_TABLES_H
#define CORDON_POLICY_TABLES_H

#include "policy/syscall.h"

enum {
	TABLE_SYSCALL_NAME = 32,
	TABLE_CONSTANT_NAME = 56,
	TABLE_GROUP_NAME = 24,
	TABLE_FAMILY_NAME = 16,
};

/* Where the rows of an array are, by the hashes of their names: place + 1, 0 for none. */
struct table_index {
	const uint16_t *slots;
	uint32_t mask;
};

struct table_syscall {
	char name[TABLE_SYSCALL_NAME];
	int32_t numbers[ARCH_COUNT]; /* -1: none */
	uint32_t since;
};
extern const struct table_syscall table_syscalls[]; /* by name */
extern const size_t table_syscall_count;
extern const struct table_index table_syscall_index;

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
	uint32_t arches; /* bit n: enum arch n; 0: those that have no row of their own */
	struct argument arguments[6];
};
extern const struct table_arguments table_arguments[]; /* by id, then arches */
extern const size_t table_arguments_count;
extern const uint16_t table_arguments_first[]; /* by id; the count for a call that has none */

struct table_constant {
	char name[TABLE_CONSTANT_NAME];
	char family[TABLE_FAMILY_NAME];
	uint8_t arches;  /* bit n: enum arch n has this name */
	uint16_t others; /* first of its rows in table_constant_others, by architecture */
	uint16_t other_count;
	uint64_t value;
};
extern const struct table_constant table_constants[]; /* by name */
extern const size_t table_constant_count;
extern const struct table_index table_constant_index;
_Static_assert(ARCH_COUNT <= 8, "one bit an architecture");

struct table_constant_other {
	uint64_t value;
	uint8_t arch;
};
extern const struct table_constant_other table_constant_others[];

struct table_group {
	char name[TABLE_GROUP_NAME]; /* with its @ */
	uint32_t first;              /* its calls in table_group_calls, ended by SYSCALL_UNKNOWN */
};
extern const struct table_group table_groups[]; /* by name */
extern const size_t table_group_count;
extern const int table_group_calls[];

#endif
