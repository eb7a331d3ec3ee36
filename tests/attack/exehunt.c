/*
 * exehunt SECONDS: hunts, so long or until SIGTERM, for a runtime's own executable from inside a
 * container (CVE-2019-5736), and for half-confined processes that joined it (CVE-2016-9962).
 *
 * For every process that is not itself it tries: to open /proc/PID/exe and, where that works and
 * the file is not one of the container's, to open it again for writing for a while; PTRACE_ATTACH;
 * and to open what /proc/PID/cwd, root and fd/N lead to. It prints one line a success, "write PID",
 * "foreign-exe PID", "attach PID", "outside PID WHAT"; silence is what the test wants to see.
 *
 * A file is the container's when its device is that of "/" or of a mount that mountinfo lists.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static dev_t own_devices[256];
static size_t own_device_count;

static void read_own_devices(void)
{
	FILE *mounts = fopen("/proc/self/mountinfo", "re");
	char line[4096];
	unsigned major_number, minor_number;

	if (mounts == NULL)
		return;
	while (fgets(line, sizeof line, mounts) != NULL)
		if (sscanf(line, "%*d %*d %u:%u", &major_number, &minor_number) == 2 &&
		    own_device_count < 256)
			own_devices[own_device_count++] = makedev(major_number, minor_number);
	fclose(mounts);
}

static bool is_own(const struct stat *status)
{
	if (!S_ISREG(status->st_mode) && !S_ISDIR(status->st_mode))
		return true;
	for (size_t i = 0; i < own_device_count; i++)
		if (own_devices[i] == status->st_dev)
			return true;
	return false;
}

static void reopen_for_writing(long pid, int file)
{
	char path[64];

	snprintf(path, sizeof path, "/proc/self/fd/%d", file);
	for (int i = 0; i < 2000; i++) {
		int writable = open(path, O_WRONLY | O_CLOEXEC);

		if (writable >= 0) {
			printf("write %ld\n", pid);
			close(writable);
			return;
		}
		if (errno != ETXTBSY)
			return;
		usleep(500);
	}
}

static void try_path(long pid, const char *what)
{
	char path[300];
	struct stat status;
	int file;

	snprintf(path, sizeof path, "/proc/%ld/%s", pid, what);
	file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (file < 0)
		return;
	if (fstat(file, &status) == 0 && !is_own(&status)) {
		printf(strcmp(what, "exe") == 0 ? "foreign-exe %ld\n" : "outside %ld %s\n", pid,
		       what);
		if (strcmp(what, "exe") == 0)
			reopen_for_writing(pid, file);
	}
	close(file);
}

static void try_descriptors(long pid)
{
	char path[64], name[300];
	struct dirent *entry;
	DIR *folder;

	snprintf(path, sizeof path, "/proc/%ld/fd", pid);
	folder = opendir(path);
	if (folder == NULL)
		return;
	while ((entry = readdir(folder)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(name, sizeof name, "fd/%.200s", entry->d_name);
		try_path(pid, name);
	}
	closedir(folder);
}

/* A process that has no seccomp filter yet is one that was not fully confined when we reached it.
 */
static void try_attach(long pid)
{
	char path[64], line[256];
	FILE *status;

	if (ptrace(PTRACE_SEIZE, (pid_t)pid, NULL, NULL) != 0)
		return;
	snprintf(path, sizeof path, "/proc/%ld/status", pid);
	status = fopen(path, "re");
	while (status != NULL && fgets(line, sizeof line, status) != NULL)
		if (strncmp(line, "Seccomp:\t0", 10) == 0)
			printf("attach %ld\n", pid);
	if (status != NULL)
		fclose(status);
	ptrace(PTRACE_DETACH, (pid_t)pid, NULL, NULL);
}

static void hunt(void)
{
	DIR *processes = opendir("/proc");
	struct dirent *entry;

	if (processes == NULL)
		return;
	while ((entry = readdir(processes)) != NULL) {
		long pid = strtol(entry->d_name, NULL, 10);

		if (pid <= 0 || pid == getpid())
			continue;
		try_path(pid, "exe");
		try_path(pid, "cwd");
		try_path(pid, "root");
		try_descriptors(pid);
		try_attach(pid);
	}
	closedir(processes);
}

static volatile sig_atomic_t stopped;

static void stop(int number)
{
	(void)number;
	stopped = 1;
}

int main(int count, char **arguments)
{
	time_t end = time(NULL) + (count > 1 ? atoi(arguments[1]) : 5);

	setvbuf(stdout, NULL, _IOLBF, 0);
	read_own_devices();
	printf("ready\n");
	signal(SIGTERM, stop);
	while (time(NULL) < end && !stopped)
		hunt();
	printf("done\n");
	return 0;
}
