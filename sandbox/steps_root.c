/*
 * steps_root: the steps that put a root together, from the mount namespace to the change into it.
 */
#include "sandbox/steps.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/device.h"
#include "sandbox/file.h"
#include "sandbox/mask.h"
#include "sandbox/mount.h"
#include "sandbox/root.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>

int step_isolate_mounts(struct entry *entry, struct error *err)
{
	(void)entry;
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return error_set(err, errno, "cannot make the mounts private");
	return 0;
}

int step_mount_the_root(struct entry *entry, struct error *err)
{
	entry->root = root_mount(&entry->plan->root, err);
	return entry->root < 0 ? -1 : 0;
}

/* Where /proc and /sys of the container are until there is a root to put them in: on the host's, in
 * this process's own copy of the mounts. */
static int stage(const struct plan_mount *row, int mount, struct error *err)
{
	_cleanup_fd int place = -1;

	if (strcmp(row->target, "/proc") != 0 && strcmp(row->target, "/sys") != 0)
		return 0;
	place = open(row->target, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return place < 0 ? error_set(err, errno, "cannot open %s", row->target)
	                 : mount_attach(mount, place, err);
}

/* The mount of the plan that was made early and holds the mask's path; *rest is what is left of it.
 * -1: none. */
static int early_mount_of(const struct entry *entry, const struct plan_mask *mask,
                          const char **rest)
{
	for (size_t i = 0; entry->early != NULL && i < entry->plan->mount_count; i++) {
		const char *target = entry->plan->mounts[i].target;
		size_t length = strlen(target);

		if (entry->early[i] >= 0 && strncmp(mask->path, target, length) == 0 &&
		    mask->path[length] == '/') {
			*rest = mask->path + length;
			return entry->early[i];
		}
	}
	return -1;
}

static int mask_early(struct entry *entry, struct error *err)
{
	const struct confinement *confinement = &entry->plan->confinement;

	for (size_t i = 0; i < confinement->mask_count; i++) {
		const char *rest = NULL;
		int mount = early_mount_of(entry, &confinement->masks[i], &rest);

		if (mount >= 0 &&
		    mask_apply(&entry->masker, mount, rest, &confinement->masks[i], err) < 0)
			return -1;
	}
	return 0;
}

int step_make_early(struct entry *entry, struct error *err)
{
	const struct plan *plan = entry->plan;

	entry->early = calloc(plan->mount_count + 1, sizeof *entry->early);
	if (entry->early == NULL)
		return error_set(err, ENOMEM, "cannot note the mounts");
	for (size_t i = 0; i < plan->mount_count; i++) {
		const struct plan_mount *row = &plan->mounts[i];

		entry->early[i] = -1;
		if (row->kind == PLAN_MOUNT_DEV && device_copy(entry->devices, err) < 0)
			return error_prefix(err, "mount %s", row->target);
		if (mount_make_early(&entry->early[i], row, err) < 0 ||
		    (entry->early[i] >= 0 && stage(row, entry->early[i], err) < 0))
			return -1;
	}
	return mask_early(entry, err);
}

static int mount_one(struct entry *entry, size_t index, struct error *err)
{
	const struct plan_mount *row = &entry->plan->mounts[index];

	if (row->kind != PLAN_MOUNT_DEV)
		return mount_row(entry->root, row, entry->early[index], err);
	if (device_folder(entry->root, row, entry->devices, err) < 0)
		return error_prefix(err, "mount %s", row->target);
	return 0;
}

static void note(struct entry *entry, const struct error *err)
{
	size_t used = strlen(entry->notes);

	snprintf(entry->notes + used, sizeof entry->notes - used, "%s\n", err->text);
}

int step_mount_volumes(struct entry *entry, struct error *err)
{
	const struct confinement *confinement = &entry->plan->confinement;

	for (size_t i = 0; i < entry->plan->mount_count; i++)
		if (mount_one(entry, i, err) < 0) {
			if (!entry->plan->mounts[i].if_available)
				return -1;
			note(entry, err);
		}
	for (size_t i = 0; i < confinement->mount_count; i++)
		if (mount_row(entry->root, &confinement->mounts[i], -1, err) < 0) {
			if (!confinement->mounts[i].if_available)
				return -1;
			note(entry, err);
		}
	return 0;
}

int step_make_files(struct entry *entry, struct error *err)
{
	if (entry->plan->file_count == 0)
		return 0;
	entry->files = file_make(entry->root, entry->plan->files, entry->plan->file_count, err);
	return entry->files < 0 ? -1 : 0;
}

int step_give_files(struct entry *entry, struct error *err)
{
	return file_mount(entry->root, entry->files, entry->plan->files, entry->plan->file_count,
	                  err);
}

int step_make_terminal(struct entry *entry, struct error *err)
{
	_cleanup_fd int master = -1;

	if (!entry->plan->process.terminal)
		return 0;
	if (device_terminal(&master, &entry->slave, entry->root, &entry->plan->process, err) < 0)
		return -1;
	return sync_send_descriptor(entry->gate, master, err);
}

int step_bind_console(struct entry *entry, struct error *err)
{
	return entry->slave < 0 ? 0 : device_console(entry->root, entry->slave, err);
}

/* What is not in a file system that was made early. */
int step_hide_paths(struct entry *entry, struct error *err)
{
	const struct confinement *confinement = &entry->plan->confinement;

	for (size_t i = 0; i < confinement->mask_count; i++) {
		const struct plan_mask *mask = &confinement->masks[i];
		const char *rest = NULL;

		if (early_mount_of(entry, mask, &rest) < 0 &&
		    mask_apply(&entry->masker, entry->root, mask->path, mask, err) < 0)
			return -1;
	}
	mask_done(&entry->masker);
	return 0;
}

int step_protect_root(struct entry *entry, struct error *err)
{
	if (!entry->plan->root.read_only)
		return 0;
	return mount_set_attributes(entry->root, MOUNT_ATTR_RDONLY, false, err);
}

int step_change_root(struct entry *entry, struct error *err)
{
	return root_change(entry->root, err);
}
