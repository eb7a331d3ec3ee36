/*
 * container: a folder in containers/, and the process tree that lives while its monitor holds the
 * folder's lock.
 *
 *	containers/ID/		made as .ID.tmp and renamed, so it is whole or absent; flock'ed
 *				exclusively by its maker, its monitor, its remover
 *	    record.json		what was asked: written once at create
 *	    plan		the encoded struct plan it was made with
 *	    narrowed		the same as the last start had it, where a ceiling took of it
 *	    state.json		status, pids, times, exit status, what the kernel enforces:
 *				replaced whole
 *	    log			one JSON object a line, as Docker's json-file
 *	    upper/ work/	the overlay's writable side
 *	names/NAME		a symlink to ../containers/ID: an atomic claim
 *	volumes/NAME/_data	named volumes, and those of an image under names of 64 digits
 *	run/ID/attach		unix socket of the monitor, 0600 in a 0700 folder
 *
 * After kill -9 or power loss: a state "running" whose folder is not locked is a dead container;
 * whoever reads it next says "exited (137)", ends what is left (pasta, by pid and start time), and
 * rm removes all.
 */
#ifndef CORDON_CONTAINER_CONTAINER_H
#define CORDON_CONTAINER_CONTAINER_H

#include "policy/policy.h"
#include "policy/value.h"
#include "runtime/image/image.h"
#include "runtime/network/network.h"
#include "runtime/store/paths.h"
#include "sandbox/host.h"
#include "sandbox/plan.h"

enum { CONTAINER_ID_LENGTH = 64, CONTAINER_ID_SHORT = 12 };

/* One --mount: what -v and --tmpfs say too, but with any letter in its paths. */
struct mount_request {
	enum { MOUNT_REQUEST_BIND, MOUNT_REQUEST_VOLUME, MOUNT_REQUEST_TMPFS } kind;
	const char *source; /* a path or a volume's name; NULL: an anonymous volume, or a tmpfs */
	const char *target;
	const char *options; /* as behind -v and --tmpfs; "" for none */
};

/* What `cordon run` was asked for: filled by the option table of cli/cmd_run.c, nothing looked up
 * yet. */
/* When the image comes from its registry. */
enum run_pull {
	PULL_MISSING, /* where the store has none of that name */
	PULL_ALWAYS,
	PULL_NEWER, /* always; a registry that cannot be asked is no error where the store has one
	             */
	PULL_NEVER,
};

/* When it gets a cgroup of its own. */
enum run_cgroups {
	CGROUPS_BY_LIMIT, /* where one is asked for */
	CGROUPS_ENABLED,
	CGROUPS_DISABLED, /* a limit is an error then */
};

struct run_request {
	const char *image;  /* NULL with rootfs */
	const char *rootfs; /* --rootfs DIR */
	struct plan_strings command;
	bool entrypoint_given;
	struct plan_strings entrypoint;
	const char *name; /* NULL: an adjective_noun is made up */
	bool remove, interactive, terminal, detach, read_only, init;
	bool no_signal_proxy; /* --sig-proxy=false */
	struct plan_strings
	        environment; /* NAME=VALUE or NAME (from the caller's), --env-file already read */
	bool env_host;       /* the caller's variables, beneath the image's */
	struct plan_strings unset; /* NAME: of the image's and the engine's own */
	bool unset_all;
	bool no_hosts;    /* /etc/hosts stays the image's */
	bool no_writable; /* no tmpfs beside a read-only root */
	const char *directory, *user, *hostname, *stop_signal;
	struct plan_strings groups;
	struct plan_strings
	        volumes;           /* "SRC:DST[:OPTIONS]" as typed; NAME:DST makes a named volume */
	struct plan_strings tmpfs; /* "DST[:OPTIONS]" */
	struct plan_strings labels;
	const struct mount_request *mounts; /* --mount */
	size_t mount_count;
	struct plan_strings devices;     /* "HOST[:CONTAINER[:rwm]]" */
	struct plan_strings annotations; /* NAME=VALUE: kept and shown, they mean nothing */
	uint64_t shm_size;               /* of /dev/shm in bytes, 0: 64 MiB */
	const char *network; /* "none", "host", "private" (also "bridge", "pasta"), NULL: private */
	struct plan_strings publish; /* -p as typed */
	struct plan_strings dns, dns_search, dns_options;
	struct plan_strings hosts;  /* --add-host NAME:ADDRESS */
	struct plan_strings expose; /* --expose, beside the image's */
	bool publish_all;           /* what is exposed, on free ports of the host */
	const char *profile;        /* --profile */
	const char *seccomp_file;   /* --security-opt seccomp=FILE */
	const char *image_profile;  /* --security-opt image-profile=WORD */
	const char *cidfile;
	const char *pidfile; /* absolute; gets the first process's pid at each start */
	bool stop_timeout_given;
	int64_t stop_timeout;    /* seconds, -1: for ever */
	const char *detach_keys; /* default "ctrl-p,ctrl-q" */
	enum run_pull pull;
	struct image_pull order; /* how an image is pulled; `source` is set from `image` */
	struct policy_flags flags;
	int trace; /* fd for --trace-time, -1 */
	enum run_cgroups cgroups;
};

