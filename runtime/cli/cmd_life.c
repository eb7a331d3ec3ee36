/*
 * The life of a container after it was made: start, restart, stop, kill, rm.
 */
#include "runtime/cli/choice.h"
#include "runtime/cli/commands.h"
#include "runtime/cli/each.h"
#include "runtime/container/control.h"
#include "runtime/container/launch.h"
#include "runtime/container/state.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/base/text.h"

#include <signal.h>
#include <string.h>

/* ---- stop ---- */

struct stop_options {
	const char *time, *signal;
	bool running;
	struct choice choice;
};

#define STOP_ROW(letter, name, kind, member, value, help)                                          \
	{                                                                                          \
		letter, name, kind, offsetof(struct stop_options, member), value, help             \
	}
#define STOP_ROWS                                                                                  \
	CHOICE_CIDFILE(struct stop_options), CHOICE_FILTER(struct stop_options, 'f'),              \
	        CHOICE_LATEST(struct stop_options),                                                \
	        STOP_ROW('s', "signal", OPTION_TEXT, signal, "SIGNAL",                             \
	                 "in place of the container's stop signal"),                               \
	        STOP_ROW('t', "time", OPTION_TEXT, time, "SECONDS",                                \
	                 "how long to wait before SIGKILL (the container's --stop-timeout, else "  \
	                 "10; -1 for ever)"),                                                      \
	        STOP_ROW(0, "timeout", OPTION_TEXT, time, "SECONDS", "the same as --time")

static const struct option stop_table[] = {
	CHOICE_ALL(struct stop_options, "all that run"),
	CHOICE_IGNORE(struct stop_options),
	STOP_ROWS,
	OPTIONS_END,
};

static int read_patience(int *ret, const char *text, struct error *err)
{
	uint64_t seconds;

	if (text == NULL)
		*ret = STOP_TIMEOUT_OWN;
	else if (strcmp(text, "-1") == 0)
		*ret = -1;
	else if (text_to_number(&seconds, text, INT32_MAX))
		*ret = (int)seconds;
	else
		return error_set(err, 0, "--time takes a number of seconds, or -1 for ever");
	return 0;
}

static int stop_one(struct call *call, const char *name, struct error *err)
{
	const struct stop_options *options = call->options;
	int signal = options->signal == NULL ? 0 : launch_signal(options->signal, err);
	int seconds;

	if (signal < 0 || read_patience(&seconds, options->time, err) < 0)
		return -1;
	return container_stop(&call->paths, name, signal, seconds, err);
}

static int stop(struct call *call, struct error *err)
{
	const struct stop_options *options = call->options;

	if (choice_take(call, &options->choice, CHOICE_AMONG_RUNNING, err) < 0)
		return -1;
	return each_named(call, stop_one, true, err);
}

const struct command command_stop = {
	.name = "stop",
	.group = GROUP_CONTAINER,
	.operands = "[CONTAINER...]",
	.summary = "Stop containers by their stop signal, then SIGKILL",
	.options = stop_table,
	.options_size = sizeof(struct stop_options),
	.needs = NEED_STATE,
	.most = SIZE_MAX,
	.failure = EXIT_FAILURE,
	.run = stop,
};

/* ---- restart ---- */

static const struct option restart_table[] = {
	CHOICE_ALL(struct stop_options, "all there are, also those that do not run"),
	STOP_ROW(0, "running", OPTION_FLAG, running, NULL, "all that run"),
	STOP_ROWS,
	OPTIONS_END,
};

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
	return container_start(&call->paths, &call->host, name, NULL, err);
}

static int restart(struct call *call, struct error *err)
{
	const struct stop_options *options = call->options;
	struct choice choice = options->choice;

	choice.all |= options->running;
	if (choice_take(call, &choice, options->running ? CHOICE_AMONG_RUNNING : CHOICE_AMONG_ALL,
	                err) < 0)
		return -1;
	return each_named(call, restart_one, true, err);
}

const struct command command_restart = {
	.name = "restart",
	.group = GROUP_CONTAINER,
	.operands = "[CONTAINER...]",
	.summary = "Stop containers, where they run, and start them again",
	.options = restart_table,
	.options_size = sizeof(struct stop_options),
	.needs = NEED_ALL,
	.most = SIZE_MAX,
	.failure = EXIT_FAILURE,
	.run = restart,
};

/* ---- kill ---- */

struct kill_options {
	const char *signal;
	struct choice choice;
};

static const struct option kill_table[] = {
	CHOICE_ALL(struct kill_options, "all that run"),
	CHOICE_CIDFILE(struct kill_options),
	CHOICE_LATEST(struct kill_options),
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
	const struct kill_options *options = call->options;

	if (choice_take(call, &options->choice, CHOICE_AMONG_RUNNING, err) < 0)
		return -1;
	return each_named(call, kill_one, true, err);
}

