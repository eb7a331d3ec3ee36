/*
 * exec, attach: what is typed and said in a container that runs.
 */
#include "runtime/cli/commands.h"
#include "runtime/cli/run_request.h"
#include "runtime/container/container.h"

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
	.details =
	        "The end of the terminal ends the command (SIGHUP); the detach keys leave it running.",
};

/* ---- attach ---- */

struct attach_options {
	bool no_stdin, no_signal_proxy;
	const char *detach_keys;
};

static const struct option attach_table[] = {
	{ 0, "detach-keys", OPTION_TEXT, offsetof(struct attach_options, detach_keys), "KEYS",
	  "keys that leave (ctrl-p,ctrl-q)" },
	{ 0, "no-stdin", OPTION_FLAG, offsetof(struct attach_options, no_stdin), NULL,
	  "do not attach standard input" },
	{ 0, "sig-proxy", OPTION_ON, offsetof(struct attach_options, no_signal_proxy), NULL,
	  "pass signals on to the container (on)" },
	OPTIONS_END,
};

static int attach(struct call *call, struct error *err)
{
	const struct attach_options *options = call->options;

	return container_attach(&call->paths,
	                        &(struct attach_request){
	                                .name = call->words[0],
	                                .interactive = !options->no_stdin,
	                                .no_signal_proxy = options->no_signal_proxy,
	                                .detach_keys = options->detach_keys,
	                        },
	                        err);
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
	.absent = absent_exec_options,
	.run = attach,
	.details =
	        "The detach keys, or the end of the terminal (a window that is closed, a connection that is lost),\n"
	        "leave the container running.",
};
