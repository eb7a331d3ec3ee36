#include "sandbox/mount.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"
#include "sandbox/device.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

enum { SYMLINKS_MAX = 40, OPTIONS_MAX = 1024 };

/* What the kernel says in words about the last fsconfig that failed ("e overlay: ..."). */
static void read_complaint(int fs, char *ret, size_t size)
{
	ssize_t length = read(fs, ret, size - 1);

	ret[length > 0 ? length : 0] = '\0';
	ret[strcspn(ret, "\n")] = '\0';
}

static int complain(int fs, const char *type, const char *what, struct error *err)
{
	char words[300];
	int number = errno;

	read_complaint(fs, words, sizeof words);
	return error_set(err, number, "cannot mount %s%s%s%s%s", type, what[0] != '\0' ? ": " : "",
	                 what, words[0] != '\0' ? ": " : "", words[0] != '\0' ? words + 2 : "");
}

static int configure(int fs, const char *type, const char *options, struct error *err)
{
	char copy[OPTIONS_MAX], *save = NULL;

	if (options == NULL)
		return 0;
	if (strlen(options) >= sizeof copy)
		return error_set(err, ENAMETOOLONG, "options of %s", type);
	strcpy(copy, options);
	for (char *key = strtok_r(copy, ",", &save); key != NULL;
	     key = strtok_r(NULL, ",", &save)) {
		char *value = strchr(key, '=');

		if (value != NULL)
			*value++ = '\0';
		if (fsconfig(fs, value == NULL ? FSCONFIG_SET_FLAG : FSCONFIG_SET_STRING, key,
		             value, 0) < 0)
			return complain(fs, type, key, err);
	}
	return 0;
}

int mount_new(const char *type, const char *options, uint64_t attributes, struct error *err)
{
	_cleanup_fd int fs = fsopen(type, FSOPEN_CLOEXEC);
	int mount;

	if (fs < 0)
		return error_set(err, errno, "cannot mount %s", type);
	if (configure(fs, type, options, err) < 0)
		return -1;
	if (fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return complain(fs, type, "", err);
	mount = fsmount(fs, FSMOUNT_CLOEXEC, (unsigned)attributes);
	if (mount < 0)
		return complain(fs, type, "", err);
	return mount;
}

int mount_clone(int fd, bool recursive, struct error *err)
{
	unsigned flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH |
	                 (recursive ? AT_RECURSIVE : 0);
	int mount = open_tree(fd, "", flags);

	if (mount < 0)
		return error_set(err, errno, "cannot copy a mount");
	return mount;
}

int mount_set_attributes(int fd, uint64_t attributes, bool recursive, struct error *err)
{
	struct mount_attr attr = { .attr_set = attributes };

	if (attributes == 0)
		return 0;
	if (mount_setattr(fd, "", AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0), &attr,
	                  sizeof attr) < 0)
		return error_set(err, errno, "cannot set the attributes of a mount");
	return 0;
}

int mount_attach(int mount, int target, struct error *err)
{
	if (move_mount(mount, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) <
	    0)
		return error_set(err, errno, "cannot attach a mount");
	return 0;
}

/* ---- places to mount on ---- */

static bool is_kernel_file_system(int fd)
{
	struct statfs status;

	return fstatfs(fd, &status) == 0 &&
	       (status.f_type == PROC_SUPER_MAGIC || status.f_type == SYSFS_MAGIC ||
	        status.f_type == CGROUP2_SUPER_MAGIC || status.f_type == CGROUP_SUPER_MAGIC);
}

static int make_place(int root, const char *path, bool file, unsigned depth, struct error *err);

/* The folder that holds the last component of `path`; *name points at that component. */
static int open_parent(int root, const char *path, const char **name, unsigned depth,
                       struct error *err)
{
	char parent[PATH_MAX];
	const char *slash = strrchr(path, '/');
	int fd;

