#include "runtime/image/layer/stream.h"

#include "runtime/image/layer/codec.h"
#include "runtime/image/layer/digest.h"
#include "runtime/image/layer/limits.h"
#include "runtime/image/layer/tally.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"

#include <inttypes.h>
#include <string.h>

enum { BLOCK = 128 << 10, MAGIC_SIZE = 6 };

struct stream {
	struct stream_source source;
	bool behind;           /* the kept file is read to its end: what comes now is new */
	uint64_t taken, given; /* bytes in and out */
	bool ended;
	enum layer_codec kind;
	struct codec codec; /* of all but LAYER_PLAIN */
	struct codec_span span;
	struct digest *blob, *diff;
	struct layer_tally *tally;
	unsigned char input[BLOCK], output[BLOCK];
};

/* Formats by their first bytes. Those that cannot be opened are known so that the message can say
 * what the bytes are. */
static const struct format {
	const char *name;
	unsigned char magic[MAGIC_SIZE];
	size_t length;
	enum layer_codec kind;
	struct codec (*open)(void);
	bool native; /* layers of images may be compressed so (OCI image-spec layer.md) */
} formats[] = {
	{ "gzip", { 0x1f, 0x8b }, 2, LAYER_GZIP, codec_gzip, true },
	{ "zstd", { 0x28, 0xb5, 0x2f, 0xfd }, 4, LAYER_ZSTD, codec_zstd, true },
	{ "xz", { 0xfd, '7', 'z', 'X', 'Z', 0 }, 6, LAYER_XZ, codec_xz, false },
	{ "bzip2", { 'B', 'Z', 'h' }, 3, LAYER_BZIP2, codec_bzip2, false },
	{ "lzip", { 'L', 'Z', 'I', 'P', 1 }, 5, LAYER_PLAIN, NULL, false },
	{ "lz4", { 0x04, 0x22, 0x4d, 0x18 }, 4, LAYER_PLAIN, NULL, false },
	{ "zip", { 'P', 'K', 3, 4 }, 4, LAYER_PLAIN, NULL, false },
	{ "squashfs", { 'h', 's', 'q', 's' }, 4, LAYER_PLAIN, NULL, false },
};

/* Some bytes: first of the kept file, then of the input, which are kept. */
static ssize_t take(struct stream *stream, void *bytes, size_t room, struct error *err)
{
	int fd = stream->behind ? stream->source.input : stream->source.keep;
	ssize_t count = read(fd, bytes, room);

	if (count < 0 && errno != EINTR)
		return error_set(err, errno, "cannot read the input");
	if (count > 0 && stream->behind && stream->source.keep >= 0 &&
	    io_write_all(stream->source.keep, bytes, (size_t)count) < 0)
		return error_set(err, errno, "cannot write to the store");
	if (count == 0 && stream->behind)
		stream->ended = true;
	if (count == 0)
		stream->behind = true;
	return count < 0 ? 0 : count;
}

/* Fills the input block. Only at the end of the input is it left short. */
static int fill(struct stream *stream, struct error *err)
{
	size_t have = 0;

	while (!stream->ended && have < sizeof stream->input) {
		ssize_t count =
		        take(stream, stream->input + have, sizeof stream->input - have, err);

		if (count < 0)
			return -1;
		have += (size_t)count;
	}
	stream->taken += have;
	if (stream->taken > stream->source.limit)
		return error_set(err, 0, "larger than the %" PRIu64 " bytes it may have",
		                 stream->source.limit);
	digest_update(stream->blob, stream->input, have);
	tally_add(stream->tally, have);
	stream->span.input = stream->input;
	stream->span.input_left = have;
	return 0;
}

static const struct format *find_format(const struct stream *stream)
{
	for (size_t i = 0; i < ARRAY_SIZE(formats); i++)
		if (stream->span.input_left >= formats[i].length &&
		    memcmp(stream->input, formats[i].magic, formats[i].length) == 0)
			return &formats[i];
	return NULL;
}

