/*
 * oci: a filter table as "linux.seccomp" of the OCI runtime specification, for runc, crun and
 * podman.
 *
 * Those have no first match: entries are joined, and two conditions on one argument are
 * alternatives. So the rules of a call are cut into cubes that do not overlap. A cube fixes some
 * bits of each argument, which is one SCMP_CMP_MASKED_EQ an argument; every comparison is a union
 * of cubes (x < 0b101 is "0b0.." or "0b100"). Not in that form: what `unknown` says, and an
 * architecture that answers otherwise than the native one.
 */
#include "policy/policy.h"
#include "sandbox/base/cleanup.h"

#include <string.h>

enum { ARGUMENTS = 6, CUBES_MAX = 4096, WORD = 64 };

struct cube {
	uint64_t mask[ARGUMENTS], value[ARGUMENTS];
};

struct cubes {
	struct arena *arena;
	struct cube *items;
	size_t count, capacity;
	bool overflow;
};

static void add_cube(struct cubes *cubes, const struct cube *cube)
{
	if (cubes->count >= CUBES_MAX) {
		cubes->overflow = true;
		return;
	}
	if (cubes->count == cubes->capacity) {
		size_t capacity = cubes->capacity == 0 ? 8 : cubes->capacity * 2;
		struct cube *items = arena_array(cubes->arena, capacity, sizeof *items);

		if (cubes->count > 0)
			memcpy(items, cubes->items, cubes->count * sizeof *items);
		cubes->items = items;
		cubes->capacity = capacity;
	}
	cubes->items[cubes->count++] = *cube;
}

/* Adds `cube` with more bits of one argument fixed, unless they are fixed otherwise already. */
static void add_fixed(struct cubes *ret, const struct cube *cube, unsigned argument, uint64_t mask,
                      uint64_t value)
{
	struct cube fixed = *cube;

	if (((cube->value[argument] ^ value) & cube->mask[argument] & mask) != 0)
		return;
	fixed.mask[argument] |= mask;
	fixed.value[argument] |= value & mask;
	add_cube(ret, &fixed);
}

/* All x of `width` bits with (x & mask) != value, or below or above value: one cube a bit on which
 * they can differ first, from the top. */
static void add_different(struct cubes *ret, const struct cube *cube,
                          const struct condition *condition, uint64_t mask)
{
	uint64_t value = condition->value, above = 0;
	bool below =
	        condition->operator== CONDITION_BELOW || condition->operator== CONDITION_AT_MOST;
	bool over =
	        condition->operator== CONDITION_ABOVE || condition->operator== CONDITION_AT_LEAST;

	for (unsigned i = WORD; i-- > 0;) {
		uint64_t bit = UINT64_C(1) << i;
		bool set = (value & bit) != 0;

		if ((mask & bit) == 0)
			continue;
		if ((!below || set) && (!over || !set))
			add_fixed(ret, cube, condition->argument, above | bit,
			          (value & above) | (set ? 0 : bit));
		above |= bit;
	}
}

static void add_condition(struct cubes *ret, const struct cube *cube,
                          const struct condition *condition)
{
	uint64_t width = condition->is_32bit ? UINT32_MAX : UINT64_MAX;
	bool masked = condition->operator== CONDITION_MASKED || condition->operator==
	              CONDITION_MASKED_NOT;
	uint64_t mask = masked ? condition->mask & width : width;
	bool possible = (condition->value & width & ~mask) == 0;

	switch (condition->operator) {
	case CONDITION_IS:
	case CONDITION_MASKED:
		if (possible)
			add_fixed(ret, cube, condition->argument, mask, condition->value);
		break;
	case CONDITION_AT_LEAST:
	case CONDITION_AT_MOST:
		add_fixed(ret, cube, condition->argument, mask, condition->value);
		add_different(ret, cube, condition, mask);
		break;
	default:
		if (possible)
			add_different(ret, cube, condition, mask);
		else
			add_cube(ret, cube);
		break;
	}
}

/* The cubes of a rule, within the cubes given. */
static struct cubes within(const struct cubes *cubes, const struct filter_rule *rule)
{
	struct cubes now = *cubes;

