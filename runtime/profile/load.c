/*
 * load: see load.h.
 *
 * A name in `extends` is looked up in the search path; in a profile that hides another of the same
 * name, that name means the hidden one, so that ~/.config/cordon/profiles/default.json can extend
 * "default". A path in `extends` is relative to the file it stands in.
 */
#include "runtime/profile/load.h"

#include "policy/attached.h"
#include "sandbox/base/cleanup.h"

#include <string.h>

enum { DEPTH_MAX = 32 };

static const char ceiling_folder[] = "/etc/cordon/policy.d";

/* The chain of profiles that led here, on the stack of the recursion. */
struct chain {
	const struct chain *child;
	const char *path;
	unsigned depth;
};

static void print_chain(struct text *ret, const struct chain *chain)
{
	if (chain->child != NULL) {
		print_chain(ret, chain->child);
		text_append(ret, " -> ");
	}
	text_append(ret, chain->path);
}

static int check_chain(const struct chain *chain, struct error *err)
{
	_cleanup_text struct text shown = {};
	const struct chain *other = chain->child;

	while (other != NULL && strcmp(other->path, chain->path) != 0)
		other = other->child;
	if (other == NULL && chain->depth < DEPTH_MAX)
		return 0;
	print_chain(&shown, chain);
	if (other != NULL)
		return error_set(err, 0, "profiles extend one another in a circle: %s",
		                 text_string(&shown));
	return error_set(err, 0, "profiles extend one another more than %d deep: %s", DEPTH_MAX,
	                 text_string(&shown));
}

static const char *beside(struct arena *arena, const char *file, const char *path)
{
	const char *slash = strrchr(file, '/');

	/* one file has one name: a circle is found by them */
	while (text_starts(path, "./") && path[2] != '/' && path[2] != '\0')
		path += 2;
	if (path[0] == '/' || slash == NULL)
		return path;
	return arena_printf(arena, "%.*s/%s", (int)(slash - file), file, path);
}

/* Whether `file` is NAME.json of some folder. */
static bool is_file_of(const char *file, const char *name)
{
	const char *slash = strrchr(file, '/');
	const char *base = slash == NULL ? file : slash + 1;
	size_t length = strlen(name);

	return strncmp(base, name, length) == 0 && strcmp(base + length, ".json") == 0;
}

static int find_parent(struct found *ret, struct loader *loader, const struct found *child,
                       const char *word, struct error *err)
{
	bool hides = child->folder != NO_FOLDER && is_file_of(child->file.path, word);
	const char *path;
	int there;

	if (search_is_path(word)) {
		path = beside(loader->arena, child->file.path, word);
		there = search_by_path(ret, loader, path, err);
		return there != 0 ? there : error_set(err, ENOENT, "%s", path);
	}
	there = search_by_name(ret, loader, word, hides ? child->folder + 1 : 0, err);
	if (there == 0 && hides) {
		*ret = *child; /* nothing is hidden: the name is its own, a circle */
		return 1;
	}
	return there != 0 ? there : search_missing(loader, word, err);
}

