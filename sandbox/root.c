/*
 * root: an overlay is made with the new mount API, layer by layer ("lowerdir+", Linux 6.5), so that
 * no length limit of an option string and no colon in a path matters; older kernels get one
 * "lowerdir" of descriptors.
 *
 * In a user namespace overlayfs keeps its marks in user.* attributes ("userxattr", Linux 5.11).
 * "volatile" leaves out every sync, for containers that are removed at their end.
 *
 * pivot_root(".", ".") stacks the old root on the new one, so that no folder for it is needed
 * inside the image; see pivot_root(2), NOTES.
 */
#include "sandbox/root.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/base/text.h"
#include "sandbox/mount.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>

static int option_failed(int fs, const char *option, const char *value, struct error *err)
{
	char words[300];
	int number = errno;
	ssize_t length = read(fs, words, sizeof words - 1);

	words[length > 0 ? length : 0] = '\0';
	words[strcspn(words, "\n")] = '\0';
	error_set(err, number, "cannot mount the overlay: %s %s%s%s", option, value,
	          words[0] != '\0' ? ": " : "", words[0] != '\0' ? words + 2 : "");
	if (number == ENOENT)
		error_hint(err,
		           "a layer of the image is missing from the store: load or pull it again");
	return -1;
}

static int set_string(int fs, const char *option, const char *value, struct error *err)
{
	if (fsconfig(fs, FSCONFIG_SET_STRING, option, value, 0) < 0)
		return option_failed(fs, option, value, err);
	return 0;
}

static int set_flag(int fs, const char *option, struct error *err)
{
	if (fsconfig(fs, FSCONFIG_SET_FLAG, option, NULL, 0) < 0)
		return option_failed(fs, option, "", err);
	return 0;
}

static int set_strings(int fs, const char *option, const struct plan_strings *values,
                       struct error *err)
{
	for (size_t i = 0; i < values->count; i++)
		if (set_string(fs, option, values->items[i], err) < 0)
			return -1;
	return 0;
}

static int overlay_old_layers(struct text *options, const char *key,
                              const struct plan_strings *paths, struct error *err)
{
	for (size_t i = 0; i < paths->count; i++) {
		int fd = open(paths->items[i], O_PATH | O_DIRECTORY | O_CLOEXEC);

		if (fd < 0)
			return error_set(err, errno, "cannot open the layer %s", paths->items[i]);
		text_printf(options, "%s/proc/self/fd/%d", i == 0 ? key : ":", fd);
	}
	return 0;
}

/* Linux before 6.5 has no "lowerdir+", and fsconfig(2) takes 255 bytes a value: so mount(2), whose
 * options are one page, with descriptors for names (they go with the rest in "close descriptors").
 */
