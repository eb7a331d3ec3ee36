/*
 * walls: every wall around this process that can be seen from inside, a line each, the same lines
 * for the same plan; the last one is "end". tests/attack/images/faults.py compares them: a
 *container either has all of them or does not run.
 *
 *	walls NAMESPACE...	the caller's namespaces, as readlink(2) says them
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

static void print_file(const char *path, const char *const *starts)
{
	char line[4096];
	FILE *file = fopen(path, "re");

	if (file == NULL) {
		printf("%s: %s\n", path, strerror(errno));
		return;
	}
	while (fgets(line, sizeof line, file) != NULL)
		for (const char *const *start = starts; *start != NULL; start++)
			if (strncmp(line, *start, strlen(*start)) == 0)
				printf("%s: %s", path, line);
	fclose(file);
}

/* Where, from what, with which flags: ids and devices are of the moment, and the options of the
 * overlay name the container's folder. */
static void print_mounts(void)
{
	char line[8192], root[4096], place[4096], flags[256], type[64];
	FILE *file = fopen("/proc/self/mountinfo", "re");

	while (file != NULL && fgets(line, sizeof line, file) != NULL) {
		const char *rest = strstr(line, " - ");

		if (rest != NULL &&
		    sscanf(line, "%*d %*d %*s %4095s %4095s %255s", root, place, flags) == 3 &&
		    sscanf(rest, " - %63s", type) == 1)
			printf("mount %s %s %s %s\n", place, strcmp(type, "ext4") == 0 ? "" : root,
			       flags, type);
	}
	if (file == NULL)
		printf("mounts: %s\n", strerror(errno));
	else
		fclose(file);
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static void print_folder(const char *path)
{
	struct dirent **entries;
	int count = scandir(path, &entries, NULL, by_name);

	for (int i = 0; i < count; i++) {
		struct stat status = {};
		char name[4096];

		snprintf(name, sizeof name, "%s/%s", path, entries[i]->d_name);
		lstat(name, &status);
		printf("entry %s %o %u:%u %lx\n", name, status.st_mode, status.st_uid,
		       status.st_gid, (unsigned long)status.st_rdev);
	}
}

static void print_descriptors(void)
{
	for (int fd = 0; fd < 1024; fd++) {
		char path[64], link[4096];
		ssize_t length;

		snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
		length = fcntl(fd, F_GETFD) < 0 ? -1 : readlink(path, link, sizeof link - 1);
		if (length < 0)
			continue;
		link[length] = '\0';
		link[strcspn(link, "[")] = '\0';
		printf("descriptor %d %s\n", fd, link);
	}
}

static void print_namespaces(int count, char **theirs)
{
	static const char *const names[] = { "user", "mnt", "pid", "net", "ipc", "uts", "cgroup" };

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		char path[64], link[64];
		ssize_t length;
		const char *whose = "own";

		snprintf(path, sizeof path, "/proc/self/ns/%s", names[i]);
		length = readlink(path, link, sizeof link - 1);
		link[length < 0 ? 0 : length] = '\0';
		for (int j = 0; j < count; j++)
			if (strcmp(theirs[j], link) == 0)
				whose = "the caller's";
		printf("namespace %s %s\n", names[i], length < 0 ? "?" : whose);
	}
}

static void print_try(const char *what, long result)
{
	printf("try %s: %s\n", what, result < 0 ? strerror(errno) : "done");
}

/* What only one wall each refuses. */
static void print_tries(void)
{
	static const struct mount_attr to_write = { .attr_clr = MOUNT_ATTR_RDONLY };

	print_try("filter: swapon", syscall(SYS_swapon, "", 0));
	print_try("filter: keyctl", syscall(SYS_keyctl, KEYCTL_SEARCH, KEY_SPEC_SESSION_KEYRING,
	                                    "user", "cordon-canary", 0));
	print_try("Landlock: mount", mount("none", "/tmp", "tmpfs", 0, NULL));
	print_try("latch: mount_setattr",
	          syscall(SYS_mount_setattr, AT_FDCWD, "/m", 0, &to_write, sizeof to_write));
	print_try("write /m", open("/m/written", O_CREAT | O_WRONLY, 0600));
	print_try("write /proc/sys", open("/proc/sys/vm/swappiness", O_WRONLY));
	print_try("the init process's root", open("/proc/1/root/proc", O_RDONLY));
}

int main(int count, char **words)
{
	static const char *const status[] = { "Uid:",        "Gid:",    "Groups:", "Cap",
		                              "NoNewPrivs:", "Seccomp", "Umask:",  "SigBlk:",
		                              "SigIgn:",     NULL };
	static const char *const all[] = { "", NULL };
	char here[4096] = "?";
	struct utsname system;
	int signal = 0;

	print_file("/proc/self/status", status);
	print_file("/proc/self/uid_map", all);
	print_file("/proc/self/gid_map", all);
	print_file("/proc/self/setgroups", all);
	print_file("/proc/self/limits", all);
	print_mounts();
	print_folder("/");
	print_folder("/dev");
	print_descriptors();
	print_namespaces(count - 1, words + 1);
	uname(&system);
	printf("host name %s\ndirectory %s\nsession %s\n", system.nodename,
	       getcwd(here, sizeof here), getsid(0) == getpid() ? "own" : "another's");
	prctl(PR_GET_PDEATHSIG, &signal);
	printf("death signal %d\n", signal);
	print_tries();
	printf("end\n");
	return 0;
}