/* Runs a container to its end (or detaches). Returns the exit status for main (0..255), -1 with
 * *err. In detached mode prints the id. */
int container_run(const struct paths *paths, const struct host *host,
                  const struct run_request *request, struct error *err)
        __attribute__((warn_unused_result));

/* `create` and `start` are run's two halves. */
int container_create(const char **id, struct arena *arena, const struct paths *paths,
                     const struct host *host, const struct run_request *request, struct error *err)
        __attribute__((warn_unused_result));
struct attach_request {
	const char *name;
	bool interactive;
	bool no_signal_proxy; /* --sig-proxy=false */
	const char *detach_keys;
};
int container_attach(const struct paths *paths, const struct attach_request *request,
                     struct error *err) __attribute__((warn_unused_result));
/* Returns 0, or where `attach` is not NULL the exit status. One that runs already is as it should
 * be. */
int container_start(const struct paths *paths, const struct host *host, const char *name,
                    const struct attach_request *attach, struct error *err)
        __attribute__((warn_unused_result));

enum container_status {
	CONTAINER_CREATED,
	CONTAINER_RUNNING,
	CONTAINER_EXITED,
	CONTAINER_DEAD, /* its files are damaged; only rm works */
};

struct state; /* state.h */

/* One container as ps sees it; strings in the arena. */
struct container {
	const char *id, *name, *image, *image_id, *command;
	const char *ports; /* as ps prints them */
	enum container_status status;
	bool paused;                        /* it runs, and stands still */
	int64_t created, started, finished; /* seconds since the epoch, 0: never */
	int exit_status;
	pid_t pid; /* 0 unless running */
	pid_t monitor;
	const char *network;        /* "private", "host", "none" */
	const struct value *mounts; /* array of objects: target, and volume or source; NULL */
	const struct value *labels; /* object; NULL for none */
	const struct state *details;
	const struct value *record; /* record.json; NULL in lists, and where it is damaged */
	int dir;                    /* descriptor of the folder; -1 in lists */
};

/* By name, id or unique prefix. 1, 0 none, -1 (also ambiguous). Tidies up a dead monitor's
 * container. */
int container_open(struct container *ret, struct arena *arena, const struct paths *paths,
                   const char *name, struct error *err) __attribute__((warn_unused_result));
void container_close(struct container *container);

/* all false: only running ones. 100 containers in well under 5 ms. */
int container_list(struct container **ret, size_t *count, struct arena *arena,
                   const struct paths *paths, bool all, struct error *err)
        __attribute__((warn_unused_result));

/* signal: 0 for the container's own. timeout_seconds: before SIGKILL; -1 for ever.
 * STOP_TIMEOUT_OWN: the container's --stop-timeout, else ten. */
enum { STOP_TIMEOUT_OWN = -2, STOP_TIMEOUT_DEFAULT = 10 };
int container_stop(const struct paths *paths, const char *name, int signal, int timeout_seconds,
                   struct error *err) __attribute__((warn_unused_result));
/* Makes all its processes stand still, and lets them go on. */
int container_pause(const struct paths *paths, const char *name, struct error *err)
        __attribute__((warn_unused_result));
int container_unpause(const struct paths *paths, const char *name, struct error *err)
        __attribute__((warn_unused_result));
int container_kill(const struct paths *paths, const char *name, int signal, struct error *err)
        __attribute__((warn_unused_result));
int container_remove(const struct paths *paths, const struct host *host, const char *name,
                     bool force, bool volumes, struct error *err)
        __attribute__((warn_unused_result));
int container_rename(const struct paths *paths, const char *name, const char *wanted,
                     struct error *err) __attribute__((warn_unused_result));
/* Waits for the end and gives the exit status. */
int container_wait(int *exit_status, const struct paths *paths, const char *name, struct error *err)
        __attribute__((warn_unused_result));

struct exec_request {
	const char *name;
	struct plan_strings command, environment;
	bool interactive, terminal, detach;
	const char *user, *directory, *detach_keys;
};
/* Returns the command's exit status, -1 with *err. */
int container_exec(const struct paths *paths, const struct host *host,
                   const struct exec_request *request, struct error *err)
        __attribute__((warn_unused_result));

struct logs_request {
	const char *name;
	bool follow, timestamps;
	int64_t tail;         /* lines, -1 all */
	int64_t since, until; /* nanoseconds since the epoch, 0 none */
};
int container_logs(const struct paths *paths, const struct logs_request *request, struct error *err)
        __attribute__((warn_unused_result));

/* Docker's `container inspect` object, with a "Cordon" member: profile, enforced, plan summary. */
int container_inspect(struct value **ret, struct arena *arena, const struct paths *paths,
                      const char *name, struct error *err) __attribute__((warn_unused_result));

#endif
