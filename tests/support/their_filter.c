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

static int add_rule(scmp_filter_ctx context, uint32_t number, const struct set_rule *rule)
{
	struct scmp_arg_cmp conditions[SET_CONDITIONS];

	for (size_t i = 0; i < rule->count; i++)
		conditions[i] = their_condition(&rule->conditions[i]);
	return seccomp_rule_add_array(context, their_action(rule->decision), (int)number,
	                              (unsigned)rule->count, conditions);
}

/* A rule that is equal to the default is -EACCES for them, and says nothing; and -EEXIST is two
 * equal ones. */
static int export(const struct rule_set *set, bool tree, int fd)
{
	scmp_filter_ctx context = seccomp_init(their_action(set->usual));
	int result = context == NULL ? -ENOMEM : 0;

	if (result == 0 && tree)
		result = seccomp_attr_set(context, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	for (size_t i = 0; i < set->count; i++)
		for (size_t j = 0; j < set->calls[i].count && result >= 0; j++) {
			const struct set_rule *rule = &set->calls[i].rules[j];

			if (their_action(rule->decision) != their_action(set->usual))
				result = add_rule(context, set->calls[i].number, rule);
		}
	if (result >= 0)
		result = seccomp_export_bpf(context, fd);
	seccomp_release(context);
	return result;
}

static _Noreturn void fill_slot(struct their_slot *slot, const struct rule_set *set, bool tree)
{
	const struct itimerval limit = { .it_value = { .tv_usec = MILLISECONDS_MAX * 1000 } };
	int fd = memfd_create("bpf", MFD_CLOEXEC);
	ssize_t size;

	setitimer(ITIMER_PROF, &limit, NULL); /* of its own time: SIGPROF ends it */
	slot->error = export(set, tree, fd);
	size = pread(fd, slot->program, sizeof slot->program, 0);
	if (size < 0)
		_exit(1);
	slot->count = (size_t)lseek(fd, 0, SEEK_END) / sizeof *slot->program;
	_exit(0);
}

enum outcome their_filter(struct their_slot *slot, const struct rule_set *set, bool tree)
{
	int status = 0;
	pid_t pid;

	slot->error = -1;
	slot->count = 0;
	pid = fork();
	if (pid < 0)
		abort();
	if (pid == 0)
		fill_slot(slot, set, tree);
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

bool their_numbers_fit(void)
{
	return seccomp_arch_native() == SCMP_ARCH_X86_64;
}
