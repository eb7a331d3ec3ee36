/*
 * logs: reads a container's log back, whole or from its tail, and follows it until the container
 * ends.
 */
#include "runtime/container/folder.h"

#include "runtime/container/channel.h"
#include "runtime/container/log.h"
#include "runtime/container/terminal.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

enum { CHUNK = 65536 };

struct reader {
	const struct logs_request *request;
	int fd;
	struct text rest; /* the beginning of a line whose end is not there yet */
	struct log_line line;
	bool failed; /* our standard output is gone */
};

static void print_line(struct reader *reader, const char *json, size_t length)
{
	const struct logs_request *request = reader->request;
	int fd;

	if (!log_parse(&reader->line, json, length))
		return;
	if ((request->since != 0 && reader->line.nanoseconds < request->since) ||
	    (request->until != 0 && reader->line.nanoseconds > request->until))
		return;
	fd = reader->line.stream == LOG_STDOUT ? STDOUT_FILENO : STDERR_FILENO;
	if (request->timestamps && dprintf(fd, "%s ", reader->line.time) < 0)
		reader->failed = true;
	if (io_write_all(fd, text_string(&reader->line.text), reader->line.text.length) < 0)
		reader->failed = true;
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
	for (;;) {
		const char *line = reader->rest.data + start;
		const char *end = memchr(line, '\n', reader->rest.length - start);

		if (end == NULL || reader->failed)
			break;
		print_line(reader, line, (size_t)(end - line));
		start = (size_t)(end - reader->rest.data) + 1;
	}
	memmove(reader->rest.data, reader->rest.data + start, reader->rest.length - start);
	reader->rest.length -= start;
	return !reader->failed;
}

/* The offset of the last `lines` lines, looked for from the end in chunks. */
static off_t tail_offset(int fd, int64_t lines)
{
	char chunk[CHUNK];
	struct stat status;
	off_t end;
	int64_t seen = 0;

	if (fstat(fd, &status) < 0)
		return 0;
	for (end = status.st_size; end > 0;) {
		off_t begin = end > CHUNK ? end - CHUNK : 0;
		ssize_t count = pread(fd, chunk, (size_t)(end - begin), begin);

		for (ssize_t i = count; i-- > 0;) {
			if (chunk[i] != '\n' || begin + i == status.st_size - 1)
				continue;
			if (++seen == lines)
				return begin + i + 1;
		}
		end = begin;
	}
	return 0;
}

static void follow(struct reader *reader, const struct container *container)
{
	for (bool ended = false; !ended && !reader->failed;) {
		/* asked before the read: what was written until then is read afterwards */
		ended = container->status != CONTAINER_RUNNING || !folder_is_locked(container->dir);
		while (read_more(reader))
			;
		if (!ended)
			usleep(20000);
	}
}

int container_logs(const struct paths *paths, const struct logs_request *request, struct error *err)
{
	_cleanup_arena struct arena arena = {};
	struct container container;
	struct reader reader = { .request = request, .fd = -1 };
	int found = container_open(&container, &arena, paths, request->name, err);

	if (found == 0) {
		error_set(err, 0, "no such container: %.200s", request->name);
		return error_hint(err, "see cordon ps -a");
	}
	if (found < 0)
		return -1;
	reader.fd = openat(container.dir, "log", O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (reader.fd >= 0 && request->tail >= 0)
		lseek(reader.fd, request->tail == 0 ? 0 : tail_offset(reader.fd, request->tail),
		      request->tail == 0 ? SEEK_END : SEEK_SET);
	while (reader.fd >= 0 && read_more(&reader))
		;
	if (reader.fd >= 0 && request->follow)
		follow(&reader, &container);
	cleanup_close(&reader.fd);
	text_done(&reader.rest);
	text_done(&reader.line.text);
	container_close(&container);
	return 0;
}

int container_attach(const struct paths *paths, const char *name, bool interactive,
                     const char *detach_keys, struct error *err)
{
	_cleanup_arena struct arena arena = {};
	struct container container;
	_cleanup_fd int channel = -1;
	bool terminal;
	int found = container_open(&container, &arena, paths, name, err);

	if (found == 0)
		return error_set(err, 0, "no such container: %.200s", name);
	if (found < 0)
		return -1;
	terminal = value_boolean(value_get(container.state, "terminal"), false);
	container_close(&container);
	if (container.status != CONTAINER_RUNNING)
		return error_set(err, 0, "cannot attach to container %s: it is not running", name);
	channel = channel_connect(paths->run, container.id, err);
	return channel < 0 ? -1 : terminal_attach(channel, terminal, interactive, detach_keys, err);
}
