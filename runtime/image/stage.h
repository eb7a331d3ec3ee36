/*
 * stage: the way of an image into the store. Everything is made and verified in a folder of its
 * own, data/tmp/load-XXXXXX (blobs/, layers/), while STORE_LOCK_USE is held; only what is whole and
 * on the disk is renamed into place, and only then index.json names it:
 *
 *	sync; layers; blobs; records; index.json
 *
 * A process that dies on this way leaves files nothing refers to; the next sweep takes them. Two
 * loads of one image do the work twice and find that the other's files are equal.
 */
#ifndef CORDON_IMAGE_STAGE_H
#define CORDON_IMAGE_STAGE_H

#include "runtime/image/config.h"
#include "runtime/image/helper.h"
#include "runtime/image/image.h"
#include "runtime/image/manifest.h"
#include "runtime/image/record.h"

/* What images have to be. */
struct stage_wish {
	struct platform platform;        /* complete: of several images it is the one for this */
	bool asked;                      /* by somebody: one for another is refused */
	const struct image_watch *watch; /* is told of one for another; NULL: nobody is */
	struct image_policy policy;
	const struct image_watch *notes; /* is told of a profile that will not do; NULL */
};

/* An image that is whole in the stage or the store. */
struct staged_image {
	struct descriptor manifest;
	struct image_record record;
	struct plan_strings blobs; /* hex, the manifest among them */
	struct plan_strings names; /* full */
};

struct stage {
	struct arena *arena;
	const struct paths *paths;
	const struct host *host;
	struct stage_wish wanted;
	const struct image_watch *watch; /* is told of bytes of this machine's; NULL */
	struct plan_id_maps maps;
	bool squash;
	int lock;
	int folder, blobs, layers; /* of the stage; -1 until something comes (stage_make) */
	int source;                /* an OCI layout that blobs are taken from; -1 */
	char name[32];             /* below data/tmp */
	pid_t leaving;             /* the registry helper, as registry_dismiss gave it; 0 */
	unsigned failed;           /* layers that did not come whole */
	struct staged_image *images;
	size_t count, room;
};

/* *ret may be given to stage_close however far this came. */
int stage_open(struct stage *ret, struct arena *arena, const struct paths *paths,
               const struct host *host, struct error *err) __attribute__((warn_unused_result));
/* The folders, which who puts something there himself has to ask for; made once. Not before: an
 * image that the store has needs none. */
int stage_make(struct stage *stage, struct error *err) __attribute__((warn_unused_result));
/* Removes the stage and sweeps. */
void stage_close(struct stage *stage);

/* ---- blobs ---- */

/* Takes a blob in; answer: its digest and size. */
struct stage_blob {
	int input;
	uint64_t limit;   /* bytes */
	const char *name; /* for who watches; NULL: not worth a word */
	bool layer;       /* compressed as no layer may be (xz, bzip2), it becomes gzip */
};
int stage_take(struct layer_answer *ret, struct stage *stage, const struct stage_blob *blob,
               struct error *err) __attribute__((warn_unused_result));
/* The same for bytes in memory. */
int stage_take_text(struct layer_answer *ret, struct stage *stage, const struct text *text,
                    struct error *err) __attribute__((warn_unused_result));
/* Opens a blob of the stage, the store, or (verifying it into the stage) the source. Checks the
 * size. */
int stage_open_blob(struct stage *stage, const struct descriptor *descriptor, struct error *err)
        __attribute__((warn_unused_result));
/* Whether that would find it. */
bool stage_has_blob(struct stage *stage, const struct descriptor *descriptor);
/* Appends a document. */
int stage_read_blob(struct text *ret, struct stage *stage, const struct descriptor *descriptor,
                    struct error *err) __attribute__((warn_unused_result));

/* ---- layers and images ---- */

/* What a config says of itself, held against what is wanted. */
int stage_check_platform(struct stage *stage, const struct platform *platform, struct error *err)
        __attribute__((warn_unused_result));

/* Unpacks a layer unless the store has it. diff: hex that it must have; NULL: not known yet.
 * Answer: diff, codec, tree_size. */
int stage_layer(struct layer_answer *ret, struct stage *stage, const struct descriptor *blob,
                const char *diff, struct error *err) __attribute__((warn_unused_result));
/* The two halves of it, so that several layers are unpacked side by side. */
struct stage_input {
	int fd;
	int keep; /* the blob's own file, which the input continues (helper_call); -1 */
};
int stage_layer_begin(struct helper *ret, struct stage *stage, const struct descriptor *blob,
                      const struct stage_input *input, struct error *err)
        __attribute__((warn_unused_result));
int stage_layer_end(struct layer_answer *ret, struct stage *stage, const struct descriptor *blob,
                    const char *diff, struct helper *helper, struct error *err)
        __attribute__((warn_unused_result));

/* What becomes of a profile that an image of this name brings along (image_policy). */
int stage_ask_policy(enum policy_attaching *ret, const struct image_policy *policy,
                     const char *name, struct error *err) __attribute__((warn_unused_result));

/* An image that the store has, whole: it is there under new names. 1, 0 where it has not, -1. */
int stage_known(struct stage *stage, const struct descriptor *manifest,
                const struct plan_strings *names, struct error *err)
        __attribute__((warn_unused_result));
/* Makes an image whole from its manifest. */
int stage_image(struct stage *stage, const struct descriptor *manifest,
                const struct plan_strings *names, struct error *err)
        __attribute__((warn_unused_result));

/* Everything into place. Appends to `loaded` the names, or "sha256:ID" of images without one. */
int stage_publish(struct plan_strings *loaded, struct stage *stage, struct error *err)
        __attribute__((warn_unused_result));

#endif
