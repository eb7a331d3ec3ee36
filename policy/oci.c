/*
 * oci: a filter table as "linux.seccomp" of the OCI runtime specification, for runc, crun, podman
 * and Docker.
 *
 * Those have no first match: entries are joined, and two conditions on one argument are
 * alternatives. So what a call answers is cut into cubes that do not overlap: each path through its
 * diagram fixes some bits of each argument, which is one SCMP_CMP_MASKED_EQ an argument, and ends
 * in the answer. The last call of an architecture is named whatever it answers: runc takes the
 * numbers behind the highest name for unknown.
 *
 * Not in that form: another answer for unknown calls than ENOSYS (or allow, where that is the
 * default), an architecture that answers otherwise than the native one, and another answer for one
 * function of socketcall(2) than for the call it is. So what is written is read back
 * (policy_oci_compare).
 */
#include "policy/meaning.h"
#include "policy/policy.h"
#include "sandbox/base/cleanup.h"

#include <string.h>

enum { ARGUMENTS = 6, CUBES_MAX = 4096, HALF = 32 };

struct cube {
	uint64_t mask[ARGUMENTS], value[ARGUMENTS];
};

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

/* One path from the top of a call's diagram. */
struct path {
	const struct writer *writer;
	const struct diagrams *store;
	const char *name;
	struct cube cube;
	size_t count; /* of entries so far */
};

static bool end_path(struct path *path, uint32_t action)
{
	struct decision decision;

	if (!decision_from_seccomp(&decision, action))
		return false;
	/* runtimes leave out entries that say what is said anyway */
	if (decision.kind == path->writer->usual.kind && decision.data == path->writer->usual.data)
		return true;
	write_cube(path->writer, path->name, &path->cube, decision);
	return ++path->count <= CUBES_MAX;
}

static bool walk(struct path *path, diagram node)
{
	enum diagram_word word;
	unsigned bit, argument;
	uint64_t place;
	uint32_t action;

	if (diagram_is_leaf(path->store, node, &action))
		return end_path(path, action);
	word = diagram_word(path->store, node, &bit);
	if (word < WORD_ARGUMENT_HIGH_0 || word >= WORD_IP_HIGH)
		return false;
	argument = (unsigned)(word - WORD_ARGUMENT_HIGH_0) / 2;
	place = UINT64_C(1) << (bit + (word == word_of_argument(argument, true) ? HALF : 0));
	path->cube.mask[argument] |= place;
	if (!walk(path, diagram_low(path->store, node)))
		return false;
	path->cube.value[argument] |= place;
	if (!walk(path, diagram_high(path->store, node)))
		return false;
	path->cube.value[argument] &= ~place;
	path->cube.mask[argument] &= ~place;
	return true;
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

/* Names that the native architecture has stand for all: of another one only its own are left. */
static int write_calls(const struct writer *writer, struct diagrams *store, diagram whole,
                       const struct filter_arch *calls, enum arch native, struct error *err)
{
	enum arch arch;

	if (!arch_from_audit(&arch, calls->audit))
		return error_set(err, 0, "no such architecture: %#x", calls->audit);
	for (size_t i = 0; i < calls->call_count; i++) {
		uint32_t number = calls->calls[i].number;
		int id = syscall_from_number(arch, number);
		struct path path = { .writer = writer, .store = store };

		if (id == SYSCALL_UNKNOWN)
			continue; /* x32, whose names are the same */
		if (arch != native && syscall_number(native, id) >= 0)
			continue;
		path.name = syscall_name(id);
		if (!walk(&path, meaning_of_call(store, whole, calls->audit, number)))
			return error_set(err, 0,
			                 "the rules on %s do not fit into the form of the OCI "
			                 "runtime specification (more than %d entries)",
			                 path.name, CUBES_MAX);
	}
	return 0;
}

/* An entry that says what is said anyway: its name is what it is for. */
static void name_last(const struct writer *writer, const struct filter_arch *calls)
{
	enum arch arch;
	int id;

	if (!arch_from_audit(&arch, calls->audit))
		return;
	id = syscall_from_number(arch, calls->last_known);
	if (id != SYSCALL_UNKNOWN)
		value_append(writer->arena, names_of(writer, writer->usual),
		             value_new_string(writer->arena, syscall_name(id)));
}

static int write_all(const struct writer *writer, const struct filter_table *table,
                     enum arch native, struct error *err)
{
	_cleanup_diagrams struct diagrams *store = diagrams_new(DIAGRAM_NODES_MAX);
	diagram whole = meaning_of_table(store, table);

	for (size_t i = 0; i < table->arch_count; i++)
		if (write_calls(writer, store, whole, &table->archs[i], native, err) < 0)
			return -1;
	for (size_t i = 0; i < table->arch_count; i++)
		name_last(writer, &table->archs[i]);
	return diagrams_check(store, err);
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
	if (write_all(&writer, table, arch, err) < 0)
		return -1;
	set_action(arena, object, "defaultAction", "defaultErrnoRet", native->listed);
	value_set(arena, object, "architectures", arches);
	value_set(arena, object, "syscalls", writer.calls);
	*ret = object;
	return 0;
}

/* ---- and back ---- */

static bool permits(struct decision decision)
{
	return decision.kind == DECISION_ALLOW || decision.kind == DECISION_LOG;
}

/* runc and crun: where the default permits, unknown calls are permitted, too. */
static bool opens_unknown(struct oci_comparison *comparison, const struct filter_arch *native)
{
	if (!permits(native->listed) || permits(native->unknown))
		return false;
	comparison->witness =
	        (struct call_sample){ .audit = native->audit, .number = native->last_known + 1 };
	comparison->wanted = decision_to_seccomp(native->unknown);
	comparison->got = decision_to_seccomp(native->listed);
	return true;
}

int policy_oci_compare(struct oci_comparison *ret, const struct filter_table *table,
                       const struct value *written, struct error *err)
{
	_cleanup_diagrams struct diagrams *store = diagrams_new(DIAGRAM_NODES_MAX);
	_cleanup_arena struct arena arena = {};
	_cleanup_text struct text text = {};
	struct oci_comparison comparison = {};
	struct policy_source source;
	struct filter_table again;
	struct policy *policy;
	diagram ours, theirs, wider;
	enum arch arch;

	value_encode(&text, written, VALUE_COMPACT);
	source = (struct policy_source){ "what was written", text_string(&text), text.length };
	if (!arch_from_audit(&arch, table->archs[0].audit))
		return error_set(err, 0, "no such architecture: %#x", table->archs[0].audit);
	if (policy_parse(&policy, &arena, &source, err) < 0 ||
	    policy_filter_table(&again, &arena, policy, arch, UINT32_MAX, UINT64_MAX, err) < 0)
		return -1;
	ours = meaning_of_table(store, table);
	theirs = meaning_of_table(store, &again);
	wider = diagram_and(store, meaning_permits(store, theirs),
	                    diagram_not(store, meaning_permits(store, ours)));
	comparison.wider = diagram_example(store, wider, &comparison.witness);
	comparison.equal =
	        !comparison.wider && !diagram_witness(store, ours, theirs, &comparison.witness);
	comparison.wanted = diagram_value(store, ours, &comparison.witness);
	comparison.got = diagram_value(store, theirs, &comparison.witness);
	if (opens_unknown(&comparison, &table->archs[0])) {
		comparison.wider = true;
		comparison.equal = false;
	}
	if (diagrams_check(store, err) < 0)
		return -1;
	*ret = comparison;
	return 0;
}
