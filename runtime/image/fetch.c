#include "runtime/image/fetch.h"

#include "runtime/image/attached.h"
#include "runtime/image/layer/limits.h"
#include "runtime/image/signed.h"
#include "runtime/registry/reference.h"
#include "runtime/store/claim.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"

#include <fcntl.h>
#include <inttypes.h>
#include <string.h>

static void tell(const struct fetch_order *order, enum image_news_kind kind, const char *hex)
{
	const struct image_news news = { .kind = kind, .hex = hex };

	if (order->watch != NULL)
		order->watch->tell(order->watch->context, &news);
}

static void set_name(struct registry_question *question, const char *name)
{
	snprintf(question->name, sizeof question->name, "%s", name);
}

/* A document into the stage. Its digest must be `hex`, where that is given. */
static int take(char ret[LAYER_HEX + 1], struct stage *stage, const struct text *text,
                const char *hex, struct error *err)
{
	struct layer_answer answer;

	if (stage_take_text(&answer, stage, text, err) < 0)
		return -1;
	if (hex != NULL && strcmp(answer.blob, hex) != 0)
		return error_set(err, 0, "sha256:%s was asked for, sha256:%s came", hex,
		                 answer.blob);
	memcpy(ret, answer.blob, sizeof answer.blob);
	return 0;
}

/* ---- manifests ---- */

/* A page of the network between here and there looks like an answer, too. */
static int refuse_page(const char *media_type, struct error *err)
{
	_cleanup_text struct text shown = {};

	text_append_visible(&shown, media_type, strnlen(media_type, 100));
	error_set(err, 0, "what came is not a manifest but '%s'", text_string(&shown));
	return error_hint(err, "is there a proxy or a login page between here and the registry?");
}

/* A manifest or an index, as it came: nothing is verified yet. 1, 0, -1. */
static int ask_manifest(struct text *ret, struct registry_answer *answer, struct registry *registry,
                        const char *name, struct error *err)
{
	struct registry_question question = { .action = REGISTRY_MANIFEST, .size = LIMIT_MANIFEST };

	int status;

	set_name(&question, name);
	status = registry_read(ret, answer, registry, &question, err);
	if (status == 1 && !text_starts(answer->media_type, "application/"))
		return refuse_page(answer->media_type, err);
	return status;
}

/* Has the store these very bytes? Then they were verified when they came the first time. */
static bool is_stored(const struct stage *stage, const char *hex, const struct text *text)
{
	_cleanup_text struct text stored = {};
	const char *path =
	        arena_printf(stage->arena, "%s/images/blobs/sha256/%s", stage->paths->data, hex);
	struct error ignored;

	return io_read_file(&stored, AT_FDCWD, path, LIMIT_MANIFEST, &ignored) == 1 &&
	       stored.length == text->length &&
	       memcmp(stored.data, text_string(text), text->length) == 0;
}

/* The digest of what was asked for by a tag. The registry's own word for it only says where to look
 * for the same bytes. */
static int name_manifest(struct descriptor *ret, struct stage *stage, const struct text *text,
                         const struct fetch_order *order, struct error *err)
{
	const char *wanted = order->by_digest ? reference_digest_hex(order->what) : NULL;
	char hex[LAYER_HEX + 1];

	if (ret->hex != NULL && (wanted == NULL || strcmp(wanted, ret->hex) == 0) &&
	    is_stored(stage, ret->hex, text))
		return 0;
	if (take(hex, stage, text, wanted, err) < 0)
		return -1;
	ret->hex = arena_strdup(stage->arena, hex);
	ret->size = text->length;
	return 0;
}

/* What was asked for has turned out to be this. */
struct settled {
	struct descriptor manifest;
	const char *index; /* hex of the index that names it, where that was needed; NULL */
};

/* What an index names, verified, in the stage. */
static int ask_named(struct text *ret, struct stage *stage, struct registry *registry,
                     const struct descriptor *named, struct error *err)
{
	struct registry_answer answer;
	char hex[LAYER_HEX + 1];
	int status = ask_manifest(ret, &answer, registry,
	                          arena_printf(stage->arena, "sha256:%s", named->hex), err);

	if (status == 0)
		return error_set(err, 0, "its index names sha256:%s, which the registry has not",
		                 named->hex);
	return status < 0 || take(hex, stage, ret, named->hex, err) < 0 ? -1 : 0;
}

