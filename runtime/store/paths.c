#include "runtime/store/paths.h"

#include "cordon-config.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"
#include "sandbox/base/text.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

/* An XDG base folder: the variable if it holds an absolute path, else below the home. */
static const char *base_folder(struct arena *arena, const char *variable, const char *home,
                               const char *fallback)
{
	const char *value = getenv(variable);

	if (value != NULL && value[0] == '/')
		return arena_printf(arena, "%s/cordon", value);
	return arena_printf(arena, "%s/%s/cordon", home, fallback);
}

/* ---- folders that the environment names ---- */

/* What lies there is executed, or obeyed as a policy: nobody but root and the caller may have made
 * it or be able to change it. */
static int distrust(const char *variable, const char *path, const struct stat *status,
                    struct error *err)
{
	if (status->st_uid != 0 && status->st_uid != geteuid())
		error_set(err, EPERM, "%s: %s belongs to uid %u", variable, path, status->st_uid);
	else
		error_set(err, EPERM, "%s: %s can be written by others (mode %04o)", variable, path,
		          status->st_mode & 07777u);
	return error_hint(err,
	                  "name a folder of root or of your own that nobody else can write "
	                  "(chmod go-w), or unset %s",
	                  variable);
}

static bool is_trusted(const struct stat *status, mode_t writers)
{
	return (status->st_uid == 0 || status->st_uid == geteuid()) &&
	       (status->st_mode & writers) == 0;
}

/* Above the folder: who may rename what is in it could put another in its place. A folder in which
 * all may write only their own (/tmp) will do. */
static int check_above(const char *variable, const char *path, struct error *err)
{
	char above[PATH_MAX];
	struct stat status;

	for (const char *slash = path; slash != NULL; slash = strchr(slash + 1, '/')) {
		snprintf(above, sizeof above, "%.*s", (int)(slash - path) + 1, path);
		if (stat(above, &status) < 0)
			return error_set(err, errno, "%s: cannot stat %s", variable, above);
		if (!is_trusted(&status, status.st_mode & S_ISVTX ? 0 : S_IWOTH))
			return distrust(variable, above, &status, err);
	}
	return 0;
}

static int check_inside(const char *variable, const char *path, struct error *err)
{
	char name[PATH_MAX];
	struct dirent *entry;
	struct stat status;
	DIR *folder = opendir(path);
	int result = 0;

	if (folder == NULL)
		return error_set(err, errno, "%s: cannot read the folder %s", variable, path);
	while (result == 0 && (entry = readdir(folder)) != NULL) {
		if (fstatat(dirfd(folder), entry->d_name, &status, 0) < 0 ||
		    !S_ISREG(status.st_mode) || is_trusted(&status, S_IWGRP | S_IWOTH))
			continue; /* what is no file is neither executed nor read */
		snprintf(name, sizeof name, "%.3000s/%s", path, entry->d_name);
		result = distrust(variable, name, &status, err);
	}
	closedir(folder);
	return result;
}

/* The folder a variable names, if it is set to an absolute path: without symlinks, so that what was
 * looked at is what is used. */
static int take_folder(const char **folder, struct arena *arena, const char *variable,
                       struct error *err)
{
	const char *value = getenv(variable);
	char path[PATH_MAX];
	struct stat status;

	if (value == NULL || value[0] != '/')
		return 0;
	if (realpath(value, path) == NULL || stat(path, &status) < 0 || !S_ISDIR(status.st_mode)) {
		error_set(err, 0, "%s: there is no folder %s", variable, value);
		return error_hint(err, "name a folder that is there, or unset %s", variable);
	}
	if (!is_trusted(&status, S_IWGRP | S_IWOTH))
		return distrust(variable, path, &status, err);
	if (check_above(variable, path, err) < 0 || check_inside(variable, path, err) < 0)
		return -1;
	*folder = arena_strdup(arena, path);
	return 0;
}

/* Where the program's own data are: beside bin/ of whatever prefix it was put in, or in its build
 * folder. */
