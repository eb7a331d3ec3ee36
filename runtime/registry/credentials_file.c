#include "runtime/registry/credentials_file.h"

#include "runtime/registry/base64.h"
#include "runtime/registry/credentials_helper.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/file.h>

static const char hub[] = "docker.io";

/* ---- keys ---- */

const char *credentials_file_host(struct arena *arena, const char *key, bool legacy)
{
	static const char *const schemes[] = { "http://", "https://" };
	static const char *const hubs[] = { "index.docker.io", "registry-1.docker.io" };
	bool cut = legacy;

	for (size_t i = 0; i < ARRAY_SIZE(schemes); i++)
		if (text_starts(key, schemes[i])) {
			key += strlen(schemes[i]);
			cut = true;
			break;
		}
	if (cut)
		key = arena_text(arena, key, strcspn(key, "/"));
	for (size_t i = 0; i < ARRAY_SIZE(hubs); i++)
		if (strcmp(key, hubs[i]) == 0)
			return hub;
	return key;
}

const char *credentials_file_server(const char *host)
{
	return strcmp(host, hub) == 0 ? "https://index.docker.io/v1/" : host;
}

/* ---- reading ---- */

static int complain(const struct credentials_file *file, const char *what, struct error *err)
{
	error_set(err, 0, "%s: %s", file->path, what);
	return error_hint(err, "containers-auth.json(5) says what belongs there");
}

static int check_member(const struct credentials_file *file, const char *key, struct error *err)
{
	const struct value *member = value_get(file->root, key);

	if (member != NULL && member->kind != VALUE_OBJECT)
		return error_set(err, 0, "%s: %s is %s, must be an object", file->path, key,
		                 value_kind_name(member->kind));
	return 0;
}

int credentials_file_read(struct credentials_file *file, struct arena *arena, struct error *err)
{
	_cleanup_text struct text text = {};
	struct value *root;
	struct error why;
	int found = folders_read(&text, file->path, err);

	file->root = NULL;
	if (found <= 0)
		return found;
	/* The decoder's own words could show a secret; where it stopped is enough. */
	if (value_decode(&root, arena, file->path, text_string(&text), text.length, &why) < 0) {
		size_t place = strlen(file->path);

		place += strspn(why.text + place, ":0123456789");
		place -= why.text[place - 1] == ':';
		return error_set(err, 0, "%.*s is no JSON", (int)place, why.text);
	}
	explicit_bzero(text.data, text.length);
	if (root->kind != VALUE_OBJECT)
		return complain(file, "is no JSON object", err);
	file->root = root;
	if (!file->legacy &&
	    (check_member(file, "auths", err) < 0 || check_member(file, "credHelpers", err) < 0))
		return -1;
	return 1;
}

static const struct value *auths_of(const struct credentials_file *file)
{
	return file->legacy ? file->root : value_get(file->root, "auths");
}

/* The text of "auth": USER:SECRET. 1, 0 where there is none, -1. */
static int decode(struct credentials *ret, struct arena *arena, const struct credentials_file *file,
                  const struct value *entry, struct error *err)
{
	const char *coded = value_string(value_get(entry, "auth"), "");
	const char *token = value_string(value_get(entry, "identitytoken"), "");
	_cleanup_text struct text plain = {};
	char *colon;

	if (!base64_decode(&plain, coded))
		plain.length = 0;
	/* old Dockers left NULs behind the password */
	while (plain.length > 0 && plain.data[plain.length - 1] == '\0')
		plain.length--;
	if ((plain.length == 0 && coded[0] != '\0') || strlen(text_string(&plain)) != plain.length)
		return error_set(err, 0, "%s: the \"auth\" of %.100s is not base64 of text",
		                 file->path, entry->key);
	colon = plain.length > 0 ? strchr(plain.data, ':') : NULL;
	*ret = (struct credentials){ .user = "", .secret = "", .origin = file->path };
	if (colon != NULL) {
		ret->user = arena_text(arena, plain.data, (size_t)(colon - plain.data));
		ret->secret = arena_strdup(arena, colon + 1);
	}
	ret->token = token[0] != '\0' ? token : NULL;
	if (plain.length > 0)
		explicit_bzero(plain.data, plain.length);
	/* Docker writes an entry without anything where a helper has the secret. */
	return colon != NULL || ret->token != NULL;
}

/* Most specific first: host/a/b, host/a, host. */
static const struct value *find_entry(struct arena *arena, const struct credentials_file *file,
                                      const char *name)
{
	const struct value *auths = auths_of(file), *entry = NULL;
	char *key = arena_strdup(arena, name), *slash;

	if (auths == NULL)
		return NULL;
	if (file->legacy)
		key[strcspn(key, "/")] = '\0';
	for (; (entry = value_get(auths, key)) == NULL; *slash = '\0') {
		slash = strrchr(key, '/');
		if (slash == NULL)
			break;
	}
	/* `key` is the host now: any way of writing it will do. */
	for (size_t i = 0; entry == NULL && i < auths->count; i++)
		if (strcmp(credentials_file_host(arena, auths->items[i]->key, file->legacy), key) ==
		    0)
			entry = auths->items[i];
	return entry;
}