	for (size_t i = 0; i < rule->count; i++) {
		struct cubes next = { .arena = cubes->arena };

		for (size_t j = 0; j < now.count; j++)
			add_condition(&next, &now.items[j], &rule->conditions[i]);
		next.overflow = next.overflow || now.overflow;
		now = next;
	}
	return now;
}

/* Adds `cube` without `taken`, in pieces that do not overlap. */
static void add_rest(struct cubes *ret, const struct cube *cube, const struct cube *taken)
{
	struct cube piece = *cube;

	for (unsigned i = 0; i < ARGUMENTS; i++)
		if (((cube->value[i] ^ taken->value[i]) & cube->mask[i] & taken->mask[i]) != 0) {
			add_cube(ret, cube);
			return;
		}
	for (unsigned i = 0; i < ARGUMENTS; i++) {
		uint64_t open = taken->mask[i] & ~cube->mask[i];

		for (uint64_t bit = 1; open != 0; bit <<= 1) {
			if ((open & bit) == 0)
				continue;
			open &= ~bit;
			add_fixed(ret, &piece, i, bit, ~taken->value[i]);
			piece.mask[i] |= bit;
			piece.value[i] |= taken->value[i] & bit;
		}
	}
}

static struct cubes without(const struct cubes *cubes, const struct cubes *taken)
{
	struct cubes now = *cubes;

	for (size_t i = 0; i < taken->count; i++) {
		struct cubes next = { .arena = cubes->arena };

		for (size_t j = 0; j < now.count; j++)
			add_rest(&next, &now.items[j], &taken->items[i]);
		next.overflow = next.overflow || now.overflow;
		now = next;
	}
	return now;
}

/* ---- JSON ---- */

static void set_action(struct arena *arena, struct value *object, const char *key,
                       const char *number_key, struct decision decision)
{
	static const char *const names[DECISION_KINDS] = {
		[DECISION_ALLOW] = "SCMP_ACT_ALLOW",
		[DECISION_LOG] = "SCMP_ACT_LOG",
		[DECISION_NOTIFY] = "SCMP_ACT_NOTIFY",
		[DECISION_ERRNO] = "SCMP_ACT_ERRNO",
		[DECISION_TRAP] = "SCMP_ACT_TRAP",
		[DECISION_KILL_THREAD] = "SCMP_ACT_KILL_THREAD",
		[DECISION_KILL_PROCESS] = "SCMP_ACT_KILL_PROCESS",
	};

	value_set(arena, object, key, value_new_string(arena, names[decision.kind]));
	if (decision.kind == DECISION_ERRNO)
		value_set(arena, object, number_key, value_new_integer(arena, decision.data));
}

struct writer {
	struct arena *arena;
	struct value *calls;
	struct decision usual;
};

/* The entry of plain names with this decision, made where there is none. */
static struct value *names_of(const struct writer *writer, struct decision decision)
{
	struct value *entry = value_new_object(writer->arena), *names;

	set_action(writer->arena, entry, "action", "errnoRet", decision);
	for (size_t i = 0; i < writer->calls->count; i++) {
		struct value *old = writer->calls->items[i];

		if (value_get(old, "args") == NULL &&
		    text_equal(value_string(value_get(old, "action"), NULL),
		               value_string(value_get(entry, "action"), NULL)) &&
		    value_integer(value_get(old, "errnoRet"), 0) ==
		            value_integer(value_get(entry, "errnoRet"), 0))
			return (struct value *)value_get(old, "names");
	}
	names = value_set(writer->arena, entry, "names", value_new_array(writer->arena));
	value_append(writer->arena, writer->calls, entry);
	return names;
}

static void write_cube(const struct writer *writer, const char *name, const struct cube *cube,
                       struct decision decision)
{
	struct arena *arena = writer->arena;
	struct value *entry = value_new_object(arena), *args = value_new_array(arena);

