#include "runtime/image/beside.h"

#include "runtime/image/layer/limits.h"
#include "runtime/registry/reference.h"
#include "sandbox/base/cleanup.h"

#include <string.h>

enum { LOOKS = 64 /* at manifests, for one question */ };

static const char tag_prefix[] = "sha256-";

int beside_read(struct text *ret, struct stage *stage, const char *hex, uint64_t size,
                struct error *err)
{
	const struct descriptor blob = { .hex = hex, .size = size };

	if (size > LIMIT_MANIFEST)
		return error_set(err, 0, "sha256:%s has more bytes than cordon takes", hex);
	return stage_read_blob(ret, stage, &blob, err);
}

/* NULL where it cannot be read: what it is will be somebody else's error, if it matters. */
static struct value *read_manifest(struct stage *stage, const char *hex, uint64_t size)
{
	_cleanup_text struct text text = {};
	struct error ignored;
	struct value *manifest;

	if (beside_read(&text, stage, hex, size, &ignored) < 0 ||
	    value_decode(&manifest, stage->arena, "a manifest", text_string(&text), text.length,
	                 &ignored) < 0)
		return NULL;
	return manifest;
}

void beside_look(struct document *index, struct stage *stage)
{
	size_t looks = 0;

	/* one by itself is the image, or nothing is */
	for (size_t i = 0; i < index->count && index->count > 1 && looks < LOOKS; i++) {
		struct descriptor *entry = &index->items[i];
		struct value *manifest;

		if (entry->media != MEDIA_MANIFEST || entry->name != NULL ||
		    entry->artifact != NULL || platform_is_said(&entry->platform))
			continue;
		looks++;
		manifest = read_manifest(stage, entry->hex, entry->size);
		entry->artifact = document_artifact(manifest);
	}
}

/* "sha256-HEX", and cosign's "sha256-HEX.sig", ".att", ".sbom". */
static bool is_list_of(const char *name, const char *hex)
{
	size_t prefix = strlen(tag_prefix);

	return name != NULL && text_starts(name, tag_prefix) && strcmp(name + prefix, hex) == 0;
}

static bool is_tag_of_any(const char *name)
{
	size_t prefix = strlen(tag_prefix), digits;

	if (name == NULL || !text_starts(name, tag_prefix))
		return false;
	digits = strspn(name + prefix, "0123456789abcdef");
	return digits == LAYER_HEX &&
	       (name[prefix + digits] == '\0' || name[prefix + digits] == '.');
}

bool beside_is_image(const struct descriptor *entry)
{
	return entry->artifact == NULL && !is_tag_of_any(entry->name);
}

/* Of the images beside it, each may have its own. One that cannot be read may be meant. */
static bool refers_to(struct stage *stage, const struct descriptor *entry, const char *hex)
{
	struct value *manifest = read_manifest(stage, entry->hex, entry->size);
	const char *subject = value_string(value_path(manifest, "subject.digest"), NULL);

	return manifest == NULL || text_equal(reference_digest_hex(subject), hex);
}

static int take_list(struct referrers *ret, struct stage *stage, const struct descriptor *entry,
                     const char *type, struct error *err)
{
	_cleanup_text struct text text = {};

	if (beside_read(&text, stage, entry->hex, entry->size, err) < 0)
		return -1;
	return referrers_take(ret, stage->arena, type, &text, err);
}

int beside_find(struct referrers *ret, struct stage *stage, const struct document *index,
                const char *hex, const char *type, struct error *err)
{
	size_t looks = 0;

	ret->count = 0;
	for (size_t i = 0; i < index->count; i++) {
		const struct descriptor *entry = &index->items[i];
		const struct referrer one = { entry->hex, entry->size,
			                      config_parse_time(entry->created) };

		if (entry->media == MEDIA_INDEX && is_list_of(entry->name, hex)) {
			if (take_list(ret, stage, entry, type, err) < 0)
				return -1;
		} else if (entry->media == MEDIA_MANIFEST && text_equal(entry->artifact, type) &&
		           looks++ < LOOKS && refers_to(stage, entry, hex)) {
			referrers_put(ret, &one);
		}
	}
	return 0;
}
