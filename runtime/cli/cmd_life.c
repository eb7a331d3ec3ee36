/*
 * The life of a container after its start: start, stop, kill, rm, wait, exec, attach.
 */
#include "runtime/cli/commands.h"
#include "runtime/cli/each.h"
#include "runtime/cli/output.h"
#include "runtime/cli/run_request.h"
#include "runtime/container/control.h"
#include "runtime/container/launch.h"
#include "runtime/container/state.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/base/text.h"

#include <signal.h>
#include <string.h>

/* ---- stop ---- */

struct stop_options {
	const char *time;
};

static const struct option stop_table[] = {
	{ 't', "time", OPTION_TEXT, offsetof(struct stop_options, time), "SECONDS",
	  "how long to wait before SIGKILL (the container's --stop-timeout, else 10; -1 for ever)" },
	OPTIONS_END,
};

static int stop_one(struct call *call, const char *name, struct error *err)
{
	const struct stop_options *options = call->options;
	uint64_t seconds;

	if (options->time == NULL)
		return container_stop(&call->paths, name, STOP_TIMEOUT_OWN, err);
	if (strcmp(options->time, "-1") == 0)
		return container_stop(&call->paths, name, -1, err);
	if (!text_to_number(&seconds, options->time, INT32_MAX))
		return error_set(err, 0, "--time takes a number of seconds, or -1 for ever");
	return container_stop(&call->paths, name, (int)seconds, err);
}

static int stop(struct call *call, struct error *err)
{
	return each_named(call, stop_one, true, err);
}

const struct command command_stop = {
	.name = "stop",
	.group = GROUP_CONTAINER,
	.operands = "CONTAINER...",
	.summary = "Stop containers by their stop signal, then SIGKILL",
	.options = stop_table,
	.options_size = sizeof(struct stop_options),
	.needs = NEED_STATE,
	.least = 1,
	.most = SIZE_MAX,
	.failure = EXIT_FAILURE,
	.run = stop,
};

/* ---- restart ---- */

static int restart_one(struct call *call, const char *name, struct error *err)
{
	struct container container;
	bool passing;

	if (control_open(&container, call->arena, &call->paths, name, err) < 0)
		return -1;
	passing = container.details != NULL && container.details->remove;
	container_close(&container);
	if (passing) {
		error_set(err, 0, "container %.200s is removed when it ends (--rm)", name);
		return error_hint(err, "stop it, and run it anew");
	}
	if (stop_one(call, name, err) < 0)
		return -1;
	return container_start(&call->paths, &call->host, name, false, false, err);
}

static int restart(struct call *call, struct error *err)
{
	return each_named(call, restart_one, true, err);
}

const struct command command_restart = {
	.name = "restart",
	.group = GROUP_CONTAINER,
	.operands = "CONTAINER...",
	.summary = "Stop containers, where they run, and start them again",
	.options = stop_table,
	.options_size = sizeof(struct stop_options),
	.needs = NEED_ALL,
	.least = 1,
	.most = SIZE_MAX,
	.failure = EXIT_FAILURE,
	.run = restart,
};

/* ---- kill ---- */

struct kill_options {
	const char *signal;
};

static const struct option kill_table[] = {
	{ 's', "signal", OPTION_TEXT, offsetof(struct kill_options, signal), "SIGNAL",
	  "by name or number (KILL)" },
	OPTIONS_END,
};

static int kill_one(struct call *call, const char *name, struct error *err)
{
	const struct kill_options *options = call->options;
	int number = options->signal == NULL ? SIGKILL : launch_signal(options->signal, err);

	return number < 0 ? -1 : container_kill(&call->paths, name, number, err);
}

static int kill_containers(struct call *call, struct error *err)
{
	return each_named(call, kill_one, true, err);
}

const struct command command_kill = {
	.name = "kill",
	.group = GROUP_CONTAINER,
	.operands = "CONTAINER...",
	.summary = "Send a signal to containers",
	.options = kill_table,
	.options_size = sizeof(struct kill_options),
	.needs = NEED_STATE,
	.least = 1,
	.most = SIZE_MAX,
	.failure = EXIT_FAILURE,
	.run = kill_containers,
};

/* ---- rm ---- */

struct rm_options {
	bool force, volumes;
};

static const struct option rm_table[] = {
	{ 'f', "force", OPTION_FLAG, offsetof(struct rm_options, force), NULL,
	  "kill it first if it runs; none is no error" },
	{ 'v', "volumes", OPTION_FLAG, offsetof(struct rm_options, volumes), NULL,
	  "also its anonymous volumes (always done)" },
	OPTIONS_END,
};

static int rm_one(struct call *call, const char *name, struct error *err)
{
	const struct rm_options *options = call->options;
	struct container container;
	int found = options->force
	                    ? container_open(&container, call->arena, &call->paths, name, err)
	                    : 1;

	if (found <= 0)
		return found < 0 ? -1 : 1; /* none is none */
	if (options->force)
		container_close(&container);
	return container_remove(&call->paths, &call->host, name, options->force, options->volumes,
	                        err);
}

static int rm(struct call *call, struct error *err)
{
	return each_named(call, rm_one, true, err);
}

const struct command command_rm = {
	.name = "rm",
	.group = GROUP_CONTAINER,
	.aliases = ALIASES("container remove"),
	.operands = "CONTAINER...",
	.summary = "Remove containers",
	.options = rm_table,
	.options_size = sizeof(struct rm_options),
	.needs = NEED_ALL,
	.least = 1,
	.most = SIZE_MAX,
	.failure = EXIT_FAILURE,
	.run = rm,
};

/* ---- wait ---- */

