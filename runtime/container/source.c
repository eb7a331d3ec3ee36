#include "runtime/container/source.h"

#include "sandbox/base/cleanup.h"

#include <sys/stat.h>

static int find_rootfs(struct launch *launch, struct arena *arena, struct error *err)
{
	const char *given = launch->request->rootfs;
	_cleanup_free char *full = realpath(given, NULL);
	struct stat status;

	if (full == NULL || stat(full, &status) < 0)
		return error_set(err, errno, "--rootfs %s", given);
	if (!S_ISDIR(status.st_mode))
		return error_set(err, ENOTDIR, "--rootfs %s", given);
	launch->rootfs = arena_strdup(arena, full);
	return 0;
}

static int pull(const struct launch *launch, struct arena *arena, struct error *err)
{
	struct image_pull order = launch->request->order;
	struct plan_strings names = {};

	order.source = launch->request->image;
	return image_pull(&names, arena, launch->paths, launch->host, &order, err);
}

static int no_image(const struct run_request *request, struct arena *arena, struct error *err)
{
	const struct platform *asked = &request->order.platform;

	error_set(err, 0, "no such image: %.200s%s%s", request->image,
	          platform_is_said(asked) ? " for " : "",
	          platform_is_said(asked) ? platform_text(arena, asked) : "");
	return error_hint(err,
	                  "see cordon images; get one with cordon pull, cordon load -i FILE or "
	                  "cordon import ROOTFS.tar NAME");
}

/* One for another platform than was asked for is not it. */
static int find(const struct launch *launch, struct image *image, struct arena *arena,
                struct error *err)
{
	const struct platform *asked = &launch->request->order.platform;
	int found = image_find(image, arena, launch->paths, launch->request->image, err);

	if (found <= 0 || !platform_is_said(asked))
		return found;
	return image_is_for(image, arena, launch->paths, launch->host, asked, err);
}

/* 1, 0, -1 */
static int get_image(const struct launch *launch, struct image *image, struct arena *arena,
                     struct error *err)
{
	const struct run_request *request = launch->request;
	bool must = request->pull == PULL_ALWAYS;
	int found;

	/* --pull newer: what is here will do */
	if ((must || request->pull == PULL_NEWER) && pull(launch, arena, err) < 0 && must)
		return -1;
	found = find(launch, image, arena, err);
	if (found != 0 || request->pull != PULL_MISSING)
		return found;
	if (pull(launch, arena, err) < 0)
		return error_prefix(err, "no such image here: %.200s", request->image);
	return find(launch, image, arena, err);
}

int source_find(struct launch *launch, struct image *image, struct arena *arena, struct error *err)
{
	int found;

	if (launch->request->rootfs != NULL)
		return find_rootfs(launch, arena, err);
	image_presence(&launch->presence, launch->paths);
	found = get_image(launch, image, arena, err);
	launch->image = found > 0 ? image : NULL;
	return found > 0 ? 0 : found < 0 ? -1 : no_image(launch->request, arena, err);
}

int source_confirm(const struct launch *launch, struct error *err)
{
	if (launch->image == NULL)
		return 0;
	return image_presence_confirm(&launch->presence, launch->paths, launch->image->id, err);
}
