#include "runtime/container/copy.h"

#include "runtime/container/copy_parts.h"
#include "sandbox/base/cleanup.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct copying {
	const struct image_request *request;
	const struct container_copy *copy;
	struct copy_end from, to;
	struct plan_id_maps own; /* of the machine */
};

static bool is_stream(const struct copy_side *side)
{
	return side->container == NULL && strcmp(side->path, "-") == 0;
}

/* A path in a container begins at its root. */
static int set_path(struct layer_order *order, const char *path, struct error *err)
{
	if (snprintf(order->path, sizeof order->path, "%s", path) >= (int)sizeof order->path)
		return error_set(err, ENAMETOOLONG, "%.80s", path);
	return 0;
}

static int open_source(struct copying *copying, struct error *err)
{
	const struct copy_side *side = &copying->copy->from;
	struct copy_end *from = &copying->from;
	struct layer_order *order = &from->end.order;

	if (is_stream(side)) {
		from->end.stream = STDIN_FILENO;
		return 0;
	}
	if (side->container == NULL)
		return copy_find_source(from, side->path, copying->copy->follow, err);
	if (copying->copy->follow || copy_says_folder(side->path))
		order->flags |= LAYER_ORDER_FOLLOW;
	return set_path(order, side->path, err) < 0 ||
	                       copy_base_name(order->name, side->path, err) < 0
	               ? -1
	               : copy_open_container(from, copying->request, side->container, err);
}

static int open_target(struct copying *copying, struct error *err)
{
	const struct copy_side *side = &copying->copy->to;
	struct copy_end *to = &copying->to;
	struct layer_order *order = &to->end.order;

	to->write = true;
	if (is_stream(side)) {
		to->end.stream = STDOUT_FILENO;
		return 0;
	}
	if (side->container == NULL) {
		if (copy_find_target(to, side->path, err) < 0)
			return -1;
	} else {
		order->flags |= copy_says_folder(side->path) ? LAYER_ORDER_FOLDER : 0;
		if (set_path(order, side->path, err) < 0 ||
		    copy_open_container(to, copying->request, side->container, err) < 0)
			return -1;
	}
	if (is_stream(&copying->copy->from))
		order->flags |= LAYER_ORDER_ARCHIVE;
	if (copying->copy->owners)
		order->flags |= LAYER_ORDER_OWNERS;
	return 0;
}

/* The machine's files, seen with the caller as root; or, where owners are kept, with the ids that
 * the container at the other end has for them. */
static int choose_maps(struct copying *copying, struct copy_end *end, struct copy_end *other,
                       struct error *err)
{
	const struct host *host = copying->request->host;
	struct arena *arena = copying->request->arena;

	end->end.folder = end->folder;
	if (end->end.maps != NULL || end->end.stream >= 0)
		return 0;
	end->end.maps = copying->copy->owners ? other->end.maps : &copying->own;
	if (copying->copy->owners) {
		end->end.order.flags |= LAYER_ORDER_OWNERS;
		return 0;
	}
	return host_own_maps(&copying->own, arena, host, err);
}

static int refuse_itself(const struct copying *copying, struct error *err)
{
	const struct copy_side *from = &copying->copy->from, *to = &copying->copy->to;

	if (from->container == NULL || to->container == NULL ||
	    strcmp(copying->from.container.id, copying->to.container.id) != 0)
		return 0;
	error_set(err, 0, "both are container %s", copying->from.container.name);
	return error_hint(err, "within one, copy with its own program: cordon exec %s cp ...",
	                  copying->from.container.name);
}

static int run(struct image_copied *ret, struct copying *copying, struct error *err)
{
	if (open_source(copying, err) < 0 || open_target(copying, err) < 0 ||
	    refuse_itself(copying, err) < 0 ||
	    choose_maps(copying, &copying->from, &copying->to, err) < 0 ||
	    choose_maps(copying, &copying->to, &copying->from, err) < 0)
		return -1;
	strcpy(copying->to.end.order.name, copying->from.end.order.name);
	return image_copy(ret, copying->request, &copying->from.end, &copying->to.end, err);
}

int container_copy(struct image_copied *ret, const struct image_request *request,
                   const struct container_copy *copy, struct error *err)
{
	struct copying copying = {
		.request = request, .copy = copy, .from = COPY_END_NONE, .to = COPY_END_NONE
	};
	int result = run(ret, &copying, err);

	copy_end_close(&copying.from);
	copy_end_close(&copying.to);
	return result;
}
