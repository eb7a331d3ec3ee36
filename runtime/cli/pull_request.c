#include "runtime/cli/pull_request.h"

#include "sandbox/base/text.h"

#include <string.h>
#include <unistd.h>

int access_make(struct image_access *ret, struct arena *arena, const struct pull_words *words,
                struct error *err)
{
	const char *colon;

	ret->insecure = words->tls_not_verified;
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

/* "linux/arm64", "linux/arm/v7", "arm64" */
static int take_platform(struct image_pull *pull, struct arena *arena, const char *words,
                         struct error *err)
{
	char *text = arena_strdup(arena, words);
	char *slash = strchr(text, '/');

	if (slash != NULL && !text_starts(text, "linux/"))
		return error_set(err, 0, "--platform %.60s: cordon runs images for linux", words);
	pull->architecture = slash == NULL ? text : slash + 1;
	if (pull->architecture[0] == '\0')
		return error_set(err, 0, "--platform %.60s names no architecture", words);
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

int pull_request_make(struct image_pull *ret, struct pull_view *view, struct call *call,
                      const struct pull_words *words, struct error *err)
{
	pull_view_open(view, call->arena);
	ret->watch = &view->watch;
	view->quiet = words->quiet;
	ret->attaching = ask_policy;
	ret->context = view;
	view->profile.paths = &call->paths;
	if (access_make(&ret->access, call->arena, words, err) < 0)
		return -1;
	if (words->platform != NULL && take_platform(ret, call->arena, words->platform, err) < 0)
		return -1;
	return 0;
}
