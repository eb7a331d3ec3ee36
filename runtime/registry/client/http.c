#include "runtime/registry/client/http.h"

#include "runtime/registry/client/answer.h"
#include "runtime/registry/client/tls.h"
#include "runtime/registry/client/trouble.h"
#include "runtime/registry/client/url.h"
#include "sandbox/base/cleanup.h"

#include <curl/curl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
	CALLS = 32,         /* at once, at most */
	BUFFER = 256 << 10, /* bytes libcurl reads at a time */
	REDIRECTS = 10,
	CONNECT_SECONDS = 15,
	SLOW_BYTES = 64,
	SLOW_SECONDS = 30, /* below so many bytes a second for so long: stalled */
};

struct http_private {
	CURL *easy;
	struct curl_slist *headers;
	struct http *http;
	bool waiting; /* the sink is full */
	off_t sent;
	char range[24];
	char reason[CURL_ERROR_SIZE];
};

struct http {
	CURLM *multi;
	struct http_options options;
	struct http_call *calls[CALLS];
	bool certificate_wanted; /* by a peer, and there is none */
};

static void require(bool success)
{
	if (!success)
		abort();
}

int http_open(struct http **ret, const struct http_options *options, struct error *err)
{
	struct http *http = calloc(1, sizeof *http);

	require(http != NULL);
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
		free(http);
		return error_set(err, 0, "cannot start libcurl");
	}
	http->options = *options;
	http->multi = curl_multi_init();
	require(http->multi != NULL);
	*ret = http;
	return 0;
}

/* ---- what comes: answer.c ---- */

static size_t take_header(char *bytes, size_t size, size_t count, void *context)
{
	answer_header(context, bytes, size * count);
	return size * count;
}

/* One connection for several calls (HTTP/2): what is sent for one that waits libcurl would keep in
 * memory, up to a window of 32 MiB each. All of them wait instead. */
static bool is_shared(CURL *easy)
{
	long version = 0;

	curl_easy_getinfo(easy, CURLINFO_HTTP_VERSION, &version);
	return version >= CURL_HTTP_VERSION_2_0;
}

static size_t take_body(char *bytes, size_t size, size_t count, void *context)
{
	struct http_call *call = context;
	struct http_private *state = call->state;
	enum answer_taking taking;

	curl_easy_getinfo(state->easy, CURLINFO_RESPONSE_CODE, &call->status);
	taking = answer_body(call, bytes, size * count);
	while (taking == ANSWER_WAITS && is_shared(state->easy)) {
		answer_wait(call);
		taking = answer_body(call, bytes, size * count);
	}
	state->waiting = taking == ANSWER_WAITS;
	if (state->waiting)
		return CURL_WRITEFUNC_PAUSE;
	return taking == ANSWER_TAKEN ? size * count : 0; /* 0: libcurl ends the transfer */
}

/* ---- what goes ---- */

static size_t give_body(char *bytes, size_t size, size_t count, void *context)
{
	struct http_call *call = context;
	struct http_private *state = call->state;
	size_t room = size * count;
	uint64_t left = call->body_size - (uint64_t)state->sent;
	ssize_t done = pread(call->body, bytes, room < left ? room : (size_t)left, state->sent);

	if (done < 0 || (done == 0 && left > 0)) {
		error_set(&call->error, done < 0 ? errno : 0, "cannot read what is to be sent");
		call->outcome = HTTP_REFUSED;
		return CURL_READFUNC_ABORT;
	}
	state->sent += done;
	if ((uint64_t)state->sent > call->passed)
		call->passed = (uint64_t)state->sent;
	return (size_t)done;
}

static int seek_body(void *context, curl_off_t offset, int origin)
{
	struct http_call *call = context;

	if (origin != SEEK_SET)
		return CURL_SEEKFUNC_CANTSEEK;
	call->state->sent = offset;
	return CURL_SEEKFUNC_OK;
}

/* ---- a call ---- */

static void add_header(struct http_private *state, const char *name, const char *value)
{
	_cleanup_text struct text line = {};
	struct curl_slist *longer;

	if (value == NULL)
		return;
	text_printf(&line, "%s: %s", name, value);
	longer = curl_slist_append(state->headers, text_string(&line));
	require(longer != NULL);
	state->headers = longer;
}

static void set_blob(CURL *easy, CURLoption option, const struct http_bytes *bytes)
{
	struct curl_blob blob = { (void *)bytes->data, bytes->length, CURL_BLOB_NOCOPY };

	if (bytes->length > 0)
		curl_easy_setopt(easy, option, &blob);
}

static CURLcode watch_handshake(CURL *easy, void *context, void *asked)
{
	(void)easy;
	tls_watch(context, asked);
	return CURLE_OK;
}

