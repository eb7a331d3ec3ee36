#include "sandbox/namespace.h"

#include <errno.h>
#include <sched.h>

struct namespaces namespaces_of(const struct plan *plan)
{
	return (struct namespaces){
		.host_pid = plan->host_pid,
		.host_ipc = plan->host_ipc,
		.host_uts = plan->host_uts,
		.host_network = plan->network == PLAN_NETWORK_HOST,
		.maps = plan->maps,
	};
}

static bool lines_equal(const struct plan_id_map *one, const struct plan_id_map *other,
                        size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (one[i].inside != other[i].inside || one[i].outside != other[i].outside ||
		    one[i].length != other[i].length)
			return false;
	return true;
}

static bool maps_equal(const struct plan_id_maps *one, const struct plan_id_maps *other)
{
	return one->mode == other->mode && one->helpers == other->helpers &&
	       one->uid_count == other->uid_count && one->gid_count == other->gid_count &&
	       lines_equal(one->uids, other->uids, one->uid_count) &&
	       lines_equal(one->gids, other->gids, one->gid_count);
}

bool namespaces_equal(const struct namespaces *one, const struct namespaces *other)
{
	return one->host_pid == other->host_pid && one->host_ipc == other->host_ipc &&
	       one->host_uts == other->host_uts && one->host_network == other->host_network &&
	       maps_equal(&one->maps, &other->maps);
}

uint64_t namespaces_of_birth(const struct namespaces *namespaces)
{
	return CLONE_NEWUSER | CLONE_NEWNS | (namespaces->host_pid ? 0u : CLONE_NEWPID);
}

uint64_t namespaces_of_itself(const struct namespaces *namespaces)
{
	uint64_t flags = 0;

	if (!namespaces->host_ipc)
		flags |= CLONE_NEWIPC;
	if (!namespaces->host_uts)
		flags |= CLONE_NEWUTS;
	if (!namespaces->host_network)
		flags |= CLONE_NEWNET;
	return flags;
}

int namespaces_make(const struct namespaces *namespaces, struct error *err)
{
	return unshare((int)namespaces_of_itself(namespaces)) < 0 ? namespaces_refused(errno, err)
	                                                          : 0;
}

int namespaces_refused(int number, struct error *err)
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
