/*
 * convert: a manifest in the words of the other family: OCI's (image-spec manifest.md) or Docker's
 * (distribution's manifest-v2-2.md). The blobs it names are the same. Pure.
 */
#ifndef CORDON_IMAGE_CONVERT_H
#define CORDON_IMAGE_CONVERT_H

#include "policy/value.h"

enum manifest_family { MANIFEST_OCI, MANIFEST_DOCKER, MANIFEST_FAMILIES };

extern const char *const manifest_types[MANIFEST_FAMILIES];

/* 1 with the text of the converted one; 0 where it is of that family as it stands; -1 where it has
 * a layer that the family has no word for. type: the media type it was stored as. */
int manifest_convert(struct text *ret, struct arena *arena, const struct value *manifest,
                     const char *type, enum manifest_family family, struct error *err)
        __attribute__((warn_unused_result));

#endif
