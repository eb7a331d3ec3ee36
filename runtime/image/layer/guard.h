/*
 * guard: looks at the headers of a tar stream as it flows by, before libarchive does.
 *
 * libarchive hands names on as C strings, so that "a\0b" reads as "a" there and as something else
 * elsewhere; and two readers that disagree about where the next header stands see two archives in
 * one file. The guard finds every header by the rules that Go's archive/tar and GNU tar share
 * (POSIX.1 pax, ustar, GNU), and refuses: a NUL inside a name, a link or an attribute's name;
 * records that do not add up; extension headers past LIMIT_HEADER; sizes that are no numbers; and
 * bytes that are no header where a header must stand. It changes nothing.
 */
#ifndef CORDON_IMAGE_LAYER_GUARD_H
#define CORDON_IMAGE_LAYER_GUARD_H

#include "runtime/image/layer/limits.h"
#include "sandbox/base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { GUARD_BLOCK = 512 };

enum guard_place {
	GUARD_HEADER,    /* gathering the 512 bytes of a header */
	GUARD_EXTENSION, /* gathering the body of an extension header */
	GUARD_SPARSE,    /* gathering a further block of an old GNU sparse map */
	GUARD_DATA,      /* passing over an entry's data and padding */
	GUARD_END,       /* behind the end of the archive: padding, not looked at */
};

/* Zero-initialised is ready for use. */
struct guard {
	enum guard_place place;
	size_t have, want;  /* bytes gathered, bytes to gather (0: a block) */
	uint64_t left;      /* GUARD_DATA */
	uint64_t body;      /* bytes of the extension's body without padding */
	unsigned char type; /* of the extension: x g X L K */
	bool has_size;      /* a PAX size for the next entry */
	uint64_t size;
	unsigned char bytes[LIMIT_HEADER + GUARD_BLOCK];
};

int guard_feed(struct guard *guard, const void *bytes, size_t length, struct error *err)
        __attribute__((warn_unused_result));

#endif
