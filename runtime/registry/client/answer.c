#include "runtime/registry/client/answer.h"

#include "runtime/registry/client/header.h"
#include "sandbox/base/cleanup.h"

#include <inttypes.h>
#include <string.h>
#include <strings.h>
#include <time.h>

enum { KEPT = 64 << 10 /* bytes of an error's body */ };

/* ---- headers ---- */

static void take_text(char *ret, size_t room, const char *value)
{
	size_t length = strlen(value);

	if (length >= room)
		length = 0;
	memcpy(ret, value, length);
	ret[length] = '\0';
}

static void take_media_type(struct http_call *call, const char *value)
{
	take_text(call->media_type, sizeof call->media_type, value);
}

static void take_digest(struct http_call *call, const char *value)
{
	take_text(call->digest, sizeof call->digest, value);
}

static void take_challenge(struct http_call *call, const char *value)
{
	text_printf(&call->challenges, "%s\n", value);
}

static void take_retry(struct http_call *call, const char *value)
{
	call->retry_after = header_seconds(value);
	call->retry_at = header_date(value);
}

/* A date is one by the clock of whoever wrote it. */
static void take_date(struct http_call *call, const char *value)
{
	call->date = header_date(value);
}

static void take_range(struct http_call *call, const char *value)
{
	call->partial = header_range_starts(value, call->from);
}

static void take_location(struct http_call *call, const char *value)
{
	text_clear(&call->location);
	text_append(&call->location, value);
}

static void take_link(struct http_call *call, const char *value)
{
	_cleanup_arena struct arena arena = {};
	const char *next = header_next(&arena, value);

	if (next == NULL)
		return;
	text_clear(&call->next);
	text_append(&call->next, next);
}

static void take_subject(struct http_call *call, const char *value)
{
	call->subject = value[0] != '\0';
}

unsigned answer_retry_after(const struct http_call *call)
{
	int64_t now = call->date > 0 ? call->date : time(NULL);

	return call->retry_after > 0 ? call->retry_after : header_until(call->retry_at, now);
}

static const struct row {
	const char *name;
	void (*take)(struct http_call *call, const char *value);
} rows[] = {
	{ "Content-Type", take_media_type },
	{ "Docker-Content-Digest", take_digest },
	{ "WWW-Authenticate", take_challenge },
	{ "Retry-After", take_retry },
	{ "Content-Range", take_range },
	{ "Location", take_location },
	{ "OCI-Subject", take_subject },
	{ "Link", take_link },
	{ "Date", take_date },
};

/* A status line: of a redirect, or of the last answer. What was before is void. */
static void begin_again(struct http_call *call)
{
	call->media_type[0] = call->digest[0] = '\0';
	text_clear(&call->challenges);
	text_clear(&call->location);
	text_clear(&call->next);
	call->retry_after = 0;
	call->retry_at = call->date = 0;
	call->partial = call->subject = false;
}

void answer_header(struct http_call *call, const char *line, size_t length)
{
	struct header header;

	if (length > 5 && strncasecmp(line, "HTTP/", 5) == 0) {
		begin_again(call);
		return;
	}
	if (!header_parse(&header, line, length))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (strcasecmp(header.name, rows[i].name) == 0)
			rows[i].take(call, header.value);
}

/* ---- the body ---- */

static enum answer_taking end(struct http_call *call, enum http_outcome outcome)
{
	call->outcome = outcome;
	return ANSWER_ENDS;
}

static bool is_good(const struct http_call *call)
{
	return call->status >= 200 && call->status < 300;
}

/* The first bytes: of which part are they? */
static bool begin(struct http_call *call)
{
	call->begun = true;
	if (call->from > 0 && call->status == 206 && !call->partial) {
		error_set(&call->error, 0, "the registry sent another part than it was asked for");
		return false;
	}
	if (call->from > 0 && call->status == 200)
		call->skip = call->from;
	return true;
}

static enum answer_taking keep(struct http_call *call, const char *bytes, size_t length)
{
	if (is_good(call) && call->text.length + length > call->limit) {
		error_set(&call->error, 0,
		          "the answer has more than the %" PRIu64 " bytes it may have",
		          call->limit);
		return end(call, HTTP_REFUSED);
	}
	if (is_good(call) || call->text.length + length <= KEPT)
		text_append_bytes(&call->text, bytes, length);
	return ANSWER_TAKEN;
}

/* Writes what the sink takes; what it has taken is passed over when the bytes are given again. */
static enum answer_taking pour(struct http_call *call, const char *bytes, size_t length)
{
	size_t done = (size_t)call->skip;

	while (done < length) {
		ssize_t count = write(call->sink, bytes + done, length - done);

		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0 && errno == EAGAIN) {
			call->skip = done;
			return ANSWER_WAITS;
		}
		if (count < 0) {
			error_set(&call->error, errno, "cannot write what was fetched");
			return end(call, HTTP_UNREAD);
		}
		done += (size_t)count;
		call->passed += (size_t)count;
	}
	call->skip = 0;
	return ANSWER_TAKEN;
}

enum answer_taking answer_body(struct http_call *call, const char *bytes, size_t length)
{
	if (!call->begun && !begin(call))
		return end(call, HTTP_REFUSED);
	if (call->sink < 0 || !is_good(call))
		return keep(call, bytes, length);
	if (call->skip >= length) {
		call->skip -= length;
		return ANSWER_TAKEN;
	}
	if (call->from + call->passed + (length - call->skip) > call->limit) {
		error_set(&call->error, 0,
		          "the registry sent more than the %" PRIu64 " bytes that were announced",
		          call->limit);
		return end(call, HTTP_REFUSED);
	}
	return pour(call, bytes, length);
}

void answer_wait(const struct http_call *call)
{
	struct pollfd sink = { call->sink, POLLOUT, 0 };

	while (poll(&sink, 1, -1) < 0 && errno == EINTR)
		;
}
