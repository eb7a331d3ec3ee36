#include "tests/runtime/registry/ground.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

static void give_up(const char *what)
{
	perror(what);
	abort();
}

void ground_open(struct ground *ret)
{
	static const char *const variables[] = { "CONTAINERS_REGISTRIES_CONF",
		                                 "REGISTRIES_CONFIG_PATH", "REGISTRY_AUTH_FILE",
		                                 "DOCKER_CONFIG" };
	*ret = (struct ground){ .path = "/tmp/cordon-test-XXXXXX" };
	if (mkdtemp(ret->path) == NULL)
		give_up(ret->path);
	for (size_t i = 0; i < ARRAY_SIZE(variables); i++)
		unsetenv(variables[i]);
	ret->folders = (struct folders){
		.system = ground_path(ret, "etc"),
		.vendor = ground_path(ret, "share"),
		.user = { ground_path(ret, "xdg/containers"),
		          ground_path(ret, "home/.config/containers") },
		.config = ground_path(ret, "xdg"),
		.cache = ground_path(ret, "cache"),
		.home = ground_path(ret, "home"),
		.runtime = ground_path(ret, "run"),
	};
}

void ground_close(struct ground *ground)
{
	struct error err;

	if (io_remove_tree(AT_FDCWD, ground->path, &err) < 0)
		give_up(err.text);
	arena_done(&ground->arena);
}

const char *ground_path(struct ground *ground, const char *name)
{
	return arena_printf(&ground->arena, "%s/%s", ground->path, name);
}

void ground_write_mode(struct ground *ground, const char *name, const char *text, mode_t mode)
{
	char *path = arena_strdup(&ground->arena, ground_path(ground, name));
	_cleanup_fd int fd = -1;
	struct error err;

	*strrchr(path, '/') = '\0';
	if (io_make_dirs(path, &err) < 0)
		give_up(err.text);
	path[strlen(path)] = '/';
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
	if (fd < 0 || fchmod(fd, mode) < 0 || io_write_all(fd, text, strlen(text)) < 0)
		give_up(path);
}

void ground_write(struct ground *ground, const char *name, const char *text)
{
	ground_write_mode(ground, name, text, 0600);
}

const char *ground_read(struct ground *ground, const char *name)
{
	_cleanup_text struct text text = {};
	struct error err;
	int found = io_read_file(&text, AT_FDCWD, ground_path(ground, name), 1 << 20, &err);

	if (found < 0)
		give_up(err.text);
	return found == 0 ? NULL : arena_text(&ground->arena, text_string(&text), text.length);
}
