/*
 * filters: what cordon's compiler and its programs cost, beside libseccomp with the same rules.
 *
 *	filters PROFILE.json [ROUNDS]
 *
 * Every round does each thing once, one after the other, so that whatever else the machine does
 * falls on all of them; what is printed are medians. The rules are those of one architecture
 * (x86_64), taken from the compiler's own middle form, so that both translate the same thing.
 *
 * A filter is loaded twice a round: right after other filters were, and after some 100 ms of other
 * work, when neither the kernel's code nor its data are in the caches any more. Calls are made
 * without a filter, behind the filters, and behind one of a single instruction that allows all:
 * less than that no filter costs.
 */
#include "policy/emit.h"
#include "policy/policy.h"
#include "policy/prove.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"
#include "tests/support/their_words.h"

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

enum {
	ROUNDS = 40,
	ROUNDS_MAX = 1000,
	CALLS = 100000,
	CAPABILITIES = 0x800405fb, /* podman's default */
	KERNEL = 6 << 16 | 18,
};

enum figure {
	OURS_PARSE,
	OURS_EMIT,
	OURS_PROVE,
	THEIRS_LINEAR,
	THEIRS_TREE,
	LOAD_OURS,
	LOAD_LINEAR,
	LOAD_TREE,
	LOAD_LATER,
	CALL_BARE,
	CALL_FLOOR,
	CALL_OURS,
	CALL_TREE,
	ARGUMENT_BARE,
	ARGUMENT_OURS,
	ARGUMENT_TREE,
	FIGURES,
};

static const char *const figure_names[] = {
	[OURS_PARSE] = "cordon: profile to rules",
	[OURS_EMIT] = "cordon: rules to BPF",
	[OURS_PROVE] = "cordon: proof",
	[THEIRS_LINEAR] = "libseccomp: rules to BPF",
	[THEIRS_TREE] = "libseccomp: rules to BPF, tree",
	[LOAD_OURS] = "load cordon's",
	[LOAD_LINEAR] = "load libseccomp's",
	[LOAD_TREE] = "load libseccomp's, tree",
	[LOAD_LATER] = "load cordon's, after other work",
	[CALL_BARE] = "getppid without a filter",
	[CALL_FLOOR] = "getppid, one instruction: allow",
	[CALL_OURS] = "getppid, cordon's",
	[CALL_TREE] = "getppid, libseccomp's tree",
	[ARGUMENT_BARE] = "personality without a filter",
	[ARGUMENT_OURS] = "personality, cordon's",
	[ARGUMENT_TREE] = "personality, libseccomp's tree",
};
_Static_assert(ARRAY_SIZE(figure_names) == FIGURES, "a name a figure");

struct bench {
	const char *path;
	struct text text;
	double times[FIGURES][ROUNDS_MAX]; /* microseconds; of calls nanoseconds each */
	struct plan_filter ours, linear, tree;
};

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "filters: %s\n", what);
	exit(1);
}

static double since(uint64_t start)
{
	return (double)(io_now() - start) / 1000;
}

/* ---- libseccomp ---- */

static void add_rule(scmp_filter_ctx context, const struct filter_call *call,
                     const struct filter_rule *rule, uint32_t usual)
{
	struct scmp_arg_cmp conditions[6];
	unsigned count = 0;

	if (their_action(rule->decision) == usual || rule->count > ARRAY_SIZE(conditions))
		return;
	for (size_t i = 0; i < rule->count; i++)
		conditions[count++] = their_condition(&rule->conditions[i]);
	/* a rule it cannot have (-EACCES, -EEXIST) is left out: its time is what is measured */
	if (seccomp_rule_add_array(context, their_action(rule->decision), (int)call->number, count,
	                           conditions) < 0)
		return;
}

static struct plan_filter theirs(const struct filter_arch *arch, bool tree)
{
	uint32_t usual = their_action(arch->listed);
	scmp_filter_ctx context = seccomp_init(usual);
	struct sock_filter *program;
	int fd = memfd_create("bpf", MFD_CLOEXEC);
	off_t size;

