/*
 * log: a container's output, one JSON object a line as Docker's json-file driver writes it:
 *
 *	{"log":"text\n","stream":"stdout","time":"2026-01-02T03:04:05.000000006Z"}
 *
 * A line longer than 16 KiB is cut into pieces; only the last one has "\n" at its end. The file is
 * made with the first output: a container that says nothing has none.
 */
#ifndef CORDON_CONTAINER_LOG_H
#define CORDON_CONTAINER_LOG_H

#include "sandbox/base/error.h"
#include "sandbox/base/text.h"

#include <stdbool.h>
#include <stdint.h>

enum log_stream { LOG_STDOUT, LOG_STDERR, LOG_STREAMS };
enum { LOG_PIECE = 16384, LOG_TIME = 32 };

struct log_writer {
	int dir;                          /* the container's folder, the caller's */
	int fd;                           /* O_APPEND; -1 until there is output */
	int failure;                      /* errno of the write that ended the log, 0 */
	struct text partial[LOG_STREAMS]; /* a line whose end has not come yet */
	struct text encoded;
};

/* Opens nothing. `dir` must outlive it. */
void log_init(struct log_writer *ret, int dir);

/* Cannot fail: a full disk ends the log (`failure`), and the container goes on. */
void log_write(struct log_writer *log, enum log_stream stream, const char *bytes, size_t length);

/* Gives back the memory of lines that are written. */
void log_rest(struct log_writer *log);

/* Writes the lines whose end never came. */
void log_close(struct log_writer *log);

/* One line read back; `text` is unescaped, with its newline. text_done(&line.text) at the end. */
struct log_line {
	struct text text;
	enum log_stream stream;
	char time[LOG_TIME];
	int64_t nanoseconds;
};
/* False where the line is not one of ours (cut off by a full disk). `line` may be used again. */
bool log_parse(struct log_line *line, const char *json, size_t length);

#endif
