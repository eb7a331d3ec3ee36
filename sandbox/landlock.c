/*
 * landlock: nothing outside the container's root can be opened, made, executed or changed.
 *
 * The root of the container is already all that a path can name. What this wall adds is an answer
 * to descriptors and magic links that lead elsewhere: a folder or a binary of the host that leaked
 * in (CVE-2024-21626, CVE-2019-5736) may still be *held*, but /proc/self/fd/N cannot be opened
 * again through it, openat(2) beneath it finds nothing, execveat(2) on it fails: Landlock walks
 * from the file upwards through the mounts and never meets the one folder that has a rule.
 *
 * So the blanket rule is: handle every right the kernel knows, and allow all of them beneath the
 * root. It must be *all*: a right that is handled and not granted would break ordinary programs
 * (IOCTL_DEV for ptys, REFER for renames across folders). Pipes, sockets and memory files are on
 * internal file systems, which Landlock leaves alone. The lists of a profile then narrow the rule.
 *
 * Order: after the last mount (a Landlocked process may not change mounts), after no_new_privs or
 * while CAP_SYS_ADMIN is still there (landlock_restrict_self(2) wants one of them; capability.c).
 */
#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"
#include "sandbox/landlock_abi.h"
#include "sandbox/walls.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

/* Rights that mean something on a file; the kernel refuses others in a rule for a file (EINVAL). */
#define RIGHTS_OF_FILES                                                                            \
	(RIGHT_EXECUTE | RIGHT_WRITE_FILE | RIGHT_READ_FILE | RIGHT_TRUNCATE | RIGHT_IOCTL_DEV)

#define RIGHTS_TO_WRITE                                                                            \
	(RIGHT_WRITE_FILE | RIGHT_REMOVE_DIR | RIGHT_REMOVE_FILE | RIGHT_MAKE_CHAR |               \
	 RIGHT_MAKE_DIR | RIGHT_MAKE_REG | RIGHT_MAKE_SOCK | RIGHT_MAKE_FIFO | RIGHT_MAKE_BLOCK |  \
	 RIGHT_MAKE_SYM | RIGHT_REFER | RIGHT_TRUNCATE)

/* Every file right of an ABI: bits 0..12 from the first on. */
static uint64_t rights_known(int abi)
{
	uint64_t rights = RIGHT_MAKE_SYM | (RIGHT_MAKE_SYM - 1);

	if (abi >= LANDLOCK_ABI_REFER)
		rights |= RIGHT_REFER;
	if (abi >= LANDLOCK_ABI_TRUNCATE)
		rights |= RIGHT_TRUNCATE;
	if (abi >= LANDLOCK_ABI_IOCTL)
		rights |= RIGHT_IOCTL_DEV;
	return rights;
}

static int allow_descriptor(int ruleset, int fd, uint64_t rights, const char *path,
                            struct error *err)
{
	struct path_rule rule = { .allowed = rights, .parent = fd };

	if (rights == 0)
		return 0;
	if (syscall(SYS_landlock_add_rule, ruleset, RULE_PATH_BENEATH, &rule, 0) < 0)
		return error_set(err, errno, "cannot add a Landlock rule for %s", path);
	return 0;
}

/* A listed path that the image does not have is skipped: no rule means no right. */
static int allow_path(int ruleset, int root, const char *path, uint64_t rights, struct error *err)
{
	_cleanup_fd int fd = io_open_in_root(root, path, O_PATH, 0);
	struct stat status;

	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	if (fd < 0 || fstat(fd, &status) < 0)
		return error_set(err, errno, "cannot open %s for its Landlock rule", path);
	if (!S_ISDIR(status.st_mode))
		rights &= RIGHTS_OF_FILES;
	return allow_descriptor(ruleset, fd, rights, path, err);
}

static int allow_paths(int ruleset, int root, const struct plan_strings *paths, uint64_t rights,
                       struct error *err)
{
	for (size_t i = 0; i < paths->count; i++) {
		if (allow_path(ruleset, root, paths->items[i], rights, err) < 0)
			return -1;
	}
	return 0;
}

static int allow_files(int ruleset, const struct plan_landlock *landlock, int root, uint64_t known,
                       struct error *err)
{
	/* What any process must be able to write: devices, and its own files in /proc. */
	static const char *const always_written[] = { "/dev", "/proc" };
	const struct plan_strings always = { .items = (const char **)always_written,
		                             .count = ARRAY_SIZE(always_written) };
	uint64_t everywhere = known;

	if (landlock->restrict_write)
		everywhere &= ~RIGHTS_TO_WRITE;
	if (landlock->restrict_execute)
		everywhere &= ~RIGHT_EXECUTE;
	if (allow_descriptor(ruleset, root, everywhere, "/", err) < 0)
		return -1;
	if (landlock->restrict_write &&
	    (allow_paths(ruleset, root, &always, known & RIGHTS_TO_WRITE, err) < 0 ||
	     allow_paths(ruleset, root, &landlock->write, known & RIGHTS_TO_WRITE, err) < 0))
		return -1;
	if (!landlock->restrict_execute)
		return 0;
	return allow_paths(ruleset, root, &landlock->execute, RIGHT_EXECUTE, err);
}

