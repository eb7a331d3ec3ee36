/*
 * Random seccomp files in Docker's form, compiled by cordon and by libseccomp as runc hands them to
 * it (entries that say what the default says are left out, two conditions on one argument are rules
 * of their own, unknown names are skipped), and compared by the prover: for every call of every
 * architecture that both know, alone and several in one program, over all arguments.
 *
 * Left out is where libseccomp is wrong (test_libseccomp.c) or leaves the order open: a call has
 * one entry with conditions, and one with order comparisons has one condition.
 * docs/docker-dialect.md has what differs by choice. CORDON_DIALECTS is how many; docs/proof.md has
 * a long run.
 */
#include "tests/policy/compiled.h"

#include "policy/meaning.h"
#include "policy/prove.h"
#include "policy/rules.h"
#include "sandbox/base/cleanup.h"
#include "tests/support/their_filter.h"
#include "tests/support/their_words.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/* libseccomp 2.5.4 loses the parts of a rule that it refuses; the sanitizer asks here. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libseccomp.so";
}

enum { USUAL_FILES = 150, ENTRIES = 8, NAMES = 3, ARGS = 3, KERNEL = 6 << 16 | 1 };

static const char *const names[] = {
	"read",   "write",  "socket",   "connect", "sendto",      "accept4", "shmget",
	"semop",  "msgctl", "getpid",   "clone",   "personality", "ioctl",   "lseek",
	"openat", "mmap",   "open",     "chown32", "waitpid",     "fchmod",  "socketcall",
	"ipc",    "kill",   "mprotect", "openat2", "statx",       "no_such", "setuid",
};

struct entry {
	const char *names[NAMES];
	size_t name_count;
	struct decision decision;
	bool said; /* the errno is written */
	struct condition args[ARGS];
	size_t arg_count;
};

struct file {
	struct their_world world;
	struct decision usual;
	struct entry entries[ENTRIES];
	size_t count;
};

/* ---- making ---- */

static struct decision random_answer(struct random *random)
{
	static const struct decision answers[] = {
		{ DECISION_ALLOW, 0 }, { DECISION_ALLOW, 0 },       { DECISION_ERRNO, 1 },
		{ DECISION_ERRNO, 0 }, { DECISION_ERRNO, 38 },      { DECISION_LOG, 0 },
		{ DECISION_TRAP, 0 },  { DECISION_KILL_THREAD, 0 }, { DECISION_KILL_PROCESS, 0 },
	};

	return answers[random_below(random, sizeof answers / sizeof *answers)];
}

static bool is_door(const char *name)
{
	return strcmp(name, "socketcall") == 0 || strcmp(name, "ipc") == 0;
}

static struct condition random_arg(struct random *random, bool order)
{
	static const enum condition_operator kinds[] = {
		CONDITION_IS,       CONDITION_NOT,     CONDITION_MASKED, CONDITION_BELOW,
		CONDITION_AT_LEAST, CONDITION_AT_MOST, CONDITION_ABOVE,
	};
	struct condition arg = { .argument = (uint8_t)random_below(random, 3) };

	arg.operator= kinds[random_below(random, order ? 7 : 3)];
	arg.value = random_value(random);
	/* without a bit that is asked it is a rule without a condition there, and the first counts
	 */
	arg.mask = random_value(random) | 1;
	return arg;
}

static void random_entry(struct entry *entry, struct random *random, bool *conditional)
{
	entry->decision = random_answer(random);
	entry->said = entry->decision.data != EPERM || random_below(random, 2) == 0;
	entry->name_count = 1 + random_below(random, NAMES);
	entry->arg_count = random_below(random, 2) ? 0 : 1 + random_below(random, ARGS);
	for (size_t i = 0; i < entry->name_count; i++) {
		size_t name = random_below(random, sizeof names / sizeof *names);

		if (entry->arg_count > 0 && (conditional[name] || is_door(names[name])))
			entry->arg_count = 0;
		entry->names[i] = names[name];
	}
	for (size_t i = 0; i < entry->arg_count; i++)
		entry->args[i] = random_arg(random, entry->arg_count == 1);
	for (size_t i = 0; i < entry->name_count && entry->arg_count > 0; i++)
		for (size_t j = 0; j < sizeof names / sizeof *names; j++)
			conditional[j] |= strcmp(names[j], entry->names[i]) == 0;
}

