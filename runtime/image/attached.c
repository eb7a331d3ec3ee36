#include "runtime/image/attached.h"

#include "policy/attached.h"
#include "runtime/image/beside.h"
#include "runtime/image/referrers.h"
#include "runtime/image/signed.h"
#include "sandbox/base/cleanup.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
	CANDIDATES = 16,    /* taken, of one image */
	TRIES = 64,         /* looked at, of one manifest */
	DAY = 24 * 60 * 60, /* seconds; so much may clocks differ */
};

static const char media_manifest[] = "application/vnd.oci.image.manifest.v1+json";

/* An artifact whose manifest is what it should be. */
struct candidate {
	const char *manifest; /* hex */
	const char *profile;  /* hex */
	uint64_t size;        /* of the profile */
	int64_t created;      /* 0: it does not say */
};

struct search {
	const struct attached_order *order;
	struct arena *arena;
	struct candidate candidates[CANDIDATES];
	size_t count;
	struct error why; /* of the last that will not do */
};

static void pass_over(struct search *search, const char *hex)
{
	const struct image_watch *watch = search->order->watch;
	struct image_news news = { .kind = IMAGE_NOTE };

	error_prefix(&search->why, "the profile sha256:%.12s of the image is passed over", hex);
	news.text = search->why.text;
	if (watch != NULL)
		watch->tell(watch->context, &news);
}

/* Into the stage; it must be what its digest says. */
static int take(const struct search *search, const struct text *text, const char *hex,
                struct error *err)
{
	struct layer_answer answer;

	if (stage_take_text(&answer, search->order->stage, text, err) < 0)
		return -1;
	if (strcmp(answer.blob, hex) != 0)
		return error_set(err, 0, "sha256:%s was asked for, sha256:%s came", hex,
		                 answer.blob);
	return 0;
}

/* ---- manifests ---- */

static int read_layer(struct candidate *ret, const struct value *manifest, struct error *err)
{
	const struct value *layers = value_get(manifest, "layers");
	const struct value *layer;

	if (layers == NULL || layers->kind != VALUE_ARRAY || layers->count != 1)
		return error_set(err, 0, "its manifest has not one layer");
	layer = layers->items[0];
	ret->profile = reference_digest_hex(value_string(value_get(layer, "digest"), NULL));
	ret->size = (uint64_t)value_integer(value_get(layer, "size"), -1);
	if (ret->profile == NULL ||
	    !text_equal(value_string(value_get(layer, "mediaType"), NULL), ATTACHED_MEDIA_TYPE))
		return error_set(err, 0, "its layer is no profile");
	if (ret->size > ATTACHED_SIZE)
		return error_set(err, 0, "it has more than the %d bytes it may have",
		                 ATTACHED_SIZE);
	return 0;
}

/* It would hide every later one for as long. */
static int check_created(const struct candidate *candidate, struct arena *arena, struct error *err)
{
	int64_t now = time(NULL);

	if (candidate->created <= now + DAY)
		return 0;
	return error_set(err, 0, "it says that it was made at %s, and this machine's clock %s",
	                 config_print_time(arena, candidate->created),
	                 config_print_time(arena, now));
}

static int read_manifest(struct candidate *ret, const struct value *manifest, const char *subject,
                         struct error *err)
{
	const char *created = value_string(value_get(value_get(manifest, "annotations"),
	                                             "org.opencontainers.image.created"),
	                                   NULL);
	const char *hex =
	        reference_digest_hex(value_string(value_path(manifest, "subject.digest"), NULL));

	if (!text_equal(value_string(value_get(manifest, "mediaType"), media_manifest),
	                media_manifest) ||
	    !text_equal(value_string(value_get(manifest, "artifactType"), NULL),
	                ATTACHED_MEDIA_TYPE))
		return error_set(err, 0, "its manifest is not one of a profile");
	if (!text_equal(hex, subject))
		return error_set(err, 0, "it is for another image");
	ret->created = config_parse_time(created);
	return read_layer(ret, manifest, err);
}

/* A manifest, verified, in the stage. */
static int fetch_manifest(struct text *ret, const struct search *search,
                          const struct referrer *referrer, struct error *err)
{
	const char *name = arena_printf(search->arena, "sha256:%s", referrer->hex);
	int status;

	if (search->order->registry == NULL)
		return beside_read(ret, search->order->stage, referrer->hex, referrer->size, err);
	status = referrers_document(ret, search->order->registry, name, err);
	if (status == 0)
		return error_set(err, 0, "the registry has not its manifest");
	return status < 0 ? -1 : take(search, ret, referrer->hex, err);
}

static int take_candidate(struct search *search, const struct referrer *referrer,
                          const char *subject, struct error *err)
{
	struct candidate *candidate = &search->candidates[search->count];
	_cleanup_text struct text text = {};
	struct value *manifest;

	*candidate = (struct candidate){ .manifest = referrer->hex };
	if (fetch_manifest(&text, search, referrer, err) < 0 ||
	    value_decode(&manifest, search->arena, "its manifest", text_string(&text), text.length,
	                 err) < 0 ||
	    read_manifest(candidate, manifest, subject, err) < 0 ||
	    check_created(candidate, search->arena, err) < 0)
		return -1;
	search->count++;
	return 0;
}

static int newest_first(const void *a, const void *b)
{
	const struct candidate *left = a, *right = b;

	if (left->created != right->created)
		return left->created > right->created ? -1 : 1;
	return strcmp(left->manifest, right->manifest);
}

