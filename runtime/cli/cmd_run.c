/*
 * run, create: the options of a container. One table for both; what the words mean is settled in
 * run_request.c.
 */
#include "runtime/cli/commands.h"
#include "runtime/cli/output.h"
#include "runtime/cli/run_request.h"

#include "sandbox/base/cleanup.h"

#include <string.h>

#define ROW(letter, name, kind, member, value, help)                                               \
	{                                                                                          \
		letter, name, kind, offsetof(struct run_options, member), value, help              \
	}

static const struct option options[] = {
	ROW(0, "add-host", OPTION_LIST, add_host, "NAME:ADDRESS", "a line of /etc/hosts"),
	ROW(0, "annotation", OPTION_LIST, annotation, "NAME=VALUE",
	    "kept and shown by inspect; it changes nothing"),
	ROW(0, "cap-add", OPTION_LIST, cap_add, "CAPABILITY",
	    "keep a capability (or ALL) that the profile drops"),
	ROW(0, "cap-drop", OPTION_LIST, cap_drop, "CAPABILITY",
	    "drop a capability (or ALL) that the profile keeps"),
	ROW(0, "cgroups", OPTION_TEXT, cgroups, "WORD",
	    "enabled: a cgroup without a limit too, to pause it; disabled: never one"),
	ROW(0, "cgroupns", OPTION_TEXT, cgroupns, "MODE", "private, which it always is"),
	ROW(0, "cidfile", OPTION_TEXT, cidfile, "FILE", "write the container's id to a file"),
	ROW(0, "cpus", OPTION_TEXT, cpus, "NUMBER",
	    "at most this many processors, as 1.5 (cgroup v2)"),
	ROW('d', "detach", OPTION_FLAG, detach, NULL, "run in the background and print the id"),
	ROW(0, "detach-keys", OPTION_TEXT, detach_keys, "KEYS",
	    "keys that detach the terminal (ctrl-p,ctrl-q)"),
	ROW(0, "device", OPTION_LIST, device, "HOST[:CONTAINER]",
	    "a device of the host that you may open yourself"),
	ROW(0, "dns", OPTION_LIST, dns, "ADDRESS", "a name server of its own"),
	ROW(0, "dns-option", OPTION_LIST, dns_option, "OPTION", "of resolv.conf, as ndots:2"),
	ROW(0, "dns-opt", OPTION_LIST, dns_option, "OPTION", "the same as --dns-option"),
	ROW(0, "dns-search", OPTION_LIST, dns_search, "DOMAIN",
	    "where short names are looked for; \".\" for nowhere"),
	ROW(0, "entrypoint", OPTION_TEXT, entrypoint, "COMMAND",
	    "instead of the image's ENTRYPOINT"),
	ROW('e', "env", OPTION_LIST, env, "NAME[=VALUE]",
	    "set a variable; a bare NAME passes the caller's on"),
	ROW(0, "env-file", OPTION_LIST, env_file, "FILE",
	    "set variables from a file, one NAME=VALUE a line"),
	ROW(0, "env-host", OPTION_FLAG, env_host, NULL,
	    "pass all of the caller's variables on, secrets too, but for those the image sets"),
	ROW(0, "expose", OPTION_LIST, expose, "PORT[/udp]", "a port for --publish-all"),
	ROW(0, "group-add", OPTION_LIST, group_add, "GROUP", "a further group of the process"),
	ROW('h', "hostname", OPTION_TEXT, hostname, "NAME",
	    "the container's host name (its short id)"),
	ROW(0, "http-proxy", OPTION_FLAG, http_proxy, NULL,
	    "pass the caller's http_proxy, https_proxy, ftp_proxy and no_proxy on (off)"),
	ROW(0, "init", OPTION_FLAG, init, NULL, "run a small init that reaps and forwards signals"),
	ROW('i', "interactive", OPTION_FLAG, interactive, NULL, "keep standard input open"),
	ROW(0, "ipc", OPTION_TEXT, ipc, "MODE", "private, which it always is"),
	ROW('l', "label", OPTION_LIST, label, "NAME=VALUE", "set a label"),
	ROW(0, "label-file", OPTION_LIST, label_file, "FILE",
	    "set labels from a file, one NAME=VALUE a line"),
	ROW(0, "log-driver", OPTION_TEXT, log_driver, "DRIVER",
	    "json-file, which cordon logs reads"),
	ROW('m', "memory", OPTION_TEXT, memory, "BYTES", "memory limit, as 512m (cgroup v2)"),
	ROW(0, "mount", OPTION_LIST, mount, "KEY=VALUE,...",
	    "as type=bind,source=FOLDER,target=PLACE; type is bind, volume or tmpfs; readonly, "
	    "volume-nocopy; a word with a comma in double quotes"),
	ROW(0, "name", OPTION_TEXT, name, "NAME", "the container's name"),
	ROW(0, "network", OPTION_TEXT, network, "MODE", "none, host or private (the default)"),
	ROW(0, "net", OPTION_TEXT, network, "MODE", "the same as --network"),
	ROW(0, "no-healthcheck", OPTION_FLAG, no_healthcheck, NULL,
	    "run no health check of the image, as never happens"),
	ROW(0, "no-hosts", OPTION_FLAG, no_hosts, NULL, "leave the image's /etc/hosts as it is"),
	ROW(0, "pid", OPTION_TEXT, pid, "MODE", "private, which it always is"),
	ROW(0, "pidfile", OPTION_TEXT, pidfile, "FILE",
	    "write the pid of its first process to a file at each start"),
	ROW(0, "pids-limit", OPTION_TEXT, pids_limit, "NUMBER",
	    "at most this many processes (cgroup v2)"),
	ROW(0, "privileged", OPTION_FLAG, privileged, NULL,
	    "refused: see the message for what to use instead"),
	ROW(0, "profile", OPTION_TEXT, profile, "NAME|FILE",
	    "the policy (the one that matches the image, else default)"),
	PULL_ROWS(struct run_options, pull_words),
	ROW('p', "publish", OPTION_LIST, publish, "[ADDR:]HOST:CONTAINER[/udp]",
	    "publish a port on the host"),
	ROW('P', "publish-all", OPTION_FLAG, publish_all, NULL,
	    "publish all exposed ports on free ports of the host"),
	ROW(0, "pull", OPTION_TEXT, pull, "POLICY",
	    "missing (the default), always, newer or never"),
	ROW('q', "quiet", OPTION_FLAG, pull_words.quiet, NULL, "do not show how a pull goes"),
	ROW(0, "read-only", OPTION_FLAG, read_only, NULL,
	    "mount the root read-only, with /tmp, /run and /var/tmp writable"),
	ROW(0, "read-only-tmpfs", OPTION_ON, no_read_only_tmpfs, NULL,
	    "with --read-only: keep /tmp, /run and /var/tmp writable (on)"),
	ROW(0, "replace", OPTION_FLAG, replace, NULL,
	    "remove the container that has this --name first, running or not"),
	ROW(0, "restart", OPTION_TEXT, restart, "POLICY",
	    "no; systemd starts containers again where that is wanted"),
	ROW(0, "rm", OPTION_FLAG, remove, NULL, "remove the container when it ends"),
	ROW(0, "rootfs", OPTION_TEXT, rootfs, "FOLDER", "run from a folder instead of an image"),
	ROW(0, "security-opt", OPTION_LIST, security, "OPTION",
	    "seccomp=FILE|unconfined, no-new-privileges[=false], apparmor=NAME|unconfined, "
	    "image-profile=ignore|accept|require"),
	ROW(0, "shm-size", OPTION_TEXT, shm_size, "BYTES", "the size of /dev/shm (64m)"),
	ROW(0, "sig-proxy", OPTION_ON, no_signal_proxy, NULL,
	    "pass signals on to the container (on)"),
	ROW(0, "stop-signal", OPTION_TEXT, stop_signal, "SIGNAL",
	    "the signal that stop sends (the image's, else TERM)"),
	ROW(0, "stop-timeout", OPTION_TEXT, stop_timeout, "SECONDS",
	    "how long stop waits before SIGKILL (10; -1 for ever)"),
	ROW(0, "tmpfs", OPTION_LIST, tmpfs, "PLACE[:OPTIONS]", "mount a tmpfs"),
	ROW('t', "tty", OPTION_FLAG, terminal, NULL, "give it a terminal of its own"),
	ROW(0, "ulimit", OPTION_LIST, ulimit, "NAME=SOFT[:HARD]",
	    "a resource limit, as nofile=1024:4096"),
	ROW(0, "unsetenv", OPTION_LIST, unsetenv, "NAME", "take a variable of the image's away"),
	ROW(0, "unsetenv-all", OPTION_FLAG, unsetenv_all, NULL,
	    "take all of the image's and the engine's away, but for what -e sets"),
	ROW('u', "user", OPTION_TEXT, user, "USER[:GROUP]", "by name or number, of the container"),
	ROW(0, "userns", OPTION_TEXT, userns, "MODE",
	    "range (the default), single, keep-id or nomap"),
	ROW(0, "uts", OPTION_TEXT, uts, "MODE", "private, which it always is"),
	ROW('v', "volume", OPTION_LIST, volume, "SOURCE:PLACE[:ro,...]",
	    "bind a folder or file, or a named volume; one that is empty takes over what the image "
	    "has there, but for nocopy"),
	ROW('w', "workdir", OPTION_TEXT, workdir, "FOLDER", "the working directory"),
	OPTIONS_END,
};