static void random_file(struct file *ret, struct random *random)
{
	static const struct their_world worlds[] = {
		{ { ARCH_X86_64 }, 1 },
		{ { ARCH_X86_64, ARCH_I386 }, 2 },
		{ { ARCH_X86_64, ARCH_I386, ARCH_X32 }, 3 },
		{ { ARCH_AARCH64 }, 1 },
		{ { ARCH_AARCH64, ARCH_ARM }, 2 },
		{ { ARCH_RISCV64 }, 1 },
		{ { ARCH_PPC64LE }, 1 },
		{ { ARCH_S390X }, 1 },
	};
	/* Every architecture has it: see test_lost_number. */
	struct entry plain = { { "getppid" }, 1, { DECISION_ALLOW, 0 }, true, {}, 0 };
	bool conditional[sizeof names / sizeof *names] = {};

	memset(ret, 0, sizeof *ret);
	ret->world = worlds[random_below(random, sizeof worlds / sizeof *worlds)];
	ret->usual = random_answer(random);
	if (ret->usual.kind == DECISION_ALLOW)
		plain.decision = (struct decision){ DECISION_ERRNO, EPERM };
	ret->count = 1 + random_below(random, ENTRIES - 1);
	for (size_t i = 0; i < ret->count; i++)
		random_entry(&ret->entries[i], random, conditional);
	ret->entries[ret->count++] = plain;
}

/* ---- as text ---- */

static void append_action(struct text *ret, const char *key, const char *errno_key,
                          struct decision decision, bool said)
{
	static const char *const words[DECISION_KINDS] = {
		[DECISION_ALLOW] = "ALLOW",      [DECISION_ERRNO] = "ERRNO",
		[DECISION_LOG] = "LOG",          [DECISION_TRAP] = "TRAP",
		[DECISION_KILL_THREAD] = "KILL", [DECISION_KILL_PROCESS] = "KILL_PROCESS",
	};

	text_printf(ret, "\"%s\": \"SCMP_ACT_%s\"", key, words[decision.kind]);
	if (decision.kind == DECISION_ERRNO && said)
		text_printf(ret, ", \"%s\": %u", errno_key, decision.data);
}

static void append_entry(struct text *ret, const struct entry *entry)
{
	static const char *const words[CONDITION_OPERATORS] = {
		[CONDITION_IS] = "EQ",
		[CONDITION_NOT] = "NE",
		[CONDITION_BELOW] = "LT",
		[CONDITION_AT_LEAST] = "GE",
		[CONDITION_AT_MOST] = "LE",
		[CONDITION_ABOVE] = "GT",
		[CONDITION_MASKED] = "MASKED_EQ",
	};

	text_append(ret, "{\"names\": [");
	for (size_t i = 0; i < entry->name_count; i++)
		text_printf(ret, "%s\"%s\"", i > 0 ? ", " : "", entry->names[i]);
	text_append(ret, "], ");
	append_action(ret, "action", "errnoRet", entry->decision, entry->said);
	text_append(ret, ", \"args\": [");
	for (size_t i = 0; i < entry->arg_count; i++) {
		const struct condition *arg = &entry->args[i];
		bool masked = arg->operator== CONDITION_MASKED;

		text_printf(ret,
		            "%s{\"index\": %u, \"op\": \"SCMP_CMP_%s\", \"value\": %llu, "
		            "\"valueTwo\": %llu}",
		            i > 0 ? ", " : "", arg->argument, words[arg->operator],
		            (unsigned long long)(masked ? arg->mask : arg->value),
		            (unsigned long long)(masked ? arg->value : 0));
	}
	text_append(ret, "]}");
}

static void append_file(struct text *ret, const struct file *file)
{
	static const char *const words[ARCH_COUNT] = { "X86_64", "X86",     "X32",     "AARCH64",
		                                       "ARM",    "RISCV64", "PPC64LE", "S390X" };

	text_append_char(ret, '{');
	append_action(ret, "defaultAction", "defaultErrnoRet", file->usual, true);
	text_append(ret, ", \"architectures\": [");
	for (size_t i = 0; i < file->world.count; i++)
		text_printf(ret, "%s\"SCMP_ARCH_%s\"", i > 0 ? ", " : "",
		            words[file->world.arches[i]]);
	text_append(ret, "], \"syscalls\": [");
	for (size_t i = 0; i < file->count; i++) {
		text_append(ret, i > 0 ? ", " : "");
		append_entry(ret, &file->entries[i]);
	}
	text_append(ret, "]}");
}

/* ---- as runc hands it on ---- */

static bool names_twice(const struct entry *entry)
{
	for (size_t i = 0; i < entry->arg_count; i++)
		for (size_t j = 0; j < i; j++)
			if (entry->args[i].argument == entry->args[j].argument)
				return true;
	return false;
}

