/*
 * verdicts: what the filter this process was born behind answers to every number of every way into
 * the kernel, without a single call being made (attack D7).
 *
 * It puts a filter of its own in front that answers "trace" to everything. Of several filters the
 * kernel obeys the strictest, in the order kill, trap, errno, notify, trace, log, allow
 * (Documentation/userspace-api/seccomp_filter.rst): what the first filter denies is denied as it
 * says, and what it allows is a trace without a tracer, which is not executed and gives ENOSYS. (So
 * an ENOSYS of the first filter cannot be told from an allowed call: both are "-".)
 *
 *	x86_64 0 -          allowed, or ENOSYS
 *	x86_64 165 1        an errno
 *	i386 0 killed
 *	i386 0 absent       the machine knows no such way (SIGSEGV)
 *
 * A word in the sixth argument lets the two calls through that it needs itself.
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NUMBERS = 600, WAYS = 3, PASS = 0xc0ffee, KILLED = -1, ABSENT = -2 };

static const char *const names[WAYS] = { "x86_64", "x32", "i386" };

struct board {
	int next;
	int answers[NUMBERS];
};

static long enter_kernel(int way, int number)
{
	long result = -ENOSYS;

#if defined(__x86_64__)
	if (way == 2) {
		/* The 32-bit entry, open to 64-bit code as well; it clobbers r8 to r11. */
		__asm__ volatile("int $0x80"
		                 : "=a"(result)
		                 : "a"(number), "b"(0), "c"(0), "d"(0), "S"(0), "D"(0)
		                 : "memory", "r8", "r9", "r10", "r11");
		return (int)result;
	}
	number |= way == 1 ? 0x40000000 : 0;
#endif
	result = syscall(number, 0, 0, 0, 0, 0, 0);
	return result == -1 ? -errno : result;
}

static int stand_in_front(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[5])),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PASS, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE),
	};
	struct sock_fprog program = { sizeof code / sizeof code[0], code };

	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

/* Goes on where the one before it was killed. */
static void ask_on(struct board *board, int way)
{
	if (stand_in_front() < 0)
		_exit(2);
	while (board->next < NUMBERS) {
		int number = board->next++;
		long result;

		board->answers[number] = KILLED;
		result = enter_kernel(way, number);
		/* not executed: nothing but an errno can come of it */
		board->answers[number] = result < 0 ? (int)-result : 0;
	}
	syscall(SYS_exit_group, 0, 0, 0, 0, 0, PASS);
}

static int ask(struct board *board, int way)
{
	board->next = 0;
	while (board->next < NUMBERS) {
		pid_t child = fork();
		int status;

		if (child == 0)
			ask_on(board, way);
		if (child < 0 || waitpid(child, &status, 0) < 0)
			return -1;
		if (WIFEXITED(status) && WEXITSTATUS(status) == 2)
			return -1;
		if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV && board->next > 0)
			board->answers[board->next - 1] = ABSENT;
	}
	for (int number = 0; number < NUMBERS; number++) {
		int answer = board->answers[number];

		printf("%s %d ", names[way], number);
		if (answer == KILLED)
			puts("killed");
		else if (answer == ABSENT)
			puts("absent");
		else if (answer == ENOSYS)
			puts("-");
		else
			printf("%d\n", answer);
	}
	return 0;
}

int main(void)
{
	struct board *board = mmap(NULL, sizeof *board, PROT_READ | PROT_WRITE,
	                           MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (board == MAP_FAILED)
		return 1;
	for (int way = 0; way < WAYS; way++)
		if (ask(board, way) < 0)
			return 1;
	return 0;
}
