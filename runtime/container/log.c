#include "runtime/container/log.h"

#include "runtime/container/stamp.h"
#include "runtime/container/state.h"
#include "sandbox/base/utf8.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"

#include <fcntl.h>
#include <string.h>

_Static_assert((int)STAMP_SIZE <= (int)LOG_TIME, "a time fits");

/* Encoded lines are gathered up to this and written together. */
enum { BATCH = 16384 };

static const char *const stream_names[] = { [LOG_STDOUT] = "stdout", [LOG_STDERR] = "stderr" };

void log_init(struct log_writer *ret, int dir)
{
	*ret = (struct log_writer){ .dir = dir, .fd = -1 };
}

/* ---- writing ---- */

static void append_escaped(struct text *ret, const char *bytes, size_t length)
{
	size_t plain = 0;

	for (size_t i = 0; i < length; i++) {
		unsigned char byte = (unsigned char)bytes[i];

		if (byte >= 0x20 && byte != '"' && byte != '\\' && byte != 0x7f)
			continue;
		utf8_append(ret, bytes + plain, i - plain);
		plain = i + 1;
		if (byte == '"' || byte == '\\')
			text_printf(ret, "\\%c", byte);
		else if (byte == '\n')
			text_append(ret, "\\n");
		else
			text_printf(ret, "\\u%04x", byte);
	}
	utf8_append(ret, bytes + plain, length - plain);
}

static void fail(struct log_writer *log)
{
	log->failure = errno != 0 ? errno : EIO;
	cleanup_close(&log->fd);
	log->fd = -1;
}

static void flush(struct log_writer *log)
{
	static const int flags = O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC;

	if (log->encoded.length > 0 && log->failure == 0) {
		if (log->fd < 0)
			log->fd = openat(log->dir, "log", flags, 0600);
		if (log->fd < 0 ||
		    io_write_all(log->fd, log->encoded.data, log->encoded.length) < 0)
			fail(log);
	}
	text_clear(&log->encoded);
}

static void append_line(struct log_writer *log, enum log_stream stream, const char *bytes,
                        size_t length)
{
	char stamp[STAMP_SIZE];

	if (log->failure != 0)
		return;
	stamp_format(stamp, state_now());
	text_append(&log->encoded, "{\"log\":\"");
	append_escaped(&log->encoded, bytes, length);
	text_append(&log->encoded, "\",\"stream\":\"");
	text_append(&log->encoded, stream_names[stream]);
	text_append(&log->encoded, "\",\"time\":\"");
	text_append(&log->encoded, stamp);
	text_append(&log->encoded, "\"}\n");
	if (log->encoded.length >= BATCH)
		flush(log);
}

/* Writes the first `length` bytes of the partial line, and keeps the rest. */
static void append_partial(struct log_writer *log, enum log_stream stream, size_t length)
{
	struct text *partial = &log->partial[stream];

	append_line(log, stream, text_string(partial), length);
	if (partial->length == length) {
		text_done(partial);
		return;
	}
	memmove(partial->data, partial->data + length, partial->length - length);
	partial->length -= length;
}

void log_write(struct log_writer *log, enum log_stream stream, const char *bytes, size_t length)
{
	struct text *partial = &log->partial[stream];

	while (length > 0) {
		const char *end = memchr(bytes, '\n', length);
		size_t piece = end == NULL ? length : (size_t)(end - bytes) + 1;
		size_t room = LOG_PIECE - partial->length;
		bool is_whole = end != NULL && piece <= room;

		if (piece > room)
			piece = room;
		if (is_whole && partial->length == 0) {
			append_line(log, stream, bytes, piece);
		} else {
			text_append_bytes(partial, bytes, piece);
			/* a character is not cut in two */
			if (is_whole)
				append_partial(log, stream, partial->length);
			else if (partial->length >= LOG_PIECE)
				append_partial(log, stream,
				               partial->length - utf8_unfinished(partial->data,
				                                                 partial->length));
		}
		bytes += piece;
		length -= piece;
	}
	flush(log);
}

void log_rest(struct log_writer *log)
{
	for (size_t i = 0; i < LOG_STREAMS; i++)
		if (log->partial[i].length == 0)
			text_done(&log->partial[i]);
	text_done(&log->encoded);
}

void log_close(struct log_writer *log)
{
	for (int stream = 0; stream < LOG_STREAMS; stream++)
		if (log->partial[stream].length > 0)
			append_partial(log, (enum log_stream)stream, log->partial[stream].length);
	flush(log);
	text_done(&log->encoded);
	cleanup_close(&log->fd);
	log->fd = -1;
}

/* ---- reading ---- */

static bool read_code(unsigned *ret, const char *digits, const char *end)
{
	char copy[5] = "", *rest;

	if (end - digits < 4)
		return false;
	memcpy(copy, digits, 4);
	*ret = (unsigned)strtoul(copy, &rest, 16);
	return rest == copy + 4 && *ret < 0x80; /* larger ones we never write */
}

/* Unescapes up to the closing quote; behind it, or NULL. */
static const char *unescape(struct text *ret, const char *next, const char *end)
{
	for (; next < end && *next != '"'; next++) {
		size_t plain = 0;
		unsigned code;

		while (next + plain < end && next[plain] != '"' && next[plain] != '\\')
			plain++;
		text_append_bytes(ret, next, plain);
		next += plain;
		if (next >= end || *next == '"')
			break;
		if (++next >= end)
			return NULL;
		if (*next == 'n') {
			text_append_char(ret, '\n');
		} else if (*next == 'u') {
			if (!read_code(&code, next + 1, end))
				return NULL;
			text_append_char(ret, (char)code);
			next += 4;
		} else {
			text_append_char(ret, *next);
		}
	}
	return next < end ? next + 1 : NULL;
}

/* Goes past a word that must stand at `next`. */
static const char *expect(const char *next, const char *end, const char *word)
{
	size_t length = strlen(word);

	if (next == NULL || (size_t)(end - next) < length || memcmp(next, word, length) != 0)
		return NULL;
	return next + length;
}

bool log_parse(struct log_line *line, const char *json, size_t length)
{
	const char *end = json + length, *next, *quote;

	text_clear(&line->text);
	next = expect(json, end, "{\"log\":\"");
	next = next == NULL ? NULL : unescape(&line->text, next, end);
	next = expect(next, end, ",\"stream\":\"std");
	if (next == NULL || next >= end)
		return false;
	line->stream = *next == 'o' ? LOG_STDOUT : LOG_STDERR;
	next = expect(next, end, line->stream == LOG_STDOUT ? "out\"" : "err\"");
	next = expect(next, end, ",\"time\":\"");
	quote = next == NULL ? NULL : memchr(next, '"', (size_t)(end - next));
	if (quote == NULL || (size_t)(quote - next) >= sizeof line->time)
		return false;
	memcpy(line->time, next, (size_t)(quote - next));
	line->time[quote - next] = '\0';
	return stamp_parse(&line->nanoseconds, line->time);
}
