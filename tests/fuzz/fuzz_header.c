/*
 * fuzz_header: what a registry says in its headers. Nothing that is taken can drive a terminal or
 * reach beyond its room. (base64: fuzz_credentials.)
 */
#include "runtime/registry/client/header.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/text.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_header(const uint8_t *data, size_t size)
{
	struct header header;

	if (header_parse(&header, (const char *)data, size) &&
	    strpbrk(header.value, "\x1b\r\n") != NULL)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_arena struct arena arena = {};
	const char *text = arena_text(&arena, (const char *)data, size);
	struct challenge challenge = {};
	char type[64];

	try_header(data, size);
	if (challenge_parse(&challenge, &arena, text) && challenge.realm != NULL &&
	    strlen(challenge.realm) > size)
		abort();
	if (header_next(&arena, text) != NULL && strchr(text, '<') == NULL)
		abort();
	if (header_seconds(text) > 3600 || header_date(text) < 0 ||
	    header_until(header_date(text), 1) > 3600)
		abort();
	header_media_type(type, sizeof type, text);
	header_range_starts(text, size);
	return 0;
}
