/*
 * The checker and the prover against the kernel itself, on random programs: what program_check
 * takes seccomp(2) takes, what it refuses seccomp(2) refuses with EINVAL, and what the prover and
 * the interpreter say of a call is what the kernel does with it: any action, the data of errno and
 * trap, all words of struct seccomp_data, the instruction pointer too. Unprivileged.
 * CORDON_PROGRAMS is how many programs; docs/proof.md has what a long run found.
 *
 * A filter that is loaded stays, and a random one may forbid anything: to return from a signal
 * handler, to write, to exit. So each has a process of its own, that says what it sees in shared
 * memory, goes on inside its signal handler, and ends by an instruction that is none.
 */
#include "policy/program.h"
#include "policy/prove.h"
#include "sandbox/base/cleanup.h"
#include "tests/policy/in_kernel.h"
#include "tests/support/random_program.h"

#include <sys/mman.h>

#if defined(__x86_64__)

enum {
	USUAL_PROGRAMS = 80, /* that are taken; of those that are refused there are more */
	PROGRAM_MAX = 24,
	CALLS = 10, /* asked of each */
	DEATHS = 2, /* and no more then: each costs a process */
	BATCH = 256,
	UNUSED_NUMBER = 900,
};

enum seen { SEEN_NOTHING, SEEN_RESULT, SEEN_TRAP };

struct answer {
	enum seen seen;
	long result; /* of the call; of a trap its data */
};

/* In memory that is shared with the process under the filter. */
struct desk {
	int load_error; /* -1: not tried */
	size_t at, count;
	struct call_sample calls[CALLS];
	long bare[CALLS]; /* what the kernel answers without the filter */
	struct answer answers[CALLS];
	struct sock_filter programs[BATCH][PROGRAM_MAX];
	size_t lengths[BATCH];
};

static struct desk *desk; /* for the signal handler */

static struct desk *new_desk(void)
{
	struct desk *made =
	        mmap(NULL, sizeof *made, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	assert_true(made != MAP_FAILED);
	return made;
}

/* ---- under the filter ---- */

/* A sanitizer's own calls would be filtered too: before what does not return it asks for the
 * signal stack. */
#define UNWATCHED __attribute__((no_sanitize("address", "undefined")))

extern const char program_kernel_after[]; /* what instruction_pointer is */

/* One place for all, so that its address is known. clang makes no clones, and knows no word for it.
 */
#if __has_attribute(noclone)
#define ONE_PLACE __attribute__((noinline, noclone))
#else
#define ONE_PLACE __attribute__((noinline))
#endif

UNWATCHED static ONE_PLACE long enter(const struct call_sample *call)
{
	register uint64_t r10 __asm__("r10") = call->arguments[3];
	register uint64_t r8 __asm__("r8") = call->arguments[4];
	register uint64_t r9 __asm__("r9") = call->arguments[5];
	long result;

	__asm__ volatile("syscall\n"
	                 ".globl program_kernel_after\n"
	                 "program_kernel_after:"
	                 : "=a"(result)
	                 : "a"((uint64_t)call->number), "D"(call->arguments[0]),
	                   "S"(call->arguments[1]), "d"(call->arguments[2]), "r"(r10), "r"(r8),
	                   "r"(r9)
	                 : "rcx", "r11", "memory");
	return result;
}

UNWATCHED static _Noreturn void go_on(void)
{
	while (desk->at < desk->count) {
		struct answer *answer = &desk->answers[desk->at];

		answer->result = enter(&desk->calls[desk->at]);
		answer->seen = SEEN_RESULT;
		desk->at++;
	}
	__builtin_trap();
}

UNWATCHED static void on_signal(int number, siginfo_t *info, void *context)
{
	struct answer *answer = &desk->answers[desk->at];

	(void)number;
	(void)context;
	answer->result = info->si_errno;
	answer->seen = SEEN_TRAP;
	desk->at++;
	go_on();
}

static long attempt(const struct sock_filter *instructions, size_t count)
{
	const struct sock_fprog program = { (unsigned short)count,
		                            (struct sock_filter *)instructions };

	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program);
}

UNWATCHED static _Noreturn void be_filtered(void)
{
	/* not blocked while it runs: it never returns, and the next trap comes inside it */
	const struct sigaction action = { .sa_sigaction = on_signal,
		                          .sa_flags = SA_SIGINFO | SA_NODEFER };
	const struct rlimit no_core = {};

	alarm(20);
	setrlimit(RLIMIT_CORE, &no_core);
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	sigaction(SIGSYS, &action, NULL);
	signal(SIGILL, SIG_DFL);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		_exit(CHILD_SKIPPED);
	if (attempt(desk->programs[0], desk->lengths[0]) != 0) {
		desk->load_error = errno;
		_exit(0);
	}
	desk->load_error = 0;
	go_on();
}

/* ---- what is wanted ---- */

enum { MAX_ERRNO = 4095 };

/* What the kernel makes of an action (kernel/seccomp.c, __seccomp_filter) where nobody listens or
 * traces: false where the process is dead then. */
