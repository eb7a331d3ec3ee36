/*
 * calls: what calls cost behind a filter, beside no filter, one that costs least, and libseccomp's.
 *
 *	calls PROFILE.json [ROUNDS]
 *
 * A round makes each call many times in four processes, one after the other: without a filter;
 * behind a program of one instruction, "allow", less than which no filter costs; behind cordon's;
 * behind libseccomp's tree with the same rules. Printed are medians of the rounds: nanoseconds
 * without a filter, and by how much the others take longer, round by round (a machine's mood lasts
 * longer than a round). A call is marked with what the profile asks of it: nothing (then the kernel
 * answers from its bitmap), or its arguments.
 */
#include "policy/emit.h"
#include "policy/policy.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"
#include "tests/bench/clock.h"
#include "tests/bench/theirs.h"

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/futex.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	ROUNDS = 40,
	ROUNDS_MAX = 1000,
	TURNS = 5,                 /* of each call in a round; the fastest counts */
	CAPABILITIES = 0x800405fb, /* podman's default */
	KERNEL = 6 << 16 | 18,
};

/* ---- the calls ---- */

struct place {
	int zero, null, pair[2];
	int word;
	char byte;
};

static void call_getppid(struct place *place)
{
	(void)place;
	syscall(SYS_getppid);
}

static void call_read(struct place *place)
{
	if (read(place->zero, &place->byte, 1) != 1)
		_exit(1);
}

static void call_write(struct place *place)
{
	if (write(place->null, &place->byte, 1) != 1)
		_exit(1);
}

static void call_fstat(struct place *place)
{
	struct stat status;

	if (fstat(place->zero, &status) < 0)
		_exit(1);
}

static void call_open(struct place *place)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	(void)place;
	if (fd < 0 || close(fd) < 0)
		_exit(1);
}

static void call_stat(struct place *place)
{
	struct stat status;

	(void)place;
	if (stat("/proc/self/status", &status) < 0)
		_exit(1);
}

static void call_pair(struct place *place)
{
	if (write(place->pair[0], &place->byte, 1) != 1 ||
	    read(place->pair[1], &place->byte, 1) != 1)
		_exit(1);
}

static void call_map(struct place *place)
{
	void *memory = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	(void)place;
	if (memory == MAP_FAILED || munmap(memory, 4096) < 0)
		_exit(1);
}

static void call_futex(struct place *place)
{
	syscall(SYS_futex, &place->word, FUTEX_WAKE_PRIVATE, 1);
}

static void call_ioctl(struct place *place)
{
	int count;

	ioctl(place->pair[0], FIONREAD, &count);
}

static void call_personality(struct place *place)
{
	(void)place;
	syscall(SYS_personality, 0xffffffff);
}

static void call_setsockopt(struct place *place)
{
	int size = 65536;

	if (setsockopt(place->pair[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof size) < 0)
		_exit(1);
}

static void call_socket(struct place *place)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)place;
	if (fd < 0 || close(fd) < 0)
		_exit(1);
}

static const struct {
	const char *name;
	long number; /* what decides whether it is looked at; of several, the one that may be */
	void (*make)(struct place *);
	unsigned times;
} calls[] = {
	{ "getppid", SYS_getppid, call_getppid, 4000 },
	{ "read of 1 byte of /dev/zero", SYS_read, call_read, 4000 },
	{ "write of 1 byte to /dev/null", SYS_write, call_write, 4000 },
	{ "fstat", SYS_fstat, call_fstat, 4000 },
	{ "stat of /proc/self/status", SYS_stat, call_stat, 1000 },
	{ "openat, close of /dev/null", SYS_openat, call_open, 1000 },
	{ "write, read of a socket pair", SYS_write, call_pair, 1000 },
	{ "mmap, munmap of a page", SYS_mmap, call_map, 1000 },
	{ "futex, nobody to wake", SYS_futex, call_futex, 4000 },
	{ "ioctl FIONREAD", SYS_ioctl, call_ioctl, 4000 },
	{ "personality", SYS_personality, call_personality, 4000 },
	{ "setsockopt SO_SNDBUF", SYS_setsockopt, call_setsockopt, 4000 },
	{ "socket, close", SYS_socket, call_socket, 1000 },
};

/* ---- who is asked ---- */

enum contestant { BARE, LEAST, OURS, TREE, CONTESTANTS };

struct bench {
	struct plan_filter filters[CONTESTANTS]; /* of BARE: none */
	bool looked_at[ARRAY_SIZE(calls)];       /* with arguments, by the profile */
	double times[ARRAY_SIZE(calls)][CONTESTANTS][ROUNDS_MAX]; /* nanoseconds */
};

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "calls: %s\n", what);
	exit(1);
}

static void load(const struct plan_filter *filter)
{
	const struct sock_fprog program = { (unsigned short)filter->count,
		                            (struct sock_filter *)filter->instructions };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		die("no_new_privs");
	if (filter->count > 0 && syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) < 0)
		die("the kernel refuses the filter");
}