static int add_name(scmp_filter_ctx context, const struct entry *entry, const char *name)
{
	int number = seccomp_syscall_resolve_name(name), result = 0;
	struct scmp_arg_cmp args[ARGS];

	if (number == __NR_SCMP_ERROR)
		return 0;
	for (size_t i = 0; i < entry->arg_count; i++)
		args[i] = their_condition(&entry->args[i]);
	if (!names_twice(entry))
		return seccomp_rule_add_array(context, their_action(entry->decision), number,
		                              (unsigned)entry->arg_count, args);
	for (size_t i = 0; i < entry->arg_count && result == 0; i++)
		result = seccomp_rule_add_array(context, their_action(entry->decision), number, 1,
		                                &args[i]);
	return result;
}

static bool same(struct decision a, struct decision b)
{
	return a.kind == b.kind && a.data == b.data;
}

/* False: it takes some rule for one that is there. */
static bool build(struct their_slot *slot, const struct file *file)
{
	scmp_filter_ctx context = seccomp_init(their_action(file->usual));
	int fd = memfd_create("bpf", MFD_CLOEXEC), result = their_take(context, &file->world);
	ssize_t size;

	assert_int_equal(result, 0);
	for (size_t i = 0; i < file->count && result == 0; i++)
		for (size_t j = 0; j < file->entries[i].name_count && result == 0; j++)
			if (!same(file->entries[i].decision, file->usual))
				result = add_name(context, &file->entries[i],
				                  file->entries[i].names[j]);
	if (result == 0)
		assert_int_equal(seccomp_export_bpf(context, fd), 0);
	seccomp_release(context);
	size = pread(fd, slot->program, sizeof slot->program, 0);
	close(fd);
	assert_true(size >= 0);
	slot->count = (size_t)size / sizeof *slot->program;
	their_bytes(slot, file->world.arches[0]);
	return result == 0;
}

/* ---- both ---- */

/* Of what differs by choice, for a call with two doors and an entry with conditions: an allowing
 * one opens the second to anything there, and a denying one is forgotten. Here the second is
 * closed. */
static bool opens_door(const struct file *file, enum arch arch, int door)
{
	for (size_t i = 0; i < file->count; i++)
		for (size_t j = 0; j < file->entries[i].name_count; j++) {
			int call = syscall_find(file->entries[i].names[j]), through;
			uint32_t number;

			if (file->entries[i].arg_count > 0 && call != SYSCALL_UNKNOWN &&
			    rules_multiplexed(&through, &number, arch, call) && through == door)
				return true;
		}
	return false;
}

struct comparison {
	struct diagrams *store;
	diagram ours, theirs;
	const struct filter_table *table;
	const struct file *file;
	const char *text;
	unsigned calls;
};

static void compare_call(struct comparison *comparison, enum arch arch, int call)
{
	struct diagrams *store = comparison->store;
	uint32_t number = (uint32_t)syscall_number(arch, call) | (arch == ARCH_X32 ? 1u << 30 : 0);
	diagram ours = meaning_of_call(store, comparison->ours, arch_audit(arch), number);
	diagram theirs = meaning_of_call(store, comparison->theirs, arch_audit(arch), number);
	struct call_sample sample = {};

	if (is_door(syscall_name(call))) {
		if (opens_door(comparison->file, arch, call))
			return;
		/* 64 bits of an int are compared there: what has high bits steps around it */
		ours = diagram_given(store, ours, word_of_argument(0, true), 0);
		theirs = diagram_given(store, theirs, word_of_argument(0, true), 0);
	}
	comparison->calls++;
	if (!diagram_witness(store, ours, theirs, &sample))
		return;
	fprintf(stderr, "%s\n", comparison->text);
	fail_msg("%s of %s, %#llx %#llx %#llx: %#x, theirs %#x", syscall_name(call),
	         arch_name(arch), (unsigned long long)sample.arguments[0],
	         (unsigned long long)sample.arguments[1], (unsigned long long)sample.arguments[2],
	         diagram_value(store, ours, &sample), diagram_value(store, theirs, &sample));
}

/* The highest number that counts; what is above answers ENOSYS or, there, the default. */
static uint32_t highest_of(const struct filter_table *table, const struct file *file,
                           enum arch arch)
{
	uint32_t highest = 0;

	for (size_t i = 0; i < table->arch_count; i++)
		if (arch != ARCH_X32 && table->archs[i].audit == arch_audit(arch))
			return table->archs[i].last_known;
	for (size_t i = 0; i < file->count; i++)
		for (size_t j = 0; j < file->entries[i].name_count; j++) {
			int call = syscall_find(file->entries[i].names[j]);
			int number = call == SYSCALL_UNKNOWN ? -1 : syscall_number(arch, call);

			highest = number > (int)highest ? (uint32_t)number : highest;
		}
	return highest;
}

