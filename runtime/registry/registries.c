#include "runtime/registry/registries.h"

#include "sandbox/base/cleanup.h"

#include <string.h>

/* ---- reading ---- */

/* 1, 0 where there is no such file, -1. */
static int read_file(struct registries *registries, struct arena *arena, const char *path,
                     struct error *err)
{
	_cleanup_text struct text text = {};
	int found = folders_read(&text, path, err);

	if (found <= 0)
		return found;
	return registries_take(registries, arena, path, &text, err) < 0 ? -1 : 1;
}

static int read_folder(struct registries *registries, struct arena *arena, const char *path,
                       struct error *err)
{
	struct plan_strings names;

	if (folders_list(&names, arena, path, ".conf", err) < 0)
		return -1;
	for (size_t i = 0; i < names.count; i++)
		if (read_file(registries, arena, arena_printf(arena, "%s/%s", path, names.items[i]),
		              err) < 0)
			return -1;
	return 0;
}

/* What podman wrote down when somebody chose among registries: aliases, and nothing else. */
static int read_recorded(struct registries *registries, struct arena *arena,
                         const struct folders *folders, struct error *err)
{
	struct registries recorded = { .aliases = registries->aliases };
	const char *path;

	if (folders->cache == NULL)
		return 0;
	path = arena_printf(arena, "%s/containers/short-name-aliases.conf", folders->cache);
	if (read_file(&recorded, arena, path, err) < 0)
		return -1;
	registries->aliases = recorded.aliases;
	return 0;
}

/* The file that a variable names: it must be there. NULL where none does. */
static const char *named_file(void)
{
	static const char *const variables[] = { "CONTAINERS_REGISTRIES_CONF",
		                                 "REGISTRIES_CONFIG_PATH" };

	for (size_t i = 0; i < ARRAY_SIZE(variables); i++) {
		const char *value = getenv(variables[i]);

		if (value != NULL && value[0] != '\0')
			return value;
	}
	return NULL;
}

/* The main file. Answers whose it is: 1 the user's, 0 another, -1. */
static int read_main(struct registries *registries, struct arena *arena,
                     const struct folders *folders, struct error *err)
{
	static const char name[] = "registries.conf";
	const char *named = named_file();
	const char *user = named == NULL ? folders_find_user(folders, arena, name) : NULL;
	const char *path = named != NULL ? named : folders_find(folders, arena, name);
	int found = path == NULL ? 0 : read_file(registries, arena, path, err);

	if (found == 0 && named != NULL) {
		error_set(err, 0, "there is no file %s", named);
		return error_hint(err, "CONTAINERS_REGISTRIES_CONF names it");
	}
	return found < 0 ? -1 : user != NULL;
}

int registries_read_in(struct registries *ret, struct arena *arena, const struct folders *folders,
                       struct error *err)
{
	static const char name[] = "registries.conf.d";
	const char *const others[] = { folders->vendor, folders->system };
	const char *own = folders_find_user(folders, arena, name);
	struct registries registries = {};
	int of_user = read_main(&registries, arena, folders, err);

	if (of_user < 0)
		return -1;
	for (size_t i = 0; of_user == 0 && i < ARRAY_SIZE(others); i++)
		if (read_folder(&registries, arena, arena_printf(arena, "%s/%s", others[i], name),
		                err) < 0)
			return -1;
	if (own != NULL && read_folder(&registries, arena, own, err) < 0)
		return -1;
	if (read_recorded(&registries, arena, folders, err) < 0)
		return -1;
	*ret = registries;
	return 0;
}

int registries_read(struct registries *ret, struct arena *arena, struct error *err)
{
	struct folders folders;

	folders_init(&folders, arena);
	return registries_read_in(ret, arena, &folders, err);
}

/* ---- places ---- */

/* How much of a full name the prefix takes; 0: it does not fit. "example.com" takes
 * example.com:5000 as well, as in containers/image. */
static size_t match(const char *name, const char *prefix)
{
	size_t length = strlen(prefix);

	if (text_starts(prefix, "*.")) {
		size_t host = strcspn(name, "/:@");

		if (host < length ||
		    memcmp(name + host - (length - 1), prefix + 1, length - 1) != 0)
			return 0;
		return host;
	}
	if (strncmp(name, prefix, length) != 0)
		return 0;
	return strchr(":/@", name[length]) != NULL ? length : 0; /* a NUL is found, too */
}

