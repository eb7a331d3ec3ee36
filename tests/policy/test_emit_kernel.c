/*
 * The emitted program in the kernel itself, against the interpreter of tests/support/bpf.c: what
 * the other tests believe of a filter is only as good as that interpreter.
 *
 * The calls are those that read no argument at all (getuid(2) and its like): any six words may be
 * handed over, high bits and all, and an allowed one returns a number that is not negative. A few
 * others are asked with arguments that a kernel which gets to see them refuses, with an errno that
 * the filter does not give.
 */
#include "tests/policy/compiled.h"

#include "policy/emit.h"
#include "sandbox/base/cleanup.h"
#include "tests/policy/in_kernel.h"

enum {
	FIRST_ERRNO = 3000, /* ours; the kernel's end at 133, and it takes any up to 4095 */
	UNKNOWN_ERRNO = FIRST_ERRNO + 900,
	X32 = 0x40000000,
};

/* Calls without arguments, of one architecture. */
struct numbers {
	uint32_t audit;
	uint8_t arguments; /* registers that the test fills */
	uint32_t calls[8];
};

static const struct numbers native = {
	NATIVE_AUDIT,
	6,
	{ SYS_getuid, SYS_geteuid, SYS_getgid, SYS_getegid, SYS_getppid, SYS_gettid, SYS_getpid,
	  SYS_sched_yield },
};

static uint64_t seed = 88172645463325252u;

static uint64_t random_number(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	return seed ^= seed << 17;
}

static unsigned below(unsigned limit)
{
	return (unsigned)(random_number() % limit);
}

/* ---- random tables ---- */

/* Values near the places where 32- and 64-bit readings part. */
static uint64_t random_value(void)
{
	static const uint64_t anchors[] = { 0,           1,          0x7fffffff,
		                            0x80000000,  0xffffffff, 0x100000000,
		                            0x180000000, UINT64_MAX, 0x8000000000000000 };

	if (below(4) == 0)
		return random_number() >> below(64);
	return anchors[below(ARRAY_SIZE(anchors))] + below(5) - 2;
}

static struct decision random_decision(void)
{
	unsigned kind = below(8);

	if (kind < 3)
		return (struct decision){ DECISION_ALLOW, 0 };
	if (kind == 3)
		return (struct decision){ DECISION_TRAP, 0 };
	return (struct decision){ DECISION_ERRNO, (uint16_t)(FIRST_ERRNO + below(900)) };
}

static void random_rules(struct filter_call *call, struct arena *arena, unsigned arguments)
{
	struct filter_rule *rules = arena_array(arena, 5, sizeof *rules);

	call->rules = rules;
	call->rule_count = below(5);
	for (size_t i = 0; i < call->rule_count; i++) {
		size_t count = below(4);
		struct condition *conditions = arena_array(arena, count, sizeof *conditions);

		for (size_t j = 0; j < count; j++)
			conditions[j] = (struct condition){
				.argument = (uint8_t)below(below(2) ? arguments : 2),
				.is_32bit = below(2) == 0,
				.operator=(enum condition_operator) below(CONDITION_OPERATORS),
				.value = random_value(),
				.mask = random_value()
			};
		rules[i] = (struct filter_rule){ conditions, count, random_decision(), {} };
	}
}

static int compare_calls(const void *left, const void *right)
{
	const struct filter_call *a = left, *b = right;

	return a->number < b->number ? -1 : a->number > b->number;
}

/* All is allowed but what the test asks about. */
static void random_arch(struct filter_arch *arch, struct arena *arena,
                        const struct numbers *numbers)
{
	struct filter_call *calls = arena_array(arena, ARRAY_SIZE(numbers->calls), sizeof *calls);

	for (size_t i = 0; i < ARRAY_SIZE(numbers->calls); i++) {
		calls[i] = (struct filter_call){ .number = numbers->calls[i],
			                         .otherwise = random_decision() };
		random_rules(&calls[i], arena, numbers->arguments);
	}
	qsort(calls, ARRAY_SIZE(numbers->calls), sizeof *calls, compare_calls);
	*arch = (struct filter_arch){
		.audit = numbers->audit,
		.calls = calls,
		.call_count = ARRAY_SIZE(numbers->calls),
		.last_known = 600,
		.unknown = { DECISION_ERRNO, UNKNOWN_ERRNO },
		.x32 = { DECISION_ERRNO, UNKNOWN_ERRNO + 1 },
	};
}

/* A sample on or beside the values of a call's conditions. */
static void random_sample(struct call_sample *sample, const struct filter_call *call,
                          const struct numbers *numbers)
{
	bool is_32bit = numbers->audit == AUDIT_ARCH_I386;

	*sample = (struct call_sample){ .audit = numbers->audit, .number = call->number };
	for (size_t i = 0; i < numbers->arguments; i++)
		sample->arguments[i] = random_value();
	for (size_t i = 0; i < call->rule_count; i++)
		for (size_t j = 0; j < call->rules[i].count && below(2); j++) {
			const struct condition *condition = &call->rules[i].conditions[j];

			sample->arguments[condition->argument] =
			        condition->value + below(3) - 1 +
			        (below(4) == 0 ? UINT64_C(1) << (32 + below(32)) : 0);
		}
	for (size_t i = 0; i < numbers->arguments && is_32bit; i++)
		sample->arguments[i] = (uint32_t)sample->arguments[i];
}

