#include "runtime/registry/folders.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"
#include "sandbox/plan.h"

#include <fcntl.h>
#include <string.h>

enum { FILE_LIMIT = 1 << 20 };

static const char *absolute(const char *variable)
{
	const char *value = getenv(variable);

	return value != NULL && value[0] == '/' ? value : NULL;
}

static const char *base_folder(struct arena *arena, const char *variable, const char *home,
                               const char *fallback)
{
	const char *value = absolute(variable);

	if (value != NULL)
		return arena_strdup(arena, value);
	return home == NULL ? NULL : arena_printf(arena, "%s/%s", home, fallback);
}

void folders_init(struct folders *ret, struct arena *arena)
{
	const char *home = absolute("HOME"), *first, *second;
	size_t count = 0;

	*ret = (struct folders){
		.system = "/etc/containers",
		.vendor = "/usr/share/containers",
		.config = base_folder(arena, "XDG_CONFIG_HOME", home, ".config"),
		.cache = base_folder(arena, "XDG_CACHE_HOME", home, ".cache"),
		.home = arena_strdup(arena, home),
		.runtime = arena_strdup(arena, absolute("XDG_RUNTIME_DIR")),
	};
	first = ret->config == NULL ? NULL : arena_printf(arena, "%s/containers", ret->config);
	second = home == NULL ? NULL : arena_printf(arena, "%s/.config/containers", home);
	if (first != NULL)
		ret->user[count++] = first;
	if (second != NULL && !text_equal(first, second))
		ret->user[count] = second;
}

const char *folders_find_user(const struct folders *folders, struct arena *arena, const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(folders->user) && folders->user[i] != NULL; i++) {
		const char *path = arena_printf(arena, "%s/%s", folders->user[i], name);

		if (access(path, F_OK) == 0)
			return path;
	}
	return NULL;
}

const char *folders_find(const struct folders *folders, struct arena *arena, const char *name)
{
	const char *const others[] = { folders->system, folders->vendor };
	const char *path = folders_find_user(folders, arena, name);

	for (size_t i = 0; path == NULL && i < ARRAY_SIZE(others); i++) {
		path = arena_printf(arena, "%s/%s", others[i], name);
		if (access(path, F_OK) < 0)
			path = NULL;
	}
	return path;
}

int folders_read(struct text *ret, const char *path, struct error *err)
{
	_cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	return io_read_regular(ret, fd, path, FILE_LIMIT, err);
}

static void take_names(struct plan_strings *ret, struct arena *arena, struct dirent *const *entries,
                       size_t count, const char *suffix)
{
	ret->items = arena_array(arena, count + 1, sizeof *ret->items);
	ret->count = 0;
	for (size_t i = 0; i < count; i++)
		if (entries[i]->d_name[0] != '.' && entries[i]->d_type != DT_DIR &&
		    text_ends(entries[i]->d_name, suffix))
			ret->items[ret->count++] = arena_strdup(arena, entries[i]->d_name);
}

static int in_order(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

int folders_list(struct plan_strings *ret, struct arena *arena, const char *path,
                 const char *suffix, struct error *err)
{
	struct dirent **entries = NULL;
	int count = scandir(path, &entries, NULL, in_order);

	if (count < 0 && errno != ENOENT && errno != ENOTDIR)
		return error_set(err, errno, "cannot read the folder %s", path);
	take_names(ret, arena, entries, count < 0 ? 0 : (size_t)count, suffix);
	while (count-- > 0)
		free(entries[count]);
	free(entries);
	return 0;
}
