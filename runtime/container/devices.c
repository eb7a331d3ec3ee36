#include "runtime/container/devices.h"

#include "runtime/container/volume.h"
#include "sandbox/base/cleanup.h"

#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

static int check_permissions(const char *permissions, const char *spec, struct error *err)
{
	bool reads = strchr(permissions, 'r') != NULL, writes = strchr(permissions, 'w') != NULL;

	if (permissions[0] == '\0' || strspn(permissions, "rwm") != strlen(permissions))
		return error_set(err, 0, "invalid device '%.200s': permissions are of r, w and m",
		                 spec);
	if (reads && writes)
		return 0;
	error_set(err, 0, "device %.200s: '%s' cannot be kept", spec, permissions);
	return error_hint(err,
	                  "a rootless container has no device cgroup: give both r and w, or limit "
	                  "the node itself on the host");
}

/* That the container could open it, as far as can be told without opening it, which may rewind a
 * tape. */
static int check_node(const char *path, struct error *err)
{
	struct stat status;
	struct statvfs mount;

	if (stat(path, &status) < 0)
		return error_set(err, errno, "device %s", path);
	if (!S_ISCHR(status.st_mode) && !S_ISBLK(status.st_mode)) {
		error_set(err, 0, "device %s: that is no device", path);
		return error_hint(err, "a file or a folder is mounted with -v");
	}
	if (access(path, R_OK | W_OK) < 0) {
		error_set(err, errno, "device %s: you may not open it yourself", path);
		return error_hint(err, "see its owner and group: ls -l %s", path);
	}
	if (statvfs(path, &mount) == 0 && (mount.f_flag & ST_NODEV) != 0)
		return error_set(err, EACCES, "device %s: it lies on a file system mounted nodev",
		                 path);
	return 0;
}

int device_row(struct plan_mount *ret, struct arena *arena, const char *spec, struct error *err)
{
	char *source = arena_strdup(arena, spec), *target = strchr(source, ':'),
	     *permissions = NULL;
	struct plan_mount row = {
		.kind = PLAN_MOUNT_BIND,
		.attributes = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC,
	};

	if (target != NULL) {
		*target++ = '\0';
		permissions = strchr(target, ':');
	}
	if (permissions != NULL)
		*permissions++ = '\0';
	/* HOST:PERMISSIONS */
	if (target != NULL && permissions == NULL && target[0] != '/') {
		permissions = target;
		target = NULL;
	}
	if (permissions != NULL && check_permissions(permissions, spec, err) < 0)
		return -1;
	row.source = volume_clean(arena, source);
	row.target = volume_clean(arena, target == NULL ? source : target);
	if (row.source == NULL || row.target == NULL) {
		error_set(err, 0, "invalid device '%.200s': both places are absolute paths", spec);
		return error_hint(err, "write it as /dev/HOST[:/dev/CONTAINER]");
	}
	*ret = row;
	return check_node(row.source, err);
}
