#include "runtime/image/layer/times.h"

#include "runtime/image/layer/limits.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

struct note {
	struct timespec time;
	size_t length; /* of the path behind it */
};

int times_open(int folder, struct error *err)
{
	int fd = folder < 0 ? memfd_create("times", MFD_CLOEXEC)
	                    : openat(folder, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	if (fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR || errno == ENOENT))
		fd = memfd_create("times", MFD_CLOEXEC);
	return fd < 0 ? error_set(err, errno, "cannot make a nameless file") : fd;
}

int times_note(int fd, const char *path, const struct timespec *time, struct error *err)
{
	unsigned char record[sizeof(struct note) + LIMIT_PATH];
	struct note note = { *time, strlen(path) };

	memcpy(record, &note, sizeof note);
	memcpy(record + sizeof note, path, note.length);
	if (io_write_all(fd, record, sizeof note + note.length) < 0)
		return error_set(err, errno, "cannot note its time");
	return 0;
}

static int apply(const struct note *note, const char *path, int root, struct error *err)
{
	const struct timespec times[2] = { note->time, note->time };
	_cleanup_fd int fd = io_open_beneath(root, path[0] == '\0' ? "." : path,
	                                     O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);

	if (fd < 0)
		return errno == ENOENT || errno == ENOTDIR || errno == ELOOP
		               ? 0
		               : error_set(err, errno, "cannot open the folder %.200s", path);
	if (futimens(fd, times) < 0)
		return error_set(err, errno, "cannot set the time of %.200s", path);
	return 0;
}

int times_apply(int fd, int root, struct error *err)
{
	_cleanup_file FILE *file = NULL;
	char path[LIMIT_PATH + 1];
	struct note note;
	int own;

	if (lseek(fd, 0, SEEK_SET) < 0)
		return error_set(err, errno, "cannot read the folders' times");
	own = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	file = own < 0 ? NULL : fdopen(own, "r");
	if (file == NULL)
		return error_set(err, errno, "cannot read the folders' times");
	while (fread(&note, sizeof note, 1, file) == 1) {
		if (note.length > LIMIT_PATH || fread(path, 1, note.length, file) != note.length)
			return error_set(err, 0, "the folders' times are damaged");
		path[note.length] = '\0';
		if (apply(&note, path, root, err) < 0)
			return -1;
	}
	return 0;
}
