#include "runtime/image/remote.h"

#include "cordon-config.h"
#include "runtime/image/layout.h"
#include "runtime/registry/reference.h"
#include "runtime/registry/registries.h"
#include "runtime/registry/trust.h"
#include "runtime/image/send.h"
#include "runtime/registry/certificates.h"
#include "runtime/registry/credentials.h"
#include "runtime/store/lock.h"
#include "sandbox/base/cleanup.h"

#include <linux/audit.h>
#include <string.h>

static int fill(char *ret, size_t room, const char *value, const char *what, struct error *err)
{
	if (strlen(value) >= room)
		return error_set(err, 0, "%s is too long", what);
	strcpy(ret, value);
	return 0;
}

/* Who asks, with what. */
struct asking {
	struct arena *arena;
	const struct paths *paths;
	const struct host *host;
	const struct image_access *access;
	const struct registries *registries;
	bool push;
};

/* Those that were given, or those that `cordon login` and its like have kept. */
static int find_credentials(struct credentials *ret, const struct asking *asking,
                            const struct registry_place *place, struct error *err)
{
	const struct image_access *access = asking->access;
	struct credential_sources sources;

	*ret = (struct credentials){ .user = "", .secret = "" };
	if (access->user != NULL) {
		ret->user = access->user;
		ret->secret = access->secret;
		return 0;
	}
	credential_sources_init(&sources, asking->arena, &asking->registries->helpers,
	                        access->file);
	return credentials_find(ret, asking->arena, &sources, place->name, err) < 0 ? -1 : 0;
}

static int take_access(struct registry_setup *setup, const struct asking *asking,
                       const struct registry_place *place, struct error *err)
{
	struct credentials credentials;

	setup->insecure |= asking->access->insecure;
	if (find_credentials(&credentials, asking, place, err) < 0)
		return -1;
	setup->token = credentials.token != NULL;
	if (fill(setup->user, sizeof setup->user, credentials.user, "the user's name", err) < 0)
		return -1;
	return fill(setup->secret, sizeof setup->secret,
	            setup->token ? credentials.token : credentials.secret, "the password", err);
}

/* A connection to one place. */
static int open_place(struct registry *ret, const struct asking *asking,
                      const struct registry_place *place, struct error *err)
{
	struct registry_setup *setup = arena_alloc(asking->arena, sizeof *setup);
	_cleanup_fd int certificates = -1;
	int result;

	*setup = (struct registry_setup){ .agent = "cordon/" CORDON_VERSION,
		                          .insecure = place->insecure,
		                          .push = asking->push,
		                          .landlock_abi = asking->host->landlock_abi };
	if (fill(setup->host, sizeof setup->host, place->host, "the registry's name", err) < 0 ||
	    fill(setup->repository, sizeof setup->repository, place->repository, "the image's name",
	         err) < 0 ||
	    take_access(setup, asking, place, err) < 0 ||
	    certificates_open(&certificates, asking->arena, place->host, err) < 0)
		return -1;
	setup->certificates = certificates >= 0;
	result = registry_open(ret, setup, asking->paths, certificates, err);
	/* The helper has it now. */
	explicit_bzero(setup, sizeof *setup);
	return result;
}

static void tell_place(const struct image_watch *watch, struct arena *arena,
                       const struct registry_place *place)
{
	const struct image_news news = { .kind = IMAGE_ASKED,
		                         .text = arena_printf(arena, "%s/%s", place->host,
		                                              place->repository) };

	if (watch != NULL)
		watch->tell(watch->context, &news);
}

static const char *architecture(const struct stage *stage, const struct image_pull *pull)
{
	if (pull->architecture != NULL)
		return pull->architecture;
	return stage->host->audit_arch == AUDIT_ARCH_AARCH64 ? "arm64" : "amd64";
}

/* ---- pull ---- */

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
		                     .architecture = architecture(stage, pull),
		                     .scope = search->scope,
		                     .reference = &search->reference,
		                     .watch = pull->watch };
	size_t before = stage->count;
	struct registry registry;
	int status;

	list_append(&order.names, stage->arena, search->name);
	tell_place(pull->watch, stage->arena, place);
	if (open_place(&registry, &asking, place, err) < 0)
		return -1;
	status = fetch_image(search->claim, stage, &registry, &order, err);
	registry_close(&registry);
	if (status != 1) {
		fetch_release(search->claim, stage);
		stage->count = before;
	}
	if (status == 0)
		error_set(err, 0, "%s has no such image", place->host);
	return status;
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
	status = trust_requirements(&search->scope, arena, search->trust, "docker", search->name,
	                            err);
	if (status == 1)
		search->scope = NULL;
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

	if (registries_read(&registries, stage->arena, err) < 0 ||
	    trust_read(&trust, stage->arena, err) < 0 ||
	    registries_candidates(&names, stage->arena, &registries, name, err) < 0)
		return -1;
	for (size_t i = 0; i < names.count; i++)
		if (ask_places(&search, names.items[i], err) == 1)
			return 0;
	return -1;
}

