/*
 * logs: reads a container's log back, whole or from its tail, and follows it until the container
 * ends. inotify(7) says when something was written; the lock of the folder says whether more can
 * come, and is asked before each last read, so that nothing written before the end is missed.
 */
#include "runtime/container/control.h"
#include "runtime/container/folder.h"
#include "runtime/container/log.h"
#include "runtime/container/state.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"

#include <fcntl.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>

enum { CHUNK = 65536, ASK_AGAIN_MS = 500 };

struct reader {
	const struct logs_request *request;
	int dir, fd;
	struct text rest; /* the beginning of a line whose end is not there yet */
	struct log_line line;
	struct text out[LOG_STREAMS];
	int failure; /* errno of our own output; 0: none */
};

static void flush(struct reader *reader, enum log_stream stream)
{
	struct text *out = &reader->out[stream];

	if (out->length > 0 && io_write_all(stream == LOG_STDOUT ? STDOUT_FILENO : STDERR_FILENO,
	                                    out->data, out->length) < 0)
		reader->failure = errno;
	text_clear(out);
}

static void print_line(struct reader *reader, const char *json, size_t length)
{
	const struct logs_request *request = reader->request;
	struct text *out;

	if (!log_parse(&reader->line, json, length))
		return;
	if ((request->since != 0 && reader->line.nanoseconds < request->since) ||
	    (request->until != 0 && reader->line.nanoseconds > request->until))
		return;
	/* the two streams keep their order where both lead to one place */
	if (reader->out[!reader->line.stream].length > 0)
		flush(reader, !reader->line.stream);
	out = &reader->out[reader->line.stream];
	if (request->timestamps)
		text_printf(out, "%s ", reader->line.time);
	text_append_bytes(out, text_string(&reader->line.text), reader->line.text.length);
	if (out->length >= CHUNK)
		flush(reader, reader->line.stream);
}

/* Prints what is there; false at the end of the file. */
static bool read_more(struct reader *reader)
{
	char chunk[CHUNK];
	ssize_t count = read(reader->fd, chunk, sizeof chunk);
	size_t start = 0;

	if (count <= 0)
		return false;
	text_append_bytes(&reader->rest, chunk, (size_t)count);
	while (reader->failure == 0) {
		const char *line = reader->rest.data + start;
		const char *end = memchr(line, '\n', reader->rest.length - start);

		if (end == NULL)
			break;
		print_line(reader, line, (size_t)(end - line));
		start = (size_t)(end - reader->rest.data) + 1;
	}
	memmove(reader->rest.data, reader->rest.data + start, reader->rest.length - start);
	reader->rest.length -= start;
	return reader->failure == 0;
}

static void read_all(struct reader *reader)
{
	if (reader->fd < 0)
		reader->fd = openat(reader->dir, "log", O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	while (reader->fd >= 0 && read_more(reader))
		;
	flush(reader, LOG_STDOUT);
	flush(reader, LOG_STDERR);
}

/* Where the last `lines` lines begin, looked for from the end in chunks. */
static off_t tail_offset(int fd, int64_t lines)
{
	char chunk[CHUNK];
	struct stat status;
	int64_t seen = 0;

	if (fstat(fd, &status) < 0)
		return 0;
	if (lines == 0)
		return status.st_size;
	for (off_t end = status.st_size; end > 0;) {
		off_t begin = end > CHUNK ? end - CHUNK : 0;
		ssize_t count = pread(fd, chunk, (size_t)(end - begin), begin);

		for (ssize_t i = count; i-- > 0;)
			if (chunk[i] == '\n' && begin + i != status.st_size - 1 && ++seen == lines)
				return begin + i + 1;
		end = begin;
	}
	return 0;
}

/* A watch on the folder, where the log may still have to be made; -1 without inotify. */
static int watch(int dir)
{
	char path[64];
	_cleanup_fd int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);

	snprintf(path, sizeof path, "/proc/self/fd/%d", dir);
	if (fd < 0 ||
	    inotify_add_watch(fd, path, IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_CLOSE_WRITE) < 0)
		return -1;
	return cleanup_take_fd(&fd);
}

static void wait_for_more(int notify)
{
	char events[4096];

	if (notify < 0)
		usleep(50000);
	else if (io_wait_readable(notify, ASK_AGAIN_MS) > 0)
		while (read(notify, events, sizeof events) > 0)
			;
}

static void follow(struct reader *reader, const struct container *container)
{
	_cleanup_fd int notify = watch(reader->dir);
	int64_t until = reader->request->until;

	for (bool ended = false; !ended && reader->failure == 0;) {
		ended = container->status != CONTAINER_RUNNING || !folder_is_locked(reader->dir) ||
		        (until != 0 && state_now() > until);
		read_all(reader);
		if (!ended)
			wait_for_more(notify);
	}
}

int container_logs(const struct paths *paths, const struct logs_request *request, struct error *err)
{
	_cleanup_arena struct arena arena = {};
	struct container container;
	struct reader reader = { .request = request, .fd = -1 };

	if (control_open(&container, &arena, paths, request->name, err) < 0)
		return -1;
	reader.dir = container.dir;
	reader.fd = openat(reader.dir, "log", O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (reader.fd >= 0 && request->tail >= 0)
		lseek(reader.fd, tail_offset(reader.fd, request->tail), SEEK_SET);
	read_all(&reader);
	if (request->follow)
		follow(&reader, &container);
	cleanup_close(&reader.fd);
	text_done(&reader.rest);
	text_done(&reader.line.text);
	text_done(&reader.out[LOG_STDOUT]);
	text_done(&reader.out[LOG_STDERR]);
	container_close(&container);
	return reader.failure == 0 ? 0 : error_set(err, reader.failure, "cannot write the log");
}
