/*
 * kept: what of the store is referred to: the blobs, layers and records that the entries of
 * index.json lead to.
 */
#ifndef CORDON_IMAGE_KEPT_H
#define CORDON_IMAGE_KEPT_H

#include "runtime/image/layout.h"
#include "sandbox/plan.h"

/* As names in each of the three folders. */
struct kept {
	struct arena *arena;
	struct plan_strings blobs, layers, records;
};

/* All of it, each list in order: the one kept_has takes. */
int kept_find(struct kept *kept, const struct paths *paths, struct error *err)
        __attribute__((warn_unused_result));
bool kept_has(const struct plan_strings *list, const char *name);

/* Appends what one entry leads to; a name may come more than once. */
int kept_entry(struct kept *kept, const struct paths *paths, const struct layout_entry *entry,
               struct error *err) __attribute__((warn_unused_result));

#endif
