#include "runtime/image/layer/graft.h"

#include "runtime/image/layer/attribute.h"
#include "runtime/image/layer/data.h"
#include "runtime/image/layer/pseudo.h"
#include "runtime/image/layer/times.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"
#include "sandbox/base/text.h"

#include <assert.h>
#include <fcntl.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>

enum { PLACE_FLAGS = O_PATH | O_DIRECTORY };

/* One entry on its way. */
struct scion {
	struct graft *graft;
	const struct name *name, *target;
	const struct tar_entry *entry;
	struct tar *tar;
	int parent;         /* borrowed */
	char temporary[40]; /* what it is called until it is whole */
};

int graft_open(struct graft *graft, struct error *err)
{
	graft->parent = -1;
	graft->skipped = 0;
	graft->times = times_open(-1, err);
	return graft->times < 0 ? -1 : 0;
}

void graft_done(struct graft *graft)
{
	cleanup_close(&graft->parent);
	cleanup_close(&graft->times);
}

int graft_finish(struct graft *graft, struct error *err)
{
	return times_apply(graft->times, graft->folder, err);
}

/* ---- where it goes ---- */

/* One folder after the other, made where it is missing. */
static int make_parents(int folder, const char *path, struct error *err)
{
	_cleanup_fd int at = io_open_beneath(folder, ".", PLACE_FLAGS, 0);
	char part[LIMIT_COMPONENT + 1];

	while (at >= 0 && *path != '\0') {
		size_t length = strcspn(path, "/");
		int next;

		snprintf(part, sizeof part, "%.*s", (int)length, path);
		if (mkdirat(at, part, 0755) < 0 && errno != EEXIST)
			return error_set(err, errno, "cannot make its folder");
		next = io_open_beneath(at, part, PLACE_FLAGS, 0);
		close(at);
		at = next;
		path += length + (path[length] == '/');
	}
	return at < 0 ? error_set(err, errno, "cannot open its folder") : cleanup_take_fd(&at);
}

static int open_through_links(const struct graft *graft, const char *parent)
{
	_cleanup_text struct text path = {};

	text_printf(&path, "%s/%s", graft->path, parent);
	return io_open_in_root(graft->root, text_string(&path), PLACE_FLAGS, 0);
}

static int open_parent(const struct graft *graft, const char *parent, struct error *err)
{
	int fd = io_open_beneath(graft->folder, parent[0] == '\0' ? "." : parent, PLACE_FLAGS, 0);

	if (fd < 0 && errno == ELOOP && graft->root >= 0)
		fd = open_through_links(graft, parent);
	if (fd < 0 && errno == ELOOP)
		return error_set(err, 0, "its folder is a symlink");
	if (fd < 0 && errno == ENOENT)
		return make_parents(graft->folder, parent, err);
	return fd < 0 ? error_set(err, errno, "cannot open its folder") : fd;
}

static int find_parent(struct graft *graft, const char *parent, struct error *err)
{
	_cleanup_fd int fd = -1;

	if (graft->parent >= 0 && strcmp(graft->parent_path, parent) == 0)
		return graft->parent;
	fd = open_parent(graft, parent, err);
	if (fd < 0 || pseudo_refuse(fd, err) < 0)
		return -1;
	cleanup_close(&graft->parent);
	graft->parent = cleanup_take_fd(&fd);
	strcpy(graft->parent_path, parent);
	return graft->parent;
}

/* Is the place free? 0: yes, or something stands there that a rename may replace; 1: a folder
 * stands there, for a folder. */