	if (context == NULL || fd < 0 ||
	    (tree && seccomp_attr_set(context, SCMP_FLTATR_CTL_OPTIMIZE, 2) < 0))
		die("libseccomp refuses to begin");
	for (size_t i = 0; i < arch->call_count; i++) {
		const struct filter_call *call = &arch->calls[i];
		const struct filter_rule rest = { .decision = call->otherwise };

		for (size_t j = 0; j < call->rule_count; j++)
			add_rule(context, call, &call->rules[j], usual);
		if (call->rule_count == 0)
			add_rule(context, call, &rest, usual);
	}
	if (seccomp_export_bpf(context, fd) < 0)
		die("libseccomp cannot export");
	seccomp_release(context);
	size = lseek(fd, 0, SEEK_END);
	program = malloc((size_t)size);
	if (program == NULL || pread(fd, program, (size_t)size, 0) != size)
		die("libseccomp's program cannot be read");
	close(fd);
	return (struct plan_filter){ .instructions = program,
		                     .count = (size_t)size / sizeof *program };
}

static void replace(struct plan_filter *old, struct plan_filter new)
{
	free((void *)old->instructions);
	*old = new;
}

/* ---- compiling ---- */

static void compile_once(struct bench *bench, unsigned round)
{
	_cleanup_arena struct arena arena = {};
	const struct policy_source source = { bench->path, text_string(&bench->text),
		                              bench->text.length };
	struct policy *policy;
	struct filter_table table;
	struct plan_filter filter, copy;
	struct proof proof;
	struct error err = {};
	uint64_t start = io_now();

	if (policy_parse(&policy, &arena, &source, &err) < 0 ||
	    policy_filter_table(&table, &arena, policy, ARCH_X86_64, KERNEL, CAPABILITIES, &err) <
	            0)
		die(err.text);
	table.arch_count = 1;
	bench->times[OURS_PARSE][round] = since(start);
	start = io_now();
	if (filter_emit(&filter, &arena, &table, &err) < 0)
		die(err.text);
	bench->times[OURS_EMIT][round] = since(start);
	start = io_now();
	if (prove_equal(&proof, &table, &filter, &err) < 0 || !proof.equal)
		die("not proven");
	bench->times[OURS_PROVE][round] = since(start);
	start = io_now();
	replace(&bench->linear, theirs(&table.archs[0], false));
	bench->times[THEIRS_LINEAR][round] = since(start);
	start = io_now();
	replace(&bench->tree, theirs(&table.archs[0], true));
	bench->times[THEIRS_TREE][round] = since(start);
	copy = filter;
	copy.instructions = memcpy(malloc(filter.count * sizeof *filter.instructions),
	                           filter.instructions, filter.count * sizeof *filter.instructions);
	replace(&bench->ours, copy);
}

/* ---- loading and calling, each in a process of its own ---- */

struct answer {
	double load, call, argument;
};

static void load(const struct plan_filter *filter)
{
	const struct sock_fprog program = { (unsigned short)filter->count,
		                            (struct sock_filter *)filter->instructions };

	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) < 0)
		die("the kernel refuses the filter");
}

static double nanoseconds_each(long number, unsigned long argument)
{
	uint64_t start = io_now();

	for (int i = 0; i < CALLS; i++)
		syscall(number, argument);
	return (double)(io_now() - start) / CALLS;
}

static void be_asked(struct answer *answer, const struct plan_filter *filter, bool calls)
{
	uint64_t start;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		die("no_new_privs");
	start = io_now();
	if (filter != NULL)
		load(filter);
	answer->load = since(start);
	if (!calls)
		return;
	answer->call = nanoseconds_each(SYS_getppid, 0);
	answer->argument = nanoseconds_each(SYS_personality, 0xffffffff);
}

