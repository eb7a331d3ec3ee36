#include "runtime/container/cgroup.h"

#include "runtime/container/scope.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/xattr.h>

#define CGROUP_MOUNT "/sys/fs/cgroup"
#define CALLERS      "cordon-callers"

enum {
	CPU_PERIOD = 100000,
	FILE_MAX = 1 << 16,
	REMOVE_TRIES = 100,
	REMOVE_PAUSE_US = 2000,
	SCOPE_TRIES = 250,
	SCOPE_PAUSE_US = 20000,
	UNIT_NAME_MAX = 255,
};

/* ---- small files ---- */

static bool join(char ret[PATH_MAX], const char *folder, const char *name)
{
	if (snprintf(ret, PATH_MAX, "%s/%s", folder, name) < PATH_MAX)
		return true;
	errno = ENAMETOOLONG;
	return false;
}

int cgroup_write(const char *folder, const char *file, const char *content)
{
	char path[PATH_MAX];
	_cleanup_fd int fd = -1;

	if (!join(path, folder, file))
		return -1;
	/* the folder's name may come from a file: nothing that stands there may keep us waiting */
	fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	return fd < 0 || write(fd, content, strlen(content)) < 0 ? -1 : 0;
}

static bool read_file(struct text *ret, const char *folder, const char *name)
{
	char path[PATH_MAX];
	struct error ignored;

	return join(path, folder, name) &&
	       io_read_file(ret, AT_FDCWD, path, FILE_MAX, &ignored) > 0;
}

static bool has_word(const char *list, const char *word)
{
	size_t length = strlen(word);

	for (const char *next = list; *next != '\0';) {
		size_t here = strcspn(next, " \n");

		if (here == length && strncmp(next, word, length) == 0)
			return true;
		next += here + (next[here] != '\0');
	}
	return false;
}

/* ---- finding ---- */

static const struct controller {
	const char *name;
	size_t offset;
} controllers[] = {
	{ "pids", offsetof(struct plan_resources, pids) },
	{ "memory", offsetof(struct plan_resources, memory) },
	{ "cpu", offsetof(struct plan_resources, cpu_quota) },
};

static bool is_wanted(const struct plan_resources *resources, const struct controller *controller)
{
	return *(const uint64_t *)(const void *)((const char *)resources + controller->offset) != 0;
}

static int way_out(struct error *err)
{
	return error_hint(err,
	                  "log in, or loginctl enable-linger, so that systemd --user runs and "
	                  "gives you a cgroup (su and sudo are no login); or start cordon in a "
	                  "service or scope with Delegate=yes; or leave the limit out");
}

/* systemd marks what it delegates (systemd 251, for all users to see). */
static bool is_delegated(const char *folder)
{
	char value = '0';

	return getxattr(folder, "user.delegate", &value, sizeof value) == sizeof value &&
	       value == '1';
}

static int check_controllers(const char *folder, const struct plan_resources *resources,
                             struct error *err)
{
	_cleanup_text struct text known = {};

	if (!read_file(&known, folder, "cgroup.controllers"))
		text_clear(&known);
	for (size_t i = 0; i < ARRAY_SIZE(controllers); i++)
		if (is_wanted(resources, &controllers[i]) &&
		    !has_word(text_string(&known), controllers[i].name))
			return error_set(err, 0,
			                 "cannot enforce a limit: the cgroup %s has no %s "
			                 "controller",
			                 folder, controllers[i].name);
	return 0;
}

/* Where the caller is, or the first container of this tree put him. */
static const char *own_base(struct arena *arena, const char *mount, const char *own)
{
	const char *base = arena_printf(arena, "%s%s", mount, strcmp(own, "/") == 0 ? "" : own);

	if (text_ends(base, "/" CALLERS))
		base = arena_text(arena, base, strlen(base) - strlen("/" CALLERS));
	return base;
}

static int find_own(const char **ret, struct arena *arena, const struct cgroup_request *request,
                    const char *base, struct error *err)
{
	if (access(base, W_OK) < 0) {
		error_set(err, errno, "cannot enforce a limit: the cgroup %s", base);
		return way_out(err);
	}
	if (check_controllers(base, request->resources, err) < 0)
		return way_out(err);
	*ret = arena_printf(arena, "%s/cordon-%s", base, request->id);
	return 0;
}

