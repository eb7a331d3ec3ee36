#include "runtime/image/manifest.h"

#include "runtime/image/layer/limits.h"
#include "runtime/registry/reference.h"
#include "sandbox/base/cleanup.h"

#include <inttypes.h>
#include <string.h>

/* OCI image-spec media-types.md; distribution's spec/manifest-v2-2.md. */
static const struct media_row {
	const char *name;
	enum media media;
} media_types[] = {
	{ "application/vnd.oci.image.index.v1+json", MEDIA_INDEX },
	{ "application/vnd.docker.distribution.manifest.list.v2+json", MEDIA_INDEX },
	{ "application/vnd.oci.image.manifest.v1+json", MEDIA_MANIFEST },
	{ "application/vnd.docker.distribution.manifest.v2+json", MEDIA_MANIFEST },
	{ "application/vnd.oci.image.config.v1+json", MEDIA_CONFIG },
	{ "application/vnd.docker.container.image.v1+json", MEDIA_CONFIG },
	{ "application/vnd.oci.image.layer.v1.tar", MEDIA_LAYER },
	{ "application/vnd.oci.image.layer.v1.tar+gzip", MEDIA_LAYER },
	{ "application/vnd.oci.image.layer.v1.tar+zstd", MEDIA_LAYER },
	{ "application/vnd.docker.image.rootfs.diff.tar", MEDIA_LAYER },
	{ "application/vnd.docker.image.rootfs.diff.tar.gzip", MEDIA_LAYER },
	{ "application/vnd.docker.image.rootfs.diff.tar.zstd", MEDIA_LAYER },
};

/* Why a type that is known is not taken. */
static const struct refused_row {
	const char *part, *why;
} refused_types[] = {
	{ "nondistributable",
	  "its bytes are not part of the image and would have to be fetched from "
	  "an address the image names" },
	{ ".foreign.", "its bytes are not part of the image and would have to be fetched from an "
	               "address the image names" },
	{ "+encrypted", "it is encrypted" },
	{ "manifest.v1+", "schema 1 of Docker's registry is long dead; push the image again" },
};

static const char *const media_words[] = {
	[MEDIA_INDEX] = "an index", [MEDIA_MANIFEST] = "a manifest", [MEDIA_CONFIG] = "a config",
	[MEDIA_LAYER] = "a layer",  [MEDIA_UNKNOWN] = "unknown",
};

/* What is being read, for messages. */
struct reading {
	struct arena *arena;
	const char *file;
	struct error *err;
};

static const char *visible(struct arena *arena, const char *string)
{
	_cleanup_text struct text shown = {};
	size_t length = strlen(string);

	text_append_visible(&shown, string, length > 100 ? 100 : length);
	return arena_strdup(arena, text_string(&shown));
}

static int refuse(const struct reading *reading, const struct value *at, const char *why)
{
	_cleanup_text struct text pointer = {};

	value_pointer(&pointer, at);
	return error_set(reading->err, 0, "%s%s%s: %s", reading->file,
	                 pointer.length > 0 ? ": " : "", text_string(&pointer), why);
}

static enum media media_of(const char *type)
{
	for (size_t i = 0; i < ARRAY_SIZE(media_types); i++)
		if (strcmp(media_types[i].name, type) == 0)
			return media_types[i].media;
	return MEDIA_UNKNOWN;
}

static int refuse_media(const struct reading *reading, const struct value *at, const char *type,
                        enum media wanted)
{
	const char *why = "cordon does not know this media type";

	for (size_t i = 0; i < ARRAY_SIZE(refused_types); i++)
		if (strstr(type, refused_types[i].part) != NULL)
			why = refused_types[i].why;
	if (media_of(type) != MEDIA_UNKNOWN)
		why = arena_printf(reading->arena, "this is the type of %s, not of %s",
		                   media_words[media_of(type)], media_words[wanted]);
	return refuse(reading, at,
	              arena_printf(reading->arena, "%s: %s", visible(reading->arena, type), why));
}

