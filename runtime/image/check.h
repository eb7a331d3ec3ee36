/*
 * check: is the store what it says it is? Every blob hashes to its name, every layer is a folder
 * with its size, every entry of index.json leads to documents and layers that are there and agree,
 * every record says what the documents say, and nothing lies there that nothing leads to. Nobody
 * adds or removes while it looks.
 */
#ifndef CORDON_IMAGE_CHECK_H
#define CORDON_IMAGE_CHECK_H

#include "runtime/image/image.h"
#include "runtime/store/findings.h"

struct image_check {
	bool quick; /* no blob is hashed */
	bool repair;
	/* Damaged images that a container needs stay, unless this says otherwise. */
	bool (*spare)(void *context, const char *id);
	void *context;
};

int image_check(struct findings *findings, const struct paths *paths, const struct host *host,
                const struct image_check *check, struct error *err)
        __attribute__((warn_unused_result));

#endif
