/*
 * run_request: the options of run, as typed, become a struct run_request.
 */
#ifndef CORDON_CLI_RUN_REQUEST_H
#define CORDON_CLI_RUN_REQUEST_H

#include "runtime/cli/command.h"
#include "runtime/cli/pull_request.h"
#include "runtime/container/container.h"

struct run_options {
	bool detach, env_host, http_proxy, init, interactive, no_healthcheck, no_hosts,
	        no_read_only_tmpfs, no_signal_proxy, privileged, publish_all, read_only, remove,
	        replace, terminal, unsetenv_all;
	const char *cgroupns, *cgroups, *cidfile, *cpus, *detach_keys, *entrypoint, *hostname, *ipc,
	        *log_driver, *memory, *name, *network, *pid, *pidfile, *pids_limit, *profile, *pull,
	        *restart, *rootfs, *shm_size, *stop_signal, *stop_timeout, *user, *userns, *uts,
	        *workdir;
	struct plan_strings add_host, annotation, cap_add, cap_drop, device, dns, dns_option,
	        dns_search, env, env_file, expose, group_add, label, label_file, mount, publish,
	        security, tmpfs, ulimit, unsetenv, volume;
	struct pull_words pull_words;
};

/* `view` stands beside the request for as long as that is used. */
int run_request_make(struct run_request *ret, struct pull_view *view, struct call *call,
                     const struct run_options *options, struct error *err)
        __attribute__((warn_unused_result));

/* Options that may only say what is so anyway: refuses any other word. */
int run_words_check(const struct run_options *options, struct error *err)
        __attribute__((warn_unused_result));

/* NAME=VALUE lines of a file; '#' begins a comment. Appends. `what`: "env file". */
int lines_read(struct plan_strings *ret, struct arena *arena, const char *path, const char *what,
               struct error *err) __attribute__((warn_unused_result));

/* What of the caller's the container gets, the last word last: --http-proxy, --env-file, --env. */
int run_environment(struct plan_strings *ret, struct arena *arena,
                    const struct run_options *options, struct error *err)
        __attribute__((warn_unused_result));

/* One --mount: appends to request->mounts. */
int mount_option(struct run_request *request, struct arena *arena, const char *spec,
                 struct error *err) __attribute__((warn_unused_result));

/* --ulimit name=soft[:hard] */
int ulimit_parse(struct plan_limit *ret, const char *spec, struct error *err)
        __attribute__((warn_unused_result));

void request_append(struct arena *arena, struct plan_strings *list, const char *item);

#endif
