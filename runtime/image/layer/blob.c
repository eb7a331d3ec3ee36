/*
 * blob: bytes into the store, hashed. Nothing here reads what they say, but for an archive that is
 * to become a layer and is compressed as no layer may be: it goes in as gzip.
 */
#include "runtime/image/layer/job.h"
#include "runtime/image/layer/member.h"
#include "runtime/image/layer/sink.h"
#include "runtime/image/layer/stream.h"

static int copy(struct layer_answer *ret, struct member *member, struct stream *stream,
                struct error *err)
{
	for (;;) {
		const void *bytes;
		ssize_t length = stream_read(&bytes, stream, err);

		if (length < 0)
			return -1;
		if (length == 0)
			return stream_finish(ret, stream, err);
		if (member_write(member, bytes, (size_t)length, err) < 0)
			return -1;
	}
}

static int pour(struct layer_answer *ret, struct sink *sink, struct stream *stream,
                struct error *err)
{
	for (;;) {
		const void *bytes;
		ssize_t length = stream_read(&bytes, stream, err);

		if (length < 0)
			return -1;
		if (length == 0)
			return sink_finish(ret, sink, err);
		if (sink_write(sink, bytes, (size_t)length, err) < 0)
			return -1;
	}
}

static int repack(struct layer_answer *ret, const struct member *member, struct stream *stream,
                  struct error *err)
{
	const struct sink_target target = { .output = member->fd, .hash = true, .gzip = true };
	struct sink *sink = sink_open(&target);
	int result = pour(ret, sink, stream, err);

	sink_close(sink);
	ret->codec = stream_codec(stream);
	return result;
}

static int take(struct layer_answer *ret, struct member *member, struct stream *stream,
                struct error *err)
{
	int result = stream_codec(stream) == LAYER_PLAIN ? copy(ret, member, stream, err)
	                                                 : repack(ret, member, stream, err);

	return result < 0 ? -1 : member_keep(ret->blob, member, err);
}

int blob_run(struct layer_answer *ret, const struct layer_request *request, struct error *err)
{
	const struct stream_source source = { .input = LAYER_FD_INPUT,
		                              .keep = -1,
		                              .limit = request->limit,
		                              .raw = !request->repack,
		                              .tally = request->tally,
		                              .foreign = request->repack };
	struct stream *stream = NULL;
	struct member member;
	int result;

	if (member_open(&member, false, err) < 0)
		return -1;
	result = stream_open(&stream, &source, err);
	if (result == 0)
		result = take(ret, &member, stream, err);
	stream_close(stream);
	member_done(&member);
	return result;
}
