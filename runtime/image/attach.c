/*
 * attach: a profile for an image, sent to the image's registry as an artifact that refers to it
 * (attached.h says what it looks like).
 */
#include "policy/attached.h"
#include "runtime/image/image.h"
#include "runtime/image/layer/limits.h"
#include "runtime/image/place.h"
#include "runtime/image/referrers.h"
#include "runtime/image/stage.h"
#include "runtime/registry/reference.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"

#include <string.h>
#include <time.h>

static const char media_manifest[] = "application/vnd.oci.image.manifest.v1+json";
static const char media_index[] = "application/vnd.oci.image.index.v1+json";
static const char media_empty[] = "application/vnd.oci.empty.v1+json";
static const char empty[] = "{}";

struct attaching {
	struct arena *arena;
	struct stage *stage;
	struct registry registry;
	const struct image_attach *order;
};

/* A document and its descriptor. */
struct piece {
	struct text text;
	const char *media_type, *artifact_type; /* NULL */
	char hex[LAYER_HEX + 1];
};

static void piece_done(struct piece *piece)
{
	text_done(&piece->text);
}
#define _cleanup_piece __attribute__((cleanup(piece_done)))

static int hash(struct piece *piece, struct attaching *attaching, struct error *err)
{
	struct layer_answer answer;

	if (stage_take_text(&answer, attaching->stage, &piece->text, err) < 0)
		return -1;
	memcpy(piece->hex, answer.blob, sizeof piece->hex);
	return 0;
}

static void set(struct arena *arena, struct value *object, const char *key, const char *text)
{
	value_set(arena, object, key, value_new_string(arena, text));
}

static struct value *descriptor(struct arena *arena, const struct piece *piece)
{
	struct value *object = value_new_object(arena);

	set(arena, object, "mediaType", piece->media_type);
	if (piece->artifact_type != NULL)
		set(arena, object, "artifactType", piece->artifact_type);
	set(arena, object, "digest", arena_printf(arena, "sha256:%s", piece->hex));
	value_set(arena, object, "size", value_new_integer(arena, (int64_t)piece->text.length));
	return object;
}

/* ---- what it is for ---- */

static int find_subject(struct piece *ret, struct attaching *attaching, const char *name,
                        struct error *err)
{
	struct registry_question question = { .action = REGISTRY_MANIFEST, .size = LIMIT_MANIFEST };
	struct registry_answer answer;
	struct document document;
	int status;

	snprintf(question.name, sizeof question.name, "%s", name);
	status = registry_read(&ret->text, &answer, &attaching->registry, &question, err);
	if (status == 0)
		return error_set(err, 0, "the registry has no such image; push it first");
	if (status < 0 || document_parse(&document, attaching->arena, "the manifest", &ret->text,
	                                 answer.media_type, err) < 0)
		return -1;
	ret->media_type = arena_strdup(attaching->arena, answer.media_type);
	if (hash(ret, attaching, err) < 0)
		return -1;
	if (text_starts(name, "sha256:") && !text_equal(reference_digest_hex(name), ret->hex))
		return error_set(err, 0, "%s was asked for, sha256:%s came", name, ret->hex);
	return 0;
}

/* ---- sending ---- */

static int put(struct registry_answer *ret, struct attaching *attaching,
               struct registry_question *question, const struct piece *piece, struct error *err)
{
	_cleanup_fd int body =
	        io_memory("a document", text_string(&piece->text), piece->text.length, err);

	if (body < 0)
		return -1;
	question->size = piece->text.length;
	return registry_settle(ret, &attaching->registry, question, body, err);
}

static int put_blob(struct attaching *attaching, const struct piece *piece, struct error *err)
{
	struct registry_question question = { .action = REGISTRY_BLOB_HEAD };
	struct registry_answer answer;
	int there;

	snprintf(question.name, sizeof question.name, "sha256:%s", piece->hex);
	there = registry_settle(&answer, &attaching->registry, &question, -1, err);
	if (there != 0)
		return there < 0 ? -1 : 0;
	question.action = REGISTRY_BLOB_PUT;
	return put(&answer, attaching, &question, piece, err) < 0 ? -1 : 0;
}

static int put_manifest(struct registry_answer *ret, struct attaching *attaching, const char *name,
                        const struct piece *piece, struct error *err)
{
	struct registry_question question = { .action = REGISTRY_MANIFEST_PUT };

	snprintf(question.name, sizeof question.name, "%s", name);
	snprintf(question.media_type, sizeof question.media_type, "%s", piece->media_type);
	return put(ret, attaching, &question, piece, err) < 0 ? -1 : 0;
}

/* ---- the artifact ---- */

static struct value *annotations(struct arena *arena, struct attaching *attaching)
{
	struct value *object = value_new_object(arena);

	set(arena, object, "org.opencontainers.image.created",
	    config_print_time(arena, time(NULL)));
	set(arena, object, "org.opencontainers.image.title", attaching->order->title);
	return object;
}

