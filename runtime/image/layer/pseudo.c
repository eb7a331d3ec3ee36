#include "runtime/image/layer/pseudo.h"

#include "sandbox/base/cleanup.h"

#include <linux/magic.h>
#include <sys/vfs.h>

/* Not in <linux/magic.h>: ipc/mqueue.c, fs/configfs/mount.c. */
#define MQUEUE_MAGIC   0x19800202
#define CONFIGFS_MAGIC 0x62656570

bool pseudo_is(int fd)
{
	static const unsigned long types[] = {
		PROC_SUPER_MAGIC,   SYSFS_MAGIC,    CGROUP_SUPER_MAGIC, CGROUP2_SUPER_MAGIC,
		DEVPTS_SUPER_MAGIC, MQUEUE_MAGIC,   SECURITYFS_MAGIC,   DEBUGFS_MAGIC,
		TRACEFS_MAGIC,      BPF_FS_MAGIC,   NSFS_MAGIC,         SELINUX_MAGIC,
		SMACK_MAGIC,        BINFMTFS_MAGIC, PSTOREFS_MAGIC,     EFIVARFS_MAGIC,
		CONFIGFS_MAGIC,
	};
	struct statfs status;

	if (fstatfs(fd, &status) < 0)
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if ((unsigned long)status.f_type == types[i])
			return true;
	return false;
}

int pseudo_refuse(int fd, struct error *err)
{
	if (!pseudo_is(fd))
		return 0;
	error_set(err, 0, "it is in a file system of the kernel's (/proc, /sys, ...)");
	return error_hint(err, "cordon exec can read and write there, as far as the container may");
}
