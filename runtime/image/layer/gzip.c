/*
 * gzip: the door to zlib. A gzip file is one member or more, end to end (RFC 1952, 2.2); what
 * stands behind the last and is not a member is an error, so that every byte that was hashed has a
 * meaning.
 */
#include "runtime/image/layer/codec.h"

#include <limits.h>
#include <stdlib.h>
#include <zlib.h>

enum { WINDOW_GZIP_ONLY = 16 + MAX_WBITS };

struct gzip {
	z_stream stream;
	bool between; /* the last member ended, the next has not begun */
};

static int gzip_step(void *state, struct codec_span *span, struct error *err)
{
	struct gzip *gzip = state;
	z_stream *stream = &gzip->stream;
	uInt input = span->input_left > UINT_MAX ? UINT_MAX : (uInt)span->input_left;
	uInt output = span->output_left > UINT_MAX ? UINT_MAX : (uInt)span->output_left;
	int status;

	if (gzip->between && input > 0) {
		inflateReset(stream);
		gzip->between = false;
	}
	stream->next_in = (Bytef *)span->input;
	stream->avail_in = input;
	stream->next_out = span->output;
	stream->avail_out = output;
	status = inflate(stream, Z_NO_FLUSH);
	span->input += input - stream->avail_in;
	span->input_left -= input - stream->avail_in;
	span->output += output - stream->avail_out;
	span->output_left -= output - stream->avail_out;
	if (status == Z_STREAM_END)
		gzip->between = true;
	else if (status != Z_OK && status != Z_BUF_ERROR)
		return error_set(err, 0, "the gzip data are damaged: %s",
		                 stream->msg != NULL ? stream->msg : zError(status));
	return 0;
}

static bool gzip_complete(const void *state)
{
	return ((const struct gzip *)state)->between;
}

static void gzip_free(void *state)
{
	struct gzip *gzip = state;

	inflateEnd(&gzip->stream);
	free(gzip);
}

struct codec codec_gzip(void)
{
	struct gzip *gzip = calloc(1, sizeof *gzip);

	if (gzip == NULL || inflateInit2(&gzip->stream, WINDOW_GZIP_ONLY) != Z_OK)
		abort();
	return (struct codec){ gzip, gzip_step, gzip_complete, gzip_free };
}
