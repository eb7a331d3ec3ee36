#include "runtime/registry/client/exchange.h"

#include "runtime/registry/client/answer.h"
#include "runtime/registry/client/header.h"
#include "runtime/registry/client/url.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"

#include <inttypes.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>

#define MILLISECOND UINT64_C(1000000)

enum {
	FAILURES = 5,   /* in a row, without a byte between them */
	ATTEMPTS = 100, /* at all: who gives a byte a time does not keep us for ever */
	FIRST_WAIT = 250,
	LONGEST_WAIT = 30000, /* milliseconds */
	TOLD_EVERY = 100,
	DOCUMENT = 4 << 20,
};

#define ACCEPT_MANIFESTS                                                                           \
	"application/vnd.oci.image.index.v1+json, "                                                \
	"application/vnd.docker.distribution.manifest.list.v2+json, "                              \
	"application/vnd.oci.image.manifest.v1+json, "                                             \
	"application/vnd.docker.distribution.manifest.v2+json"

/* %1$s: the repository, %2$s: the question's name, %3$s: its `from`. */
static const struct way {
	const char *method, *path, *accept;
	bool fetches, sends;
} ways[] = {
	[REGISTRY_PING] = { "GET", "", NULL, false, false },
	[REGISTRY_MANIFEST] = { "GET", "%1$s/manifests/%2$s", ACCEPT_MANIFESTS, true, false },
	[REGISTRY_BLOB] = { "GET", "%1$s/blobs/%2$s", NULL, true, false },
	[REGISTRY_REFERRERS] = { "GET", "%1$s/referrers/%2$s",
	                         "application/vnd.oci.image.index.v1+json", true, false },
	[REGISTRY_TAGS] = { "GET", "%1$s/tags/list", NULL, true, false },
	[REGISTRY_BLOB_HEAD] = { "HEAD", "%1$s/blobs/%2$s", NULL, false, false },
	[REGISTRY_BLOB_MOUNT] = { "POST", "%1$s/blobs/uploads/?mount=%2$s&from=%3$s", NULL, false,
	                          false },
	[REGISTRY_BLOB_PUT] = { "POST", "%1$s/blobs/uploads/", NULL, false, false },
	[REGISTRY_MANIFEST_PUT] = { "PUT", "%1$s/manifests/%2$s", NULL, false, true },
};
_Static_assert(ARRAY_SIZE(ways) == REGISTRY_ACTIONS, "a way for every action");

static void speak(const struct registry_answer *answer)
{
	int flags = MSG_NOSIGNAL | (answer->word == REGISTRY_PROGRESS ? MSG_DONTWAIT : 0);

	/* An engine that is gone takes this process with it; progress may be lost. */
	if (send(REGISTRY_FD_TALK, answer, sizeof *answer, flags) < 0 &&
	    answer->word != REGISTRY_PROGRESS)
		_exit(EXIT_ENGINE);
}

static struct registry_answer answer_to(const struct exchange *exchange, enum registry_word word)
{
	return (struct registry_answer){ .number = exchange->question.number,
		                         .word = word,
		                         .bytes = exchange->delivered };
}

static void end(struct exchange *exchange, struct registry_answer *answer)
{
	http_done(&exchange->call);
	cleanup_close(&exchange->body);
	arena_done(&exchange->arena);
	*exchange = (struct exchange){ .body = -1 };
	speak(answer);
}

static void fail(struct exchange *exchange, const struct error *err)
{
	struct registry_answer answer = answer_to(exchange, REGISTRY_DONE);

	answer.result = -1;
	answer.error = *err;
	end(exchange, &answer);
}

/* What may come in pages. */
static bool is_list(const struct exchange *exchange)
{
	return exchange->question.action == REGISTRY_REFERRERS ||
	       exchange->question.action == REGISTRY_TAGS;
}

static void succeed(struct exchange *exchange, bool there)
{
	struct registry_answer answer = answer_to(exchange, REGISTRY_DONE);

	answer.there = there;
	header_media_type(answer.media_type, sizeof answer.media_type, exchange->call.media_type);
	snprintf(answer.digest, sizeof answer.digest, "%s", exchange->call.digest);
	answer.subject = exchange->call.subject;
	if (is_list(exchange) && !exchange->call.elsewhere)
		url_next(answer.next, sizeof answer.next, text_string(&exchange->call.next),
		         exchange->call.url);
	end(exchange, &answer);
}

/* ---- asking ---- */

/* "https://HOST/PATH" */
static const char *url_of(const struct client *client, struct arena *arena, const char *path)
{
	return arena_printf(arena, "%s://%s/%s", client->plain ? "http" : "https",
	                    client->setup->host, path);
}