/* ---- push ---- */

/* The repository of the same registry that the image is known in here: it may lend its blobs. */
static const char *lender(struct arena *arena, const struct image *image,
                          const struct reference *target)
{
	for (size_t i = 0; i < image->names.count; i++) {
		struct reference other;
		struct error ignored;

		if (reference_parse(&other, arena, image->names.items[i], &ignored) == 0 &&
		    strcmp(other.domain, target->domain) == 0 &&
		    strcmp(other.path, target->path) != 0)
			return other.path;
	}
	return NULL;
}

/* The store's entry of an image: what it has of the manifest. */
static int find_manifest(struct descriptor *ret, struct arena *arena, const struct paths *paths,
                         const char *digest, struct error *err)
{
	const char *hex = reference_digest_hex(digest);
	struct layout layout;

	if (layout_read(&layout, arena, paths, err) < 0)
		return -1;
	for (size_t i = 0; i < layout.count; i++)
		if (hex != NULL && strcmp(layout.entries[i].hex, hex) == 0) {
			*ret = (struct descriptor){ .media = MEDIA_MANIFEST,
				                    .media_type = layout.entries[i].media_type,
				                    .hex = hex,
				                    .size = layout.entries[i].size };
			return 0;
		}
	return error_set(err, 0, "its manifest has gone");
}

static int push_to(const struct asking *asking, const struct image *image,
                   const struct reference *target, const struct image_watch *watch,
                   struct error *err)
{
	struct registry_place *places;
	struct descriptor manifest;
	struct send_order order = { .arena = asking->arena,
		                    .paths = asking->paths,
		                    .manifest = &manifest,
		                    .name = target->tag != NULL ? target->tag : target->digest,
		                    .from = lender(asking->arena, image, target),
		                    .watch = watch };
	struct registry registry;
	size_t count;
	int result;

	if (registries_places(&places, &count, asking->arena, asking->registries, target, err) < 0)
		return -1;
	if (target->tag == NULL && strcmp(target->digest, image->digest) != 0)
		return error_set(err, 0, "the image's digest is %s", image->digest);
	if (find_manifest(&manifest, asking->arena, asking->paths, image->digest, err) < 0)
		return -1;
	/* the last is the place itself: nobody pushes to a mirror */
	tell_place(watch, asking->arena, &places[count - 1]);
	if (open_place(&registry, asking, &places[count - 1], err) < 0)
		return -1;
	result = send_image(&registry, &order, err);
	registry_close(&registry);
	return result;
}

int image_push(const char **digest, struct arena *arena, const struct paths *paths,
               const struct host *host, const struct image_push *push, struct error *err)
{
	static const char scheme[] = "docker://";
	struct registries registries;
	const struct asking asking = { .arena = arena,
		                       .paths = paths,
		                       .host = host,
		                       .access = &push->access,
		                       .registries = &registries,
		                       .push = true };
	const char *target = push->target != NULL ? push->target : push->image;
	_cleanup_fd int lock = store_lock(paths, STORE_LOCK_USE, STORE_SHARED, err);
	struct reference reference;
	struct image image;
	int found;

	if (lock < 0)
		return -1;
	found = image_find(&image, arena, paths, push->image, err);
	if (found == 0)
		error_set(err, 0, "no such image: %.200s", push->image);
	if (found <= 0)
		return -1;
	target += text_starts(target, scheme) ? strlen(scheme) : 0;
	if (reference_parse(&reference, arena, target, err) < 0)
		return -1;
	*digest = image.digest;
	if (registries_read(&registries, arena, err) < 0)
		return -1;
	if (push_to(&asking, &image, &reference, push->watch, err) < 0)
		return error_prefix(err, "%s", reference_string(arena, &reference));
	return 0;
}

int image_login(struct arena *arena, const struct paths *paths, const struct host *host,
                const struct image_login *login, struct error *err)
{
	struct registries registries;
	const struct asking asking = { .arena = arena,
		                       .paths = paths,
		                       .host = host,
		                       .access = &login->access,
		                       .registries = &registries };
	struct registry_question question = { .action = REGISTRY_PING };
	struct registry_answer answer;
	struct registry_place *places;
	struct reference reference;
	struct registry registry;
	size_t count;
	int result;

	/* what registries.conf says of the registry as a whole: of any repository there */
	if (registries_read(&registries, arena, err) < 0 ||
	    reference_parse(&reference, arena, arena_printf(arena, "%s/any", login->registry),
	                    err) < 0 ||
	    registries_places(&places, &count, arena, &registries, &reference, err) < 0)
		return -1;
	places[count - 1].repository = "";
	if (open_place(&registry, &asking, &places[count - 1], err) < 0)
		return -1;
	result = registry_settle(&answer, &registry, &question, -1, err);
	registry_close(&registry);
	return result < 0 ? -1 : 0;
}
