/*
 * member: a file of a folder that is named by what it holds: written under a temporary name, hashed
 * on the way, and given its sha256 as a name at the end.
 */
#ifndef CORDON_IMAGE_LAYER_MEMBER_H
#define CORDON_IMAGE_LAYER_MEMBER_H

#include "runtime/image/layer/digest.h"

struct member {
	int fd;
	uint64_t size;
	struct digest *digest; /* NULL: the caller hashes */
};

int member_open(struct member *ret, bool hash, struct error *err)
        __attribute__((warn_unused_result));
int member_write(struct member *member, const void *bytes, size_t length, struct error *err)
        __attribute__((warn_unused_result));
/* Names it `hex`, or by its own digest, which is copied to hex, where it hashes. */
int member_keep(char hex[LAYER_HEX + 1], struct member *member, struct error *err)
        __attribute__((warn_unused_result));
void member_done(struct member *member);

#endif
