/*
 * log: a container's output, one JSON object a line as Docker's json-file driver writes it:
 * {"log":"text\n","stream":"stdout","time":"2026-01-02T03:04:05.000000006Z"}. A line longer than 16
 * KiB is cut into pieces without "\n" at the end.
 */
#ifndef CORDON_CONTAINER_LOG_H
#define CORDON_CONTAINER_LOG_H

#include "sandbox/base/error.h"
#include "sandbox/base/text.h"

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

enum log_stream { LOG_STDOUT, LOG_STDERR, LOG_STREAMS };
enum { LOG_PIECE = 16384 };

struct log_writer {
	int fd; /* O_APPEND; -1 after a write failed (full disk): the container goes on */
	struct text partial[LOG_STREAMS]; /* a line whose end has not come yet */
};

int log_open(struct log_writer *ret, int dir, struct error *err)
        __attribute__((warn_unused_result));
void log_write(struct log_writer *log, enum log_stream stream, const char *bytes, size_t length);
void log_close(struct log_writer *log);

/* One line read back; `text` is unescaped, with its newline. */
struct log_line {
	struct text text;
	enum log_stream stream;
	char time[96];
	int64_t nanoseconds;
};
/* False where the line is not one of ours. `line` is reused: text_done at the end. */
bool log_parse(struct log_line *line, const char *json, size_t length);

/* RFC 3339 with nanoseconds, UTC. */
void log_format_time(char ret[96], const struct timespec *when);

#endif