static void ask(struct client *client, struct exchange *exchange)
{
	const struct registry_question *question = &exchange->question;
	const struct way *way = &ways[question->action];
	struct http_call *call = &exchange->call;
	struct arena *arena = &exchange->arena;

	*call = (struct http_call){ .body = -1, .sink = -1, .limit = DOCUMENT, .owner = exchange };
	if (exchange->stage == STAGE_SEND) {
		call->method = "PUT";
		call->url = exchange->upload;
		call->content_type = "application/octet-stream";
	} else {
		const char *path = arena_printf(arena, way->path, client->setup->repository,
		                                question->name, question->from);

		exchange->stage = STAGE_ASK;
		call->method = way->method;
		call->accept = way->accept;
		call->url = url_of(client, arena,
		                   question->next[0] == '/' ? question->next + 1
		                                            : arena_printf(arena, "v2/%s", path));
		if (question->media_type[0] != '\0')
			call->content_type = question->media_type;
	}
	if (way->fetches) {
		call->sink = exchange->body;
		call->limit = question->size;
		call->from = question->offset + exchange->delivered;
		call->whole = exchange->whole;
	}
	if (way->sends || exchange->stage == STAGE_SEND) {
		call->body = exchange->body;
		call->body_size = question->size;
	}
	if (client->authorization.length > 0 &&
	    (exchange->stage == STAGE_ASK || url_same_origin(call->url, url_of(client, arena, ""))))
		call->authorization = arena_strdup(arena, text_string(&client->authorization));
	exchange->generation = client->generation;
	exchange->wake = 0;
	http_start(client->http, call);
}

void exchange_begin(struct client *client, const struct registry_question *question, int body)
{
	struct exchange *exchange = client->exchanges;

	while (exchange->active)
		exchange++; /* main reads a question only where there is room */
	*exchange = (struct exchange){ .active = true, .question = *question, .body = body };
	ask(client, exchange);
}

void exchange_wake(struct client *client, struct exchange *exchange)
{
	if (exchange->active && exchange->wake != 0 && exchange->wake <= io_now())
		ask(client, exchange);
}

void exchange_tell(struct exchange *exchange)
{
	struct registry_answer answer = answer_to(exchange, REGISTRY_PROGRESS);
	uint64_t now = io_now();
	bool moves = ways[exchange->question.action].fetches || exchange->stage == STAGE_SEND;

	if (!exchange->active || !moves || exchange->stage == STAGE_TOKEN ||
	    now - exchange->told < TOLD_EVERY * MILLISECOND)
		return;
	exchange->told = now;
	answer.bytes += exchange->call.passed;
	speak(&answer);
}

/* ---- trying again ---- */

/* Twice as long each time, with some chance in it, so that many clients do not come back at once.
 */
static uint64_t wait_before(unsigned failures, unsigned asked_seconds)
{
	uint64_t wait = (uint64_t)FIRST_WAIT << (failures - 1);
	unsigned char chance = 0;

	if (getrandom(&chance, sizeof chance, GRND_NONBLOCK) < 0)
		chance = 0;
	wait += wait * chance / 512;
	if (wait < asked_seconds * UINT64_C(1000))
		wait = asked_seconds * UINT64_C(1000);
	return wait > LONGEST_WAIT ? LONGEST_WAIT : wait;
}

static void try_again(struct exchange *exchange, struct error *why)
{
	struct registry_answer answer = answer_to(exchange, REGISTRY_WAITING);
	bool moved = exchange->call.sink >= 0 && exchange->call.passed > 0;
	unsigned retry_after = answer_retry_after(&exchange->call);
	uint64_t wait;

	if (exchange->call.sink >= 0)
		exchange->delivered += exchange->call.passed;
	exchange->failures = moved ? 1 : exchange->failures + 1;
	if (moved)
		exchange->challenges = 0; /* tokens live for minutes, and a large blob for longer */
	if (exchange->failures > FAILURES || ++exchange->attempts > ATTEMPTS) {
		fail(exchange, why);
		return;
	}
	http_done(&exchange->call);
	/* An upload begins anew: half of it may be there or not. */
	if (exchange->stage == STAGE_SEND)
		exchange->stage = STAGE_ASK;
	wait = wait_before(exchange->failures, retry_after);
	exchange->wake = io_now() + wait * MILLISECOND;
	answer.error = *why;
	error_hint(&answer.error, "trying again in %" PRIu64 ".%" PRIu64 " s", wait / 1000,
	           wait % 1000 / 100);
	speak(&answer);
}

/* ---- what an answer means ---- */

static bool may_pass(long status)
{
	return status == 408 || status == 429 || status == 500 || status == 502 || status == 503 ||
	       status == 504;
}

static bool is_question_of_being(const struct exchange *exchange)
{
	uint32_t action = exchange->question.action;

	return action == REGISTRY_BLOB_HEAD || action == REGISTRY_MANIFEST || is_list(exchange);
}

/* A registry may send us to another origin, for a blob or with one. What that one wants to know
 * (CVE-2020-15157: the password, at a token service of its own) it is not told. */