/* What an index has for this machine, verified, in the stage: 1; 2 where the store has it; -1. */
static int choose(struct descriptor *ret, struct stage *stage, struct registry *registry,
                  const struct document *index, const struct fetch_order *order, struct error *err)
{
	struct document at = *index;

	for (int depth = 1; depth <= LIMIT_NESTING; depth++) {
		const struct descriptor *chosen = document_choose(&at, &stage->wanted.platform);
		_cleanup_text struct text text = {};
		int status;

		if (chosen == NULL)
			return document_without(&at, &stage->wanted.platform, stage->arena, err);
		*ret = *chosen;
		status = chosen->media != MEDIA_MANIFEST
		                 ? 0
		                 : stage_known(stage, ret, &order->names, err);
		if (status != 0)
			return status < 0 ? -1 : 2;
		if (chosen->media != MEDIA_MANIFEST && chosen->media != MEDIA_INDEX)
			return error_set(err, 0, "%.100s: not the media type of an image",
			                 chosen->media_type);
		if (ask_named(&text, stage, registry, chosen, err) < 0)
			return -1;
		if (chosen->media == MEDIA_MANIFEST)
			return 1;
		if (document_parse(&at, stage->arena, "the index", &text, chosen->media_type, err) <
		    0)
			return -1;
	}
	return error_set(err, 0, "an index in an index more than %d deep", LIMIT_NESTING);
}

/* From what was asked for to a manifest in the stage: 1; 2 where the store has all of it; 0; -1. */
static int settle(struct settled *ret, struct stage *stage, struct registry *registry,
                  const struct fetch_order *order, struct error *err)
{
	_cleanup_text struct text text = {};
	struct registry_answer answer;
	struct document document;
	char hex[LAYER_HEX + 1];
	int status = ask_manifest(&text, &answer, registry, order->what, err);

	if (status <= 0)
		return status;
	if (document_parse(&document, stage->arena, "the manifest", &text, answer.media_type, err) <
	    0)
		return -1;
	if (document.media == MEDIA_INDEX) {
		bool matters = order->scope != NULL || order->attaching != ATTACHING_IGNORE;

		if ((order->by_digest || matters) &&
		    take(hex, stage, &text,
		         order->by_digest ? reference_digest_hex(order->what) : NULL, err) < 0)
			return -1;
		if (matters)
			ret->index = arena_strdup(stage->arena, hex);
		return choose(&ret->manifest, stage, registry, &document, order, err);
	}
	ret->manifest =
	        (struct descriptor){ .media = MEDIA_MANIFEST,
		                     .media_type = arena_strdup(stage->arena, answer.media_type),
		                     .size = text.length };
	if (reference_digest_hex(answer.digest) != NULL)
		ret->manifest.hex = arena_strdup(stage->arena, reference_digest_hex(answer.digest));
	if (name_manifest(&ret->manifest, stage, &text, order, err) < 0)
		return -1;
	status = stage_known(stage, &ret->manifest, &order->names, err);
	return status == 0 ? 1 : status < 0 ? -1 : 2;
}

/* Before anything of it is read that could matter. */
static int check_signatures(struct stage *stage, struct registry *registry,
                            const struct fetch_order *order, const struct settled *settled,
                            struct error *err)
{
	const struct signed_order check = { .stage = stage,
		                            .registry = registry,
		                            .scope = order->scope,
		                            .name = order->reference,
		                            .hex = { settled->manifest.hex, settled->index } };

	return order->scope == NULL ? 0 : signed_check(&check, err);
}

/* ---- the rest ---- */

static int fetch_config(struct stage *stage, struct registry *registry,
                        const struct descriptor *config, struct error *err)
{
	struct registry_question question = { .action = REGISTRY_BLOB, .size = config->size };
	_cleanup_text struct text text = {};
	struct registry_answer answer;
	char hex[LAYER_HEX + 1];
	int status;

	if (stage_has_blob(stage, config))
		return 0;
	if (config->size > LIMIT_MANIFEST)
		return error_set(err, 0, "its config has %" PRIu64 " bytes, more than cordon takes",
		                 config->size);
	set_name(&question, arena_printf(stage->arena, "sha256:%s", config->hex));
	status = registry_read(&text, &answer, registry, &question, err);
	if (status == 0)
		return error_set(err, 0, "the registry has not its config, sha256:%s", config->hex);
	return status < 0 ? -1 : take(hex, stage, &text, config->hex, err);
}

static int fetch_parts(struct stage *stage, struct registry *registry,
                       const struct fetch_order *order, const struct descriptor *manifest,
                       struct error *err)
{
	_cleanup_text struct text text = {}, config_text = {};
	struct document document;
	struct config config;
	struct fetch_layers layers = { .stage = stage,
		                       .registry = registry,
		                       .watch = order->watch,
		                       .manifest = &document,
		                       .diffs = &config.layers };

	if (stage_read_blob(&text, stage, manifest, err) < 0 ||
	    document_parse(&document, stage->arena, "the manifest", &text, manifest->media_type,
	                   err) < 0)
		return -1;
	if (document.media != MEDIA_MANIFEST)
		return error_set(err, 0, "sha256:%s is an index, not a manifest", manifest->hex);
	if (fetch_config(stage, registry, &document.config, err) < 0 ||
	    stage_read_blob(&config_text, stage, &document.config, err) < 0 ||
	    config_parse(&config, stage->arena, &config_text, err) < 0 ||
	    stage_check_platform(stage, &config.platform, err) < 0)
		return -1;
	if (document.count != config.layers.count)
		return error_set(err, 0, "the manifest has %zu layers, the config %zu",
		                 document.count, config.layers.count);
	return fetch_layers(&layers, err);
}

