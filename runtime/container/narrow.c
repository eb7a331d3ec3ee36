#include "runtime/container/narrow.h"

#include "runtime/container/mounts.h"
#include "runtime/container/record.h"
#include "runtime/image/image.h"
#include "runtime/profile/profile.h"
#include "sandbox/base/cleanup.h"

#include <string.h>

/* ---- the ceiling ---- */

/* A profile that the image has by now may be what the ceiling wants. The image itself may be gone.
 */
static const char *find_attached(struct arena *arena, const struct narrow_request *request,
                                 const struct confinement *stored)
{
	const char *id = request->container->image_id;
	struct error ignored;
	struct image image;

	if (stored->attached != NULL || id == NULL || id[0] == '\0' ||
	    image_find(&image, arena, request->paths, id, &ignored) <= 0)
		return NULL;
	return image.profile;
}

static int meet(struct confinement *confinement, struct arena *arena,
                const struct narrow_request *request, struct error *err)
{
	const char *image_id = request->container->image_id;
	struct profile_request asked = {
		.paths = request->paths,
		.host = request->host,
		.reference =
		        image_id == NULL || image_id[0] == '\0' ? NULL : request->container->image,
	};
	bool has;

	if (profile_has_ceiling(&has, &asked, err) < 0)
		return -1;
	if (!has)
		return 0;
	asked.attached = find_attached(arena, request, confinement);
	return profile_narrow(confinement, arena, &asked, err);
}

/* ---- a start ---- */

static int check_maps(const struct confinement *stored, const struct confinement *narrowed,
                      const char *name, struct error *err)
{
	if (stored->idmap == narrowed->idmap && stored->idmap_size == narrowed->idmap_size)
		return 0;
	error_set(err, 0,
	          "the administrator's ceiling wants another id map than container %.80s was made "
	          "with, and its files belong to the ids of that",
	          name);
	return error_hint(err,
	                  "keep what is in it (cordon commit, cordon cp), remove it, and run it "
	                  "anew");
}

static void take_root(struct plan *plan, struct arena *arena)
{
	if (!plan->confinement.root_read_only || plan->root.read_only)
		return;
	plan->root.read_only = true;
	mounts_keep_writable(plan, arena);
}

static void note_taken(struct text *notes, const struct confinement *stored,
                       const struct confinement *narrowed)
{
	const struct plan_strings *said = &narrowed->left_out;

	for (size_t i = 0; i < said->count; i++)
		if (!plan_strings_has(&stored->left_out, said->items[i]))
			text_printf(notes, "%s\n", said->items[i]);
}

static bool is_same(const struct confinement *a, const struct confinement *b)
{
	_cleanup_text struct text first = {}, second = {};

	confinement_encode(&first, a);
	confinement_encode(&second, b);
	return first.length == second.length && memcmp(first.data, second.data, first.length) == 0;
}

int narrow_start(struct plan *ret, struct arena *arena, const struct narrow_request *request,
                 int folder, struct text *notes, struct error *err)
{
	const char *name = request->container->name;
	struct confinement stored;
	struct plan plan;

	if (record_read_made(&plan, arena, folder, err) < 0)
		return -1;
	stored = plan.confinement;
	if (meet(&plan.confinement, arena, request, err) < 0 ||
	    check_maps(&stored, &plan.confinement, name, err) < 0)
		return error_prefix(err, "cannot start container %.80s", name);
	take_root(&plan, arena);
	note_taken(notes, &stored, &plan.confinement);
	if (record_write_narrowed(folder, is_same(&stored, &plan.confinement) ? NULL : &plan, err) <
	    0)
		return -1;
	*ret = plan;
	return 0;
}

int narrow_exec(struct plan *plan, struct arena *arena, const struct narrow_request *request,
                struct error *err)
{
	const struct confinement running = plan->confinement;

	if (meet(&plan->confinement, arena, request, err) < 0)
		return error_prefix(err, "cannot exec in container %.80s",
		                    request->container->name);
	plan->confinement.resources = running.resources;
	plan->confinement.idmap = running.idmap;
	plan->confinement.idmap_size = running.idmap_size;
	return 0;
}
