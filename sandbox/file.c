#include "sandbox/file.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"
#include "sandbox/mount.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

enum { PAGE = 4096, NAME_LENGTH = 24 };

/* Room for what was given and as much again, whole pages, plus what the tmpfs needs itself. */
static int make_store(const struct plan_file *files, size_t count, struct error *err)
{
	char options[64];
	size_t pages = 0;

	for (size_t i = 0; i < count; i++)
		pages += 2 * (strlen(files[i].content) / PAGE + 1);
	snprintf(options, sizeof options, "mode=755,size=%zu,nr_inodes=%zu", pages * PAGE,
	         count + 1);
	return mount_new("tmpfs", options, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC,
	                 err);
}

static int write_file(int store, size_t number, const char *content, struct error *err)
{
	char name[NAME_LENGTH];
	_cleanup_fd int fd = -1;

	snprintf(name, sizeof name, "%zu", number);
	fd = openat(store, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd < 0 || io_write_all(fd, content, strlen(content)) < 0)
		return error_set(err, errno, "cannot write it");
	return 0;
}

int file_make(int root, const struct plan_file *files, size_t count, struct error *err)
{
	_cleanup_fd int store = make_store(files, count, err), target = -1;

	if (store < 0)
		return -1;
	for (size_t i = 0; i < count; i++)
		if (write_file(store, i, files[i].content, err) < 0)
			return error_prefix(err, "file %s", files[i].path);
	target = mount_target_strict(root, "/proc", err);
	if (target < 0 || mount_attach(store, target, err) < 0)
		return -1;
	return cleanup_take_fd(&store);
}

/* A copy of the store's mount that shows one file of it. */
static int clone_file(int store, size_t number, struct error *err)
{
	char name[NAME_LENGTH];
	_cleanup_fd int fd = -1;

	snprintf(name, sizeof name, "%zu", number);
	fd = openat(store, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	return fd < 0 ? error_set(err, errno, "cannot open it") : mount_clone(fd, false, err);
}

int file_mount(int root, int store, const struct plan_file *files, size_t count, struct error *err)
{
	for (size_t i = 0; i < count; i++) {
		_cleanup_fd int mount = clone_file(store, i, err);
		_cleanup_fd int target =
		        mount < 0 ? -1 : mount_target(root, files[i].path, true, err);

		if (target < 0 || mount_attach(mount, target, err) < 0)
			return error_prefix(err, "file %s", files[i].path);
	}
	return 0;
}
