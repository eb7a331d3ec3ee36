#include "runtime/image/layer/tree.h"

#include "runtime/image/layer/attribute.h"
#include "runtime/image/layer/times.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

enum { FOLDER_FLAGS = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC };

/* In a user namespace overlayfs reads its marks from user.overlay.* ("userxattr"). */
static const char opaque_attribute[] = ATTRIBUTE_OPAQUE;

int tree_open(struct tree *ret, int root, bool squash, uint32_t ids, struct error *err)
{
	*ret = (struct tree){ .root = root, .squash = squash, .ids = ids, .parent = -1 };
	ret->times = times_open(root, err);
	return ret->times < 0 ? -1 : 0;
}

void tree_done(struct tree *tree)
{
	cleanup_close(&tree->parent);
	cleanup_close(&tree->times);
}

static bool is_whiteout(const struct stat *status)
{
	return S_ISCHR(status->st_mode) && status->st_rdev == makedev(0, 0);
}

static int mark_opaque(int fd, struct error *err)
{
	if (fsetxattr(fd, opaque_attribute, "y", 1, 0) == 0)
		return 0;
	error_set(err, errno, "cannot mark a folder as opaque");
	if (err->number == ENOTSUP)
		error_hint(err, "the file system of the store must have user.* attributes "
		                "(ext4, xfs, btrfs, or tmpfs since Linux 6.6)");
	return -1;
}

static void forget_parent(struct tree *tree)
{
	cleanup_close(&tree->parent);
	tree->parent = -1;
}

/* Makes parent/base ready for a new entry. Returns 1 where a folder stands there that may stay,
 * else 0 with nothing there; *hidden says that something was which hid what lower layers have. */
static int clear_place(struct tree *tree, const char *base, bool folder, bool *hidden,
                       struct error *err)
{
	struct stat status;

