#include "runtime/registry/credentials.h"

#include "runtime/registry/base64.h"
#include "runtime/registry/credentials_file.h"
#include "runtime/registry/credentials_helper.h"
#include "sandbox/base/cleanup.h"

#include <string.h>

/* In credential-helpers of registries.conf: the files. */
static const char files[] = "containers-auth.json";

/* ---- where ---- */

void credential_sources_init(struct credential_sources *ret, struct arena *arena,
                             const struct plan_strings *helpers, const char *file)
{
	const char *variable = getenv("REGISTRY_AUTH_FILE"), *docker = getenv("DOCKER_CONFIG");

	*ret = (struct credential_sources){ .file = file };
	folders_init(&ret->folders, arena);
	if (helpers != NULL)
		ret->helpers = *helpers;
	if (file == NULL && variable != NULL && variable[0] != '\0')
		ret->file = arena_strdup(arena, variable);
	if (ret->file == NULL && docker != NULL && docker[0] != '\0') {
		ret->file = arena_printf(arena, "%s/config.json", docker);
		ret->docker = true;
	}
}

/* The file that is written. */
static const char *first_file(struct arena *arena, const struct credential_sources *sources)
{
	if (sources->file != NULL)
		return sources->file;
	if (sources->folders.runtime != NULL)
		return arena_printf(arena, "%s/containers/auth.json", sources->folders.runtime);
	return arena_printf(arena, "/run/containers/%u/auth.json", (unsigned)getuid());
}

enum { FILES_MAX = 4 };

static size_t list_files(struct credentials_file ret[FILES_MAX], struct arena *arena,
                         const struct credential_sources *sources)
{
	const char *config = sources->folders.config, *home = sources->folders.home;
	size_t count = 0;

	ret[count++] = (struct credentials_file){ .path = first_file(arena, sources) };
	if (sources->file != NULL)
		return count;
	if (config != NULL)
		ret[count++] = (struct credentials_file){
			.path = arena_printf(arena, "%s/containers/auth.json", config)
		};
	if (home == NULL)
		return count;
	ret[count++] =
	        (struct credentials_file){ .path = arena_printf(arena, "%s/.docker/config.json",
		                                                home) };
	ret[count++] =
	        (struct credentials_file){ .path = arena_printf(arena, "%s/.dockercfg", home),
		                           .legacy = true };
	return count;
}

/* ---- keys ---- */

int credentials_key(const char **ret, struct arena *arena, const char *name, struct error *err)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	                              "0123456789.-_:[]/";
	const char *key = credentials_file_host(arena, name, false);
	size_t length = strlen(key);
	const char *path;

	while (length > 0 && key[length - 1] == '/')
		length--;
	key = credentials_file_host(arena, arena_text(arena, key, length), false);
	path = strchr(key, '/');
	if (length == 0 || key[0] == '/' || strspn(key, letters) != strlen(key) ||
	    strstr(key, "//") != NULL || (path != NULL && strchr(path, ':') != NULL)) {
		error_set(err, 0, "'%.200s' is no registry", name);
		return error_hint(err,
		                  "a registry is HOST, HOST:PORT, or one of them with the path "
		                  "of a repository");
	}
	*ret = key;
	return 0;
}

/* ---- finding ---- */

static int find_in_files(struct credentials *ret, struct arena *arena,
                         const struct credential_sources *sources, const char *name,
                         struct error *err)
{
	struct credentials_file list[FILES_MAX];
	size_t count = list_files(list, arena, sources);

	for (size_t i = 0; i < count; i++) {
		int found = credentials_file_read(&list[i], arena, err);

		if (found > 0)
			found = credentials_file_find(ret, arena, &list[i], name, err);
		if (found != 0)
			return found;
	}
	return 0;
}

int credentials_find(struct credentials *ret, struct arena *arena,
                     const struct credential_sources *sources, const char *name, struct error *err)
{
	size_t host = strcspn(name, "/");
	/* whatever Docker Hub is called */
	const char *known = credentials_file_host(arena, arena_text(arena, name, host), false);
	const char *full = arena_printf(arena, "%s%s", known, name + host);
	int found = 0;

	if (sources->helpers.count == 0)
		return find_in_files(ret, arena, sources, full, err);
	for (size_t i = 0; found == 0 && i < sources->helpers.count; i++) {
		const char *helper = sources->helpers.items[i];

		found = strcmp(helper, files) == 0
		                ? find_in_files(ret, arena, sources, full, err)
		                : credentials_helper_get(ret, arena, helper, known, err);
	}
	return found;
}

/* ---- changing ---- */

struct entry {
	const struct credential_sources *sources;
	const char *key;
	const struct credentials *credentials;
	const char *where;
	bool found;
};

/* With a path, a key is only itself; a host is all ways of writing it. */
static void drop_keys(struct entry *entry, struct arena *arena, struct value *object)
{
	for (size_t i = object == NULL ? 0 : object->count; i > 0; i--) {
		const char *key = object->items[i - 1]->key;

		if (strcmp(credentials_file_host(arena, key, false), entry->key) == 0)
			entry->found |= value_remove(object, key);
	}
}

static const char *written_key(const struct entry *entry)
{
	return entry->sources->docker ? credentials_file_server(entry->key) : entry->key;
}

static int refuse_path(const char *helper, struct error *err)
{
	return error_set(err, 0,
	                 "docker-credential-%s keeps registries, not repositories: a key with a "
	                 "path is not for it",
	                 helper);
}

