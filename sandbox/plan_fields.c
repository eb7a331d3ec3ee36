/* plan_fields: the tables. */
#include "sandbox/plan_fields.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/limit.h"

#define KIND_OF(type, member)                                                                      \
	_Generic(((type *)0)->member,                                                              \
	         bool: FIELD_BOOL,                                                                 \
	         uint16_t: FIELD_U16,                                                              \
	         int: FIELD_U32,                                                                   \
	         uint32_t: FIELD_U32,                                                              \
	         uint64_t: FIELD_U64,                                                              \
	         const char *: FIELD_STRING,                                                       \
	         struct plan_strings: FIELD_STRINGS)

#define VALUE(type, member, style_)                                                                \
	{                                                                                          \
		.name = #member, .kind = KIND_OF(type, member), .style = style_,                   \
		.offset = offsetof(type, member)                                                   \
	}
#define PLAIN(type, member) VALUE(type, member, STYLE_DECIMAL)
#define HEX(type, member)   VALUE(type, member, STYLE_HEX)
#define CHOICE(type, member, names_)                                                               \
	{                                                                                          \
		.name = #member,                                                                   \
		.kind = _Generic(((type *)0)->member, uint32_t                                     \
		                 : FIELD_U32),                                                     \
		.offset = offsetof(type, member), .limit = ARRAY_SIZE(names_), .names = names_     \
	}
#define SHAPE(type, member, shape_)                                                                \
	{                                                                                          \
		.name = #member, .kind = FIELD_SHAPE, .offset = offsetof(type, member),            \
		.shape = &shape_                                                                   \
	}
#define ITEMS(type, member, count_, shape_)                                                        \
	{                                                                                          \
		.name = #member, .kind = FIELD_ITEMS, .offset = offsetof(type, member),            \
		.count_offset = offsetof(type, count_), .shape = &shape_                           \
	}
#define RAW(type, member, count_, limit_, style_)                                                  \
	{                                                                                          \
		.name = #member, .kind = FIELD_RAW, .style = style_,                               \
		.offset = offsetof(type, member), .count_offset = offsetof(type, count_),          \
		.size = sizeof *((type *)0)->member, .limit = limit_                               \
	}

#define DEFINE_SHAPE(name_, type)                                                                  \
	static const struct shape name_##_shape = {                                                \
		.size = sizeof(type),                                                              \
		.fields = name_##_fields,                                                          \
		.count = ARRAY_SIZE(name_##_fields),                                               \
	}

enum { PORTS_MAX = 65536 };

static const char *const idmap_names[] = {
	[IDMAP_SINGLE] = "single",
	[IDMAP_RANGE] = "range",
	[IDMAP_KEEP_ID] = "keep-id",
	[IDMAP_NOMAP] = "nomap",
};

static const char *const mask_names[] = {
	[PLAN_MASK_HIDE] = "hide",
	[PLAN_MASK_READ_ONLY] = "read-only",
};

static const char *const mount_names[] = {
	[PLAN_MOUNT_BIND] = "bind",     [PLAN_MOUNT_TMPFS] = "tmpfs",
	[PLAN_MOUNT_PROC] = "proc",     [PLAN_MOUNT_SYSFS] = "sysfs",
	[PLAN_MOUNT_DEVPTS] = "devpts", [PLAN_MOUNT_MQUEUE] = "mqueue",
	[PLAN_MOUNT_CGROUP] = "cgroup", [PLAN_MOUNT_DEV] = "dev",
};
_Static_assert(ARRAY_SIZE(mount_names) == PLAN_MOUNT_KINDS, "a name for every kind of mount");

static const char *const root_names[] = {
	[PLAN_ROOT_OVERLAY] = "overlay",
	[PLAN_ROOT_DIRECTORY] = "directory",
};

static const char *const network_names[] = {
	[PLAN_NETWORK_NONE] = "none",
	[PLAN_NETWORK_HOST] = "host",
	[PLAN_NETWORK_PRIVATE] = "private",
};

static const struct field filter_fields[] = {
	RAW(struct plan_filter, instructions, count, BPF_MAXINSNS, STYLE_DIGEST),
	HEX(struct plan_filter, flags),
};
DEFINE_SHAPE(filter, struct plan_filter);

static const struct field capabilities_fields[] = {
	HEX(struct plan_capabilities, bounding),  HEX(struct plan_capabilities, permitted),
	HEX(struct plan_capabilities, effective), HEX(struct plan_capabilities, inheritable),
	HEX(struct plan_capabilities, ambient),
};
DEFINE_SHAPE(capabilities, struct plan_capabilities);

static const struct field limit_fields[] = {
	CHOICE(struct plan_limit, resource, limit_names),
	PLAIN(struct plan_limit, if_available),
	VALUE(struct plan_limit, soft, STYLE_LIMIT),
	VALUE(struct plan_limit, hard, STYLE_LIMIT),
};
DEFINE_SHAPE(limit, struct plan_limit);

static const struct field resources_fields[] = {
	PLAIN(struct plan_resources, pids),
	PLAIN(struct plan_resources, memory),
	PLAIN(struct plan_resources, cpu_quota),
	PLAIN(struct plan_resources, if_available),
};
DEFINE_SHAPE(resources, struct plan_resources);

