/*
 * codec: a decompressor as a machine that is fed bytes and gives bytes. gzip.c and zstd.c are the
 * doors to ISA-L and libzstd.
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

#endif
