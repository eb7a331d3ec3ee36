/*
 * save: images out of the store: as an archive, which the helper writes and verifies on the way, or
 * as a folder.
 */
#ifndef CORDON_IMAGE_SAVE_H
#define CORDON_IMAGE_SAVE_H

#include "runtime/image/image.h"

enum image_form {
	/* docker save's, and an OCI archive as well, as Docker 25 and later write it: manifest.json
	 * and index.json lead to the same blobs */
	IMAGE_DOCKER_ARCHIVE,
	IMAGE_OCI_ARCHIVE,
	IMAGE_DOCKER_DIR, /* containers/image's "dir:": one image */
	IMAGE_OCI_DIR,
	IMAGE_FORMS,
};

struct image_save {
	enum image_form form;
	struct plan_strings images; /* names or ids; a name is saved with the image, an id not */
	int output;                 /* of an archive */
	const struct image_watch *watch; /* NULL */
	const char *folder;              /* of the others: is made, or is there and empty */
};

int image_save(struct arena *arena, const struct paths *paths, const struct host *host,
               const struct image_save *save, struct error *err)
        __attribute__((warn_unused_result));

#endif
