/*
 * plan: what is to be done, with no choice left. Numbers and paths only.
 *
 * Two parts. `struct confinement` is what the policy compiler makes from a profile and a host: it
 * does not depend on the command, so it is what the cache keeps. `struct plan` adds the launch: the
 * root, the process, its mounts and names. sandbox/ obeys a plan and knows nothing else; exec into
 * a running container starts from the plan stored in the container's folder.
 *
 * All pointers belong to one arena. plan_encode writes a self-contained byte string (magic, format
 * version, length, hash), plan_decode checks every bound and gives an equal plan or an error; the
 * same table of fields also prints it (plan_print), which is what the golden tests compare.
 */
#ifndef CORDON_SANDBOX_PLAN_H
#define CORDON_SANDBOX_PLAN_H

#include "sandbox/base/arena.h"
#include "sandbox/base/error.h"
#include "sandbox/base/text.h"

#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* A list of strings; items[count] is NULL, so items can be an argv. */
struct plan_strings {
	const char **items;
	size_t count;
};

static inline bool plan_strings_has(const struct plan_strings *list, const char *string)
{
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->items[i], string) == 0)
			return true;
	return false;
}

/* The five sets, bit n for capability n of <linux/capability.h>. */
struct plan_capabilities {
	uint64_t bounding;
	uint64_t permitted;
	uint64_t effective;
	uint64_t inheritable;
	uint64_t ambient;
};

/* One system call filter: a classic BPF program and the flags it is loaded with. count 0: none
 * (seccomp unconfined, asked for by name). */
struct plan_filter {
	const struct sock_filter *instructions;
	size_t count;   /* at most BPF_MAXINSNS (4096) */
	uint32_t flags; /* SECCOMP_FILTER_FLAG_* */
};

struct plan_limit {
	uint32_t resource; /* RLIMIT_* */
	bool if_available; /* a soft refusal (EPERM when raising above the hard limit) is recorded,
	                      not fatal */
	uint64_t soft;     /* RLIM_INFINITY is UINT64_MAX */
	uint64_t hard;
};

/* Limits that need a cgroup v2 subtree. 0 means not asked for. */
struct plan_resources {
	uint64_t pids;
	uint64_t memory;    /* bytes */
	uint64_t cpu_quota; /* microseconds of CPU time a period of 100 ms */
	bool if_available;
};

enum plan_mask_kind {
	PLAN_MASK_HIDE, /* a file reads empty (/dev/null over it), a folder is an empty read-only
	                   tmpfs */
	PLAN_MASK_READ_ONLY, /* what lies below is remounted read-only */
};

struct plan_mask {
	enum plan_mask_kind kind;
	const char *path; /* inside the root; a path that does not exist there is skipped */
};

/* Landlock: by default the ruleset handles every file access right the kernel knows and allows all
 * of them beneath the container's root, so that nothing outside it can be opened, executed or
 * written even through a leaked descriptor or a magic link (CVE-2019-5736, CVE-2024-21626). The
 * lists narrow that. */
struct plan_landlock {
	bool enabled;
	bool if_available;     /* a kernel without Landlock is recorded, not fatal */
	bool restrict_write;   /* write rights only beneath `write` (plus /dev, /proc) */
	bool restrict_execute; /* execute only beneath `execute` */
	struct plan_strings write;
	struct plan_strings execute;
	bool restrict_bind, restrict_connect; /* TCP, ABI 4 */
	const uint16_t *bind_ports;
	size_t bind_count;
	const uint16_t *connect_ports;
	size_t connect_count;
};

enum idmap_mode {
	IDMAP_SINGLE,  /* container 0 is the user, nothing else exists */
	IDMAP_RANGE,   /* container 0 is the user, 1.. are the subordinate ids */
	IDMAP_KEEP_ID, /* the user keeps his number inside; the ids around it are subordinate */
	IDMAP_NOMAP,   /* container 0.. are subordinate ids, the user himself is not mapped */
};

/* One line of uid_map or gid_map. */
struct plan_id_map {
	uint32_t inside;
	uint32_t outside;
	uint32_t length;
};

struct plan_id_maps {
	enum idmap_mode mode;
	const struct plan_id_map *uids;
	size_t uid_count;
	const struct plan_id_map *gids;
	size_t gid_count;
	/* True: written by newuidmap and newgidmap (run side by side); false: one line for the
	 * caller's own id, written directly with setgroups "deny". */
	bool helpers;
};

enum plan_mount_kind {
	PLAN_MOUNT_BIND,
	PLAN_MOUNT_TMPFS,
	PLAN_MOUNT_PROC,
	PLAN_MOUNT_SYSFS,
	PLAN_MOUNT_DEVPTS,
	PLAN_MOUNT_MQUEUE,
	PLAN_MOUNT_CGROUP,
	PLAN_MOUNT_DEV, /* a small tmpfs with null zero full random urandom tty, fd links, ptmx, shm
	                 */
	PLAN_MOUNT_KINDS,
};

struct plan_mount {
	enum plan_mount_kind kind;
	const char *source; /* bind: an absolute host path; otherwise NULL */
	const char *target; /* absolute, read inside the root; made where missing (as a folder, or a
	                       file for a file) */
	const char *options; /* tmpfs: "size=64m,mode=1777"; otherwise NULL */
	uint64_t attributes; /* MOUNT_ATTR_RDONLY, _NOSUID, _NODEV, _NOEXEC */
	bool recursive;      /* bind: with what is mounted below */
	bool if_available;
};

