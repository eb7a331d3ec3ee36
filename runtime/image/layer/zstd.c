/*
 * zstd: the door to libzstd. The window is what a frame can make its reader allocate, so it is
 * bounded (limits.h).
 */
#include "runtime/image/layer/codec.h"
#include "runtime/image/layer/limits.h"

#include <stdlib.h>
#include <zstd.h>

struct frames {
	ZSTD_DStream *stream;
	bool between;
};

static int zstd_step(void *state, struct codec_span *span, struct error *err)
{
	struct frames *frames = state;
	ZSTD_inBuffer input = { span->input, span->input_left, 0 };
	ZSTD_outBuffer output = { span->output, span->output_left, 0 };
	size_t status;

	/* An ended frame and no more input: another call would open a frame that never comes. */
	if (frames->between && span->input_left == 0)
		return 0;
	status = ZSTD_decompressStream(frames->stream, &output, &input);
	if (ZSTD_isError(status)) {
		error_set(err, 0, "the zstd data are damaged: %s", ZSTD_getErrorName(status));
		return error_hint(err, "cordon takes windows up to %d MiB",
		                  1 << (LIMIT_ZSTD_WINDOW_LOG - 20));
	}
	span->input += input.pos;
	span->input_left -= input.pos;
	span->output += output.pos;
	span->output_left -= output.pos;
	frames->between = status == 0;
	return 0;
}

static bool zstd_complete(const void *state)
{
	return ((const struct frames *)state)->between;
}

static void zstd_free(void *state)
{
	struct frames *frames = state;

	ZSTD_freeDStream(frames->stream);
	free(frames);
}

struct codec codec_zstd(void)
{
	struct frames *frames = calloc(1, sizeof *frames);

	if (frames == NULL)
		abort();
	frames->stream = ZSTD_createDStream();
	if (frames->stream == NULL ||
	    ZSTD_isError(ZSTD_DCtx_setParameter(frames->stream, ZSTD_d_windowLogMax,
	                                        LIMIT_ZSTD_WINDOW_LOG)))
		abort();
	return (struct codec){ frames, zstd_step, zstd_complete, zstd_free };
}