struct credentials_keeper credentials_file_keeper(struct arena *arena,
                                                  const struct credentials_file *file,
                                                  const char *host)
{
	const struct value *helpers = value_get(file->root, "credHelpers");
	const char *store = value_string(value_get(file->root, "credsStore"), "");

	if (file->legacy)
		return (struct credentials_keeper){};
	/* Docker and podman write Docker Hub's key differently, and ask by the key. */
	for (size_t i = 0; helpers != NULL && i < helpers->count; i++)
		if (strcmp(credentials_file_host(arena, helpers->items[i]->key, false), host) == 0)
			return (struct credentials_keeper){
				.helper = value_string(helpers->items[i], ""),
				.server = helpers->items[i]->key
			};
	if (store[0] == '\0')
		return (struct credentials_keeper){};
	return (struct credentials_keeper){ store, credentials_file_server(host), true };
}

/* Docker's own order: the helper of this host; else that of all; else what the file holds. One of
 * all that is not installed is passed over, because podman passes over all of them: a config.json
 * that came from another machine must not keep anybody from public images. */
int credentials_file_find(struct credentials *ret, struct arena *arena,
                          const struct credentials_file *file, const char *name, struct error *err)
{
	const char *host = arena_text(arena, name, strcspn(name, "/"));
	struct credentials_keeper keeper = credentials_file_keeper(arena, file, host);
	const struct value *entry;
	int found = 0;

	if (keeper.helper != NULL &&
	    (!keeper.of_all || credentials_helper_installed(keeper.helper)))
		found = credentials_helper_get(ret, arena, keeper.helper, keeper.server, err);
	if (found < 0)
		return error_prefix(err, "%s", file->path);
	if (found > 0 || (keeper.helper != NULL && !keeper.of_all))
		return found;
	entry = find_entry(arena, file, name);
	if (entry == NULL)
		return 0;
	if (entry->kind != VALUE_OBJECT)
		return error_set(err, 0, "%s: what %.100s has is no object", file->path,
		                 entry->key);
	return decode(ret, arena, file, entry, err);
}

/* ---- changing ---- */

struct value *credentials_file_auths(struct credentials_file *file, struct arena *arena)
{
	struct value *auths = (struct value *)value_get(file->root, "auths");

	return auths != NULL ? auths
	                     : value_set(arena, file->root, "auths", value_new_object(arena));
}

/* Where the file really is: a symlink to it stays one. */
static const char *resolve(struct arena *arena, const char *path)
{
	char real[PATH_MAX];

	return realpath(path, real) != NULL ? arena_strdup(arena, real) : path;
}

/* The folder, made where it is missing, locked for as long as the descriptor is open. */
static int open_folder(const char *folder, struct error *err)
{
	_cleanup_fd int fd = -1;

	if (access(folder, F_OK) < 0 && io_make_dirs(folder, err) < 0)
		return error_hint(err, "set XDG_RUNTIME_DIR, or REGISTRY_AUTH_FILE to a file of "
		                       "your own");
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || flock(fd, LOCK_EX) < 0)
		return error_set(err, errno, "cannot lock the folder %s", folder);
	return cleanup_take_fd(&fd);
}

int credentials_file_change(struct arena *arena, const char *path,
                            const struct credentials_change *change, struct error *err)
{
	struct credentials_file file = { .path = resolve(arena, path) };
	_cleanup_text struct text text = {};
	char *folder = arena_strdup(arena, file.path), *slash = strrchr(folder, '/');
	_cleanup_fd int fd = -1;
	int result;

	if (slash != NULL)
		*(slash == folder ? slash + 1 : slash) = '\0';
	fd = open_folder(slash == NULL ? "." : folder, err);
	if (fd < 0 || credentials_file_read(&file, arena, err) < 0)
		return -1;
	if (file.root == NULL)
		file.root = value_new_object(arena);
	result = change->change(&file, arena, change->context, err);
	if (result <= 0)
		return result;
	value_encode(&text, file.root, VALUE_INDENTED);
	text_append_char(&text, '\n');
	slash = strrchr(file.path, '/');
	result = io_replace_file(fd, slash == NULL ? file.path : slash + 1, text.data, text.length,
	                         IO_DURABLE, err);
	explicit_bzero(text.data, text.length);
	return result < 0 ? error_prefix(err, "%s", file.path) : 1;
}
