#include "runtime/container/seal.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"
#include "sandbox/base/text.h"

#include <fcntl.h>
#include <linux/memfd.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>

enum { ARGUMENTS_MAX = 1 << 22, SEALS = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE };

static bool is_sealed(int fd)
{
	int seals = fcntl(fd, F_GET_SEALS);

	return seals >= 0 && (seals & SEALS) == SEALS;
}

/* Could the caller, or root inside as whom he appears, write the file or allow himself to? */
static bool is_in_reach(int fd)
{
	struct stat status;

	if (fstat(fd, &status) < 0)
		return true;
	return status.st_uid == geteuid() || faccessat(fd, "", W_OK, AT_EMPTY_PATH) == 0;
}

static int copy_program(int program, struct error *err)
{
	_cleanup_fd int copy = memfd_create("cordon", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	struct stat status;
	off_t offset = 0;

	if (copy < 0 || fstat(program, &status) < 0)
		return error_set(err, errno, "cannot copy the program into memory");
	while (offset < status.st_size)
		if (sendfile(copy, program, &offset, (size_t)(status.st_size - offset)) <= 0)
			return error_set(err, errno, "cannot copy the program into memory");
	if (fcntl(copy, F_ADD_SEALS, SEALS) < 0)
		return error_set(err, errno, "cannot seal the program's copy");
	return cleanup_take_fd(&copy);
}

static int execute(int copy, struct error *err)
{
	_cleanup_text struct text words = {};
	_cleanup_free char **arguments = NULL;
	size_t count = 0;
	_cleanup_fd int fd = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);

	if (fd < 0 || io_read_all(&words, fd, ARGUMENTS_MAX, err) < 0)
		return error_set(err, errno, "cannot read the command line");
	for (size_t i = 0; i < words.length; i++)
		count += words.data[i] == '\0';
	arguments = calloc(count + 1, sizeof *arguments);
	if (arguments == NULL)
		return error_set(err, errno, "cannot copy the command line");
	for (size_t i = 0, at = 0; i < count; i++) {
		arguments[i] = words.data + at;
		at += strlen(arguments[i]) + 1;
	}
	fexecve(copy, arguments, environ);
	return error_set(err, errno, "cannot go on from a sealed copy of the program");
}

int seal_program(const struct paths *paths, const struct host *host,
                 const struct plan_landlock *landlock, struct error *err)
{
	_cleanup_fd int program = -1, copy = -1;

	if (host->landlock_abi > 0 && landlock->enabled)
		return 0;
	program = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	if (program < 0)
		return error_set(err, errno, "cannot open the program itself");
	if (is_sealed(program) || !is_in_reach(program))
		return 0;
	copy = copy_program(program, err);
	if (copy < 0)
		return -1;
	/* What is found beside the program would not be found beside its copy. */
	setenv("CORDON_LIBEXEC", paths->libexec, 1);
	for (size_t i = 0; i + 1 < ARRAY_SIZE(paths->profiles); i++)
		if (paths->profiles[i] != NULL && paths->profiles[i + 1] == NULL)
			setenv("CORDON_PROFILES", paths->profiles[i], 1);
	return execute(copy, err);
}
