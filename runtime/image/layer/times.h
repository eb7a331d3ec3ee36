/*
 * times: the modification times of folders, kept aside until nothing is put into them any more. In
 * a nameless file of the tree's own file system, so that hundreds of thousands of folders cost no
 * memory.
 */
#ifndef CORDON_IMAGE_LAYER_TIMES_H
#define CORDON_IMAGE_LAYER_TIMES_H

#include "sandbox/base/error.h"

#include <time.h>

/* folder -1: in memory, where the tree is not ours to make files in. */
int times_open(int folder, struct error *err) __attribute__((warn_unused_result));
int times_note(int fd, const char *path, const struct timespec *time, struct error *err)
        __attribute__((warn_unused_result));
/* Sets them, in order. A folder that was replaced since is passed over. */
int times_apply(int fd, int root, struct error *err) __attribute__((warn_unused_result));

#endif
