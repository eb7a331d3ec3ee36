/*
 * mounts: the rows of a plan's mounts, in their order: what a system has (/proc, /dev, /sys), the
 * files cordon provides in /etc, what --read-only needs to stay writable, then volumes, shallow
 * ones first.
 */
#include "runtime/container/launch.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

enum { SAFE = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV, SAFER = SAFE | MOUNT_ATTR_NOEXEC };

struct rows {
	struct plan_mount *items;
	size_t count, capacity;
};

static struct plan_mount *add(struct rows *rows, struct plan_mount row)
{
	if (rows->count >= rows->capacity)
		abort();
	rows->items[rows->count] = row;
	return &rows->items[rows->count++];
}

static const struct plan_mount system_mounts[] = {
	{ .kind = PLAN_MOUNT_PROC, .target = "/proc", .attributes = SAFER },
	{ .kind = PLAN_MOUNT_DEV, .target = "/dev" },
	{ .kind = PLAN_MOUNT_MQUEUE, .target = "/dev/mqueue", .attributes = SAFER },
};

static bool maps_group(const struct plan_id_maps *maps, uint32_t group)
{
	for (size_t i = 0; i < maps->gid_count; i++)
		if (group >= maps->gids[i].inside &&
		    group - maps->gids[i].inside < maps->gids[i].length)
			return true;
	return false;
}

static void add_system(struct rows *rows, const struct plan *plan)
{
	for (size_t i = 0; i < ARRAY_SIZE(system_mounts); i++)
		add(rows, system_mounts[i]);
	/* group 5 is tty, of every Debian and Alpine: terminals belong to it where it is mapped */
	add(rows,
	    (struct plan_mount){ .kind = PLAN_MOUNT_DEVPTS,
	                         .target = "/dev/pts",
	                         .attributes = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC,
	                         .options = maps_group(&plan->maps, 5)
	                                            ? "newinstance,ptmxmode=0666,mode=0620,gid=5"
	                                            : "newinstance,ptmxmode=0666,mode=0620" });
	add(rows, (struct plan_mount){ .kind = PLAN_MOUNT_TMPFS,
	                               .target = "/dev/shm",
	                               .attributes = SAFER,
	                               .options = "mode=1777,size=64m" });
	/* sysfs shows the network namespace it is mounted in, and can only be mounted by its owner
	 */
	if (plan->network == PLAN_NETWORK_HOST)
		add(rows, (struct plan_mount){ .kind = PLAN_MOUNT_BIND,
		                               .source = "/sys",
		                               .target = "/sys",
		                               .attributes = SAFER | MOUNT_ATTR_RDONLY,
		                               .recursive = true });
	else
		add(rows, (struct plan_mount){ .kind = PLAN_MOUNT_SYSFS,
		                               .target = "/sys",
		                               .attributes = SAFER | MOUNT_ATTR_RDONLY });
	if (plan->network != PLAN_NETWORK_HOST)
		add(rows, (struct plan_mount){ .kind = PLAN_MOUNT_CGROUP,
		                               .target = "/sys/fs/cgroup",
		                               .attributes = SAFER | MOUNT_ATTR_RDONLY,
		                               .if_available = true });
}