static int overlay_old(const struct plan_root *root, const char *place, struct error *err)
{
	const struct plan_strings upper = { (const char *[]){ root->upper, NULL }, 1 };
	const struct plan_strings work = { (const char *[]){ root->work, NULL }, 1 };
	_cleanup_text struct text options = {};
	int fd;

	text_append(&options, "userxattr,");
	if (overlay_old_layers(&options, "lowerdir=", &root->layers, err) < 0)
		return -1;
	if (root->upper != NULL && (overlay_old_layers(&options, ",upperdir=", &upper, err) < 0 ||
	                            overlay_old_layers(&options, ",workdir=", &work, err) < 0))
		return -1;
	if (root->upper != NULL && root->volatile_writes)
		text_append(&options, ",volatile");
	if (options.length >= 4096)
		return error_set(err, E2BIG, "cannot mount an overlay of %zu layers",
		                 root->layers.count);
	if (mount("overlay", place, "overlay", MS_NODEV, options.data) < 0)
		return error_set(err, errno, "cannot mount the overlay of %s", place);
	fd = open(place, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? error_set(err, errno, "cannot open the overlay") : fd;
}

static int overlay_new(const struct plan_root *root, struct error *err)
{
	_cleanup_fd int fs = fsopen("overlay", FSOPEN_CLOEXEC);
	int mount;

	if (fs < 0) {
		error_set(err, errno, "cannot mount an overlay in a user namespace");
		return error_hint(err, "Linux 5.11 or newer with CONFIG_OVERLAY_FS is needed");
	}
	if (set_string(fs, "source", "overlay", err) < 0 || set_flag(fs, "userxattr", err) < 0 ||
	    set_strings(fs, "lowerdir+", &root->layers, err) < 0)
		return -1;
	if (root->upper != NULL && (set_string(fs, "upperdir", root->upper, err) < 0 ||
	                            set_string(fs, "workdir", root->work, err) < 0))
		return -1;
	if (root->upper != NULL && root->volatile_writes && set_flag(fs, "volatile", err) < 0)
		return -1;
	if (fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return option_failed(fs, "layers", root->layers.items[0], err);
	mount = fsmount(fs, FSMOUNT_CLOEXEC, MOUNT_ATTR_NODEV);
	return mount < 0 ? option_failed(fs, "mount", "", err) : mount;
}

static int bind_new(const char *folder, bool recursive, struct error *err)
{
	_cleanup_fd int source = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (source < 0)
		return error_set(err, errno, "cannot open the root folder %s", folder);
	return mount_clone(source, recursive, err);
}

/* An image that has a symlink where the kernel's file systems go wants them, and the masks over
 * them, somewhere else (CVE-2019-19921, CVE-2023-28642): nothing is mounted into it at all. */
static int refuse_symlinks(int root, struct error *err)
{
	static const char *const names[] = { "proc", "sys", "dev" };
	struct stat status;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (fstatat(root, names[i], &status, AT_SYMLINK_NOFOLLOW) < 0) {
			if (errno == ENOENT)
				continue;
			return error_set(err, errno, "cannot look at /%s of the image", names[i]);
		}
		if (S_ISDIR(status.st_mode))
			continue;
		error_set(err, 0, "/%s of the image is not a folder", names[i]);
		return error_hint(err,
		                  "an image whose /%s is a symlink or a file is broken or hostile",
		                  names[i]);
	}
	return 0;
}

int root_mount(const struct plan_root *root, struct error *err)
{
	const char *place =
	        root->kind == PLAN_ROOT_DIRECTORY ? root->directory : root->layers.items[0];
	bool overlay =
	        root->kind == PLAN_ROOT_OVERLAY && (root->upper != NULL || root->layers.count > 1);
	_cleanup_fd int top = -1, target = -1;
	bool attached = false;

	if (place == NULL)
		return error_set(err, 0, "the plan names no root");
	/* A layer belongs to the store and to every container of its image: never writable. */
	top = overlay ? overlay_new(root, err)
	              : bind_new(place, root->kind == PLAN_ROOT_DIRECTORY, err);
	if (top < 0 && overlay && err->number == EINVAL) {
		top = overlay_old(root, place, err);
		attached = top >= 0;
	}
	if (top < 0)
		return -1;
	if (!overlay && mount_set_attributes(top,
	                                     root->kind == PLAN_ROOT_OVERLAY
	                                             ? MOUNT_ATTR_NODEV | MOUNT_ATTR_RDONLY
	                                             : MOUNT_ATTR_NODEV,
	                                     root->kind == PLAN_ROOT_DIRECTORY, err) < 0)
		return -1;
	if (refuse_symlinks(top, err) < 0)
		return -1;
	if (attached)
		return cleanup_take_fd(&top);
	target = open(place, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (target < 0)
		return error_set(err, errno, "cannot open %s", place);
	return mount_attach(top, target, err) < 0 ? -1 : cleanup_take_fd(&top);
}

int root_change(int root, struct error *err)
{
	struct stat wanted, got;

	if (fchdir(root) < 0 || syscall(SYS_pivot_root, ".", ".") < 0)
		return error_set(err, errno, "cannot pivot into the container's root");
	if (umount2(".", MNT_DETACH) < 0 || chdir("/") < 0)
		return error_set(err, errno, "cannot let go of the host's root");
	if (fstat(root, &wanted) < 0 || stat("/", &got) < 0)
		return error_set(err, errno, "cannot check the container's root");
	if (wanted.st_dev != got.st_dev || wanted.st_ino != got.st_ino)
		return error_set(err, 0, "the change into the container's root did not happen");
	return 0;
}
