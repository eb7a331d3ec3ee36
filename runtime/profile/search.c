/* search: see search.h. */
#include "runtime/profile/search.h"

#include "sandbox/base/cleanup.h"

#include <ctype.h>
#include <string.h>

/* A loading of more profiles than this is a mistake (every profile twice in its parents' lists
 * makes 2^depth of them). */
enum { LOADED_MAX = 64 };

bool search_is_path(const char *word)
{
	return strchr(word, '/') != NULL || text_ends(word, ".json");
}

/* A name becomes part of a path: letters, digits and "._-", no dot in front. */
static bool is_name(const char *name)
{
	if (name[0] == '\0' || name[0] == '.' || strlen(name) > 128)
		return false;
	for (const char *c = name; *c != '\0'; c++) {
		if (!isalnum((unsigned char)*c) && strchr("._-", *c) == NULL)
			return false;
	}
	return true;
}

static int parse(struct found *ret, struct loader *loader, struct error *err)
{
	struct policy_source *source = arena_alloc(loader->arena, sizeof *source);

	*source = (struct policy_source){ ret->file.path, ret->file.text, ret->file.length };
	return policy_parse(&ret->policy, loader->arena, source, err);
}

/* Reads and parses without recording. */
static int look(struct found *ret, struct loader *loader, const char *path, int folder,
                struct error *err)
{
	struct found found = { .folder = folder };
	int there = trace_read(&found.file, loader->arena, path, err);

	if (there <= 0)
		return there;
	if (parse(&found, loader, err) < 0)
		return -1;
	*ret = found;
	return 1;
}

static int choose(struct loader *loader, const struct found *found, struct error *err)
{
	trace_add_file(loader->trace, &found->file);
	if (++loader->loaded > LOADED_MAX)
		return error_set(err, 0, "%s: more than %d profiles are needed to make one",
		                 found->file.path, LOADED_MAX);
	return 1;
}

int search_by_path(struct found *ret, struct loader *loader, const char *path, struct error *err)
{
	int there = look(ret, loader, path, NO_FOLDER, err);

	if (there == 0)
		trace_add_absent(loader->trace, path);
	return there <= 0 ? there : choose(loader, ret, err);
}

int search_by_name(struct found *ret, struct loader *loader, const char *name, int first_folder,
                   struct error *err)
{
	const char *const *folders = loader->paths->profiles;

	if (!is_name(name))
		return 0;
	for (int i = first_folder; folders[i] != NULL; i++) {
		const char *path = arena_printf(loader->arena, "%s/%s.json", folders[i], name);
		int there = look(ret, loader, path, i, err);

		if (there != 0)
			return there < 0 ? -1 : choose(loader, ret, err);
		trace_add_absent(loader->trace, path);
	}
	return 0;
}

/* All names of the search path. */
struct names {
	const char **items[ARRAY_SIZE(((struct paths *)0)->profiles)];
	size_t counts[ARRAY_SIZE(((struct paths *)0)->profiles)];
};

static int list_all(struct names *ret, struct loader *loader, struct error *err)
{
	*ret = (struct names){};
	for (int i = 0; loader->paths->profiles[i] != NULL; i++) {
		if (trace_list(&ret->items[i], &ret->counts[i], loader->trace, loader->arena,
		               loader->paths->profiles[i], err) < 0)
			return -1;
	}
	return 0;
}

static bool is_hidden(const struct names *names, int folder, const char *name)
{
	for (int earlier = 0; earlier < folder; earlier++) {
		for (size_t i = 0; i < names->counts[earlier]; i++) {
			if (strcmp(names->items[earlier][i], name) == 0)
				return true;
		}
	}
	return false;
}

/* Length of the longest pattern that matches, 0 where none does. */
static size_t best_pattern(const struct policy *policy, const char *reference)
{
	const struct plan_strings *patterns = policy_images(policy);
	size_t best = 0;

	for (size_t i = 0; patterns != NULL && i < patterns->count; i++) {
		size_t length = strlen(patterns->items[i]);

		if (length > best && policy_pattern_matches(patterns->items[i], reference))
			best = length;
	}
	return best;
}

/* The search for an image's profile, and the best found so far. */
struct scan {
	struct loader *loader;
	const char *reference;
	struct names names;
	struct found best;
	size_t length; /* of the best one's pattern, 0 for none */
};

static int scan_folder(struct scan *scan, int folder, struct error *err)
{
	const char *where = scan->loader->paths->profiles[folder];

	for (size_t i = 0; i < scan->names.counts[folder]; i++) {
		const char *name = scan->names.items[folder][i], *path;
		struct found found;
		size_t length;
		int there;

		if (is_hidden(&scan->names, folder, name))
			continue;
		path = arena_printf(scan->loader->arena, "%s/%s.json", where, name);
		there = look(&found, scan->loader, path, folder, err);
		if (there < 0)
			return -1;
		length = there == 0 ? 0 : best_pattern(found.policy, scan->reference);
		if (length > scan->length) {
			scan->length = length;
			scan->best = found;
		}
	}
	return 0;
}

int search_by_image(struct found *ret, struct loader *loader, const char *reference,
                    struct error *err)
{
	struct scan scan = { .loader = loader, .reference = reference };

	if (list_all(&scan.names, loader, err) < 0)
		return -1;
	for (int i = 0; loader->paths->profiles[i] != NULL; i++) {
		if (scan_folder(&scan, i, err) == 0)
			continue;
		/* A profile that cannot be read might have been the one for this image, and a
		 * stricter one: never pass it over. */
		return error_hint(err, "correct that profile, move it away, or name another one "
		                       "with --profile");
	}
	if (scan.length == 0)
		return 0;
	*ret = scan.best;
	return choose(loader, ret, err);
}

static const char *nearest_name(const struct names *names, const char *name)
{
	unsigned best = (unsigned)strlen(name) / 3 + 2;
	const char *nearest = NULL;

	for (size_t folder = 0; folder < ARRAY_SIZE(names->counts); folder++) {
		for (size_t i = 0; i < names->counts[folder]; i++) {
			unsigned distance = text_distance(name, names->items[folder][i]);

			if (distance < best) {
				best = distance;
				nearest = names->items[folder][i];
			}
		}
	}
	return nearest;
}

int search_missing(struct loader *loader, const char *name, struct error *err)
{
	_cleanup_text struct text places = {};
	const char *nearest;
	struct names names;
	struct error ignored;

	for (int i = 0; loader->paths->profiles[i] != NULL; i++)
		text_printf(&places, "%s%s", i == 0 ? "" : ", ", loader->paths->profiles[i]);
	error_set(err, 0, "there is no profile '%.128s' in %s", name, text_string(&places));
	if (list_all(&names, loader, &ignored) < 0)
		return -1;
	nearest = nearest_name(&names, name);
	if (nearest != NULL)
		return error_hint(err, "did you mean '%s'?", nearest);
	return error_hint(err,
	                  "give the path of a profile file (with a '/'), or put %.128s.json "
	                  "into one of these folders",
	                  name);
}
