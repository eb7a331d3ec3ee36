#include "runtime/cli/pull_request.h"

#include "sandbox/base/text.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Docker's Notary signatures, which nobody here can verify: who asks for them is not served
 * without. */
static int check_content_trust(const struct pull_words *words, struct error *err)
{
	const char *variable = getenv("DOCKER_CONTENT_TRUST");
	bool set = variable != NULL && variable[0] != '\0' && strcmp(variable, "0") != 0 &&
	           strcasecmp(variable, "false") != 0;

	if (words->no_content_trust == EITHER_YES ||
	    (words->no_content_trust == EITHER_UNSAID && !set))
		return 0;
	error_set(err, 0, "%s asks for Docker content trust, which cordon does not have",
	          words->no_content_trust == EITHER_NO ? "--disable-content-trust=false"
	                                               : "DOCKER_CONTENT_TRUST");
	return error_hint(err,
	                  "signatures are those of sigstore: policy.json says which are wanted "
	                  "(docs/registries.md); --disable-content-trust goes without Docker's");
}

enum image_tls access_tls(enum either verify)
{
	return verify == EITHER_NO    ? IMAGE_TLS_ANY
	       : verify == EITHER_YES ? IMAGE_TLS_VERIFIED
	                              : IMAGE_TLS_AS_SET;
}

int access_make(struct image_access *ret, struct arena *arena, const struct pull_words *words,
                struct error *err)
{
	const char *colon;

	if (check_content_trust(words, err) < 0)
		return -1;
	ret->tls = words->insecure ? IMAGE_TLS_ANY : access_tls(words->tls_verify);
	ret->certificates = words->certificates;
	ret->file = words->file;
	if (words->credentials == NULL)
		return 0;
	colon = strchr(words->credentials, ':');
	if (colon == NULL || colon == words->credentials)
		return error_set(err, 0, "--creds takes USER:PASSWORD");
	ret->user = arena_text(arena, words->credentials, (size_t)(colon - words->credentials));
	ret->secret = arena_strdup(arena, colon + 1);
	return 0;
}

int platform_make(struct platform *ret, struct arena *arena, const char *words,
                  const struct platform *parts, struct error *err)
{
	*ret = *parts;
	if (words == NULL)
		return 0;
	if (platform_is_said(parts))
		return error_set(err, 0,
		                 "--platform, and --os, --arch or --variant, exclude one another");
	return platform_parse(ret, arena, words, err) < 0 ? error_prefix(err, "--platform") : 0;
}

/* --platform, or its parts; as Docker's client, DOCKER_DEFAULT_PLATFORM where neither is given. */
static int take_platform(struct platform *ret, struct arena *arena, const struct pull_words *words,
                         struct error *err)
{
	const struct platform parts = { words->os, words->architecture, words->variant };
	const char *variable = getenv("DOCKER_DEFAULT_PLATFORM");

	if (platform_make(ret, arena, words->platform, &parts, err) < 0)
		return -1;
	if (!platform_is_said(ret) && variable != NULL && variable[0] != '\0' &&
	    platform_parse(ret, arena, variable, err) < 0)
		return error_prefix(err, "DOCKER_DEFAULT_PLATFORM");
	if (ret->os != NULL && strcmp(ret->os, "linux") != 0)
		return error_set(err, 0, "%s: cordon runs images for linux",
		                 platform_text(arena, ret));
	return 0;
}

static void tell(void *context, const struct image_news *news)
{
	struct pull_view *view = context;

	if (view->quiet && news->kind != IMAGE_NOTE)
		return;
	if (view->progress == NULL)
		view->progress = progress_open(view->arena, STDERR_FILENO);
	progress_tell(view->progress, news);
}

void pull_view_close(struct pull_view *view)
{
	if (view->progress != NULL)
		progress_close(view->progress);
}

void pull_view_open(struct pull_view *ret, struct arena *arena)
{
	*ret = (struct pull_view){ .watch = { tell, ret }, .arena = arena };
}

/* The word of the policy that an image of this name would be run with. */
static int ask_policy(enum policy_attaching *ret, void *context, const char *reference,
                      struct error *err)
{
	const struct pull_view *view = context;
	struct profile_request request = view->profile;
	struct policy *policy;

	request.reference = reference;
	if (profile_load(&policy, view->arena, &request, err) < 0)
		return error_prefix(err, "its policy");
	*ret = policy_attaching(policy);
	return 0;
}

struct image_policy pull_view_policy(struct pull_view *view, const struct paths *paths)
{
	view->profile.paths = paths;
	return (struct image_policy){ ask_policy, view };
}

int pull_request_make(struct image_pull *ret, struct pull_view *view, struct call *call,
                      const struct pull_words *words, struct error *err)
{
	pull_view_open(view, call->arena);
	ret->watch = &view->watch;
	view->quiet = words->quiet;
	ret->policy = pull_view_policy(view, &call->paths);
	if (access_make(&ret->access, call->arena, words, err) < 0)
		return -1;
	return take_platform(&ret->platform, call->arena, words, err);
}
