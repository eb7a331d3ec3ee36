#include "sandbox/base/io.h"

#include "sandbox/base/cleanup.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>

enum { READ_SIZE = 16384 };

static int open_resolve(int dir, const char *path, int flags, mode_t mode, uint64_t resolve)
{
	struct open_how how = {
		.flags = (uint64_t)(unsigned)flags | O_CLOEXEC,
		.mode = (flags & (O_CREAT | O_TMPFILE)) ? mode : 0,
		.resolve = resolve,
	};
	long fd;

	/* EAGAIN: a rename or mount raced with the walk, and the kernel could not rule out an
	 * escape. */
	for (int tries = 0; tries < 128; tries++) {
		fd = syscall(SYS_openat2, dir, path, &how, sizeof how);
		if (fd >= 0 || (errno != EAGAIN && errno != EINTR))
			break;
	}
	return (int)fd;
}

int io_open_in_root(int root, const char *path, int flags, mode_t mode)
{
	return open_resolve(root, path, flags, mode, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
}

int io_open_beneath(int dir, const char *path, int flags, mode_t mode)
{
	return open_resolve(dir, path, flags, mode, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
}

/* `size` is what a regular file is said to have, 0 where nobody knows: then its end is where it was
 * read in whole and one byte more was not there. */
static int read_sized(struct text *ret, int fd, size_t size, size_t limit, struct error *err)
{
	size_t room = size == 0 ? READ_SIZE : (size < limit ? size : limit) + 1, total = 0;

	for (;; room = READ_SIZE) {
		ssize_t count;

		text_reserve(ret, room);
		count = read(fd, ret->data + ret->length, room);
		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0)
			return error_set(err, errno, "cannot read");
		if (count == 0)
			return 0;
		ret->length += (size_t)count;
		ret->data[ret->length] = '\0';
		total += (size_t)count;
		if (total > limit)
			return error_set(err, EFBIG, "more than %zu bytes", limit);
		if (total == size && (size_t)count < room)
			return 0;
	}
}

int io_read_all(struct text *ret, int fd, size_t limit, struct error *err)
{
	return read_sized(ret, fd, 0, limit, err);
}

int io_read_regular(struct text *ret, int fd, const char *path, size_t limit, struct error *err)
{
	struct stat status;

	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	if (fd < 0)
		return error_set(err, errno, "cannot open %s", path);
	if (fstat(fd, &status) < 0)
		return error_set(err, errno, "cannot stat %s", path);
	if (!S_ISREG(status.st_mode))
		return error_set(err, 0, "%s: not a regular file", path);
	if (read_sized(ret, fd, (size_t)status.st_size, limit, err) < 0)
		return error_prefix(err, "%s", path);
	return 1;
}

int io_read_file(struct text *ret, int dir, const char *path, size_t limit, struct error *err)
{
	_cleanup_fd int fd =
	        openat(dir, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);

	return io_read_regular(ret, fd, path, limit, err);
}

int io_write_all(int fd, const void *bytes, size_t length)
{
	const char *next = bytes;

	while (length > 0) {
		ssize_t count = write(fd, next, length);

		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0)
			return -1;
		next += count;
		length -= (size_t)count;
	}
	return 0;
}

int io_memory(const char *what, const void *bytes, size_t length, struct error *err)
{
	_cleanup_fd int fd = memfd_create(what, MFD_CLOEXEC);

	if (fd < 0 || io_write_all(fd, bytes, length) < 0 || lseek(fd, 0, SEEK_SET) < 0)
		return error_set(err, errno, "cannot hold %s in memory", what);
	return cleanup_take_fd(&fd);
}

