/*
 * fuzz_image: the JSON of an image on any bytes: the first byte chooses an OCI index or manifest, a
 * config, or the manifest.json of docker save. What is taken must hold what the readers promise:
 * every digest 64 hex digits, every list whole.
 */
#include "runtime/image/config.h"
#include "runtime/image/manifest.h"
#include "sandbox/base/cleanup.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_hex(const char *hex)
{
	if (hex == NULL || strlen(hex) != 64 || strspn(hex, "0123456789abcdef") != 64)
		abort();
}

static void check_strings(const struct plan_strings *strings)
{
	for (size_t i = 0; i < strings->count; i++)
		if (strings->items[i] == NULL)
			abort();
	if (strings->items != NULL && strings->items[strings->count] != NULL)
		abort();
}

static void try_document(struct arena *arena, const struct text *text)
{
	struct document document;
	struct error err;

	if (document_parse(&document, arena, "fuzz", text, NULL, &err) < 0)
		return;
	for (size_t i = 0; i < document.count; i++)
		check_hex(document.items[i].hex);
	if (document.media == MEDIA_MANIFEST)
		check_hex(document.config.hex);
	else
		document_choose(&document, &(const struct platform){ "linux", "amd64", NULL });
}

static void try_config(struct arena *arena, const struct text *text)
{
	struct config config;
	struct error err;

	if (config_parse(&config, arena, text, &err) < 0)
		return;
	for (size_t i = 0; i < config.layers.count; i++)
		check_hex(config.layers.items[i]);
	check_strings(&config.launch.entrypoint);
	check_strings(&config.launch.command);
	check_strings(&config.launch.environment);
	check_strings(&config.launch.volumes);
}

static void try_saved(struct arena *arena, const struct text *text)
{
	struct saved_image *images;
	struct error err;
	size_t count;

	if (saved_parse(&images, &count, arena, text, &err) < 0)
		return;
	for (size_t i = 0; i < count; i++)
		check_strings(&images[i].layers);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const readers[])(struct arena *, const struct text *) = {
		try_document,
		try_config,
		try_saved,
	};
	_cleanup_arena struct arena arena = {};
	_cleanup_text struct text text = {};

	if (size == 0)
		return 0;
	text_append_bytes(&text, (const char *)data + 1, size - 1);
	readers[data[0] % ARRAY_SIZE(readers)](&arena, &text);
	return 0;
}