static const struct registry_rule *find_rule(const struct registries *registries, const char *name)
{
	const struct registry_rule *best = NULL;

	for (const struct registry_rule *rule = registries->rules; rule != NULL; rule = rule->next)
		if (match(name, rule->prefix) > 0 &&
		    (best == NULL || strlen(rule->prefix) > strlen(best->prefix)))
			best = rule;
	return best;
}

static bool is_here(const char *host)
{
	size_t length = host[0] == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":");
	unsigned parts[4];
	int used = 0;

	if (length == strlen("localhost") && strncmp(host, "localhost", length) == 0)
		return true;
	if (length == strlen("[::1]") && strncmp(host, "[::1]", length) == 0)
		return true;
	return sscanf(host, "%3u.%3u.%3u.%3u%n", &parts[0], &parts[1], &parts[2], &parts[3],
	              &used) == 4 &&
	       (size_t)used == length && parts[0] == 127;
}

static void fill(struct registry_place *ret, struct arena *arena, const struct reference *there,
                 const struct registry_end *end, bool mirror)
{
	bool hub = strcmp(there->domain, "docker.io") == 0, here = is_here(there->domain);

	*ret = (struct registry_place){
		.host = hub ? "registry-1.docker.io" : there->domain,
		.repository = there->path,
		.tag = there->tag,
		.digest = there->digest,
		.name = arena_printf(arena, "%s/%s", there->domain, there->path),
		.insecure = end != NULL && end->insecure_given ? end->insecure : here,
		.here = here,
		.mirror = mirror,
	};
}

/* The image's name with its prefix replaced by the location. */
static int rewrite(struct registry_place *ret, struct arena *arena, const char *name,
                   const struct registry_rule *rule, const struct registry_end *end,
                   struct error *err)
{
	struct reference there;
	const char *moved = end->location == NULL ? name
	                                          : arena_printf(arena, "%s%s", end->location,
	                                                         name + match(name, rule->prefix));

	if (end->proxy != NULL) {
		error_set(err, 0, "%s:%u: %s is to be asked through the proxy %.100s", rule->file,
		          rule->line, moved, end->proxy);
		return error_hint(err, "cordon takes proxies from https_proxy and no_proxy alone: "
		                       "set them, and take the key out");
	}
	if (reference_parse(&there, arena, moved, err) < 0)
		return error_prefix(err, "%s:%u: location %s", rule->file, rule->line,
		                    end->location);
	if (!there.domain_given)
		return error_set(err, 0, "%s:%u: location %s does not begin with a registry",
		                 rule->file, rule->line, end->location);
	fill(ret, arena, &there, end, end != &rule->self);
	return 0;
}

static bool is_used(const struct registry_rule *rule, const struct registry_end *mirror,
                    bool by_digest)
{
	if (rule->mirrors_by_digest_only)
		return by_digest;
	return mirror->use == USE_ALL || (mirror->use == USE_BY_DIGEST) == by_digest;
}

static int refuse_blocked(const struct registry_rule *rule, const char *name, struct error *err)
{
	error_set(err, 0, "%s is not to be asked: %s is blocked in %s:%u", name, rule->prefix,
	          rule->file, rule->line);
	return error_hint(err, "take the image from elsewhere, or unblock the registry there");
}

/* A place may be blocked under its own name, too, by whatever name it was come to. NULL: it is not.
 */
static const struct registry_rule *find_block(const struct registries *registries,
                                              struct arena *arena,
                                              const struct registry_place *place)
{
	const char *name =
	        arena_printf(arena, "%s%s%s%s%s", place->name, place->tag != NULL ? ":" : "",
	                     place->tag != NULL ? place->tag : "", place->digest != NULL ? "@" : "",
	                     place->digest != NULL ? place->digest : "");
	const struct registry_rule *rule = find_rule(registries, name);

	return rule != NULL && rule->blocked ? rule : NULL;
}

/* The mirrors that may be asked. */
static int list_mirrors(struct registry_place *places, size_t *used, struct arena *arena,
                        const struct registries *registries, const struct registry_rule *rule,
                        const struct reference *reference, struct error *err)
{
	const char *name = reference_string(arena, reference);

	for (size_t i = 0; i < rule->mirror_count; i++) {
		const struct registry_end *mirror = &rule->mirrors[i];

		if (!is_used(rule, mirror, reference->digest != NULL))
			continue;
		if (rewrite(&places[*used], arena, name, rule, mirror, err) < 0)
			return -1;
		*used += find_block(registries, arena, &places[*used]) == NULL;
	}
	return 0;
}

