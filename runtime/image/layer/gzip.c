/*
 * gzip: the door to ISA-L, which inflates three times as fast as zlib, and deflates. A gzip file is
 * one member or more, end to end (RFC 1952, 2.2); what stands behind the last and is not a member
 * is an error, so that every byte that was hashed has a meaning. ISA-L checks each member's CRC and
 * length.
 */
#include "runtime/image/layer/codec.h"
#include "sandbox/base/cleanup.h"

#include <isa-l/igzip_lib.h>
#include <limits.h>
#include <stdlib.h>

struct gzip {
	struct inflate_state state;
	bool between; /* the last member ended, the next has not begun */
};

static const char *reason(int status)
{
	static const struct {
		int status;
		const char *text;
	} reasons[] = {
		{ ISAL_INVALID_BLOCK, "a block of no known type" },
		{ ISAL_INVALID_SYMBOL, "a symbol that no code stands for" },
		{ ISAL_INVALID_LOOKBACK, "a match before the beginning" },
		{ ISAL_INVALID_WRAPPER, "no gzip header" },
		{ ISAL_UNSUPPORTED_METHOD, "not deflated" },
		{ ISAL_INCORRECT_CHECKSUM, "incorrect data check" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(reasons); i++)
		if (reasons[i].status == status)
			return reasons[i].text;
	return "no reason";
}

static void begin(struct gzip *gzip)
{
	isal_inflate_reset(&gzip->state);
	gzip->state.crc_flag = ISAL_GZIP;
	gzip->between = false;
}

static int gzip_step(void *state, struct codec_span *span, struct error *err)
{
	struct gzip *gzip = state;
	struct inflate_state *stream = &gzip->state;
	uint32_t input = span->input_left > UINT_MAX ? UINT_MAX : (uint32_t)span->input_left;
	uint32_t output = span->output_left > UINT_MAX ? UINT_MAX : (uint32_t)span->output_left;
	int status;

	if (gzip->between && input > 0)
		begin(gzip);
	stream->next_in = (uint8_t *)span->input;
	stream->avail_in = input;
	stream->next_out = span->output;
	stream->avail_out = output;
	status = isal_inflate(stream);
	span->input += input - stream->avail_in;
	span->input_left -= input - stream->avail_in;
	span->output += output - stream->avail_out;
	span->output_left -= output - stream->avail_out;
	if (status < 0)
		return error_set(err, 0, "the gzip data are damaged: %s", reason(status));
	if (stream->block_state == ISAL_BLOCK_FINISH)
		gzip->between = true;
	return 0;
}

static bool gzip_complete(const void *state)
{
	return ((const struct gzip *)state)->between;
}

static void gzip_free(void *state)
{
	free(state);
}

struct codec codec_gzip(void)
{
	struct gzip *gzip = calloc(1, sizeof *gzip);

	if (gzip == NULL)
		abort();
	isal_inflate_init(&gzip->state);
	begin(gzip);
	return (struct codec){ gzip, gzip_step, gzip_complete, gzip_free };
}

/* ---- the other way ---- */

enum { LEVEL = 3 };

struct gzip_writer {
	struct isal_zstream stream;
	uint8_t buffer[ISAL_DEF_LVL3_DEFAULT];
};

struct gzip_writer *gzip_writer_new(void)
{
	struct gzip_writer *writer = calloc(1, sizeof *writer);

	if (writer == NULL)
		abort();
	isal_deflate_init(&writer->stream);
	writer->stream.level = LEVEL;
	writer->stream.level_buf = writer->buffer;
	writer->stream.level_buf_size = sizeof writer->buffer;
	writer->stream.gzip_flag = IGZIP_GZIP; /* no name and no time: equal trees, equal bytes */
	return writer;
}

void gzip_writer_free(struct gzip_writer *writer)
{
	free(writer);
}

int gzip_writer_step(struct gzip_writer *writer, struct codec_span *span, bool last)
{
	struct isal_zstream *stream = &writer->stream;
	uint32_t input = span->input_left > UINT_MAX ? UINT_MAX : (uint32_t)span->input_left;
	uint32_t output = span->output_left > UINT_MAX ? UINT_MAX : (uint32_t)span->output_left;

	stream->next_in = (uint8_t *)span->input;
	stream->avail_in = input;
	stream->next_out = span->output;
	stream->avail_out = output;
	stream->end_of_stream = last && input == span->input_left;
	if (isal_deflate(stream) != COMP_OK)
		abort(); /* it is only told of buffers and levels, and those are ours */
	span->input += input - stream->avail_in;
	span->input_left -= input - stream->avail_in;
	span->output += output - stream->avail_out;
	span->output_left -= output - stream->avail_out;
	return stream->internal_state.state == ZSTATE_END;
}
