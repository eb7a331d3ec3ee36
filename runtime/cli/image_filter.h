/*
 * image_filter: --filter of images, as Docker has it, and the NAME that may stand behind it: values
 * of reference are alternatives, of label all must hold, keys must all hold.
 */
#ifndef CORDON_CLI_IMAGE_FILTER_H
#define CORDON_CLI_IMAGE_FILTER_H

#include "runtime/image/image.h"

struct image_filter {
	const char *operand; /* of the command: NAME[:TAG]; NULL for none */
	const char *id;      /* how it begins; NULL */
	struct plan_strings references, labels;
	bool dangling_given, dangling;
	bool before_given, since_given;
	int64_t before, since; /* seconds since the epoch */
};

/* Reads "KEY=VALUE": reference, dangling, label, before, since, until, id. Unknown keys and values
 * that make no sense are errors, whatever images there are. */
int image_filter_read(struct image_filter *ret, struct arena *arena, const struct paths *paths,
                      const struct plan_strings *filters, struct error *err)
        __attribute__((warn_unused_result));

/* Whether an image matches by what it is. 1, 0, -1. */
int image_filter_matches(const struct image_filter *filter, struct arena *arena,
                         const struct paths *paths, const struct image *image, struct error *err)
        __attribute__((warn_unused_result));

/* Whether one of its names does; NULL: it has none. */
bool image_filter_matches_name(const struct image_filter *filter, const char *name);

/* One pattern of a shell ('*' does not pass a '/') against a full name, with and without its tag,
 * its registry and what is implied: nginx, nginx:1.*, library/nginx, docker.io/library/nginx. */
bool image_name_matches(const char *pattern, const char *name);

/* The length of a full name without its tag. */
size_t image_name_repository(const char *name);

#endif
