/*
 * header: the other way of tar: an entry becomes the blocks that stand before its data. Pure.
 *
 * The format is POSIX.1-2001's pax: a ustar header, and before it, where the entry has something
 * that ustar has no room for (long names, large numbers, extended attributes, holes), an extended
 * header of records. Every reader that cordon's images meet knows both (Go's archive/tar, GNU tar,
 * libarchive). Times are whole seconds, as Docker's layers have them.
 */
#ifndef CORDON_IMAGE_LAYER_HEADER_H
#define CORDON_IMAGE_LAYER_HEADER_H

#include "runtime/image/layer/tar.h"
#include "sandbox/base/text.h"

enum { HEADER_BLOCK = 512 };

struct header_attribute {
	const char *name;
	const void *value;
	size_t length;
};

/* What of a file is data; the rest is holes. */
struct header_extent {
	uint64_t offset, length;
};

struct header_extra {
	const struct header_attribute *attributes;
	size_t attribute_count;
	/* Holes: the extents in order, and the last one of no length at the end of the file where
	 * that is a hole. NULL: none. The data of the entry is then what header_map appends, and
	 * the extents one behind the other. */
	const struct header_extent *extents;
	size_t extent_count;
};

/* Appends the blocks of an entry. entry->size is that of the file, holes included. */
void header_append(struct text *ret, const struct tar_entry *entry,
                   const struct header_extra *extra);

/* The map of a file with holes (GNU's format 1.0), as blocks. */
void header_map(struct text *ret, const struct header_extra *extra);

/* Bytes that are missing to a whole block. */
static inline size_t header_padding(uint64_t size)
{
	return (size_t)((HEADER_BLOCK - size % HEADER_BLOCK) % HEADER_BLOCK);
}

/* The two blocks of zeros that end an archive. */
void header_end(struct text *ret);

#endif
