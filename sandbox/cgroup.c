/*
 * cgroup: a process is moved by whoever still sees the host's tree, so by the parent at a launch,
 * and by the joiner before setns(2). The cgroup namespace is made after the move: its root is the
 * cgroup the process is in at that moment (cgroup_namespaces(7)).
 */
#include "sandbox/cgroup.h"

#include "sandbox/base/cleanup.h"

#include <fcntl.h>
#include <limits.h>

int cgroup_join(const char *folder, pid_t pid, struct error *err)
{
	char path[PATH_MAX];
	_cleanup_fd int fd = -1;

	if (folder == NULL)
		return 0;
	if ((size_t)snprintf(path, sizeof path, "%s/cgroup.procs", folder) >= sizeof path)
		return error_set(err, ENAMETOOLONG, "cannot enter the cgroup %s", folder);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || dprintf(fd, "%ld\n", (long)pid) < 0)
		return error_set(err, errno, "cannot put the container into the cgroup %s", folder);
	return 0;
}
