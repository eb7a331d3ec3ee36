/*
 * in_kernel: questions to a filter, answered by the interpreter (tests/support/bpf.c), by the table
 * it was made from, and by the kernel, in a process of its own, for a filter can never be taken
 * off.
 */
#ifndef CORDON_TESTS_IN_KERNEL_H
#define CORDON_TESTS_IN_KERNEL_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "policy/emit.h"
#include "tests/support/bpf.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#if defined(__x86_64__)
enum { NATIVE_AUDIT = AUDIT_ARCH_X86_64 };
#elif defined(__aarch64__)
enum { NATIVE_AUDIT = AUDIT_ARCH_AARCH64 };
#endif

enum { SAMPLES_MAX = 4096, CHILD_SKIPPED = 77 };

struct question {
	struct call_sample sample;
	uint32_t wanted; /* the interpreter's answer */
	int refusal;     /* the kernel's errno where the filter allows the call; 0: it succeeds */
};

struct trial {
	const struct filter_table *table;
	const struct plan_filter *filter;
	struct question questions[SAMPLES_MAX];
	size_t count;
};

static inline void ask(struct trial *trial, const struct call_sample *sample, int refusal)
{
	struct question *question = &trial->questions[trial->count++];

	assert_true(trial->count <= SAMPLES_MAX);
	question->sample = *sample;
	question->wanted = bpf_run(trial->filter->instructions, sample, NULL);
	question->refusal = refusal;
	assert_int_equal(question->wanted,
	                 decision_to_seccomp(filter_decide(trial->table, sample)));
}

static volatile sig_atomic_t trapped;

static inline void on_trap(int number, siginfo_t *info, void *context)
{
	(void)number;
	(void)context;
	trapped = info->si_code == 1 /* SYS_SECCOMP */ ? 1 : 2;
}

/* The system call, with the kernel's own answer: -errno. */
static inline long enter_kernel(const struct call_sample *sample)
{
	const uint64_t *a = sample->arguments;
	long result;

#if defined(__x86_64__)
	if (sample->audit == AUDIT_ARCH_I386) {
		/* The 32-bit entry, open to 64-bit code as well; it clobbers r8 to r11. */
		__asm__ volatile("int $0x80"
		                 : "=a"(result)
		                 : "a"(sample->number), "b"(a[0]), "c"(a[1]), "d"(a[2]), "S"(a[3]),
		                   "D"(a[4])
		                 : "memory", "r8", "r9", "r10", "r11");
		return (int)result;
	}
#endif
	result = syscall(sample->number, a[0], a[1], a[2], a[3], a[4], a[5]);
	return result == -1 ? -errno : result;
}

static inline bool is_as_wanted(const struct question *question, long result)
{
	switch (question->wanted & SECCOMP_RET_ACTION_FULL) {
	case SECCOMP_RET_ERRNO:
		return trapped == 0 && result == -(long)(question->wanted & SECCOMP_RET_DATA);
	case SECCOMP_RET_TRAP:
		return trapped == 1;
	default:
		return trapped == 0 &&
		       (question->refusal == 0 ? result >= 0 : result == -question->refusal);
	}
}

static inline void load(const struct plan_filter *filter)
{
	const struct sock_fprog program = {
		.len = (unsigned short)filter->count,
		.filter = (struct sock_filter *)filter->instructions,
	};
	const struct rlimit no_core = {};

	setrlimit(RLIMIT_CORE, &no_core);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		_exit(CHILD_SKIPPED);
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) < 0) {
		fprintf(stderr, "the kernel does not take the filter: %s\n", strerror(errno));
		_exit(errno == EINVAL ? 1 : CHILD_SKIPPED);
	}
}

static inline _Noreturn void answer_all(const struct trial *trial)
{
	const struct sigaction action = { .sa_sigaction = on_trap, .sa_flags = SA_SIGINFO };

	sigaction(SIGSYS, &action, NULL);
	load(trial->filter);
	for (size_t i = 0; i < trial->count; i++) {
		const struct question *question = &trial->questions[i];
		const struct call_sample *sample = &question->sample;
		long result;

		trapped = 0;
		result = enter_kernel(sample);
		if (is_as_wanted(question, result))
			continue;
		fprintf(stderr,
		        "arch %#x number %#x args %#llx %#llx %#llx: the interpreter says %#x, the "
		        "kernel %ld%s\n",
		        sample->audit, sample->number, (unsigned long long)sample->arguments[0],
		        (unsigned long long)sample->arguments[1],
		        (unsigned long long)sample->arguments[2], question->wanted, result,
		        trapped ? " and a signal" : "");
		_exit(1);
	}
	_exit(0);
}

/* The wait status of a process that answers all questions. */
static inline int run(const struct trial *trial)
{
	int status = 0;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0)
		answer_all(trial);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == CHILD_SKIPPED)
		skip();
	return status;
}

#endif
