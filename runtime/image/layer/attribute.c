#include "runtime/image/layer/attribute.h"

#include "runtime/image/layer/limits.h"
#include "sandbox/base/text.h"

#include <errno.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/xattr.h>

static const char capability_attribute[] = "security.capability";

/* Version 2 as images carry it. Version 3 names the root of a namespace elsewhere: left out. */
static bool is_capability(const char *name, const void *value, size_t length)
{
	struct vfs_cap_data data;

	if (strcmp(name, capability_attribute) != 0 || length != XATTR_CAPS_SZ_2)
		return false;
	memcpy(&data, value, XATTR_CAPS_SZ_2);
	return (le32toh(data.magic_etc) & VFS_CAP_REVISION_MASK) == VFS_CAP_REVISION_2;
}

bool attribute_is_taken(const char *name, const void *value, size_t length)
{
	return (text_starts(name, "user.") && !text_starts(name, "user.overlay.")) ||
	       is_capability(name, value, length);
}

bool attribute_is_opaque(int fd)
{
	char mark = 0;

	return fgetxattr(fd, ATTRIBUTE_OPAQUE, &mark, 1) == 1 && mark == 'y';
}

int attribute_apply(int fd, struct tar *tar, bool squash, struct error *err)
{
	const char *name;
	const void *value;
	size_t length;

	while (tar_attribute(&name, &value, &length, tar) == 1) {
		if (name == NULL || !attribute_is_taken(name, value, length))
			continue;
		if (squash && strcmp(name, capability_attribute) == 0)
			continue;
		if (length > LIMIT_XATTR)
			return error_set(err, E2BIG, "an extended attribute of %zu bytes", length);
		/* A file system without user.* attributes holds the file all the same. */
		if (fsetxattr(fd, name, value, length, 0) < 0 && errno != ENOTSUP)
			return error_set(err, errno, "cannot set an extended attribute");
	}
	return 0;
}