	snprintf(parent, sizeof parent, "%.*s", slash == NULL ? 0 : (int)(slash - path), path);
	*name = slash == NULL ? path : slash + 1;
	fd = io_open_in_root(root, parent[0] == '\0' ? "/" : parent, O_PATH | O_DIRECTORY, 0);
	if (fd >= 0 || errno != ENOENT)
		return fd >= 0 ? fd
		               : error_set(err, errno, "cannot open %s in the container", parent);
	return make_place(root, parent, false, depth, err);
}

/* A missing place: made in its parent; where a dangling symlink stands, its target is made instead.
 */
static int make_place(int root, const char *path, bool file, unsigned depth, struct error *err)
{
	char link[PATH_MAX], next[PATH_MAX * 2];
	_cleanup_fd int parent = -1;
	const char *name;
	ssize_t length;
	int fd;

	if (depth > SYMLINKS_MAX || strlen(path) >= PATH_MAX)
		return error_set(err, ELOOP, "cannot make %s in the container", path);
	parent = open_parent(root, path, &name, depth + 1, err);
	if (parent < 0)
		return -1;
	if (is_kernel_file_system(parent))
		return error_set(err, 0,
		                 "cannot make %s in the container: it lies in /proc or /sys", path);
	/* "x/.." with x made just now */
	if (strcmp(name, "..") == 0 || strcmp(name, ".") == 0) {
		fd = io_open_in_root(root, path, O_PATH, 0);
		return fd >= 0 ? fd
		               : error_set(err, errno, "cannot open %s in the container", path);
	}
	length = readlinkat(parent, name, link, sizeof link - 1);
	if (length >= 0) {
		link[length] = '\0';
		snprintf(next, sizeof next, "%.*s%s", link[0] == '/' ? 0 : (int)(name - path), path,
		         link);
		fd = io_open_in_root(root, next, O_PATH, 0);
		return fd >= 0 ? fd : make_place(root, next, file, depth + 1, err);
	}
	if (file) {
		_cleanup_fd int made =
		        openat(parent, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
		               0644);

		if (made < 0 && errno != EEXIST)
			return error_set(err, errno, "cannot make the file %s in the container",
			                 path);
	} else if (mkdirat(parent, name, 0755) < 0 && errno != EEXIST) {
		return error_set(err, errno, "cannot make the folder %s in the container", path);
	}
	fd = io_open_beneath(parent, name, O_PATH, 0);
	return fd >= 0 ? fd : error_set(err, errno, "cannot open %s in the container", path);
}

int mount_target(int root, const char *given, bool file, struct error *err)
{
	char path[PATH_MAX];
	size_t length = strlen(given);
	_cleanup_fd int fd = -1;
	struct stat status;

	if (length >= sizeof path)
		return error_set(err, ENAMETOOLONG, "cannot mount into the container");
	memcpy(path, given, length + 1);
	while (length > 1 && path[length - 1] == '/')
		path[--length] = '\0';
	fd = io_open_in_root(root, path, O_PATH, 0);

	if (fd < 0 && errno == ENOENT)
		fd = make_place(root, path, file, 0, err);
	else if (fd < 0)
		return error_set(err, errno, "cannot open %s in the container", path);
	if (fd < 0)
		return -1;
	if (is_kernel_file_system(fd)) {
		error_set(err, 0, "cannot mount on %s: it lies in /proc or /sys of the container",
		          path);
		return error_hint(err, "mount it somewhere else");
	}
	if (fstat(fd, &status) < 0 || S_ISLNK(status.st_mode))
		return error_set(err, ELOOP, "cannot mount on %s", path);
	if (S_ISDIR(status.st_mode) == file)
		return error_set(err, file ? EISDIR : ENOTDIR,
		                 "cannot mount on %s in the container", path);
	return cleanup_take_fd(&fd);
}

