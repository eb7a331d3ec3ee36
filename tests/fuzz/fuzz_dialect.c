/*
 * fuzz_dialect: Docker's seccomp JSON on any bytes. What is taken is compiled for several
 * architectures, and every program is proven. What it decides for the calls it names on x86_64 is
 * asked of a second reading of the same text: straight from the JSON, entry by entry, with nothing
 * of the compiler in it.
 */
#include "policy/emit.h"
#include "policy/policy.h"
#include "policy/prove.h"
#include "sandbox/base/cleanup.h"

#include <linux/audit.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { TEXT_MAX = 1 << 15, KERNEL_MAJOR = 6, KERNEL_MINOR = 1 };

static const uint64_t capabilities = 0xa80425fb; /* Docker's default */

/* ---- the second reading ---- */

static bool has_string(const struct value *list, const char *word)
{
	for (size_t i = 0; list != NULL && list->kind == VALUE_ARRAY && i < list->count; i++)
		if (strcmp(value_string(list->items[i], ""), word) == 0)
			return true;
	return false;
}

static bool is_kernel(const struct value *from)
{
	int major = 0, minor = 0;

	sscanf(value_string(from, ""), "%d.%d", &major, &minor);
	return KERNEL_MAJOR > major || (KERNEL_MAJOR == major && KERNEL_MINOR >= minor);
}

static bool is_kept(const struct value *name)
{
	const char *word = value_string(name, "");

	for (unsigned i = 0; i < 41; i++)
		if ((capabilities >> i & 1) != 0 && strncmp(word, "CAP_", 4) == 0 &&
		    strcmp(word + 4, capability_name(i)) == 0)
			return true;
	return false;
}

static size_t count_kept(const struct value *list)
{
	size_t kept = 0;

	for (size_t i = 0; list != NULL && list->kind == VALUE_ARRAY && i < list->count; i++)
		kept += is_kept(list->items[i]);
	return kept;
}

static size_t length_of(const struct value *list)
{
	return list != NULL && list->kind == VALUE_ARRAY ? list->count : 0;
}

static bool takes_part(const struct value *entry)
{
	const struct value *in = value_get(entry, "includes"), *out = value_get(entry, "excludes");
	const struct value *from = value_get(in, "minKernel"), *to = value_get(out, "minKernel");

	if (length_of(value_get(in, "arches")) > 0 && !has_string(value_get(in, "arches"), "amd64"))
		return false;
	if (has_string(value_get(out, "arches"), "amd64"))
		return false;
	if (count_kept(value_get(in, "caps")) < length_of(value_get(in, "caps")) ||
	    count_kept(value_get(out, "caps")) > 0)
		return false;
	if (from != NULL && from->kind == VALUE_STRING && !is_kernel(from))
		return false;
	return to == NULL || to->kind != VALUE_STRING || !is_kernel(to);
}

static uint64_t number_of(const struct value *arg, const char *key)
{
	const struct value *value = value_get(arg, key);

	if (value != NULL && value->kind == VALUE_LARGE)
		return value->large;
	return (uint64_t)value_integer(value, 0);
}

static bool condition_holds(const struct value *arg, const struct call_sample *sample)
{
	const char *op = value_string(value_get(arg, "op"), "");
	uint64_t is = sample->arguments[number_of(arg, "index")];
	uint64_t value = number_of(arg, "value"), two = number_of(arg, "valueTwo");

	if (strcmp(op, "SCMP_CMP_NE") == 0)
		return is != value;
	if (strcmp(op, "SCMP_CMP_LT") == 0)
		return is < value;
	if (strcmp(op, "SCMP_CMP_LE") == 0)
		return is <= value;
	if (strcmp(op, "SCMP_CMP_EQ") == 0)
		return is == value;
	if (strcmp(op, "SCMP_CMP_GE") == 0)
		return is >= value;
	if (strcmp(op, "SCMP_CMP_GT") == 0)
		return is > value;
	return (is & value) == (two & value);
}

static bool entry_holds(const struct value *entry, const struct call_sample *sample)
{
	const struct value *args = value_get(entry, "args");
	unsigned seen = 0;
	size_t held = 0;
	bool twice = false;

	for (size_t i = 0; i < length_of(args); i++) {
		uint64_t index = number_of(args->items[i], "index");

		twice = twice || (seen >> index & 1) != 0;
		seen |= 1u << index;
		held += condition_holds(args->items[i], sample);
	}
	return twice ? held > 0 : held == length_of(args);
}

