/*
 * gzip: the door to ISA-L, which inflates three times as fast as zlib. A gzip file is one member or
 * more, end to end (RFC 1952, 2.2); what stands behind the last and is not a member is an error, so
 * that every byte that was hashed has a meaning. ISA-L checks each member's CRC and length.
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
