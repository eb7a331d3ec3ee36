/*
 * filters: what cordon's compiler and its programs cost, beside libseccomp with the same rules.
 *
 *	filters PROFILE.json [ROUNDS]
 *
 * Every round does each thing once, one after the other, so that whatever else the machine does
 * falls on all of them; what is printed are medians. The rules are those of one architecture
 * (x86_64), taken from the compiler's own middle form, so that both translate the same thing
 *(theirs in allowances alone, as Docker's files are, for libseccomp has no order of rules).
 *
 * What is compiled is timed in a process that has done it before, and once in one that has not ("in
 * a new process"): there every page of the program and of the heap is touched for the first time,
 * and how many those are is printed, for they are most of the time where faults are dear.
 *
 * A filter is loaded twice a round: right after another of its kind was, and after all that was
 * compiled, when neither the kernel's code nor its data are in the caches any more. What calls cost
 * behind the filters is measured by calls.c.
 */
#include "policy/emit.h"
#include "policy/policy.h"
#include "policy/prove.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"
#include "tests/bench/anew.h"
#include "tests/bench/clock.h"
#include "tests/bench/theirs.h"

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

enum {
	ROUNDS = 40,
	ROUNDS_MAX = 1000,
	CAPABILITIES = 0x800405fb, /* podman's default */
	KERNEL = 6 << 16 | 18,
};

enum figure {
	OURS_PARSE,
	OURS_EMIT,
	OURS_PROVE,
	OURS_PROVE_ALL,
	THEIRS_LINEAR,
	THEIRS_TREE,
	LOAD_OURS,
	LOAD_LINEAR,
	LOAD_TREE,
	LOAD_LATER,
	LOAD_LEAST,
	ANEW_RULES,
	ANEW_EMIT,
	ANEW_FAULTS,
	ANEW_LINEAR,
	ANEW_TREE,
	FIGURES,
};

static const char *const figure_names[] = {
	[OURS_PARSE] = "cordon: profile to rules",
	[OURS_EMIT] = "cordon: rules to BPF",
	[OURS_PROVE] = "cordon: proof",
	[OURS_PROVE_ALL] = "cordon: proof, all it opens",
	[THEIRS_LINEAR] = "libseccomp: rules to BPF",
	[THEIRS_TREE] = "libseccomp: rules to BPF, tree",
	[LOAD_OURS] = "load cordon's",
	[LOAD_LINEAR] = "load libseccomp's",
	[LOAD_TREE] = "load libseccomp's, tree",
	[LOAD_LATER] = "load cordon's, after other work",
	[LOAD_LEAST] = "load one instruction, RET ALLOW",
	[ANEW_RULES] = "in a new process: profile to rules",
	[ANEW_EMIT] = "in a new process: rules to BPF",
	[ANEW_FAULTS] = "... page faults of the two",
	[ANEW_LINEAR] = "in a new process: libseccomp",
	[ANEW_TREE] = "in a new process: libseccomp, tree",
};
_Static_assert(ARRAY_SIZE(figure_names) == FIGURES, "a name a figure");

struct bench {
	const char *path;
	struct text text;
	double times[FIGURES][ROUNDS_MAX]; /* microseconds, but for ANEW_FAULTS */
	struct plan_filter ours, linear, tree;
};

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "filters: %s\n", what);
	exit(1);
}

static void replace(struct plan_filter *old, struct plan_filter new)
{
	free((void *)old->instructions);
	*old = new;
}

/* ---- compiling ---- */

static double emit(struct plan_filter *ret, struct arena *arena, const struct filter_table *table)
{
	uint64_t start = clock_now();
	struct error err = {};

	if (filter_emit(ret, arena, table, &err) < 0)
		die(err.text);
	return clock_since(start);
}

static double prove(const struct filter_table *table, const struct plan_filter *filter)
{
	uint64_t start = clock_now();
	struct proof proof;
	struct error err = {};

	if (prove_equal(&proof, table, filter, &err) < 0 || !proof.equal)
		die("not proven");
	return clock_since(start);
}

static double translate(struct plan_filter *ret, const struct filter_table *table, bool tree)
{
	uint64_t start = clock_now();
	struct plan_filter made = theirs_make(&table->archs[0], tree);
	double time = clock_since(start);

	replace(ret, made);
	return time;
}

/* The filter is of x86_64 alone; *all has what the profile opens besides. */
static void compile_ours(struct arena *arena, struct bench *bench, unsigned round,
                         struct filter_table *all, struct plan_filter *filter)
{
	const struct policy_source source = { bench->path, text_string(&bench->text),
		                              bench->text.length };
	struct filter_table table;
	struct policy *policy;
	struct error err = {};
	uint64_t start = clock_now();

