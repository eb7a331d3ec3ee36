#include "sandbox/mask.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"
#include "sandbox/device.h"
#include "sandbox/mount.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

static int hide_file(struct masker *masker, int target, struct error *err)
{
	_cleanup_fd int null = -1, copy = -1;

	/* a copy has the attributes of what it is a copy of */
	if (masker->null >= 0) {
		copy = mount_clone(masker->null, false, err);
		return copy < 0 ? -1 : mount_attach(copy, target, err);
	}
	null = device_open_null(err);
	masker->null = null < 0 ? -1 : mount_clone(null, false, err);
	if (masker->null < 0 ||
	    mount_set_attributes(masker->null,
	                         MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC, false,
	                         err) < 0)
		return -1;
	return mount_attach(masker->null, target, err);
}

static int hide_folder(struct masker *masker, int target, struct error *err)
{
	_cleanup_fd int copy = -1;

	if (masker->empty >= 0) {
		copy = mount_clone(masker->empty, false, err);
		return copy < 0 ? -1 : mount_attach(copy, target, err);
	}
	masker->empty = mount_new("tmpfs", "size=4k,nr_inodes=1,mode=555",
	                          MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV |
	                                  MOUNT_ATTR_NOEXEC,
	                          err);
	return masker->empty < 0 ? -1 : mount_attach(masker->empty, target, err);
}

static int protect(int target, struct error *err)
{
	_cleanup_fd int mount = mount_clone(target, true, err);

	if (mount < 0 || mount_set_attributes(mount, MOUNT_ATTR_RDONLY, true, err) < 0)
		return -1;
	return mount_attach(mount, target, err);
}

static int mask_one(struct masker *masker, int root, const char *path, const struct plan_mask *mask,
                    struct error *err)
{
	_cleanup_fd int target = io_open_beneath(root, path + (path[0] == '/'), O_PATH, 0);
	struct stat status;

	if (target < 0 && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	if (target < 0 || fstat(target, &status) < 0)
		return error_set(err, errno, "cannot open it");
	if (mask->kind == PLAN_MASK_READ_ONLY)
		return protect(target, err);
	return S_ISDIR(status.st_mode) ? hide_folder(masker, target, err)
	                               : hide_file(masker, target, err);
}

int mask_apply(struct masker *masker, int root, const char *path, const struct plan_mask *mask,
               struct error *err)
{
	if (mask_one(masker, root, path, mask, err) == 0)
		return 0;
	return error_prefix(err, "cannot %s %s",
	                    mask->kind == PLAN_MASK_HIDE ? "hide" : "write-protect", mask->path);
}

void mask_done(struct masker *masker)
{
	cleanup_close(&masker->null);
	cleanup_close(&masker->empty);
	*masker = MASKER_NONE;
}
