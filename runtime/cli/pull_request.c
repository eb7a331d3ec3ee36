#include "runtime/cli/pull_request.h"

#include "sandbox/base/text.h"

#include <string.h>
#include <unistd.h>

static int take_credentials(struct image_pull *pull, struct arena *arena, const char *words,
                            struct error *err)
{
	const char *colon = strchr(words, ':');

	if (colon == NULL || colon == words)
		return error_set(err, 0, "--creds takes USER:PASSWORD");
	pull->user = arena_text(arena, words, (size_t)(colon - words));
	pull->secret = arena_strdup(arena, colon + 1);
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

	if (view->progress == NULL)
		view->progress = progress_open(view->arena, STDERR_FILENO);
	progress_tell(view->progress, news);
}

void pull_view_close(struct pull_view *view)
{
	if (view->progress != NULL)
		progress_close(view->progress);
}

int pull_request_make(struct image_pull *ret, struct pull_view *view, struct call *call,
                      const struct pull_words *words, struct error *err)
{
	*view = (struct pull_view){ .watch = { tell, view }, .arena = call->arena };
	ret->insecure = words->tls_not_verified;
	ret->watch = words->quiet ? NULL : &view->watch;
	if (words->credentials != NULL &&
	    take_credentials(ret, call->arena, words->credentials, err) < 0)
		return -1;
	if (words->platform != NULL && take_platform(ret, call->arena, words->platform, err) < 0)
		return -1;
	return 0;
}
