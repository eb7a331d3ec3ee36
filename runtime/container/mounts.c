/*
 * mounts: the rows of a plan's mounts, in two groups.
 *
 *   system	what a root needs: /proc, /dev and what is in it, /sys
 *   asked	volumes and tmpfs: of the command line, the image, the profile, --read-only; a place
 *		that is asked for twice goes to the first who named it
 *
 * The files cordon provides in /etc are no mounts of the host's: they are in the plan with their
 * content, unless something asked for stands there.
 *
 * The system's come first, in the order they are nested; all others follow by depth, so that a
 * volume on /a never hides one on /a/b.
 */
#include "runtime/container/mounts.h"

#include "runtime/container/devices.h"
#include "runtime/container/volume.h"
#include "sandbox/base/cleanup.h"

#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

enum {
	SAFE = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV,
	SAFER = SAFE | MOUNT_ATTR_NOEXEC,
	FIXED_ROWS = 32, /* more than the system's, the given and those of --read-only */
	GROUP_TTY = 5,   /* of every Debian and Alpine: terminals belong to it where it is mapped */
};

struct rows {
	struct plan_mount *items;
	size_t count, capacity;
};

static void add(struct rows *rows, struct plan_mount row)
{
	if (rows->count >= rows->capacity)
		abort(); /* mounts_plan counts them before */
	rows->items[rows->count++] = row;
}

static bool has_target(const struct rows *rows, const char *target)
{
	for (size_t i = 0; i < rows->count; i++)
		if (strcmp(rows->items[i].target, target) == 0)
			return true;
	return false;
}

/* ---- asked ---- */

static int add_asked(struct rows *rows, struct plan_mount row, struct error *err)
{
	if (has_target(rows, row.target))
		return error_set(err, 0, "Duplicate mount point: %s", row.target);
	add(rows, row);
	return 0;
}

static int add_volume(struct rows *rows, struct arena *arena, struct launch *launch,
                      const struct volume *volume, struct error *err)
{
	struct plan_mount row;

	/* before an anonymous one is made */
	if (has_target(rows, volume->target))
		return error_set(err, 0, "Duplicate mount point: %s", volume->target);
	return volume_row(&row, arena, launch, volume, err) < 0 ? -1 : add_asked(rows, row, err);
}

/* --mount */
static int add_request(struct rows *rows, struct arena *arena, struct launch *launch,
                       const struct mount_request *request, struct error *err)
{
	struct volume volume;
	struct plan_mount row;

	if (request->kind != MOUNT_REQUEST_TMPFS)
		return volume_take_request(&volume, arena, request, err) < 0
		               ? -1
		               : add_volume(rows, arena, launch, &volume, err);
	return volume_tmpfs_at(&row, arena, request->target, request->options, err) < 0
	               ? -1
	               : add_asked(rows, row, err);
}

static int add_requested(struct rows *rows, struct arena *arena, struct launch *launch,
                         struct error *err)
{
	const struct run_request *request = launch->request;
	char here[4096];
	struct volume volume;
	struct plan_mount row;

	for (size_t i = 0; i < request->volumes.count; i++)
		if (volume_parse(&volume, arena, request->volumes.items[i],
		                 getcwd(here, sizeof here), err) < 0 ||
		    add_volume(rows, arena, launch, &volume, err) < 0)
			return -1;
	for (size_t i = 0; i < request->tmpfs.count; i++)
		if (volume_tmpfs(&row, arena, request->tmpfs.items[i], err) < 0 ||
		    add_asked(rows, row, err) < 0)
			return -1;
	for (size_t i = 0; i < request->mount_count; i++)
		if (add_request(rows, arena, launch, &request->mounts[i], err) < 0)
			return -1;
	for (size_t i = 0; i < request->devices.count; i++)
		if (device_row(&row, arena, request->devices.items[i], err) < 0 ||
		    add_asked(rows, row, err) < 0)
			return -1;
	return 0;
}

/* A VOLUME of the image is an anonymous volume, unless something is mounted there already. The
 * place is the image's word: a path, never "NAME:/PLACE". */
static int add_declared(struct rows *rows, struct arena *arena, struct launch *launch,
                        struct error *err)
{
	const struct plan_strings *declared =
	        launch->image == NULL ? NULL : &launch->image->config.volumes;

