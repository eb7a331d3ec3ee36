/*
 * fetch: what is at a path becomes an archive, under another name where that is wanted (cp). The
 * root may be that of a container at work.
 *
 * A regular file is opened once it has been looked at, and looked at again once it is open: a fifo
 * that is put in its place in between neither blocks nor is read, and a device cannot be opened at
 * all (the engine gives a mount without devices).
 */
#include "runtime/image/layer/job.h"
#include "runtime/image/layer/locate.h"
#include "runtime/image/layer/order.h"
#include "runtime/image/layer/packer.h"
#include "runtime/image/layer/pseudo.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"

#include <fcntl.h>

struct fetch {
	struct packer *packer;
	struct sink *sink;
	const struct layer_order *order;
};

/* What the kernel shows where an id is not mapped (/proc/sys/kernel/overflowuid). */
enum { NOBODY = 65534 };

static int check_owner(const struct fetch *fetch, const struct stat *status, struct error *err)
{
	static const uint32_t told = LAYER_ORDER_HOST | LAYER_ORDER_OWNERS;

	if ((fetch->order->flags & told) != told ||
	    (status->st_uid != NOBODY && status->st_gid != NOBODY))
		return 0;
	error_set(err, 0, "its owner has no id in the container");
	return error_hint(err, "without --archive all belongs to root there");
}

static int visit(void *context, const struct walk_entry *entry, struct error *err)
{
	const struct fetch *fetch = context;

	return check_owner(fetch, &entry->status, err) < 0 ? -1
	                                                   : packer_put(fetch->packer, entry, err);
}

static int put_folder(struct fetch *fetch, struct walk_entry *entry, struct error *err)
{
	_cleanup_fd int fd = openat(entry->parent, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const struct walk walk = {
		.root = fd, .beneath = fetch->order->name, .visit = visit, .context = fetch
	};

	if (fd < 0)
		return error_set(err, errno, "cannot open the folder");
	entry->fd = fd;
	return visit(fetch, entry, err) < 0 || walk_tree(&walk, err) < 0 ? -1 : 0;
}

static int put_file(const struct fetch *fetch, struct walk_entry *entry, struct error *err)
{
	const struct layer_order *order = fetch->order;
	bool follow = order->flags & LAYER_ORDER_FOLLOW;
	_cleanup_fd int fd =
	        io_open_in_root(LAYER_FD_FOLDER, order->path,
	                        O_RDONLY | O_NONBLOCK | O_NOCTTY | (follow ? 0 : O_NOFOLLOW), 0);

	if (fd < 0 || fstat(fd, &entry->status) < 0)
		return error_set(err, errno, "cannot open the file");
	if (!S_ISREG(entry->status.st_mode))
		return error_set(err, 0, "it was another kind of file a moment ago");
	if (check_owner(fetch, &entry->status, err) < 0)
		return -1;
	sink_expect(fetch->sink, (uint64_t)entry->status.st_size);
	return packer_put_file(fetch->packer, entry, fd, err);
}

/* LAYER_ORDER_IF_FOLDER: an archive of nothing is whole. */
static bool is_no_matter(const struct layer_order *order, int number)
{
	return (order->flags & LAYER_ORDER_IF_FOLDER) && (number == ENOENT || number == ENOTDIR);
}

static int put(struct fetch *fetch, struct error *err)
{
	const struct layer_order *order = fetch->order;
	_cleanup_fd int at =
	        locate(LAYER_FD_FOLDER, order->path, order->flags & LAYER_ORDER_FOLLOW, err);
	/* a link is read through its own descriptor, whose name is empty */
	struct walk_entry entry = { .path = order->name[0] == '\0' ? "." : order->name,
		                    .name = "",
		                    .parent = at,
		                    .fd = -1 };

	if (at < 0)
		return is_no_matter(order, err->number) ? 0 : -1;
	if (pseudo_refuse(at, err) < 0)
		return -1;
	if (fstat(at, &entry.status) < 0)
		return error_set(err, errno, "cannot look at it");
	if (S_ISDIR(entry.status.st_mode))
		return put_folder(fetch, &entry, err);
	if (is_no_matter(order, ENOTDIR))
		return 0;
	if (S_ISREG(entry.status.st_mode))
		return put_file(fetch, &entry, err);
	if (!S_ISLNK(entry.status.st_mode) && !S_ISFIFO(entry.status.st_mode))
		return error_set(err, 0, "%s cannot be copied",
		                 S_ISSOCK(entry.status.st_mode) ? "a socket" : "a device");
	return visit(fetch, &entry, err);
}

int fetch_run(struct layer_answer *ret, const struct layer_request *request, struct error *err)
{
	const struct sink_target output = { .output = LAYER_FD_OUTPUT, .tally = request->tally };
	struct packer_target target = { .answer = ret, .copy = true };
	struct layer_order order;
	struct fetch fetch = { .order = &order };
	int result;

	if (order_read(&order, err) < 0)
		return -1;
	target.sink = fetch.sink = sink_open(&output);
	fetch.packer = packer_new(&target);
	result = put(&fetch, err);
	if (result == 0)
		result = packer_finish(fetch.packer, err);
	packer_free(fetch.packer);
	sink_close(target.sink);
	return result;
}
