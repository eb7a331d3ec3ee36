#include "sandbox/command.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"
#include "sandbox/base/text.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

/* Docker's, used where the environment has none. */
static const char default_path[] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

static int make_directory(int root, const char *directory, struct error *err)
{
	char part[PATH_MAX];
	_cleanup_fd int parent = -1;
	char *slash;
	int fd = io_open_in_root(root, directory, O_RDONLY | O_DIRECTORY, 0);

	if (fd >= 0 || errno != ENOENT)
		return fd >= 0 ? fd
		               : error_set(err, errno, "cannot enter the working directory %s",
		                           directory);
	if ((size_t)snprintf(part, sizeof part, "%s", directory) >= sizeof part)
		return error_set(err, ENAMETOOLONG, "cannot make the working directory");
	for (slash = part + strlen(part); slash > part && slash[-1] == '/';)
		*--slash = '\0';
	slash = strrchr(part, '/');
	if (slash == NULL || slash[1] == '\0')
		return error_set(err, ENOENT, "cannot make the working directory %s", directory);
	*slash = '\0';
	parent = slash == part ? io_open_in_root(root, "/", O_RDONLY | O_DIRECTORY, 0)
	                       : make_directory(root, part, err);
	if (parent < 0)
		return -1;
	if (mkdirat(parent, slash + 1, 0755) < 0 && errno != EEXIST)
		return error_set(err, errno, "cannot make the working directory %s", directory);
	*slash = '/';
	fd = io_open_in_root(root, part, O_RDONLY | O_DIRECTORY, 0);
	return fd >= 0 ? fd
	               : error_set(err, errno, "cannot enter the working directory %s", directory);
}

static int open_directory(int root, const char *directory, struct error *err)
{
	int fd = io_open_in_root(root, directory, O_RDONLY | O_DIRECTORY, 0);

	return fd >= 0 ? fd
	               : error_set(err, errno, "cannot enter the working directory %s", directory);
}

int command_enter_directory(int root, const char *directory, bool make, struct error *err)
{
	_cleanup_fd int fd = -1;
	char here[PATH_MAX];

	if (directory == NULL || directory[0] != '/') {
		error_set(err, 0,
		          "the working directory '%s' is invalid, it needs to be an absolute path",
		          directory == NULL ? "" : directory);
		return -1;
	}
	fd = make ? make_directory(root, directory, err) : open_directory(root, directory, err);
	if (fd < 0)
		return error_exit(err, EXIT_NOT_RUNNABLE);
	if (fchdir(fd) < 0)
		return error_set(err, errno, "cannot enter the working directory %s", directory);
	/* getcwd(2) answers "(unreachable)/..." for a place outside the root; glibc makes it
	 * ENOENT. */
	if (getcwd(here, sizeof here) == NULL || here[0] != '/')
		return error_set(err, 0, "the working directory %s lies outside the container",
		                 directory);
	return 0;
}

static const char *environment_get(const struct plan_strings *environment, const char *name)
{
	size_t length = strlen(name);

	for (size_t i = environment->count; i-- > 0;)
		if (strncmp(environment->items[i], name, length) == 0 &&
		    environment->items[i][length] == '=')
			return environment->items[i] + length + 1;
	return NULL;
}

/* 1: can be executed, 0: is not there, -1: is there and cannot; errno says why. */
static int try_file(int root, const char *path)
{
	_cleanup_fd int fd = io_open_in_root(root, path, O_PATH, 0);
	struct stat status;

	if (fd < 0)
		return errno == ENOENT || errno == ENOTDIR ? 0 : -1;
	if (fstat(fd, &status) < 0)
		return -1;
	if (S_ISDIR(status.st_mode)) {
		errno = EISDIR;
		return -1;
	}
	if (!S_ISREG(status.st_mode)) {
		errno = EACCES;
		return -1;
	}
	return faccessat(fd, "", X_OK, AT_EMPTY_PATH | AT_EACCESS) == 0 ? 1 : -1;
}

static int not_runnable(const char *name, int number, struct error *err)
{
	error_set(err, number, "exec: \"%s\"", name);
	if (number == ELOOP)
		error_hint(err,
		           "the path leads through /proc/self/exe or the like, or through too many "
		           "symlinks; such an entrypoint is not started");
	return error_exit(err, EXIT_NOT_RUNNABLE);
}

static int search_path(char *ret, int root, const char *name, const char *path, struct error *err)
{
	char candidate[PATH_MAX];
	int refused = 0;

	for (const char *next = path; *next != '\0';) {
		size_t length = strcspn(next, ":");

		if (length > 0 && next[0] == '/' &&
		    (size_t)snprintf(candidate, sizeof candidate, "%.*s/%s", (int)length, next,
		                     name) < sizeof candidate) {
			int found = try_file(root, candidate);

			if (found == 1) {
				strcpy(ret, candidate);
				return 0;
			}
			if (found < 0 && errno != EISDIR)
				refused = errno;
		}
		next += length + (next[length] == ':');
	}
	if (refused != 0)
		return not_runnable(name, refused, err);
	error_set(err, 0, "exec: \"%s\": executable file not found in $PATH", name);
	return error_exit(err, EXIT_NOT_FOUND);
}

int command_resolve(struct command *ret, int root, const struct plan_process *process,
                    struct error *err)
{
	const char *name = process->arguments.count > 0 ? process->arguments.items[0] : "";
	const char *path = environment_get(&process->environment, "PATH");
	char here[PATH_MAX / 2];
	int found;

	if (name[0] == '\0') {
		error_set(err, 0, "no command to run");
		return error_exit(err, EXIT_NOT_FOUND);
	}
	if (strchr(name, '/') == NULL)
		return search_path(ret->path, root, name, path == NULL ? default_path : path, err);
	if (strlen(name) >= sizeof ret->path)
		return not_runnable("...", ENAMETOOLONG, err);
	/* A relative name is relative to the working directory, which was entered and checked. */
	if (name[0] == '/') {
		strcpy(ret->path, name);
	} else if (getcwd(here, sizeof here) == NULL ||
	           (size_t)snprintf(ret->path, sizeof ret->path, "%s/%s", here, name) >=
	                   sizeof ret->path) {
		return not_runnable(name, ENAMETOOLONG, err);
	}
	found = try_file(root, ret->path);
	if (found < 0)
		return not_runnable(name, errno, err);
	if (found == 0) {
		error_set(err, 0, "exec: \"%s\": no such file or directory", name);
		return error_exit(err, EXIT_NOT_FOUND);
	}
	return 0;
}

/* By path, not by descriptor: a script's interpreter must be able to open it, the process keeps its
 * name, and a filter need not allow execveat. Between the look-up and here another process of the
 * container may put a link to /proc/self/exe there; it is Landlock that refuses to execute the
 * engine's file, which lies outside the root (CVE-2019-5736). */
int command_execute(const struct command *command, const struct plan_process *process,
                    struct error *err)
{
	execve(command->path, (char *const *)process->arguments.items,
	       (char *const *)command->environment);
	error_set(err, errno, "exec: \"%s\"", process->arguments.items[0]);
	if (err->number == ENOENT)
		error_hint(err,
		           "the file is there; the interpreter it names (#! or PT_INTERP) is not");
	return error_exit(err, err->number == ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_RUNNABLE);
}