/* A small file the engine provides, on top of whatever the image has there. */
struct plan_file {
	const char *path; /* absolute, inside */
	const char *content;
};

/* What the policy compiler makes. Everything here can be cached: no path of a user's choice. */
struct confinement {
	const char *profile;       /* name of the profile it was compiled from, for records */
	const char *attached;      /* of the image's own that it was met with; NULL: none */
	struct plan_filter filter; /* for the native architecture */
	struct plan_capabilities capabilities; /* of a process that runs as root inside */
	uint64_t user_capabilities; /* ambient set of a process that does not (almost always 0) */
	bool no_new_privileges;
	bool root_read_only;
	bool new_user_namespaces; /* false: also closed by the filter */
	struct plan_landlock landlock;
	struct plan_mask *masks;
	size_t mask_count;
	struct plan_limit *limits;
	size_t limit_count;
	struct plan_resources resources;
	struct plan_mount *mounts; /* tmpfs and file systems the profile asks for (kind TMPFS) */
	size_t mount_count;
	const char *apparmor; /* profile name, NULL for none */
	bool apparmor_if_available;
	enum idmap_mode idmap;
	uint32_t idmap_size; /* IDMAP_RANGE and friends: ids wanted, 0 for all there are */
	/* What the compiler left out because the profile says if_available and the host lacks it:
	 * one sentence each, shown by inspect. */
	struct plan_strings left_out;
};

enum plan_root_kind {
	PLAN_ROOT_OVERLAY,  /* read-only layers, `upper` and `work` on top */
	PLAN_ROOT_DIRECTORY /* --rootfs: a folder of the user's, bound as it is */
};

struct plan_root {
	enum plan_root_kind kind;
	struct plan_strings layers; /* overlay: absolute host folders, topmost first */
	const char *upper; /* overlay: absolute host folder; NULL with read_only: none is needed */
	const char *work;
	const char *directory; /* directory: absolute host folder */
	bool read_only;
	bool volatile_writes; /* overlay "volatile": no sync; for containers that are removed at
	                         exit */
};

struct plan_process {
	struct plan_strings
	        arguments; /* argv; arguments.items[0] is looked up in the container's PATH */
	struct plan_strings
	        environment;   /* NAME=VALUE, in full; HOME is added from passwd where missing */
	const char *directory; /* absolute, inside; made where missing (as Docker does) */
	/* "", "UID", "NAME", "UID:GID", "NAME:GROUP", ... Looked up in the container's own
	 * /etc/passwd and /etc/group, by descriptor, in the finished root: only there the answer
	 * cannot change any more. */
	const char *user;
	struct plan_strings groups; /* --group-add */
	bool terminal;          /* a pty made inside: standard streams and controlling terminal */
	uint16_t rows, columns; /* its first size, 0 for none */
	bool init;              /* --init: a small reaper as pid 1 */
	int stop_signal;
};

enum plan_network {
	PLAN_NETWORK_NONE,    /* a namespace with only lo, which is up */
	PLAN_NETWORK_HOST,    /* the caller's */
	PLAN_NETWORK_PRIVATE, /* a namespace that pasta connects */
};

struct plan {
	struct confinement confinement;
	struct plan_id_maps maps;
	struct plan_root root;
	struct plan_mount
	        *mounts; /* in order: /proc, /dev, /sys, ..., then volumes; by the runtime */
	size_t mount_count;
	struct plan_file *files; /* after the mounts: /etc/hosts and the like */
	size_t file_count;
	struct plan_process process;
	enum plan_network network;
	const char *hostname;
	const char *cgroup; /* absolute host folder the process is put into, NULL for none */
	bool host_ipc, host_uts, host_pid;
};

/* What the kernel says is in force, read from /proc/PID/status and friends after the start. */
struct enforced {
	int32_t pid;     /* in the caller's pid namespace */
	int32_t seccomp; /* "Seccomp:" 0, 1 or 2 */
	int32_t seccomp_filters;
	int32_t no_new_privileges;
	struct plan_capabilities capabilities;
	uint32_t uid, gid;    /* as the caller sees them */
	char label[128];      /* LSM label, "" where there is none */
	int32_t landlock_abi; /* the kernel's, 0: none in force */
	char notes[512];      /* what was skipped as if_available, one line each */
};

/* Appends the encoded plan. */
void plan_encode(struct text *ret, const struct plan *plan);
void confinement_encode(struct text *ret, const struct confinement *confinement);

/* Reads what the above wrote. A wrong magic, version, length, hash, or a bound that does not hold
 * is an error ("damaged"). What *ret points to is in `arena`. */
int plan_decode(struct plan *ret, struct arena *arena, const void *bytes, size_t length,
                struct error *err) __attribute__((warn_unused_result));
int confinement_decode(struct confinement *ret, struct arena *arena, const void *bytes,
                       size_t length, struct error *err) __attribute__((warn_unused_result));

/* One "path.to.field = value" a line, for people, goldens and `inspect`. */
void plan_print(struct text *ret, const struct plan *plan);
void confinement_print(struct text *ret, const struct confinement *confinement);

#endif
