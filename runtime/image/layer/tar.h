/*
 * tar: an archive as a sequence of entries, through libarchive (tar.c is the one file of the tree
 * that includes it). Only the tar family is read; decompression is stream's.
 */
#ifndef CORDON_IMAGE_LAYER_TAR_H
#define CORDON_IMAGE_LAYER_TAR_H

#include "runtime/image/layer/stream.h"

#include <sys/types.h>
#include <time.h>

enum tar_kind {
	TAR_FILE,
	TAR_FOLDER,
	TAR_SYMLINK,
	TAR_HARDLINK,
	TAR_FIFO,
	TAR_CHARACTER,
	TAR_BLOCK,
	TAR_OTHER,
	TAR_KINDS,
};

struct tar_entry {
	enum tar_kind kind;
	const char *path; /* as the archive has it; check it with name_parse */
	const char *link; /* target of a link, else NULL */
	mode_t mode;      /* 07777 */
	int64_t uid, gid;
	uint64_t size; /* of a TAR_FILE, holes included */
	struct timespec modified;
	uint32_t major, minor; /* of a device */
};

struct tar;

int tar_open(struct tar **ret, struct stream *stream, struct error *err)
        __attribute__((warn_unused_result));
void tar_close(struct tar *tar);

/* 1, 0 at the end, -1. The entry's strings are valid until the next call. */
int tar_next(struct tar_entry *ret, struct tar *tar, struct error *err)
        __attribute__((warn_unused_result));

struct tar_block {
	const void *bytes;
	size_t length;
	uint64_t offset; /* in the file: what is left out is a hole */
};
/* 1, 0 at the end of the entry, -1. */
int tar_read(struct tar_block *ret, struct tar *tar, struct error *err)
        __attribute__((warn_unused_result));

/* The entry's extended attributes, one a call. 1, 0 when there are no more. */
int tar_attribute(const char **name, const void **value, size_t *length, struct tar *tar);

#endif