static int allow_ports(int ruleset, const uint16_t *ports, size_t count, uint64_t right,
                       struct error *err)
{
	for (size_t i = 0; i < count; i++) {
		struct port_rule rule = { .allowed = right, .port = ports[i] };

		if (syscall(SYS_landlock_add_rule, ruleset, RULE_NET_PORT, &rule, 0) < 0)
			return error_set(err, errno, "cannot add a Landlock rule for TCP port %u",
			                 ports[i]);
	}
	return 0;
}

/* What the plan asks for and this kernel is too old for: a note, or an error with the way out. */
static int missing(const struct plan_landlock *landlock, const char *what, char *notes,
                   size_t notes_size, struct error *err)
{
	size_t used = strlen(notes);

	if (landlock->if_available) {
		snprintf(notes + used, notes_size - used, "landlock: %s\n", what);
		return 0;
	}
	error_set(err, 0, "cannot restrict the container with Landlock: %s", what);
	return error_hint(err,
	                  "use a newer kernel (with lsm=landlock,...), or mark it if_available "
	                  "in the profile");
}

static int restrict_self(int ruleset, struct error *err)
{
	if (syscall(SYS_landlock_restrict_self, ruleset, 0) == 0)
		return 0;
	error_set(err, errno, "cannot enforce the Landlock rules");
	if (err->number == EPERM)
		error_hint(err, "without no_new_privs they must be set while the process still has "
		                "CAP_SYS_ADMIN in its user namespace");
	return -1;
}

int landlock_apply(const struct plan_landlock *landlock, int root, const struct host *host,
                   char *notes, size_t notes_size, struct error *err)
{
	struct ruleset_attribute attribute = { .handled_fs = rights_known(host->landlock_abi) };
	bool ports = landlock->restrict_bind || landlock->restrict_connect;
	_cleanup_fd int ruleset = -1;

	if (!landlock->enabled)
		return 0;
	if (host->landlock_abi < 1)
		return missing(landlock, "this kernel has no Landlock", notes, notes_size, err);
	if (ports && host->landlock_abi < LANDLOCK_ABI_NETWORK) {
		if (missing(landlock, "TCP ports need Linux 6.7", notes, notes_size, err) < 0)
			return -1;
		ports = false;
	}
	if (landlock->restrict_write && host->landlock_abi < LANDLOCK_ABI_TRUNCATE &&
	    missing(landlock, "truncate(2) needs Linux 6.2", notes, notes_size, err) < 0)
		return -1;
	if (ports && landlock->restrict_bind)
		attribute.handled_net |= RIGHT_BIND_TCP;
	if (ports && landlock->restrict_connect)
		attribute.handled_net |= RIGHT_CONNECT_TCP;
	ruleset = (int)syscall(SYS_landlock_create_ruleset, &attribute, sizeof attribute, 0);
	if (ruleset < 0)
		return error_set(err, errno, "cannot make a Landlock ruleset (ABI %d)",
		                 host->landlock_abi);
	if (allow_files(ruleset, landlock, root, attribute.handled_fs, err) < 0)
		return -1;
	if ((attribute.handled_net & RIGHT_BIND_TCP) &&
	    allow_ports(ruleset, landlock->bind_ports, landlock->bind_count, RIGHT_BIND_TCP, err) <
	            0)
		return -1;
	if ((attribute.handled_net & RIGHT_CONNECT_TCP) &&
	    allow_ports(ruleset, landlock->connect_ports, landlock->connect_count,
	                RIGHT_CONNECT_TCP, err) < 0)
		return -1;
	return restrict_self(ruleset, err);
}

/* No profile asks for it, so an older kernel is no reason to refuse; it is said. */
int landlock_scope_names(const struct host *host, char *notes, size_t notes_size, struct error *err)
{
	const struct ruleset_attribute attribute = { .scoped = SCOPE_ABSTRACT_UNIX_SOCKET };
	_cleanup_fd int ruleset = -1;
	size_t used = strlen(notes);

	if (host->landlock_abi < LANDLOCK_ABI_SCOPE) {
		snprintf(notes + used, notes_size - used,
		         "landlock: abstract sockets of the host's network can be reached "
		         "(closing them needs Linux 6.12)\n");
		return 0;
	}
	ruleset = (int)syscall(SYS_landlock_create_ruleset, &attribute, sizeof attribute, 0);
	if (ruleset < 0)
		return error_set(err, errno, "cannot make a Landlock ruleset for sockets");
	return restrict_self(ruleset, err);
}

int landlock_allow_reading(const struct plan_strings *paths, int abi, struct error *err)
{
	struct ruleset_attribute attribute = { .handled_fs = rights_known(abi) };
	_cleanup_fd int ruleset = -1, root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (abi < 1)
		return 0;
	if (root < 0)
		return error_set(err, errno, "cannot open /");
	ruleset = (int)syscall(SYS_landlock_create_ruleset, &attribute, sizeof attribute, 0);
	if (ruleset < 0)
		return error_set(err, errno, "cannot make a Landlock ruleset (ABI %d)", abi);
	if (allow_paths(ruleset, root, paths, RIGHT_READ_FILE | RIGHT_READ_DIR, err) < 0)
		return -1;
	return restrict_self(ruleset, err);
}