static void ask_about(struct trial *trial, const struct filter_arch *arch,
                      const struct numbers *numbers)
{
	for (size_t i = 0; i < arch->call_count; i++)
		for (unsigned j = 0; j < 60; j++) {
			struct call_sample sample;

			random_sample(&sample, &arch->calls[i], numbers);
			ask(trial, &sample, 0);
		}
}

static void ask_unknown(struct trial *trial, uint32_t audit, uint32_t number)
{
	const struct call_sample sample = { .audit = audit, .number = number };

	ask(trial, &sample, ENOSYS);
}

static unsigned rounds(void)
{
	const char *given = getenv("CORDON_ROUNDS");

	return given == NULL ? 100 : (unsigned)atoi(given);
}

static void try_tables(const struct numbers *const *numbers, size_t count)
{
	static struct trial trial;

	for (unsigned round = 0; round < rounds(); round++) {
		_cleanup_arena struct arena arena = {};
		struct filter_arch archs[2];
		struct filter_table table = { .archs = archs,
			                      .arch_count = count,
			                      .foreign = { DECISION_KILL_PROCESS, 0 } };
		struct plan_filter filter;
		struct error err;

		for (size_t i = 0; i < count; i++)
			random_arch(&archs[i], &arena, numbers[i]);
		assert_int_equal(filter_emit(&filter, &arena, &table, &err), 0);
		trial.table = &table;
		trial.filter = &filter;
		trial.count = 0;
		for (size_t i = 0; i < count; i++) {
			ask_about(&trial, &archs[i], numbers[i]);
			ask_unknown(&trial, numbers[i]->audit, 601 + round);
			ask_unknown(&trial, numbers[i]->audit, UINT32_MAX);
		}
		if (NATIVE_AUDIT == AUDIT_ARCH_X86_64)
			ask_unknown(&trial, NATIVE_AUDIT, X32 | SYS_getuid);
		assert_int_equal(run(&trial), 0);
	}
}

static void test_random_tables(void **state)
{
	static const struct numbers *const numbers[] = { &native };

	(void)state;
	try_tables(numbers, 1);
}

#if defined(__x86_64__)
/* getuid32 and its like; the sixth register of int 0x80 is the frame pointer, so it stays out. */
static const struct numbers i386 = {
	AUDIT_ARCH_I386,
	5,
	{ 199, 201, 200, 202, 64, 224, 20, 158 },
};

static _Noreturn void call_i386(void)
{
	const struct call_sample sample = { .audit = AUDIT_ARCH_I386, .number = 20 };

	/* not cmocka's, which would go on with the tests */
	signal(SIGSEGV, SIG_DFL);
	_exit(enter_kernel(&sample) == getpid() ? 0 : 1);
}

/* A kernel without CONFIG_IA32_EMULATION, and some hypervisors, know no int 0x80. */
static bool serves_i386(void)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0)
		call_i386();
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status == 0;
}

static void test_random_tables_of_two_architectures(void **state)
{
	static const struct numbers *const numbers[] = { &native, &i386 };

	(void)state;
	if (!serves_i386())
		skip();
	try_tables(numbers, 2);
}
#else
static bool serves_i386(void)
{
	return false;
}
#endif

/* ---- what kills ---- */

static void dies(struct trial *trial, uint32_t audit, uint32_t number, uint64_t argument)
{
	const struct call_sample sample = { .audit = audit,
		                            .number = number,
		                            .arguments = { argument } };
	int status;

	trial->count = 0;
	ask(trial, &sample, 0);
	assert_int_equal(trial->questions[0].wanted, SECCOMP_RET_KILL_PROCESS);
	status = run(trial);
	if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGSYS)
		fail_msg("call %#x of %#x did not kill: status %#x", number, audit, status);
}

static void test_killed(void **state)
{
	static struct trial trial;
	_cleanup_arena struct arena arena = {};
	const struct condition seven = { .is_32bit = true, .operator= CONDITION_IS, .value = 7 };
	const struct filter_rule rule = { &seven, 1, { DECISION_KILL_PROCESS, 0 }, {} };
	struct filter_call call = { .number = SYS_getuid, .rules = &rule, .rule_count = 1 };
	struct filter_arch arch = { .audit = NATIVE_AUDIT,
		                    .calls = &call,
		                    .call_count = 1,
		                    .last_known = 600,
		                    .unknown = { DECISION_KILL_PROCESS, 0 } };
	struct filter_table table = { .archs = &arch,
		                      .arch_count = 1,
		                      .foreign = { DECISION_KILL_PROCESS, 0 } };
	struct call_sample lives = { .audit = NATIVE_AUDIT, .number = SYS_getuid };
	struct plan_filter filter;
	struct error err;

	(void)state;
	assert_int_equal(filter_emit(&filter, &arena, &table, &err), 0);
	trial.table = &table;
	trial.filter = &filter;
	dies(&trial, NATIVE_AUDIT, SYS_getuid, 7);
	dies(&trial, NATIVE_AUDIT, SYS_getuid, 0xffffffff00000007);
	dies(&trial, NATIVE_AUDIT, 601, 0);
	if (serves_i386())
		dies(&trial, AUDIT_ARCH_I386, 20, 0);
	else
		print_message("# i386 is not served on this machine: not asked\n");
	trial.count = 0;
	lives.arguments[0] = UINT64_C(7) << 32;
	ask(&trial, &lives, 0);
	assert_int_equal(run(&trial), 0);
}

