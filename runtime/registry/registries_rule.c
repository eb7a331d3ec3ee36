/*
 * registries_rule: the [[registry]] tables of one file, from TOML to rules.
 *
 * As in containers/image, keys that nobody knows are passed over: the format grows. But a word that
 * is nearly a key is refused: a misspelt restriction is no restriction.
 */
#include "runtime/registry/registries_file.h"
#include "runtime/registry/toml.h"

#include <string.h>

/* "host/path/" is host/path; a URL is refused; "" is NULL. */
static int take_location(const char **ret, const struct settings *file, const struct value *table,
                         const char *key)
{
	const struct value *value;
	int found = settings_take(&value, file, table, key, VALUE_STRING);
	size_t length;

	if (found <= 0)
		return found;
	if (strstr(value->string, "://") != NULL)
		return settings_complain(file, value, key,
		                         "is a URL; it is HOST[:PORT][/PATH] here");
	length = value->length;
	while (length > 0 && value->string[length - 1] == '/')
		length--;
	*ret = length == 0 ? NULL : arena_text(file->arena, value->string, length);
	return 0;
}

/* What a registry and a mirror both have. */
static int take_end(struct registry_end *ret, const struct settings *file,
                    const struct value *table)
{
	const struct value *proxy;
	int found;

	if (take_location(&ret->location, file, table, "location") < 0 ||
	    settings_take_boolean(&ret->insecure, &ret->insecure_given, file, table, "insecure") <
	            0)
		return -1;
	found = settings_take(&proxy, file, table, "proxy", VALUE_STRING);
	if (found > 0 && proxy->length > 0)
		ret->proxy = proxy->string;
	return found < 0 ? -1 : 0;
}

static int take_use(enum registry_use *ret, const struct settings *file, const struct value *table)
{
	static const char *const words[] = {
		[USE_ALL] = "all", [USE_BY_DIGEST] = "digest-only", [USE_BY_TAG] = "tag-only", NULL
	};
	unsigned use = USE_ALL;

	if (settings_take_word(&use, file, table, "pull-from-mirror", words) < 0)
		return -1;
	*ret = (enum registry_use)use;
	return 0;
}

static int take_mirror(struct registry_end *ret, const struct settings *file,
                       const struct registry_rule *rule, const struct value *table)
{
	static const char *const keys[] = { "location", "insecure", "proxy", "pull-from-mirror",
		                            NULL };

	if (table->kind != VALUE_OBJECT)
		return settings_complain(file, table, "mirror", "must be a table");
	if (settings_check_keys(file, table, keys) < 0 || take_end(ret, file, table) < 0 ||
	    take_use(&ret->use, file, table) < 0)
		return -1;
	if (ret->location == NULL)
		return settings_complain(file, table, "this mirror", "has no location");
	if (rule->mirrors_by_digest_only && value_get(table, "pull-from-mirror") != NULL)
		return settings_complain(
		        file, value_get(table, "pull-from-mirror"), "pull-from-mirror",
		        "and mirror-by-digest-only of its registry exclude one another");
	return 0;
}

static int take_mirrors(struct registry_rule *rule, const struct settings *file,
                        const struct value *table)
{
	const struct value *list;
	int found = settings_take(&list, file, table, "mirror", VALUE_ARRAY);

	if (found <= 0)
		return found;
	rule->mirrors = arena_array(file->arena, list->count, sizeof *rule->mirrors);
	rule->mirror_count = list->count;
	for (size_t i = 0; i < list->count; i++)
		if (take_mirror(&rule->mirrors[i], file, rule, list->items[i]) < 0)
			return -1;
	return 0;
}

