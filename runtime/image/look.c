/*
 * look: the manifest of an image, to be read by people: its registry's, which may be an index for
 * many platforms; the store's, which has one, where there is no registry to ask.
 */
#include "runtime/image/find.h"
#include "runtime/image/layer/limits.h"
#include "runtime/image/remote.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"

#include <fcntl.h>

/* 1, 0, -1. by_id: only what is called by its id or below localhost/. */
static int read_stored(struct text *ret, struct arena *arena, const struct paths *paths,
                       const char *name, bool by_id, struct error *err)
{
	struct find find;
	int found = find_stored(&find, arena, paths, name, err);

	if (found <= 0)
		return found;
	if (by_id && find.by_name && !text_starts(find.entry->name, "localhost/"))
		return 0;
	return io_read_file(ret, AT_FDCWD,
	                    arena_printf(arena, "%s/images/blobs/sha256/%s", paths->data,
	                                 find.entry->hex),
	                    LIMIT_MANIFEST, err);
}

static int ask(struct text *ret, struct arena *arena, const struct paths *paths,
               const struct host *host, const struct image_manifest *order, struct error *err)
{
	const struct image_pull pull = { .source = order->name, .access = order->access };
	struct stage stage;
	int result = stage_open(&stage, arena, paths, host, err);

	if (result == 0)
		result = remote_document(ret, &stage, &pull, err);
	stage_close(&stage);
	return result;
}

int image_manifest(struct text *ret, bool *here, struct arena *arena, const struct paths *paths,
                   const struct host *host, const struct image_manifest *order, struct error *err)
{
	struct error ignored;
	int found = read_stored(ret, arena, paths, order->name, true, err);

	*here = found == 1;
	if (found != 0)
		return found < 0 ? -1 : 0;
	if (ask(ret, arena, paths, host, order, err) == 0)
		return 0;
	text_clear(ret);
	*here = read_stored(ret, arena, paths, order->name, false, &ignored) == 1;
	return *here ? 0 : -1;
}