/* ---- a profile as a person writes it ---- */

static const char profile[] =
        "{\"schema\": 1, \"name\": \"test\", \"syscalls\": {\"default\": \"allow\", \"rules\": ["
        "{\"call\": \"socket\", \"when\": {\"domain\": {\"in\": [\"AF_UNIX\", \"AF_INET\"]}}, \"decision\": \"allow\"},"
        "{\"call\": \"socket\", \"decision\": {\"errno\": \"ENOANO\"}},"
        "{\"call\": \"ioctl\", \"when\": {\"request\": {\"in\": [\"TIOCSTI\", \"TIOCLINUX\"]}},"
        " \"decision\": {\"errno\": \"ENOANO\"}},"
        "{\"call\": \"personality\", \"when\": {\"persona\": {\"not\": [0, \"0xffffffff\"]}},"
        " \"decision\": {\"errno\": \"ENOANO\"}},"
        "{\"call\": \"lseek\", \"when\": {\"offset\": {\"at_least\": \"0x100000000\"}},"
        " \"decision\": {\"errno\": \"ENOANO\"}},"
        "{\"call\": \"prctl\", \"when\": {\"option\": {\"at_least\": 9000, \"below\": 9010}},"
        " \"decision\": {\"errno\": \"ENOANO\"}}"
        "]}}";

/* Every row is asked with each of these in the high half of its argument. */
static const uint64_t high_halves[] = { 0, UINT64_C(1) << 32, UINT64_C(1) << 63,
	                                UINT64_C(0xffffffff) << 32 };

static const struct row {
	const char *call;
	unsigned argument; /* which one varies */
	uint64_t others[6];
	int refusal; /* of the kernel, where the filter allows it */
	uint64_t values[8];
} rows[] = {
	/* a type that is none: EINVAL before the family is looked at */
	{ "socket", 0, { 0, 0x7fffff00 }, EINVAL, { 0, 1, 2, 3, 10, 16, 17, 0xffffffff } },
	{ "ioctl", 1, { UINT64_MAX }, EBADF, { 0x5412, 0x541c, 0x5411, 0x5413, 0x5401 } },
	{ "lseek", 1, { UINT64_MAX }, EBADF, { 0, 1, 0x7fffffff, 0xffffffff } },
	/* CLONE_SIGHAND without CLONE_VM: EINVAL; CLONE_NEWUSER is closed without being named */
	{ "clone",
	  0,
	  {},
	  EINVAL,
	  { 0x800, 0x10000800, 0x10020800, 0x20800, 0x800 | 17, 0x7c020800 } },
	{ "prctl", 0, {}, EINVAL, { 8999, 9000, 9005, 9009, 9010, 10000 } },
	{ "personality", 0, {}, 0, { 0, 0xffffffff, 8, 0x40000, 0x400000 } },
};

static void ask_row(struct trial *trial, const struct row *row)
{
	struct call_sample sample = { .audit = AUDIT_ARCH_X86_64 };

	sample.number = (uint32_t)syscall_number(ARCH_X86_64, syscall_find(row->call));
	for (size_t i = 0; i < ARRAY_SIZE(row->values); i++) {
		if (i > 0 && row->values[i] == 0)
			break;
		for (size_t j = 0; j < ARRAY_SIZE(high_halves); j++) {
			memcpy(sample.arguments, row->others, sizeof sample.arguments);
			sample.arguments[row->argument] = row->values[i] | high_halves[j];
			ask(trial, &sample, row->refusal);
		}
	}
}

static void test_profile(void **state)
{
	static struct trial trial;
	_cleanup_arena struct arena arena = {};
	struct filter_table table = compiled_table(&arena, compiled_parse(&arena, profile), 0);
	unsigned refused = 0;
	struct plan_filter filter;
	struct error err;

	(void)state;
	if (NATIVE_AUDIT != AUDIT_ARCH_X86_64)
		skip(); /* the table is for x86_64 */
	assert_int_equal(filter_emit(&filter, &arena, &table, &err), 0);
	trial.table = &table;
	trial.filter = &filter;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		ask_row(&trial, &rows[i]);
	for (size_t i = 0; i < trial.count; i++)
		refused += trial.questions[i].wanted != SECCOMP_RET_ALLOW;
	assert_true(trial.count >= 100);
	assert_true(refused >= 40 && refused <= trial.count - 40);
	assert_int_equal(run(&trial), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random_tables),
#if defined(__x86_64__)
		cmocka_unit_test(test_random_tables_of_two_architectures),
#endif
		cmocka_unit_test(test_killed),
		cmocka_unit_test(test_profile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
