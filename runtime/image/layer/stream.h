/*
 * stream: a blob read once, front to back: counted, hashed as it came, decompressed by what its
 * first bytes say, counted and hashed again.
 */
#ifndef CORDON_IMAGE_LAYER_STREAM_H
#define CORDON_IMAGE_LAYER_STREAM_H

#include "runtime/image/layer/protocol.h"

#include <stddef.h>
#include <sys/types.h>

struct stream;

struct stream_source {
	int input;
	int keep;       /* LAYER_FD_KEEP, at its beginning; -1 */
	uint64_t limit; /* bytes of both */
	bool unlimited; /* a person's own choice of what to copy: as large as it is */
	bool raw;       /* nothing is decompressed, whatever the bytes look like */
	bool tally;     /* told to LAYER_FD_TALLY: the bytes of both */
	bool foreign;   /* only what layers of images are not compressed with is */
};

int stream_open(struct stream **ret, const struct stream_source *source, struct error *err)
        __attribute__((warn_unused_result));
void stream_close(struct stream *stream);

/* What is decompressed. */
enum layer_codec stream_codec(const struct stream *stream);

/* The next bytes, uncompressed, valid until the next call. Returns how many, 0 at the end, -1. */
ssize_t stream_read(const void **ret, struct stream *stream, struct error *err)
        __attribute__((warn_unused_result));

/* Reads what is left, so that the digests cover it, and fills the answer's codec, blob, blob_size
 * and diff. */
int stream_finish(struct layer_answer *ret, struct stream *stream, struct error *err)
        __attribute__((warn_unused_result));

#endif
