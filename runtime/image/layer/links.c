#include "runtime/image/layer/links.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Open addressing, at most half full; an empty slot has no path. */
struct slot {
	dev_t device;
	ino_t inode;
	char *path;
};

struct links {
	struct slot *slots;
	size_t room, count;
};

static struct slot *slots_new(size_t room)
{
	struct slot *slots = calloc(room, sizeof *slots);

	if (slots == NULL)
		abort();
	return slots;
}

struct links *links_new(void)
{
	struct links *links = calloc(1, sizeof *links);

	if (links == NULL)
		abort();
	links->room = 64;
	links->slots = slots_new(links->room);
	return links;
}

void links_free(struct links *links)
{
	for (size_t i = 0; i < links->room; i++)
		free(links->slots[i].path);
	free(links->slots);
	free(links);
}

/* The file's slot, or the empty one where it belongs. */
static struct slot *find(const struct links *links, dev_t device, ino_t inode)
{
	size_t at = (size_t)(inode * UINT64_C(0x9e3779b97f4a7c15) >> 20) ^ (size_t)device;

	for (;; at++) {
		struct slot *slot = &links->slots[at % links->room];

		if (slot->path == NULL || (slot->device == device && slot->inode == inode))
			return slot;
	}
}

static void grow(struct links *links)
{
	struct links larger = { slots_new(2 * links->room), 2 * links->room, links->count };

	for (size_t i = 0; i < links->room; i++)
		if (links->slots[i].path != NULL)
			*find(&larger, links->slots[i].device, links->slots[i].inode) =
			        links->slots[i];
	free(links->slots);
	*links = larger;
}

const char *links_meet(struct links *links, const struct stat *status, const char *path)
{
	struct slot *slot = find(links, status->st_dev, status->st_ino);

	if (slot->path != NULL)
		return slot->path;
	*slot = (struct slot){ status->st_dev, status->st_ino, strdup(path) };
	if (slot->path == NULL)
		abort();
	if (2 * ++links->count > links->room)
		grow(links);
	return NULL;
}