static int find_scope(const char **ret, struct arena *arena, const struct cgroup_request *request,
                      const char *manager, struct error *err)
{
	if (check_controllers(manager, request->resources, err) < 0)
		return error_hint(err, "let systemd delegate it: a file "
		                       "/etc/systemd/system/user@.service.d/delegate.conf with "
		                       "[Service] Delegate=cpu cpuset io memory pids");
	*ret = arena_printf(arena, "%s/app.slice/cordon-%s.scope/cordon-%s", manager, request->id,
	                    request->id);
	return 0;
}

int cgroup_find_in(const char **ret, struct arena *arena, const struct cgroup_request *request,
                   const char *mount, const char *own, struct error *err)
{
	const char *base = own_base(arena, mount, own), *manager;

	if (is_delegated(base))
		return find_own(ret, arena, request, base, err);
	manager = scope_manager_cgroup(arena, request->runtime);
	if (manager == NULL)
		return find_own(ret, arena, request, base, err);
	return find_scope(ret, arena, request, arena_printf(arena, "%s%s", mount, manager), err);
}

static int find(const char **ret, struct arena *arena, const struct cgroup_request *request,
                struct error *err)
{
	const char *own = scope_of_process(arena, getpid());
	struct statfs status;

	if (own == NULL || statfs(CGROUP_MOUNT, &status) < 0 ||
	    status.f_type != CGROUP2_SUPER_MAGIC) {
		error_set(err, 0,
		          "cannot enforce a limit: cgroup v2 is not mounted at " CGROUP_MOUNT);
		return error_hint(err, "boot with systemd.unified_cgroup_hierarchy=1, or leave the "
		                       "limit out");
	}
	return cgroup_find_in(ret, arena, request, CGROUP_MOUNT, own, err);
}

int cgroup_find(const char **ret, struct arena *arena, const struct cgroup_request *request,
                struct text *notes, struct error *err)
{
	bool limited = false;

	for (size_t i = 0; i < ARRAY_SIZE(controllers); i++)
		limited |= is_wanted(request->resources, &controllers[i]);
	if (!limited && request->when != CGROUPS_ENABLED)
		return 0;
	if (request->when == CGROUPS_DISABLED) {
		error_set(err, 0,
		          "--cgroups disabled: memory, processors and processes are "
		          "limited by a cgroup");
		return error_hint(err, "leave out either that or the limit, which may be the "
		                       "profile's");
	}
	if (find(ret, arena, request, err) == 0)
		return 0;
	if (!request->resources->if_available)
		return -1;
	text_printf(notes, "%s\n", err->text);
	return 0;
}

/* ---- the scope ---- */

/* Whether the container's cgroup is in a scope of its own: "NAME.scope/NAME". */
static bool scope_name(char ret[UNIT_NAME_MAX], const char *folder)
{
	const char *name = strrchr(folder, '/') + 1, *start;
	int length = snprintf(ret, UNIT_NAME_MAX, "%s.scope", name);

	if (length >= UNIT_NAME_MAX || name - folder < length + 2)
		return false;
	start = name - 1 - length;
	return start[-1] == '/' && strncmp(start, ret, (size_t)length) == 0;
}

/* One that ends, of the container's last life, may be there for a moment. */
static int enter_scope(const char *runtime, const char *name, struct error *err)
{
	for (int tries = 0; scope_start(runtime, name, err) < 0; tries++) {
		if (err->number != EEXIST || tries == SCOPE_TRIES)
			return way_out(err);
		usleep(SCOPE_PAUSE_US);
	}
	return 0;
}

/* Who moves a process writes to the target, and to what both are under (cgroups(7)). */
static bool may_move(const char *own, const char *folder)
{
	char path[PATH_MAX];
	size_t common = 0;

	folder += strlen(CGROUP_MOUNT);
	for (size_t i = 0; own[i] != '\0' && own[i] == folder[i]; i++)
		if ((own[i + 1] == '/' || own[i + 1] == '\0') && folder[i + 1] == '/')
			common = i + 1;
	snprintf(path, sizeof path, CGROUP_MOUNT "%.*s/cgroup.procs", (int)common, own);
	return access(path, W_OK) == 0;
}

int cgroup_approach(const char *folder, const char *runtime, struct error *err)
{
	_cleanup_arena struct arena arena = {};
	char name[UNIT_NAME_MAX];
	const char *own;

	if (folder == NULL || !text_starts(folder, CGROUP_MOUNT "/") || !scope_name(name, folder))
		return 0;
	own = scope_of_process(&arena, getpid());
	if (own == NULL || may_move(own, folder))
		return 0;
	return scope_join(runtime, name, "/" CALLERS, err);
}

