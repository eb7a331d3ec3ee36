/*
 * commit: an image made of another and of what a container changed of it.
 */
#ifndef CORDON_IMAGE_COMMIT_H
#define CORDON_IMAGE_COMMIT_H

#include "policy/value.h"
#include "runtime/image/tree.h"

struct image_commit {
	const char *base;              /* id of the image the container was made from */
	const struct image_tree *tree; /* what it changed; NULL: nothing can have been changed */
	const struct value *config;    /* "config" of the new image, before `changes` */
	const struct plan_strings *changes; /* "CMD [...]", "ENV A=b", ... (change.h) */
	const char *name;                   /* as it was typed; NULL: none */
	const char *author, *message;       /* NULL: none */
	const char *by;                     /* the command that made the changes */
};

/* id: of the new image. A failure leaves nothing behind. */
int image_commit(const char **id, const struct image_request *request,
                 const struct image_commit *commit, struct error *err)
        __attribute__((warn_unused_result));

#endif
