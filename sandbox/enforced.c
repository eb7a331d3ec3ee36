/*
 * enforced: what the kernel says is in force on a process, from one read of /proc/PID/status. It
 * works on a zombie too, so that a command that ends at once is still looked at.
 */
#include "sandbox/spawn.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"

#include <fcntl.h>
#include <linux/seccomp.h>
#include <string.h>

/* What the kernel makes of the mode once a filter has killed: SECCOMP_MODE_DEAD of its seccomp.c,
 * since 5.17; in no public header. */
enum { KILLED_BY_FILTER = SECCOMP_MODE_FILTER + 1 };

struct status_line {
	const char *key;
	int base;
	size_t offset, size;
};

#define LINE(key, base, member)                                                                    \
	{                                                                                          \
		key, base, offsetof(struct enforced, member),                                      \
		        sizeof(((struct enforced *)0)->member)                                     \
	}

static const struct status_line status_lines[] = {
	LINE("Uid:", 10, uid),
	LINE("Gid:", 10, gid),
	LINE("CapInh:", 16, capabilities.inheritable),
	LINE("CapPrm:", 16, capabilities.permitted),
	LINE("CapEff:", 16, capabilities.effective),
	LINE("CapBnd:", 16, capabilities.bounding),
	LINE("CapAmb:", 16, capabilities.ambient),
	LINE("NoNewPrivs:", 10, no_new_privileges),
	LINE("Seccomp:", 10, seccomp),
	LINE("Seccomp_filters:", 10, seccomp_filters),
};

static void take_line(struct enforced *enforced, const char *line)
{
	for (size_t i = 0; i < ARRAY_SIZE(status_lines); i++) {
		const struct status_line *row = &status_lines[i];
		size_t length = strlen(row->key);
		uint64_t number;

		if (strncmp(line, row->key, length) != 0)
			continue;
		number = strtoull(line + length, NULL, row->base);
		if (row->size == sizeof(uint32_t))
			*(uint32_t *)(void *)((char *)enforced + row->offset) = (uint32_t)number;
		else
			*(uint64_t *)(void *)((char *)enforced + row->offset) = number;
	}
}

int sandbox_read_enforced(struct enforced *ret, pid_t pid, const struct host *host,
                          struct error *err)
{
	struct enforced enforced = { .pid = pid, .landlock_abi = host->landlock_abi };
	_cleanup_text struct text content = {};
	char path[64], *save = NULL;
	int found;

	snprintf(path, sizeof path, "/proc/%ld/status", (long)pid);
	found = io_read_file(&content, AT_FDCWD, path, 65536, err);
	if (found <= 0)
		return found < 0 ? -1 : error_set(err, ESRCH, "cannot read %s", path);
	for (char *line = strtok_r(content.data, "\n", &save); line != NULL;
	     line = strtok_r(NULL, "\n", &save))
		take_line(&enforced, line);
	if (host->apparmor) {
		_cleanup_fd int fd = -1;

		snprintf(path, sizeof path, "/proc/%ld/attr/current", (long)pid);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd >= 0 && read(fd, enforced.label, sizeof enforced.label - 1) < 0)
			enforced.label[0] = '\0';
		enforced.label[strcspn(enforced.label, "\n")] = '\0';
	}
	*ret = enforced;
	return 0;
}

static int not_enforced(const char *wall, struct error *err)
{
	error_set(err, 0, "the kernel does not enforce %s, though it said so", wall);
	return error_hint(err,
	                  "cordon needs a Linux kernel of its own kind: what stands for one here "
	                  "does less than it says");
}

int sandbox_check_enforced(const struct enforced *enforced, const struct confinement *confinement,
                           struct error *err)
{
	const struct plan_capabilities *have = &enforced->capabilities;
	uint64_t any = have->bounding | have->permitted | have->effective | have->inheritable |
	               have->ambient;

	if (confinement->filter.count > 0 && enforced->seccomp != SECCOMP_MODE_FILTER &&
	    enforced->seccomp != KILLED_BY_FILTER)
		return not_enforced("the system call filter", err);
	if (confinement->no_new_privileges && enforced->no_new_privileges != 1)
		return not_enforced("no_new_privs", err);
	/* in a user namespace of its own the command has all of them, over nothing of ours */
	if (!confinement->new_user_namespaces && (any & ~confinement->capabilities.bounding) != 0)
		return not_enforced("the capability sets", err);
	return 0;
}