static void compare_arch(struct comparison *comparison, enum arch arch)
{
	uint32_t highest = highest_of(comparison->table, comparison->file, arch);

	/* 0: nothing is named there */
	for (size_t place = 0; highest > 0 && place < syscall_count_in(arch); place++) {
		int call = syscall_at(arch, place);
		int number =
		        seccomp_syscall_resolve_name_arch(their_arch(arch), syscall_name(call));

		/* one that they do not know is left out there, and by its own name in ours */
		if (number != __NR_SCMP_ERROR && (uint32_t)syscall_number(arch, call) <= highest)
			compare_call(comparison, arch, call);
	}
}

static unsigned compare(const struct file *file, struct their_slot *slot, const char *text)
{
	_cleanup_diagrams struct diagrams *store = diagrams_new(DIAGRAM_NODES_MAX);
	const struct plan_filter filter = { .instructions = slot->program, .count = slot->count };
	_cleanup_arena struct arena arena = {};
	struct filter_table table;
	struct comparison comparison = {
		.store = store, .table = &table, .file = file, .text = text
	};
	struct error err = {};

	if (policy_filter_table(&table, &arena, compiled_parse(&arena, text), file->world.arches[0],
	                        KERNEL, 0, &err) < 0)
		fail_msg("%s", err.text);
	if (prove_program(&comparison.theirs, store, &filter, file->world.arches[0] == ARCH_S390X,
	                  &err) < 0)
		fail_msg("%s", err.text);
	comparison.ours = meaning_of_table(store, &table);
	for (size_t i = 0; i < file->world.count; i++)
		compare_arch(&comparison, file->world.arches[i]);
	assert_int_equal(diagrams_check(store, &err), 0);
	return comparison.calls;
}

/* Where the only plain rules are on calls that an architecture does not have, libseccomp 2.5.4
 * writes the instruction that loads the number in front of one of those, and leaves it out with
 * it: the others are compared with the architecture word, and never hold. */
static void test_lost_number(void **state)
{
	const struct file file = {
		.world = { { ARCH_AARCH64 }, 1 },
		.usual = { DECISION_ALLOW, 0 },
		.entries = { { { "vm86" }, 1, { DECISION_ERRNO, EPERM }, true, {}, 0 },
		             { { "lseek" },
		               1,
		               { DECISION_ERRNO, EPERM },
		               true,
		               { { 1, false, CONDITION_IS, 5, 0 } },
		               1 } },
		.count = 2,
	};
	struct call_sample sample = { .audit = arch_audit(ARCH_AARCH64), .arguments = { 0, 5 } };
	struct their_slot *slot = calloc(1, sizeof *slot);
	_cleanup_arena struct arena arena = {};
	_cleanup_text struct text text = {}, version = {};
	struct filter_table table;
	struct error err = {};

	(void)state;
	sample.number = (uint32_t)syscall_number(ARCH_AARCH64, syscall_find("lseek"));
	append_file(&text, &file);
	assert_true(build(slot, &file));
	assert_int_equal(policy_filter_table(&table, &arena,
	                                     compiled_parse(&arena, text_string(&text)),
	                                     ARCH_AARCH64, KERNEL, 0, &err),
	                 0);
	assert_int_equal(filter_decide(&table, &sample).kind, DECISION_ERRNO);
	their_version(&version);
	if (strcmp(text_string(&version), "2.5.4") == 0)
		assert_int_equal(bpf_run(slot->program, &sample, NULL), SECCOMP_RET_ALLOW);
	free(slot);
}

static void test_files(void **state)
{
	const char *given = getenv("CORDON_DIALECTS");
	unsigned count = given == NULL ? USUAL_FILES : (unsigned)atoi(given), refused = 0;
	struct their_slot *slot = calloc(1, sizeof *slot);
	struct random random = { 0xd0c4e5 };
	unsigned long calls = 0;

	(void)state;
	for (unsigned i = 0; i < count; i++) {
		_cleanup_text struct text text = {};
		struct file file;

		random_file(&file, &random);
		append_file(&text, &file);
		if (build(slot, &file))
			calls += compare(&file, slot, text_string(&text));
		else
			refused++;
	}
	free(slot);
	print_message("# %u files, of which libseccomp refuses %u: %lu calls answered alike\n",
	              count, refused, calls);
	assert_true(refused < count / 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_lost_number),
		                            cmocka_unit_test(test_files) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
