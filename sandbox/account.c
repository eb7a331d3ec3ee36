/*
 * account: see account.h.
 *
 * The files belong to the image: they may be symlinks to a device, pipes, sparse giants, one line
 * of a mebibyte (CVE-2024-9676). They are opened inside the finished root (openat2
 * RESOLVE_IN_ROOT), as regular files of a bounded size, and read a line at a time through a buffer
 * on the stack. What is not a well-formed entry is no entry: a field that is not a number must not
 * become 0.
 */
#include "sandbox/account.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"
#include "sandbox/base/text.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	FILE_LIMIT = 4 << 20,
	LINE_LIMIT = 4096,
};

static bool split_entry(struct account_entry *ret, char *line, size_t length)
{
	uint64_t id;

	if (memchr(line, '\0', length) != NULL)
		return false;
	line[length] = '\0';
	ret->count = 0;
	while (line != NULL && ret->count < ACCOUNT_FIELDS)
		ret->fields[ret->count++] = strsep(&line, ":");
	/* "+NAME" and "-NAME" are the C library's orders to ask NIS, not users; nor is "". */
	if (ret->count < 4 || line != NULL || strchr("+-", ret->fields[0][0]) != NULL)
		return false;
	if (!text_to_number(&id, ret->fields[2], ACCOUNT_ID_MAX))
		return false;
	ret->id = (uint32_t)id;
	return true;
}

/* Takes whole lines out of the buffer; what is left of a line moves to its front. `skipping` is the
 * inside of a line that was too long. */
struct line_reader {
	char buffer[2 * LINE_LIMIT + 1];
	size_t length;
	bool skipping;
};

static bool take_lines(struct line_reader *reader, bool at_end, account_visitor *visit,
                       void *context)
{
	char *start = reader->buffer, *end = reader->buffer + reader->length, *newline;
	struct account_entry entry;

	while ((newline = memchr(start, '\n', (size_t)(end - start))) != NULL ||
	       (at_end && start < end)) {
		size_t length = (size_t)((newline == NULL ? end : newline) - start);
		bool wanted = !reader->skipping && length <= LINE_LIMIT;

		reader->skipping = false;
		if (wanted && split_entry(&entry, start, length) && visit(context, &entry))
			return true;
		start = newline == NULL ? end : newline + 1;
	}
	reader->length = (size_t)(end - start);
	if (reader->length > LINE_LIMIT) {
		reader->skipping = true;
		reader->length = 0;
	}
	memmove(reader->buffer, start, reader->length);
	return false;
}

/* 1, 0 where the image has no such file, -1. */
static int open_file(int *ret, off_t *size, int root, const char *path, struct error *err)
{
	_cleanup_fd int fd = io_open_in_root(root, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
	struct stat status;

	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	if (fd < 0 || fstat(fd, &status) < 0)
		return error_set(err, errno, "cannot read the image's %s", path);
	if (!S_ISREG(status.st_mode))
		return error_set(err, 0, "cannot read the image's %s: not a regular file", path);
	if (status.st_size > FILE_LIMIT)
		return error_set(err, 0, "cannot read the image's %s: %lld bytes, %d are the most",
		                 path, (long long)status.st_size, FILE_LIMIT);
	*size = status.st_size;
	*ret = cleanup_take_fd(&fd);
	return 1;
}

/* At most the size the file had is read: an endless one (a file of procfs, one that grows) ends
 * there. */
int account_read(int root, const char *path, account_visitor *visit, void *context,
                 struct error *err)
{
	struct line_reader reader = {};
	off_t left = 0;
	_cleanup_fd int fd = -1;
	int there = open_file(&fd, &left, root, path, err);

	if (there <= 0)
		return there;
	while (left > 0) {
		size_t room = sizeof reader.buffer - 1 - reader.length;
		ssize_t count = read(fd, reader.buffer + reader.length,
		                     (off_t)room < left ? room : (size_t)left);

		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0)
			return error_set(err, errno, "cannot read the image's %s", path);
		if (count == 0)
			break;
		left -= count;
		reader.length += (size_t)count;
		if (take_lines(&reader, false, visit, context))
			return 0;
	}
	take_lines(&reader, true, visit, context);
	return 0;
}
