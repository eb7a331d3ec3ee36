#include "runtime/container/cidfile.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"

#include <fcntl.h>
#include <string.h>

int cidfile_check(const char *path, struct error *err)
{
	if (path == NULL || access(path, F_OK) != 0)
		return 0;
	error_set(err, 0, "container ID file found: %s", path);
	return error_hint(err, "make sure the other container isn't running, or delete it");
}

int cidfile_write(const char *path, const char *id, struct error *err)
{
	_cleanup_fd int fd = -1;

	if (path == NULL)
		return 0;
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd < 0 || io_write_all(fd, id, strlen(id)) < 0)
		return error_set(err, errno, "cannot write the id to %s", path);
	return 0;
}