static int find(struct referrers *ret, const struct search *search, const char *hex,
                struct error *err)
{
	const struct attached_order *order = search->order;

	if (order->registry != NULL)
		return referrers_find(ret, search->arena, order->registry, hex, ATTACHED_MEDIA_TYPE,
		                      err);
	return beside_find(ret, order->stage, order->index, hex, ATTACHED_MEDIA_TYPE, err);
}

static void find_all(struct search *search)
{
	const struct attached_order *order = search->order;

	for (size_t i = 0; i < ARRAY_SIZE(order->hex); i++) {
		struct referrers found = {};

		if (order->hex[i] == NULL)
			continue;
		if (find(&found, search, order->hex[i], &search->why) < 0)
			pass_over(search, order->hex[i]);
		for (size_t j = 0; j < found.count && j < TRIES && search->count < CANDIDATES; j++)
			if (take_candidate(search, &found.items[j], order->hex[i], &search->why) <
			    0)
				pass_over(search, found.items[j].hex);
	}
	qsort(search->candidates, search->count, sizeof *search->candidates, newest_first);
}

/* ---- the profile ---- */

/* As the image's own name with the digest would be signed. */
static int check_signatures(const struct search *search, const struct candidate *candidate,
                            struct error *err)
{
	const struct attached_order *order = search->order;
	struct reference name;
	const struct signed_order check = { .stage = order->stage,
		                            .registry = order->registry,
		                            .scope = order->scope,
		                            .name = &name,
		                            .hex = { candidate->manifest } };

	if (order->scope == NULL)
		return 0;
	name = *order->name;
	name.tag = NULL;
	name.digest = arena_printf(search->arena, "sha256:%s", candidate->manifest);
	return signed_check(&check, err);
}

static int check_text(struct arena *arena, const char *hex, const struct text *text,
                      struct error *err)
{
	const struct policy_source source = { .file = arena_printf(arena, "sha256:%.12s", hex),
		                              .text = text_string(text),
		                              .length = text->length };
	struct policy *profile;

	if (policy_parse(&profile, arena, &source, err) < 0)
		return -1;
	return attached_check(profile, err);
}

/* The same of its text. */
static int fetch_text(struct text *ret, const struct search *search,
                      const struct candidate *candidate, struct error *err)
{
	const struct attached_order *order = search->order;
	struct registry_question question = { .action = REGISTRY_BLOB, .size = candidate->size };
	struct registry_answer answer;
	int status;

	if (order->registry == NULL)
		return beside_read(ret, order->stage, candidate->profile, candidate->size, err);
	snprintf(question.name, sizeof question.name, "sha256:%s", candidate->profile);
	status = registry_read(ret, &answer, order->registry, &question, err);
	if (status == 0)
		return error_set(err, 0, "the registry has not its text");
	return status < 0 ? -1 : take(search, ret, candidate->profile, err);
}

static int fetch_profile(struct search *search, const struct candidate *candidate,
                         struct error *err)
{
	_cleanup_text struct text text = {};

	if (check_signatures(search, candidate, err) < 0 ||
	    fetch_text(&text, search, candidate, err) < 0)
		return -1;
	return check_text(search->arena, candidate->profile, &text, err);
}

/* Neither what is there already nor what is older needs to be fetched. */
static bool is_newer(struct search *search, const struct candidate *candidate,
                     const struct image_attached *stored)
{
	if (stored->profile == NULL)
		return true;
	if (strcmp(stored->manifest, candidate->manifest) == 0)
		return false;
	if (candidate->created >= stored->created)
		return true;
	error_set(&search->why, 0, "it is older than the one that is here, sha256:%.12s",
	          stored->manifest);
	pass_over(search, candidate->manifest);
	return false;
}

static void choose(struct staged_image *image, struct search *search,
                   const struct image_attached *stored)
{
	for (size_t i = 0; i < search->count; i++) {
		const struct candidate *candidate = &search->candidates[i];

		if (!is_newer(search, candidate, stored))
			return; /* nor is any that follows */
		if (fetch_profile(search, candidate, &search->why) < 0) {
			pass_over(search, candidate->manifest);
			continue;
		}
		image->record.attached = (struct image_attached){ .profile = candidate->profile,
			                                          .manifest = candidate->manifest,
			                                          .created = candidate->created };
		list_append(&image->blobs, search->arena, candidate->profile);
		list_append(&image->blobs, search->arena, candidate->manifest);
		return;
	}
}

static int refuse(const struct search *search, struct error *err)
{
	if (search->why.text[0] != '\0')
		error_set(err, 0, "%s", search->why.text);
	else if (search->order->registry == NULL)
		error_set(err, 0, "there is no profile for it beside it");
	else
		error_set(err, 0, "its registry has no profile for it");
	error_prefix(err, "the policy for it requires a profile of the image's own");
	return error_hint(err,
	                  "\"image_profile\" in the profile says so (cordon policy show IMAGE)");
}

int attached_fetch(struct staged_image *image, const struct attached_order *order,
                   struct error *err)
{
	struct search *search = arena_alloc(order->stage->arena, sizeof *search);
	struct image_record before = {};
	struct error ignored;

	search->order = order;
	search->arena = order->stage->arena;
	if (image_record_read(&before, search->arena, order->stage->paths, image->manifest.hex,
	                      &ignored) != 1)
		before = (struct image_record){};
	find_all(search);
	choose(image, search, &before.attached);
	if (image->record.attached.profile != NULL || before.attached.profile != NULL ||
	    order->attaching != ATTACHING_REQUIRE)
		return 0;
	return refuse(search, err);
}