static int find_data(struct paths *paths, struct arena *arena, const char **profiles,
                     struct error *err)
{
	char self[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
	char *slash;

	paths->libexec = CORDON_LIBEXECDIR;
	*profiles = CORDON_PROFILEDIR;
	self[length < 0 ? 0 : length] = '\0';
	slash = strrchr(self, '/');
	if (slash != NULL) {
		*slash = '\0';
		if (text_ends(self, "/bin")) {
			paths->libexec = arena_printf(arena, "%.*s/libexec/cordon",
			                              (int)(slash - self - 4), self);
			*profiles = arena_printf(arena, "%.*s/share/cordon/profiles",
			                         (int)(slash - self - 4), self);
		} else if (text_ends(self, "/runtime/cli")) {
			paths->libexec = arena_printf(arena, "%.*s/runtime/libexec",
			                              (int)(slash - self - 12), self);
			*profiles = arena_printf(arena, "%.*s/profiles", (int)(slash - self - 12),
			                         self);
		}
	}
	if (take_folder(&paths->libexec, arena, "CORDON_LIBEXEC", err) < 0)
		return -1;
	return take_folder(profiles, arena, "CORDON_PROFILES", err);
}

/* A runtime folder is the user's alone (XDG Base Directory Specification). In one that others may
 * change they could put a socket of theirs where a container's is looked for. */
static bool is_own_folder(const char *path)
{
	struct stat status;

	return path != NULL && path[0] == '/' && stat(path, &status) == 0 &&
	       S_ISDIR(status.st_mode) && status.st_uid == geteuid() &&
	       (status.st_mode & (S_IWGRP | S_IWOTH)) == 0 && access(path, W_OK) == 0;
}

int paths_init(struct paths *ret, struct arena *arena, struct error *err)
{
	const char *home = getenv("HOME"), *run = getenv("XDG_RUNTIME_DIR"), *profiles;
	struct paths paths = {};

	if (home == NULL || home[0] != '/') {
		error_set(err, 0, "HOME is not set to an absolute path");
		return error_hint(err, "set HOME: cordon keeps images and containers below it");
	}
	paths.data = base_folder(arena, "XDG_DATA_HOME", home, ".local/share");
	paths.cache = base_folder(arena, "XDG_CACHE_HOME", home, ".cache");
	paths.config = base_folder(arena, "XDG_CONFIG_HOME", home, ".config");
	/* each data folder has its own run folder, so that two of them do not meet in one
	 * XDG_RUNTIME_DIR */
	paths.run = is_own_folder(run) ? arena_printf(arena, "%s/cordon", run)
	                               : arena_printf(arena, "%s/run", paths.data);
	paths.runtime = run != NULL && run[0] == '/'
	                        ? arena_strdup(arena, run)
	                        : arena_printf(arena, "/run/user/%u", (unsigned)getuid());
	if (find_data(&paths, arena, &profiles, err) < 0)
		return -1;
	paths.profiles[0] = arena_printf(arena, "%s/profiles", paths.config);
	paths.profiles[1] = "/etc/cordon/profiles";
	paths.profiles[2] = profiles;
	*ret = paths;
	return 0;
}

static int check_folder(int fd, const char *base, const char *name, struct error *err)
{
	struct stat status;

	if (fstat(fd, &status) < 0)
		return error_set(err, errno, "cannot stat %s/%s", base, name);
	if (status.st_uid != geteuid()) {
		error_set(err, 0, "%s/%s belongs to uid %u", base, name, status.st_uid);
		return error_hint(err, "cordon only uses folders of its own user");
	}
	if ((status.st_mode & 077) != 0 && fchmod(fd, 0700) < 0)
		return error_set(err, errno, "cannot keep others out of %s/%s", base, name);
	return 0;
}

int paths_open_dir(const char *base, const char *name, struct error *err)
{
	char path[PATH_MAX];
	_cleanup_fd int fd = -1;

	snprintf(path, sizeof path, "%s/%s", base, name);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT) {
		/* the base is made private too: its mode is what keeps others out */
		if (io_make_dirs(path, err) < 0)
			return error_hint(
			        err,
			        "cordon keeps its state there; make it writable or set XDG_DATA_HOME");
		fd = open(base, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (fd < 0 || check_folder(fd, base, "", err) < 0)
			return fd < 0 ? error_set(err, errno, "cannot open %s", base) : -1;
		close(fd);
		fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	}
	if (fd < 0)
		return error_set(err, errno, "cannot open the folder %s", path);
	return check_folder(fd, base, name, err) < 0 ? -1 : cleanup_take_fd(&fd);
}