static int look(const struct scion *scion, struct error *err)
{
	bool folder = scion->entry->kind == TAR_FOLDER;
	struct statx status;

	if (statx(scion->parent, scion->name->base, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT,
	          STATX_TYPE, &status) < 0)
		return errno == ENOENT ? 0 : error_set(err, errno, "cannot look at its place");
	if (S_ISDIR(status.stx_mode) && folder)
		return 1;
	if (S_ISDIR(status.stx_mode))
		return error_set(err, 0, "cannot overwrite a folder with what is none");
	if (folder)
		return error_set(err, 0, "cannot overwrite what is no folder with a folder");
	if (status.stx_attributes & STATX_ATTR_MOUNT_ROOT) {
		error_set(err, EBUSY, "something is mounted there");
		return error_hint(err, "write into it from inside, with cordon exec, or to what is "
		                       "mounted, on the host");
	}
	return 0;
}

static int name_temporary(struct scion *scion, struct error *err)
{
	uint64_t number;

	if (getrandom(&number, sizeof number, 0) != sizeof number)
		return error_set(err, errno, "cannot make up a name");
	snprintf(scion->temporary, sizeof scion->temporary, ".cordon-cp-%016llx~",
	         (unsigned long long)number);
	return 0;
}

/* It is whole: it gets its name. */
static int settle(const struct scion *scion, struct error *err)
{
	if (look(scion, err) < 0)
		return -1;
	if (renameat(scion->parent, scion->temporary, scion->parent, scion->name->base) < 0)
		return error_set(err, errno, "cannot put it in its place");
	/* two names of one file are left as they are (rename(2)) */
	if (scion->entry->kind == TAR_HARDLINK)
		unlinkat(scion->parent, scion->temporary, 0);
	return 0;
}

/* ---- what is told of it ---- */

static int give(const struct scion *scion, int dir, const char *base, struct error *err)
{
	const struct tar_entry *entry = scion->entry;
	int64_t uid = scion->graft->owners ? entry->uid : 0;
	int64_t gid = scion->graft->owners ? entry->gid : 0;
	bool sane = uid >= 0 && gid >= 0 && uid < UINT32_MAX && gid < UINT32_MAX;

	if (sane &&
	    fchownat(dir, base, (uid_t)uid, (gid_t)gid, AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH) == 0)
		return 0;
	if (sane && errno != EINVAL)
		return error_set(err, errno, "cannot give it to %lld:%lld", (long long)uid,
		                 (long long)gid);
	error_set(err, 0, "its owner %lld:%lld has no id here", (long long)uid, (long long)gid);
	return error_hint(err, "without --archive all belongs to root there");
}

static mode_t mode_of(const struct scion *scion)
{
	mode_t mode = scion->entry->mode;

	/* it would be the user whom everybody became who can reach the file */
	if (scion->graft->host)
		mode &= ~(mode_t)(scion->entry->kind == TAR_FOLDER ? S_ISUID : S_ISUID | S_ISGID);
	return mode;
}

/* A change of owner takes set-user-ID bits and capabilities away: it comes first. */
static int dress(const struct scion *scion, int fd, bool own, struct error *err)
{
	const struct tar_entry *entry = scion->entry;
	const struct timespec times[2] = { entry->modified, entry->modified };

	if (own && give(scion, fd, "", err) < 0)
		return -1;
	if (fchmod(fd, mode_of(scion)) < 0)
		return error_set(err, errno, "cannot set its mode");
	if (attribute_apply(fd, scion->tar, scion->graft->host, err) < 0)
		return -1;
	if (entry->kind == TAR_FOLDER)
		return times_note(scion->graft->times, scion->name->path, &entry->modified, err);
	return futimens(fd, times) < 0 ? error_set(err, errno, "cannot set its time") : 0;
}

/* What has no descriptor. */
static int dress_name(const struct scion *scion, struct error *err)
{
	const struct timespec times[2] = { scion->entry->modified, scion->entry->modified };

	if (give(scion, scion->parent, scion->temporary, err) < 0)
		return -1;
	if (utimensat(scion->parent, scion->temporary, times, AT_SYMLINK_NOFOLLOW) < 0)
		return error_set(err, errno, "cannot set its time");
	return settle(scion, err);
}

/* ---- each kind ---- */