static struct answer ask(const struct plan_filter *filter, bool calls)
{
	struct answer answer = {};
	int ends[2];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0 || (pid = fork()) < 0)
		die("cannot fork");
	if (pid == 0) {
		be_asked(&answer, filter, calls);
		_exit(write(ends[1], &answer, sizeof answer) != sizeof answer);
	}
	close(ends[1]);
	if (read(ends[0], &answer, sizeof answer) != sizeof answer)
		die("a process with a filter did not answer");
	close(ends[0]);
	waitpid(pid, NULL, 0);
	return answer;
}

static void call_once(struct bench *bench, unsigned round)
{
	static const struct sock_filter allow[] = { BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW) };
	const struct plan_filter least = { .instructions = allow, .count = 1 };
	struct answer bare = ask(NULL, true), floor = ask(&least, true),
	              tree = ask(&bench->tree, true), ours = ask(&bench->ours, true);

	bench->times[LOAD_LATER][round] = ours.load;
	bench->times[CALL_BARE][round] = bare.call;
	bench->times[CALL_FLOOR][round] = floor.call;
	bench->times[CALL_OURS][round] = ours.call;
	bench->times[CALL_TREE][round] = tree.call;
	bench->times[ARGUMENT_BARE][round] = bare.argument;
	bench->times[ARGUMENT_OURS][round] = ours.argument;
	bench->times[ARGUMENT_TREE][round] = tree.argument;
}

static void load_once(struct bench *bench, unsigned round)
{
	ask(&bench->ours, false);
	bench->times[LOAD_OURS][round] = ask(&bench->ours, false).load;
	bench->times[LOAD_LINEAR][round] = ask(&bench->linear, false).load;
	bench->times[LOAD_TREE][round] = ask(&bench->tree, false).load;
}

/* ---- figures ---- */

static int by_size(const void *a, const void *b)
{
	double left = *(const double *)a, right = *(const double *)b;

	return (left > right) - (left < right);
}

static void goal(const char *name, double value, double most)
{
	printf("%-7s %s: %.2f, goal %.2f\n", value <= most ? "met" : "MISSED", name, value, most);
}

static void print(struct bench *bench, unsigned rounds)
{
	double median[FIGURES];

	for (unsigned i = 0; i < FIGURES; i++) {
		qsort(bench->times[i], rounds, sizeof bench->times[i][0], by_size);
		median[i] = bench->times[i][rounds / 2];
		printf("%-34s %9.1f %s\n", figure_names[i], median[i],
		       i >= CALL_BARE ? "ns" : "us");
	}
	printf("instructions: cordon %zu, libseccomp %zu, its tree %zu\n", bench->ours.count,
	       bench->linear.count, bench->tree.count);
	goal("instructions", (double)bench->ours.count, 160);
	goal("profile to BPF, us", median[OURS_PARSE] + median[OURS_EMIT], 500);
	goal("with proof, us", median[OURS_PARSE] + median[OURS_EMIT] + median[OURS_PROVE], 5000);
	goal("load, us", median[LOAD_OURS], 45);
	goal("an allowed call, of one without a filter", median[CALL_OURS] / median[CALL_BARE],
	     1.15);
	goal("an allowed call, of one behind one instruction",
	     median[CALL_OURS] / median[CALL_FLOOR], 1.02);
	goal("a call with arguments, of libseccomp's tree",
	     median[ARGUMENT_OURS] / median[ARGUMENT_TREE], 1);
}

int main(int count, char **words)
{
	static struct bench bench;
	unsigned rounds = count > 2 ? (unsigned)atoi(words[2]) : ROUNDS;
	_cleanup_fd int fd = count > 1 ? open(words[1], O_RDONLY | O_CLOEXEC) : -1;
	struct error err;

	if (fd < 0 || rounds == 0 || rounds > ROUNDS_MAX)
		die("usage: filters PROFILE.json [ROUNDS]");
	bench.path = words[1];
	if (io_read_all(&bench.text, fd, 16 << 20, &err) < 0)
		die(err.text);
	for (unsigned round = 0; round < rounds; round++) {
		compile_once(&bench, round);
		call_once(&bench, round);
		load_once(&bench, round);
	}
	printf("%s\n", words[1]);
	print(&bench, rounds);
	return 0;
}
