#include "runtime/image/place.h"

#include "cordon-config.h"
#include "runtime/registry/certificates.h"
#include "runtime/registry/credentials.h"
#include "sandbox/base/cleanup.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static int fill(char *ret, size_t room, const char *value, const char *what, struct error *err)
{
	if (strlen(value) >= room)
		return error_set(err, 0, "%s is too long", what);
	strcpy(ret, value);
	return 0;
}

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
	/* a file that somebody named, and not by chance */
	if (sources.file != NULL && !sources.docker &&
	    faccessat(AT_FDCWD, sources.file, F_OK, 0) < 0) {
		error_set(err, errno, "credentials should be in %.200s", sources.file);
		return error_hint(err, "%s names it; cordon login makes it",
		                  access->file != NULL ? "--authfile" : "REGISTRY_AUTH_FILE");
	}
	return credentials_find(ret, asking->arena, &sources, place->name, err) < 0 ? -1 : 0;
}

static int take_access(struct registry_setup *setup, const struct asking *asking,
                       const struct registry_place *place, struct error *err)
{
	struct credentials credentials;

	if (asking->access->tls != IMAGE_TLS_AS_SET)
		setup->insecure = asking->access->tls == IMAGE_TLS_ANY;
	if (find_credentials(&credentials, asking, place, err) < 0)
		return -1;
	setup->token = credentials.token != NULL;
	if (fill(setup->user, sizeof setup->user, credentials.user, "the user's name", err) < 0)
		return -1;
	return fill(setup->secret, sizeof setup->secret,
	            setup->token ? credentials.token : credentials.secret, "the password", err);
}

int place_open(struct registry *ret, const struct asking *asking,
               const struct registry_place *place, struct error *err)
{
	struct registry_setup *setup = arena_alloc(asking->arena, sizeof *setup);
	struct certificates certificates = { .fd = -1 };
	int result;

	*setup = (struct registry_setup){ .agent = "cordon/" CORDON_VERSION,
		                          .insecure = place->insecure,
		                          .here = place->here,
		                          .push = asking->push,
		                          .landlock_abi = asking->host->landlock_abi };
	if (fill(setup->host, sizeof setup->host, place->host, "the registry's name", err) < 0 ||
	    fill(setup->repository, sizeof setup->repository, place->repository, "the image's name",
	         err) < 0 ||
	    take_access(setup, asking, place, err) < 0 ||
	    certificates_open(&certificates, asking->arena, place->host,
	                      asking->access->certificates, err) < 0)
		return -1;
	setup->authorities = certificates.authorities;
	setup->certificate = certificates.own;
	setup->key = certificates.key;
	result = registry_open(ret, setup, asking->paths, certificates.fd, err);
	cleanup_close(&certificates.fd);
	/* The helper has it now. */
	explicit_bzero(setup, sizeof *setup);
	return result;
}

void place_tell(const struct image_watch *watch, struct arena *arena,
                const struct registry_place *place)
{
	const struct image_news news = { .kind = IMAGE_ASKED,
		                         .text = arena_printf(arena, "%s/%s", place->host,
		                                              place->repository) };

	if (watch != NULL)
		watch->tell(watch->context, &news);
}
