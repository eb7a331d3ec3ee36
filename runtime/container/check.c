#include "runtime/container/check.h"

#include "runtime/container/folder.h"
#include "runtime/container/record.h"
#include "runtime/container/remove.h"
#include "runtime/container/volume_store.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

struct check {
	struct arena *arena;
	struct findings *findings;
	const struct paths *paths;
	const struct host *host;
	const struct container_check *request;
};

/* Calls `look` for all that is in a folder below data/. One that is not there is empty. */
static int each(struct check *check, const char *folder,
                void (*look)(struct check *check, int dir, const char *name), struct error *err)
{
	const char *path = arena_printf(check->arena, "%s/%s", check->paths->data, folder);
	_cleanup_dir DIR *stream = opendir(path);
	struct dirent *entry;

	if (stream == NULL)
		return errno == ENOENT ? 0 : error_set(err, errno, "cannot read %s", path);
	while ((entry = readdir(stream)) != NULL)
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			look(check, dirfd(stream), arena_strdup(check->arena, entry->d_name));
	return 0;
}

/* ---- containers ---- */

static int check_image(const struct check *check, const struct state *state, struct error *wrong)
{
	struct image image;
	int found;

	if (state->image_id == NULL || state->image_id[0] == '\0')
		return 0; /* --rootfs */
	found = image_find(&image, check->arena, check->paths, state->image_id, wrong);
	if (found == 0)
		return error_set(wrong, 0, "its image %.12s is gone", state->image_id);
	return found < 0 ? -1 : 0;
}

static int check_folder(const char *what, const char *path, struct error *wrong)
{
	struct stat status;

	if (path == NULL)
		return 0;
	if (lstat(path, &status) < 0)
		return error_set(wrong, errno, "its %s %s", what, path);
	return S_ISDIR(status.st_mode) ? 0
	                               : error_set(wrong, 0, "its %s %s is no folder", what, path);
}

static int check_root(const struct plan_root *root, struct error *wrong)
{
	for (size_t i = 0; i < root->layers.count; i++)
		if (check_folder("layer", root->layers.items[i], wrong) < 0)
			return -1;
	if (check_folder("folder", root->upper, wrong) < 0 ||
	    check_folder("folder", root->work, wrong) < 0)
		return -1;
	return check_folder("root", root->directory, wrong);
}

/* The claim of its name leads to it. */
static int check_claim(const struct check *check, const char *id, const char *name,
                       struct error *wrong)
{
	char path[PATH_MAX], target[PATH_MAX];
	ssize_t length;

	if (name == NULL || name[0] == '\0')
		return error_set(wrong, 0, "it has no name");
	snprintf(path, sizeof path, "%s/names/%s", check->paths->data, name);
	length = readlink(path, target, sizeof target - 1);
	target[length < 0 ? 0 : length] = '\0';
	return text_ends(target, id) ? 0 : error_set(wrong, 0, "its name %s is not its own", name);
}

static int inspect(const struct check *check, const char *id, int dir, struct error *wrong)
{
	struct state state = {};
	struct plan plan = {};

	if (state_read(&state, check->arena, dir, wrong) < 0)
		return error_prefix(wrong, "its state is damaged");
	if (record_read(check->arena, dir, wrong) == NULL ||
	    record_read_plan(&plan, check->arena, dir, wrong) < 0 ||
	    check_root(&plan.root, wrong) < 0 || check_image(check, &state, wrong) < 0)
		return -1;
	return check_claim(check, id, state.name, wrong);
}

static void repair_container(struct check *check, const char *id)
{
	struct error one;

	if (!check->request->containers)
		return;
	if (container_remove(check->paths, check->host, id, false, false, &one) < 0)
		return; /* it runs, or cannot be removed: it stays told */
	findings_repaired(check->findings, FINDING_CONTAINER, id);
}

static void look_at_container(struct check *check, int containers, const char *id)
{
	_cleanup_fd int dir =
	        openat(containers, id, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct error wrong = {};

	check->findings->seen[FINDING_CONTAINER]++;
	if (!folder_is_id(id) || dir < 0) {
		findings_add(check->findings, FINDING_CONTAINER, id, "that is no container");
		return;
	}
	if (faccessat(dir, "state.json", F_OK, AT_SYMLINK_NOFOLLOW) < 0) {
		/* one that is being made or removed has a lock; of another a sweep takes what is
		 * left */
		if (!folder_is_locked(dir))
			findings_add(check->findings, FINDING_CONTAINER, id,
			             "whoever was making or removing it has died");
		return;
	}
	if (inspect(check, id, dir, &wrong) == 0)
		return;
	findings_add(check->findings, FINDING_CONTAINER, id, "%s", wrong.text);
	repair_container(check, id);
}

/* ---- names ---- */

static void look_at_name(struct check *check, int names, const char *name)
{
	char target[PATH_MAX];
	ssize_t length = readlinkat(names, name, target, sizeof target - 1);
	_cleanup_fd int dir = -1;
	struct state state = {};
	struct error ignored;
	const char *why = NULL;

	check->findings->seen[FINDING_NAME]++;
	target[length < 0 ? 0 : length] = '\0';
	dir = length < 0 ? -1 : openat(names, target, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		why = "it is no container's";
	else if (state_read(&state, check->arena, dir, &ignored) > 0 &&
	         !text_equal(state.name, name))
		why = "its container has another name";
	if (why == NULL)
		return;
	findings_add(check->findings, FINDING_NAME, name, "%s", why);
	if (check->request->repair && unlinkat(names, name, 0) == 0)
		findings_repaired(check->findings, FINDING_NAME, name);
}

/* ---- volumes ---- */

static void look_at_volume(struct check *check, int volumes, const char *name)
{
	struct stat status;
	struct error ignored;

	check->findings->seen[FINDING_VOLUME]++;
	if (!volume_name_is_valid(name)) {
		findings_add(check->findings, FINDING_VOLUME, name,
		             "whoever was removing it has died, or it is no volume");
		if (check->request->repair && text_starts(name, VOLUME_GONE) &&
		    remove_tree(volumes, name, NULL, check->host, &ignored) == 0)
			findings_repaired(check->findings, FINDING_VOLUME, name);
		return;
	}
	if (fstatat(volumes, arena_printf(check->arena, "%s/_data", name), &status,
	            AT_SYMLINK_NOFOLLOW) < 0 ||
	    !S_ISDIR(status.st_mode))
		findings_add(check->findings, FINDING_VOLUME, name, "it has no folder _data");
}

/* ---- the whole ---- */

static void sweep_folders(struct check *check)
{
	folder_sweep(check->paths, check->host);
	for (size_t i = 0; i < check->findings->count; i++) {
		const struct finding *finding = &check->findings->items[i];

		if (finding->kind == FINDING_CONTAINER &&
		    access(arena_printf(check->arena, "%s/containers/%s", check->paths->data,
		                        finding->name),
		           F_OK) < 0)
			findings_repaired(check->findings, FINDING_CONTAINER, finding->name);
	}
}

int container_check(struct findings *findings, const struct paths *paths, const struct host *host,
                    const struct container_check *request, struct error *err)
{
	_cleanup_arena struct arena arena = {};
	struct check check = { &arena, findings, paths, host, request };

	/* names first: the sweep behind the containers takes away claims, too */
	if (each(&check, "names", look_at_name, err) < 0 ||
	    each(&check, "containers", look_at_container, err) < 0)
		return -1;
	if (request->repair)
		sweep_folders(&check);
	return each(&check, "volumes", look_at_volume, err);
}
