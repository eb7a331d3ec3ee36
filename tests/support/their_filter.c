#include "tests/support/their_filter.h"

#include "sandbox/base/cleanup.h"
#include "tests/support/their_words.h"

#include <errno.h>
#include <seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

const char *const outcome_names[] = {
	[OUTCOME_RIGHT] = "right",       [OUTCOME_WIDE] = "too wide",
	[OUTCOME_NARROW] = "too narrow", [OUTCOME_OTHER] = "another refusal",
	[OUTCOME_REFUSED] = "refused",   [OUTCOME_HANGS] = "does not end",
	[OUTCOME_CRASHES] = "crashes",   [OUTCOME_TOO_LONG] = "too long",
};
_Static_assert(ARRAY_SIZE(outcome_names) == OUTCOMES, "a name an outcome");

uint32_t their_arch(enum arch arch)
{
	static const uint32_t words[ARCH_COUNT] = {
		[ARCH_X86_64] = SCMP_ARCH_X86_64,   [ARCH_I386] = SCMP_ARCH_X86,
		[ARCH_X32] = SCMP_ARCH_X32,         [ARCH_AARCH64] = SCMP_ARCH_AARCH64,
		[ARCH_ARM] = SCMP_ARCH_ARM,         [ARCH_RISCV64] = SCMP_ARCH_RISCV64,
		[ARCH_PPC64LE] = SCMP_ARCH_PPC64LE, [ARCH_S390X] = SCMP_ARCH_S390X,
	};

	return words[arch];
}

bool their_call(const struct their_world *world, int call)
{
	for (size_t i = 0; i < world->count; i++) {
		enum arch arch = world->arches[i];
		int number = syscall_number(arch, call);
		int theirs =
		        seccomp_syscall_resolve_name_arch(their_arch(arch), syscall_name(call));

		if (arch == ARCH_X32 && theirs >= 0)
			theirs &= ~0x40000000;
		if (number < 0 || theirs != number)
			return false;
	}
	return true;
}

/* Rules are for the number that this machine has for the name, or a negative one. */
static int add_rule(scmp_filter_ctx context, const char *name, const struct set_rule *rule)
{
	struct scmp_arg_cmp conditions[SET_CONDITIONS];

	for (size_t i = 0; i < rule->count; i++)
		conditions[i] = their_condition(&rule->conditions[i]);
	return seccomp_rule_add_array(context, their_action(rule->decision),
	                              seccomp_syscall_resolve_name(name), (unsigned)rule->count,
	                              conditions);
}

/* The machine's own first: words of two byte orders cannot be in one program. */
int their_take(void *context, const struct their_world *world)
{
	bool native = false;
	int result = 0;

	for (size_t i = 0; i < world->count; i++)
		native = native || their_arch(world->arches[i]) == seccomp_arch_native();
	if (!native)
		result = seccomp_arch_remove(context, SCMP_ARCH_NATIVE);
	for (size_t i = 0; i < world->count && result >= 0; i++)
		if (seccomp_arch_exist(context, their_arch(world->arches[i])) < 0)
			result = seccomp_arch_add(context, their_arch(world->arches[i]));
	return result;
}

/* A rule that is equal to the default is -EACCES for them, and says nothing; and -EEXIST is two
 * equal ones. */
static int export(const struct rule_set *set, bool tree, const struct their_world *world, int fd)
{
	scmp_filter_ctx context = seccomp_init(their_action(set->usual));
	int result = context == NULL ? -ENOMEM : their_take(context, world);

	if (result == 0 && tree)
		result = seccomp_attr_set(context, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	for (size_t i = 0; i < set->count; i++)
		for (size_t j = 0; j < set->calls[i].count && result >= 0; j++) {
			const struct set_rule *rule = &set->calls[i].rules[j];
			int call = syscall_from_number(world->arches[0], set->calls[i].number);

			if (their_action(rule->decision) != their_action(set->usual))
				result = add_rule(context, syscall_name(call), rule);
		}
	if (result >= 0)
		result = seccomp_export_bpf(context, fd);
	seccomp_release(context);
	return result;
}

/* They write instructions as the machine has them that the program is for. */
void their_bytes(struct their_slot *slot, enum arch arch)
{
	for (size_t i = 0; arch == ARCH_S390X && i < slot->count && i < BPF_MAXINSNS; i++) {
		slot->program[i].code = __builtin_bswap16(slot->program[i].code);
		slot->program[i].k = __builtin_bswap32(slot->program[i].k);
	}
}

static _Noreturn void fill_slot(struct their_slot *slot, const struct rule_set *set, bool tree,
                                const struct their_world *world)
{
	const struct itimerval limit = { .it_value = { .tv_usec = MILLISECONDS_MAX * 1000 } };
	int fd = memfd_create("bpf", MFD_CLOEXEC);
	ssize_t size;

	setitimer(ITIMER_PROF, &limit, NULL); /* of its own time: SIGPROF ends it */
	slot->error = export(set, tree, world, fd);
	size = pread(fd, slot->program, sizeof slot->program, 0);
	if (size < 0)
		_exit(1);
	slot->count = (size_t)lseek(fd, 0, SEEK_END) / sizeof *slot->program;
	their_bytes(slot, world->arches[0]);
	_exit(0);
}

enum outcome their_filter(struct their_slot *slot, const struct rule_set *set, bool tree,
                          const struct their_world *world)
{
	int status = 0;
	pid_t pid;

	slot->error = -1;
	slot->count = 0;
	pid = fork();
	if (pid < 0)
		abort();
	if (pid == 0)
		fill_slot(slot, set, tree, world);
	if (waitpid(pid, &status, 0) != pid)
		abort();
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGPROF)
		return OUTCOME_HANGS;
	if (status != 0)
		return OUTCOME_CRASHES;
	if (slot->error < 0)
		return OUTCOME_REFUSED;
	return slot->count > BPF_MAXINSNS ? OUTCOME_TOO_LONG : OUTCOME_RIGHT;
}

void their_version(struct text *ret)
{
	const struct scmp_version *is = seccomp_version();

	text_printf(ret, "%u.%u.%u", is->major, is->minor, is->micro);
}
