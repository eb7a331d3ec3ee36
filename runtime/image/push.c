/*
 * push: an image of the store to the registry that its name, or another, says; and the question
 * whether a registry lets somebody in.
 */
#include "runtime/image/find.h"
#include "runtime/image/place.h"
#include "runtime/image/send.h"
#include "runtime/image/transport.h"
#include "runtime/registry/reference.h"
#include "runtime/store/lock.h"
#include "sandbox/base/cleanup.h"

#include <string.h>

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

/* What is pushed. */
struct parcel {
	struct image image;
	struct descriptor manifest;
	const struct image_watch *watch;
};

/* 1, 0, -1 */
static int find_parcel(struct parcel *ret, const struct asking *asking, const char *name,
                       struct error *err)
{
	struct find find = {};
	int found = find_stored(&find, asking->arena, asking->paths, name, err);
	const struct layout_entry *entry = find.entry;

	if (found <= 0)
		return found;
	ret->manifest = (struct descriptor){ .media = MEDIA_MANIFEST,
		                             .media_type = entry->media_type,
		                             .hex = entry->hex,
		                             .size = entry->size };
	return find_image(&ret->image, asking->arena, asking->paths, &find.layout, entry, err);
}

static int push_to(const struct asking *asking, const struct parcel *parcel,
                   const struct reference *target, struct error *err)
{
	struct registry_place *places;
	struct send_order order = { .arena = asking->arena,
		                    .paths = asking->paths,
		                    .manifest = &parcel->manifest,
		                    .name = target->tag != NULL ? target->tag : target->digest,
		                    .from = lender(asking->arena, &parcel->image, target),
		                    .watch = parcel->watch };
	struct registry registry;
	size_t count;
	int result;

	if (registries_places(&places, &count, asking->arena, asking->registries, target, err) < 0)
		return -1;
	if (target->tag == NULL && strcmp(target->digest, parcel->image.digest) != 0)
		return error_set(err, 0, "the image's digest is %s", parcel->image.digest);
	/* the last is the place itself: nobody pushes to a mirror */
	place_tell(parcel->watch, asking->arena, &places[count - 1]);
	if (place_open(&registry, asking, &places[count - 1], err) < 0)
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
	struct parcel parcel = { .watch = push->watch };
	struct reference reference;
	int found;

	if (lock < 0)
		return -1;
	found = find_parcel(&parcel, &asking, push->image, err);
	if (found == 0)
		find_refuse(push->image, err);
	if (found <= 0)
		return -1;
	target += text_starts(target, scheme) ? strlen(scheme) : 0;
	if (transport_check(target, true, err) < 0 ||
	    reference_parse(&reference, arena, target, err) < 0)
		return -1;
	*digest = parcel.image.digest;
	if (registries_read(&registries, arena, err) < 0)
		return -1;
	if (push_to(&asking, &parcel, &reference, err) < 0)
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
	if (place_open(&registry, &asking, &places[count - 1], err) < 0)
		return -1;
	result = registry_settle(&answer, &registry, &question, -1, err);
	registry_close(&registry);
	return result < 0 ? -1 : 0;
}
