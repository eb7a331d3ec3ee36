/*
 * bzip2: the door to libbz2. A file is one stream or more, end to end, as parallel compressors
 * write it; what stands behind the last and is none is an error, so that every byte that was hashed
 * has a meaning. libbz2 checks the CRC of every block and of the stream; a block has 900 KB at
 * most, and unpacking it takes 4 MB.
 */
#include "runtime/image/layer/codec.h"

#include <bzlib.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>

struct bzip2 {
	bz_stream stream;
	bool between; /* a stream has ended, the next has not begun */
};

static void begin(struct bzip2 *bzip2)
{
	static const bz_stream fresh;

	bzip2->stream = fresh;
	if (BZ2_bzDecompressInit(&bzip2->stream, 0, 0) != BZ_OK)
		abort();
	bzip2->between = false;
}

static int bzip2_step(void *state, struct codec_span *span, struct error *err)
{
	struct bzip2 *bzip2 = state;
	bz_stream *stream = &bzip2->stream;
	unsigned input = span->input_left > UINT_MAX ? UINT_MAX : (unsigned)span->input_left;
	unsigned output = span->output_left > UINT_MAX ? UINT_MAX : (unsigned)span->output_left;
	int status;

	if (bzip2->between && input == 0)
		return 0;
	if (bzip2->between)
		begin(bzip2);
	stream->next_in = (char *)span->input;
	stream->avail_in = input;
	stream->next_out = (char *)span->output;
	stream->avail_out = output;
	status = BZ2_bzDecompress(stream);
	span->input += input - stream->avail_in;
	span->input_left -= input - stream->avail_in;
	span->output += output - stream->avail_out;
	span->output_left -= output - stream->avail_out;
	if (status == BZ_STREAM_END) {
		BZ2_bzDecompressEnd(stream);
		bzip2->between = true;
		return 0;
	}
	if (status == BZ_OK)
		return 0;
	if (status == BZ_MEM_ERROR)
		return error_set(err, ENOMEM, "cannot unpack the bzip2 data");
	return error_set(err, 0, "the bzip2 data are damaged: %s",
	                 status == BZ_DATA_ERROR_MAGIC ? "no bzip2 header"
	                                               : "incorrect data check");
}

static bool bzip2_complete(const void *state)
{
	return ((const struct bzip2 *)state)->between;
}

static void bzip2_free(void *state)
{
	struct bzip2 *bzip2 = state;

	if (!bzip2->between)
		BZ2_bzDecompressEnd(&bzip2->stream);
	free(bzip2);
}

struct codec codec_bzip2(void)
{
	struct bzip2 *bzip2 = calloc(1, sizeof *bzip2);

	if (bzip2 == NULL)
		abort();
	begin(bzip2);
	return (struct codec){ bzip2, bzip2_step, bzip2_complete, bzip2_free };
}
