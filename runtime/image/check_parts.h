/* check_parts: what a check of the images is made of: the files (check_files.c) and what they mean
 * (check.c). */
#ifndef CORDON_IMAGE_CHECK_PARTS_H
#define CORDON_IMAGE_CHECK_PARTS_H

#include "runtime/image/check.h"

struct bad_blob {
	const char *hex, *why;
};

struct check {
	struct arena *arena; /* of this check; what is found is in the caller's */
	struct findings *findings;
	const struct paths *paths;
	const struct host *host;
	const struct image_check *request;
	struct bad_blob *bad;
	size_t bad_count;
	struct plan_strings damaged; /* manifests of images, hex */
	bool swept;                  /* all that nothing leads to goes */
};

/* Hashes every blob, unless the request is quick, and notes those that are not what they are
 * called. */
int check_blobs(struct check *check, struct error *err) __attribute__((warn_unused_result));
/* What is wrong with a blob; NULL: nothing was found. */
const char *check_bad_blob(const struct check *check, const char *hex);

/* Blobs, layers, records and stages that nothing leads to. */
int check_orphans(struct check *check, struct error *err) __attribute__((warn_unused_result));
/* They are gone now. */
void check_note_swept(struct check *check);

#endif
