#include "runtime/image/layer/sink.h"

#include "runtime/image/layer/codec.h"
#include "runtime/image/layer/digest.h"
#include "runtime/image/layer/tally.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"

#include <stdlib.h>
#include <string.h>

struct sink {
	struct sink_target target;
	struct digest *diff, *blob; /* NULL where it does not hash */
	struct gzip_writer *gzip;
	struct layer_tally *tally;
	uint64_t written;
	size_t held; /* bytes in `block` */
	unsigned char block[SINK_BLOCK];
	unsigned char room[SINK_BLOCK]; /* the caller's */
	unsigned char packed[SINK_BLOCK];
};

struct sink *sink_open(const struct sink_target *target)
{
	struct sink *sink = calloc(1, sizeof *sink);

	if (sink == NULL)
		abort();
	sink->target = *target;
	sink->tally = tally_open(target->tally);
	if (target->hash)
		sink->diff = digest_new();
	if (target->hash && target->gzip)
		sink->blob = digest_new();
	if (target->gzip)
		sink->gzip = gzip_writer_new();
	return sink;
}

void sink_close(struct sink *sink)
{
	if (sink == NULL)
		return;
	digest_free(sink->diff);
	digest_free(sink->blob);
	gzip_writer_free(sink->gzip);
	tally_close(sink->tally);
	free(sink);
}

void *sink_room(struct sink *sink)
{
	return sink->room;
}

static int put_out(struct sink *sink, const void *bytes, size_t length, struct error *err)
{
	sink->written += length;
	if (io_write_all(sink->target.output, bytes, length) < 0)
		return error_set(err, errno, "cannot write the archive");
	tally_add(sink->tally, length);
	return 0;
}

static int pack(struct sink *sink, const void *bytes, size_t length, bool last, struct error *err)
{
	struct codec_span span = { .input = bytes, .input_left = length };
	int complete = 0;

	while (span.input_left > 0 || (last && !complete)) {
		size_t count;

		span.output = sink->packed;
		span.output_left = sizeof sink->packed;
		complete = gzip_writer_step(sink->gzip, &span, last);
		count = sizeof sink->packed - span.output_left;
		if (sink->blob != NULL)
			digest_update(sink->blob, sink->packed, count);
		if (put_out(sink, sink->packed, count, err) < 0)
			return -1;
	}
	return 0;
}

static int pass_on(struct sink *sink, const void *bytes, size_t length, struct error *err)
{
	if (sink->diff != NULL)
		digest_update(sink->diff, bytes, length);
	return sink->gzip != NULL ? pack(sink, bytes, length, false, err)
	                          : put_out(sink, bytes, length, err);
}

static int flush(struct sink *sink, struct error *err)
{
	size_t held = sink->held;

	sink->held = 0;
	return held == 0 ? 0 : pass_on(sink, sink->block, held, err);
}

int sink_write(struct sink *sink, const void *bytes, size_t length, struct error *err)
{
	if (length > sizeof sink->block - sink->held && flush(sink, err) < 0)
		return -1;
	if (length >= sizeof sink->block)
		return pass_on(sink, bytes, length, err);
	memcpy(sink->block + sink->held, bytes, length);
	sink->held += length;
	return 0;
}

int sink_zeros(struct sink *sink, uint64_t length, struct error *err)
{
	static const unsigned char zeros[64 << 10];

	for (; length > 0; length -= length < sizeof zeros ? length : sizeof zeros)
		if (sink_write(sink, zeros, length < sizeof zeros ? (size_t)length : sizeof zeros,
		               err) < 0)
			return -1;
	return 0;
}

void sink_expect(struct sink *sink, uint64_t length)
{
	tally_expect(sink->tally, length);
}

int sink_finish(struct layer_answer *ret, struct sink *sink, struct error *err)
{
	if (flush(sink, err) < 0 || (sink->gzip != NULL && pack(sink, NULL, 0, true, err) < 0))
		return -1;
	ret->blob_size = sink->written;
	if (sink->diff == NULL)
		return 0;
	digest_finish(ret->diff, sink->diff);
	if (sink->blob != NULL)
		digest_finish(ret->blob, sink->blob);
	else
		memcpy(ret->blob, ret->diff, sizeof ret->blob);
	return 0;
}
