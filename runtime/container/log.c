#include "runtime/container/log.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"

#include <fcntl.h>
#include <string.h>

static const char *const stream_names[] = { [LOG_STDOUT] = "stdout", [LOG_STDERR] = "stderr" };

int log_open(struct log_writer *ret, int dir, struct error *err)
{
	int fd = openat(dir, "log", O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0)
		return error_set(err, errno, "cannot open the container's log");
	*ret = (struct log_writer){ .fd = fd };
	return 0;
}

void log_format_time(char ret[96], const struct timespec *when)
{
	struct tm parts;

	gmtime_r(&when->tv_sec, &parts);
	snprintf(ret, 96, "%04d-%02d-%02dT%02d:%02d:%02d.%09ldZ", parts.tm_year + 1900,
	         parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec,
	         when->tv_nsec);
}

static void append_escaped(struct text *ret, const char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		unsigned char byte = (unsigned char)bytes[i];

		if (byte == '"' || byte == '\\')
			text_printf(ret, "\\%c", byte);
		else if (byte == '\n')
			text_append(ret, "\\n");
		else if (byte < 0x20)
			text_printf(ret, "\\u%04x", byte);
		else
			text_append_char(ret, (char)byte);
	}
}

static void write_line(struct log_writer *log, enum log_stream stream, const char *bytes,
                       size_t length)
{
	_cleanup_text struct text line = {};
	struct timespec now;
	char stamp[96];

	if (log->fd < 0)
		return;
	clock_gettime(CLOCK_REALTIME, &now);
	log_format_time(stamp, &now);
	text_append(&line, "{\"log\":\"");
	append_escaped(&line, bytes, length);
	text_printf(&line, "\",\"stream\":\"%s\",\"time\":\"%s\"}\n", stream_names[stream], stamp);
	if (io_write_all(log->fd, line.data, line.length) < 0) {
		/* A full disk must not stop the container; what follows is not logged. */
		close(log->fd);
		log->fd = -1;
	}
}

void log_write(struct log_writer *log, enum log_stream stream, const char *bytes, size_t length)
{
	struct text *partial = &log->partial[stream];

	while (length > 0) {
		const char *end = memchr(bytes, '\n', length);
		size_t piece = end == NULL ? length : (size_t)(end - bytes) + 1;
		size_t room = LOG_PIECE - partial->length;

		if (piece > room) {
			piece = room;
			end = NULL;
		}
		if (partial->length == 0 && end != NULL) {
			write_line(log, stream, bytes, piece);
		} else {
			text_append_bytes(partial, bytes, piece);
			if (end != NULL || partial->length >= LOG_PIECE) {
				write_line(log, stream, partial->data, partial->length);
				text_clear(partial);
			}
		}
		bytes += piece;
		length -= piece;
	}
}

void log_close(struct log_writer *log)
{
	for (int stream = 0; stream < LOG_STREAMS; stream++) {
		if (log->partial[stream].length > 0)
			write_line(log, (enum log_stream)stream, log->partial[stream].data,
			           log->partial[stream].length);
		text_done(&log->partial[stream]);
	}
	cleanup_close(&log->fd);
	log->fd = -1;
}

/* ---- reading ---- */

static const char *unescape(struct text *ret, const char *next, const char *end)
{
	for (; next < end && *next != '"'; next++) {
		unsigned code;

		if (*next != '\\') {
			text_append_char(ret, *next);
			continue;
		}
		if (++next >= end)
			return NULL;
		if (*next == 'n') {
			text_append_char(ret, '\n');
		} else if (*next == 'u') {
			if (end - next < 5 || sscanf(next + 1, "%4x", &code) != 1 || code > 0xff)
				return NULL;
			text_append_char(ret, (char)code);
			next += 4;
		} else {
			text_append_char(ret, *next);
		}
	}
	return next < end ? next + 1 : NULL;
}

static int64_t parse_time(const char *stamp)
{
	struct tm parts = {};
	long nanoseconds = 0;

	if (sscanf(stamp, "%d-%d-%dT%d:%d:%d.%9ldZ", &parts.tm_year, &parts.tm_mon, &parts.tm_mday,
	           &parts.tm_hour, &parts.tm_min, &parts.tm_sec, &nanoseconds) < 6)
		return 0;
	parts.tm_year -= 1900;
	parts.tm_mon -= 1;
	return (int64_t)timegm(&parts) * 1000000000 + nanoseconds;
}

bool log_parse(struct log_line *line, const char *json, size_t length)
{
	static const char head[] = "{\"log\":\"", middle[] = ",\"stream\":\"std",
	                  tail[] = ",\"time\":\"";
	const char *end = json + length, *next;

	text_clear(&line->text);
	if (length < sizeof head - 1 || memcmp(json, head, sizeof head - 1) != 0)
		return false;
	next = unescape(&line->text, json + sizeof head - 1, end);
	if (next == NULL ||
	    end - next < (ptrdiff_t)(sizeof middle - 1 + 4 + sizeof tail - 1 + 30) ||
	    memcmp(next, middle, sizeof middle - 1) != 0)
		return false;
	next += sizeof middle - 1;
	line->stream = *next == 'o' ? LOG_STDOUT : LOG_STDERR;
	next += 4;
	if (memcmp(next, tail, sizeof tail - 1) != 0)
		return false;
	next += sizeof tail - 1;
	snprintf(line->time, sizeof line->time, "%.*s", (int)strcspn(next, "\""), next);
	line->nanoseconds = parse_time(line->time);
	return true;
}
