/*
 * codec: a decompressor as a machine that is fed bytes and gives bytes. gzip.c, zstd.c, xz.c and
 * bzip2.c are the doors to ISA-L, libzstd, liblzma and libbz2.
 */
#ifndef CORDON_IMAGE_LAYER_CODEC_H
#define CORDON_IMAGE_LAYER_CODEC_H

#include "sandbox/base/error.h"

#include <stdbool.h>
#include <stddef.h>

/* Both sides move forward by what was used. */
struct codec_span {
	const unsigned char *input;
	size_t input_left;
	unsigned char *output;
	size_t output_left;
};

struct codec {
	void *state;
	/* Consumes or produces something, or fails. */
	int (*step)(void *state, struct codec_span *span, struct error *err);
	/* True between two frames (members): where the input may end. */
	bool (*complete)(const void *state);
	void (*free)(void *state);
};

struct codec codec_gzip(void);
struct codec codec_zstd(void);
struct codec codec_xz(void);
struct codec codec_bzip2(void);

/* ---- the other way ---- */

struct gzip_writer;

struct gzip_writer *gzip_writer_new(void) __attribute__((returns_nonnull));
void gzip_writer_free(struct gzip_writer *writer);
/* Moves the span forward. last: nothing comes behind this input. 1 once all of the last is out and
 * the member is whole, else 0: more input, or more room, is wanted. */
int gzip_writer_step(struct gzip_writer *writer, struct codec_span *span, bool last);

#endif
