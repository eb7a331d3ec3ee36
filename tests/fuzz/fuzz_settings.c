/*
 * fuzz_settings: what an administrator writes, on any bytes: the first one chooses registries.conf,
 * policy.json, or YAML. What is taken can be asked.
 */
#include "runtime/registry/registries.h"
#include "runtime/registry/trust.h"
#include "runtime/registry/yaml_decode.h"
#include "sandbox/base/cleanup.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const names[] = { "docker.io/library/nginx:1", "a.example.com:5000/x", "short" };

static void try_registries(struct arena *arena, const struct text *text)
{
	struct registries registries = {};
	struct registry_place *places;
	struct plan_strings list;
	struct reference reference;
	struct error err;
	size_t count;

	if (registries_take(&registries, arena, "fuzz", text, &err) < 0)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (reference_parse(&reference, arena, names[i], &err) < 0)
			abort();
		if (registries_places(&places, &count, arena, &registries, &reference, &err) == 0 &&
		    (count == 0 || places[count - 1].mirror))
			abort();
		if (registries_candidates(&list, arena, &registries, names[i], &err) == 0 &&
		    list.count == 0)
			abort();
	}
}

static void try_policy(struct arena *arena, const struct text *text)
{
	const struct trust_scope *scope;
	struct trust trust;
	struct error err;

	if (trust_parse(&trust, arena, "fuzz", text, &err) < 0)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct reference image;

		if (reference_parse(&image, arena, names[i], &err) < 0)
			abort();
		if (trust_requirements(&scope, arena, &trust, "docker", names[i], &err) != 0)
			continue;
		for (size_t j = 0; j < scope->count; j++)
			trust_identity_matches(&scope->requirements[j].identity, arena, names[i],
			                       &image);
	}
}

static void try_yaml(struct arena *arena, const struct text *text)
{
	_cleanup_text struct text json = {};
	struct value *value;
	struct error err;

	if (yaml_decode(&value, arena, "fuzz", text, &err) == 0)
		value_encode(&json, value, VALUE_COMPACT);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const readers[])(struct arena *, const struct text *) = {
		try_registries,
		try_policy,
		try_yaml,
	};
	_cleanup_arena struct arena arena = {};
	_cleanup_text struct text text = {};

	if (size == 0)
		return 0;
	text_append_bytes(&text, (const char *)data + 1, size - 1);
	readers[data[0] % ARRAY_SIZE(readers)](&arena, &text);
	return 0;
}