static double time_of(size_t index, struct place *place)
{
	double best = 1e18;

	for (unsigned turn = 0; turn < TURNS; turn++) {
		uint64_t start = clock_now();
		double each;

		for (unsigned i = 0; i < calls[index].times; i++)
			calls[index].make(place);
		each = (double)(clock_now() - start) / calls[index].times;
		if (each < best)
			best = each;
	}
	return best;
}

static void be_asked(double times[ARRAY_SIZE(calls)], const struct plan_filter *filter)
{
	struct place place = { .zero = open("/dev/zero", O_RDONLY | O_CLOEXEC),
		               .null = open("/dev/null", O_WRONLY | O_CLOEXEC) };

	if (place.zero < 0 || place.null < 0 ||
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, place.pair) < 0)
		die("the ground cannot be made");
	load(filter);
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
		times[i] = time_of(i, &place);
}

static void ask(struct bench *bench, enum contestant who, unsigned round)
{
	double times[ARRAY_SIZE(calls)];
	int ends[2];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0 || (pid = fork()) < 0)
		die("cannot fork");
	if (pid == 0) {
		be_asked(times, &bench->filters[who]);
		_exit(write(ends[1], times, sizeof times) != sizeof times);
	}
	close(ends[1]);
	if (read(ends[0], times, sizeof times) != sizeof times)
		die("a process with a filter did not answer");
	close(ends[0]);
	waitpid(pid, NULL, 0);
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
		bench->times[i][who][round] = times[i];
}

/* ---- figures ---- */

static void make_filters(struct bench *bench, struct arena *arena, const char *path)
{
	static const struct sock_filter allow[] = { BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW) };
	struct policy_source source = { .file = path };
	_cleanup_text struct text text = {};
	struct filter_table table, theirs;
	struct policy *policy;
	struct error err = {};

	if (io_read_file(&text, AT_FDCWD, path, 1 << 20, &err) <= 0)
		die(path);
	source.text = arena_text(arena, text_string(&text), text.length);
	source.length = text.length;
	if (policy_parse(&policy, arena, &source, &err) < 0 ||
	    policy_filter_table(&table, arena, policy, ARCH_X86_64, KERNEL, CAPABILITIES, &err) < 0)
		die(err.text);
	table.arch_count = 1;
	if (filter_emit(&bench->filters[OURS], arena, &table, &err) < 0)
		die(err.text);
	theirs_table(&theirs, arena, &table, KERNEL);
	bench->filters[TREE] = theirs_make(&theirs.archs[0], true);
	bench->filters[LEAST] = (struct plan_filter){ .instructions = allow, .count = 1 };
	for (size_t i = 0; i < table.archs[0].call_count; i++)
		for (size_t j = 0; j < ARRAY_SIZE(calls); j++)
			if (table.archs[0].calls[i].number == (uint32_t)calls[j].number)
				bench->looked_at[j] = table.archs[0].calls[i].rule_count > 0;
}

/* Of a contestant's time by another's, the median of the rounds. */
static double ratio(const struct bench *bench, size_t index, enum contestant who,
                    enum contestant to, unsigned rounds)
{
	double ratios[ROUNDS_MAX];

	for (unsigned i = 0; i < rounds; i++)
		ratios[i] = bench->times[index][who][i] / bench->times[index][to][i];
	return clock_median(ratios, rounds);
}

static void print(struct bench *bench, unsigned rounds)
{
	const double most_plain = 1.15, most_of_theirs = 1;

	printf("%-30s %-9s %8s %10s %8s %8s %9s\n", "call", "asks", "bare, ns", "one instr.",
	       "cordon", "tree", "of tree");
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
		double ours = ratio(bench, i, OURS, BARE, rounds);
		double of_theirs = ratio(bench, i, OURS, TREE, rounds);
		double least = ratio(bench, i, LEAST, BARE, rounds);
		double theirs = ratio(bench, i, TREE, BARE, rounds);
		bool met = bench->looked_at[i] ? of_theirs <= most_of_theirs : ours <= most_plain;

		printf("%-30s %-9s %8.0f %10.2f %8.2f %8.2f %9.2f  %s\n", calls[i].name,
		       bench->looked_at[i] ? "arguments" : "nothing",
		       clock_median(bench->times[i][BARE], rounds), least, ours, theirs, of_theirs,
		       met ? "met" : "MISSED");
	}
	printf("goals: %.2f of a call without a filter where nothing is asked, else %.2f of the tree\n",
	       most_plain, most_of_theirs);
}

int main(int count, char **words)
{
	static struct bench bench;
	unsigned rounds = count > 2 ? (unsigned)atoi(words[2]) : ROUNDS;
	_cleanup_arena struct arena arena = {};

	if (count < 2 || rounds == 0 || rounds > ROUNDS_MAX)
		die("usage: calls PROFILE.json [ROUNDS]");
	make_filters(&bench, &arena, words[1]);
	for (unsigned round = 0; round < rounds; round++)
		for (unsigned i = 0; i < CONTESTANTS; i++)
			ask(&bench, (round + i) % CONTESTANTS, round);
	printf("%s\n", words[1]);
	print(&bench, rounds);
	free((void *)bench.filters[TREE].instructions);
	return 0;
}
