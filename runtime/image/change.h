/*
 * change: the Dockerfile instructions that `docker import --change` knows, applied to an image
 * config: CMD ENTRYPOINT ENV EXPOSE LABEL STOPSIGNAL USER VOLUME WORKDIR. Pure.
 */
#ifndef CORDON_IMAGE_CHANGE_H
#define CORDON_IMAGE_CHANGE_H

#include "policy/value.h"

/* config: the "config" object. */
int change_apply(struct value *config, struct arena *arena, const char *instruction,
                 struct error *err) __attribute__((warn_unused_result));

#endif