	if (policy_parse(&policy, arena, &source, &err) < 0 ||
	    policy_filter_table(all, arena, policy, ARCH_X86_64, KERNEL, CAPABILITIES, &err) < 0)
		die(err.text);
	bench->times[OURS_PARSE][round] = clock_since(start);
	table = *all;
	table.arch_count = 1;
	bench->times[OURS_EMIT][round] = emit(filter, arena, &table);
}

static void compile_once(struct bench *bench, unsigned round)
{
	_cleanup_arena struct arena arena = {};
	struct filter_table table, all, theirs;
	struct plan_filter filter, whole;

	compile_ours(&arena, bench, round, &all, &filter);
	table = all;
	table.arch_count = 1;
	bench->times[OURS_PROVE][round] = prove(&table, &filter);
	emit(&whole, &arena, &all);
	bench->times[OURS_PROVE_ALL][round] = prove(&all, &whole);
	theirs_table(&theirs, &arena, &table, KERNEL);
	bench->times[THEIRS_LINEAR][round] = translate(&bench->linear, &theirs, false);
	bench->times[THEIRS_TREE][round] = translate(&bench->tree, &theirs, true);
	filter.instructions =
	        memcpy(malloc(filter.count * sizeof *filter.instructions), filter.instructions,
	               filter.count * sizeof *filter.instructions);
	replace(&bench->ours, filter);
}

/* ---- loading, each in a process of its own ---- */

static void load(const struct plan_filter *filter)
{
	const struct sock_fprog program = { (unsigned short)filter->count,
		                            (struct sock_filter *)filter->instructions };

	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) < 0)
		die("the kernel refuses the filter");
}

struct loading {
	const struct plan_filter *filter;
	double time;
};

static int load_timed(void *context)
{
	struct loading *loading = context;
	uint64_t start;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		die("no_new_privs");
	start = clock_now();
	load(loading->filter);
	loading->time = clock_since(start);
	_exit(0);
}

/* The process has its parent's memory and not a copy of it: after a copy, every page that the
 * parent writes to would be a fault, and those would be in the times of the next round. */
static double time_load(const struct plan_filter *filter)
{
	static char stack[1 << 16];
	struct loading loading = { .filter = filter, .time = -1 };
	int status;
	pid_t pid =
	        clone(load_timed, stack + sizeof stack, CLONE_VM | CLONE_VFORK | SIGCHLD, &loading);

	if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0 || loading.time < 0)
		die("a process with a filter did not answer");
	return loading.time;
}

/* The first one comes after all that was compiled. */
static void load_once(struct bench *bench, unsigned round)
{
	static const struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	static const struct plan_filter least = { .instructions = &allow, .count = 1 };

	bench->times[LOAD_LATER][round] = time_load(&bench->ours);
	bench->times[LOAD_OURS][round] = time_load(&bench->ours);
	bench->times[LOAD_LINEAR][round] = time_load(&bench->linear);
	bench->times[LOAD_TREE][round] = time_load(&bench->tree);
	bench->times[LOAD_LEAST][round] = time_load(&least);
}

/* ---- in a new process ---- */

static double faults(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return (double)usage.ru_minflt;
}

/* `filters --theirs PROFILE`: libseccomp's first translation of this process, of rules that are
 * made for it before the clock runs, and without what reading a file takes. */
static int answer_theirs(struct bench *bench, bool tree)
{
	_cleanup_arena struct arena arena = {};
	struct filter_table table, theirs;
	struct plan_filter filter, made = {};
	double time;

	compile_ours(&arena, bench, 0, &table, &filter);
	table.arch_count = 1;
	theirs_table(&theirs, &arena, &table, KERNEL);
	time = translate(&made, &theirs, tree);
	return write(STDOUT_FILENO, &time, sizeof time) != sizeof time;
}

/* `filters --ours PROFILE` writes the three numbers. */
static int answer_ours(struct bench *bench)
{
	_cleanup_arena struct arena arena = {};
	double before = faults(), numbers[3];
	struct filter_table table;
	struct plan_filter filter;

	compile_ours(&arena, bench, 0, &table, &filter);
	numbers[0] = bench->times[OURS_PARSE][0];
	numbers[1] = bench->times[OURS_EMIT][0];
	numbers[2] = faults() - before;
	return write(STDOUT_FILENO, numbers, sizeof numbers) != sizeof numbers;
}

