/*
 * main: finds the command in the table, gives it what its row says it needs, prints an error once.
 */
#include "runtime/cli/command.h"
#include "runtime/cli/help.h"
#include "runtime/cli/output.h"

#include "cordon-config.h"
#include "sandbox/base/cleanup.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

/* A closed standard stream would let the next open() take its place (and an image's output end
 * there). What is read or written there shall fail as if it were closed still: somebody lost it.
 * Only of what goes to standard error nobody can be told. */
static void open_standard_streams(void)
{
	static const int modes[] = { O_WRONLY, O_RDONLY, O_RDWR };

	for (int fd = 0; fd < 3; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", modes[fd]) < 0)
			_exit(EXIT_ENGINE);
}

/* Root of the initial user namespace maps every id one to one over the whole range. */
static bool is_real_root(void)
{
	unsigned inside, outside, length;
	_cleanup_file FILE *map = geteuid() == 0 ? fopen("/proc/self/uid_map", "re") : NULL;

	return map != NULL && fscanf(map, "%u %u %u", &inside, &outside, &length) == 3 &&
	       inside == 0 && outside == 0 && length == UINT32_MAX;
}

static int prepare(struct call *call, unsigned needs, struct error *err)
{
	if ((needs & NEED_ORDINARY_USER) && is_real_root()) {
		error_set(err, 0, "cordon runs containers as an ordinary user, and this is root");
		return error_hint(
		        err,
		        "log in as another user; su or runuser -u USER -- cordon ... does too");
	}
	if ((needs & NEED_PATHS) && paths_init(&call->paths, call->arena, err) < 0)
		return -1;
	if (needs & NEED_HOST)
		return host_probe(&call->host, getenv("CORDON_SIMULATE_MISSING"), err);
	return 0;
}

static int print_help(void (*write)(struct text *, const struct command *),
                      const struct command *command, struct error *err)
{
	_cleanup_text struct text text = {};

	write(&text, command);
	return output_print(&text, err);
}

static int run(const struct command *command, struct call *call, const char *const *words,
               struct error *err)
{
	int result;

	call->options =
	        arena_alloc(call->arena, command->options_size == 0 ? 1 : command->options_size);
	result = option_parse(call->options, command, call->arena, words, &call->words, err);
	if (result != 0)
		return result < 0 ? -1 : print_help(help_command, command, err);
	while (call->words[call->count] != NULL)
		call->count++;
	if (prepare(call, command->needs, err) < 0)
		return -1;
	result = command->run(call, err);
	if (result < 0 && command->failure != 0 && err->exit_status == EXIT_ENGINE)
		error_exit(err, command->failure);
	return result;
}

/* "image mount": a command of a family that is here */
static bool is_absent_member(struct absent *ret, const char *const *words)
{
	char name[64];

	if (words[1] == NULL ||
	    snprintf(name, sizeof name, "%s %s", words[0], words[1]) >= (int)sizeof name)
		return false;
	return absent_find(ret, absent_members, name, 0);
}

static int no_command(const char *const *words, struct error *err)
{
	bool family = command_is_family(words[0]);
	char name[128];
	const char *nearest;
	struct absent absent;

	if (absent_find(&absent, absent_commands, words[0], 0) || is_absent_member(&absent, words))
		return absent_refuse(&absent, "", err);
	if (family)
		snprintf(name, sizeof name, "%.60s %.60s", words[0], words[1]);
	else
		snprintf(name, sizeof name, "%.100s", words[0]);
	error_set(err, 0, "'%s' is not a cordon command", name);
	nearest = command_nearest(name);
	if (nearest != NULL)
		return error_hint(err, "did you mean: cordon %s?", nearest);
	if (family)
		return error_hint(err, "see cordon %.60s --help", words[0]);
	return error_hint(err, "see cordon --help");
}

static bool is_help(const char *word)
{
	return word == NULL || strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

static void write_all(struct text *ret, const struct command *none)
{
	(void)none;
	help_all(ret);
}

/* cordon image, cordon image --help */
static int print_family(const char *family, struct error *err)
{
	_cleanup_text struct text text = {};

	help_family(&text, family);
	return output_print(&text, err);
}

/* cordon help [COMMAND] */
static int explain(const char *const *words, struct error *err)
{
	const struct command *command;
	size_t used = 0;

	if (is_help(words[0]))
		return print_help(write_all, NULL, err);
	command = command_find(words, &used);
	if (command != NULL)
		return print_help(help_command, command, err);
	return command_is_family(words[0]) && words[1] == NULL ? print_family(words[0], err)
	                                                       : no_command(words, err);
}

/* The options before the command. 1: the command line is done with. */
static int take_globals(struct call *call, const char *const **words, struct error *err)
{
	for (; **words != NULL && (**words)[0] == '-' && !is_help(**words); (*words)++) {
		if (strcmp(**words, "--trace-time") == 0)
			call->trace = STDERR_FILENO;
		else if (strcmp(**words, "--version") == 0 || strcmp(**words, "-v") == 0)
			return output_line(err, "cordon version %s", CORDON_VERSION) < 0 ? -1 : 1;
		else {
			error_set(err, 0, "unknown flag: %.100s", **words);
			return error_hint(err, "see cordon --help");
		}
	}
	return 0;
}

static int dispatch(struct call *call, const char *const *words, struct error *err)
{
	const struct command *command;
	size_t used = 0;
	int done = take_globals(call, &words, err);

	if (done != 0)
		return done < 0 ? -1 : 0;
	if (is_help(words[0]))
		return print_help(write_all, NULL, err);
	if (strcmp(words[0], "help") == 0)
		return explain(words + 1, err);
	command = command_find(words, &used);
	if (command != NULL)
		return run(command, call, words + used, err);
	return command_is_family(words[0]) && is_help(words[1]) ? print_family(words[0], err)
	                                                        : no_command(words, err);
}

int main(int count, char **arguments)
{
	/* goes with the process: to give it back piece by piece is work for nothing */
	struct arena arena = {};
	struct call call = { .arena = &arena, .trace = -1 };
	struct error err = { .exit_status = EXIT_ENGINE };
	int status;

	open_standard_streams();
	status = dispatch(&call, (const char *const *)(arguments + (count > 0)), &err);
	if (status < 0) {
		output_error(&err);
		status = err.exit_status;
	}
	exit(status);
}
