/*
 * print: a policy as a value of schema 1, with nothing inherited any more (policy show). Only what
 * some profile said is printed; the rest is as the language's defaults have it.
 */
#include "policy/model.h"
#include "sandbox/base/cleanup.h"

#include <linux/mount.h>
#include <string.h>

enum { CPU_PERIOD = 100000 };

static struct value *number(struct arena *arena, uint64_t amount)
{
	return amount > INT64_MAX ? value_new_string(arena, "unlimited")
	                          : value_new_integer(arena, (int64_t)amount);
}

static struct value *strings(struct arena *arena, const struct plan_strings *list)
{
	struct value *array = value_new_array(arena);

	for (size_t i = 0; i < list->count; i++)
		value_append(arena, array, value_new_string(arena, list->items[i]));
	return array;
}

static void set_string(struct arena *arena, struct value *object, const char *key,
                       const char *string)
{
	value_set(arena, object, key, value_new_string(arena, string));
}

static struct value *capabilities(struct arena *arena, uint64_t set)
{
	struct value *array = value_new_array(arena);

	for (unsigned i = 0; capability_name(i) != NULL; i++)
		if ((set & UINT64_C(1) << i) != 0)
			value_append(arena, array, value_new_string(arena, capability_name(i)));
	return array;
}

static struct value *print_capabilities(struct arena *arena, const struct policy *policy)
{
	struct value *object;

	if (policy->user_capabilities == 0)
		return capabilities(arena, policy->capabilities);
	object = value_new_object(arena);
	value_set(arena, object, "add", capabilities(arena, policy->capabilities));
	value_set(arena, object, "user", capabilities(arena, policy->user_capabilities));
	return object;
}

static struct value *print_idmap(struct arena *arena, const struct policy *policy)
{
	struct value *object = value_new_object(arena);

	set_string(arena, object, "mode", policy_idmap_names[policy->idmap]);
	if (policy->idmap_size != 0)
		value_set(arena, object, "size", value_new_integer(arena, policy->idmap_size));
	return object;
}

/* ---- files ---- */

static struct value *print_tmpfs(struct arena *arena, const struct plan_mount *mount)
{
	struct value *object = value_new_object(arena);
	const char *size = strstr(mount->options, "size=");
	const char *mode = strstr(mount->options, "mode=");

	set_string(arena, object, "path", mount->target);
	if (size != NULL)
		set_string(arena, object, "size",
		           arena_text(arena, size + 5, strcspn(size + 5, ",")));
	if (mode != NULL)
		set_string(arena, object, "mode",
		           arena_text(arena, mode + 5, strcspn(mode + 5, ",")));
	value_set(arena, object, "exec",
	          value_new_boolean(arena, (mount->attributes & MOUNT_ATTR_NOEXEC) == 0));
	return object;
}

static struct value *print_masks(struct arena *arena, const struct policy *policy)
{
	struct value *object = value_new_object(arena);
	struct value *hide = value_new_array(arena), *read_only = value_new_array(arena);

	for (size_t i = 0; i < policy->mask_count; i++)
		value_append(arena, policy->masks[i].kind == PLAN_MASK_HIDE ? hide : read_only,
		             value_new_string(arena, policy->masks[i].path));
	value_set(arena, object, "hide", hide);
	value_set(arena, object, "read-only", read_only);
	return object;
}

static struct value *print_landlock(struct arena *arena, const struct policy *policy)
{
	struct value *object = value_new_object(arena);

	if (policy_says(policy, SETTING_LANDLOCK_WRITE))
		value_set(arena, object, "write", strings(arena, &policy->write));
	if (policy_says(policy, SETTING_LANDLOCK_EXECUTE))
		value_set(arena, object, "execute", strings(arena, &policy->execute));
	return object->count > 0 ? object : value_new_boolean(arena, policy->landlock);
}

static struct value *print_files(struct arena *arena, const struct policy *policy)
{
	struct value *object = value_new_object(arena), *tmpfs = value_new_array(arena);

	set_string(arena, object, "root", policy->root_read_only ? "read-only" : "writable");
	for (size_t i = 0; i < policy->mount_count; i++)
		value_append(arena, tmpfs, print_tmpfs(arena, &policy->mounts[i]));
	if (tmpfs->count > 0)
		value_set(arena, object, "tmpfs", tmpfs);
	if (policy->mask_count > 0)
		value_set(arena, object, "mask", print_masks(arena, policy));
	value_set(arena, object, "landlock", print_landlock(arena, policy));
	return object;
}