static int settle(struct policy **ret, struct loader *loader, const struct found *found,
                  const struct chain *child, struct error *err)
{
	const struct chain chain = { child, found->file.path,
		                     child == NULL ? 0 : child->depth + 1 };
	const struct plan_strings *extends = policy_extends(found->policy);
	size_t count = extends == NULL ? 0 : extends->count;
	const struct policy **parents = arena_array(loader->arena, count, sizeof *parents);

	if (check_chain(&chain, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		struct policy *parent;
		struct found file;

		if (find_parent(&file, loader, found, extends->items[i], err) < 0) {
			/* a parent's own error has its own place */
			if (err->source[0] != '\0')
				return error_prefix(err, "%s: cannot extend '%s'", found->file.path,
				                    extends->items[i]);
			error_prefix(err, "cannot extend '%s'", extends->items[i]);
			return policy_blame_parent(found->policy, extends->items[i], err);
		}
		if (settle(&parent, loader, &file, &chain, err) < 0)
			return -1;
		parents[i] = parent;
	}
	return policy_merge(ret, loader->arena, found->policy, parents, count, err);
}

static int find_asked(struct found *ret, struct loader *loader,
                      const struct profile_request *request, struct error *err)
{
	const char *name = request->given == NULL ? "default" : request->given;
	int there = 0;

	if (request->given != NULL && search_is_path(request->given)) {
		there = search_by_path(ret, loader, request->given, err);
		return there != 0 ? there
		                  : error_set(err, ENOENT, "cannot read the profile %s",
		                              request->given);
	}
	if (request->given == NULL && request->reference != NULL)
		there = search_by_image(ret, loader, request->reference, err);
	if (there == 0)
		there = search_by_name(ret, loader, name, 0, err);
	return there != 0 ? there : search_missing(loader, name, err);
}

/* Every file of the ceiling's folder, in the order of their names. One that cannot be read is an
 * error for every launch: a wall the administrator asked for is not left out. */
static int meet_ceiling(struct policy **policy, struct loader *loader, const char *folder,
                        struct error *err)
{
	const char **names;
	size_t count;

	if (trace_list(&names, &count, loader->trace, loader->arena, folder, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		const char *path = arena_printf(loader->arena, "%s/%s.json", folder, names[i]);
		struct policy *ceiling, *met;
		struct found found;
		int there = search_by_path(&found, loader, path, err);

		if (there == 0)
			there = error_set(err, ENOENT, "%s", path);
		if (there < 0 || settle(&ceiling, loader, &found, NULL, err) < 0)
			return error_prefix(err, "the administrator's ceiling");
		if (policy_meet(&met, loader->arena, *policy, ceiling, err) < 0)
			return error_prefix(err, "the administrator's ceiling %s", path);
		*policy = met;
	}
	return 0;
}

static int replace_calls(struct policy **policy, struct loader *loader, const char *file,
                         struct error *err)
{
	struct policy *replaced;
	struct found found;
	int there = search_by_path(&found, loader, file, err);

	if (there == 0)
		return error_set(err, ENOENT, "cannot read the seccomp profile %s", file);
	if (there < 0)
		return error_prefix(err, "--security-opt seccomp");
	if (policy_replace_calls(&replaced, loader->arena, *policy, found.policy, err) < 0)
		return -1;
	*policy = replaced;
	return 0;
}

static int check_word(struct policy *policy, const char *word, struct error *err)
{
	enum policy_attaching attaching;

	if (word == NULL)
		return 0;
	if (!policy_attaching_from_name(&attaching, word))
		return error_set(
		        err, 0,
		        "--security-opt image-profile: expected ignore, accept or require, "
		        "not '%.40s'",
		        word);
	policy_set_attaching(policy, attaching);
	return 0;
}

/* A profile that came with the image, and that it is the one for is the record's word. */
static int meet_attached(struct policy **policy, struct loader *loader,
                         const struct profile_request *request, struct error *err)
{
	struct found found;
	int there;

	if (request->attached == NULL || policy_attaching(*policy) == ATTACHING_IGNORE)
		return 0;
	there = search_by_path(&found, loader, request->attached, err);
	if (there == 0)
		there = error_set(err, ENOENT, "%s", request->attached);
	if (there < 0 || attached_meet(policy, loader->arena, *policy, found.policy, err) < 0)
		return error_prefix(err, "the image's profile");
	return 0;
}

static const char *ceiling_of(const struct profile_request *request)
{
	return request->ceiling == NULL ? ceiling_folder : request->ceiling;
}

static int meet_ceilings(struct policy **policy, struct loader *loader,
                         const struct profile_request *request, struct error *err)
{
	if (meet_ceiling(policy, loader, ceiling_of(request), err) < 0)
		return -1;
	return meet_attached(policy, loader, request, err);
}

int load_policy(struct policy **ret, struct arena *arena, const struct profile_request *request,
                struct trace *trace, struct error *err)
{
	struct loader loader = { .arena = arena, .paths = request->paths, .trace = trace };
	struct policy *policy;
	struct found found;

	if (find_asked(&found, &loader, request, err) < 0 ||
	    settle(&policy, &loader, &found, NULL, err) < 0)
		return -1;
	if (request->seccomp_file != NULL &&
	    replace_calls(&policy, &loader, request->seccomp_file, err) < 0)
		return -1;
	if (check_word(policy, request->attaching, err) < 0 ||
	    meet_ceilings(&policy, &loader, request, err) < 0)
		return -1;
	*ret = policy;
	return 0;
}

int load_ceilings(struct policy **policy, struct arena *arena,
                  const struct profile_request *request, struct trace *trace, struct error *err)
{
	struct loader loader = { .arena = arena, .paths = request->paths, .trace = trace };

	return meet_ceilings(policy, &loader, request, err);
}

int load_has_ceiling(bool *ret, const struct profile_request *request, struct error *err)
{
	_cleanup_arena struct arena arena = {};
	_cleanup_trace struct trace trace = {};
	const char **names;
	size_t count;

	if (trace_list(&names, &count, &trace, &arena, ceiling_of(request), err) < 0)
		return error_prefix(err, "the administrator's ceiling");
	*ret = count > 0;
	return 0;
}

int load_path(const char **ret, struct arena *arena, const struct profile_request *request,
              struct trace *trace, struct error *err)
{
	struct loader loader = { .arena = arena, .paths = request->paths, .trace = trace };
	struct found found;

	if (find_asked(&found, &loader, request, err) < 0)
		return -1;
	*ret = found.file.path;
	return 0;
}
