#include "runtime/image/remote.h"

#include "runtime/image/place.h"
#include "runtime/image/transport.h"
#include "runtime/registry/attachments.h"
#include "runtime/registry/reference.h"
#include "runtime/registry/trust.h"

/* One pull of one name. */
struct search {
	struct fetch_claim *claim;
	struct stage *stage;
	const struct image_pull *pull;
	const struct registries *registries;
	const struct trust *trust;
	const char *name; /* that the image gets */
	struct reference reference;
	const struct trust_scope *scope; /* the signatures it must have; NULL: none */
	const char **checked;            /* image_verify: signatures are all that is asked about */
	struct text *document;           /* image_manifest: so is the manifest */
};

/* 1, 0, -1 */
static int ask_place(const struct search *search, const struct registry_place *place,
                     struct error *err)
{
	struct stage *stage = search->stage;
	const struct image_pull *pull = search->pull;
	const struct asking asking = { .arena = stage->arena,
		                       .paths = stage->paths,
		                       .host = stage->host,
		                       .access = &pull->access,
		                       .registries = search->registries };
	struct fetch_order order = { .what = place->digest != NULL ? place->digest : place->tag,
		                     .by_digest = place->digest != NULL,
		                     .scope = search->scope,
		                     .reference = &search->reference,
		                     .checked = search->checked,
		                     .document = search->document,
		                     .watch = pull->watch };
	size_t before = stage->count;
	struct registry registry;
	int status;

	list_append(&order.names, stage->arena, search->name);
	place_tell(pull->watch, stage->arena, place);
	if (place_open(&registry, &asking, place, err) < 0)
		return -1;
	/* while the helper gets ready */
	status = stage_ask_policy(&order.attaching, &pull->policy, search->name, err);
	if (status == 0)
		status = fetch_image(search->claim, stage, &registry, &order, err);
	registry_reap(stage->leaving);
	stage->leaving = registry_dismiss(&registry);
	if (status != 1) {
		fetch_release(search->claim, stage);
		stage->count = before;
	}
	if (status == 0)
		error_set(err, 0, "%s has no such image", place->host);
	return status;
}

static int nothing_to_verify(const struct search *search, struct error *err)
{
	error_set(err, 0, "%s accepts it whether it is signed or not",
	          search->trust->file == NULL ? "there is no policy.json, which"
	                                      : search->trust->file);
	return error_hint(err, "--key FILE says by whom it should be signed");
}

/* Signatures that are wanted and not looked for: what podman does with the same files. */
static int check_attachments(const struct search *search, struct error *err)
{
	struct arena *arena = search->stage->arena;
	struct attachments attachments;

	if (attachments_read(&attachments, arena, err) < 0)
		return -1;
	if (attachments_wanted(&attachments, arena, &search->reference))
		return 0;
	error_set(err, 0,
	          "%s wants it to be signed, and registries.d does not say that signatures "
	          "are to be looked for",
	          search->trust->file);
	return error_hint(err, "\"use-sigstore-attachments: true\" in registries.d says so "
	                       "(containers-registries.d(5))");
}

/* A mirror that fails is passed over: what counts is said by the place itself, which is the last.
 * 1, -1 */
static int ask_places(struct search *search, const char *name, struct error *err)
{
	struct arena *arena = search->stage->arena;
	struct registry_place *places;
	size_t count;
	int status = 0;

	if (reference_parse(&search->reference, arena, name, err) < 0)
		return -1;
	search->name = reference_string(arena, &search->reference);
	if (search->trust != NULL)
		status = trust_requirements(&search->scope, arena, search->trust, "docker",
		                            search->name, err);
	if (status == 1)
		search->scope = NULL;
	if (status == 1 && search->checked != NULL)
		status = nothing_to_verify(search, err);
	if (status == 0 && search->trust != NULL)
		status = check_attachments(search, err);
	if (status < 0 || registries_places(&places, &count, arena, search->registries,
	                                    &search->reference, err) < 0)
		return error_prefix(err, "%s", search->name);
	status = 0;
	for (size_t i = 0; i < count && status != 1; i++)
		status = ask_place(search, &places[i], err);
	return status == 1 ? 1 : error_prefix(err, "%s", search->name);
}

int remote_stage(struct fetch_claim *claim, struct stage *stage, const struct image_pull *pull,
                 const char *name, struct error *err)
{
	struct registries registries;
	struct trust trust;
	struct plan_strings names = {};
	struct search search = { .claim = claim,
		                 .stage = stage,
		                 .pull = pull,
		                 .registries = &registries,
		                 .trust = &trust };

	if (transport_check(name, false, err) < 0 ||
	    registries_read(&registries, stage->arena, err) < 0 ||
	    trust_read(&trust, stage->arena, err) < 0 ||
	    registries_candidates(&names, stage->arena, &registries, name, err) < 0)
		return -1;
	for (size_t i = 0; i < names.count; i++)
		if (ask_places(&search, names.items[i], err) == 1)
			return 0;
	return -1;
}

/* As a policy.json would say that asks for this key, whatever tag the signature is made out to. */
static const struct trust_scope *scope_of_key(struct arena *arena, const char *path)
{
	struct trust_key *key = arena_alloc(arena, sizeof *key);
	struct trust_requirement *requirement = arena_alloc(arena, sizeof *requirement);
	struct trust_scope *scope = arena_alloc(arena, sizeof *scope);

	key->path = path;
	*requirement = (struct trust_requirement){ .kind = TRUST_SIGSTORE,
		                                   .keys = key,
		                                   .key_count = 1,
		                                   .identity.match = MATCH_REPOSITORY };
	*scope = (struct trust_scope){ .requirements = requirement, .count = 1 };
	return scope;
}

int remote_document(struct text *ret, struct stage *stage, const struct image_pull *pull,
                    struct error *err)
{
	struct registries registries;
	struct plan_strings names = {};
	struct fetch_claim claim = { .fd = -1 };
	struct search search = { .claim = &claim,
		                 .stage = stage,
		                 .pull = pull,
		                 .registries = &registries,
		                 .document = ret };

	if (transport_check(pull->source, false, err) < 0 ||
	    registries_read(&registries, stage->arena, err) < 0 ||
	    registries_candidates(&names, stage->arena, &registries, pull->source, err) < 0)
		return -1;
	for (size_t i = 0; i < names.count; i++) {
		text_clear(ret);
		if (ask_places(&search, names.items[i], err) == 1)
			return 0;
	}
	return -1;
}

int remote_verify(const char **digest, struct stage *stage, const struct image_verify *verify,
                  struct error *err)
{
	const struct image_pull pull = { .source = verify->name, .access = verify->access };
	struct registries registries;
	struct trust trust;
	struct plan_strings names = {};
	struct fetch_claim claim = { .fd = -1 };
	struct search search = { .claim = &claim,
		                 .stage = stage,
		                 .pull = &pull,
		                 .registries = &registries,
		                 .checked = digest };

	if (verify->key != NULL)
		search.scope = scope_of_key(stage->arena, verify->key);
	else
		search.trust = &trust;
	if (transport_check(verify->name, false, err) < 0 ||
	    registries_read(&registries, stage->arena, err) < 0 ||
	    (verify->key == NULL && trust_read(&trust, stage->arena, err) < 0) ||
	    registries_candidates(&names, stage->arena, &registries, verify->name, err) < 0)
		return -1;
	for (size_t i = 0; i < names.count; i++)
		if (ask_places(&search, names.items[i], err) == 1)
			return 0;
	return -1;
}
