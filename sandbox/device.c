#include "sandbox/device.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"
#include "sandbox/mount.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>

/* Numbers from the kernel's Documentation/admin-guide/devices.txt. */
static const struct device {
	const char *name;
	unsigned major, minor;
} devices[DEVICES] = {
	{ "null", 1, 3 },   { "zero", 1, 5 },    { "full", 1, 7 },
	{ "random", 1, 8 }, { "urandom", 1, 9 }, { "tty", 5, 0 },
};

static const struct device_link {
	const char *name, *target;
} links[] = {
	{ "fd", "/proc/self/fd" },       { "stdin", "/proc/self/fd/0" },
	{ "stdout", "/proc/self/fd/1" }, { "stderr", "/proc/self/fd/2" },
	{ "ptmx", "pts/ptmx" },          { "core", "/proc/kcore" },
};

static const char *const folders[] = { "pts", "shm", "mqueue" };

static int open_device(const struct device *device, struct error *err)
{
	char path[32];
	_cleanup_fd int fd = -1;
	struct stat status;

	snprintf(path, sizeof path, "/dev/%s", device->name);
	fd = open(path, O_PATH | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0 || fstat(fd, &status) < 0)
		return error_set(err, errno, "cannot open %s of the host", path);
	if (!S_ISCHR(status.st_mode) || status.st_rdev != makedev(device->major, device->minor))
		return error_set(err, 0, "%s of the host is not the character device %u:%u", path,
		                 device->major, device->minor);
	return cleanup_take_fd(&fd);
}

int device_open_null(struct error *err)
{
	return open_device(&devices[0], err);
}

int device_copy(int ret[DEVICES], struct error *err)
{
	for (size_t i = 0; i < DEVICES; i++) {
		_cleanup_fd int source = open_device(&devices[i], err);

		ret[i] = source < 0 ? -1 : mount_clone(source, false, err);
		if (ret[i] < 0 ||
		    mount_set_attributes(ret[i], MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC, false,
		                         err) < 0)
			return -1;
	}
	return 0;
}

static int bind_device(int dev, const struct device *device, int copy, struct error *err)
{
	_cleanup_fd int place = -1;

	place = openat(dev, device->name, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (place < 0)
		return error_set(err, errno, "cannot make /dev/%s", device->name);
	return mount_attach(copy, place, err);
}

int device_folder(int root, const struct plan_mount *row, int copies[DEVICES], struct error *err)
{
	_cleanup_fd int dev =
	        mount_new("tmpfs", row->options != NULL ? row->options : "mode=755,size=64k",
	                  MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC, err);
	_cleanup_fd int target = dev < 0 ? -1 : mount_target_strict(root, row->target, err);

	if (target < 0 || mount_attach(dev, target, err) < 0)
		return -1;
	for (size_t i = 0; i < DEVICES; i++) {
		if (bind_device(dev, &devices[i], copies[i], err) < 0)
			return -1;
		cleanup_close(&copies[i]);
		copies[i] = -1;
	}
	for (size_t i = 0; i < ARRAY_SIZE(links); i++)
		if (symlinkat(links[i].target, dev, links[i].name) < 0)
			return error_set(err, errno, "cannot make /dev/%s", links[i].name);
	for (size_t i = 0; i < ARRAY_SIZE(folders); i++)
		if (mkdirat(dev, folders[i], 0755) < 0)
			return error_set(err, errno, "cannot make /dev/%s", folders[i]);
	return 0;
}

int device_pts(int root, const struct plan_mount *row, struct error *err)
{
	_cleanup_fd int mount = mount_new("devpts", row->options, row->attributes, err);
	_cleanup_fd int target = mount < 0 ? -1 : mount_target_strict(root, row->target, err);

	return target < 0 ? -1 : mount_attach(mount, target, err);
}

static int check_devpts(int fd, struct error *err)
{
	struct statfs status;

	if (fstatfs(fd, &status) < 0)
		return error_set(err, errno, "cannot stat the terminal");
	if (status.f_type != DEVPTS_SUPER_MAGIC)
		return error_set(err, 0, "the terminal is not a file of devpts");
	return 0;
}

int device_console(int root, int slave, struct error *err)
{
	_cleanup_fd int dev = io_open_beneath(root, "dev", O_PATH | O_DIRECTORY, 0);
	_cleanup_fd int mount = -1, place = -1;

	if (dev < 0)
		return error_set(err, errno, "cannot open /dev of the container");
	place = openat(dev, "console", O_RDONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY,
	               0600);
	if (place < 0)
		return error_set(err, errno, "cannot make /dev/console");
	mount = mount_clone(slave, false, err);
	return mount < 0 ? -1 : mount_attach(mount, place, err);
}

int device_terminal(int *ret_master, int *ret_slave, int root, const struct plan_process *process,
                    struct error *err)
{
	_cleanup_fd int master = io_open_beneath(root, "dev/pts/ptmx", O_RDWR | O_NOCTTY, 0);
	_cleanup_fd int slave = -1;
	struct winsize size = { .ws_row = process->rows, .ws_col = process->columns };
	int unlock = 0;

	if (master < 0)
		return error_set(err, errno, "cannot open a terminal in the container's /dev/pts");
	if (check_devpts(master, err) < 0)
		return -1;
	if (ioctl(master, TIOCSPTLCK, &unlock) < 0)
		return error_set(err, errno, "cannot unlock the terminal");
	slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (slave < 0)
		return error_set(err, errno, "cannot open the terminal's other side");
	if (check_devpts(slave, err) < 0)
		return -1;
	if (size.ws_row != 0 && ioctl(master, TIOCSWINSZ, &size) < 0)
		return error_set(err, errno, "cannot set the terminal's size");
	*ret_master = cleanup_take_fd(&master);
	*ret_slave = cleanup_take_fd(&slave);
	return 0;
}
