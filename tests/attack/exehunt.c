/*
 * exehunt SECONDS [FILE]: hunts, so long or until SIGTERM, for a runtime's own executable from
 * inside a container (CVE-2019-5736), and for half-confined processes that joined it
 * (CVE-2016-9962).
 *
 * For every process that is not itself it tries: to open /proc/PID/exe and, where that works and
 * the file is not one of the container's, to open it again for writing for a while; PTRACE_SEIZE;
 * and to open what /proc/PID/cwd, root and fd/N lead to. Where a process has no filter yet, it also
 * reads its memory, and looks whether it belongs to somebody (a process that is not dumpable is
 * root's, and nobody's here). It prints one line a success, "write PID", "foreign-exe PID", "attach
 * PID", "memory PID", "dumpable PID", "outside PID WHAT"; silence is what the test wants to see. At
 * the end it says how many processes it met, and how many of them it could seize: that the hunt was
 * one.
 *
 * A file is the container's when its device is that of "/" or of a mount that mountinfo lists, and
 * it is not FILE.
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
static struct stat prey; /* a file of the host that is mounted here: its device says nothing */
static long last_met, met, seized;

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
	if (prey.st_ino != 0 && prey.st_dev == status->st_dev && prey.st_ino == status->st_ino)
		return false;
	for (size_t i = 0; i < own_device_count; i++)
		if (own_devices[i] == status->st_dev)
			return true;
	return false;
}

static void reopen_for_writing(long pid, int file)
{
	char path[64];

	snprintf(path, sizeof path, "/proc/self/fd/%d", file);
	for (int i = 0; i < 10000; i++) { /* five seconds */
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

/* Of /proc/PID/status: a process that has no seccomp filter yet is not fully confined. */
static bool is_open(long pid)
{
	char path[64], line[256];
	FILE *status;
	bool found = false;

	snprintf(path, sizeof path, "/proc/%ld/status", pid);
	status = fopen(path, "re");
	while (status != NULL && fgets(line, sizeof line, status) != NULL)
		found |= strncmp(line, "Seccomp:\t0", 10) == 0;
	if (status != NULL)
		fclose(status);
	return found;
}

static void try_attach(long pid)
{
	if (ptrace(PTRACE_SEIZE, (pid_t)pid, NULL, NULL) != 0)
		return;
	seized++;
	if (is_open(pid))
		printf("attach %ld\n", pid);
	/* it can be let go while it stands still only, and one that ends is its tracer's to bury */
	if (ptrace(PTRACE_INTERRUPT, (pid_t)pid, NULL, NULL) == 0)
		waitpid((pid_t)pid, NULL, __WALL);
	ptrace(PTRACE_DETACH, (pid_t)pid, NULL, NULL);
}

/* What has been found out is true only of a process that is open still when that is done. */
static void try_memory(long pid)
{
	char path[64];
	struct stat owner;
	int memory, have;

	if (!is_open(pid))
		return;
	snprintf(path, sizeof path, "/proc/%ld/mem", pid);
	memory = open(path, O_RDONLY | O_CLOEXEC);
	snprintf(path, sizeof path, "/proc/%ld/stat", pid);
	have = stat(path, &owner);
	if (!is_open(pid))
		return;
	if (memory >= 0)
		printf("memory %ld\n", pid);
	/* 65534: the ids of the host's root, which nobody is in this user namespace */
	if (have == 0 && owner.st_uid != 65534)
		printf("dumpable %ld\n", pid);
	if (memory >= 0)
		close(memory);
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
		if (pid > last_met) {
			last_met = pid;
			met++;
		}
		try_memory(pid);
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
	if (count > 2 && stat(arguments[2], &prey) != 0)
		return 1;
	printf("ready\n");
	signal(SIGTERM, stop);
	while (time(NULL) < end && !stopped)
		hunt();
	printf("done: met %ld, seized %ld\n", met, seized);
	return 0;
}
