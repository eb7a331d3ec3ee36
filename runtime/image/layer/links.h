/*
 * links: files with several names, by device and inode: the name they were met under first.
 */
#ifndef CORDON_IMAGE_LAYER_LINKS_H
#define CORDON_IMAGE_LAYER_LINKS_H

#include <sys/stat.h>

struct links;

struct links *links_new(void) __attribute__((returns_nonnull));
void links_free(struct links *links);

/* The first name of the file; NULL where this is it, which is kept then. */
const char *links_meet(struct links *links, const struct stat *status, const char *path);

#endif
