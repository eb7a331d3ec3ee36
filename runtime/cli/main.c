/*
 * main: finds the command in the table, gives it what its row says it needs, prints an error once.
 */
#include "runtime/cli/command.h"

#include "cordon-config.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"
#include "sandbox/base/text.h"

#include <fcntl.h>
#include <string.h>

/* A closed standard stream would let the next open() take its place (and an image's output end
 * there). */
static void open_standard_streams(void)
{
	for (int fd = 0; fd < 3; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) < 0)
			_exit(EXIT_ENGINE);
}

static void print(const struct text *text)
{
	if (io_write_all(STDOUT_FILENO, text_string(text), text->length) < 0)
		_exit(1); /* a reader that has gone: nothing is left to say */
}

static int fail(const struct error *err)
{
	_cleanup_text struct text text = {};

	text_append(&text, "cordon: ");
	text_append_visible(&text, err->text, strlen(err->text));
	text_append_char(&text, '\n');
	if (err->hint[0] != '\0') {
		text_append(&text, "  ");
		text_append_visible(&text, err->hint, strlen(err->hint));
		text_append_char(&text, '\n');
	}
	if (io_write_all(STDERR_FILENO, text.data, text.length) < 0)
		return err->exit_status;
	return err->exit_status;
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

static bool asks_for_help(const struct command *command, const char *const *words)
{
	for (; *words != NULL; words++) {
		if (strcmp(*words, "--help") == 0)
			return true;
		/* behind the first operand they are words for the container */
		if (strcmp(*words, "--") == 0 || (command->most == SIZE_MAX && (*words)[0] != '-'))
			return false;
	}
	return false;
}

static int run(const struct command *command, struct call *call, const char *const *words,
               struct error *err)
{
	if (asks_for_help(command, words)) {
		_cleanup_text struct text text = {};

		help_command(&text, command);
		print(&text);
		return 0;
	}
	call->options =
	        arena_alloc(call->arena, command->options_size == 0 ? 1 : command->options_size);
	if (option_parse(call->options, command, call->arena, words, &call->words, err) < 0)
		return -1;
	while (call->words[call->count] != NULL)
		call->count++;
	if (prepare(call, command->needs, err) < 0)
		return -1;
	return command->run(call, err);
}

static int no_command(const char *word, struct error *err)
{
	const char *nearest = command_nearest(word);

	error_set(err, 0, "'%.100s' is not a cordon command", word);
	if (nearest != NULL)
		return error_hint(err, "did you mean: cordon %s?", nearest);
	return error_hint(err, "see cordon --help");
}

static int dispatch(struct call *call, const char *const *words, struct error *err)
{
	const struct command *command;
	size_t used = 0;

	for (; words[0] != NULL && words[0][0] == '-'; words++) {
		if (strcmp(words[0], "--trace-time") == 0)
			call->trace = STDERR_FILENO;
		else if (strcmp(words[0], "--version") == 0 || strcmp(words[0], "-v") == 0)
			return dprintf(STDOUT_FILENO, "cordon version %s\n", CORDON_VERSION) < 0;
		else
			break;
	}
	if (words[0] == NULL || strcmp(words[0], "--help") == 0 || strcmp(words[0], "-h") == 0 ||
	    (strcmp(words[0], "help") == 0 && words[1] == NULL)) {
		_cleanup_text struct text text = {};

		help_all(&text);
		print(&text);
		return 0;
	}
	if (strcmp(words[0], "help") == 0) {
		_cleanup_text struct text text = {};

		command = command_find(words + 1, &used);
		if (command == NULL)
			return no_command(words[1], err);
		help_command(&text, command);
		print(&text);
		return 0;
	}
	command = command_find(words, &used);
	return command == NULL ? no_command(words[0], err) : run(command, call, words + used, err);
}

int main(int count, char **arguments)
{
	_cleanup_arena struct arena arena = {};
	struct call call = { .arena = &arena, .trace = -1 };
	struct error err = { .exit_status = EXIT_ENGINE };
	int status;

	open_standard_streams();
	status = dispatch(&call, (const char *const *)(arguments + (count > 0)), &err);
	return status < 0 ? fail(&err) : status;
}