static void write_manifest(struct piece *ret, struct attaching *attaching,
                           const struct piece *config, const struct piece *profile,
                           const struct piece *subject)
{
	struct arena *arena = attaching->arena;
	struct value *root = value_new_object(arena), *layers = value_new_array(arena);

	value_set(arena, root, "schemaVersion", value_new_integer(arena, 2));
	set(arena, root, "mediaType", media_manifest);
	set(arena, root, "artifactType", ATTACHED_MEDIA_TYPE);
	value_set(arena, root, "config", descriptor(arena, config));
	value_append(arena, layers, descriptor(arena, profile));
	value_set(arena, root, "layers", layers);
	value_set(arena, root, "subject", descriptor(arena, subject));
	value_set(arena, root, "annotations", annotations(arena, attaching));
	ret->media_type = media_manifest;
	ret->artifact_type = ATTACHED_MEDIA_TYPE;
	value_encode(&ret->text, root, VALUE_COMPACT);
}

/* ---- registries without a referrers API ---- */

static struct value *new_index(struct arena *arena)
{
	struct value *root = value_new_object(arena);

	value_set(arena, root, "schemaVersion", value_new_integer(arena, 2));
	set(arena, root, "mediaType", media_index);
	value_set(arena, root, "manifests", value_new_array(arena));
	return root;
}

/* What is listed so far. */
static int read_index(struct value **ret, struct attaching *attaching, const char *tag,
                      struct error *err)
{
	_cleanup_text struct text text = {};
	int status = referrers_document(&text, &attaching->registry, tag, err);
	const struct value *manifests;
	struct value *root;

	*ret = new_index(attaching->arena);
	if (status <= 0)
		return status;
	if (value_decode(&root, attaching->arena, tag, text_string(&text), text.length, err) < 0)
		return -1;
	manifests = value_get(root, "manifests");
	if (manifests == NULL || manifests->kind != VALUE_ARRAY)
		return error_set(err, 0, "the tag %s is not the list of what refers to the image",
		                 tag);
	*ret = root;
	return 0;
}

/* Two who do this at once may lose one of the entries (so does the specification). */
static int list_by_tag(struct attaching *attaching, const struct piece *manifest,
                       const struct piece *subject, struct error *err)
{
	struct arena *arena = attaching->arena;
	const char *tag = referrers_tag(arena, subject->hex);
	struct value *entry = descriptor(arena, manifest);
	_cleanup_piece struct piece index = { .media_type = media_index };
	struct registry_answer answer;
	struct value *root;

	if (read_index(&root, attaching, tag, err) < 0)
		return -1;
	value_set(arena, entry, "annotations", annotations(arena, attaching));
	for (size_t i = 0; i < root->count; i++)
		if (strcmp(root->items[i]->key, "manifests") == 0)
			value_append(arena, root->items[i], entry);
	value_encode(&index.text, root, VALUE_COMPACT);
	return put_manifest(&answer, attaching, tag, &index, err);
}

/* ---- all of it ---- */

static int attach(const char **digest, struct attaching *attaching, const char *name,
                  struct error *err)
{
	_cleanup_piece struct piece subject = {}, manifest = {},
	                            config = { .media_type = media_empty },
	                            profile = { .media_type = ATTACHED_MEDIA_TYPE };
	struct registry_answer answer;

	text_append(&config.text, empty);
	text_append_bytes(&profile.text, attaching->order->profile, attaching->order->length);
	if (find_subject(&subject, attaching, name, err) < 0 || hash(&config, attaching, err) < 0 ||
	    hash(&profile, attaching, err) < 0)
		return -1;
	write_manifest(&manifest, attaching, &config, &profile, &subject);
	if (hash(&manifest, attaching, err) < 0 || put_blob(attaching, &config, err) < 0 ||
	    put_blob(attaching, &profile, err) < 0)
		return -1;
	*digest = arena_printf(attaching->arena, "sha256:%s", manifest.hex);
	if (put_manifest(&answer, attaching, *digest, &manifest, err) < 0)
		return error_prefix(err, "the profile's manifest");
	if (answer.subject)
		return 0;
	return list_by_tag(attaching, &manifest, &subject, err);
}

static int attach_at(const char **digest, struct attaching *attaching,
                     const struct reference *reference, struct error *err)
{
	struct registries registries;
	const struct asking asking = { .arena = attaching->arena,
		                       .paths = attaching->stage->paths,
		                       .host = attaching->stage->host,
		                       .access = &attaching->order->access,
		                       .registries = &registries,
		                       .push = true };
	struct registry_place *places;
	size_t count;
	int result;

	if (registries_read(&registries, attaching->arena, err) < 0 ||
	    registries_places(&places, &count, attaching->arena, &registries, reference, err) < 0)
		return -1;
	/* the last is the place itself: nobody pushes to a mirror */
	if (place_open(&attaching->registry, &asking, &places[count - 1], err) < 0)
		return -1;
	result = attach(digest, attaching,
	                reference->digest != NULL ? reference->digest : reference->tag, err);
	registry_close(&attaching->registry);
	return result;
}

int image_attach(const char **digest, struct arena *arena, const struct paths *paths,
                 const struct host *host, const struct image_attach *order, struct error *err)
{
	struct reference reference;
	struct stage stage;
	struct attaching attaching = { .arena = arena, .stage = &stage, .order = order };
	int result = reference_parse(&reference, arena, order->name, err);

	if (result < 0)
		return -1;
	result = stage_open(&stage, arena, paths, host, err);
	if (result == 0)
		result = attach_at(digest, &attaching, &reference, err);
	stage_close(&stage);
	return result < 0 ? error_prefix(err, "%s", reference_string(arena, &reference)) : 0;
}
