/*
 * walkproc FOLDER...: which files below can be opened for writing, and which can be read and are
 * not empty. One line each, "w PATH" or "r PATH", sorted by the caller. Nothing is written: the
 * open is all. What /proc has of processes is left out; /proc/1 as a FOLDER shows it of one.
 */
#include <ctype.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static int visit(const char *path, const struct stat *status, int kind, struct FTW *where)
{
	char byte;
	int file;

	/* a process has its own walk, and its tasks repeat it */
	if (where->level == 1 && kind == FTW_D &&
	    ((strncmp(path, "/proc/", 6) == 0 && isdigit((unsigned char)path[6])) ||
	     strcmp(path + where->base, "task") == 0))
		return FTW_SKIP_SUBTREE;
	if (kind != FTW_F)
		return FTW_CONTINUE;
	/* a mask: everybody may write into the null device */
	if (S_ISCHR(status->st_mode) && status->st_rdev == makedev(1, 3))
		return FTW_CONTINUE;
	file = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	if (file >= 0) {
		printf("w %s\n", path);
		close(file);
	}
	file = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	if (file >= 0) {
		if (read(file, &byte, 1) == 1)
			printf("r %s\n", path);
		close(file);
	}
	return FTW_CONTINUE;
}

int main(int count, char **arguments)
{
	for (int i = 1; i < count; i++)
		nftw(arguments[i], visit, 64, FTW_PHYS | FTW_ACTIONRETVAL);
	return 0;
}
