/*
 * apparmor: stages the label the next execve takes on.
 *
 * libapparmor writes "exec NAME" to the task's own attr/exec file, by path. Before it does, the
 * path is proven to be the kernel's: /proc must be the root of a procfs and the file must lie on
 * that very mount (CVE-2019-16884, CVE-2025-52881: a volume over /proc made runtimes write their
 * label into nothing, or into another file). Nobody else can change a mount in between: the mount
 * namespace is ours alone and nothing of the image runs yet.
 *
 * The only file that includes <sys/apparmor.h>.
 */
#include "sandbox/base/cleanup.h"
#include "sandbox/walls.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/apparmor.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

enum { PROC_ROOT_INODE = 1 }; /* PROC_ROOT_INO, include/linux/proc_fs.h */

static int verify_proc(struct error *err)
{
	const struct open_how how = {
		.flags = O_PATH | O_CLOEXEC,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS,
	};
	_cleanup_fd int proc = open("/proc", O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	_cleanup_fd int file = -1;
	struct statfs system;
	struct stat status;

	if (proc < 0)
		return error_set(err, errno, "cannot open /proc to set the AppArmor label");
	if (fstatfs(proc, &system) < 0 || fstat(proc, &status) < 0)
		return error_set(err, errno, "cannot look at /proc");
	if (system.f_type != PROC_SUPER_MAGIC || status.st_ino != PROC_ROOT_INODE)
		return error_set(err, 0, "/proc is not the kernel's: no AppArmor label can be set");
	file = (int)syscall(SYS_openat2, proc, "thread-self/attr/exec", &how, sizeof how);
	if (file < 0)
		return error_set(err, errno, "cannot open /proc/thread-self/attr/exec");
	return 0;
}

int apparmor_stage(const char *name, bool if_available, const struct host *host, char *notes,
                   size_t notes_size, struct error *err)
{
	size_t used;

	if (name == NULL)
		return 0;
	if (!host->apparmor && if_available) {
		used = strlen(notes);
		snprintf(notes + used, notes_size - used,
		         "apparmor: this kernel has no AppArmor, '%s' is not in force\n", name);
		return 0;
	}
	if (!host->apparmor) {
		error_set(err, 0, "cannot set the AppArmor label '%s': this kernel has no AppArmor",
		          name);
		return error_hint(err, "boot with security=apparmor, mark it if_available in the "
		                       "profile, or give --security-opt apparmor=unconfined");
	}
	if (verify_proc(err) < 0)
		return -1;
	if (aa_change_onexec(name) == 0)
		return 0;
	error_set(err, errno, "cannot set the AppArmor label '%s'", name);
	if (err->number == ENOENT)
		error_hint(err, "load it as root: apparmor_parser -r /etc/apparmor.d/%s", name);
	return -1;
}
