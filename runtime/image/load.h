/*
 * load: from an archive or a layout to staged images. Shared by load, pull and import.
 */
#ifndef CORDON_IMAGE_LOAD_H
#define CORDON_IMAGE_LOAD_H

#include "runtime/image/stage.h"

enum load_form { LOAD_ANY, LOAD_DOCKER, LOAD_OCI };

/* Stages the images of an archive, once policy.json accepts what comes in such a one. tag: only
 * what an OCI index names so; NULL: all. */
int load_stage_archive(struct stage *stage, const struct image_archive *archive,
                       enum load_form form, const char *tag, struct error *err)
        __attribute__((warn_unused_result));

/* The full name of a new image: NAME as `docker import` and `docker commit` take it: nothing, or a
 * name without a digest. */
int load_name(struct plan_strings *ret, struct arena *arena, const char *name, struct error *err)
        __attribute__((warn_unused_result));

/* What policy.json says of an image that comes by this transport ("oci", "oci-archive",
 * "docker-archive", "tarball") from this place ("" for standard input). None of them brings a
 * signature. */
int load_check_trust(struct arena *arena, const char *transport, const char *place,
                     struct error *err) __attribute__((warn_unused_result));

/* Stages the images of an index.json. */
int load_index(struct stage *stage, const struct text *text, const char *tag, struct error *err)
        __attribute__((warn_unused_result));

/* Makes an OCI manifest from blobs of the stage and puts it there. */
int load_manifest(struct descriptor *ret, struct stage *stage, const struct descriptor *config,
                  const struct descriptor *layers, size_t count, struct error *err)
        __attribute__((warn_unused_result));

/* A layer's media type, by its first bytes. */
const char *load_layer_media(struct stage *stage, const char *hex);

#endif
