/*
 * place: a connection to one place that an image may be at, as whoever is let in there.
 */
#ifndef CORDON_IMAGE_PLACE_H
#define CORDON_IMAGE_PLACE_H

#include "runtime/image/image.h"
#include "runtime/registry/registries.h"
#include "runtime/registry/registry.h"

/* Who asks, with what. */
struct asking {
	struct arena *arena;
	const struct paths *paths;
	const struct host *host;
	const struct image_access *access;
	const struct registries *registries;
	bool push;
};

/* To be closed with registry_close. */
int place_open(struct registry *ret, const struct asking *asking,
               const struct registry_place *place, struct error *err)
        __attribute__((warn_unused_result));

/* "Trying HOST/REPOSITORY". watch may be NULL. */
void place_tell(const struct image_watch *watch, struct arena *arena,
                const struct registry_place *place);

#endif