static int add_folder(struct scion *scion, struct error *err)
{
	const char *base = scion->name->base;
	int there = look(scion, err);
	_cleanup_fd int fd = -1;

	if (there < 0)
		return -1;
	if (there == 0 && mkdirat(scion->parent, base, 0700) < 0)
		return error_set(err, errno, "cannot make the folder");
	fd = openat(scion->parent, base, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return error_set(err, errno, "cannot open the folder");
	/* /proc of an archive of everything: there is one already */
	if (there == 1 && pseudo_is(fd))
		return 0;
	return dress(scion, fd, there == 0 || scion->graft->owners, err);
}

static int add_file(struct scion *scion, struct error *err)
{
	_cleanup_fd int fd = openat(scion->parent, scion->temporary,
	                            O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0)
		return error_set(err, errno, "cannot make the file");
	if (data_write(scion->tar, fd, scion->entry->size, err) < 0 ||
	    dress(scion, fd, true, err) < 0)
		return -1;
	return settle(scion, err);
}

static int add_symlink(struct scion *scion, struct error *err)
{
	if (symlinkat(scion->entry->link, scion->parent, scion->temporary) < 0)
		return error_set(err, errno, "cannot make the symlink");
	return dress_name(scion, err);
}

static int add_fifo(struct scion *scion, struct error *err)
{
	mode_t mode = scion->entry->mode & 0777;

	if (mknodat(scion->parent, scion->temporary, S_IFIFO | mode, 0) < 0)
		return error_set(err, errno, "cannot make the fifo");
	return dress_name(scion, err);
}

static int add_hardlink(struct scion *scion, struct error *err)
{
	const char *parent = scion->target->parent;
	_cleanup_fd int folder = -1;

	if (scion->target->base[0] == '\0')
		return error_set(err, 0, "a hard link to the root");
	folder = io_open_beneath(scion->graft->folder, parent[0] == '\0' ? "." : parent,
	                         PLACE_FLAGS, 0);
	if (folder < 0 ||
	    linkat(folder, scion->target->base, scion->parent, scion->temporary, 0) < 0)
		return error_set(err, errno, "cannot make the hard link");
	return settle(scion, err);
}

/* They cannot be made in a user namespace, and mean nothing in a container. */
static int add_device(struct scion *scion, struct error *err)
{
	(void)err;
	scion->graft->skipped++;
	return 0;
}

static int add_other(struct scion *scion, struct error *err)
{
	(void)scion;
	return error_set(err, 0, "an entry of an unknown type");
}

static int (*const additions[])(struct scion *, struct error *) = {
	[TAR_FILE] = add_file,         [TAR_FOLDER] = add_folder, [TAR_SYMLINK] = add_symlink,
	[TAR_HARDLINK] = add_hardlink, [TAR_FIFO] = add_fifo,     [TAR_CHARACTER] = add_device,
	[TAR_BLOCK] = add_device,      [TAR_OTHER] = add_other,
};
static_assert(ARRAY_SIZE(additions) == TAR_KINDS, "an addition for every kind");

int graft_add(struct graft *graft, const struct name *name, const struct tar_entry *entry,
              const struct name *target, struct tar *tar, struct error *err)
{
	struct scion scion = {
		.graft = graft, .name = name, .target = target, .entry = entry, .tar = tar
	};
	int result;

	if (name->base[0] == '\0') /* the tree itself stays as it is */
		return entry->kind == TAR_FOLDER
		               ? 0
		               : error_set(err, 0, "the root of an archive must be a folder");
	scion.parent = find_parent(graft, name->parent, err);
	if (scion.parent < 0 || name_temporary(&scion, err) < 0)
		return -1;
	if (entry->kind != TAR_FOLDER && look(&scion, err) < 0)
		return -1;
	result = additions[entry->kind](&scion, err);
	if (result < 0 && entry->kind != TAR_FOLDER)
		unlinkat(scion.parent, scion.temporary, 0);
	return result;
}