	for (size_t i = 0; declared != NULL && i < declared->count; i++) {
		struct volume volume = {
			.target = volume_clean(arena, declared->items[i]),
			.attributes = SAFE,
			.recursive = true,
		};
		struct plan_mount row;

		if (volume.target == NULL)
			return error_set(err, 0,
			                 "the image declares the volume '%.64s', which is not an "
			                 "absolute path other than /",
			                 declared->items[i]);
		if (has_target(rows, volume.target))
			continue;
		if (volume_row(&row, arena, launch, &volume, err) < 0)
			return -1;
		add(rows, row);
	}
	return 0;
}

static void add_profiles(struct rows *rows, const struct confinement *confinement)
{
	for (size_t i = 0; i < confinement->mount_count; i++)
		if (!has_target(rows, confinement->mounts[i].target))
			add(rows, confinement->mounts[i]);
}

/* Podman's --read-only-tmpfs: what programs cannot do without stays writable. */
static const char *const writable[] = { "/tmp", "/var/tmp", "/run" };

static struct plan_mount writable_row(const char *place)
{
	return (struct plan_mount){ .kind = PLAN_MOUNT_TMPFS,
		                    .target = place,
		                    .attributes = SAFE,
		                    .options = "mode=1777" };
}

static void add_writable(struct rows *rows, const struct plan *plan, bool wanted)
{
	for (size_t i = 0; wanted && plan->root.read_only && i < ARRAY_SIZE(writable); i++)
		if (!has_target(rows, writable[i]))
			add(rows, writable_row(writable[i]));
}

static bool lies_beneath(const char *path, const char *folder)
{
	return text_starts(path, folder) && path[strlen(folder)] == '/';
}

/* Each before what is mounted beneath it. */
void mounts_keep_writable(struct plan *plan, struct arena *arena)
{
	size_t most = plan->mount_count + ARRAY_SIZE(writable);
	const struct rows old = { plan->mounts, plan->mount_count, plan->mount_count };
	struct rows rows = { arena_array(arena, most, sizeof *rows.items), 0, most };

	for (size_t i = 0; i < old.count; i++) {
		for (size_t j = 0; j < ARRAY_SIZE(writable); j++)
			if (lies_beneath(old.items[i].target, writable[j]) &&
			    !has_target(&old, writable[j]) && !has_target(&rows, writable[j]))
				add(&rows, writable_row(writable[j]));
		add(&rows, old.items[i]);
	}
	for (size_t j = 0; j < ARRAY_SIZE(writable); j++)
		if (!has_target(&rows, writable[j]))
			add(&rows, writable_row(writable[j]));
	plan->mounts = rows.items;
	plan->mount_count = rows.count;
}

/* ---- files ---- */

static void add_file(struct plan *plan, struct arena *arena, const struct rows *asked,
                     const char *path, const struct text *content)
{
	if (!has_target(asked, path))
		plan->files[plan->file_count++] =
		        (struct plan_file){ path, arena_text(arena, text_string(content),
			                                     content->length) };
}

static void add_files(struct plan *plan, struct arena *arena, const struct launch *launch,
                      const struct rows *asked)
{
	_cleanup_text struct text resolv = {}, hosts = {}, hostname = {};

	network_resolv_conf(&resolv, launch->network_mode, &launch->network);
	network_hosts(&hosts, &launch->network, launch->hostname);
	text_printf(&hostname, "%s\n", launch->hostname);
	plan->files = arena_array(arena, 3, sizeof *plan->files);
	plan->file_count = 0;
	add_file(plan, arena, asked, "/etc/resolv.conf", &resolv);
	if (!launch->request->no_hosts)
		add_file(plan, arena, asked, "/etc/hosts", &hosts);
	add_file(plan, arena, asked, "/etc/hostname", &hostname);
}

/* ---- system ---- */

static bool maps_group(const struct plan_id_maps *maps, uint32_t group)
{
	for (size_t i = 0; i < maps->gid_count; i++)
		if (group >= maps->gids[i].inside &&
		    group - maps->gids[i].inside < maps->gids[i].length)
			return true;
	return false;
}

/* sysfs shows the network namespace it is mounted in, and only that one's owner may mount it. The
 * host's cgroup tree is in a bound /sys already. */
static void add_sys(struct rows *rows, const struct plan *plan)
{
	bool own = plan->network != PLAN_NETWORK_HOST;

	add(rows, (struct plan_mount){ .kind = own ? PLAN_MOUNT_SYSFS : PLAN_MOUNT_BIND,
	                               .source = own ? NULL : "/sys",
	                               .target = "/sys",
	                               .attributes = SAFER | MOUNT_ATTR_RDONLY,
	                               .recursive = !own });
	if (own)
		add(rows, (struct plan_mount){ .kind = PLAN_MOUNT_CGROUP,
		                               .target = "/sys/fs/cgroup",
		                               .attributes = SAFER | MOUNT_ATTR_RDONLY,
		                               .if_available = true });
}

