/*
 * tags: the names of all images of a repository, as its registry lists them. The list is a
 * stranger's word: each name is read as one that a person types, and pulled as such.
 */
#include "runtime/image/list.h"
#include "runtime/image/place.h"
#include "runtime/image/transport.h"
#include "runtime/registry/reference.h"
#include "sandbox/base/cleanup.h"

#include <string.h>

enum { PAGE = 1 << 20, PAGES = 32, TAGS = 10000 };

struct listing {
	struct plan_strings *names;
	struct arena *arena;
	const char *repository;
};

static int take(void *context, const struct text *text, struct error *err)
{
	const struct listing *listing = context;
	const struct value *tags;
	struct value *object;

	if (value_decode(&object, listing->arena, "the list of tags", text_string(text),
	                 text->length, err) < 0)
		return -1;
	tags = value_get(object, "tags");
	if (tags == NULL || tags->kind == VALUE_NULL)
		return 0;
	if (tags->kind != VALUE_ARRAY)
		return error_set(err, 0, "the list of tags is none");
	for (size_t i = 0; i < tags->count; i++) {
		const char *tag = value_string(tags->items[i], "");
		const char *name = arena_printf(listing->arena, "%s:%s", listing->repository, tag);
		struct reference reference;

		if (reference_parse(&reference, listing->arena, name, err) < 0)
			return error_prefix(err, "the list of tags");
		if (reference.digest != NULL || !text_equal(reference.tag, tag))
			return error_set(err, 0, "the list of tags has one that is none");
		if (listing->names->count == TAGS)
			return error_set(err, 0, "the repository has more than %d tags", TAGS);
		list_append(listing->names, listing->arena, name);
	}
	return 0;
}

/* A mirror may have some of them: the place itself is asked. 1, 0, -1 */
static int ask(struct plan_strings *ret, const struct asking *asking,
               const struct reference *reference, struct error *err)
{
	struct listing listing = { ret, asking->arena,
		                   arena_printf(asking->arena, "%s/%s", reference->domain,
		                                reference->path) };
	const struct registry_pages pages = { "tags", PAGES, take, &listing };
	struct registry_question question = { .action = REGISTRY_TAGS, .size = PAGE };
	struct registry_place *places;
	struct registry registry;
	size_t count;
	int status;

	if (registries_places(&places, &count, asking->arena, asking->registries, reference, err) <
	            0 ||
	    place_open(&registry, asking, &places[count - 1], err) < 0)
		return -1;
	status = registry_read_pages(&registry, &question, &pages, err);
	registry_close(&registry);
	if (status == 0)
		error_set(err, 0, "%s has no such repository", places[count - 1].host);
	else if (status == 1 && ret->count == 0)
		error_set(err, 0, "the repository has no tags");
	return ret->count > 0 ? status : -1;
}

int image_tags(struct plan_strings *ret, struct arena *arena, const struct paths *paths,
               const struct host *host, const struct image_pull *pull, struct error *err)
{
	struct registries registries;
	const struct asking asking = { .arena = arena,
		                       .paths = paths,
		                       .host = host,
		                       .access = &pull->access,
		                       .registries = &registries };
	struct reference reference;
	struct plan_strings names = {};

	if (transport_check(pull->source, false, err) < 0 ||
	    reference_parse(&reference, arena, pull->source, err) < 0)
		return -1;
	if (!reference.bare)
		return error_set(err, 0, "%.200s: --all-tags wants a name without a tag or digest",
		                 pull->source);
	if (registries_read(&registries, arena, err) < 0 ||
	    registries_candidates(&names, arena, &registries, pull->source, err) < 0)
		return -1;
	for (size_t i = 0; i < names.count; i++) {
		if (reference_parse(&reference, arena, names.items[i], err) < 0)
			return -1;
		ret->count = 0;
		if (ask(ret, &asking, &reference, err) == 1)
			return 0;
		error_prefix(err, "%s/%s", reference.domain, reference.path);
	}
	return -1;
}
