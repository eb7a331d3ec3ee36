/*
 * beside: what lies beside the images of an OCI layout or archive: manifests that refer to one of
 * them (image-spec 1.1's `subject`). They stand in index.json like images, with an artifactType or
 * without; and in indexes that it calls sha256-HEX, as a registry without the referrers API does.
 * Neither is an image, whatever else the layout holds.
 */
#ifndef CORDON_IMAGE_BESIDE_H
#define CORDON_IMAGE_BESIDE_H

#include "runtime/image/referrers.h"
#include "runtime/image/stage.h"

/* Fills in the artifactType of entries without a name and a platform, which only their manifests
 * may say. */
void beside_look(struct document *index, struct stage *stage);

/* Pure, after that. */
bool beside_is_image(const struct descriptor *entry);

/* What is of this artifactType and refers to the manifest `hex`. On failure *ret holds what was
 * found before it. */
int beside_find(struct referrers *ret, struct stage *stage, const struct document *index,
                const char *hex, const char *type, struct error *err)
        __attribute__((warn_unused_result));

/* Appends a blob of the layout, verified. */
int beside_read(struct text *ret, struct stage *stage, const char *hex, uint64_t size,
                struct error *err) __attribute__((warn_unused_result));

#endif
