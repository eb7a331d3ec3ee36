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

static int take(struct referrers *ret, struct arena *arena, const struct text *text,
                const char *type, struct error *err)
{
	const struct value *manifests;
	struct value *index;

	if (value_decode(&index, arena, "the list of what refers to the image", text_string(text),
	                 text->length, err) < 0)
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

		if (hex != NULL &&
		    strstr(value_string(value_get(entry, "artifactType"), ""), type) != NULL)
			put(ret, hex, config_parse_time(created));
	}
	return 0;
}

/* A list may be in pages, each of which says where the next is. 1; 0: there is no such list; -1. */
static int take_pages(struct referrers *ret, struct arena *arena, struct registry *registry,
                      const char *hex, const char *type, struct error *err)
{
	struct registry_question question = { .action = REGISTRY_REFERRERS, .size = DOCUMENT };

	snprintf(question.name, sizeof question.name, "sha256:%s", hex);
	for (int page = 0; page < REFERRER_PAGES; page++) {
		_cleanup_text struct text text = {};
		struct registry_answer answer;
		int status = registry_read(&text, &answer, registry, &question, err);

		if (status == 0 && page > 0)
			error_set(err, 0, "the registry has not page %d of its list", page + 1);
		if (status <= 0)
			return page > 0 ? -1 : status;
		if (take(ret, arena, &text, type, err) < 0)
			return -1;
		if (answer.next[0] == '\0')
			return 1;
		memcpy(question.next, answer.next, sizeof question.next);
	}
	return error_set(err, 0, "the list of what refers to the image has more than %d pages",
	                 REFERRER_PAGES);
}

int referrers_find(struct referrers *ret, struct arena *arena, struct registry *registry,
                   const char *hex, const char *type, struct error *err)
{
	_cleanup_text struct text text = {};
	int status;

	ret->count = 0;
	status = take_pages(ret, arena, registry, hex, type, err);
	if (status != 0)
		return status < 0 ? -1 : 0;
	status = referrers_document(&text, registry, referrers_tag(arena, hex), err);
	return status <= 0 ? status : take(ret, arena, &text, type, err);
}
