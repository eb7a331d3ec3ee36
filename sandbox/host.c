/*
 * host: one look at the machine. Everything is asked of the kernel or read from small files
 * directly: the binary is static, so no NSS; a user that /etc/passwd does not have (LDAP,
 * systemd-userdb) is asked of getent(1).
 */
#include "sandbox/host.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>

enum { ACCOUNTS_MAX = 4 << 20, LANDLOCK_VERSION_FLAG = 1 };

#if defined(__x86_64__)
static const uint32_t native_arch = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
static const uint32_t native_arch = AUDIT_ARCH_AARCH64;
#else
#error "cordon has no system call tables for this architecture"
#endif

static bool simulated(const char *simulate, const char *facility)
{
	size_t length = strlen(facility);

	for (const char *next = simulate; next != NULL; next = strchr(next, ',')) {
		next += *next == ',';
		if (strncmp(next, facility, length) == 0 &&
		    (next[length] == '\0' || next[length] == ','))
			return true;
	}
	return false;
}

/* name:password:uid:gid:gecos:home:shell */
static bool take_passwd_line(struct host *host, char *line)
{
	char *fields[7] = { line };
	uint64_t uid;
	size_t count = 1;

	for (char *next = line; *next != '\0' && count < ARRAY_SIZE(fields); next++)
		if (*next == ':') {
			*next = '\0';
			fields[count++] = next + 1;
		}
	if (count < 6 || !text_to_number(&uid, fields[2], UINT32_MAX) || uid != host->uid)
		return false;
	snprintf(host->user, sizeof host->user, "%s", fields[0]);
	snprintf(host->home, sizeof host->home, "%s", fields[5]);
	return true;
}

static bool find_user(struct host *host, char *accounts)
{
	char *save = NULL;

	for (char *line = strtok_r(accounts, "\n", &save); line != NULL;
	     line = strtok_r(NULL, "\n", &save))
		if (take_passwd_line(host, line))
			return true;
	return false;
}

static void ask_getent(struct host *host)
{
	char uid[16];
	const char *const arguments[] = { "getent", "passwd", uid, NULL };
	const char *const environment[] = { "PATH=/usr/bin:/bin", NULL };
	_cleanup_text struct text answer = {};
	struct error ignored;
	int ends[2];
	pid_t child;

	snprintf(uid, sizeof uid, "%u", host->uid);
	if (pipe2(ends, O_CLOEXEC) < 0)
		return;
	child = vfork();
	if (child == 0) {
		dup2(ends[1], STDOUT_FILENO);
		execve("/usr/bin/getent", (char *const *)arguments, (char *const *)environment);
		_exit(127);
	}
	close(ends[1]);
	if (child > 0) {
		if (io_read_all(&answer, ends[0], 65536, &ignored) == 0 && answer.length > 0)
			find_user(host, answer.data);
		waitpid(child, NULL, 0);
	}
	close(ends[0]);
}

static int probe_user(struct host *host, struct error *err)
{
	_cleanup_text struct text accounts = {};

	host->uid = geteuid();
	host->gid = getegid();
	if (io_read_file(&accounts, AT_FDCWD, "/etc/passwd", ACCOUNTS_MAX, err) < 0)
		return -1;
	if (accounts.length > 0 && find_user(host, accounts.data))
		return 0;
	ask_getent(host);
	if (host->user[0] == '\0')
		snprintf(host->user, sizeof host->user, "%u", host->uid);
	return 0;
}

/* "name-or-uid:first:count" lines; those of others and broken ones are passed over, as newuidmap
 * does. */
