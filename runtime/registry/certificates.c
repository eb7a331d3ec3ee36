#include "runtime/registry/certificates.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"
#include "sandbox/plan.h"

#include <string.h>

struct found {
	struct arena *arena;
	struct text authorities, own, key;
	const char *certificate; /* the file of `own`, for messages */
};

/* Another file of the same name: "client.key" for "client.cert". */
static const char *beside(struct arena *arena, const char *name, const char *from, const char *to)
{
	return arena_printf(arena, "%.*s%s", (int)(strlen(name) - strlen(from)), name, to);
}

static int check_pairs(const char *path, const struct plan_strings *certificates,
                       const struct plan_strings *keys, struct arena *arena, struct error *err)
{
	for (size_t i = 0; i < certificates->count; i++) {
		const char *key = beside(arena, certificates->items[i], ".cert", ".key");

		if (plan_strings_has(keys, key))
			continue;
		error_set(err, 0, "%s/%s has no key: %s is missing", path, certificates->items[i],
		          key);
		return error_hint(err, "an authority to trust is called NAME.crt");
	}
	for (size_t i = 0; i < keys->count; i++) {
		const char *certificate = beside(arena, keys->items[i], ".key", ".cert");

		if (!plan_strings_has(certificates, certificate))
			return error_set(err, 0, "%s/%s has no certificate: %s is missing", path,
			                 keys->items[i], certificate);
	}
	return 0;
}

static int take_pair(struct found *found, const char *path, const char *name, struct error *err)
{
	const char *key = beside(found->arena, name, ".cert", ".key");
	const char *file = arena_printf(found->arena, "%s/%s", path, name);

	if (found->certificate != NULL)
		return error_set(err, 0,
		                 "%s and %s: there are two certificates to show to one registry",
		                 found->certificate, file);
	found->certificate = file;
	if (folders_read(&found->own, file, err) < 0)
		return -1;
	return folders_read(&found->key, arena_printf(found->arena, "%s/%s", path, key), err);
}

/* Appends what one folder has. */
static int take_folder(struct found *found, const char *path, struct error *err)
{
	struct plan_strings certificates, keys, authorities;
	struct arena *arena = found->arena;

	if (folders_list(&certificates, arena, path, ".cert", err) < 0 ||
	    folders_list(&keys, arena, path, ".key", err) < 0 ||
	    folders_list(&authorities, arena, path, ".crt", err) < 0 ||
	    check_pairs(path, &certificates, &keys, arena, err) < 0)
		return -1;
	for (size_t i = 0; i < certificates.count; i++)
		if (take_pair(found, path, certificates.items[i], err) < 0)
			return -1;
	for (size_t i = 0; i < authorities.count; i++) {
		if (folders_read(&found->authorities,
		                 arena_printf(arena, "%s/%s", path, authorities.items[i]), err) < 0)
			return -1;
		text_append_char(&found->authorities, '\n');
	}
	return 0;
}

static int gather(struct found *found, const struct folders *folders, const char *host,
                  struct error *err)
{
	const char *const bases[] = { folders->user[0], folders->user[1], folders->system,
		                      "/etc/docker" };

	/* a host's name is one component of a path (reference.c), and never a dot */
	for (size_t i = 0; i < ARRAY_SIZE(bases); i++)
		if (bases[i] != NULL &&
		    take_folder(found, arena_printf(found->arena, "%s/certs.d/%s", bases[i], host),
		                err) < 0)
			return -1;
	return 0;
}

static int put_together(struct certificates *ret, const struct found *found, struct error *err)
{
	const struct text *const parts[] = { &found->authorities, &found->own, &found->key };
	_cleanup_text struct text all = {};

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		text_append_bytes(&all, text_string(parts[i]), parts[i]->length);
	*ret = (struct certificates){ -1, (uint32_t)found->authorities.length,
		                      (uint32_t)found->own.length, (uint32_t)found->key.length };
	if (all.length == 0)
		return 0;
	ret->fd = io_memory("certificates", all.data, all.length, err);
	explicit_bzero(all.data, all.length);
	return ret->fd < 0 ? -1 : 0;
}

static int finish(struct certificates *ret, struct found *found, int result, struct error *err)
{
	*ret = (struct certificates){ .fd = -1 };
	if (result == 0)
		result = put_together(ret, found, err);
	if (found->key.data != NULL)
		explicit_bzero(found->key.data, found->key.length);
	text_done(&found->authorities);
	text_done(&found->own);
	text_done(&found->key);
	return result;
}

int certificates_open_in(struct certificates *ret, struct arena *arena,
                         const struct folders *folders, const char *host, struct error *err)
{
	struct found found = { .arena = arena };

	return finish(ret, &found, gather(&found, folders, host, err), err);
}

static int open_one(struct certificates *ret, struct arena *arena, const char *folder,
                    struct error *err)
{
	struct found found = { .arena = arena };

	if (access(folder, R_OK | X_OK) < 0)
		return error_set(err, errno, "--cert-dir %s", folder);
	return finish(ret, &found, take_folder(&found, folder, err), err);
}

int certificates_open(struct certificates *ret, struct arena *arena, const char *host,
                      const char *folder, struct error *err)
{
	struct folders folders;

	if (folder != NULL)
		return open_one(ret, arena, folder, err);
	folders_init(&folders, arena);
	return certificates_open_in(ret, arena, &folders, host, err);
}
