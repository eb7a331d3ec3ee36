/*
 * fuzz_manifest: every document of an image, and the headers of a tar (guard.h), from one input.
 * What is taken keeps its promises: digests are 64 hex digits, counts are within their limits.
 */
#include "runtime/image/config.h"
#include "runtime/image/layer/guard.h"
#include "runtime/image/manifest.h"
#include "runtime/image/members.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect_hex(const char *hex)
{
	if (strlen(hex) != 64 || strspn(hex, "0123456789abcdef") != 64)
		abort();
}

static void try_document(struct arena *arena, const struct text *text)
{
	struct document document;
	struct error err;

	if (document_parse(&document, arena, "fuzz", text, NULL, &err) < 0)
		return;
	if (document.media == MEDIA_MANIFEST) {
		expect_hex(document.config.hex);
		if (document.count == 0 || document.count > LIMIT_LAYERS)
			abort();
	}
	for (size_t i = 0; i < document.count; i++)
		expect_hex(document.items[i].hex);
	document_choose(&document, &(const struct platform){ "linux", "amd64", NULL });
}

static void try_config(struct arena *arena, const struct text *text)
{
	struct config config;
	struct error err;

	if (config_parse(&config, arena, text, &err) < 0)
		return;
	if (config.layers.count == 0 || config.layers.count > LIMIT_LAYERS)
		abort();
	for (size_t i = 0; i < config.layers.count; i++)
		expect_hex(config.layers.items[i]);
}

static void try_guard(const uint8_t *data, size_t size)
{
	static struct guard guard;
	struct error err;
	size_t half = size / 2;

	guard = (struct guard){};
	if (guard_feed(&guard, data, half, &err) == 0 &&
	    guard_feed(&guard, data + half, size - half, &err) < 0)
		return;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_arena struct arena arena = {};
	_cleanup_text struct text text = {};
	struct saved_image *images;
	struct members members;
	struct error err;
	size_t count;

	text_append_bytes(&text, data, size);
	try_document(&arena, &text);
	try_config(&arena, &text);
	if (saved_parse(&images, &count, &arena, &text, &err) == 0 && count == 0)
		abort();
	if (members_parse(&members, &arena, &text, &err) == 0)
		members_find(&members, "manifest.json");
	try_guard(data, size);
	return 0;
}