static void set_trust(CURL *easy, struct http *http)
{
	const struct http_options *options = &http->options;
	const char *file = getenv("SSL_CERT_FILE"), *folder = getenv("SSL_CERT_DIR");
	const char *schemes = options->insecure ? "http,https" : "https";

	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, schemes);
	curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, schemes);
	curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, options->insecure ? 0L : 1L);
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, options->insecure ? 0L : 2L);
	if (file != NULL)
		curl_easy_setopt(easy, CURLOPT_CAINFO, file);
	if (folder != NULL)
		curl_easy_setopt(easy, CURLOPT_CAPATH, folder);
	set_blob(easy, CURLOPT_CAINFO_BLOB, &options->authorities);
	set_blob(easy, CURLOPT_SSLCERT_BLOB, &options->certificate);
	set_blob(easy, CURLOPT_SSLKEY_BLOB, &options->key);
	if (options->certificate.length == 0) {
		curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, watch_handshake);
		curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, &http->certificate_wanted);
	}
}

static void set_limits(CURL *easy)
{
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, (long)BUFFER);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_SECONDS);
	curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, (long)SLOW_BYTES);
	curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, (long)SLOW_SECONDS);
	curl_easy_setopt(easy, CURLOPT_MAXREDIRS, (long)REDIRECTS);
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
	curl_easy_setopt(easy, CURLOPT_HTTP_CONTENT_DECODING, 0L);
	/* not Kerberos, which libexec/curl leaves out */
	curl_easy_setopt(easy, CURLOPT_SOCKS5_AUTH, (long)CURLAUTH_BASIC);
}

static void set_question(CURL *easy, struct http_call *call)
{
	struct http_private *state = call->state;

	curl_easy_setopt(easy, CURLOPT_URL, call->url);
	/* a form holds a secret for one place */
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, call->form == NULL ? 1L : 0L);
	if (strcmp(call->method, "HEAD") == 0)
		curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
	else if (call->form != NULL)
		curl_easy_setopt(easy, CURLOPT_POSTFIELDS, call->form);
	else if (call->body >= 0)
		curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
	if (call->body >= 0) {
		curl_easy_setopt(easy, CURLOPT_READFUNCTION, give_body);
		curl_easy_setopt(easy, CURLOPT_READDATA, call);
		curl_easy_setopt(easy, CURLOPT_SEEKFUNCTION, seek_body);
		curl_easy_setopt(easy, CURLOPT_SEEKDATA, call);
		curl_easy_setopt(easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t)call->body_size);
		/* no round trip for "100 Continue" */
		add_header(state, "Expect", "");
	}
	if (strcmp(call->method, "HEAD") != 0)
		curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, call->method);
	/* Not CURLOPT_RESUME_FROM: that takes a whole answer for an error. */
	if (call->from > 0 && !call->whole) {
		snprintf(state->range, sizeof state->range, "%" PRIu64 "-", call->from);
		curl_easy_setopt(easy, CURLOPT_RANGE, state->range);
	}
	add_header(state, "Accept", call->accept);
	add_header(state, "Content-Type", call->content_type);
	/* libcurl drops it when a redirect leads to another scheme, host or port. */
	add_header(state, "Authorization", call->authorization);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, state->headers);
}

static void put_call(struct http *http, struct http_call *call)
{
	for (size_t i = 0; i < CALLS; i++)
		if (http->calls[i] == NULL) {
			http->calls[i] = call;
			return;
		}
	abort(); /* the engine asks for less */
}

void http_start(struct http *http, struct http_call *call)
{
	struct http_private *state = calloc(1, sizeof *state);

	require(state != NULL);
	call->state = state;
	call->outcome = HTTP_ANSWERED;
	call->status = 0;
	call->passed = 0;
	state->http = http;
	state->easy = curl_easy_init();
	require(state->easy != NULL);
	set_limits(state->easy);
	set_trust(state->easy, http);
	set_question(state->easy, call);
	curl_easy_setopt(state->easy, CURLOPT_USERAGENT, http->options.agent);
	curl_easy_setopt(state->easy, CURLOPT_ERRORBUFFER, state->reason);
	curl_easy_setopt(state->easy, CURLOPT_PRIVATE, call);
	curl_easy_setopt(state->easy, CURLOPT_WRITEFUNCTION, take_body);
	curl_easy_setopt(state->easy, CURLOPT_WRITEDATA, call);
	curl_easy_setopt(state->easy, CURLOPT_HEADERFUNCTION, take_header);
	curl_easy_setopt(state->easy, CURLOPT_HEADERDATA, call);
	put_call(http, call);
	require(curl_multi_add_handle(http->multi, state->easy) == CURLM_OK);
}