const struct command command_kill = {
	.name = "kill",
	.group = GROUP_CONTAINER,
	.operands = "[CONTAINER...]",
	.summary = "Send a signal to containers",
	.options = kill_table,
	.options_size = sizeof(struct kill_options),
	.needs = NEED_STATE,
	.most = SIZE_MAX,
	.failure = EXIT_FAILURE,
	.run = kill_containers,
};

/* ---- rm ---- */

struct rm_options {
	bool force, volumes;
	const char *time;
	struct choice choice;
};

static const struct option rm_table[] = {
	CHOICE_ALL(struct rm_options, "all there are"),
	CHOICE_CIDFILE(struct rm_options),
	CHOICE_FILTER(struct rm_options, 0),
	{ 'f', "force", OPTION_FLAG, offsetof(struct rm_options, force), NULL,
	  "kill it first if it runs; none is no error" },
	CHOICE_IGNORE(struct rm_options),
	CHOICE_LATEST(struct rm_options),
	{ 't', "time", OPTION_TEXT, offsetof(struct rm_options, time), "SECONDS",
	  "with --force: stop it first, and wait so long before SIGKILL (-1 for ever)" },
	{ 'v', "volumes", OPTION_FLAG, offsetof(struct rm_options, volumes), NULL,
	  "also its anonymous volumes (always done)" },
	OPTIONS_END,
};

static int rm_one(struct call *call, const char *name, struct error *err)
{
	const struct rm_options *options = call->options;
	struct container container;
	int seconds, found = 1;

	if (read_patience(&seconds, options->time, err) < 0)
		return -1;
	if (options->force)
		found = container_open(&container, call->arena, &call->paths, name, err);
	if (found <= 0)
		return found < 0 ? -1 : 1; /* none is none */
	if (options->force)
		container_close(&container);
	if (options->time != NULL && container_stop(&call->paths, name, 0, seconds, err) < 0)
		return -1;
	return container_remove(&call->paths, &call->host, name, options->force, options->volumes,
	                        err);
}

static int rm(struct call *call, struct error *err)
{
	const struct rm_options *options = call->options;

	if (options->time != NULL && !options->force) {
		error_set(err, 0,
		          "--time is for --force: a container that runs is not removed without");
		return error_hint(err, "stop it first, or add --force");
	}
	if (choice_take(call, &options->choice, CHOICE_AMONG_ALL, err) < 0)
		return -1;
	return each_named(call, rm_one, true, err);
}

const struct command command_rm = {
	.name = "rm",
	.group = GROUP_CONTAINER,
	.aliases = ALIASES("container remove"),
	.operands = "[CONTAINER...]",
	.summary = "Remove containers",
	.options = rm_table,
	.options_size = sizeof(struct rm_options),
	.absent = absent_rm_options,
	.needs = NEED_ALL,
	.most = SIZE_MAX,
	.failure = EXIT_FAILURE,
	.run = rm,
};

/* ---- start ---- */

struct start_options {
	bool attach, interactive, no_signal_proxy;
	const char *detach_keys;
	struct choice choice;
};

static const struct option start_table[] = {
	{ 'a', "attach", OPTION_FLAG, offsetof(struct start_options, attach), NULL,
	  "stay attached to its output" },
	CHOICE_ROW(struct start_options, 0, "all", OPTION_FLAG, all, NULL, "all that do not run"),
	CHOICE_CIDFILE(struct start_options),
	{ 0, "detach-keys", OPTION_TEXT, offsetof(struct start_options, detach_keys), "KEYS",
	  "keys that leave the terminal (ctrl-p,ctrl-q)" },
	CHOICE_FILTER(struct start_options, 'f'),
	{ 'i', "interactive", OPTION_FLAG, offsetof(struct start_options, interactive), NULL,
	  "and to its standard input" },
	CHOICE_LATEST(struct start_options),
	{ 0, "sig-proxy", OPTION_ON, offsetof(struct start_options, no_signal_proxy), NULL,
	  "attached: pass signals on to the container (on)" },
	OPTIONS_END,
};

static int start_one(struct call *call, const char *name, struct error *err)
{
	return container_start(&call->paths, &call->host, name, NULL, err);
}

static int start(struct call *call, struct error *err)
{
	const struct start_options *options = call->options;
	struct attach_request attach = {
		.interactive = options->interactive,
		.no_signal_proxy = options->no_signal_proxy,
		.detach_keys = options->detach_keys,
	};

	if (choice_take(call, &options->choice, CHOICE_AMONG_STILL, err) < 0)
		return -1;
	if (!options->attach && !options->interactive)
		return each_named(call, start_one, true, err);
	if (call->count != 1)
		return error_set(err, 0, "start --attach takes one container");
	attach.name = call->words[0];
	return container_start(&call->paths, &call->host, attach.name, &attach, err);
}

const struct command command_start = {
	.name = "start",
	.group = GROUP_CONTAINER,
	.operands = "[CONTAINER...]",
	.summary = "Start containers that were made or have ended",
	.options = start_table,
	.options_size = sizeof(struct start_options),
	.absent = absent_start_options,
	.needs = NEED_ALL,
	.most = SIZE_MAX,
	.run = start,
};
