#include "runtime/image/remote.h"

#include "cordon-config.h"
#include "runtime/image/layout.h"
#include "runtime/image/reference.h"
#include "runtime/image/send.h"
#include "runtime/store/lock.h"
#include "sandbox/base/cleanup.h"

#include <linux/audit.h>
#include <string.h>

/* One place to ask for an image. */
struct place {
	const char *host, *repository;
	bool insecure;
};

static bool is_here(const char *host)
{
	static const char *const names[] = { "localhost", "127.0.0.1", "[::1]" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		size_t length = strlen(names[i]);

		if (strncmp(host, names[i], length) == 0 &&
		    (host[length] == '\0' || host[length] == ':'))
			return true;
	}
	return false;
}

/* Docker Hub answers under another name than its images have; registries of this machine need no
 * TLS, as Docker has it. */
static struct place place_of(const struct reference *reference)
{
	bool hub = strcmp(reference->domain, "docker.io") == 0;

	return (struct place){ .host = hub ? "registry-1.docker.io" : reference->domain,
		               .repository = reference->path,
		               .insecure = is_here(reference->domain) };
}

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
	bool push;
};

static int take_access(struct registry_setup *setup, const struct image_access *access,
                       struct error *err)
{
	setup->insecure |= access->insecure;
	if (access->user == NULL)
		return 0;
	if (fill(setup->user, sizeof setup->user, access->user, "the user's name", err) < 0)
		return -1;
	return fill(setup->secret, sizeof setup->secret, access->secret, "the password", err);
}

/* A connection to one place. */
static int open_place(struct registry *ret, const struct asking *asking, const struct place *place,
                      struct error *err)
{
	struct registry_setup *setup = arena_alloc(asking->arena, sizeof *setup);
	int result;

	*setup = (struct registry_setup){ .agent = "cordon/" CORDON_VERSION,
		                          .insecure = place->insecure,
		                          .push = asking->push,
		                          .landlock_abi = asking->host->landlock_abi };
	if (fill(setup->host, sizeof setup->host, place->host, "the registry's name", err) < 0 ||
	    fill(setup->repository, sizeof setup->repository, place->repository, "the image's name",
	         err) < 0 ||
	    take_access(setup, asking->access, err) < 0)
		return -1;
	result = registry_open(ret, setup, asking->paths, -1, err);
	/* The helper has it now. */
	explicit_bzero(setup, sizeof *setup);
	return result;
}

static void tell_place(const struct image_watch *watch, struct arena *arena,
                       const struct place *place)
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

static int ask_place(struct fetch_claim *claim, struct stage *stage, const struct image_pull *pull,
                     const struct reference *reference, struct error *err)
{
	const struct asking asking = { .arena = stage->arena,
		                       .paths = stage->paths,
		                       .host = stage->host,
		                       .access = &pull->access };
	const struct place place = place_of(reference);
	struct fetch_order order = { .what = reference->digest != NULL ? reference->digest
		                                                       : reference->tag,
		                     .by_digest = reference->digest != NULL,
		                     .architecture = architecture(stage, pull),
		                     .watch = pull->watch };
	struct registry registry;
	int status;

	list_append(&order.names, stage->arena, reference_string(stage->arena, reference));
	tell_place(pull->watch, stage->arena, &place);
	if (open_place(&registry, &asking, &place, err) < 0)
		return -1;
	status = fetch_image(claim, stage, &registry, &order, err);
	registry_close(&registry);
	if (status == 0)
		return error_set(err, 0, "%s has no such image", place.host);
	return status < 0 ? -1 : 0;
}

int remote_stage(struct fetch_claim *claim, struct stage *stage, const struct image_pull *pull,
                 const char *name, struct error *err)
{
	struct reference reference;

	if (reference_parse(&reference, stage->arena, name, err) < 0)
		return -1;
	if (ask_place(claim, stage, pull, &reference, err) < 0)
		return error_prefix(err, "%s", reference_string(stage->arena, &reference));
	return 0;
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
	const struct place place = place_of(target);
	struct descriptor manifest;
	struct send_order order = { .arena = asking->arena,
		                    .paths = asking->paths,
		                    .manifest = &manifest,
		                    .name = target->tag != NULL ? target->tag : target->digest,
		                    .from = lender(asking->arena, image, target),
		                    .watch = watch };
	struct registry registry;
	int result;

	if (target->tag == NULL && strcmp(target->digest, image->digest) != 0)
		return error_set(err, 0, "the image's digest is %s", image->digest);
	if (find_manifest(&manifest, asking->arena, asking->paths, image->digest, err) < 0)
		return -1;
	tell_place(watch, asking->arena, &place);
	if (open_place(&registry, asking, &place, err) < 0)
		return -1;
	result = send_image(&registry, &order, err);
	registry_close(&registry);
	return result;
}

int image_push(const char **digest, struct arena *arena, const struct paths *paths,
               const struct host *host, const struct image_push *push, struct error *err)
{
	static const char scheme[] = "docker://";
	const struct asking asking = { arena, paths, host, &push->access, true };
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
	if (push_to(&asking, &image, &reference, push->watch, err) < 0)
		return error_prefix(err, "%s", reference_string(arena, &reference));
	return 0;
}