/* ---- network, limits ---- */

static struct value *ports(struct arena *arena, const struct policy_ports *list)
{
	struct value *array = value_new_array(arena);

	for (size_t i = 0; i < list->count; i++)
		value_append(arena, array, value_new_integer(arena, list->items[i]));
	return array;
}

static struct value *print_network(struct arena *arena, const struct policy *policy)
{
	struct value *object = value_new_object(arena);

	if (policy_says(policy, SETTING_BIND))
		value_set(arena, object, "bind", ports(arena, &policy->bind));
	if (policy_says(policy, SETTING_CONNECT))
		value_set(arena, object, "connect", ports(arena, &policy->connect));
	return object;
}

static struct value *print_limits(struct arena *arena, const struct policy *policy)
{
	const struct plan_resources *resources = &policy->resources;
	struct value *object = value_new_object(arena);

	for (size_t i = 0; i < policy->limit_count; i++) {
		struct value *limit = value_new_object(arena);

		value_set(arena, limit, "soft", number(arena, policy->limits[i].soft));
		value_set(arena, limit, "hard", number(arena, policy->limits[i].hard));
		value_set(arena, object, limit_name(policy->limits[i].resource), limit);
	}
	if (resources->pids != 0)
		value_set(arena, object, "pids", number(arena, resources->pids));
	if (resources->memory != 0)
		value_set(arena, object, "memory", number(arena, resources->memory));
	if (resources->cpu_quota != 0) {
		struct value *cpus = value_new_null(arena);

		cpus->kind = VALUE_REAL;
		cpus->real = (double)resources->cpu_quota / CPU_PERIOD;
		value_set(arena, object, "cpus", cpus);
	}
	return object;
}

static void print_available(struct arena *arena, struct value *object, uint32_t available)
{
	struct value *array = value_new_array(arena);

	for (unsigned i = 0; i < FACILITY_COUNT; i++)
		if ((available & 1u << i) != 0)
			value_append(arena, array, value_new_string(arena, facility_names[i]));
	if (array->count > 0)
		value_set(arena, object, "if_available", array);
}

static void set_unless_empty(struct arena *arena, struct value *object, const char *key,
                             struct value *section)
{
	if (section->count > 0)
		value_set(arena, object, key, section);
}

/* Docker's form says what schema 1 does not: 64 bits of an int, what is behind the highest name. */
static bool is_dockers_alone(const struct policy *policy)
{
	return policy->dialect && policy->text_count == 1 && policy->ceiling == NULL;
}

struct value *policy_to_value(struct arena *arena, const struct policy *policy)
{
	struct value *object = value_new_object(arena);
	struct plan_strings taken = {};
	struct policy settled;

	if (is_dockers_alone(policy))
		return value_copy(arena, policy->texts[0].root);
	policy_settle_sets(&settled, &taken, arena, policy);
	value_set(arena, object, "schema", value_new_integer(arena, 1));
	set_string(arena, object, "name", settled.name);
	set_unless_empty(arena, object, "images", strings(arena, &settled.images));
	set_unless_empty(arena, object, "extends", strings(arena, &settled.extends));
	if (policy_says(policy, SETTING_CALLS))
		value_set(arena, object, "syscalls", policy_calls_to_value(arena, policy));
	value_set(arena, object, "capabilities", print_capabilities(arena, &settled));
	value_set(arena, object, "idmap", print_idmap(arena, &settled));
	value_set(arena, object, "filesystem", print_files(arena, &settled));
	set_unless_empty(arena, object, "network", print_network(arena, &settled));
	set_unless_empty(arena, object, "limits", print_limits(arena, &settled));
	if (settled.apparmor != NULL)
		set_string(arena, object, "apparmor", settled.apparmor);
	value_set(arena, object, "no_new_privileges",
	          value_new_boolean(arena, settled.no_new_privileges));
	value_set(arena, object, "user_namespaces",
	          value_new_boolean(arena, settled.user_namespaces));
	if (settled.attaching != ATTACHING_IGNORE)
		set_string(arena, object, "image_profile", attaching_names[settled.attaching]);
	print_available(arena, object, settled.available);
	return object;
}
