#include "runtime/registry/client/url.h"

#include "sandbox/base/cleanup.h"

#include <curl/urlapi.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

const char *url_escape(struct arena *arena, const char *text)
{
	char *escaped = curl_easy_escape(NULL, text, (int)strlen(text));
	const char *copy;

	if (escaped == NULL)
		abort();
	copy = arena_strdup(arena, escaped);
	curl_free(escaped);
	return copy;
}

/* "https://host:443" */
static bool origin(struct text *ret, const char *text)
{
	static const CURLUPart parts[] = { CURLUPART_SCHEME, CURLUPART_HOST, CURLUPART_PORT };
	CURLU *url = curl_url();
	bool whole;

	if (url == NULL)
		abort();
	whole = curl_url_set(url, CURLUPART_URL, text, 0) == CURLUE_OK;
	for (size_t i = 0; whole && i < ARRAY_SIZE(parts); i++) {
		char *part = NULL;

		whole = curl_url_get(url, parts[i], &part, CURLU_DEFAULT_PORT) == CURLUE_OK;
		if (whole)
			text_printf(ret, "%s ", part);
		curl_free(part);
	}
	curl_url_cleanup(url);
	return whole;
}

bool url_same_origin(const char *a, const char *b)
{
	_cleanup_text struct text first = {}, second = {};

	return origin(&first, a) && origin(&second, b) &&
	       strcasecmp(text_string(&first), text_string(&second)) == 0;
}

void url_resolve(struct text *location, const char *base)
{
	CURLU *url = curl_url();
	char *whole = NULL;

	if (url == NULL)
		abort();
	if (curl_url_set(url, CURLUPART_URL, base, 0) == CURLUE_OK &&
	    curl_url_set(url, CURLUPART_URL, text_string(location), 0) == CURLUE_OK)
		curl_url_get(url, CURLUPART_URL, &whole, 0); /* a failure leaves it NULL */
	text_clear(location);
	text_append(location, whole == NULL ? "" : whole);
	curl_free(whole);
	curl_url_cleanup(url);
}

void url_next(char *ret, size_t room, const char *link, const char *base)
{
	_cleanup_text struct text whole = {};
	const char *path;

	ret[0] = '\0';
	if (link[0] == '\0')
		return;
	text_append(&whole, link);
	url_resolve(&whole, base);
	path = strstr(text_string(&whole), "://");
	path = path == NULL ? NULL : strchr(path + 3, '/');
	if (path != NULL && strlen(path) < room && url_same_origin(text_string(&whole), base))
		memcpy(ret, path, strlen(path) + 1);
}