static void add_files(struct rows *rows, struct arena *arena, const struct launch *launch)
{
	static const char *const names[] = { "resolv.conf", "hosts", "hostname" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		add(rows, (struct plan_mount){
		                  .kind = PLAN_MOUNT_BIND,
		                  .source = arena_printf(arena, "%s/%s", launch->folder, names[i]),
		                  .target = arena_printf(arena, "/etc/%s", names[i]),
		                  .attributes = SAFER });
}

/* ---- volumes ---- */

static bool is_volume_name(const char *text)
{
	return text[0] != '\0' && text[0] != '.' && strlen(text) < 128 &&
	       strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-") ==
	               strlen(text);
}

static const struct volume_option {
	const char *name;
	uint64_t set, clear;
	bool recursive;
} volume_options[] = {
	{ "ro", MOUNT_ATTR_RDONLY, 0, false },
	{ "rw", 0, MOUNT_ATTR_RDONLY, false },
	{ "nosuid", MOUNT_ATTR_NOSUID, 0, false },
	{ "suid", 0, MOUNT_ATTR_NOSUID, false },
	{ "nodev", MOUNT_ATTR_NODEV, 0, false },
	{ "noexec", MOUNT_ATTR_NOEXEC, 0, false },
	{ "exec", 0, MOUNT_ATTR_NOEXEC, false },
	{ "rbind", 0, 0, true },
	{ "bind", 0, 0, false },
	{ "z", 0, 0, false }, /* labels of SELinux: none here */
	{ "Z", 0, 0, false },
	{ "rprivate", 0, 0, false },
	{ "private", 0, 0, false },
	{ "rslave", 0, 0, false },
	{ "slave", 0, 0, false },
	{ "nocopy", 0, 0, false },
};

static int take_volume_options(struct plan_mount *row, const char *spec, char *options,
                               struct error *err)
{
	char *save = NULL;

	for (char *word = strtok_r(options, ",", &save); word != NULL;
	     word = strtok_r(NULL, ",", &save)) {
		size_t i = 0;

		while (i < ARRAY_SIZE(volume_options) && strcmp(volume_options[i].name, word) != 0)
			i++;
		if (i == ARRAY_SIZE(volume_options)) {
			error_set(err, 0, "invalid volume '%s': unknown option '%s'", spec, word);
			return error_hint(
			        err,
			        "known are ro, rw, noexec, exec, nosuid, suid, nodev, bind, rbind, z, Z");
		}
		row->attributes =
		        (row->attributes | volume_options[i].set) & ~volume_options[i].clear;
		row->recursive |= volume_options[i].recursive;
	}
	return 0;
}

static int named_volume(const char **ret, struct arena *arena, const struct paths *paths,
                        const char *name, struct error *err)
{
	const char *folder = arena_printf(arena, "%s/volumes/%s/_data", paths->data, name);

	*ret = folder;
	if (io_make_dirs(folder, err) < 0)
		return -1;
	/* what is inside has the container's modes; others are kept out by the folders above */
	if (chmod(folder, 0755) < 0)
		return error_set(err, errno, "cannot open the volume %s", name);
	return 0;
}

int launch_volume(struct plan_mount *ret, struct arena *arena, const struct paths *paths,
                  const char *spec, struct error *err)
{
	struct plan_mount row = { .kind = PLAN_MOUNT_BIND, .attributes = SAFE, .recursive = true };
	char *source = arena_strdup(arena, spec), *target = strchr(source, ':'), *options = NULL;
	struct stat status;

	if (target == NULL)
		return error_set(err, 0, "invalid volume '%s': expected SOURCE:PLACE[:OPTIONS]",
		                 spec);
	*target++ = '\0';
	options = strchr(target, ':');
	if (options != NULL)
		*options++ = '\0';
	if (target[0] != '/')
		return error_set(
		        err, 0,
		        "invalid volume '%s': the place in the container must be an absolute path",
		        spec);
	if (options != NULL && take_volume_options(&row, spec, options, err) < 0)
		return -1;
	row.target = target;
	if (is_volume_name(source)) {
		if (named_volume(&row.source, arena, paths, source, err) < 0)
			return -1;
		*ret = row;
		return 0;
	}
	if (source[0] != '/') {
		char *full = realpath(source, NULL);

		if (full != NULL)
			source = arena_strdup(arena, full);
		free(full);
	}
	if (stat(source, &status) < 0) {
		error_set(err, errno, "invalid volume '%s': %s", spec, source);
		return error_hint(
		        err,
		        "make the folder first, or write a name without a slash for a volume of cordon's own");
	}
	row.source = source;
	*ret = row;
	return 0;
}

int launch_tmpfs(struct plan_mount *ret, struct arena *arena, const char *spec, struct error *err)
{
	struct plan_mount row = { .kind = PLAN_MOUNT_TMPFS, .attributes = SAFER };
	char *target = arena_strdup(arena, spec), *options = strchr(target, ':'), *save = NULL;
	_cleanup_text struct text kept = {};
	bool mode = false;

	if (options != NULL)
		*options++ = '\0';
	if (target[0] != '/')
		return error_set(err, 0, "invalid tmpfs '%s': it must be an absolute path", spec);
	for (char *word = options == NULL ? NULL : strtok_r(options, ",", &save); word != NULL;
	     word = strtok_r(NULL, ",", &save)) {
		if (strcmp(word, "rw") == 0 || strcmp(word, "nosuid") == 0 ||
		    strcmp(word, "nodev") == 0 || strcmp(word, "noexec") == 0)
			continue;
		if (strcmp(word, "exec") == 0) {
			row.attributes &= ~(uint64_t)MOUNT_ATTR_NOEXEC;
			continue;
		}
		if (strcmp(word, "ro") == 0) {
			row.attributes |= MOUNT_ATTR_RDONLY;
			continue;
		}
		mode |= text_starts(word, "mode=");
		if (!mode && !text_starts(word, "size=") && !text_starts(word, "nr_inodes=") &&
		    !text_starts(word, "uid=") && !text_starts(word, "gid="))
			return error_set(err, 0, "invalid tmpfs '%s': unknown option '%s'", spec,
			                 word);
		text_printf(&kept, "%s%s", kept.length > 0 ? "," : "", word);
	}
	if (!mode)
		text_printf(&kept, "%smode=1777", kept.length > 0 ? "," : "");
	row.target = target;
	row.options = arena_strdup(arena, kept.data);
	*ret = row;
	return 0;
}

static int anonymous_volume(struct rows *rows, struct arena *arena, struct launch *launch,
                            const char *target, struct error *err)
{
	const char *name = arena_printf(arena, "%.32s-%zu", launch->id, launch->anonymous.count);
	struct plan_mount row = {
		.kind = PLAN_MOUNT_BIND, .target = target, .attributes = SAFE, .recursive = true
	};

	if (target[0] != '/')
		return error_set(err, 0,
		                 "the image declares a volume that is no absolute path: '%.64s'",
		                 target);
	if (named_volume(&row.source, arena, launch->paths, name, err) < 0)
		return -1;
	launch_append(arena, &launch->anonymous, name);
	add(rows, row);
	return 0;
}

static bool has_target(const struct rows *rows, const char *target)
{
	for (size_t i = 0; i < rows->count; i++)
		if (strcmp(rows->items[i].target, target) == 0)
			return true;
	return false;
}

static int add_volumes(struct rows *rows, struct arena *arena, struct launch *launch,
                       struct error *err)
{
	const struct run_request *request = launch->request;

	for (size_t i = 0; i < request->tmpfs.count; i++) {
		struct plan_mount row;

		if (launch_tmpfs(&row, arena, request->tmpfs.items[i], err) < 0)
			return -1;
		add(rows, row);
	}
	for (size_t i = 0; i < request->volumes.count; i++) {
		struct plan_mount row;

		if (strchr(request->volumes.items[i], ':') == NULL) {
			if (anonymous_volume(rows, arena, launch, request->volumes.items[i], err) <
			    0)
				return -1;
			continue;
		}
		if (launch_volume(&row, arena, launch->paths, request->volumes.items[i], err) < 0)
			return -1;
		add(rows, row);
	}
	for (size_t i = 0; launch->image != NULL && i < launch->image->config.volumes.count; i++) {
		const char *target = launch->image->config.volumes.items[i];

		if (!has_target(rows, target) &&
		    anonymous_volume(rows, arena, launch, target, err) < 0)
			return -1;
	}
	return 0;
}

static size_t depth(const char *path)
{
	size_t count = 0;

	for (; *path != '\0'; path++)
		count += path[0] == '/' && path[1] != '/' && path[1] != '\0';
	return count;
}

static int compare_depth(const void *a, const void *b)
{
	size_t first = depth(((const struct plan_mount *)a)->target);
	size_t second = depth(((const struct plan_mount *)b)->target);

	return (first > second) - (first < second);
}

int launch_mounts(struct plan *plan, struct arena *arena, struct launch *launch, struct error *err)
{
	static const char *const writable[] = { "/tmp", "/var/tmp", "/run" };
	const struct run_request *request = launch->request;
	size_t most = 32 + request->volumes.count + request->tmpfs.count +
	              (launch->image == NULL ? 0 : launch->image->config.volumes.count);
	struct rows rows = { .items = arena_array(arena, most, sizeof *rows.items),
		             .capacity = most };
	size_t first_volume;

	add_system(&rows, plan);
	add_files(&rows, arena, launch);
	first_volume = rows.count;
	if (add_volumes(&rows, arena, launch, err) < 0)
		return -1;
	for (size_t i = 0; plan->root.read_only && i < ARRAY_SIZE(writable); i++)
		if (!has_target(&rows, writable[i]))
			add(&rows, (struct plan_mount){ .kind = PLAN_MOUNT_TMPFS,
			                                .target = writable[i],
			                                .attributes = SAFE,
			                                .options = "mode=1777" });
	/* stable enough: the order of equal depths does not matter, their targets differ */
	qsort(rows.items + first_volume, rows.count - first_volume, sizeof *rows.items,
	      compare_depth);
	plan->mounts = rows.items;
	plan->mount_count = rows.count;
	return 0;
}
