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

static void put(struct referrers *ret, const char *hex, int64_t created)
{
	size_t place = ret->count;

	for (size_t i = 0; i < ret->count; i++)
		if (strcmp(ret->hex[i], hex) == 0)
			return;
	while (place > 0 && ret->created[place - 1] < created)
		place--;
	if (place == REFERRERS)
		return;
	if (ret->count < REFERRERS)
		ret->count++;
	for (size_t i = ret->count - 1; i > place; i--) {
		ret->hex[i] = ret->hex[i - 1];
		ret->created[i] = ret->created[i - 1];
	}
	ret->hex[place] = hex;
	ret->created[place] = created;
}

struct listing {
	struct referrers *found;
	struct arena *arena;
	const char *type;
};

static int take(void *context, const struct text *text, struct error *err)
{
	const struct listing *listing = context;
	const struct value *manifests;
	struct value *index;

	if (value_decode(&index, listing->arena, "the list of what refers to the image",
	                 text_string(text), text->length, err) < 0)
		return -1;
	manifests = value_get(index, "manifests");
	if (manifests == NULL || manifests->kind != VALUE_ARRAY)
		return 0;
	for (size_t i = 0; i < manifests->count; i++) {
		const struct value *entry = manifests->items[i];
		const struct value *notes = value_get(entry, "annotations");
		const char *hex =
		        reference_digest_hex(value_string(value_get(entry, "digest"), NULL));
		const char *created =
		        value_string(value_get(notes, "org.opencontainers.image.created"), NULL);

		if (hex != NULL && strstr(value_string(value_get(entry, "artifactType"), ""),
		                          listing->type) != NULL)
			put(listing->found, hex, config_parse_time(created));
	}
	return 0;
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
