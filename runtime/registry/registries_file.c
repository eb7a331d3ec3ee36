#include "runtime/registry/registries_file.h"

#include "runtime/registry/toml.h"
#include "sandbox/base/cleanup.h"

#include <string.h>

static int take_alias(struct registries *registries, const struct settings *file,
                      const struct value *value)
{
	struct registry_alias *alias = registries->aliases;
	struct reference name, image;

	if (value->kind != VALUE_STRING)
		return settings_complain(file, value, value->key, "must be a string");
	if (reference_parse(&name, file->arena, value->key, file->err) < 0 || name.domain_given ||
	    !name.bare)
		return settings_complain(file, value, value->key,
		                         "is no short name (without registry, tag and digest)");
	if (value->length > 0 &&
	    (reference_parse(&image, file->arena, value->string, file->err) < 0 ||
	     !image.domain_given || !image.bare))
		return settings_complain(
		        file, value, value->string,
		        "is no image's name with registry, and without tag and digest");
	while (alias != NULL && strcmp(alias->name, value->key) != 0)
		alias = alias->next;
	if (alias == NULL) {
		alias = arena_alloc(file->arena, sizeof *alias);
		alias->name = value->key;
		alias->next = registries->aliases;
		registries->aliases = alias;
	}
	alias->value = value->length > 0 ? value->string : NULL;
	return 0;
}

static int take_aliases(struct registries *registries, const struct settings *file,
                        const struct value *root)
{
	const struct value *table;
	int found = settings_take(&table, file, root, "aliases", VALUE_OBJECT);

	for (size_t i = 0; found > 0 && i < table->count; i++)
		if (take_alias(registries, file, table->items[i]) < 0)
			return -1;
	return found < 0 ? -1 : 0;
}

static int take_mode(enum short_name_mode *ret, const struct settings *file,
                     const struct value *root)
{
	static const char *const words[] = { [SHORT_NAMES_PERMISSIVE] = "permissive",
		                             [SHORT_NAMES_ENFORCING] = "enforcing",
		                             [SHORT_NAMES_DISABLED] = "disabled",
		                             NULL };
	unsigned mode = *ret;

	if (settings_take_word(&mode, file, root, "short-name-mode", words) < 0)
		return -1;
	*ret = (enum short_name_mode)mode;
	return 0;
}

static int take_search(struct registries *registries, const struct settings *file,
                       const struct value *root)
{
	static const char key[] = "unqualified-search-registries";
	int found = settings_take_list(&registries->search, file, root, key);

	if (found <= 0)
		return found;
	for (size_t i = 0; i < registries->search.count; i++) {
		const char *host = registries->search.items[i];
		struct reference reference;

		if (strchr(host, '/') != NULL ||
		    reference_parse(&reference, file->arena,
		                    arena_printf(file->arena, "%s/x", host), file->err) < 0 ||
		    !reference.domain_given)
			return settings_complain(file, value_get(root, key)->items[i], host,
			                         "is no registry (HOST or HOST:PORT)");
	}
	registries->search_file = file->name;
	return 0;
}

/* [registries.search], [registries.insecure] and [registries.block]: the format of 2017. */
static int refuse_old(const struct settings *file, const struct value *root)
{
	const struct value *old = value_get(root, "registries");

	for (size_t i = 0; old != NULL && old->kind == VALUE_OBJECT && i < old->count; i++) {
		const struct value *list = value_get(old->items[i], "registries");

		if (list == NULL || (list->kind == VALUE_ARRAY && list->count == 0))
			continue;
		settings_complain(file, old->items[i], old->items[i]->key,
		                  "is of version 1 of the format, which is not read any more");
		return error_hint(file->err,
		                  "write unqualified-search-registries = [...], and [[registry]] "
		                  "with location and insecure or blocked "
		                  "(containers-registries.conf(5))");
	}
	return 0;
}

/* Keys that are nearly ours; others belong to whoever knows them. */
static int check_keys(const struct settings *file, const struct value *root)
{
	static const char *const keys[] = { "unqualified-search-registries",
		                            "credential-helpers",
		                            "short-name-mode",
		                            "additional-layer-store-auth-helper",
		                            "registry",
		                            "registries",
		                            "aliases",
		                            NULL };

	return settings_check_keys(file, root, keys);
}

int registries_take(struct registries *registries, struct arena *arena, const char *file,
                    const struct text *text, struct error *err)
{
	const struct settings from = { arena, arena_strdup(arena, file), err };
	struct value *root;

	if (toml_decode(&root, arena, file, text, err) < 0 || check_keys(&from, root) < 0 ||
	    refuse_old(&from, root) < 0 || registries_take_rules(registries, &from, root) < 0 ||
	    take_aliases(registries, &from, root) < 0 || take_search(registries, &from, root) < 0 ||
	    take_mode(&registries->mode, &from, root) < 0)
		return -1;
	return settings_take_list(&registries->helpers, &from, root, "credential-helpers") < 0 ? -1
	                                                                                       : 0;
}
