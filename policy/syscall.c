/*
 * syscall: look-ups in the generated tables.
 */
#include "policy/syscall.h"

#include "policy/tables.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/text.h"

#include <linux/audit.h>
#include <string.h>

static const struct arch_row {
	const char *name;
	uint32_t audit;
	const char *aliases[4]; /* Go's, libseccomp's, uname's */
} arch_rows[] = {
	[ARCH_X86_64] = { "x86_64", AUDIT_ARCH_X86_64, { "amd64", "SCMP_ARCH_X86_64" } },
	[ARCH_I386] = { "i386", AUDIT_ARCH_I386, { "x86", "386", "SCMP_ARCH_X86", "i686" } },
	[ARCH_X32] = { "x32", AUDIT_ARCH_X86_64, { "SCMP_ARCH_X32" } },
	[ARCH_AARCH64] = { "aarch64", AUDIT_ARCH_AARCH64, { "arm64", "SCMP_ARCH_AARCH64" } },
	[ARCH_ARM] = { "arm", AUDIT_ARCH_ARM, { "armv7l", "SCMP_ARCH_ARM" } },
	[ARCH_RISCV64] = { "riscv64", AUDIT_ARCH_RISCV64, { "SCMP_ARCH_RISCV64" } },
	[ARCH_PPC64LE] = { "ppc64le", AUDIT_ARCH_PPC64LE, { "SCMP_ARCH_PPC64LE" } },
	[ARCH_S390X] = { "s390x", AUDIT_ARCH_S390X, { "SCMP_ARCH_S390X" } },
};
_Static_assert(ARRAY_SIZE(arch_rows) == ARCH_COUNT, "one row an architecture");

const char *arch_name(enum arch arch)
{
	return arch_rows[arch].name;
}

bool arch_from_name(enum arch *ret, const char *name)
{
	for (size_t i = 0; i < ARCH_COUNT; i++) {
		bool found = strcmp(arch_rows[i].name, name) == 0;

		for (size_t j = 0; j < ARRAY_SIZE(arch_rows[i].aliases) && !found; j++)
			found = text_equal(arch_rows[i].aliases[j], name);
		if (found) {
			*ret = (enum arch)i;
			return true;
		}
	}
	return false;
}

bool arch_from_audit(enum arch *ret, uint32_t audit)
{
	for (size_t i = 0; i < ARCH_COUNT; i++)
		if (arch_rows[i].audit == audit) {
			*ret = (enum arch)i;
			return true;
		}
	return false;
}

uint32_t arch_beside(enum arch arch)
{
	static const uint32_t beside[ARCH_COUNT] = {
		[ARCH_X86_64] = 1u << ARCH_I386 | 1u << ARCH_X32,
		[ARCH_AARCH64] = 1u << ARCH_ARM,
	};

	return beside[arch];
}

uint32_t arch_audit(enum arch arch)
{
	return arch_rows[arch].audit;
}

size_t syscall_count(void)
{
	return table_syscall_count;
}

/* FNV-1a of 32 bits, as tables.py has it; hash_bytes() takes words as the machine has them, and the
 * tables are made on another one. */
static uint32_t hash_name(const char *name)
{
	uint32_t number = 0x811c9dc5;

	for (; *name != '\0'; name++)
		number = (number ^ (unsigned char)*name) * 0x01000193;
	return number;
}

/* The place of the row that begins with the name; -1: none does. */
static int find_row(const struct table_index *index, const void *rows, size_t size,
                    const char *name)
{
	uint32_t slot = hash_name(name) & index->mask;

	for (; index->slots[slot] != 0; slot = (slot + 1) & index->mask) {
		int place = index->slots[slot] - 1;

		if (strcmp((const char *)rows + (size_t)place * size, name) == 0)
			return place;
	}
	return -1;
}

int syscall_find(const char *name)
{
	int place = find_row(&table_syscall_index, table_syscalls, sizeof *table_syscalls, name);

	return place < 0 ? SYSCALL_UNKNOWN : place;
}

const char *syscall_name(int id)
{
	return id < 0 || (size_t)id >= table_syscall_count ? NULL : table_syscalls[id].name;
}

int syscall_number(enum arch arch, int id)
{
	return id < 0 || (size_t)id >= table_syscall_count ? -1 : table_syscalls[id].numbers[arch];
}

static int compare_number(const void *number, const void *row)
{
	uint32_t a = *(const uint32_t *)number, b = ((const struct table_number *)row)->number;

	return (a > b) - (a < b);
}

int syscall_from_number(enum arch arch, uint32_t number)
{
	const struct table_numbers *numbers = &table_numbers[arch];
	const struct table_number *row = bsearch(&number, numbers->rows, numbers->count,
	                                         sizeof *numbers->rows, compare_number);

	return row == NULL ? SYSCALL_UNKNOWN : row->id;
}

size_t syscall_count_in(enum arch arch)
{
	return table_numbers[arch].count;
}

int syscall_at(enum arch arch, size_t place)
{
	return table_numbers[arch].rows[place].id;
}

uint32_t syscall_since(enum arch arch, int id)
{
	(void)arch;
	return id < 0 || (size_t)id >= table_syscall_count ? 0 : table_syscalls[id].since;
}

/* ARM's private calls (0x0f0000 and above) are no measure of what the table knows. */
uint32_t syscall_last_number(enum arch arch)
{
	const struct table_numbers *numbers = &table_numbers[arch];
	size_t i = numbers->count;

	while (i > 1 && numbers->rows[i - 1].number >= 0x0f0000)
		i--;
	return i == 0 ? 0 : numbers->rows[i - 1].number;
}

