/*
 * blob: bytes into the store, hashed. Nothing here reads what they say, but for an archive that is
 * to become a layer and is compressed as no layer may be: it goes in as gzip.
 */
#include "runtime/image/layer/job.h"
#include "runtime/image/layer/member.h"
#include "runtime/image/layer/sink.h"
#include "runtime/image/layer/stream.h"

typedef int put_function(void *to, const void *bytes, size_t length, struct error *err);

static int put_member(void *to, const void *bytes, size_t length, struct error *err)
{
	return member_write(to, bytes, length, err);
}

static int put_sink(void *to, const void *bytes, size_t length, struct error *err)
{
	return sink_write(to, bytes, length, err);
}

/* All of it. */
static int pour(struct stream *stream, put_function *put, void *to, struct error *err)
{
	const void *bytes;
	ssize_t length;

	while ((length = stream_read(&bytes, stream, err)) > 0)
		if (put(to, bytes, (size_t)length, err) < 0)
			return -1;
	return (int)length;
}

static int copy(struct layer_answer *ret, struct member *member, struct stream *stream,
                struct error *err)
{
	return pour(stream, put_member, member, err) < 0 ? -1 : stream_finish(ret, stream, err);
}

static int repack(struct layer_answer *ret, const struct member *member, struct stream *stream,
                  struct error *err)
{
	const struct sink_target target = { .output = member->fd, .hash = true, .gzip = true };
	struct sink *sink = sink_open(&target);
	int result = pour(stream, put_sink, sink, err);

	if (result == 0)
		result = sink_finish(ret, sink, err);
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
