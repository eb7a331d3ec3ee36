#include "runtime/image/layer/data.h"

#include <errno.h>
#include <unistd.h>

static int write_at(int fd, const struct tar_block *block)
{
	const char *next = block->bytes;
	size_t left = block->length;
	off_t offset = (off_t)block->offset;

	while (left > 0) {
		ssize_t count = pwrite(fd, next, left, offset);

		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0)
			return -1;
		next += count;
		left -= (size_t)count;
		offset += count;
	}
	return 0;
}

int data_write(struct tar *tar, int fd, uint64_t size, struct error *err)
{
	struct tar_block block;
	uint64_t end = 0;
	int status;

	while ((status = tar_read(&block, tar, err)) == 1) {
		if (block.offset > size || block.length > size - block.offset)
			return error_set(err, 0,
			                 "the archive is damaged: data beyond the end of a file");
		if (write_at(fd, &block) < 0)
			return error_set(err, errno, "cannot write it");
		end = block.length > 0 ? block.offset + block.length : end;
	}
	/* a hole at the end */
	if (status == 0 && end != size && ftruncate(fd, (off_t)size) < 0)
		return error_set(err, errno, "cannot write it");
	return status;
}