static int read_digest(struct descriptor *descriptor, const struct value *object,
                       const struct reading *reading)
{
	const struct value *digest = value_get(object, "digest");
	const char *string = value_string(digest, NULL);

	if (string == NULL)
		return refuse(reading, object, "a descriptor without a digest");
	descriptor->hex = reference_digest_hex(string);
	if (descriptor->hex == NULL)
		return refuse(reading, digest,
		              arena_printf(reading->arena,
		                           "'%s' is not sha256: and 64 lower-case hex digits",
		                           visible(reading->arena, string)));
	return 0;
}

/* In lists of what refers to an image, a manifest that says no artifactType has its config's
 * (OCI distribution 1.1): an image may be called one. */
const char *document_artifact(const struct value *object)
{
	const char *type = value_string(value_get(object, "artifactType"), NULL);

	return type == NULL || type[0] == '\0' || media_of(type) == MEDIA_CONFIG ? NULL : type;
}

static void read_notes(struct descriptor *descriptor, const struct value *object)
{
	const struct value *platform = value_get(object, "platform");
	const struct value *notes = value_get(object, "annotations");

	descriptor->platform = platform_read(platform);
	descriptor->name = value_string(value_get(notes, "io.containerd.image.name"), NULL);
	if (descriptor->name == NULL)
		descriptor->name =
		        value_string(value_get(notes, "org.opencontainers.image.ref.name"), NULL);
	descriptor->created =
	        value_string(value_get(notes, "org.opencontainers.image.created"), NULL);
	descriptor->artifact = document_artifact(object);
}

static int read_descriptor(struct descriptor *ret, const struct value *object, uint64_t limit,
                           const struct reading *reading)
{
	const struct value *size = value_get(object, "size"),
	                   *type = value_get(object, "mediaType");
	struct descriptor descriptor = {};

	if (object == NULL || object->kind != VALUE_OBJECT)
		return refuse(reading, object, "a descriptor must be an object");
	descriptor.media_type = value_string(type, NULL);
	if (descriptor.media_type == NULL)
		return refuse(reading, object, "a descriptor without a mediaType");
	descriptor.media = media_of(descriptor.media_type);
	if (read_digest(&descriptor, object, reading) < 0)
		return -1;
	if (size == NULL || size->kind != VALUE_INTEGER || size->integer < 0)
		return refuse(reading, object, "a descriptor without a size");
	descriptor.size = (uint64_t)size->integer;
	if (descriptor.size > limit)
		return refuse(reading, size,
		              arena_printf(reading->arena,
		                           "%" PRIu64 " bytes; cordon takes %" PRIu64,
		                           descriptor.size, limit));
	read_notes(&descriptor, object);
	*ret = descriptor;
	return 0;
}

static int read_items(struct document *document, const struct value *array, uint64_t limit,
                      const struct reading *reading)
{
	document->items = arena_array(reading->arena, array->count, sizeof *document->items);
	document->count = array->count;
	for (size_t i = 0; i < array->count; i++)
		if (read_descriptor(&document->items[i], array->items[i], limit, reading) < 0)
			return -1;
	return 0;
}

static int read_index(struct document *document, const struct value *root,
                      const struct reading *reading)
{
	const struct value *manifests = value_get(root, "manifests");

	if (manifests->kind != VALUE_ARRAY)
		return refuse(reading, manifests, "must be an array");
	if (manifests->count > LIMIT_IMAGES)
		return refuse(reading, manifests,
		              arena_printf(reading->arena, "%u images; cordon takes %d",
		                           manifests->count, LIMIT_IMAGES));
	return read_items(document, manifests, LIMIT_MANIFEST, reading);
}

static int read_manifest(struct document *document, const struct value *root,
                         const struct reading *reading)
{
	const struct value *layers = value_get(root, "layers"), *config = value_get(root, "config");

	if (config == NULL || layers == NULL || layers->kind != VALUE_ARRAY)
		return refuse(reading, root,
		              "a manifest must have a config and an array of layers");
	if (layers->count == 0)
		return refuse(reading, layers, "an image without layers");
	if (layers->count > LIMIT_LAYERS)
		return refuse(reading, layers,
		              arena_printf(reading->arena, "%u layers; an image may have %d",
		                           layers->count, LIMIT_LAYERS));
	if (read_descriptor(&document->config, config, LIMIT_MANIFEST, reading) < 0)
		return -1;
	if (document->config.media != MEDIA_CONFIG)
		return refuse_media(reading, value_get(config, "mediaType"),
		                    document->config.media_type, MEDIA_CONFIG);
	if (read_items(document, layers, LIMIT_BLOB, reading) < 0)
		return -1;
	for (size_t i = 0; i < document->count; i++)
		if (document->items[i].media != MEDIA_LAYER)
			return refuse_media(reading, value_get(layers->items[i], "mediaType"),
			                    document->items[i].media_type, MEDIA_LAYER);
	return 0;
}