static void add_system(struct rows *rows, const struct plan *plan, const struct rows *asked,
                       const char *shm_options)
{
	const struct plan_mount devices[] = {
		{ .kind = PLAN_MOUNT_PROC, .target = "/proc", .attributes = SAFER },
		{ .kind = PLAN_MOUNT_DEV, .target = "/dev" },
		{ .kind = PLAN_MOUNT_DEVPTS,
		  .target = "/dev/pts",
		  .attributes = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC,
		  .options = maps_group(&plan->maps, GROUP_TTY)
		                     ? "newinstance,ptmxmode=0666,mode=0620,gid=5"
		                     : "newinstance,ptmxmode=0666,mode=0620" },
		{ .kind = PLAN_MOUNT_TMPFS,
		  .target = "/dev/shm",
		  .attributes = SAFER,
		  .options = shm_options },
		{ .kind = PLAN_MOUNT_MQUEUE, .target = "/dev/mqueue", .attributes = SAFER },
	};

	for (size_t i = 0; i < ARRAY_SIZE(devices); i++)
		if (!has_target(asked, devices[i].target) || i < 2)
			add(rows, devices[i]);
	add_sys(rows, plan);
}

static size_t depth(const char *path)
{
	size_t count = 0;

	for (; *path != '\0'; path++)
		count += *path == '/';
	return count == 0 ? 1 : count;
}

/* Appends `more` by depth, rows of the same depth in their order. An image may name thousands. */
static void add_by_depth(struct rows *rows, struct arena *arena, const struct rows *more)
{
	size_t *depths = arena_array(arena, more->count, sizeof *depths);

	for (size_t i = 0; i < more->count; i++)
		depths[i] = depth(more->items[i].target);
	for (size_t level = 1, left = more->count; left > 0; level++)
		for (size_t i = 0; i < more->count; i++)
			if (depths[i] == level) {
				add(rows, more->items[i]);
				left--;
			}
}

static const char *shm_options(struct arena *arena, uint64_t size)
{
	return size == 0 ? "mode=1777,size=64m"
	                 : arena_printf(arena, "mode=1777,size=%llu", (unsigned long long)size);
}

int mounts_plan(struct plan *plan, struct arena *arena, struct launch *launch, struct error *err)
{
	const struct run_request *request = launch->request;
	size_t most = FIXED_ROWS + request->volumes.count + request->tmpfs.count +
	              request->mount_count + request->devices.count +
	              plan->confinement.mount_count +
	              (launch->image == NULL ? 0 : launch->image->config.volumes.count);
	struct rows rows = { arena_array(arena, most, sizeof *rows.items), 0, most };
	struct rows asked = { arena_array(arena, most, sizeof *asked.items), 0, most };

	if (add_requested(&asked, arena, launch, err) < 0 ||
	    add_declared(&asked, arena, launch, err) < 0)
		return -1;
	add_profiles(&asked, &plan->confinement);
	add_writable(&asked, plan, !launch->request->no_writable);
	add_files(plan, arena, launch, &asked);
	add_system(&rows, plan, &asked, shm_options(arena, request->shm_size));
	add_by_depth(&rows, arena, &asked);
	plan->mounts = rows.items;
	plan->mount_count = rows.count;
	plan->confinement.mounts = NULL;
	plan->confinement.mount_count = 0;
	return 0;
}

const char *mounts_volume(struct arena *arena, const char *data, const char *source)
{
	const char *prefix = arena_printf(arena, "%s/volumes/", data);
	size_t length;

	if (source == NULL || !text_starts(source, prefix))
		return NULL;
	source += strlen(prefix);
	length = strcspn(source, "/");
	return strcmp(source + length, "/_data") == 0 ? arena_text(arena, source, length) : NULL;
}

bool mounts_is_own(const char *folder, const struct plan_mount *mount)
{
	if (mount->kind == PLAN_MOUNT_TMPFS)
		return strcmp(mount->target, "/dev/shm") == 0;
	if (text_equal(mount->source, "/sys") && strcmp(mount->target, "/sys") == 0)
		return true; /* the host's, with the host's network */
	return mount->source != NULL && text_starts(mount->target, "/etc/") &&
	       text_starts(mount->source, folder);
}