static int write_temporary(int dir, const char *name, const void *bytes, size_t length,
                           enum io_durability durability)
{
	_cleanup_fd int fd =
	        openat(dir, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		return -1;
	if (io_write_all(fd, bytes, length) < 0)
		return -1;
	return durability == IO_DURABLE ? fsync(fd) : 0;
}

static int sync_parent(int dir, const char *path)
{
	char parent[PATH_MAX];
	const char *slash = strrchr(path, '/');
	_cleanup_fd int fd = -1;

	snprintf(parent, sizeof parent, "%.*s", slash == NULL ? 1 : (int)(slash - path) + 1,
	         slash == NULL ? "." : path);
	fd = openat(dir, parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -1 : fsync(fd);
}

int io_replace_file(int dir, const char *path, const void *bytes, size_t length,
                    enum io_durability durability, struct error *err)
{
	char name[PATH_MAX];

	if ((size_t)snprintf(name, sizeof name, "%s.%ld~", path, (long)getpid()) >= sizeof name)
		return error_set(err, ENAMETOOLONG, "cannot write %s", path);
	if (write_temporary(dir, name, bytes, length, durability) < 0 ||
	    renameat(dir, name, dir, path) < 0) {
		int number = errno;

		unlinkat(dir, name, 0);
		return error_set(err, number, "cannot write %s", path);
	}
	if (durability == IO_DURABLE && sync_parent(dir, path) < 0)
		return error_set(err, errno, "cannot sync the folder of %s", path);
	return 0;
}

int io_make_dirs(const char *path, struct error *err)
{
	char part[PATH_MAX];
	struct stat status;
	size_t length = strlen(path);

	if (length == 0 || length >= sizeof part)
		return error_set(err, ENAMETOOLONG, "cannot make the folder '%.64s'", path);
	memcpy(part, path, length + 1);
	for (char *slash = part + 1; slash != NULL && *slash != '\0';) {
		slash = strchr(slash, '/');
		if (slash != NULL)
			*slash = '\0';
		if (mkdir(part, 0700) < 0 && errno != EEXIST)
			return error_set(err, errno, "cannot make the folder %s", part);
		if (slash != NULL)
			*slash++ = '/';
	}
	if (lstat(path, &status) < 0)
		return error_set(err, errno, "cannot stat %s", path);
	if (!S_ISDIR(status.st_mode))
		return error_set(err, ENOTDIR, "%s", path);
	if (status.st_uid != geteuid())
		return error_set(err, EPERM, "%s belongs to uid %u", path, status.st_uid);
	return 0;
}

/* ---- removing ---- */

/* A tree may be deeper than descriptors and stack allow, made so by whoever wishes it would stay:
 * what lies deeper than DEPTH_MAX is moved up to the top first. */
enum { DEPTH_MAX = 64, TOP_ROUNDS_MAX = 1 << 20 };

struct removal {
	int top; /* the folder that is removed, -1 before it is open */
	dev_t device;
	unsigned depth, moved;
	struct error *err;
};

static int remove_content(struct removal *removal, int dir, const char *name);

static int move_up(struct removal *removal, int dir, const char *name)
{
	char up[32];
	int result;

	do {
		snprintf(up, sizeof up, ".deep.%u", removal->moved++);
		result = renameat2(dir, name, removal->top, up, RENAME_NOREPLACE);
	} while (result < 0 && errno == EEXIST);
	return result < 0 ? error_set(removal->err, errno, "cannot remove %s", name) : 0;
}

/* `type` is what the folder says of it, DT_UNKNOWN is always right. An empty folder is one call. */
static int remove_entry(struct removal *removal, int dir, const char *name, unsigned char type)
{
	if (type != DT_DIR) {
		if (unlinkat(dir, name, 0) == 0 || errno == ENOENT)
			return 0;
		if (errno != EISDIR && errno != EPERM)
			return error_set(removal->err, errno, "cannot remove %s", name);
	}
	for (unsigned rounds = 0; rounds < TOP_ROUNDS_MAX; rounds++) {
		if (unlinkat(dir, name, AT_REMOVEDIR) == 0 || errno == ENOENT)
			return 0;
		/* only the top gets new entries while it is emptied */
		if ((errno != ENOTEMPTY && errno != EEXIST) || (rounds > 0 && removal->depth > 0))
			break;
		if (removal->depth >= DEPTH_MAX)
			return move_up(removal, dir, name);
		if (remove_content(removal, dir, name) < 0)
			return -1;
	}
	return error_set(removal->err, errno, "cannot remove %s", name);
}

static int open_folder(struct removal *removal, int dir, const char *name)
{
	static const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	_cleanup_fd int fd = openat(dir, name, flags);
	struct stat status;

	/* Overlay work folders are made with mode 0: their owner may open them after a chmod. */
	if (fd < 0 && errno == EACCES && fchmodat(dir, name, 0700, 0) == 0)
		fd = openat(dir, name, flags);
	if (fd < 0 || fstat(fd, &status) < 0)
		return error_set(removal->err, errno, "cannot open %s", name);
	if (removal->depth > 0 && status.st_dev != removal->device)
		return error_set(removal->err, EXDEV, "cannot remove %s", name);
	removal->device = status.st_dev;
	return cleanup_take_fd(&fd);
}

static int remove_entries(struct removal *removal, int dir)
{
	_Alignas(struct dirent) char entries[2048];
	ssize_t length;

	while ((length = getdents64(dir, entries, sizeof entries)) > 0)
		for (ssize_t at = 0; at < length;) {
			const struct dirent *entry = (const void *)(entries + at);

			at += entry->d_reclen;
			if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
			    remove_entry(removal, dir, entry->d_name, entry->d_type) < 0)
				return -1;
		}
	return length < 0 ? error_set(removal->err, errno, "cannot read a folder") : 0;
}

static int remove_content(struct removal *removal, int dir, const char *name)
{
	_cleanup_fd int fd = open_folder(removal, dir, name);
	int result;

	if (fd < 0)
		return removal->err->number == ENOENT ? 0 : -1;
	if (removal->depth == 0)
		removal->top = fd;
	removal->depth++;
	result = remove_entries(removal, fd);
	removal->depth--;
	return result;
}

int io_remove_tree(int dir, const char *path, struct error *err)
{
	struct removal removal = { .top = -1, .err = err };

	return remove_entry(&removal, dir, path, DT_UNKNOWN);
}

int io_wait_readable(int fd, int timeout_ms)
{
	struct pollfd item = { .fd = fd, .events = POLLIN };
	uint64_t end = io_now() + (uint64_t)(timeout_ms < 0 ? 0 : timeout_ms) * 1000000;
	int count;

	for (;;) {
		count = poll(&item, 1, timeout_ms);
		if (count >= 0 || errno != EINTR)
			return count;
		if (timeout_ms >= 0) {
			uint64_t now = io_now();

			timeout_ms = now >= end ? 0 : (int)((end - now) / 1000000);
		}
	}
}

bool io_is_empty(int dir, const char *path)
{
	int fd = openat(dir, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	_cleanup_dir DIR *stream = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	if (stream == NULL) {
		cleanup_close(&fd);
		return false;
	}
	while (errno = 0, (entry = readdir(stream)) != NULL)
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			return false;
	return errno == 0;
}

uint64_t io_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}