/* Which of the two a document is: by what it holds, and by nothing that says otherwise. */
static int read_kind(struct document *document, const struct value *root, const char *media_type,
                     const struct reading *reading)
{
	const struct value *version = value_get(root, "schemaVersion");
	const struct value *own = value_get(root, "mediaType");
	bool is_index = value_get(root, "manifests") != NULL;
	bool is_manifest = value_get(root, "layers") != NULL || value_get(root, "config") != NULL ||
	                   value_get(root, "fsLayers") != NULL;

	if (root->kind != VALUE_OBJECT)
		return refuse(reading, root, "must be an object");
	if (version == NULL || version->kind != VALUE_INTEGER || version->integer != 2)
		return refuse(reading, root, "schemaVersion must be 2");
	if (is_index && is_manifest)
		return refuse(reading, root,
		              "an index and a manifest in one document (CVE-2021-41190)");
	if (!is_index && !is_manifest)
		return refuse(reading, root, "neither an index nor a manifest");
	document->media = is_index ? MEDIA_INDEX : MEDIA_MANIFEST;
	if (own != NULL && media_of(value_string(own, "")) != document->media)
		return refuse_media(reading, own, value_string(own, ""), document->media);
	if (media_type != NULL && media_of(media_type) != document->media)
		return refuse_media(reading, root, media_type, document->media);
	if (own != NULL && media_type != NULL && strcmp(value_string(own, ""), media_type) != 0)
		return refuse(reading, own, "not the type under which it was referred to");
	return 0;
}

int document_parse(struct document *ret, struct arena *arena, const char *file,
                   const struct text *text, const char *media_type, struct error *err)
{
	struct reading reading = { arena, file, err };
	struct document document = {};
	struct value *root;

	if (text->length > LIMIT_MANIFEST)
		return error_set(err, 0, "%s: %zu bytes; cordon takes %llu", file, text->length,
		                 (unsigned long long)LIMIT_MANIFEST);
	if (value_decode(&root, arena, file, text_string(text), text->length, err) < 0 ||
	    read_kind(&document, root, media_type, &reading) < 0)
		return -1;
	if (document.media == MEDIA_INDEX ? read_index(&document, root, &reading) < 0
	                                  : read_manifest(&document, root, &reading) < 0)
		return -1;
	*ret = document;
	return 0;
}

static unsigned fitness(const struct descriptor *item, const struct platform *wanted)
{
	if (item->media != MEDIA_MANIFEST && item->media != MEDIA_INDEX)
		return 0;
	return platform_fitness(wanted, &item->platform);
}

const struct descriptor *document_choose(const struct document *index,
                                         const struct platform *wanted)
{
	const struct descriptor *best = NULL;

	for (size_t i = 0; i < index->count; i++) {
		unsigned own = fitness(&index->items[i], wanted);

		if (own > 0 && (best == NULL || own > fitness(best, wanted)))
			best = &index->items[i];
	}
	return best;
}

int document_without(const struct document *index, const struct platform *wanted,
                     struct arena *arena, struct error *err)
{
	_cleanup_text struct text known = {};

	for (size_t i = 0; i < index->count && known.length < 200; i++) {
		const struct platform *platform = &index->items[i].platform;

		/* what goes along with an image (attestations) is "unknown" */
		if (platform->architecture == NULL || text_equal(platform->os, "unknown"))
			continue;
		text_printf(&known, "%s%s", known.length > 0 ? ", " : "",
		            visible(arena, platform_text(arena, platform)));
	}
	error_set(err, 0, "there is no image for %s", platform_text(arena, wanted));
	return error_hint(err, "--platform takes what there is: %s",
	                  known.length > 0 ? text_string(&known) : "nothing at all");
}
