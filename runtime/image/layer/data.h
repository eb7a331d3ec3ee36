/*
 * data: the bytes of an entry into a file; what the archive has as a hole stays one.
 */
#ifndef CORDON_IMAGE_LAYER_DATA_H
#define CORDON_IMAGE_LAYER_DATA_H

#include "runtime/image/layer/tar.h"

/* fd: a new file. size: what the entry says of itself, and no byte more. */
int data_write(struct tar *tar, int fd, uint64_t size, struct error *err)
        __attribute__((warn_unused_result));

#endif
