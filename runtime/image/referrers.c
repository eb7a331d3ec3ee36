#include "runtime/image/referrers.h"

#include "policy/value.h"
#include "runtime/registry/reference.h"
#include "sandbox/base/cleanup.h"

#include <string.h>

enum { DOCUMENT = 1 << 20 };

static int ask(struct text *ret, struct registry *registry, enum registry_action action,
               const char *name, struct error *err)
{
	struct registry_question question = { .action = action, .size = DOCUMENT };
	struct registry_answer answer;

	snprintf(question.name, sizeof question.name, "%s", name);
	return registry_read(ret, &answer, registry, &question, err);
}

int referrers_document(struct text *ret, struct registry *registry, const char *name,
                       struct error *err)
{
	return ask(ret, registry, REGISTRY_MANIFEST, name, err);
}

const char *referrers_tag(struct arena *arena, const char *hex)
{
	return arena_printf(arena, "sha256-%s", hex);
}

static void take(struct referrers *ret, const struct value *index, const char *type)
{
	const struct value *manifests = value_get(index, "manifests");

	if (manifests == NULL || manifests->kind != VALUE_ARRAY)
		return;
	for (size_t i = 0; i < manifests->count && ret->count < REFERRERS; i++) {
		const struct value *entry = manifests->items[i];
		const char *hex =
		        reference_digest_hex(value_string(value_get(entry, "digest"), NULL));

		if (hex != NULL &&
		    strstr(value_string(value_get(entry, "artifactType"), ""), type) != NULL)
			ret->hex[ret->count++] = hex;
	}
}

int referrers_find(struct referrers *ret, struct arena *arena, struct registry *registry,
                   const char *hex, const char *type, struct error *err)
{
	_cleanup_text struct text text = {};
	struct value *index;
	int status = ask(&text, registry, REGISTRY_REFERRERS, arena_printf(arena, "sha256:%s", hex),
	                 err);

	ret->count = 0;
	if (status == 0)
		status = referrers_document(&text, registry, referrers_tag(arena, hex), err);
	if (status <= 0)
		return status;
	if (value_decode(&index, arena, "the list of what refers to the image", text_string(&text),
	                 text.length, err) < 0)
		return -1;
	take(ret, index, type);
	return 0;
}