static void ask(const struct bench *bench, const char *what, double *numbers, size_t count)
{
	const char *const words[] = { "filters", what, bench->path, NULL };

	if (anew_ask(numbers, count * sizeof *numbers, words) < 0)
		die("a new process did not answer");
}

static void compile_anew(struct bench *bench, unsigned round)
{
	double numbers[3];

	ask(bench, "--ours", numbers, 3);
	bench->times[ANEW_RULES][round] = numbers[0];
	bench->times[ANEW_EMIT][round] = numbers[1];
	bench->times[ANEW_FAULTS][round] = numbers[2];
	ask(bench, "--theirs", &bench->times[ANEW_LINEAR][round], 1);
	ask(bench, "--theirs-tree", &bench->times[ANEW_TREE][round], 1);
}

/* ---- figures ---- */

static void goal(const char *name, double value, double most)
{
	printf("%-7s %s: %.2f, goal %.2f\n", clock_verdict(value, most, 0), name, value, most);
}

static double less(double a, double b)
{
	return a < b ? a : b;
}

/* The goals in microseconds were set beside libseccomp's times on another machine: 500 where it
 * took 1,400, 45 where it took 72. The shares hold on every machine. */
static void shares(const double *median)
{
	goal("in a new process, share of libseccomp's better one",
	     (median[ANEW_RULES] + median[ANEW_EMIT]) /
	             less(median[ANEW_LINEAR], median[ANEW_TREE]),
	     500. / 1400);
	goal("load, share of libseccomp's better one",
	     median[LOAD_OURS] / less(median[LOAD_LINEAR], median[LOAD_TREE]), 45. / 72);
}

static void print(struct bench *bench, unsigned rounds)
{
	double median[FIGURES];

	for (unsigned i = 0; i < FIGURES; i++) {
		median[i] = clock_median(bench->times[i], rounds);
		printf("%-34s %9.1f%s\n", figure_names[i], median[i],
		       i == ANEW_FAULTS ? "" : " us");
	}
	printf("instructions: cordon %zu, libseccomp %zu, its tree %zu\n", bench->ours.count,
	       bench->linear.count, bench->tree.count);
	goal("instructions", (double)bench->ours.count, 160);
	goal("profile to BPF, us", median[OURS_PARSE] + median[OURS_EMIT], 500);
	goal("the same in a new process, us", median[ANEW_RULES] + median[ANEW_EMIT], 500);
	goal("with proof, us", median[OURS_PARSE] + median[OURS_EMIT] + median[OURS_PROVE], 5000);
	printf("%-7s load, us: %.2f, goal 45; a filter of one RET ALLOW takes %.2f\n",
	       clock_verdict(median[LOAD_OURS], 45, median[LOAD_LEAST]), median[LOAD_OURS],
	       median[LOAD_LEAST]);
	printf("        of that more than one instruction takes, us: %.2f, libseccomp %.2f, its tree %.2f\n",
	       median[LOAD_OURS] - median[LOAD_LEAST], median[LOAD_LINEAR] - median[LOAD_LEAST],
	       median[LOAD_TREE] - median[LOAD_LEAST]);
	shares(median);
	goal("proof of all it opens, us", median[OURS_PROVE_ALL], 50000);
}

/* What a process that was started by ask() answers; -1: it was not. */
static int answer(struct bench *bench, const char *what)
{
	if (strcmp(what, "--ours") == 0)
		return answer_ours(bench);
	if (strcmp(what, "--theirs") == 0)
		return answer_theirs(bench, false);
	return strcmp(what, "--theirs-tree") == 0 ? answer_theirs(bench, true) : -1;
}

int main(int count, char **words)
{
	static struct bench bench;
	bool asked = count == 3 && words[1][0] == '-';
	unsigned rounds = count > 2 && !asked ? (unsigned)atoi(words[2]) : ROUNDS;
	_cleanup_fd int fd = count > 1 ? open(words[asked ? 2 : 1], O_RDONLY | O_CLOEXEC) : -1;
	struct error err;

	if (fd < 0 || rounds == 0 || rounds > ROUNDS_MAX)
		die("usage: filters PROFILE.json [ROUNDS]");
	bench.path = words[asked ? 2 : 1];
	if (io_read_all(&bench.text, fd, 16 << 20, &err) < 0)
		die(err.text);
	if (asked)
		return answer(&bench, words[1]) != 0;
	for (unsigned round = 0; round < rounds; round++) {
		compile_once(&bench, round);
		compile_anew(&bench, round);
		load_once(&bench, round);
	}
	printf("%s\n", words[1]);
	print(&bench, rounds);
	return 0;
}
