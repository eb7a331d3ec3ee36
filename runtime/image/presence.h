/*
 * presence: that an image is still in the store when a container of it has come into being. Whoever
 * removes images looks for their containers and changes index.json under STORE_LOCK_INDEX. Whoever
 * makes a container looks at index.json under the same lock once the container can be seen. So one
 * of the two sees the other, and no container is left without its image.
 */
#ifndef CORDON_IMAGE_PRESENCE_H
#define CORDON_IMAGE_PRESENCE_H

#include "runtime/store/paths.h"

#include <stdint.h>
#include <time.h>

/* index.json as it was: what is written anew is another file. */
struct image_presence {
	uint64_t inode; /* 0: there was none */
	struct timespec changed;
};

/* Before the image is looked for. */
void image_presence(struct image_presence *ret, const struct paths *paths);

/* After the container's state was written. id: the image's. An error where it is gone. */
int image_presence_confirm(const struct image_presence *before, const struct paths *paths,
                           const char *id, struct error *err) __attribute__((warn_unused_result));

#endif
