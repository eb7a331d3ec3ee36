#include "policy/diff_walls.h"

#include "policy/model.h"
#include "sandbox/base/cleanup.h"

#include <string.h>
#include <sys/resource.h>

enum { CAPABILITIES = 64 };

struct walls {
	struct differences *found;
	struct arena *arena;
};

static struct difference *add(const struct walls *walls, enum difference_kind kind,
                              const char *subject)
{
	return difference_add(walls->found, walls->arena, kind, subject);
}

/* ---- sets ---- */

static void compare_capabilities(const struct walls *walls, const char *whose, uint64_t old,
                                 uint64_t new)
{
	/* By their exclusive or: gcc 12 at -O1 reads `(old >> i & 1) == (new >> i & 1)` as "old has
	 * it not", and every capability that is new would be missing here. */
	uint64_t different = old ^ new;

	for (unsigned i = 0; i < CAPABILITIES; i++) {
		const char *name = capability_name(i);

		if ((different >> i & 1) == 0 || name == NULL)
			continue;
		add(walls, (new >> i & 1) != 0 ? DIFFERENCE_WIDER : DIFFERENCE_NARROWER,
		    arena_printf(walls->arena, "capability %s%s", name, whose));
	}
}

static bool has_mask(const struct confinement *confinement, const struct plan_mask *mask)
{
	for (size_t i = 0; i < confinement->mask_count; i++)
		if (confinement->masks[i].kind == mask->kind &&
		    strcmp(confinement->masks[i].path, mask->path) == 0)
			return true;
	return false;
}

static void compare_masks(const struct walls *walls, const struct confinement *from,
                          const struct confinement *to, enum difference_kind kind)
{
	for (size_t i = 0; i < from->mask_count; i++) {
		const struct plan_mask *mask = &from->masks[i];

		if (!has_mask(to, mask))
			add(walls, kind,
			    arena_printf(walls->arena, "%s %s",
			                 mask->kind == PLAN_MASK_HIDE ? "hidden" : "read-only",
			                 mask->path));
	}
}

/* A wall that stands or does not. */
static void compare_wall(const struct walls *walls, const char *name, bool was, bool is)
{
	struct difference *row;

	if (was == is)
		return;
	row = add(walls, is ? DIFFERENCE_NARROWER : DIFFERENCE_WIDER, name);
	row->was = was ? "yes" : "no";
	row->is = is ? "yes" : "no";
}

/* ---- Landlock ---- */

static bool lies_in_any(const char *path, const struct plan_strings *folders)
{
	for (size_t i = 0; i < folders->count; i++)
		if (path_lies_beneath(path, folders->items[i]))
			return true;
	return false;
}

/* The paths of `from` that `to` does not cover. */
static void compare_paths(const struct walls *walls, const char *what,
                          const struct plan_strings *from, const struct plan_strings *to,
                          enum difference_kind kind)
{
	for (size_t i = 0; i < from->count; i++)
		if (!lies_in_any(from->items[i], to))
			add(walls, kind, arena_printf(walls->arena, "%s %s", what, from->items[i]));
}

struct ports {
	const uint16_t *items;
	size_t count;
};

static bool has_port(const struct ports *ports, uint16_t port)
{
	for (size_t i = 0; i < ports->count; i++)
		if (ports->items[i] == port)
			return true;
	return false;
}

static void compare_ports(const struct walls *walls, const char *what, const struct ports *from,
                          const struct ports *to, enum difference_kind kind)
{
	for (size_t i = 0; i < from->count; i++)
		if (!has_port(to, from->items[i]))
			add(walls, kind, arena_printf(walls->arena, "%s %u", what, from->items[i]));
}

static void compare_landlock(const struct walls *walls, const struct plan_landlock *old,
                             const struct plan_landlock *new)
{
	const struct {
		const char *name, *what;
		bool was, is;
		const struct plan_strings *old, *new;
	} paths[] = {
		{ "Landlock: writing restricted", "writable", old->restrict_write,
		  new->restrict_write, &old->write, &new->write },
		{ "Landlock: executing restricted", "executable", old->restrict_execute,
		  new->restrict_execute, &old->execute, &new->execute },
	};
	const struct {
		const char *name, *what;
		bool was, is;
		struct ports old, new;
	} ports[] = {
		{ "Landlock: bind restricted",
		  "TCP bind",
		  old->restrict_bind,
		  new->restrict_bind,
		  { old->bind_ports, old->bind_count },
		  { new->bind_ports, new->bind_count } },
		{ "Landlock: connect restricted",
		  "TCP connect",
		  old->restrict_connect,
		  new->restrict_connect,
		  { old->connect_ports, old->connect_count },
		  { new->connect_ports, new->connect_count } },
	};

	compare_wall(walls, "Landlock", old->enabled, new->enabled);
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		compare_wall(walls, paths[i].name, paths[i].was, paths[i].is);
		if (!paths[i].was || !paths[i].is)
			continue;
		compare_paths(walls, paths[i].what, paths[i].new, paths[i].old, DIFFERENCE_WIDER);
		compare_paths(walls, paths[i].what, paths[i].old, paths[i].new,
		              DIFFERENCE_NARROWER);
	}
	for (size_t i = 0; i < ARRAY_SIZE(ports); i++) {
		compare_wall(walls, ports[i].name, ports[i].was, ports[i].is);
		if (!ports[i].was || !ports[i].is)
			continue;
		compare_ports(walls, ports[i].what, &ports[i].new, &ports[i].old, DIFFERENCE_WIDER);
		compare_ports(walls, ports[i].what, &ports[i].old, &ports[i].new,
		              DIFFERENCE_NARROWER);
	}
}

