/*
 * fdprobe: what a process of the container was handed: every open descriptor (without its own), the
 * working directory, and whether they lie in the container (CVE-2024-21626, CVE-2016-8649).
 *
 *	fd 0 /dev/null
 *	cwd / same-device
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

int main(void)
{
	DIR *folder = opendir("/proc/self/fd");
	struct dirent *entry;
	struct stat here, slash;
	char path[300], target[4096], directory[4096];
	ssize_t length;

	while (folder != NULL && (entry = readdir(folder)) != NULL) {
		if (entry->d_name[0] == '.' || atoi(entry->d_name) == dirfd(folder))
			continue;
		snprintf(path, sizeof path, "/proc/self/fd/%.200s", entry->d_name);
		length = readlink(path, target, sizeof target - 1);
		target[length < 0 ? 0 : length] = '\0';
		printf("fd %s %s\n", entry->d_name, target);
	}
	if (folder != NULL)
		closedir(folder);
	if (getcwd(directory, sizeof directory) == NULL)
		snprintf(directory, sizeof directory, "?");
	if (stat(".", &here) != 0 || stat("/", &slash) != 0)
		return 1;
	printf("cwd %s %s\n", directory,
	       here.st_dev == slash.st_dev ? "same-device" : "other-device");
	return 0;
}
