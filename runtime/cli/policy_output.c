/*
 * policy_output: the forms policies are written in.
 */
#include "policy/call_text.h"
#include "policy/emit.h"
#include "policy/where.h"
#include "runtime/cli/policy_files.h"
#include "sandbox/base/cleanup.h"

#include <linux/audit.h>
#include <string.h>

bool policy_format_from_name(enum policy_format *ret, const char *name)
{
	static const char *const names[POLICY_FORMATS] = {
		[POLICY_FORMAT_BPF] = "bpf", [POLICY_FORMAT_DISASM] = "disasm",
		[POLICY_FORMAT_OCI] = "oci", [POLICY_FORMAT_JSON] = "json",
		[POLICY_FORMAT_C] = "c",     [POLICY_FORMAT_DOCKER] = "docker",
	};

	for (unsigned i = 0; i < POLICY_FORMATS; i++) {
		if (strcmp(names[i], name) == 0) {
			*ret = i;
			return true;
		}
	}
	return false;
}

/* ---- json ---- */

static void set_decision(struct arena *arena, struct value *object, const char *key,
                         struct decision decision)
{
	_cleanup_text struct text text = {};

	decision_print(&text, decision);
	value_set(arena, object, key, value_new_string(arena, text_string(&text)));
}

static struct value *instructions(struct arena *arena, const struct plan_filter *filter)
{
	struct value *array = value_new_array(arena);

	for (size_t i = 0; i < filter->count; i++) {
		const struct sock_filter *instruction = &filter->instructions[i];
		struct value *row = value_append(arena, array, value_new_array(arena));

		value_append(arena, row, value_new_integer(arena, instruction->code));
		value_append(arena, row, value_new_integer(arena, instruction->jt));
		value_append(arena, row, value_new_integer(arena, instruction->jf));
		value_append(arena, row, value_new_integer(arena, instruction->k));
	}
	return array;
}

static struct value *compiled_to_value(struct arena *arena, const struct filter_table *table,
                                       const struct plan_filter *filter, enum arch arch)
{
	struct value *object = value_new_object(arena), *calls = value_new_object(arena);
	const struct filter_arch *native = &table->archs[0];

	value_set(arena, object, "architecture", value_new_string(arena, arch_name(arch)));
	set_decision(arena, object, "default", native->listed);
	set_decision(arena, object, "unknown", native->unknown);
	set_decision(arena, object, "foreign", table->foreign);
	for (size_t i = 0; i < native->call_count; i++) {
		const struct filter_call *call = &native->calls[i];
		int id = syscall_from_number(arch, call->number);

		if (id == SYSCALL_UNKNOWN)
			continue;
		if (call->rule_count > 0)
			value_set(arena, calls, syscall_name(id),
			          value_new_string(arena, "by argument"));
		else
			set_decision(arena, calls, syscall_name(id), call->otherwise);
	}
	value_set(arena, object, "calls", calls);
	value_set(arena, object, "instructions", instructions(arena, filter));
	return object;
}

/* ---- c ---- */

static void append_c(struct text *ret, const struct policy *policy,
                     const struct plan_filter *filter, enum arch arch)
{
	text_printf(ret, "/* The filter of cordon's profile %s for %s. For seccomp(2). */\n",
	            policy_name(policy), arch_name(arch));
	filter_print_c(ret, filter, "filter");
}

/* ---- bpf ---- */

static bool is_big_endian(enum arch arch)
{
	return (arch_audit(arch) & __AUDIT_ARCH_LE) == 0;
}

struct plan_filter policy_swap_bytes(struct arena *arena, const struct plan_filter *filter,
                                     enum arch arch)
{
	struct plan_filter swapped = *filter;
	struct sock_filter *instructions;

	if (is_big_endian(arch) == (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__))
		return swapped;
	instructions = arena_array(arena, filter->count, sizeof *instructions);
	for (size_t i = 0; i < filter->count; i++) {
		instructions[i] = filter->instructions[i];
		instructions[i].code = __builtin_bswap16(instructions[i].code);
		instructions[i].k = __builtin_bswap32(instructions[i].k);
	}
	swapped.instructions = instructions;
	return swapped;
}

static void append_bytes(struct text *ret, struct arena *arena, const struct plan_filter *filter,
                         enum arch arch)
{
	struct plan_filter swapped = policy_swap_bytes(arena, filter, arch);

	text_append_bytes(ret, swapped.instructions, swapped.count * sizeof(struct sock_filter));
}

/* ---- oci, docker ---- */

static void append_json(struct text *ret, const struct value *value)
{
	value_encode(ret, value, VALUE_INDENTED);
	text_append_char(ret, '\n');
}