/* What libcurl's codes mean to a caller. */
static enum http_outcome judge(CURLcode code)
{
	static const struct {
		CURLcode code;
		enum http_outcome outcome;
	} table[] = {
		{ CURLE_OK, HTTP_ANSWERED },
		{ CURLE_SSL_CONNECT_ERROR, HTTP_NO_TLS },
		{ CURLE_COULDNT_CONNECT, HTTP_NO_TLS },
		{ CURLE_PEER_FAILED_VERIFICATION, HTTP_REFUSED },
		{ CURLE_SSL_CACERT_BADFILE, HTTP_REFUSED },
		{ CURLE_UNSUPPORTED_PROTOCOL, HTTP_REFUSED },
		{ CURLE_URL_MALFORMAT, HTTP_REFUSED },
		{ CURLE_TOO_MANY_REDIRECTS, HTTP_REFUSED },
		{ CURLE_RANGE_ERROR, HTTP_REFUSED },
	};

	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		if (table[i].code == code)
			return table[i].outcome;
	/* a name that only the proxy for what is asked in the clear knows */
	if (code == CURLE_COULDNT_RESOLVE_HOST && trouble_is_proxied("http:"))
		return HTTP_NO_TLS;
	return HTTP_BROKEN;
}

static void explain(struct http_call *call, CURLcode code)
{
	struct http_private *state = call->state;
	struct trouble trouble = { .words = state->reason,
		                   .url = call->url,
		                   .proxy_unknown = code == CURLE_COULDNT_RESOLVE_PROXY,
		                   .refused = code == CURLE_COULDNT_CONNECT,
		                   .wants_certificate = state->http->certificate_wanted };

	curl_easy_getinfo(state->easy, CURLINFO_HTTP_CONNECTCODE, &trouble.proxy_status);
	curl_easy_getinfo(state->easy, CURLINFO_SSL_VERIFYRESULT, &trouble.verify_result);
	if (state->reason[0] == '\0')
		trouble.words = curl_easy_strerror(code);
	trouble_explain(&call->error, &trouble);
}

static void finish(struct http_call *call, CURLcode code)
{
	struct http_private *state = call->state;
	const char *last = NULL;

	curl_easy_getinfo(state->easy, CURLINFO_RESPONSE_CODE, &call->status);
	curl_easy_getinfo(state->easy, CURLINFO_EFFECTIVE_URL, &last);
	call->elsewhere = last != NULL && !url_same_origin(call->url, last);
	if (call->location.length > 0)
		url_resolve(&call->location, call->url);
	if (call->outcome != HTTP_ANSWERED)
		return;
	call->outcome = judge(code);
	if (call->outcome == HTTP_ANSWERED)
		return;
	explain(call, code);
}

struct http_call *http_next(struct http *http)
{
	struct http_call *call = NULL;
	CURLMsg *message;
	int left;

	do {
		message = curl_multi_info_read(http->multi, &left);
		if (message == NULL)
			return NULL;
	} while (message->msg != CURLMSG_DONE);
	curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&call);
	finish(call, message->data.result);
	return call;
}

void http_done(struct http_call *call)
{
	struct http_private *state = call->state;
	struct http *http;

	text_done(&call->text);
	text_done(&call->challenges);
	text_done(&call->location);
	text_done(&call->next);
	if (state == NULL)
		return;
	http = state->http;
	for (size_t i = 0; i < CALLS; i++)
		if (http->calls[i] == call)
			http->calls[i] = NULL;
	curl_multi_remove_handle(http->multi, state->easy);
	curl_easy_cleanup(state->easy);
	curl_slist_free_all(state->headers);
	free(state);
	call->state = NULL;
}

void http_wait(struct http *http, struct pollfd *extra, int timeout_ms)
{
	struct curl_waitfd waits[CALLS + 1] = { { extra->fd, CURL_WAIT_POLLIN, 0 } };
	struct http_call *paused[CALLS];
	unsigned count = 0;
	int running;

	for (size_t i = 0; i < CALLS; i++)
		if (http->calls[i] != NULL && http->calls[i]->state->waiting) {
			paused[count++] = http->calls[i];
			waits[count] =
			        (struct curl_waitfd){ http->calls[i]->sink, CURL_WAIT_POLLOUT, 0 };
		}
	require(curl_multi_poll(http->multi, waits, count + 1, timeout_ms, NULL) == CURLM_OK);
	extra->revents = waits[0].revents != 0 ? POLLIN : 0;
	for (unsigned i = 0; i < count; i++)
		/* an error counts: the next write says which */
		if (waits[i + 1].revents != 0) {
			paused[i]->state->waiting = false;
			curl_easy_pause(paused[i]->state->easy, CURLPAUSE_CONT);
		}
	require(curl_multi_perform(http->multi, &running) == CURLM_OK);
}