static const struct field mask_fields[] = {
	CHOICE(struct plan_mask, kind, mask_names),
	PLAIN(struct plan_mask, path),
};
DEFINE_SHAPE(mask, struct plan_mask);

static const struct field landlock_fields[] = {
	PLAIN(struct plan_landlock, enabled),
	PLAIN(struct plan_landlock, if_available),
	PLAIN(struct plan_landlock, restrict_write),
	PLAIN(struct plan_landlock, restrict_execute),
	PLAIN(struct plan_landlock, write),
	PLAIN(struct plan_landlock, execute),
	PLAIN(struct plan_landlock, restrict_bind),
	PLAIN(struct plan_landlock, restrict_connect),
	RAW(struct plan_landlock, bind_ports, bind_count, PORTS_MAX, STYLE_NUMBERS),
	RAW(struct plan_landlock, connect_ports, connect_count, PORTS_MAX, STYLE_NUMBERS),
};
DEFINE_SHAPE(landlock, struct plan_landlock);

static const struct field mount_fields[] = {
	CHOICE(struct plan_mount, kind, mount_names),
	PLAIN(struct plan_mount, source),
	PLAIN(struct plan_mount, target),
	PLAIN(struct plan_mount, options),
	HEX(struct plan_mount, attributes),
	PLAIN(struct plan_mount, recursive),
	PLAIN(struct plan_mount, if_available),
};
DEFINE_SHAPE(mount, struct plan_mount);

static const struct field confinement_fields[] = {
	PLAIN(struct confinement, profile),
	PLAIN(struct confinement, attached),
	SHAPE(struct confinement, filter, filter_shape),
	SHAPE(struct confinement, capabilities, capabilities_shape),
	HEX(struct confinement, user_capabilities),
	PLAIN(struct confinement, no_new_privileges),
	PLAIN(struct confinement, root_read_only),
	PLAIN(struct confinement, new_user_namespaces),
	SHAPE(struct confinement, landlock, landlock_shape),
	ITEMS(struct confinement, masks, mask_count, mask_shape),
	ITEMS(struct confinement, limits, limit_count, limit_shape),
	SHAPE(struct confinement, resources, resources_shape),
	ITEMS(struct confinement, mounts, mount_count, mount_shape),
	PLAIN(struct confinement, apparmor),
	PLAIN(struct confinement, apparmor_if_available),
	CHOICE(struct confinement, idmap, idmap_names),
	PLAIN(struct confinement, idmap_size),
	PLAIN(struct confinement, left_out),
};

const struct shape confinement_shape = {
	.magic = "cordonC",
	.size = sizeof(struct confinement),
	.fields = confinement_fields,
	.count = ARRAY_SIZE(confinement_fields),
};

static const struct field id_map_fields[] = {
	PLAIN(struct plan_id_map, inside),
	PLAIN(struct plan_id_map, outside),
	PLAIN(struct plan_id_map, length),
};
DEFINE_SHAPE(id_map, struct plan_id_map);

static const struct field maps_fields[] = {
	CHOICE(struct plan_id_maps, mode, idmap_names),
	ITEMS(struct plan_id_maps, uids, uid_count, id_map_shape),
	ITEMS(struct plan_id_maps, gids, gid_count, id_map_shape),
	PLAIN(struct plan_id_maps, helpers),
};
DEFINE_SHAPE(maps, struct plan_id_maps);

static const struct field root_fields[] = {
	CHOICE(struct plan_root, kind, root_names),
	PLAIN(struct plan_root, layers),
	PLAIN(struct plan_root, upper),
	PLAIN(struct plan_root, work),
	PLAIN(struct plan_root, directory),
	PLAIN(struct plan_root, read_only),
	PLAIN(struct plan_root, volatile_writes),
};
DEFINE_SHAPE(root, struct plan_root);

static const struct field file_fields[] = {
	PLAIN(struct plan_file, path),
	PLAIN(struct plan_file, content),
};
DEFINE_SHAPE(file, struct plan_file);

static const struct field process_fields[] = {
	PLAIN(struct plan_process, arguments), PLAIN(struct plan_process, environment),
	PLAIN(struct plan_process, directory), PLAIN(struct plan_process, user),
	PLAIN(struct plan_process, groups),    PLAIN(struct plan_process, terminal),
	PLAIN(struct plan_process, rows),      PLAIN(struct plan_process, columns),
	PLAIN(struct plan_process, init),      PLAIN(struct plan_process, stop_signal),
};
DEFINE_SHAPE(process, struct plan_process);

static const struct field plan_table[] = {
	SHAPE(struct plan, confinement, confinement_shape),
	SHAPE(struct plan, maps, maps_shape),
	SHAPE(struct plan, root, root_shape),
	ITEMS(struct plan, mounts, mount_count, mount_shape),
	ITEMS(struct plan, files, file_count, file_shape),
	SHAPE(struct plan, process, process_shape),
	CHOICE(struct plan, network, network_names),
	PLAIN(struct plan, hostname),
	PLAIN(struct plan, cgroup),
	PLAIN(struct plan, host_ipc),
	PLAIN(struct plan, host_uts),
	PLAIN(struct plan, host_pid),
};

const struct shape plan_shape = {
	.magic = "cordonP",
	.size = sizeof(struct plan),
	.fields = plan_table,
	.count = ARRAY_SIZE(plan_table),
};