static int check_prefix(const struct registry_rule *rule, const struct settings *file,
                        const struct value *table)
{
	bool wildcard = text_starts(rule->prefix, "*.");
	const char *host = rule->prefix + (wildcard ? strlen("*.") : 0);

	if (strchr(host, '*') != NULL || host[0] == '\0' || host[0] == '.')
		return settings_complain(file, table, rule->prefix,
		                         "fits nothing: a '*' stands for whole parts of a host's "
		                         "name, and at the beginning, as in *.example.com");
	if (wildcard && strpbrk(rule->prefix, "/@:") != NULL)
		return settings_complain(
		        file, table, rule->prefix,
		        "may have neither port nor path: *.example.com is all of it");
	if (rule->self.location == NULL && !wildcard)
		return settings_complain(file, table, rule->prefix, "has no location");
	return 0;
}

static int take_registry(struct registry_rule *rule, const struct settings *file,
                         const struct value *table)
{
	static const char *const keys[] = { "prefix",
		                            "location",
		                            "insecure",
		                            "blocked",
		                            "mirror",
		                            "proxy",
		                            "mirror-by-digest-only",
		                            NULL };

	if (table->kind != VALUE_OBJECT)
		return settings_complain(file, table, "registry", "must be a table");
	rule->file = file->name;
	rule->line = toml_position(table).line;
	if (settings_check_keys(file, table, keys) < 0 ||
	    take_location(&rule->prefix, file, table, "prefix") < 0 ||
	    take_end(&rule->self, file, table) < 0 ||
	    settings_take_boolean(&rule->blocked, NULL, file, table, "blocked") < 0 ||
	    settings_take_boolean(&rule->mirrors_by_digest_only, NULL, file, table,
	                          "mirror-by-digest-only") < 0 ||
	    take_mirrors(rule, file, table) < 0)
		return -1;
	if (value_get(table, "pull-from-mirror") != NULL)
		return settings_complain(file, value_get(table, "pull-from-mirror"),
		                         "pull-from-mirror", "is a mirror's, not a registry's");
	if (rule->prefix == NULL)
		rule->prefix = rule->self.location;
	if (rule->prefix == NULL)
		return settings_complain(file, table, "this registry",
		                         "has neither prefix nor location");
	return check_prefix(rule, file, table);
}

static const char *home_of(const struct registry_rule *rule)
{
	return rule->self.location != NULL ? rule->self.location : rule->prefix;
}

/* One place that is insecure by one rule and not by another of the file: nobody could say which
 * holds. */
static int check_conflict(const struct registry_rule *rule, const struct registry_rule *others,
                          const struct settings *file)
{
	for (; others != NULL; others = others->next) {
		bool insecure = others->self.insecure != rule->self.insecure;

		if (strcmp(home_of(others), home_of(rule)) == 0 &&
		    (insecure || others->blocked != rule->blocked))
			return error_set(file->err, 0,
			                 "%s:%u: %s is given another '%s' than in line %u",
			                 file->name, rule->line, home_of(rule),
			                 insecure ? "insecure" : "blocked", others->line);
	}
	return 0;
}

static struct registry_rule *find_prefix(struct registry_rule *rules, const char *prefix)
{
	while (rules != NULL && strcmp(rules->prefix, prefix) != 0)
		rules = rules->next;
	return rules;
}

int registries_take_rules(struct registries *registries, const struct settings *file,
                          const struct value *root)
{
	struct registry_rule *rules = NULL;
	const struct value *list;
	int found = settings_take(&list, file, root, "registry", VALUE_ARRAY);

	if (found <= 0)
		return found;
	for (size_t i = 0; i < list->count; i++) {
		struct registry_rule *rule = arena_alloc(file->arena, sizeof *rule);

		if (take_registry(rule, file, list->items[i]) < 0 ||
		    check_conflict(rule, rules, file) < 0)
			return -1;
		rule->next = rules;
		rules = rule;
	}
	/* The list's last rule is the file's first. */
	while (rules != NULL) {
		struct registry_rule *next = rules->next;
		struct registry_rule *other = find_prefix(registries->rules, rules->prefix);

		if (other != NULL) {
			rules->next = other->next;
			*other = *rules;
		} else {
			rules->next = registries->rules;
			registries->rules = rules;
		}
		rules = next;
	}
	return 0;
}