int mount_target_strict(int root, const char *path, struct error *err)
{
	const char *name = path + 1;
	_cleanup_fd int fd = io_open_beneath(root, name, O_PATH | O_DIRECTORY, 0);

	if (fd < 0 && errno == ENOENT && strchr(name, '/') == NULL) {
		if (mkdirat(root, name, 0755) < 0 && errno != EEXIST)
			return error_set(err, errno, "cannot make the folder %s in the container",
			                 path);
		fd = io_open_beneath(root, name, O_PATH | O_DIRECTORY, 0);
	}
	if (fd < 0 && (errno == ELOOP || errno == ENOTDIR)) {
		error_set(err, 0,
		          "cannot mount %s: the image has something else there than a folder",
		          path);
		return error_hint(err, "an image whose %s is a symlink is broken or hostile", path);
	}
	if (fd < 0)
		return error_set(err, errno, "cannot open %s in the container", path);
	return cleanup_take_fd(&fd);
}

/* ---- rows ---- */

static int attach_at(int root, int mount, const char *path, struct error *err)
{
	_cleanup_fd int target = mount_target_strict(root, path, err);

	return target < 0 ? -1 : mount_attach(mount, target, err);
}

static int row_bind(int root, const struct plan_mount *row, struct error *err)
{
	_cleanup_fd int source = open(row->source, O_PATH | O_CLOEXEC);
	_cleanup_fd int mount = -1, target = -1;
	struct stat status;

	if (source < 0 || fstat(source, &status) < 0)
		return error_set(err, errno, "cannot open the volume %s", row->source);
	mount = mount_clone(source, row->recursive, err);
	if (mount < 0 || mount_set_attributes(mount, row->attributes, row->recursive, err) < 0)
		return error_prefix(err, "volume %s", row->source);
	target = mount_target(root, row->target, !S_ISDIR(status.st_mode), err);
	return target < 0 ? -1 : mount_attach(mount, target, err);
}

static int row_tmpfs(int root, const struct plan_mount *row, struct error *err)
{
	_cleanup_fd int mount = mount_new("tmpfs", row->options, row->attributes, err);
	_cleanup_fd int target = mount < 0 ? -1 : mount_target(root, row->target, false, err);

	return target < 0 ? -1 : mount_attach(mount, target, err);
}

/* Type names of the kernel's own file systems. */
static const char *const kernel_types[PLAN_MOUNT_KINDS] = {
	[PLAN_MOUNT_PROC] = "proc",
	[PLAN_MOUNT_SYSFS] = "sysfs",
	[PLAN_MOUNT_MQUEUE] = "mqueue",
	[PLAN_MOUNT_CGROUP] = "cgroup2",
};

static int row_kernel(int root, const struct plan_mount *row, struct error *err)
{
	_cleanup_fd int mount =
	        mount_new(kernel_types[row->kind], row->options, row->attributes, err);

	return mount < 0 ? -1 : attach_at(root, mount, row->target, err);
}

int mount_make_early(int *ret, const struct plan_mount *row, struct error *err)
{
	int mount;

	/* cgroup2 shows the namespace, which is made behind the maps */
	if (kernel_types[row->kind] == NULL || row->kind == PLAN_MOUNT_CGROUP || row->if_available)
		return 0;
	mount = mount_new(kernel_types[row->kind], row->options, row->attributes, err);
	if (mount < 0)
		return error_prefix(err, "mount %s", row->target);
	*ret = mount;
	return 1;
}

int mount_row(int root, const struct plan_mount *row, int early, struct error *err)
{
	static int (*const makers[PLAN_MOUNT_KINDS])(int, const struct plan_mount *,
	                                             struct error *) = {
		[PLAN_MOUNT_BIND] = row_bind,     [PLAN_MOUNT_TMPFS] = row_tmpfs,
		[PLAN_MOUNT_PROC] = row_kernel,   [PLAN_MOUNT_SYSFS] = row_kernel,
		[PLAN_MOUNT_DEVPTS] = device_pts, [PLAN_MOUNT_MQUEUE] = row_kernel,
		[PLAN_MOUNT_CGROUP] = row_kernel,
	};
	int result;

	if ((unsigned)row->kind >= PLAN_MOUNT_KINDS || makers[row->kind] == NULL)
		return error_set(err, 0, "the plan has a mount of the unknown kind %d", row->kind);
	result = early >= 0 ? attach_at(root, early, row->target, err)
	                    : makers[row->kind](root, row, err);
	return result < 0 ? error_prefix(err, "mount %s", row->target) : 0;
}
