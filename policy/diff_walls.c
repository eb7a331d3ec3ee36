#include "policy/diff_walls.h"

#include "policy/model.h"
#include "sandbox/base/cleanup.h"

#include <string.h>

enum { CAPABILITIES = 64 };

struct difference *diff_wall(const struct walls *walls, enum difference_kind kind,
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
		diff_wall(walls, (new >> i & 1) != 0 ? DIFFERENCE_WIDER : DIFFERENCE_NARROWER,
		          arena_printf(walls->arena, "capability %s%s", name, whose));
	}
}

/* What is hidden is hidden with all that lies beneath, and cannot be written either. */
static bool is_masked(const struct confinement *confinement, const struct plan_mask *mask)
{
	for (size_t i = 0; i < confinement->mask_count; i++)
		if ((confinement->masks[i].kind == PLAN_MASK_HIDE ||
		     mask->kind == PLAN_MASK_READ_ONLY) &&
		    path_lies_beneath(mask->path, confinement->masks[i].path))
			return true;
	return false;
}

static void compare_masks(const struct walls *walls, const struct confinement *from,
                          const struct confinement *to, enum difference_kind kind)
{
	for (size_t i = 0; i < from->mask_count; i++) {
		const struct plan_mask *mask = &from->masks[i];

		if (!is_masked(to, mask))
			diff_wall(walls, kind,
			          arena_printf(walls->arena, "%s %s",
			                       mask->kind == PLAN_MASK_HIDE ? "hidden"
			                                                    : "read-only",
			                       mask->path));
	}
}

/* A wall that stands or does not. */
static void compare_wall(const struct walls *walls, const char *name, bool was, bool is)
{
	struct difference *row;

	if (was == is)
		return;
	row = diff_wall(walls, is ? DIFFERENCE_NARROWER : DIFFERENCE_WIDER, name);
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
			diff_wall(walls, kind,
			          arena_printf(walls->arena, "%s %s", what, from->items[i]));
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
			diff_wall(walls, kind,
			          arena_printf(walls->arena, "%s %u", what, from->items[i]));
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

/* ---- what cannot be ordered ---- */

/* Counts as wider: a gate must not let it through unseen. */
static void compare_words(const struct walls *walls, const char *name, const char *was,
                          const char *is)
{
	struct difference *row;

	if (text_equal(was, is) || (was == NULL && is == NULL))
		return;
	row = diff_wall(walls, was == NULL ? DIFFERENCE_NARROWER : DIFFERENCE_WIDER, name);
	row->was = was == NULL ? "none" : was;
	row->is = is == NULL ? "none" : is;
}

/* Only the caller is less than the caller and his subordinate ids. */
static void compare_idmap(const struct walls *walls, const struct confinement *old,
                          const struct confinement *new)
{
	struct difference *row;

	if (old->idmap == new->idmap) {
		diff_number(walls, "ids", diff_or_none(old->idmap_size),
		            diff_or_none(new->idmap_size));
		return;
	}
	row = diff_wall(walls,
	                old->idmap == IDMAP_RANGE && new->idmap == IDMAP_SINGLE
	                        ? DIFFERENCE_NARROWER
	                        : DIFFERENCE_WIDER,
	                "id map");
	row->was = policy_idmap_names[old->idmap];
	row->is = policy_idmap_names[new->idmap];
}

/* ---- what may be missing ---- */

static bool any_optional(const struct confinement *confinement)
{
	for (size_t i = 0; i < confinement->limit_count; i++)
		if (confinement->limits[i].if_available)
			return true;
	return false;
}

static bool has_resources(const struct confinement *confinement)
{
	const struct plan_resources *resources = &confinement->resources;

	return resources->pids != 0 || resources->memory != 0 || resources->cpu_quota != 0;
}

/* Of walls that both ask for: whether a machine without may start it. */
static void compare_available(const struct walls *walls, const struct confinement *old,
                              const struct confinement *new)
{
	if (old->landlock.enabled && new->landlock.enabled)
		compare_wall(walls, "Landlock insisted on", !old->landlock.if_available,
		             !new->landlock.if_available);
	if (old->apparmor != NULL && new->apparmor != NULL)
		compare_wall(walls, "AppArmor insisted on", !old->apparmor_if_available,
		             !new->apparmor_if_available);
	if (old->limit_count > 0 && new->limit_count > 0)
		compare_wall(walls, "limits insisted on", !any_optional(old), !any_optional(new));
	if (has_resources(old) && has_resources(new))
		compare_wall(walls, "cgroup insisted on", !old->resources.if_available,
		             !new->resources.if_available);
}

/* What an image brings along can only take. */
static void compare_attaching(const struct walls *walls, enum policy_attaching was,
                              enum policy_attaching is)
{
	struct difference *row;

	if (was == is)
		return;
	row = diff_wall(walls, is > was ? DIFFERENCE_NARROWER : DIFFERENCE_WIDER, "image_profile");
	row->was = attaching_names[was];
	row->is = attaching_names[is];
}

void diff_walls(struct differences *found, struct arena *arena, const struct diff_side *from,
                const struct diff_side *to)
{
	const struct walls walls = { found, arena };
	const struct confinement *old = from->confinement, *new = to->confinement;

	compare_capabilities(&walls, "", old->capabilities.bounding, new->capabilities.bounding);
	compare_capabilities(&walls, " of users other than root", old->user_capabilities,
	                     new->user_capabilities);
	compare_wall(&walls, "no_new_privileges", old->no_new_privileges, new->no_new_privileges);
	compare_wall(&walls, "read-only root", old->root_read_only, new->root_read_only);
	compare_wall(&walls, "new user namespaces closed", !old->new_user_namespaces,
	             !new->new_user_namespaces);
	compare_masks(&walls, old, new, DIFFERENCE_WIDER);
	compare_masks(&walls, new, old, DIFFERENCE_NARROWER);
	compare_landlock(&walls, &old->landlock, &new->landlock);
	diff_sizes(&walls, old, new);
	compare_words(&walls, "AppArmor profile", old->apparmor, new->apparmor);
	compare_idmap(&walls, old, new);
	compare_available(&walls, old, new);
	compare_attaching(&walls, from->attaching, to->attaching);
}