static uint32_t action_of(const struct value *action, const struct value *number)
{
	static const struct {
		const char *name;
		struct decision decision;
	} names[] = {
		{ "SCMP_ACT_ALLOW", { DECISION_ALLOW, 0 } },
		{ "SCMP_ACT_KILL", { DECISION_KILL_THREAD, 0 } },
		{ "SCMP_ACT_KILL_THREAD", { DECISION_KILL_THREAD, 0 } },
		{ "SCMP_ACT_KILL_PROCESS", { DECISION_KILL_PROCESS, 0 } },
		{ "SCMP_ACT_LOG", { DECISION_LOG, 0 } },
		{ "SCMP_ACT_TRAP", { DECISION_TRAP, 0 } },
		{ "SCMP_ACT_TRACE", { DECISION_ERRNO, 38 } },
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (strcmp(value_string(action, ""), names[i].name) == 0)
			return decision_to_seccomp(names[i].decision);
	return decision_to_seccomp((struct decision){
	        DECISION_ERRNO, (uint16_t)value_integer(number, 1 /* EPERM */) });
}

static bool names_call(const struct value *entry, const char *name)
{
	return has_string(value_get(entry, "names"), name) ||
	       strcmp(value_string(value_get(entry, "name"), ""), name) == 0;
}

/* Entries without conditions go before all others; what is the default's is left out. */
static uint32_t second_reading(const struct value *root, const char *name,
                               const struct call_sample *sample)
{
	const struct value *entries = value_get(root, "syscalls");
	uint32_t usual =
	        action_of(value_get(root, "defaultAction"), value_get(root, "defaultErrnoRet"));

	for (int plain = 1; plain >= 0; plain--)
		for (size_t i = 0; i < length_of(entries); i++) {
			const struct value *entry = entries->items[i];
			uint32_t action =
			        action_of(value_get(entry, "action"), value_get(entry, "errnoRet"));

			if (action == usual || !names_call(entry, name) || !takes_part(entry) ||
			    (length_of(value_get(entry, "args")) == 0) != (plain == 1))
				continue;
			if (entry_holds(entry, sample))
				return action;
		}
	return usual;
}

/* ---- both ---- */

static void ask(const struct filter_table *table, const struct value *root, const char *name,
                const struct value *arg)
{
	int call = syscall_find(name);
	struct call_sample sample = { .audit = AUDIT_ARCH_X86_64 };
	int64_t number = call == SYSCALL_UNKNOWN ? -1 : syscall_number(ARCH_X86_64, call);
	uint64_t index = number_of(arg, "index");

	if (number < 0)
		return;
	sample.number = (uint32_t)number;
	for (uint64_t around = 0; around < 3; around++) {
		sample.arguments[index] = number_of(arg, "value") + around - 1;
		if (decision_to_seccomp(filter_decide(table, &sample)) !=
		    second_reading(root, name, &sample))
			abort();
		sample.arguments[index] = number_of(arg, "valueTwo") + (around - 1) * 16;
		if (decision_to_seccomp(filter_decide(table, &sample)) !=
		    second_reading(root, name, &sample))
			abort();
	}
}

static void ask_all(const struct filter_table *table, const struct value *root)
{
	const struct value *entries = value_get(root, "syscalls");

	for (size_t i = 0; i < length_of(entries) && i < 64; i++) {
		const struct value *names = value_get(entries->items[i], "names");
		const struct value *args = value_get(entries->items[i], "args");

		/* what it names may be above the highest that counts, and ENOSYS */
		if (!takes_part(entries->items[i]))
			continue;
		for (size_t j = 0; j < length_of(names) && j < 8; j++) {
			const char *name = value_string(names->items[j], "");

			ask(table, root, name, NULL);
			for (size_t k = 0; k < length_of(args); k++)
				ask(table, root, name, args->items[k]);
		}
	}
}

static void prove(struct arena *arena, const struct policy *policy, enum arch arch)
{
	struct filter_table table;
	struct plan_filter filter;
	struct proof proof;
	struct error err;

	if (policy_filter_table(&table, arena, policy, arch, KERNEL_MAJOR << 16 | KERNEL_MINOR,
	                        capabilities, &err) < 0 ||
	    filter_emit(&filter, arena, &table, &err) < 0 ||
	    prove_equal(&proof, &table, &filter, &err) < 0)
		return;
	if (!proof.equal)
		abort();
}

/* The second reading knows neither Podman's "errno" nor keys in another case than Docker's. */
static bool is_plain(const struct value *value)
{
	static const char *const known[] = { "defaultAction",
		                             "defaultErrnoRet",
		                             "archMap",
		                             "architectures",
		                             "syscalls",
		                             "names",
		                             "name",
		                             "action",
		                             "errnoRet",
		                             "args",
		                             "includes",
		                             "excludes",
		                             "index",
		                             "value",
		                             "valueTwo",
		                             "op",
		                             "arches",
		                             "caps",
		                             "minKernel",
		                             "architecture",
		                             "subArchitectures" };
	bool container = value->kind == VALUE_ARRAY || value->kind == VALUE_OBJECT;

	for (size_t i = 0; container && i < value->count; i++) {
		const char *key = value->items[i]->key;
		size_t j = 0;

		while (key != NULL && j < ARRAY_SIZE(known) && strcmp(known[j], key) != 0)
			j++;
		if (j == ARRAY_SIZE(known) || !is_plain(value->items[i]))
			return false;
	}
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct policy_source source = { "fuzz.json", (const char *)data, size };
	_cleanup_arena struct arena arena = {};
	struct plan_strings warnings;
	struct filter_table table;
	struct policy *policy;
	struct value *root;
	struct error err;

	if (size > TEXT_MAX || memmem(data, size, "defaultAction", strlen("defaultAction")) == NULL)
		return 0;
	if (policy_parse(&policy, &arena, &source, &err) < 0)
		return 0;
	if (value_decode_large(&root, &arena, "fuzz.json", source.text, size, &err) < 0 ||
	    policy_check(&warnings, &arena, policy, &source, &err) < 0)
		abort();
	prove(&arena, policy, ARCH_X86_64);
	prove(&arena, policy, ARCH_AARCH64);
	prove(&arena, policy, ARCH_S390X);
	if (!is_plain(root) || value_get(root, "defaultAction") == NULL)
		return 0;
	if (policy_filter_table(&table, &arena, policy, ARCH_X86_64,
	                        KERNEL_MAJOR << 16 | KERNEL_MINOR, capabilities, &err) == 0)
		ask_all(&table, root);
	return 0;
}
