/*
 * syscall: cordon's own tables of system calls, their arguments and the constants arguments are
 * compared with. Generated at build time from profiles/syscalls.tsv, arguments.tsv, constants.tsv,
 * groups.json by policy/tables.py (a script without third-party modules), so that they are data,
 * not code.
 *
 * Source of the numbers: the kernel's own syscall tables and <asm/unistd*.h>; each row of the data
 * names the kernel version that introduced the call.
 */
#ifndef CORDON_POLICY_SYSCALL_H
#define CORDON_POLICY_SYSCALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum arch {
	ARCH_X86_64,
	ARCH_I386,
	ARCH_X32, /* AUDIT_ARCH_X86_64 with __X32_SYSCALL_BIT in the number; numbers here without
	             the bit */
	ARCH_AARCH64,
	ARCH_ARM,
	ARCH_RISCV64,
	ARCH_PPC64LE,
	ARCH_S390X,
	ARCH_COUNT,
};

/* "x86_64" and the like, as in `uname -m` and --arch; and AUDIT_ARCH_* words. */
const char *arch_name(enum arch arch);
bool arch_from_name(enum arch *ret,
                    const char *name); /* also Docker's "amd64", "SCMP_ARCH_X86_64", ... */
bool arch_from_audit(enum arch *ret, uint32_t audit);
uint32_t arch_audit(enum arch arch);
/* What else the kernel of an architecture can run. Bits: enum arch n. */
uint32_t arch_beside(enum arch arch);

/* Names are known whatever the architecture: an id is a name's place in the sorted list. */
enum { SYSCALL_UNKNOWN = -1 };
size_t syscall_count(void);
int syscall_find(const char *name); /* id or SYSCALL_UNKNOWN */
const char *syscall_name(int id);
int syscall_number(enum arch arch, int id); /* -1: this architecture has no such call */
int syscall_from_number(enum arch arch, uint32_t number); /* id or SYSCALL_UNKNOWN */
size_t syscall_count_in(enum arch arch);
int syscall_at(enum arch arch, size_t place);   /* id; those of an architecture by their numbers */
uint32_t syscall_since(enum arch arch, int id); /* kernel version major << 16 | minor */
uint32_t syscall_last_number(enum arch arch);   /* highest number the table knows */

/* How the kernel reads an argument register. It decides how a comparison is made: MODE and ID16
 * look only at the low 16 bits, INT, UNSIGNED, FD, FLAGS32 and ID at the low 32; POINTER may not be
 * compared at all. */
enum argument_kind {
	ARGUMENT_NONE,
	ARGUMENT_INT,
	ARGUMENT_UNSIGNED,
	ARGUMENT_FD,
	ARGUMENT_MODE, /* umode_t: 16 bits */
	ARGUMENT_FLAGS32,
	ARGUMENT_LONG,
	ARGUMENT_SIZE,
	ARGUMENT_FLAGS64,
	ARGUMENT_ID,   /* uid_t, gid_t, pid_t: 32 bits */
	ARGUMENT_ID16, /* the old uid_t and gid_t of i386 and arm */
	ARGUMENT_POINTER,
	ARGUMENT_KINDS,
};
unsigned argument_bits(enum argument_kind kind); /* 16, 32 or 64; 0: not to be compared */
bool argument_is_32bit(enum argument_kind kind); /* 32 or fewer */
bool arch_is_32bit(enum arch arch);              /* registers of 32 bits */

struct argument {
	char name[20];      /* "": there is none */
	char constants[16]; /* the family of constants it takes ("AF", "CLONE"), "" for none */
	uint8_t kind;       /* enum argument_kind */
};
/* NULL where the call's arguments are not in the table, or index is past the last one. The first is
 * for most architectures; some have a call with other arguments (two registers for 64 bits, 16-bit
 * ids), which the second knows. */
const struct argument *syscall_argument(int id, unsigned index);
const struct argument *syscall_argument_in(enum arch arch, int id, unsigned index);
int syscall_argument_find(int id, const char *name); /* index 0..5, -1 */
int syscall_argument_find_in(enum arch arch, int id, const char *name);

/* AF_INET, CLONE_NEWUSER, TIOCSTI, ... Values differ by architecture for many, and some names are
 * of one architecture only. False: unknown there. */
bool constant_value(uint64_t *ret, enum arch arch, const char *name);

/* All of them, by name. */
size_t constant_count(void);
const char *constant_at(size_t index);

/* The family of constants a name is of ("AF" for AF_INET), as struct argument names it; NULL. */
const char *constant_family(const char *name);

/* Groups: "@base" and so on: names of calls and of other groups, settled: NULL-terminated list of
 * ids ended by SYSCALL_UNKNOWN, or NULL where there is no such group. */
const int *group_find(const char *name);
size_t group_count(void);
const char *group_name(size_t index);
/* Capability -> group of calls it opens: "@cap:SYS_ADMIN" style groups are ordinary groups. */

/* For "did you mean": nearest known name, NULL where none is near. */
const char *syscall_nearest(const char *name);
const char *constant_nearest(const char *name);
const char *group_nearest(const char *name);

#endif