static bool is_asked_elsewhere(const struct client *client, struct exchange *exchange)
{
	return exchange->call.elsewhere ||
	       !url_same_origin(exchange->call.url, url_of(client, &exchange->arena, ""));
}

static void unauthorized(struct client *client, struct exchange *exchange)
{
	struct error err;
	int result;

	if (is_asked_elsewhere(client, exchange)) {
		error_set(&err, 0,
		          "%s sends us to another place, which wants to know who asks; "
		          "credentials are for the registry itself",
		          client->setup->host);
		fail(exchange, &err);
		return;
	}
	result = token_answer_challenge(client, exchange, &err);
	if (result == 1)
		ask(client, exchange);
	else if (result < 0)
		fail(exchange, &err);
}

/* Where to send the blob, behind what was said there. */
static void send_blob(struct client *client, struct exchange *exchange)
{
	const char *place = text_string(&exchange->call.location);
	struct error err;

	if (place[0] == '\0') {
		error_set(&err, 0, "%s does not say where to send the blob", client->setup->host);
		fail(exchange, &err);
		return;
	}
	exchange->upload =
	        arena_printf(&exchange->arena, "%s%cdigest=%s", place,
	                     strchr(place, '?') == NULL ? '?' : '&', exchange->question.name);
	http_done(&exchange->call);
	exchange->stage = STAGE_SEND;
	ask(client, exchange);
}

/* Bytes of the question's that have come, of this attempt as well. */
static uint64_t reached(const struct exchange *exchange)
{
	return exchange->question.offset + exchange->delivered + exchange->call.passed;
}

/* A body that ends early, and the connection is well: chunked, or no more is given at a time. */
static bool is_cut(const struct exchange *exchange)
{
	return exchange->question.action == REGISTRY_BLOB &&
	       reached(exchange) != exchange->question.size;
}

static void good(struct client *client, struct exchange *exchange)
{
	struct error err;

	if (exchange->question.action == REGISTRY_BLOB_PUT && exchange->stage == STAGE_ASK) {
		send_blob(client, exchange);
	} else if (is_cut(exchange)) {
		error_set(&err, 0, "%s sent %" PRIu64 " bytes of the blob and not the rest",
		          client->setup->host, reached(exchange));
		try_again(exchange, &err);
	} else {
		if (ways[exchange->question.action].fetches)
			exchange->delivered += exchange->call.passed;
		/* a mount that is not granted is an upload that was begun: 202 */
		succeed(exchange, exchange->question.action != REGISTRY_BLOB_MOUNT ||
		                          exchange->call.status == 201);
	}
}

static void token_came(struct client *client, struct exchange *exchange)
{
	struct error err;
	long status = exchange->call.status;

	if (may_pass(status)) {
		error_set(&err, 0, "the token service of %s answered with status %ld",
		          client->setup->host, status);
		exchange->stage = STAGE_ASK;
		try_again(exchange, &err);
	} else if (status < 200 || status >= 300) {
		exchange_explain(&err, client, exchange);
		fail(exchange, &err);
	} else if (token_take(client, exchange, &err) < 0) {
		fail(exchange, &err);
	} else {
		exchange->stage = STAGE_ASK;
		ask(client, exchange);
	}
}

static void answered(struct client *client, struct exchange *exchange)
{
	long status = exchange->call.status;
	struct error err;

	client->settled = true;
	if (exchange->stage == STAGE_TOKEN) {
		token_came(client, exchange);
	} else if (status >= 200 && status < 300) {
		good(client, exchange);
	} else if (status == 401) {
		unauthorized(client, exchange);
	} else if (status == 416 && exchange->call.from > 0 && !exchange->whole) {
		exchange->whole = true;
		http_done(&exchange->call);
		ask(client, exchange);
	} else if (status == 404 && is_question_of_being(exchange)) {
		succeed(exchange, false);
	} else {
		exchange_explain(&err, client, exchange);
		if (may_pass(status))
			try_again(exchange, &err);
		else
			fail(exchange, &err);
	}
}

void exchange_advance(struct client *client, struct exchange *exchange)
{
	struct http_call *call = &exchange->call;
	struct error why;

	if (exchange_turn_scheme(client, exchange)) {
		http_done(call);
		ask(client, exchange);
		return;
	}
	if (call->outcome == HTTP_ANSWERED) {
		answered(client, exchange);
		return;
	}
	why = call->error;
	error_prefix(&why, "%s", client->setup->host);
	if (call->outcome == HTTP_NO_TLS && !client->setup->insecure && !client->settled &&
	    why.hint[0] == '\0')
		error_hint(&why, "a registry without TLS is marked insecure in registries.conf");
	/* Who has not answered once is not there, as far as we can know. */
	if (client->settled && (call->outcome == HTTP_BROKEN || call->outcome == HTTP_NO_TLS))
		try_again(exchange, &why);
	else
		fail(exchange, &why);
}
