/*
 * blob: bytes into the store, hashed. Nothing here reads what they say.
 */
#include "runtime/image/layer/job.h"
#include "runtime/image/layer/member.h"
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
			break;
		if (member_write(member, bytes, (size_t)length, err) < 0)
			return -1;
	}
	if (stream_finish(ret, stream, err) < 0)
		return -1;
	return member_keep(ret->blob, member, err);
}

int blob_run(struct layer_answer *ret, const struct layer_request *request, struct error *err)
{
	const struct stream_source source = {
		.input = LAYER_FD_INPUT, .keep = -1, .limit = request->limit, .raw = true
	};
	struct stream *stream = NULL;
	struct member member;
	int result;

	if (member_open(&member, false, err) < 0)
		return -1;
	result = stream_open(&stream, &source, err);
	if (result == 0)
		result = copy(ret, &member, stream, err);
	stream_close(stream);
	member_done(&member);
	return result;
}