/* --replace: after the words were read, so that a slip costs no container. What only the launch
 * finds out (a port that is taken by another, say) does, as in Podman: it may need what the old one
 * has. */
static int replace(const struct call *call, struct error *err)
{
	const struct run_options *words = call->options;
	struct container container;
	int found;

	if (!words->replace)
		return 0;
	if (words->name == NULL)
		return error_set(err, 0, "--replace needs the --name that is to be replaced");
	found = container_open(&container, call->arena, &call->paths, words->name, err);
	if (found <= 0)
		return found;
	container_close(&container);
	/* an id or a part of one is no name */
	if (strcmp(container.name, words->name) != 0)
		return 0;
	return container_remove(&call->paths, &call->host, words->name, true, true, err);
}

static int run_container(struct call *call, struct error *err)
{
	struct run_request request;
	struct pull_view view;

	if (run_request_make(&request, &view, call, call->options, err) < 0 ||
	    replace(call, err) < 0)
		return -1;
	return container_run(&call->paths, &call->host, &request, err);
}

static int create_container(struct call *call, struct error *err)
{
	struct run_request request;
	struct pull_view view;
	const char *id;

	if (run_request_make(&request, &view, call, call->options, err) < 0 ||
	    replace(call, err) < 0 ||
	    container_create(&id, call->arena, &call->paths, &call->host, &request, err) < 0)
		return -1;
	return output_line(err, "%s", id);
}

const struct command command_run = {
	.name = "run",
	.group = GROUP_CONTAINER,
	.operands = "IMAGE [COMMAND [ARGUMENT...]]",
	.summary = "Run a command in a new, hardened container",
	.options = options,
	.options_size = sizeof(struct run_options),
	.absent = absent_run_options,
	.needs = NEED_ALL,
	.least = 1,
	.most = SIZE_MAX,
	.own_words = true,
	.run = run_container,
	.details =
	        "The container is a child of this shell. Its system calls, capabilities, files and limits are\n"
	        "those of the profile that matches the image; see cordon policy show IMAGE. The exit status is\n"
	        "the command's, 128+N for signal N, 125 where cordon failed, 126 where the command could not be\n"
	        "started and 127 where it was not found.",
};

const struct command command_create = {
	.name = "create",
	.group = GROUP_CONTAINER,
	.operands = "IMAGE [COMMAND [ARGUMENT...]]",
	.summary = "Make a container without starting it",
	.options = options,
	.options_size = sizeof(struct run_options),
	.absent = absent_run_options,
	.needs = NEED_ALL,
	.least = 1,
	.most = SIZE_MAX,
	.own_words = true,
	.run = create_container,
};