/* "CALL: the profile says 'errno EPERM', the file 'allow'" */
static void append_comparison(struct text *ret, const struct oci_comparison *comparison,
                              uint32_t usual)
{
	call_text(ret, &comparison->witness, usual);
	text_append(ret, ": the profile says '");
	action_text(ret, comparison->wanted);
	text_append(ret, "', the file '");
	action_text(ret, comparison->got);
	text_append(ret, "'");
}

/* Docker's file takes all that OCI's form has. */
static int append_oci(struct text *ret, struct text *note, struct arena *arena,
                      const struct filter_table *table, struct error *err)
{
	_cleanup_text struct text text = {};
	struct oci_comparison comparison;
	struct value *value;

	if (policy_to_oci(&value, arena, table, err) < 0 ||
	    policy_oci_compare(&comparison, table, value, err) < 0)
		return -1;
	if (!comparison.equal)
		append_comparison(&text, &comparison, table->archs[0].audit);
	if (comparison.wider) {
		error_set(err, 0, "in this form it would permit more: %s", text_string(&text));
		return error_hint(err,
		                  "the form has one answer for all architectures, and where the "
		                  "default permits, unknown calls are permitted: say the same "
		                  "in the profile, or take --format bpf");
	}
	if (!comparison.equal)
		text_printf(note,
		            "this form cannot say all of it; nothing is wider, but for example %s",
		            text_string(&text));
	append_json(ret, value);
	return 0;
}

/* ---- all formats ---- */

int policy_compile_for(struct confinement *ret, struct filter_table *table, struct arena *arena,
                       const struct policy *policy, const struct host *host, enum arch arch,
                       struct error *err)
{
	static const struct policy_flags none;
	struct host machine = *host;

	machine.audit_arch = arch_audit(arch);
	machine.seccomp_filter = machine.apparmor = true;
	machine.landlock_abi = 7;
	if (policy_compile(ret, arena, policy, &none, &machine, err) < 0)
		return -1;
	return policy_filter_table(table, arena, policy, arch, machine.kernel,
	                           ret->capabilities.bounding, err);
}

int policy_compile_as(struct text *ret, struct text *note, const struct policy *policy,
                      const struct host *host, enum arch arch, enum policy_format format,
                      struct error *err)
{
	_cleanup_arena struct arena arena = {};
	struct confinement confinement;
	struct filter_table table;

	if (policy_compile_for(&confinement, &table, &arena, policy, host, arch, err) < 0)
		return -1;
	switch (format) {
	case POLICY_FORMAT_BPF:
		append_bytes(ret, &arena, &confinement.filter, arch);
		return 0;
	case POLICY_FORMAT_DISASM:
		filter_disassemble(ret, &confinement.filter, arch);
		return 0;
	case POLICY_FORMAT_C:
		append_c(ret, policy, &confinement.filter, arch);
		return 0;
	case POLICY_FORMAT_DOCKER:
	case POLICY_FORMAT_OCI:
		return append_oci(ret, note, &arena, &table, err);
	default:
		append_json(ret, compiled_to_value(&arena, &table, &confinement.filter, arch));
		return 0;
	}
}

void policy_show(struct text *ret, const struct policy *policy)
{
	_cleanup_arena struct arena arena = {};

	append_json(ret, policy_to_value(&arena, policy));
}

void policy_show_where(struct text *ret, const struct policy *policy)
{
	_cleanup_arena struct arena arena = {};
	struct where where = policy_where(&arena, policy);

	for (size_t i = 0; i < where.count; i++) {
		const struct where_row *row = &where.rows[i];

		text_printf(ret, "%s:%u:%u: %s%s: ", row->place.file, row->place.position.line,
		            row->place.position.column, row->ceiling ? "ceiling: " : "", row->key);
		value_encode(ret, row->value, VALUE_COMPACT);
		text_append_char(ret, '\n');
	}
}

void policy_show_where_json(struct text *ret, const struct policy *policy)
{
	_cleanup_arena struct arena arena = {};
	struct where where = policy_where(&arena, policy);
	struct value *list = value_new_array(&arena);

	for (size_t i = 0; i < where.count; i++) {
		const struct where_row *row = &where.rows[i];
		struct value *object = value_append(&arena, list, value_new_object(&arena));

		value_set(&arena, object, "file", value_new_string(&arena, row->place.file));
		value_set(&arena, object, "line",
		          value_new_integer(&arena, row->place.position.line));
		value_set(&arena, object, "column",
		          value_new_integer(&arena, row->place.position.column));
		value_set(&arena, object, "ceiling", value_new_boolean(&arena, row->ceiling));
		value_set(&arena, object, "key", value_new_string(&arena, row->key));
		value_set(&arena, object, "value", value_copy(&arena, row->value));
	}
	append_json(ret, list);
}
