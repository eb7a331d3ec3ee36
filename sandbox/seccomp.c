/*
 * seccomp: no_new_privs, and the finished filter. The filter is the last step before execve,
 * because every system call after it is judged by it; the policy compiler sees to it that execve
 * and what reports its failure (write, exit_group) are allowed.
 *
 * seccomp(2) wants no_new_privs or CAP_SYS_ADMIN in the caller's user namespace. The kernel copies
 * and checks the program; a program it refuses is an error, never a reason to go on without.
 */
#include "sandbox/base/cleanup.h"
#include "sandbox/walls.h"

#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

int no_new_privileges_set(struct error *err)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return error_set(err, errno, "cannot set no_new_privs");
	return 0;
}

int seccomp_apply(const struct plan_filter *filter, struct error *err)
{
	struct sock_fprog program = {
		.len = (unsigned short)filter->count,
		.filter = (struct sock_filter *)filter->instructions,
	};

	if (filter->count == 0)
		return 0;
	if (filter->count > BPF_MAXINSNS)
		return error_set(err, 0, "the filter has %zu instructions, the kernel takes %d",
		                 filter->count, BPF_MAXINSNS);
	/* A listener's descriptor would end up in the container, which could then answer itself. */
	if (filter->flags & SECCOMP_FILTER_FLAG_NEW_LISTENER)
		return error_set(err, 0, "the filter wants a listener and nobody would serve it");
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, filter->flags, &program) == 0)
		return 0;
	error_set(err, errno, "cannot load the system call filter (%zu instructions)",
	          filter->count);
	if (err->number == EACCES)
		error_hint(err, "without no_new_privs the filter must be loaded while the process "
		                "still has CAP_SYS_ADMIN in its user namespace");
	return -1;
}