/* ---- making ---- */

/* Processes may not be where controllers are handed down: into a leaf with them. (Memory's would be
 * refused with EBUSY; but cpu's and pids' make a threaded tree of it, which no container may join.)
 */
static int move_callers(const char *base)
{
	_cleanup_text struct text pids = {};
	char leaf[PATH_MAX], *save = NULL;

	if (!join(leaf, base, CALLERS) || (mkdir(leaf, 0755) < 0 && errno != EEXIST))
		return -1;
	if (!read_file(&pids, base, "cgroup.procs") || pids.length == 0)
		return 0;
	for (char *pid = strtok_r(pids.data, "\n", &save); pid != NULL;
	     pid = strtok_r(NULL, "\n", &save))
		if (cgroup_write(leaf, "cgroup.procs", pid) < 0 && errno != ESRCH)
			return -1;
	return 0;
}

static int hand_down(const char *base, const struct plan_resources *resources)
{
	char words[64] = "";

	for (size_t i = 0; i < ARRAY_SIZE(controllers); i++)
		if (is_wanted(resources, &controllers[i]))
			snprintf(words + strlen(words), sizeof words - strlen(words), "+%s ",
			         controllers[i].name);
	return move_callers(base) < 0 ? -1 : cgroup_write(base, "cgroup.subtree_control", words);
}

static int set_limits(const char *folder, const struct plan_resources *resources)
{
	char number[64];
	int result = 0;

	if (resources->pids != 0) {
		snprintf(number, sizeof number, "%llu", (unsigned long long)resources->pids);
		result |= cgroup_write(folder, "pids.max", number);
	}
	if (resources->memory != 0) {
		snprintf(number, sizeof number, "%llu", (unsigned long long)resources->memory);
		result |= cgroup_write(folder, "memory.max", number);
		/* Docker's default: as much swap again; a kernel without swap has no such file. */
		if (cgroup_write(folder, "memory.swap.max", number) < 0 && errno != ENOENT)
			result = -1;
	}
	if (resources->cpu_quota != 0) {
		snprintf(number, sizeof number, "%llu %d", (unsigned long long)resources->cpu_quota,
		         CPU_PERIOD);
		result |= cgroup_write(folder, "cpu.max", number);
	}
	return result;
}

int cgroup_make(const char *folder, const struct plan *plan, const char *runtime, struct error *err)
{
	const struct plan_resources *resources = &plan->confinement.resources;
	char base[PATH_MAX], name[UNIT_NAME_MAX];

	if (folder == NULL)
		return 0;
	if (scope_name(name, folder) && enter_scope(runtime, name, err) < 0)
		return -1;
	snprintf(base, sizeof base, "%.*s", (int)(strrchr(folder, '/') - folder), folder);
	if (hand_down(base, resources) < 0) {
		error_set(err, errno, "cannot hand controllers down in the cgroup %s", base);
		return way_out(err);
	}
	if (mkdir(folder, 0755) < 0 && errno != EEXIST)
		return error_set(err, errno, "cannot make the cgroup %s", folder);
	if (set_limits(folder, resources) < 0) {
		error_set(err, errno, "cannot set the limits of the cgroup %s", folder);
		cgroup_remove(folder);
		return -1;
	}
	return 0;
}

const char *cgroup_read(struct arena *arena, const char *folder, const char *file)
{
	_cleanup_text struct text text = {};

	if (folder == NULL || !read_file(&text, folder, file))
		return "";
	return arena_text(arena, text.data, strcspn(text.data, "\n"));
}

void cgroup_remove(const char *folder)
{
	/* Linux 5.14; before that the pid namespace has killed all of them already */
	if (cgroup_write(folder, "cgroup.kill", "1") < 0 && errno == EACCES)
		return;
	for (int tries = 0; tries < REMOVE_TRIES; tries++) {
		if (rmdir(folder) == 0 || errno != EBUSY)
			return;
		usleep(REMOVE_PAUSE_US);
	}
}

bool cgroup_ran_out_of_memory(const char *folder)
{
	_cleanup_text struct text events = {};
	const char *line;

	if (!read_file(&events, folder, "memory.events"))
		return false;
	line = strstr(events.data, "oom_kill ");
	return line != NULL && strtoull(line + strlen("oom_kill "), NULL, 10) > 0;
}
