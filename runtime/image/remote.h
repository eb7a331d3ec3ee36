/*
 * remote: images of registries, by name: which places are asked for it, as whom, and what the image
 * is called afterwards.
 */
#ifndef CORDON_IMAGE_REMOTE_H
#define CORDON_IMAGE_REMOTE_H

#include "runtime/image/fetch.h"

/* Stages the image of a name ("nginx", "quay.io/x/y:1", "...@sha256:..."). */
int remote_stage(struct fetch_claim *claim, struct stage *stage, const struct image_pull *pull,
                 const char *name, struct error *err) __attribute__((warn_unused_result));

/* The manifest or index of a name, as its registry has it; what policy.json says is not asked. */
int remote_document(struct text *ret, struct stage *stage, const struct image_pull *pull,
                    struct error *err) __attribute__((warn_unused_result));

/* Whether the image of a name is signed as is asked; *digest: of the manifest that is. */
int remote_verify(const char **digest, struct stage *stage, const struct image_verify *verify,
                  struct error *err) __attribute__((warn_unused_result));

#endif