/* ---- amounts ---- */

/* No limit is the highest. */
static void compare_number(const struct walls *walls, const char *name, uint64_t was, uint64_t is)
{
	struct difference *row;

	if (was == is)
		return;
	row = add(walls, is > was ? DIFFERENCE_WIDER : DIFFERENCE_NARROWER, name);
	row->was = was == UINT64_MAX ? "none"
	                             : arena_printf(walls->arena, "%llu", (unsigned long long)was);
	row->is = is == UINT64_MAX ? "none"
	                           : arena_printf(walls->arena, "%llu", (unsigned long long)is);
}

static const struct plan_limit *find_limit(const struct confinement *confinement, uint32_t resource)
{
	for (size_t i = 0; i < confinement->limit_count; i++)
		if (confinement->limits[i].resource == resource)
			return &confinement->limits[i];
	return NULL;
}

static void compare_limits(const struct walls *walls, const struct confinement *old,
                           const struct confinement *new)
{
	for (uint32_t i = 0; i < RLIM_NLIMITS; i++) {
		const struct plan_limit *was = find_limit(old, i), *is = find_limit(new, i);

		if (limit_name(i) == NULL)
			continue;
		compare_number(walls, arena_printf(walls->arena, "limit %s", limit_name(i)),
		               was == NULL ? UINT64_MAX : was->hard,
		               is == NULL ? UINT64_MAX : is->hard);
	}
}

static uint64_t or_none(uint64_t value)
{
	return value == 0 ? UINT64_MAX : value;
}

static void compare_resources(const struct walls *walls, const struct plan_resources *old,
                              const struct plan_resources *new)
{
	compare_number(walls, "processes", or_none(old->pids), or_none(new->pids));
	compare_number(walls, "memory", or_none(old->memory), or_none(new->memory));
	compare_number(walls, "processor time", or_none(old->cpu_quota), or_none(new->cpu_quota));
}

/* ---- what cannot be ordered ---- */

/* Counts as wider: a gate must not let it through unseen. */
static void compare_words(const struct walls *walls, const char *name, const char *was,
                          const char *is)
{
	struct difference *row;

	if (text_equal(was, is) || (was == NULL && is == NULL))
		return;
	row = add(walls, was == NULL ? DIFFERENCE_NARROWER : DIFFERENCE_WIDER, name);
	row->was = was == NULL ? "none" : was;
	row->is = is == NULL ? "none" : is;
}

static const struct plan_mount *find_mount(const struct confinement *confinement,
                                           const char *target)
{
	for (size_t i = 0; i < confinement->mount_count; i++)
		if (strcmp(confinement->mounts[i].target, target) == 0)
			return &confinement->mounts[i];
	return NULL;
}

static bool same_mount(const struct plan_mount *a, const struct plan_mount *b)
{
	return a->attributes == b->attributes && text_equal(a->options, b->options);
}

/* A place that can be written, and hides what the image has there. */
static void compare_mounts(const struct walls *walls, const struct confinement *old,
                           const struct confinement *new)
{
	for (size_t i = 0; i < new->mount_count; i++) {
		const struct plan_mount *is = &new->mounts[i];
		const struct plan_mount *was = find_mount(old, is->target);

		if (was == NULL || !same_mount(was, is))
			add(walls, DIFFERENCE_WIDER,
			    arena_printf(walls->arena, "tmpfs %s%s", is->target,
			                 was == NULL ? "" : " with other options"));
	}
	for (size_t i = 0; i < old->mount_count; i++)
		if (find_mount(new, old->mounts[i].target) == NULL)
			add(walls, DIFFERENCE_NARROWER,
			    arena_printf(walls->arena, "tmpfs %s", old->mounts[i].target));
}

static void compare_idmap(const struct walls *walls, const struct confinement *old,
                          const struct confinement *new)
{
	static const char *const modes[] = { "single", "range", "keep-id", "nomap" };

	compare_words(walls, "id map", modes[old->idmap], modes[new->idmap]);
	if (old->idmap == new->idmap)
		compare_number(walls, "ids", or_none(old->idmap_size), or_none(new->idmap_size));
}

void diff_walls(struct differences *found, struct arena *arena, const struct confinement *old,
                const struct confinement *new)
{
	const struct walls walls = { found, arena };

	compare_capabilities(&walls, "", old->capabilities.bounding, new->capabilities.bounding);
	compare_capabilities(&walls, " of users other than root", old->user_capabilities,
	                     new->user_capabilities);
	compare_wall(&walls, "no_new_privileges", old->no_new_privileges, new->no_new_privileges);
	compare_wall(&walls, "read-only root", old->root_read_only, new->root_read_only);
	compare_wall(&walls, "new user namespaces closed", !old->new_user_namespaces,
	             !new->new_user_namespaces);
	compare_masks(&walls, old, new, DIFFERENCE_WIDER);
	compare_masks(&walls, new, old, DIFFERENCE_NARROWER);
	compare_mounts(&walls, old, new);
	compare_landlock(&walls, &old->landlock, &new->landlock);
	compare_limits(&walls, old, new);
	compare_resources(&walls, &old->resources, &new->resources);
	compare_words(&walls, "AppArmor profile", old->apparmor, new->apparmor);
	compare_idmap(&walls, old, new);
}
