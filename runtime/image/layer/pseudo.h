/*
 * pseudo: file systems that hold no files but what the kernel makes up: /proc, /sys and their kin.
 * A container's are a way to its processes and its kernel, not something to copy.
 */
#ifndef CORDON_IMAGE_LAYER_PSEUDO_H
#define CORDON_IMAGE_LAYER_PSEUDO_H

#include "sandbox/base/error.h"

#include <stdbool.h>

/* fd: O_PATH is enough. One that cannot be asked counts as one of them. */
bool pseudo_is(int fd);

/* The same as an error with the way out. */
int pseudo_refuse(int fd, struct error *err) __attribute__((warn_unused_result));

#endif
