#include "runtime/image/remote.h"

#include "cordon-config.h"
#include "runtime/image/reference.h"
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

static int make_setup(struct registry_setup *ret, const struct stage *stage,
                      const struct image_pull *pull, const struct place *place, struct error *err)
{
	*ret = (struct registry_setup){ .agent = "cordon/" CORDON_VERSION,
		                        .insecure = place->insecure || pull->insecure,
		                        .landlock_abi = stage->host->landlock_abi };
	if (fill(ret->host, sizeof ret->host, place->host, "the registry's name", err) < 0 ||
	    fill(ret->repository, sizeof ret->repository, place->repository, "the image's name",
	         err) < 0)
		return -1;
	if (pull->user == NULL)
		return 0;
	if (fill(ret->user, sizeof ret->user, pull->user, "the user's name", err) < 0)
		return -1;
	return fill(ret->secret, sizeof ret->secret, pull->secret, "the password", err);
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
	const struct place place = place_of(reference);
	struct fetch_order order = { .what = reference->digest != NULL ? reference->digest
		                                                       : reference->tag,
		                     .by_digest = reference->digest != NULL,
		                     .architecture = architecture(stage, pull),
		                     .watch = pull->watch };
	struct registry_setup *setup = arena_alloc(stage->arena, sizeof *setup);
	struct registry registry;
	int status;

	list_append(&order.names, stage->arena, reference_string(stage->arena, reference));
	if (make_setup(setup, stage, pull, &place, err) < 0)
		return -1;
	if (pull->watch != NULL)
		pull->watch->tell(pull->watch->context,
		                  &(struct image_news){ .kind = IMAGE_ASKED,
		                                        .text = arena_printf(stage->arena, "%s/%s",
		                                                             place.host,
		                                                             place.repository) });
	if (registry_open(&registry, setup, stage->paths, -1, err) < 0)
		return -1;
	status = fetch_image(claim, stage, &registry, &order, err);
	registry_close(&registry);
	explicit_bzero(setup, sizeof *setup);
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
