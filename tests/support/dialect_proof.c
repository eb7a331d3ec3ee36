/*
 * dialect_proof: where cordon's reading of a Docker seccomp file and a program that somebody else
 * made from the same file differ, completely.
 *
 *	dialect_proof PROFILE.json PROGRAM.bpf CAPABILITIES KERNEL     (0xa80425fb 6.18)
 *
 * Both are computed as functions of all inputs (policy/diagram.h). A line is a range of numbers of
 * an architecture word with the two answers, or, where only some arguments make a difference, with
 * the arguments of one call that does. No lines: the two are equal on every architecture word,
 * number and argument. The exit status is 0 as soon as the comparison could be made.
 */
#include "policy/meaning.h"
#include "policy/policy.h"
#include "policy/prove.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"

#include <fcntl.h>
#include <inttypes.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>

enum { FILE_MAX = 64 << 20, PIECES_MAX = 16384 };

struct piece {
	uint32_t first, last;
	diagram answer;
};

struct pieces {
	struct piece items[PIECES_MAX];
	size_t count;
};

struct comparison {
	struct diagrams *store;
	diagram ours, theirs;
};

static _Noreturn void die(const char *what, const char *why)
{
	fprintf(stderr, "dialect_proof: %s: %s\n", what, why);
	exit(1);
}

static void read_file(struct text *ret, const char *path)
{
	_cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct error err;

	if (fd < 0)
		die(path, "cannot be opened");
	if (io_read_all(ret, fd, FILE_MAX, &err) < 0)
		die(path, err.text);
}

static bool keep(void *context, uint32_t first, uint32_t last, diagram answer)
{
	struct pieces *pieces = context;

	if (pieces->count == PIECES_MAX)
		die("the comparison", "too many pieces");
	pieces->items[pieces->count++] = (struct piece){ first, last, answer };
	return true;
}

static const char *arch_word(uint32_t audit)
{
	enum arch arch;

	return arch_from_audit(&arch, audit) ? arch_name(arch) : "other";
}

static void print_answer(uint32_t action)
{
	static const struct {
		uint32_t action;
		const char *name;
	} names[] = {
		{ SECCOMP_RET_ALLOW, "allow" },
		{ SECCOMP_RET_LOG, "log" },
		{ SECCOMP_RET_TRAP, "trap" },
		{ SECCOMP_RET_TRACE, "trace" },
		{ SECCOMP_RET_KILL_THREAD, "kill-thread" },
		{ SECCOMP_RET_KILL_PROCESS, "kill-process" },
	};
	const char *name = errno_to_name((uint16_t)(action & SECCOMP_RET_DATA));

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if ((action & SECCOMP_RET_ACTION_FULL) == names[i].action) {
			printf(" %s", names[i].name);
			return;
		}
	if ((action & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_ERRNO && name != NULL)
		printf(" %s", name);
	else
		printf(" %#" PRIx32, action);
}

/* A call on which the two differ, and how. */
static void print_witness(const struct comparison *comparison, uint32_t audit, diagram ours,
                          diagram theirs)
{
	struct call_sample sample;

	if (!diagram_witness(comparison->store, ours, theirs, &sample))
		die("the comparison", "two nodes for one function");
	for (unsigned i = 0; i < ARRAY_SIZE(sample.arguments); i++)
		if (sample.arguments[i] != 0)
			printf(" arg%u=%#" PRIx64, i, sample.arguments[i]);
	(void)audit;
	fputs(": cordon", stdout);
	print_answer(diagram_value(comparison->store, ours, &sample));
	fputs(", theirs", stdout);
	print_answer(diagram_value(comparison->store, theirs, &sample));
	putchar('\n');
}

static void print_range(const struct comparison *comparison, uint32_t audit,
                        const struct piece *ours, const struct piece *theirs)
{
	uint32_t first = ours->first > theirs->first ? ours->first : theirs->first;
	uint32_t last = ours->last < theirs->last ? ours->last : theirs->last;
	uint32_t value;
	enum arch arch;
	const char *name = NULL;

	printf("%s ", arch_word(audit));
	if (first == last && arch_from_audit(&arch, audit)) {
		int call = syscall_from_number(arch, first);

		name = call == SYSCALL_UNKNOWN ? NULL : syscall_name(call);
	}
	if (name != NULL)
		printf("%s", name);
	else if (first == 0 && last == UINT32_MAX)
		fputs("all", stdout);
	else if (first == last)
		printf("%#" PRIx32, first);
	else
		printf("%#" PRIx32 "-%#" PRIx32, first, last);
	if (!diagram_is_leaf(comparison->store, ours->answer, &value) ||
	    !diagram_is_leaf(comparison->store, theirs->answer, &value))
		fputs(" with", stdout);
	print_witness(comparison, audit, ours->answer, theirs->answer);
}

/* Both lists are a cut of the same whole. */
static void compare_numbers(const struct comparison *comparison, uint32_t audit, diagram ours,
                            diagram theirs)
{
	static struct pieces left, right;
	size_t i = 0, j = 0;

	left.count = right.count = 0;
	diagram_cut(comparison->store, ours, WORD_NUMBER, keep, &left);
	diagram_cut(comparison->store, theirs, WORD_NUMBER, keep, &right);
	while (i < left.count && j < right.count) {
		const struct piece *a = &left.items[i], *b = &right.items[j];

		if (a->answer != b->answer)
			print_range(comparison, audit, a, b);
		i += a->last <= b->last;
		j += b->last <= a->last;
	}
}

static void compare(const struct comparison *comparison)
{
	static const uint32_t known[] = { AUDIT_ARCH_X86_64, AUDIT_ARCH_I386, AUDIT_ARCH_AARCH64,
		                          0 };

	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		diagram ours =
		        diagram_given(comparison->store, comparison->ours, WORD_ARCH, known[i]);
		diagram theirs =
		        diagram_given(comparison->store, comparison->theirs, WORD_ARCH, known[i]);

		if (ours != theirs)
			compare_numbers(comparison, known[i], ours, theirs);
	}
}

static uint32_t read_kernel(const char *text)
{
	unsigned major, minor;

	if (sscanf(text, "%u.%u", &major, &minor) != 2 || major > 1000 || minor > UINT16_MAX)
		die(text, "is no kernel");
	return major << 16 | minor;
}

int main(int count, char **words)
{
	_cleanup_diagrams struct diagrams *store = diagrams_new(DIAGRAM_NODES_MAX);
	_cleanup_text struct text text = {}, program = {};
	_cleanup_arena struct arena arena = {};
	struct comparison comparison = { .store = store };
	struct policy_source source = {};
	struct policy *policy;
	struct filter_table table;
	struct plan_filter filter;
	struct error err;

	if (count != 5)
		die("usage", "dialect_proof PROFILE.json PROGRAM.bpf CAPABILITIES KERNEL");
	read_file(&text, words[1]);
	read_file(&program, words[2]);
	source = (struct policy_source){ words[1], text_string(&text), text.length };
	filter = (struct plan_filter){ (const void *)text_string(&program),
		                       program.length / sizeof(struct sock_filter) };
	if (policy_parse(&policy, &arena, &source, &err) < 0 ||
	    policy_filter_table(&table, &arena, policy, ARCH_X86_64, read_kernel(words[4]),
	                        strtoull(words[3], NULL, 0), &err) < 0)
		die(words[1], err.text);
	if (prove_program(&comparison.theirs, store, &filter, false, &err) < 0)
		die(words[2], err.text);
	comparison.ours = meaning_of_table(store, &table);
	compare(&comparison);
	if (diagrams_check(store, &err) < 0)
		die(words[1], err.text);
	return 0;
}
