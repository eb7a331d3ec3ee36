/*
 * sink: where bytes of an archive go that is being written: counted, hashed, compressed where that
 * is wanted, hashed again, and out.
 */
#ifndef CORDON_IMAGE_LAYER_SINK_H
#define CORDON_IMAGE_LAYER_SINK_H

#include "runtime/image/layer/protocol.h"

#include <stddef.h>

struct sink;

struct sink_target {
	int output;
	bool hash; /* sink_finish tells the digests */
	bool gzip;
	bool tally; /* told to LAYER_FD_TALLY */
};

struct sink *sink_open(const struct sink_target *target) __attribute__((returns_nonnull));
void sink_close(struct sink *sink);

int sink_write(struct sink *sink, const void *bytes, size_t length, struct error *err)
        __attribute__((warn_unused_result));
int sink_zeros(struct sink *sink, uint64_t length, struct error *err)
        __attribute__((warn_unused_result));

/* Room for the caller to read into, of SINK_BLOCK bytes. */
enum { SINK_BLOCK = 256 << 10 };
void *sink_room(struct sink *sink) __attribute__((returns_nonnull));

/* How many bytes there will be, for who looks at the tally. */
void sink_expect(struct sink *sink, uint64_t length);

/* Everything out. Fills diff and blob where it hashes, and blob_size. */
int sink_finish(struct layer_answer *ret, struct sink *sink, struct error *err)
        __attribute__((warn_unused_result));

#endif
