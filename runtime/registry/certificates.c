#include "runtime/registry/certificates.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"
#include "sandbox/plan.h"

#include <string.h>

static int refuse_client(const char *path, const char *name, struct error *err)
{
	error_set(err, 0, "%s/%s: cordon does not send certificates of its own to registries", path,
	          name);
	return error_hint(err, "use a user and a password (cordon login), or move the file away");
}

/* Appends what one folder has. */
static int take_folder(struct text *ret, struct arena *arena, const char *path, struct error *err)
{
	struct plan_strings clients, authorities;

	if (folders_list(&clients, arena, path, ".cert", err) < 0 ||
	    folders_list(&authorities, arena, path, ".crt", err) < 0)
		return -1;
	if (clients.count > 0)
		return refuse_client(path, clients.items[0], err);
	for (size_t i = 0; i < authorities.count; i++) {
		const char *file = arena_printf(arena, "%s/%s", path, authorities.items[i]);

		if (folders_read(ret, file, err) < 0)
			return -1;
		text_append_char(ret, '\n');
	}
	return 0;
}

int certificates_open_in(int *ret, struct arena *arena, const struct folders *folders,
                         const char *host, struct error *err)
{
	const char *const bases[] = { folders->user[0], folders->user[1], folders->system,
		                      "/etc/docker" };
	_cleanup_text struct text text = {};

	*ret = -1;
	/* a host's name is one component of a path (reference.c), and never a dot */
	for (size_t i = 0; i < ARRAY_SIZE(bases); i++)
		if (bases[i] != NULL &&
		    take_folder(&text, arena, arena_printf(arena, "%s/certs.d/%s", bases[i], host),
		                err) < 0)
			return -1;
	if (text.length == 0)
		return 0;
	*ret = io_memory("certificates", text.data, text.length, err);
	return *ret < 0 ? -1 : 0;
}

int certificates_open(int *ret, struct arena *arena, const char *host, struct error *err)
{
	struct folders folders;

	folders_init(&folders, arena);
	return certificates_open_in(ret, arena, &folders, host, err);
}