static struct credentials_keeper keeper_of(const struct entry *entry, struct arena *arena,
                                           const struct credentials_file *file)
{
	const char *host = arena_text(arena, entry->key, strcspn(entry->key, "/"));

	return credentials_file_keeper(arena, file, host);
}

static void write_entry(struct entry *entry, struct arena *arena, struct value *auths)
{
	const struct credentials *given = entry->credentials;
	struct value *object = value_new_object(arena);
	_cleanup_text struct text plain = {}, coded = {};

	text_printf(&plain, "%s:%s", given->user, given->token != NULL ? "" : given->secret);
	base64_encode(&coded, plain.data, plain.length);
	value_set(arena, object, "auth", value_new_string(arena, text_string(&coded)));
	if (given->token != NULL)
		value_set(arena, object, "identitytoken", value_new_string(arena, given->token));
	value_set(arena, auths, written_key(entry), object);
	explicit_bzero(plain.data, plain.length);
	explicit_bzero(coded.data, coded.length);
}

/* A keeper that is not installed is an error: what somebody wanted kept elsewhere is not written
 * into the file instead. */
static int put(struct credentials_file *file, struct arena *arena, void *context, struct error *err)
{
	struct entry *entry = context;
	struct credentials_keeper keeper = keeper_of(entry, arena, file);
	struct value *auths;

	if (keeper.helper != NULL && strchr(entry->key, '/') != NULL)
		return refuse_path(keeper.helper, err);
	if (keeper.helper != NULL &&
	    credentials_helper_store(keeper.helper, keeper.server, entry->credentials, err) < 0)
		return error_prefix(err, "%s", file->path);
	auths = credentials_file_auths(file, arena);
	drop_keys(entry, arena, auths);
	entry->where = file->path;
	if (keeper.helper == NULL) {
		write_entry(entry, arena, auths);
		return 1;
	}
	entry->where = arena_printf(arena, "docker-credential-%s", keeper.helper);
	/* as Docker does: an empty entry says that the keeper of all has it */
	if (keeper.of_all)
		value_set(arena, auths, written_key(entry), value_new_object(arena));
	return keeper.of_all || entry->found;
}

/* The first of credential-helpers is the one that is given what is new, as in podman. */
int credentials_store(const char **where, struct arena *arena,
                      const struct credential_sources *sources, const char *key,
                      const struct credentials *credentials, struct error *err)
{
	struct entry entry = { sources, key, credentials, NULL, false };
	const struct credentials_change change = { put, &entry };
	const char *helper = sources->helpers.count > 0 ? sources->helpers.items[0] : files;

	if (strcmp(helper, files) == 0) {
		if (credentials_file_change(arena, first_file(arena, sources), &change, err) < 0)
			return -1;
		*where = entry.where;
		return 0;
	}
	if (strchr(key, '/') != NULL)
		return refuse_path(helper, err);
	if (credentials_helper_store(helper, key, credentials, err) < 0)
		return -1;
	*where = arena_printf(arena, "docker-credential-%s", helper);
	return 0;
}

static int drop(struct credentials_file *file, struct arena *arena, void *context,
                struct error *err)
{
	struct entry *entry = context;
	struct credentials_keeper keeper = keeper_of(entry, arena, file);
	int erased = 0;

	if (keeper.helper != NULL && strchr(entry->key, '/') == NULL &&
	    (!keeper.of_all || credentials_helper_installed(keeper.helper)))
		erased = credentials_helper_erase(keeper.helper, keeper.server, err);
	if (erased < 0)
		return error_prefix(err, "%s", file->path);
	entry->found |= erased > 0;
	drop_keys(entry, arena, (struct value *)value_get(file->root, "auths"));
	return entry->found;
}

int credentials_remove(struct arena *arena, const struct credential_sources *sources,
                       const char *key, struct error *err)
{
	struct entry entry = { sources, key, NULL, NULL, false };
	const struct credentials_change change = { drop, &entry };
	const char *path = first_file(arena, sources);

	for (size_t i = 0; i < sources->helpers.count; i++) {
		const char *helper = sources->helpers.items[i];
		int erased = 0;

		if (strcmp(helper, files) != 0 && strchr(key, '/') == NULL)
			erased = credentials_helper_erase(helper, key, err);
		if (erased < 0)
			return -1;
		entry.found |= erased > 0;
	}
	if (access(path, F_OK) == 0 && credentials_file_change(arena, path, &change, err) < 0)
		return -1;
	return entry.found;
}

int credentials_list(struct plan_strings *ret, struct arena *arena,
                     const struct credential_sources *sources, struct error *err)
{
	static const char *const members[] = { "auths", "credHelpers" };
	struct credentials_file file = { .path = first_file(arena, sources) };
	struct plan_strings keys = {};
	size_t most = 0;

	if (credentials_file_read(&file, arena, err) < 0)
		return -1;
	for (size_t i = 0; i < ARRAY_SIZE(members); i++) {
		const struct value *object = value_get(file.root, members[i]);

		most += object == NULL ? 0 : object->count;
	}
	keys.items = arena_array(arena, most + 1, sizeof *keys.items);
	for (size_t i = 0; i < ARRAY_SIZE(members); i++) {
		const struct value *object = value_get(file.root, members[i]);

		for (size_t j = 0; object != NULL && j < object->count; j++)
			keys.items[keys.count++] =
			        credentials_file_host(arena, object->items[j]->key, false);
	}
	*ret = keys;
	return 0;
}