int registries_places(struct registry_place **ret, size_t *count, struct arena *arena,
                      const struct registries *registries, const struct reference *reference,
                      struct error *err)
{
	const char *name = reference_string(arena, reference);
	const struct registry_rule *rule = find_rule(registries, name);
	const struct registry_rule *block;
	struct registry_place *places;
	size_t used = 0;

	if (rule != NULL && rule->blocked)
		return refuse_blocked(rule, name, err);
	places = arena_array(arena, rule == NULL ? 1 : rule->mirror_count + 1, sizeof *places);
	if (rule == NULL)
		fill(&places[used], arena, reference, NULL, false);
	else if (list_mirrors(places, &used, arena, registries, rule, reference, err) < 0 ||
	         rewrite(&places[used], arena, name, rule, &rule->self, err) < 0)
		return -1;
	block = find_block(registries, arena, &places[used]);
	if (block != NULL)
		return refuse_blocked(block, places[used].name, err);
	*ret = places;
	*count = used + 1;
	return 0;
}

/* ---- short names ---- */

static const char *suffix_of(struct arena *arena, const struct reference *reference)
{
	return arena_printf(arena, "%s%s%s%s", reference->tag != NULL ? ":" : "",
	                    reference->tag != NULL ? reference->tag : "",
	                    reference->digest != NULL ? "@" : "",
	                    reference->digest != NULL ? reference->digest : "");
}

/* Appends FULL with the tag and digest that were asked for, normalised. */
static int add_candidate(struct plan_strings *ret, struct arena *arena, const char *full,
                         const struct reference *asked, struct error *err)
{
	const char *name = arena_printf(arena, "%s%s", full, suffix_of(arena, asked));
	struct reference reference;

	if (reference_parse(&reference, arena, name, err) < 0)
		return -1;
	ret->items[ret->count++] = reference_string(arena, &reference);
	return 0;
}

static const char *alias_of(const struct registries *registries, const char *name)
{
	for (const struct registry_alias *alias = registries->aliases; alias != NULL;
	     alias = alias->next)
		if (strcmp(alias->name, name) == 0)
			return alias->value;
	return NULL;
}

/* An empty list that somebody wrote is a decision; and one of several registries is not guessed
 * where the mode is to ask a person, which cordon does not. */
static int check_search(const struct registries *registries, const struct plan_strings *candidates,
                        const char *name, struct error *err)
{
	_cleanup_text struct text known = {};

	if (candidates->count == 0) {
		error_set(err, 0,
		          "'%s' names no registry: %s has no unqualified-search-registries, and "
		          "no alias",
		          name, registries->search_file);
		return error_hint(err, "write the registry: docker.io/%s", name);
	}
	if (registries->mode != SHORT_NAMES_ENFORCING || candidates->count == 1)
		return 0;
	for (size_t i = 0; i < candidates->count; i++)
		text_printf(&known, "%s%s", i > 0 ? ", " : "", candidates->items[i]);
	error_set(err, 0, "'%s' may stand for %zu images, and short-name-mode is enforcing", name,
	          candidates->count);
	return error_hint(err, "write the one that is meant: %s", text_string(&known));
}

int registries_candidates(struct plan_strings *ret, struct arena *arena,
                          const struct registries *registries, const char *name, struct error *err)
{
	static const char *hub[] = { "docker.io" };
	struct plan_strings search = registries->search, found = {};
	struct reference asked;
	const char *alias;

	if (reference_parse(&asked, arena, name, err) < 0)
		return -1;
	if (registries->search_file == NULL)
		search = (struct plan_strings){ hub, 1 };
	found.items = arena_array(arena, search.count + 2, sizeof *found.items);
	alias = asked.domain_given ? NULL : alias_of(registries, asked.familiar);
	if (asked.domain_given) {
		found.items[found.count++] = reference_string(arena, &asked);
	} else if (alias != NULL) {
		if (add_candidate(&found, arena, alias, &asked, err) < 0)
			return -1;
	} else {
		for (size_t i = 0; i < search.count; i++)
			if (add_candidate(&found, arena,
			                  arena_printf(arena, "%s/%s", search.items[i],
			                               asked.familiar),
			                  &asked, err) < 0)
				return -1;
		if (check_search(registries, &found, name, err) < 0)
			return -1;
	}
	*ret = found;
	return 0;
}
