#include "runtime/image/referrers.h"

#include "policy/value.h"
#include "runtime/image/config.h"
#include "runtime/registry/reference.h"
#include "sandbox/base/cleanup.h"

#include <string.h>

enum { DOCUMENT = 1 << 20 };

int referrers_document(struct text *ret, struct registry *registry, const char *name,
                       struct error *err)
{
	struct registry_question question = { .action = REGISTRY_MANIFEST, .size = DOCUMENT };
	struct registry_answer answer;

	snprintf(question.name, sizeof question.name, "%s", name);
	return registry_read(ret, &answer, registry, &question, err);
}

const char *referrers_tag(struct arena *arena, const char *hex)
{
	return arena_printf(arena, "sha256-%s", hex);
}

void referrers_put(struct referrers *ret, const struct referrer *referrer)
{
	size_t place = ret->count;

	for (size_t i = 0; i < ret->count; i++)
		if (strcmp(ret->items[i].hex, referrer->hex) == 0)
			return;
	while (place > 0 && ret->items[place - 1].created < referrer->created)
		place--;
	if (place == REFERRERS)
		return;
	if (ret->count < REFERRERS)
		ret->count++;
	for (size_t i = ret->count - 1; i > place; i--)
		ret->items[i] = ret->items[i - 1];
	ret->items[place] = *referrer;
}

int referrers_take(struct referrers *ret, struct arena *arena, const char *type,
                   const struct text *index, struct error *err)
{
	const struct value *manifests;
	struct value *root;

	if (value_decode(&root, arena, "the list of what refers to the image", text_string(index),
	                 index->length, err) < 0)
		return -1;
	manifests = value_get(root, "manifests");
	if (manifests == NULL || manifests->kind != VALUE_ARRAY)
		return 0;
	for (size_t i = 0; i < manifests->count; i++) {
		const struct value *entry = manifests->items[i];
		const struct value *notes = value_get(entry, "annotations");
		const char *created =
		        value_string(value_get(notes, "org.opencontainers.image.created"), NULL);
		const struct referrer one = {
			.hex = reference_digest_hex(value_string(value_get(entry, "digest"), NULL)),
			.size = (uint64_t)value_integer(value_get(entry, "size"), 0),
			.created = config_parse_time(created),
		};

		if (one.hex != NULL &&
		    strstr(value_string(value_get(entry, "artifactType"), ""), type) != NULL)
			referrers_put(ret, &one);
	}
	return 0;
}

struct listing {
	struct referrers *found;
	struct arena *arena;
	const char *type;
};

static int take(void *context, const struct text *text, struct error *err)
{
	const struct listing *listing = context;

	return referrers_take(listing->found, listing->arena, listing->type, text, err);
}

int referrers_find(struct referrers *ret, struct arena *arena, struct registry *registry,
                   const char *hex, const char *type, struct error *err)
{
	struct listing listing = { ret, arena, type };
	const struct registry_pages pages = { "what refers to the image", REFERRER_PAGES, take,
		                              &listing };
	struct registry_question question = { .action = REGISTRY_REFERRERS, .size = DOCUMENT };
	_cleanup_text struct text text = {};
	int status;

	ret->count = 0;
	snprintf(question.name, sizeof question.name, "sha256:%s", hex);
	status = registry_read_pages(registry, &question, &pages, err);
	if (status != 0)
		return status < 0 ? -1 : 0;
	status = referrers_document(&text, registry, referrers_tag(arena, hex), err);
	return status <= 0 ? status : take(&listing, &text, err);
}