/* Holds the image for this pull. Somebody else who is at it is waited for. */
static int claim_image(struct stage *stage, const struct fetch_order *order, const char *hex,
                       struct error *err)
{
	_cleanup_fd int folder = paths_open_dir(stage->paths->data, "partial", err);
	const char *name = arena_printf(stage->arena, "%s.lock", hex);
	int fd;

	if (folder < 0)
		return -1;
	fd = store_claim(folder, name, false, err);
	if (fd >= 0 || err->number != EWOULDBLOCK)
		return fd;
	tell(order, IMAGE_AWAITED, hex);
	return store_claim(folder, name, true, err);
}

void fetch_release(struct fetch_claim *claim, const struct stage *stage)
{
	if (claim->fd < 0)
		return;
	/* still held: nobody else has it */
	unlink(arena_printf(stage->arena, "%s/partial/%s.lock", stage->paths->data, claim->hex));
	cleanup_close(&claim->fd);
	claim->fd = -1;
}

/* What another pull has claimed meanwhile is its own to take away. */
static void forget_blob(int folder, const char *hex)
{
	struct error ignored;
	_cleanup_fd int claim = -1;

	if (faccessat(folder, hex, F_OK, AT_SYMLINK_NOFOLLOW) < 0)
		return;
	claim = store_claim(folder, hex, false, &ignored);
	if (claim >= 0)
		unlinkat(folder, hex, 0);
}

void fetch_forget(const struct stage *stage)
{
	struct error ignored;
	_cleanup_fd int folder = paths_open_dir(stage->paths->data, "partial", &ignored);

	for (size_t i = 0; folder >= 0 && i < stage->count; i++)
		for (size_t j = 0; j < stage->images[i].blobs.count; j++)
			forget_blob(folder, stage->images[i].blobs.items[j]);
}

/* The document that was asked for, verified where its digest was. 1, 0, -1 */
static int fetch_document(struct stage *stage, struct registry *registry,
                          const struct fetch_order *order, struct error *err)
{
	struct registry_answer answer;
	struct document document;
	char hex[LAYER_HEX + 1];
	int status = ask_manifest(order->document, &answer, registry, order->what, err);

	if (status <= 0)
		return status;
	if (document_parse(&document, stage->arena, "the manifest", order->document,
	                   answer.media_type, err) < 0)
		return -1;
	if (order->by_digest &&
	    take(hex, stage, order->document, reference_digest_hex(order->what), err) < 0)
		return -1;
	return 1;
}

static int fetch_attached(struct stage *stage, struct registry *registry,
                          const struct fetch_order *order, const struct settled *settled,
                          struct error *err)
{
	const struct attached_order attached = { .stage = stage,
		                                 .registry = registry,
		                                 .scope = order->scope,
		                                 .name = order->reference,
		                                 .hex = { settled->manifest.hex, settled->index },
		                                 .attaching = order->attaching,
		                                 .watch = order->watch };

	if (order->attaching == ATTACHING_IGNORE)
		return 0;
	return attached_fetch(&stage->images[stage->count - 1], &attached, err);
}

/* What `settle` found to be wanted: 1, 0, -1. */
static int fetch_settled(struct fetch_claim *claim, struct stage *stage, struct registry *registry,
                         const struct fetch_order *order, const struct descriptor *manifest,
                         struct error *err)
{
	int status;

	claim->hex = manifest->hex;
	claim->fd = claim_image(stage, order, manifest->hex, err);
	if (claim->fd < 0)
		return -1;
	status = stage_known(stage, manifest, &order->names, err);
	if (status != 0)
		return status;
	if (stage_make(stage, err) < 0 || fetch_parts(stage, registry, order, manifest, err) < 0)
		return -1;
	return stage_image(stage, manifest, &order->names, err) < 0 ? -1 : 1;
}

int fetch_image(struct fetch_claim *claim, struct stage *stage, struct registry *registry,
                const struct fetch_order *order, struct error *err)
{
	struct settled settled = {};
	int status;

	if (order->document != NULL)
		return fetch_document(stage, registry, order, err);
	status = settle(&settled, stage, registry, order, err);
	if (status == 0 || status == -1)
		return status;
	if (check_signatures(stage, registry, order, &settled, err) < 0)
		return -1;
	if (order->checked != NULL) {
		*order->checked = arena_printf(stage->arena, "sha256:%s", settled.manifest.hex);
		return 1;
	}
	if (status != 2)
		status = fetch_settled(claim, stage, registry, order, &settled.manifest, err);
	if (status > 0 && fetch_attached(stage, registry, order, &settled, err) < 0)
		return -1;
	return status > 0 ? 1 : status;
}
