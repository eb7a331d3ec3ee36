#include "sandbox/namespace.h"

#include <errno.h>
#include <sched.h>

uint64_t namespace_of_birth(const struct plan *plan)
{
	return CLONE_NEWUSER | CLONE_NEWNS | (plan->host_pid ? 0u : CLONE_NEWPID);
}

uint64_t namespace_of_itself(const struct plan *plan)
{
	uint64_t flags = 0;

	if (!plan->host_ipc)
		flags |= CLONE_NEWIPC;
	if (!plan->host_uts)
		flags |= CLONE_NEWUTS;
	if (plan->network != PLAN_NETWORK_HOST)
		flags |= CLONE_NEWNET;
	return flags;
}

int namespace_make(const struct plan *plan, struct error *err)
{
	return unshare((int)namespace_of_itself(plan)) < 0 ? namespace_refused(errno, err) : 0;
}

int namespace_refused(int number, struct error *err)
{
	error_set(err, number, "cannot create the container's namespaces");
	if (number == EPERM)
		return error_hint(err,
		                  "user namespaces are switched off for this user: see "
		                  "kernel.unprivileged_userns_clone and kernel.apparmor_restrict_"
		                  "unprivileged_userns (sysctl)");
	if (number == ENOSPC || number == EUSERS)
		return error_hint(err,
		                  "a limit of namespaces is reached: see user.max_user_namespaces, "
		                  "user.max_net_namespaces and their like (sysctl)");
	return -1;
}