unsigned argument_bits(enum argument_kind kind)
{
	static const uint8_t bits[ARGUMENT_KINDS] = {
		[ARGUMENT_NONE] = 0,  [ARGUMENT_INT] = 32,  [ARGUMENT_UNSIGNED] = 32,
		[ARGUMENT_FD] = 32,   [ARGUMENT_MODE] = 16, [ARGUMENT_FLAGS32] = 32,
		[ARGUMENT_LONG] = 64, [ARGUMENT_SIZE] = 64, [ARGUMENT_FLAGS64] = 64,
		[ARGUMENT_ID] = 32,   [ARGUMENT_ID16] = 16, [ARGUMENT_POINTER] = 0,
	};

	return bits[kind];
}

bool argument_is_32bit(enum argument_kind kind)
{
	unsigned bits = argument_bits(kind);

	return bits > 0 && bits <= 32;
}

bool arch_is_32bit(enum arch arch)
{
	return arch == ARCH_I386 || arch == ARCH_ARM;
}

/* The row of a call for one architecture; -1: the usual one. Rows of one call are neighbours. */
static const struct table_arguments *find_arguments(int arch, int id)
{
	const struct table_arguments *usual = NULL;

	if (id < 0 || (size_t)id >= table_syscall_count)
		return NULL;
	for (size_t i = table_arguments_first[id];
	     i < table_arguments_count && table_arguments[i].id == id; i++) {
		const struct table_arguments *row = &table_arguments[i];

		if (arch >= 0 && (row->arches & 1u << arch) != 0)
			return row;
		if (row->arches == 0)
			usual = row;
	}
	return usual;
}

static const struct argument *argument_of(const struct table_arguments *row, unsigned index)
{
	if (row == NULL || index >= ARRAY_SIZE(row->arguments) ||
	    row->arguments[index].name[0] == '\0')
		return NULL;
	return &row->arguments[index];
}

const struct argument *syscall_argument(int id, unsigned index)
{
	return argument_of(find_arguments(-1, id), index);
}

const struct argument *syscall_argument_in(enum arch arch, int id, unsigned index)
{
	return argument_of(find_arguments((int)arch, id), index);
}

static int find_name(const struct table_arguments *row, const char *name)
{
	for (unsigned i = 0; i < 6; i++) {
		const struct argument *argument = argument_of(row, i);

		if (argument != NULL && strcmp(argument->name, name) == 0)
			return (int)i;
	}
	return -1;
}

int syscall_argument_find(int id, const char *name)
{
	return find_name(find_arguments(-1, id), name);
}

int syscall_argument_find_in(enum arch arch, int id, const char *name)
{
	return find_name(find_arguments((int)arch, id), name);
}

static const struct table_constant *find_constant(const char *name)
{
	int place = find_row(&table_constant_index, table_constants, sizeof *table_constants, name);

	return place < 0 ? NULL : &table_constants[place];
}

bool constant_value(uint64_t *ret, enum arch arch, const char *name)
{
	const struct table_constant *row = find_constant(name);

	if (row == NULL || (row->arches & 1u << arch) == 0)
		return false;
	*ret = row->value;
	for (unsigned i = 0; i < row->other_count; i++)
		if (table_constant_others[row->others + i].arch == arch)
			*ret = table_constant_others[row->others + i].value;
	return true;
}

const char *constant_family(const char *name)
{
	const struct table_constant *row = find_constant(name);

	return row == NULL ? NULL : row->family;
}

static int compare_group(const void *name, const void *row)
{
	return strcmp(name, ((const struct table_group *)row)->name);
}

const int *group_find(const char *name)
{
	const struct table_group *row =
	        bsearch(name, table_groups, table_group_count, sizeof *table_groups, compare_group);

	return row == NULL ? NULL : &table_group_calls[row->first];
}

size_t group_count(void)
{
	return table_group_count;
}

const char *group_name(size_t index)
{
	return index < table_group_count ? table_groups[index].name : NULL;
}

/* The nearest of `count` names; NULL where all are far. */
static const char *nearest(const char *name, const char *(*name_of)(size_t index), size_t count)
{
	unsigned best = (unsigned)strlen(name) / 3 + 1;
	const char *found = NULL;

	for (size_t i = 0; i < count; i++) {
		const char *candidate = name_of(i);
		unsigned distance = text_distance(name, candidate);

		if (distance <= best && (found == NULL || distance < best)) {
			best = distance;
			found = candidate;
		}
	}
	return found;
}

static const char *name_of_syscall(size_t index)
{
	return table_syscalls[index].name;
}

size_t constant_count(void)
{
	return table_constant_count;
}

const char *constant_at(size_t index)
{
	return table_constants[index].name;
}

const char *syscall_nearest(const char *name)
{
	return nearest(name, name_of_syscall, table_syscall_count);
}

/* Of names joined by '|', of the first that is none. */
const char *constant_nearest(const char *name)
{
	char part[64];

	for (;; name++) {
		size_t length = strcspn(name, "|");

		if (length >= sizeof part)
			return NULL;
		memcpy(part, name, length);
		part[length] = '\0';
		if (constant_family(part) == NULL)
			return nearest(part, constant_at, table_constant_count);
		name += length;
		if (*name == '\0')
			return NULL;
	}
}

const char *group_nearest(const char *name)
{
	return nearest(name, group_name, table_group_count);
}