static bool wanted_answer(struct answer *ret, uint32_t action, long bare)
{
	long data = action & SECCOMP_RET_DATA;

	switch (action & SECCOMP_RET_ACTION_FULL) {
	case SECCOMP_RET_ALLOW:
	case SECCOMP_RET_LOG:
		*ret = (struct answer){ SEEN_RESULT, bare };
		return true;
	case SECCOMP_RET_ERRNO:
		*ret = (struct answer){ SEEN_RESULT, -(data > MAX_ERRNO ? MAX_ERRNO : data) };
		return true;
	case SECCOMP_RET_TRAP:
		*ret = (struct answer){ SEEN_TRAP, data };
		return true;
	case SECCOMP_RET_TRACE:
	case SECCOMP_RET_USER_NOTIF:
		*ret = (struct answer){ SEEN_RESULT, -ENOSYS };
		return true;
	default:
		return false;
	}
}

/* ---- what is tried ---- */

/* Calls that read no argument, and numbers that nobody has. */
static struct call_sample random_call(struct random *random)
{
	static const uint32_t numbers[] = { SYS_getppid,   SYS_getuid,        SYS_geteuid,
		                            SYS_getgid,    SYS_getegid,       SYS_getppid,
		                            UNUSED_NUMBER, UNUSED_NUMBER + 1, 0x3fffffff };
	struct call_sample call = { .audit = NATIVE_AUDIT,
		                    .number = numbers[random_below(random, ARRAY_SIZE(numbers))],
		                    .instruction_pointer = (uint64_t)program_kernel_after };

	for (size_t i = 0; i < ARRAY_SIZE(call.arguments); i++)
		call.arguments[i] = random_value(random);
	return call;
}

/* Actions that can be told apart, among them some that the kernel does not know. */
static uint32_t random_action(struct random *random)
{
	static const uint32_t actions[] = {
		SECCOMP_RET_ALLOW,
		SECCOMP_RET_ALLOW,
		SECCOMP_RET_ALLOW,
		SECCOMP_RET_ERRNO,
		SECCOMP_RET_ERRNO,
		SECCOMP_RET_ERRNO,
		SECCOMP_RET_LOG,
		SECCOMP_RET_TRAP,
		SECCOMP_RET_TRACE,
		SECCOMP_RET_USER_NOTIF,
		SECCOMP_RET_TRAP,
		SECCOMP_RET_KILL_PROCESS,
		0,
		0x7ffd0000,
		0x12340000,
		SECCOMP_RET_ERRNO,
	};
	uint32_t data = 3000 + random_below(random, 1000);

	if (random_below(random, 30) == 0)
		data = 5000 + random_below(random, 60000);
	return actions[random_below(random, ARRAY_SIZE(actions))] | data;
}

/* A program whose tests are about what the calls have. */
static size_t make_program(struct random *random, struct sock_filter *program)
{
	const uint32_t near[] = { SYS_getppid,  SYS_getuid,
		                  SYS_getgid,   UNUSED_NUMBER,
		                  NATIVE_AUDIT, 0xffffffff,
		                  0x80000000,   (uint32_t)(uint64_t)program_kernel_after };
	size_t count = random_program(random, program, PROGRAM_MAX);

	for (size_t i = 0; i < count; i++) {
		uint16_t code = program[i].code;

		/* what A holds kills nearly always */
		if (code == (BPF_RET | BPF_A) && random_below(random, 4))
			program[i].code = code = BPF_RET | BPF_K;
		if (code == (BPF_RET | BPF_K))
			program[i].k = random_action(random);
		else if (BPF_CLASS(code) == BPF_JMP && BPF_OP(code) != BPF_JA &&
		         random_below(random, 2))
			program[i].k = near[random_below(random, ARRAY_SIZE(near))];
	}
	return count;
}

static struct plan_filter filter_at(size_t index)
{
	return (struct plan_filter){ .instructions = desk->programs[index],
		                     .count = desk->lengths[index] };
}

static _Noreturn void fail_at(size_t index, const char *what)
{
	for (size_t i = 0; i < desk->lengths[index]; i++) {
		const struct sock_filter *at = &desk->programs[index][i];

		print_message("%3zu: %#06x %3u %3u %#x\n", i, at->code, at->jt, at->jf, at->k);
	}
	fail_msg("%s", what);
	abort();
}

/* ---- what is refused ---- */

/* All of a batch in one process: they leave no trace. */
static void check_refused(size_t count)
{
	int status = 0;
	pid_t pid;

	desk->at = 0;
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
			_exit(CHILD_SKIPPED);
		for (; desk->at < count; desk->at++)
			if (attempt(desk->programs[desk->at], desk->lengths[desk->at]) == 0 ||
			    errno != EINVAL)
				__builtin_trap();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == CHILD_SKIPPED)
		skip();
	if (desk->at < count)
		fail_at(desk->at, "the kernel takes what the checker refuses");
}

/* ---- what is taken ---- */

