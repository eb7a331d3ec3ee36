#include "runtime/cli/prune.h"

#include "runtime/cli/format.h"
#include "runtime/cli/output.h"
#include "runtime/container/container.h"
#include "runtime/container/volume_store.h"
#include "runtime/image/list.h"
#include "runtime/store/usage.h"
#include "sandbox/base/cleanup.h"

#include <string.h>

const char *prune_container_folder(struct arena *arena, const struct paths *paths, const char *id)
{
	return arena_printf(arena, "%s/containers/%s/upper", paths->data, id);
}

/* What was removed, under its title; nothing where there is nothing. */
static int say(const char *title, const struct plan_strings *lines, struct error *err)
{
	_cleanup_text struct text text = {};

	if (lines->count == 0)
		return 0;
	text_printf(&text, "Deleted %s:\n", title);
	for (size_t i = 0; i < lines->count; i++)
		text_printf(&text, "%s\n", lines->items[i]);
	text_append_char(&text, '\n');
	return output_print(&text, err);
}

/* What could not be removed (somebody was faster, or holds on to it) is told, and the rest is
 * done. */
static void tell(struct error *err)
{
	output_error(err);
}

/* ---- containers ---- */

int prune_containers(struct prune *prune, struct error *err)
{
	struct plan_strings folders = {}, going = {}, gone = {};
	struct call *call = prune->call;
	struct container *list;
	uint64_t *sizes;
	size_t count;

	if (container_list(&list, &count, call->arena, &call->paths, true, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++)
		if (list[i].status != CONTAINER_RUNNING &&
		    prune_filter_matches(&prune->filter, list[i].created, list[i].labels)) {
			list_append(&going, call->arena, list[i].id);
			list_append(&folders, call->arena,
			            prune_container_folder(call->arena, &call->paths, list[i].id));
		}
	sizes = arena_array(call->arena, going.count, sizeof *sizes);
	if (usage_of_folders(sizes, &folders, &call->host, err) < 0)
		return -1;
	for (size_t i = 0; i < going.count; i++) {
		struct error one;

		if (container_remove(&call->paths, &call->host, going.items[i], false, false,
		                     &one) < 0) {
			tell(&one);
			continue;
		}
		prune->bytes += sizes[i];
		list_append(&gone, call->arena, going.items[i]);
	}
	return say("Containers", &gone, err);
}

/* ---- volumes ---- */

int prune_volumes(struct prune *prune, struct error *err)
{
	struct plan_strings folders = {}, going = {}, gone = {};
	struct call *call = prune->call;
	struct volume_entry *list;
	uint64_t *sizes;
	size_t count;

	if (volume_list(&list, &count, call->arena, &call->paths, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++)
		if (list[i].users.count == 0 && (list[i].anonymous || prune->all_volumes) &&
		    prune_filter_matches(&prune->filter, list[i].created, list[i].labels)) {
			list_append(&going, call->arena, list[i].name);
			list_append(&folders, call->arena, list[i].path);
		}
	sizes = arena_array(call->arena, going.count, sizeof *sizes);
	if (usage_of_folders(sizes, &folders, &call->host, err) < 0)
		return -1;
	for (size_t i = 0; i < going.count; i++) {
		struct error one;

		if (volume_remove(&call->paths, &call->host, going.items[i], &one) < 0) {
			if (one.number != ENOENT && one.number != EBUSY)
				tell(&one);
			continue;
		}
		prune->bytes += sizes[i];
		list_append(&gone, call->arena, going.items[i]);
	}
	return say("Volumes", &gone, err);
}

/* ---- images ---- */

/* The containers are looked for when index.json is locked: one that comes into being later sees
 * what was removed (presence.h). */
struct judge {
	const struct prune *prune;
	const struct container *containers; /* NULL: not looked for yet */
	size_t count;
};

static struct value *labels_of(struct arena *arena, const struct image *image)
{
	struct value *labels = value_new_object(arena);

	for (size_t i = 0; i < image->config.labels.count; i++) {
		const char *label = image->config.labels.items[i], *equals = strchrnul(label, '=');

		value_set(arena, labels, arena_text(arena, label, (size_t)(equals - label)),
		          value_new_string(arena, *equals == '\0' ? "" : equals + 1));
	}
	return labels;
}

static bool spare(void *context, const struct image *image)
{
	struct judge *judge = context;
	struct call *call = judge->prune->call;
	struct container *list;
	struct error ignored;

	if (judge->containers == NULL) {
		if (container_list(&list, &judge->count, call->arena, &call->paths, true,
		                   &ignored) < 0)
			return true;
		judge->containers = list;
	}
	for (size_t i = 0; i < judge->count; i++)
		if (strcmp(judge->containers[i].image_id, image->id) == 0)
			return true;
	return !prune_filter_matches(&judge->prune->filter, image->created,
	                             labels_of(call->arena, image));
}

int prune_images(struct prune *prune, struct error *err)
{
	struct call *call = prune->call;
	struct judge judge = { .prune = prune };
	struct image_prune request = { prune->all_images, spare, &judge };
	struct image_pruned pruned;

	if (image_prune(&pruned, call->arena, &call->paths, &call->host, &request, err) < 0)
		return -1;
	prune->bytes += pruned.bytes;
	return say("Images", &pruned.lines, err);
}

int prune_total(const struct prune *prune, struct error *err)
{
	return output_line(err, "Total reclaimed space: %s",
	                   human_size(prune->call->arena, prune->bytes));
}
