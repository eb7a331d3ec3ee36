/*
 * find: the halves of image_find, for those who hold a layout already.
 */
#ifndef CORDON_IMAGE_FIND_H
#define CORDON_IMAGE_FIND_H

#include "runtime/image/image.h"
#include "runtime/image/layout.h"

/* The entry a name, digest, id or id prefix stands for. 1, 0, -1. by_name: it was a name. */
int find_entry(const struct layout_entry **ret, bool *by_name, struct arena *arena,
               const struct layout *layout, const char *name, struct error *err)
        __attribute__((warn_unused_result));

/* The image of an entry. 1; 0 where cordon did not verify it; -1. */
int find_image(struct image *ret, struct arena *arena, const struct paths *paths,
               const struct layout *layout, const struct layout_entry *entry, struct error *err)
        __attribute__((warn_unused_result));

/* "No such image" as an error. */
int find_refuse(const char *name, struct error *err);

/* The config of an image as it was loaded. id: hex. */
int find_config(struct value **ret, struct arena *arena, const struct paths *paths, const char *id,
                struct error *err) __attribute__((warn_unused_result));

/* The entry of a name, in the index as it is now. 1, 0 where there is none, -1. */
struct find {
	struct layout layout;
	const struct layout_entry *entry;
	bool by_name;
};
int find_stored(struct find *ret, struct arena *arena, const struct paths *paths, const char *name,
                struct error *err) __attribute__((warn_unused_result));

#endif