static int recognise(struct stream *stream, struct error *err)
{
	const struct format *format = find_format(stream);

	if (format == NULL || (stream->source.foreign && format->native))
		return 0;
	if (format->open == NULL) {
		error_set(err, 0, "this is %s data, which cordon does not unpack", format->name);
		return error_hint(err, "plain tar, tar.gz, tar.zst, tar.xz and tar.bz2 are taken");
	}
	stream->kind = format->kind;
	stream->codec = format->open();
	return 0;
}

enum layer_codec stream_codec(const struct stream *stream)
{
	return stream->kind;
}

int stream_open(struct stream **ret, const struct stream_source *source, struct error *err)
{
	struct stream *stream = calloc(1, sizeof *stream);

	if (stream == NULL)
		abort();
	stream->source = *source;
	stream->behind = source->keep < 0;
	stream->blob = digest_new();
	stream->diff = digest_new();
	stream->tally = tally_open(source->tally);
	if (fill(stream, err) < 0 || (!source->raw && recognise(stream, err) < 0)) {
		stream_close(stream);
		return -1;
	}
	*ret = stream;
	return 0;
}

void stream_close(struct stream *stream)
{
	if (stream == NULL)
		return;
	if (stream->codec.free != NULL)
		stream->codec.free(stream->codec.state);
	digest_free(stream->blob);
	digest_free(stream->diff);
	tally_close(stream->tally);
	free(stream);
}

static int check_ratio(const struct stream *stream, struct error *err)
{
	if (stream->given > LIMIT_RATIO_FROM && stream->given / LIMIT_RATIO > stream->taken)
		return error_set(err, 0,
		                 "%" PRIu64 " compressed bytes unpack to more than %" PRIu64
		                 ": past %d:1 cordon takes it for a bomb",
		                 stream->taken, stream->given, LIMIT_RATIO);
	/* Headers and padding on top of what the files may have. */
	if (!stream->source.unlimited && stream->given > LIMIT_TREE + LIMIT_TREE / 8)
		return error_set(err, 0, "unpacks to more than %" PRIu64 " GiB",
		                 (uint64_t)(LIMIT_TREE >> 30));
	return 0;
}

/* Decompresses until there is something to give or the input ends. */
static int decode(struct stream *stream, struct error *err)
{
	stream->span.output = stream->output;
	stream->span.output_left = sizeof stream->output;
	while (stream->span.output_left == sizeof stream->output) {
		size_t before = stream->span.input_left;

		if (before == 0 && fill(stream, err) < 0)
			return -1;
		before = stream->span.input_left;
		if (before == 0 && stream->codec.complete(stream->codec.state))
			return 0;
		if (stream->codec.step(stream->codec.state, &stream->span, err) < 0)
			return -1;
		if (before == stream->span.input_left &&
		    stream->span.output_left == sizeof stream->output) {
			if (stream->ended)
				return error_set(err, 0, "the compressed data are truncated");
			return error_set(err, 0, "the compressed data lead nowhere");
		}
	}
	return 0;
}

ssize_t stream_read(const void **ret, struct stream *stream, struct error *err)
{
	size_t length;

	if (stream->kind == LAYER_PLAIN) {
		if (stream->span.input_left == 0 && fill(stream, err) < 0)
			return -1;
		length = stream->span.input_left;
		stream->span.input_left = 0;
		*ret = stream->input;
	} else {
		if (decode(stream, err) < 0)
			return -1;
		length = sizeof stream->output - stream->span.output_left;
		*ret = stream->output;
	}
	stream->given += length;
	if (stream->kind != LAYER_PLAIN)
		digest_update(stream->diff, *ret, length);
	return check_ratio(stream, err) < 0 ? -1 : (ssize_t)length;
}

int stream_finish(struct layer_answer *ret, struct stream *stream, struct error *err)
{
	const void *ignored;
	ssize_t length;

	do {
		length = stream_read(&ignored, stream, err);
		if (length < 0)
			return -1;
	} while (length > 0);
	ret->codec = stream->kind;
	ret->blob_size = stream->taken;
	digest_finish(ret->blob, stream->blob);
	if (stream->kind == LAYER_PLAIN)
		memcpy(ret->diff, ret->blob, sizeof ret->diff);
	else
		digest_finish(ret->diff, stream->diff);
	return 0;
}
