/*
 * unpack: a layer becomes a tree. What an entry may be is one table; what its name may be is
 * name.h's; how it is made without following anything is tree.h's.
 *
 * Device nodes cannot be made in a user namespace and mean nothing in a container, which gets its
 * own /dev: the standard ones at their standard place are passed over and counted (root file
 * systems of mmdebstrap and debootstrap hold them), any other is refused. Sockets are not in the
 * tar format.
 */
#include "runtime/image/layer/attribute.h"
#include "runtime/image/layer/data.h"
#include "runtime/image/layer/job.h"
#include "runtime/image/layer/tree.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/text.h"

#include <sys/stat.h>

#include <assert.h>
#include <string.h>

struct unpack {
	struct layer_answer *answer;
	struct tar *tar;
	struct tree tree;
};

/* <Documentation/admin-guide/devices.txt> */
static const struct node {
	const char *path;
	uint32_t major, minor;
} standard_nodes[] = {
	{ "dev/null", 1, 3 },    { "dev/zero", 1, 5 },    { "dev/full", 1, 7 },
	{ "dev/random", 1, 8 },  { "dev/urandom", 1, 9 }, { "dev/tty", 5, 0 },
	{ "dev/console", 5, 1 }, { "dev/ptmx", 5, 2 },
};

static int add_device(struct unpack *unpack, const struct tar_entry *entry, const struct name *name,
                      struct error *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(standard_nodes); i++) {
		const struct node *node = &standard_nodes[i];

		if (entry->kind == TAR_CHARACTER && strcmp(name->path, node->path) == 0 &&
		    entry->major == node->major && entry->minor == node->minor) {
			unpack->answer->skipped++;
			return 0;
		}
	}
	error_set(err, 0, "a device node (%s %u:%u)",
	          entry->kind == TAR_CHARACTER ? "character" : "block", entry->major, entry->minor);
	return error_hint(err, "images cannot bring devices; leave it out of the layer");
}

static int add_file(struct unpack *unpack, const struct tar_entry *entry, const struct name *name,
                    struct error *err)
{
	_cleanup_fd int fd = -1;

	if (entry->size > LIMIT_TREE - unpack->answer->tree_size)
		return error_set(err, 0, "the files of the layer have more than %d GiB",
		                 (int)(LIMIT_TREE >> 30));
	unpack->answer->tree_size += entry->size;
	if (tree_file(&fd, &unpack->tree, name, err) < 0 ||
	    data_write(unpack->tar, fd, entry->size, err) < 0 ||
	    tree_finish_entry(&unpack->tree, fd, name, entry, err) < 0)
		return -1;
	return attribute_apply(fd, unpack->tar, unpack->tree.squash, err);
}

static int add_folder(struct unpack *unpack, const struct tar_entry *entry, const struct name *name,
                      struct error *err)
{
	_cleanup_fd int fd = -1;

	if (tree_folder(&fd, &unpack->tree, name, err) < 0 ||
	    tree_finish_entry(&unpack->tree, fd, name, entry, err) < 0)
		return -1;
	return attribute_apply(fd, unpack->tar, unpack->tree.squash, err);
}

static int add_symlink(struct unpack *unpack, const struct tar_entry *entry,
                       const struct name *name, struct error *err)
{
	if (name_check_target(name, entry->link, err) < 0 ||
	    tree_symlink(&unpack->tree, name, entry->link, err) < 0)
		return -1;
	return tree_finish_special(&unpack->tree, name, entry, err);
}

static int add_hardlink(struct unpack *unpack, const struct tar_entry *entry,
                        const struct name *name, struct error *err)
{
	struct name target;

	if (name_parse_plain(&target, entry->link, err) < 0)
		return error_prefix(err, "its target");
	if (target.base[0] == '\0')
		return error_set(err, 0, "a hard link to the root");
	return tree_hardlink(&unpack->tree, name, &target, err);
}

static int add_fifo(struct unpack *unpack, const struct tar_entry *entry, const struct name *name,
                    struct error *err)
{
	if (tree_fifo(&unpack->tree, name, entry->mode, err) < 0)
		return -1;
	return tree_finish_special(&unpack->tree, name, entry, err);
}

static int add_other(struct unpack *unpack, const struct tar_entry *entry, const struct name *name,
                     struct error *err)
{
	(void)unpack;
	(void)entry;
	(void)name;
	return error_set(err, 0, "an entry of an unknown type");
}

typedef int add_entry(struct unpack *unpack, const struct tar_entry *entry, const struct name *name,
                      struct error *err);

static add_entry *const additions[] = {
	[TAR_FILE] = add_file,         [TAR_FOLDER] = add_folder, [TAR_SYMLINK] = add_symlink,
	[TAR_HARDLINK] = add_hardlink, [TAR_FIFO] = add_fifo,     [TAR_CHARACTER] = add_device,
	[TAR_BLOCK] = add_device,      [TAR_OTHER] = add_other,
};
static_assert(ARRAY_SIZE(additions) == TAR_KINDS, "an addition for every kind");

static int add(struct unpack *unpack, const struct tar_entry *entry, struct error *err)
{
	bool is_mark = entry->kind == TAR_FILE || entry->kind == TAR_HARDLINK;
	struct name name;

	if (++unpack->answer->entries > LIMIT_ENTRIES)
		return error_set(err, 0, "the layer has more than %d entries", LIMIT_ENTRIES);
	if (name_parse(&name, entry->path, err) < 0)
		return -1;
	switch (name.kind) {
	case NAME_WHITEOUT:
		return is_mark ? tree_whiteout(&unpack->tree, &name, err)
		               : error_set(err, 0, "a whiteout that is not a file");
	case NAME_OPAQUE:
		return is_mark ? tree_opaque(&unpack->tree, name.parent, err)
		               : error_set(err, 0, "a whiteout that is not a file");
	case NAME_IGNORED:
		return 0;
	default:
		return additions[entry->kind](unpack, entry, &name, err);
	}
}

static int add_all(struct unpack *unpack, struct error *err)
{
	struct tar_entry entry;
	char shown[160];
	int status;

	while ((status = tar_next(&entry, unpack->tar, err)) == 1) {
		if (add(unpack, &entry, err) == 0)
			continue;
		name_show(shown, sizeof shown, entry.path);
		return error_prefix(err, "%s", shown);
	}
	return status;
}

static int run(struct unpack *unpack, struct stream *stream, struct error *err)
{
	int result = tar_open(&unpack->tar, stream, err);

	if (result == 0)
		result = add_all(unpack, err);
	tar_close(unpack->tar);
	if (result == 0)
		result = stream_finish(unpack->answer, stream, err);
	return result < 0 ? -1 : tree_finish(&unpack->tree, err);
}

int unpack_run(struct layer_answer *ret, const struct layer_request *request, struct error *err)
{
	const struct stream_source source = { .input = LAYER_FD_INPUT,
		                              .keep = request->keep ? LAYER_FD_KEEP : -1,
		                              .limit = request->limit,
		                              .tally = request->tally };
	struct unpack unpack = { .answer = ret };
	struct stream *stream;
	int result;

	if (tree_open(&unpack.tree, LAYER_FD_FOLDER, request->squash, request->ids, err) < 0)
		return -1;
	result = stream_open(&stream, &source, err);
	if (result == 0) {
		result = run(&unpack, stream, err);
		stream_close(stream);
	}
	tree_done(&unpack.tree);
	return result;
}
