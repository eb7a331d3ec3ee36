#include "runtime/image/tree.h"

#include "runtime/image/layer/limits.h"
#include "runtime/image/watch.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"
#include "sandbox/base/text.h"

#include <string.h>

/* Relative to the root, without a slash at the end. */
static int open_list(const struct plan_strings *paths, struct error *err)
{
	_cleanup_text struct text list = {};

	for (size_t i = 0; i < paths->count; i++) {
		const char *path = paths->items[i] + strspn(paths->items[i], "/");
		size_t length = strlen(path);

		while (length > 0 && path[length - 1] == '/')
			length--;
		if (length == 0)
			continue;
		text_append_bytes(&list, path, length);
		text_append_char(&list, '\0');
	}
	return io_memory("a list of paths", text_string(&list), list.length, err);
}

static int run(struct layer_answer *ret, const struct image_request *request,
               const struct image_tree *tree, struct helper_call *call, struct error *err)
{
	const struct watched watched = { call->mode == LAYER_PACK ? request->watch : NULL,
		                         LAYER_WRITING, "archive", 0 };
	_cleanup_fd int list = open_list(tree->without, err);

	if (list < 0)
		return -1;
	call->program = arena_printf(request->arena, "%s/layer", request->paths->libexec);
	call->input = list;
	call->folder = -1;
	call->open_folder = tree->open;
	call->context = tree->context;
	call->keep = -1;
	call->maps = tree->maps;
	return watch_run(ret, request->host, call, &watched, err);
}

int image_export(uint32_t *sockets, const struct image_request *request,
                 const struct image_tree *tree, int output, struct error *err)
{
	struct helper_call call = { .mode = LAYER_PACK, .listing = -1, .output = output };
	struct layer_answer answer;

	if (run(&answer, request, tree, &call, err) < 0)
		return -1;
	*sockets = answer.skipped;
	return 0;
}

int image_pack_layer(struct layer_answer *ret, const struct image_request *request,
                     const struct image_tree *tree, int output, struct error *err)
{
	struct helper_call call = {
		.mode = LAYER_PACK, .listing = -1, .output = output, .marks = true
	};

	return run(ret, request, tree, &call, err);
}

int image_changes(struct text *ret, const struct image_request *request,
                  const struct image_tree *tree, struct error *err)
{
	_cleanup_fd int listing = io_memory("a list of changes", "", 0, err);
	struct helper_call call = { .mode = LAYER_CHANGES,
		                    .open_lower = tree->open_lower,
		                    .listing = listing };
	struct layer_answer answer;

	if (listing < 0 || run(&answer, request, tree, &call, err) < 0)
		return -1;
	if (lseek(listing, 0, SEEK_SET) < 0)
		return error_set(err, errno, "cannot read the list of changes");
	return io_read_all(ret, listing, LIMIT_LISTING, err);
}