static uint32_t proven(const struct plan_filter *filter, const struct call_sample *call)
{
	_cleanup_diagrams struct diagrams *store = diagrams_new(1 << 14);
	uint32_t run = bpf_run(filter->instructions, call, NULL);
	struct error err;
	diagram meaning;

	/* too much for the store is an answer */
	if (prove_program(&meaning, store, filter, false, &err) == 0 &&
	    diagram_value(store, meaning, call) != meaning_canonical(run))
		fail_at(0, "the prover and the interpreter differ");
	return run;
}

/* A process for each call that kills. */
static void ask_from(size_t first)
{
	int status = 0;
	pid_t pid;

	desk->at = first;
	desk->load_error = -1;
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		be_filtered();
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == CHILD_SKIPPED)
		skip();
	if (desk->load_error != 0)
		fail_at(0, desk->load_error == EINVAL ? "the kernel refuses what the checker takes"
		                                      : "the filter cannot be loaded");
	/* SIGILL: it came to the end; SIGSYS: a call killed it */
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), desk->at == desk->count ? SIGILL : SIGSYS);
}

struct tally {
	unsigned calls, allowed, refused, trapped, killed;
};

static void count_action(struct tally *tally, uint32_t action, bool lives)
{
	uint32_t kind = action & SECCOMP_RET_ACTION_FULL;

	tally->calls++;
	tally->killed += !lives;
	tally->trapped += kind == SECCOMP_RET_TRAP;
	tally->allowed += kind == SECCOMP_RET_ALLOW || kind == SECCOMP_RET_LOG;
	tally->refused += kind == SECCOMP_RET_ERRNO;
}

static void check_taken(struct random *random, struct tally *tally)
{
	const struct plan_filter filter = filter_at(0);
	unsigned deaths = 0;

	desk->count = CALLS;
	memset(desk->answers, 0, sizeof desk->answers);
	for (size_t i = 0; i < CALLS; i++) {
		desk->calls[i] = random_call(random);
		desk->bare[i] = enter(&desk->calls[i]);
		if (desk->calls[i].number == SYS_getppid)
			desk->bare[i] = getpid(); /* of the process that is to ask */
	}
	for (size_t i = 0; i < CALLS && deaths < DEATHS; i++) {
		uint32_t action = proven(&filter, &desk->calls[i]);
		struct answer wanted = {};
		bool lives = wanted_answer(&wanted, action, desk->bare[i]);

		count_action(tally, action, lives);
		if (i == 0 || desk->at <= i)
			ask_from(i);
		if (!lives && desk->at == i) {
			deaths++;
			continue;
		}
		if (!lives || desk->answers[i].seen != wanted.seen ||
		    desk->answers[i].result != wanted.result) {
			print_message("call %zu, number %u: wanted %#x, seen %d %ld\n", i,
			              desk->calls[i].number, action, desk->answers[i].seen,
			              desk->answers[i].result);
			fail_at(0, "the kernel decides otherwise");
		}
	}
}

static unsigned wanted_programs(void)
{
	const char *given = getenv("CORDON_PROGRAMS");

	return given == NULL ? USUAL_PROGRAMS : (unsigned)atoi(given);
}

static void test_taken(void **state)
{
	struct random random = { 0x5ecc0 };
	struct tally tally = {};
	unsigned taken = 0;

	(void)state;
	desk = new_desk();
	while (taken < wanted_programs()) {
		struct plan_filter filter;
		struct error err;

		desk->lengths[0] = make_program(&random, desk->programs[0]);
		filter = filter_at(0);
		if (program_check(&filter, &err) < 0)
			continue;
		taken++;
		check_taken(&random, &tally);
	}
	print_message("# %u random programs taken by the kernel; %u calls decided as proven: %u "
	              "allowed, %u errno, %u trapped, %u killed\n",
	              taken, tally.calls, tally.allowed, tally.refused, tally.trapped,
	              tally.killed);
	assert_true(tally.allowed > 0 && tally.refused > 0);
	assert_true(tally.trapped > 0 && tally.killed > 0);
	munmap(desk, sizeof *desk);
}

static void test_refused(void **state)
{
	struct random random = { 0x2ef05e };
	size_t refused = 0, batch = 0;

	(void)state;
	desk = new_desk();
	while (refused < wanted_programs() * 50u) {
		struct plan_filter filter;
		struct error err;

		desk->lengths[batch] = make_program(&random, desk->programs[batch]);
		if (random_below(&random, 200) == 0)
			desk->lengths[batch] = 0;
		filter = filter_at(batch);
		if (program_check(&filter, &err) == 0)
			continue;
		refused++;
		if (++batch < BATCH)
			continue;
		check_refused(batch);
		batch = 0;
	}
	check_refused(batch);
	print_message("# %zu random programs refused by the checker, and by the kernel\n", refused);
	munmap(desk, sizeof *desk);
}

#else

static void test_taken(void **state)
{
	(void)state;
	skip(); /* the way into the kernel is x86_64's */
}

static void test_refused(void **state)
{
	(void)state;
	skip();
}

#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_taken),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
