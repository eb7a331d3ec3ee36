#include "runtime/container/changed.h"

#include "runtime/container/control.h"
#include "runtime/container/launch.h"
#include "runtime/container/pause.h"
#include "runtime/container/record.h"
#include "runtime/container/state.h"
#include "runtime/image/commit.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/root.h"

#include <string.h>

/* A container to be read. */
struct source {
	struct container container;
	struct plan plan;
	struct plan_strings own;    /* what is mounted in it, or put there at every start */
	struct plan_strings layers; /* of its root, the upper folder among them */
};

static int source_open(struct source *ret, const struct image_request *request, const char *name,
                       struct error *err)
{
	if (control_open(&ret->container, request->arena, request->paths, name, err) < 0 ||
	    record_read_plan(&ret->plan, request->arena, ret->container.dir, err) < 0)
		return -1;
	if (ret->plan.root.upper != NULL)
		launch_append(request->arena, &ret->layers, ret->plan.root.upper);
	for (size_t i = 0; i < ret->plan.root.layers.count; i++)
		launch_append(request->arena, &ret->layers, ret->plan.root.layers.items[i]);
	for (size_t i = 0; i < ret->plan.mount_count; i++)
		launch_append(request->arena, &ret->own, ret->plan.mounts[i].target);
	for (size_t i = 0; i < ret->plan.file_count; i++)
		launch_append(request->arena, &ret->own, ret->plan.files[i].path);
	return 0;
}

static void source_close(struct source *source)
{
	container_close(&source->container);
}
#define _cleanup_source __attribute__((cleanup(source_close)))

/* ---- in the helper's own mount namespace ---- */

/* The upper folder is read as the topmost layer: such an overlay has no place to write to. */
static int open_root(void *context, struct error *err)
{
	const struct source *source = context;
	struct plan_root root = source->plan.root;

	if (root.kind == PLAN_ROOT_DIRECTORY)
		return helper_open_to_read((void *)root.directory, err);
	root.layers = source->layers;
	root.upper = root.work = NULL;
	return root_mount(&root, err);
}

static int open_upper(void *context, struct error *err)
{
	return helper_open_to_read((void *)((struct source *)context)->plan.root.upper, err);
}

static int open_lower(void *context, struct error *err)
{
	struct plan_root root = ((struct source *)context)->plan.root;

	root.upper = root.work = NULL;
	return root_mount(&root, err);
}

/* ---- the three ---- */

int container_export(uint32_t *sockets, const struct image_request *request, const char *name,
                     int output, struct error *err)
{
	static const struct plan_strings nothing;
	_cleanup_source struct source source = { .container.dir = -1 };
	const struct image_tree tree = { .maps = &source.plan.maps,
		                         .open = open_root,
		                         .context = &source,
		                         .without = &nothing };

	if (source_open(&source, request, name, err) < 0)
		return -1;
	return image_export(sockets, request, &tree, output, err);
}

/* There is something to compare with. */
static int check_layered(const struct source *source, struct error *err)
{
	if (source->plan.root.kind == PLAN_ROOT_OVERLAY)
		return 0;
	error_set(err, 0, "the container was made from a folder, not from an image");
	return error_hint(err, "cordon export gives its files, and cordon import makes an image "
	                       "of them");
}

int container_changes(struct text *ret, const struct image_request *request, const char *name,
                      struct error *err)
{
	_cleanup_source struct source source = { .container.dir = -1 };
	const struct image_tree tree = { .maps = &source.plan.maps,
		                         .open = open_upper,
		                         .open_lower = open_lower,
		                         .context = &source,
		                         .without = &source.own };

	if (source_open(&source, request, name, err) < 0 || check_layered(&source, err) < 0)
		return -1;
	return source.plan.root.upper == NULL ? 0 : image_changes(ret, request, &tree, err);
}

static void set(struct arena *arena, struct value *object, const char *key, const char *text)
{
	if (text != NULL)
		value_set(arena, object, key, value_new_string(arena, text));
}

/* What cordon put into the environment itself is not the image's. */
static struct value *environment(struct arena *arena, const struct plan_process *process)
{
	struct value *list = value_new_array(arena);

	for (size_t i = 0; i < process->environment.count; i++) {
		const char *variable = process->environment.items[i];

		if (!text_starts(variable, "HOSTNAME=") &&
		    !text_equal(variable, "container=cordon") &&
		    !(process->terminal && text_equal(variable, "TERM=xterm")))
			value_append(arena, list, value_new_string(arena, variable));
	}
	return list;
}

static struct value *config_of(struct arena *arena, const struct source *source)
{
	static const char *const lists[][2] = { { "Cmd", "command" },
		                                { "Entrypoint", "entrypoint" } };
	const struct plan_process *process = &source->plan.process;
	struct value *config = value_new_object(arena);

	value_set(arena, config, "Env", environment(arena, process));
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		const struct value *list = value_get(source->container.record, lists[i][1]);

		if (list != NULL && list->count > 0)
			value_set(arena, config, lists[i][0], value_copy(arena, list));
	}
	set(arena, config, "WorkingDir", process->directory);
	set(arena, config, "User", process->user);
	if (source->container.labels != NULL && source->container.labels->count > 0)
		value_set(arena, config, "Labels", value_copy(arena, source->container.labels));
	return config;
}

static int commit_source(const char **id, const struct image_request *request,
                         const struct container_commit *commit, struct error *err)
{
	_cleanup_source struct source source = { .container.dir = -1 };
	const struct image_tree tree = { .maps = &source.plan.maps,
		                         .open = open_upper,
		                         .context = &source,
		                         .without = &source.own };
	struct image_commit made = { .tree = &tree,
		                     .changes = &commit->changes,
		                     .name = commit->name,
		                     .author = commit->author,
		                     .message = commit->message };

	if (source_open(&source, request, commit->container, err) < 0 ||
	    check_layered(&source, err) < 0)
		return -1;
	if (source.plan.root.upper == NULL)
		made.tree = NULL; /* a read-only root */
	made.base = source.container.image_id;
	made.by = source.container.command;
	made.config = config_of(request->arena, &source);
	return image_commit(id, request, &made, err);
}

int container_commit(const char **id, const struct image_request *request,
                     const struct container_commit *commit, struct error *err)
{
	struct error ignored, *said = err;
	int paused = 0, result;

	if (commit->pause)
		paused = pause_for_a_while(request->paths, commit->container, err);
	if (paused < 0)
		return -1;
	result = commit_source(id, request, commit, err);
	if (result < 0)
		said = &ignored; /* the first one counts */
	if (paused > 0 && container_unpause(request->paths, commit->container, said) < 0)
		return -1;
	return result;
}