	for (unsigned i = 0; i < ARGUMENTS; i++) {
		struct value *arg = value_new_object(arena);

		if (cube->mask[i] == 0)
			continue;
		value_set(arena, arg, "index", value_new_integer(arena, i));
		value_set(arena, arg, "value", value_new_unsigned(arena, cube->mask[i]));
		value_set(arena, arg, "valueTwo", value_new_unsigned(arena, cube->value[i]));
		value_set(arena, arg, "op", value_new_string(arena, "SCMP_CMP_MASKED_EQ"));
		value_append(arena, args, arg);
	}
	if (args->count == 0) {
		value_append(arena, names_of(writer, decision), value_new_string(arena, name));
		return;
	}
	value_append(arena, value_set(arena, entry, "names", value_new_array(arena)),
	             value_new_string(arena, name));
	set_action(arena, entry, "action", "errnoRet", decision);
	value_set(arena, entry, "args", args);
	value_append(arena, writer->calls, entry);
}

static bool write_cubes(const struct writer *writer, const char *name, const struct cubes *cubes,
                        struct decision decision)
{
	/* runtimes leave out entries that say what is said anyway */
	if (decision.kind == writer->usual.kind && decision.data == writer->usual.data)
		return !cubes->overflow;
	for (size_t i = 0; i < cubes->count; i++)
		write_cube(writer, name, &cubes->items[i], decision);
	return !cubes->overflow;
}

static bool write_call(const struct writer *writer, const char *name,
                       const struct filter_call *call)
{
	static const struct cube everything;
	struct cubes rest = { .arena = writer->arena };

	add_cube(&rest, &everything);
	for (size_t i = 0; i < call->rule_count; i++) {
		struct cubes now = within(&rest, &call->rules[i]);
		struct cubes apart = { .arena = writer->arena };

		/* The cubes of one rule may overlap one another where it says `not` twice. */
		for (size_t j = 0; j < now.count; j++) {
			struct cubes one = { .arena = writer->arena };
			struct cubes piece;

			add_cube(&one, &now.items[j]);
			piece = without(&one, &apart);
			for (size_t k = 0; k < piece.count; k++)
				add_cube(&apart, &piece.items[k]);
		}
		if (now.overflow || !write_cubes(writer, name, &apart, call->rules[i].decision))
			return false;
		rest = without(&rest, &apart);
		if (rest.overflow)
			return false;
	}
	return write_cubes(writer, name, &rest, call->otherwise);
}

static const char *oci_arch(uint32_t audit)
{
	static const char *const names[ARCH_COUNT] = {
		[ARCH_X86_64] = "SCMP_ARCH_X86_64",   [ARCH_I386] = "SCMP_ARCH_X86",
		[ARCH_X32] = "SCMP_ARCH_X32",         [ARCH_AARCH64] = "SCMP_ARCH_AARCH64",
		[ARCH_ARM] = "SCMP_ARCH_ARM",         [ARCH_RISCV64] = "SCMP_ARCH_RISCV64",
		[ARCH_PPC64LE] = "SCMP_ARCH_PPC64LE", [ARCH_S390X] = "SCMP_ARCH_S390X",
	};
	enum arch arch;

	return arch_from_audit(&arch, audit) ? names[arch] : "SCMP_ARCH_NATIVE";
}

int policy_to_oci(struct value **ret, struct arena *arena, const struct filter_table *table,
                  struct error *err)
{
	const struct filter_arch *native = &table->archs[0];
	struct value *object = value_new_object(arena), *arches = value_new_array(arena);
	struct writer writer = { arena, value_new_array(arena), native->listed };
	enum arch arch;

	if (!arch_from_audit(&arch, native->audit))
		return error_set(err, 0, "no such architecture: %#x", native->audit);
	for (size_t i = 0; i < table->arch_count; i++)
		value_append(arena, arches,
		             value_new_string(arena, oci_arch(table->archs[i].audit)));
	for (size_t i = 0; i < native->call_count; i++) {
		const struct filter_call *call = &native->calls[i];
		int id = syscall_from_number(arch, call->number);

		if (id == SYSCALL_UNKNOWN)
			continue; /* x32, whose names are the same */
		if (!write_call(&writer, syscall_name(id), call))
			return error_set(err, 0,
			                 "the rules on %s do not fit into the form of the OCI "
			                 "runtime specification (more than %d entries)",
			                 syscall_name(id), CUBES_MAX);
	}
	set_action(arena, object, "defaultAction", "defaultErrnoRet", native->listed);
	value_set(arena, object, "architectures", arches);
	value_set(arena, object, "syscalls", writer.calls);
	*ret = object;
	return 0;
}
