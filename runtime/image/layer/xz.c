/*
 * xz: the door to liblzma. A file is one stream or more, end to end, with padding of zeros in
 * between and behind (The .xz File Format, 2.1 and 2.2); anything else behind a stream is an error,
 * so that every byte that was hashed has a meaning. The dictionary is what a stream can make its
 * reader allocate, so it is bounded (limits.h). liblzma checks every block's CRC32, CRC64 or
 * SHA-256, and refuses here what is checked in a way it does not know.
 */
#include "runtime/image/layer/codec.h"
#include "runtime/image/layer/limits.h"
#include "sandbox/base/cleanup.h"

#include <inttypes.h>
#include <lzma.h>
#include <stdlib.h>

enum { PADDING = 4 }; /* zeros come in as many, or a multiple */

struct xz {
	lzma_stream stream;
	bool between; /* a stream has ended, the next has not begun */
	size_t zeros; /* since then */
};

static int refuse(const struct xz *xz, lzma_ret status, struct error *err)
{
	static const struct {
		lzma_ret status;
		const char *text;
	} reasons[] = {
		{ LZMA_FORMAT_ERROR, "no xz header" },
		{ LZMA_OPTIONS_ERROR, "a filter or an option that is not known" },
		{ LZMA_UNSUPPORTED_CHECK, "a check that is not known" },
		{ LZMA_DATA_ERROR, "incorrect data check" },
	};
	const char *reason = "no reason";

	if (status == LZMA_MEMLIMIT_ERROR) {
		error_set(err, 0, "the xz data want %" PRIu64 " MiB of memory",
		          lzma_memusage(&xz->stream) >> 20);
		return error_hint(err, "cordon takes dictionaries up to %d MiB, which is xz -9",
		                  (int)(LIMIT_XZ_DICTIONARY >> 20));
	}
	for (size_t i = 0; i < ARRAY_SIZE(reasons); i++)
		if (reasons[i].status == status)
			reason = reasons[i].text;
	return error_set(err, 0, "the xz data are damaged: %s", reason);
}

/* What is allocated for one stream serves the next. */
static void begin(struct xz *xz)
{
	if (lzma_stream_decoder(&xz->stream, LIMIT_XZ_DICTIONARY + LIMIT_XZ_BESIDE,
	                        LZMA_TELL_UNSUPPORTED_CHECK) != LZMA_OK)
		abort(); /* it is only told of a limit */
	xz->between = false;
	xz->zeros = 0;
}

static void skip_zeros(struct xz *xz, struct codec_span *span)
{
	while (span->input_left > 0 && *span->input == 0) {
		span->input++;
		span->input_left--;
		xz->zeros++;
	}
}

static int xz_step(void *state, struct codec_span *span, struct error *err)
{
	struct xz *xz = state;
	lzma_ret status;

	if (xz->between) {
		skip_zeros(xz, span);
		if (span->input_left == 0)
			return 0;
		if (xz->zeros % PADDING != 0)
			return refuse(xz, LZMA_FORMAT_ERROR, err);
		begin(xz);
	}
	xz->stream.next_in = span->input;
	xz->stream.avail_in = span->input_left;
	xz->stream.next_out = span->output;
	xz->stream.avail_out = span->output_left;
	status = lzma_code(&xz->stream, LZMA_RUN);
	span->input = xz->stream.next_in;
	span->input_left = xz->stream.avail_in;
	span->output = xz->stream.next_out;
	span->output_left = xz->stream.avail_out;
	if (status == LZMA_STREAM_END)
		xz->between = true;
	else if (status == LZMA_MEM_ERROR)
		return error_set(err, ENOMEM, "cannot unpack the xz data");
	else if (status != LZMA_OK && status != LZMA_BUF_ERROR) /* that: nothing could be done */
		return refuse(xz, status, err);
	return 0;
}

static bool xz_complete(const void *state)
{
	const struct xz *xz = state;

	return xz->between && xz->zeros % PADDING == 0;
}

static void xz_free(void *state)
{
	struct xz *xz = state;

	lzma_end(&xz->stream);
	free(xz);
}

struct codec codec_xz(void)
{
	struct xz *xz = calloc(1, sizeof *xz);

	if (xz == NULL)
		abort();
	begin(xz);
	return (struct codec){ xz, xz_step, xz_complete, xz_free };
}