	*hidden = false;
	if (fstatat(tree->parent, base, &status, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : error_set(err, errno, "cannot look at it");
	if (S_ISDIR(status.st_mode) && folder)
		return 1;
	if (S_ISDIR(status.st_mode)) {
		if (io_remove_tree(tree->parent, base, err) < 0)
			return -1;
		return 0;
	}
	*hidden = true;
	if (unlinkat(tree->parent, base, 0) < 0)
		return error_set(err, errno, "cannot replace it");
	return 0;
}

/* One folder below `dir`, made where it is missing or only a whiteout. */
static int step_into(int dir, const char *part, struct error *err)
{
	struct stat status;
	_cleanup_fd int fd = -1;
	bool made = false, hidden = false;

	if (fstatat(dir, part, &status, AT_SYMLINK_NOFOLLOW) < 0) {
		if (errno != ENOENT)
			return error_set(err, errno, "cannot look at its folder");
		made = true;
	} else if (is_whiteout(&status)) {
		made = hidden = true;
		if (unlinkat(dir, part, 0) < 0)
			return error_set(err, errno, "cannot replace a whiteout");
	} else if (S_ISLNK(status.st_mode)) {
		return error_set(err, 0, "its folder is a symlink of the same layer");
	} else if (!S_ISDIR(status.st_mode)) {
		return error_set(err, 0, "its folder is not a folder");
	}
	if (made && mkdirat(dir, part, 0755) < 0)
		return error_set(err, errno, "cannot make its folder");
	fd = openat(dir, part, FOLDER_FLAGS);
	if (fd < 0)
		return error_set(err, errno, "cannot open its folder");
	if (hidden && mark_opaque(fd, err) < 0)
		return -1;
	return cleanup_take_fd(&fd);
}

static int make_parents(int root, const char *parent, struct error *err)
{
	_cleanup_fd int at = openat(root, ".", FOLDER_FLAGS);
	char part[LIMIT_COMPONENT + 1];

	if (at < 0)
		return error_set(err, errno, "cannot open the tree");
	while (*parent != '\0') {
		size_t length = strcspn(parent, "/");
		int next;

		memcpy(part, parent, length);
		part[length] = '\0';
		next = step_into(at, part, err);
		if (next < 0)
			return -1;
		close(at);
		at = next;
		parent += length + (parent[length] == '/');
	}
	return cleanup_take_fd(&at);
}

int tree_parent(struct tree *tree, const char *parent, struct error *err)
{
	int fd;

	if (tree->parent >= 0 && strcmp(tree->parent_path, parent) == 0)
		return tree->parent;
	fd = io_open_beneath(tree->root, parent[0] == '\0' ? "." : parent, FOLDER_FLAGS, 0);
	if (fd < 0)
		fd = make_parents(tree->root, parent, err);
	if (fd < 0)
		return -1;
	forget_parent(tree);
	tree->parent = fd;
	strcpy(tree->parent_path, parent);
	return fd;
}

/* A folder that goes away may be the remembered parent or hold it. */
static int replace(struct tree *tree, const struct name *name, bool folder, bool *hidden,
                   struct error *err)
{
	if (name->base[0] == '\0')
		return folder ? 1 : error_set(err, 0, "the root of a layer must be a folder");
	if (tree_parent(tree, name->parent, err) < 0)
		return -1;
	return clear_place(tree, name->base, folder, hidden, err);
}

int tree_folder(int *fd, struct tree *tree, const struct name *name, struct error *err)
{
	bool hidden = false;
	int there = replace(tree, name, true, &hidden, err);

	if (there < 0)
		return -1;
	if (name->base[0] == '\0') {
		*fd = openat(tree->root, ".", FOLDER_FLAGS);
		return *fd < 0 ? error_set(err, errno, "cannot open the tree") : 0;
	}
	if (there == 0 && mkdirat(tree->parent, name->base, 0700) < 0)
		return error_set(err, errno, "cannot make the folder");
	*fd = openat(tree->parent, name->base, FOLDER_FLAGS);
	if (*fd < 0)
		return error_set(err, errno, "cannot open the folder");
	return hidden ? mark_opaque(*fd, err) : 0;
}

static int create_file(const struct tree *tree, const struct name *name)
{
	return openat(tree->parent, name->base,
	              O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
}

int tree_file(int *fd, struct tree *tree, const struct name *name, struct error *err)
{
	bool hidden;

	if (name->base[0] == '\0')
		return error_set(err, 0, "the root of a layer must be a folder");
	if (tree_parent(tree, name->parent, err) < 0)
		return -1;
	*fd = create_file(tree, name);
	if (*fd < 0 && errno == EEXIST) {
		if (clear_place(tree, name->base, false, &hidden, err) < 0)
			return -1;
		*fd = create_file(tree, name);
	}
	return *fd < 0 ? error_set(err, errno, "cannot make the file") : 0;
}

int tree_symlink(struct tree *tree, const struct name *name, const char *target, struct error *err)
{
	bool hidden;

	if (replace(tree, name, false, &hidden, err) < 0)
		return -1;
	if (symlinkat(target, tree->parent, name->base) < 0)
		return error_set(err, errno, "cannot make the symlink");
	return 0;
}

int tree_fifo(struct tree *tree, const struct name *name, mode_t mode, struct error *err)
{
	bool hidden;

	if (replace(tree, name, false, &hidden, err) < 0)
		return -1;
	if (mknodat(tree->parent, name->base, S_IFIFO | (mode & 0777), 0) < 0)
		return error_set(err, errno, "cannot make the fifo");
	return 0;
}

int tree_hardlink(struct tree *tree, const struct name *name, const struct name *target,
                  struct error *err)
{
	_cleanup_fd int folder = -1;
	struct stat status;
	bool hidden;

	folder = io_open_beneath(tree->root, target->parent[0] == '\0' ? "." : target->parent,
	                         FOLDER_FLAGS, 0);
	if (folder < 0 || fstatat(folder, target->base, &status, AT_SYMLINK_NOFOLLOW) < 0 ||
	    is_whiteout(&status)) {
		error_set(err, 0, "the hard link's target is not in this layer");
		return error_hint(err,
		                  "a hard link can only lead to an earlier entry of its layer");
	}
	if (S_ISDIR(status.st_mode))
		return error_set(err, 0, "the hard link's target is a folder");
	if (strcmp(name->path, target->path) == 0)
		return 0;
	if (replace(tree, name, false, &hidden, err) < 0)
		return -1;
	if (linkat(folder, target->base, tree->parent, name->base, 0) < 0)
		return error_set(err, errno, "cannot make the hard link");
	return 0;
}

/* Whiteouts speak of lower layers only, wherever they stand among the entries: a folder of this
 * layer becomes opaque, anything else already hides what is below. */
int tree_whiteout(struct tree *tree, const struct name *name, struct error *err)
{
	struct stat status;
	_cleanup_fd int fd = -1;

	if (tree_parent(tree, name->parent, err) < 0)
		return -1;
	if (fstatat(tree->parent, name->base, &status, AT_SYMLINK_NOFOLLOW) < 0) {
		if (mknodat(tree->parent, name->base, S_IFCHR, makedev(0, 0)) < 0)
			return error_set(err, errno, "cannot make the whiteout");
		return 0;
	}
	if (!S_ISDIR(status.st_mode))
		return 0;
	fd = openat(tree->parent, name->base, FOLDER_FLAGS);
	if (fd < 0)
		return error_set(err, errno, "cannot open the folder");
	return mark_opaque(fd, err);
}

int tree_opaque(struct tree *tree, const char *folder, struct error *err)
{
	int fd = tree_parent(tree, folder, err);

	return fd < 0 ? -1 : mark_opaque(fd, err);
}

static int change_owner(const struct tree *tree, int dir, const char *base,
                        const struct tar_entry *entry, struct error *err)
{
	if (tree->squash)
		return 0;
	if (entry->uid >= 0 && entry->gid >= 0 && entry->uid < UINT32_MAX &&
	    entry->gid < UINT32_MAX &&
	    fchownat(dir, base, (uid_t)entry->uid, (gid_t)entry->gid,
	             AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH) == 0)
		return 0;
	if (entry->uid >= 0 && entry->gid >= 0 && entry->uid < UINT32_MAX &&
	    entry->gid < UINT32_MAX && errno != EINVAL)
		return error_set(err, errno, "cannot give it to %lld:%lld", (long long)entry->uid,
		                 (long long)entry->gid);
	error_set(err, 0, "its owner %lld:%lld is outside of the %u ids there are",
	          (long long)entry->uid, (long long)entry->gid, tree->ids);
	return error_hint(err, "give the user a larger range in /etc/subuid and /etc/subgid");
}

/* A set-user-ID bit speaks of the owner: without him it would mean another. */
static mode_t mode_kept(const struct tree *tree, const struct tar_entry *entry)
{
	mode_t mode = entry->mode;

	if (tree->squash && entry->uid != 0)
		mode &= ~(mode_t)S_ISUID;
	if (tree->squash && entry->gid != 0 && entry->kind == TAR_FILE)
		mode &= ~(mode_t)S_ISGID;
	return mode;
}

int tree_finish_entry(struct tree *tree, int fd, const struct name *name,
                      const struct tar_entry *entry, struct error *err)
{
	const struct timespec times[2] = { entry->modified, entry->modified };

	/* chown takes set-user-ID bits away: the mode comes after it. */
	if (change_owner(tree, fd, "", entry, err) < 0)
		return -1;
	if (fchmod(fd, mode_kept(tree, entry)) < 0)
		return error_set(err, errno, "cannot set its mode");
	if (entry->kind == TAR_FOLDER)
		return times_note(tree->times, name->path, &entry->modified, err);
	if (futimens(fd, times) < 0)
		return error_set(err, errno, "cannot set its time");
	return 0;
}

int tree_finish_special(struct tree *tree, const struct name *name, const struct tar_entry *entry,
                        struct error *err)
{
	const struct timespec times[2] = { entry->modified, entry->modified };

	if (change_owner(tree, tree->parent, name->base, entry, err) < 0)
		return -1;
	if (utimensat(tree->parent, name->base, times, AT_SYMLINK_NOFOLLOW) < 0)
		return error_set(err, errno, "cannot set its time");
	return 0;
}

int tree_finish(struct tree *tree, struct error *err)
{
	forget_parent(tree);
	return times_apply(tree->times, tree->root, err);
}