static int read_ranges(struct host_range *ranges, size_t *count, const struct host *host,
                       const char *path, struct error *err)
{
	_cleanup_text struct text content = {};
	char *save = NULL, uid[16];
	int found = io_read_file(&content, AT_FDCWD, path, ACCOUNTS_MAX, err);

	if (found <= 0 || content.length == 0)
		return found < 0 ? -1 : 0;
	snprintf(uid, sizeof uid, "%u", host->uid);
	for (char *line = strtok_r(content.data, "\n", &save);
	     line != NULL && *count < HOST_RANGES_MAX; line = strtok_r(NULL, "\n", &save)) {
		char *first = strchr(line, ':'),
		     *length = first == NULL ? NULL : strchr(first + 1, ':');
		uint64_t start, size;

		if (length == NULL)
			continue;
		*first++ = '\0';
		*length++ = '\0';
		if (strcmp(line, host->user) != 0 && strcmp(line, uid) != 0)
			continue;
		if (!text_to_number(&start, first, UINT32_MAX) ||
		    !text_to_number(&size, length, UINT32_MAX) || size == 0 ||
		    start + size > UINT32_MAX)
			continue;
		ranges[(*count)++] = (struct host_range){ (uint32_t)start, (uint32_t)size };
	}
	return 0;
}

static void find_program(char *ret, size_t size, const char *name)
{
	static const char *const folders[] = { "/usr/bin",          "/bin",
		                               "/usr/local/bin",    "/usr/sbin",
		                               "/run/wrappers/bin", "/run/current-system/sw/bin" };

	for (size_t i = 0; i < ARRAY_SIZE(folders); i++) {
		snprintf(ret, size, "%s/%s", folders[i], name);
		if (access(ret, X_OK) == 0)
			return;
	}
	ret[0] = '\0';
}

/* The first number in a sysctl file; `fallback` where the file is not there. */
static long read_number(const char *path, long fallback)
{
	char digits[32] = "";
	_cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || read(fd, digits, sizeof digits - 1) <= 0)
		return fallback;
	if (digits[0] == 'Y' || digits[0] == 'N')
		return digits[0] == 'Y';
	return strtol(digits, NULL, 10);
}

static void probe_kernel(struct host *host, const char *simulate)
{
	uint32_t action = SECCOMP_RET_KILL_PROCESS;
	unsigned major = 0, minor = 0;
	struct utsname name;
	long abi;

	uname(&name);
	snprintf(host->release, sizeof host->release, "%.64s", name.release);
	sscanf(name.release, "%u.%u", &major, &minor);
	host->kernel = major << 16 | minor;
	host->audit_arch = native_arch;
	abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_VERSION_FLAG);
	host->landlock_abi = abi < 0 || simulated(simulate, "landlock") ? 0 : (int)abi;
	host->seccomp_filter =
	        prctl(PR_GET_SECCOMP, 0, 0, 0, 0) >= 0 && !simulated(simulate, "seccomp");
	host->seccomp_kill_process =
	        syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
	host->user_namespaces = read_number("/proc/sys/user/max_user_namespaces", 1) > 0 &&
	                        read_number("/proc/sys/kernel/unprivileged_userns_clone", 1) != 0;
	host->apparmor = read_number("/sys/module/apparmor/parameters/enabled", 0) == 1 &&
	                 !simulated(simulate, "apparmor");
	host->capability_last =
	        (uint64_t)read_number("/proc/sys/kernel/cap_last_cap", CAP_LAST_CAP);
}

int host_probe(struct host *ret, const char *simulate, struct error *err)
{
	struct host host = {};

	probe_kernel(&host, simulate);
	if (probe_user(&host, err) < 0)
		return -1;
	if (!simulated(simulate, "subuid") &&
	    (read_ranges(host.subuids, &host.subuid_count, &host, "/etc/subuid", err) < 0 ||
	     read_ranges(host.subgids, &host.subgid_count, &host, "/etc/subgid", err) < 0))
		return -1;
	if (!simulated(simulate, "newuidmap")) {
		find_program(host.newuidmap, sizeof host.newuidmap, "newuidmap");
		find_program(host.newgidmap, sizeof host.newgidmap, "newgidmap");
	}
	*ret = host;
	return 0;
}