static int wait_one(struct call *call, const char *name, struct error *err)
{
	int status;

	if (container_wait(&status, &call->paths, name, err) < 0)
		return -1;
	return output_line(err, "%d", status);
}

static int wait_containers(struct call *call, struct error *err)
{
	return each_named(call, wait_one, false, err);
}

const struct command command_wait = {
	.name = "wait",
	.group = GROUP_CONTAINER,
	.operands = "CONTAINER...",
	.summary = "Wait until containers end, and print their exit statuses",
	.needs = NEED_STATE,
	.least = 1,
	.most = SIZE_MAX,
	.failure = EXIT_FAILURE,
	.run = wait_containers,
};

/* ---- start ---- */

struct start_options {
	bool attach, interactive;
};

static const struct option start_table[] = {
	{ 'a', "attach", OPTION_FLAG, offsetof(struct start_options, attach), NULL,
	  "stay attached to its output" },
	{ 'i', "interactive", OPTION_FLAG, offsetof(struct start_options, interactive), NULL,
	  "and to its standard input" },
	OPTIONS_END,
};

static int start_one(struct call *call, const char *name, struct error *err)
{
	return container_start(&call->paths, &call->host, name, false, false, err);
}

static int start(struct call *call, struct error *err)
{
	const struct start_options *options = call->options;

	if (!options->attach && !options->interactive)
		return each_named(call, start_one, true, err);
	if (call->count != 1)
		return error_set(err, 0, "start --attach takes one container");
	return container_start(&call->paths, &call->host, call->words[0], true,
	                       options->interactive, err);
}

const struct command command_start = {
	.name = "start",
	.group = GROUP_CONTAINER,
	.operands = "CONTAINER...",
	.summary = "Start containers that were made or have ended",
	.options = start_table,
	.options_size = sizeof(struct start_options),
	.needs = NEED_ALL,
	.least = 1,
	.most = SIZE_MAX,
	.run = start,
};

/* ---- exec, attach ---- */

struct exec_options {
	bool detach, interactive, terminal;
	const char *user, *directory, *detach_keys;
	struct plan_strings env, env_file;
};

#define ROW(letter, name, kind, member, value, help)                                               \
	{                                                                                          \
		letter, name, kind, offsetof(struct exec_options, member), value, help             \
	}

static const struct option exec_table[] = {
	ROW('d', "detach", OPTION_FLAG, detach, NULL, "run in the background"),
	ROW(0, "detach-keys", OPTION_TEXT, detach_keys, "KEYS",
	    "keys that leave the terminal (ctrl-p,ctrl-q)"),
	ROW('e', "env", OPTION_LIST, env, "NAME[=VALUE]", "set a variable"),
	ROW(0, "env-file", OPTION_LIST, env_file, "FILE", "set variables from a file"),
	ROW('i', "interactive", OPTION_FLAG, interactive, NULL, "keep standard input open"),
	ROW('t', "tty", OPTION_FLAG, terminal, NULL, "give it a terminal of its own"),
	ROW('u', "user", OPTION_TEXT, user, "USER[:GROUP]", "by name or number, of the container"),
	ROW('w', "workdir", OPTION_TEXT, directory, "FOLDER", "the working directory"),
	OPTIONS_END,
};

static int exec(struct call *call, struct error *err)
{
	const struct exec_options *options = call->options;
	struct exec_request request = {
		.name = call->words[0],
		.command = { (const char **)call->words + 1, call->count - 1 },
		.interactive = options->interactive,
		.terminal = options->terminal,
		.detach = options->detach,
		.user = options->user,
		.directory = options->directory,
		.detach_keys = options->detach_keys,
	};

	if (call->count < 2)
		return error_set(err, 0, "exec needs a command behind the container");
	for (size_t i = 0; i < options->env_file.count; i++)
		if (lines_read(&request.environment, call->arena, options->env_file.items[i],
		               "env file", err) < 0)
			return -1;
	for (size_t i = 0; i < options->env.count; i++)
		request_append(call->arena, &request.environment, options->env.items[i]);
	return container_exec(&call->paths, &call->host, &request, err);
}

const struct command command_exec = {
	.name = "exec",
	.group = GROUP_CONTAINER,
	.operands = "CONTAINER COMMAND [ARGUMENT...]",
	.summary = "Run a further command in a running container, behind the same walls",
	.options = exec_table,
	.options_size = sizeof(struct exec_options),
	.absent = absent_exec_options,
	.needs = NEED_ALL,
	.least = 1,
	.most = SIZE_MAX,
	.own_words = true,
	.run = exec,
};

struct attach_options {
	bool no_stdin;
	const char *detach_keys;
};

static const struct option attach_table[] = {
	{ 0, "detach-keys", OPTION_TEXT, offsetof(struct attach_options, detach_keys), "KEYS",
	  "keys that leave (ctrl-p,ctrl-q)" },
	{ 0, "no-stdin", OPTION_FLAG, offsetof(struct attach_options, no_stdin), NULL,
	  "do not attach standard input" },
	OPTIONS_END,
};

static int attach(struct call *call, struct error *err)
{
	const struct attach_options *options = call->options;

	return container_attach(&call->paths, call->words[0], !options->no_stdin,
	                        options->detach_keys, err);
}

const struct command command_attach = {
	.name = "attach",
	.group = GROUP_CONTAINER,
	.operands = "CONTAINER",
	.summary = "Attach to a container that runs detached or has a terminal",
	.options = attach_table,
	.options_size = sizeof(struct attach_options),
	.needs = NEED_STATE,
	.least = 1,
	.most = 1,
	.run = attach,
};
