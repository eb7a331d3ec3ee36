#include "runtime/cli/output_file.h"

#include "sandbox/base/cleanup.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

static int open_standard(struct output_file *ret, const char *what, struct error *err)
{
	if (isatty(STDOUT_FILENO)) {
		error_set(err, 0, "refusing to %s to a terminal", what);
		return error_hint(err, "redirect the output, or name a file: -o FILE");
	}
	*ret = (struct output_file){ .fd = STDOUT_FILENO };
	return 0;
}

/* As a plain open would have made it. */
static mode_t usual_mode(void)
{
	mode_t mask = umask(0);

	umask(mask);
	return 0666 & ~mask;
}

int output_file_open(struct output_file *ret, struct arena *arena, const char *path,
                     const char *what, struct error *err)
{
	struct stat status;
	char *temporary;
	int fd;

	if (path == NULL || strcmp(path, "-") == 0)
		return open_standard(ret, what, err);
	if (stat(path, &status) == 0 && !S_ISREG(status.st_mode)) {
		fd = open(path, O_WRONLY | O_CLOEXEC);
		if (fd < 0)
			return error_set(err, errno, "cannot open %s", path);
		*ret = (struct output_file){ .fd = fd, .path = path };
		return 0;
	}
	temporary = arena_printf(arena, "%s.XXXXXX", path);
	fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0)
		return error_set(err, errno, "cannot write %s", path);
	if (fchmod(fd, usual_mode()) < 0) {
		close(fd);
		unlink(temporary);
		return error_set(err, errno, "cannot write %s", path);
	}
	*ret = (struct output_file){ fd, path, temporary };
	return 0;
}

int output_file_close(struct output_file *file, int result, struct error *err)
{
	if (file->path != NULL && close(file->fd) < 0 && result >= 0)
		result = error_set(err, errno, "cannot write %s", file->path);
	if (file->temporary == NULL)
		return result;
	if (result >= 0 && rename(file->temporary, file->path) < 0)
		result = error_set(err, errno, "cannot write %s", file->path);
	if (result < 0)
		unlink(file->temporary);
	return result;
}
