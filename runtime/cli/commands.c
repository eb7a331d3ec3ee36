/*
 * commands: the table of all commands.
 */
#include "runtime/cli/commands.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/base/text.h"

#include <string.h>

const struct command *const commands[] = {
	&command_run,          &command_create,       &command_start,          &command_exec,
	&command_attach,       &command_ps,           &command_logs,           &command_top,
	&command_inspect,      &command_wait,         &command_stop,           &command_kill,
	&command_rm,           &command_images,       &command_image_inspect,  &command_image_list,
	&command_image_remove, &command_load,         &command_pull,           &command_import,
	&command_rmi,          &command_policy_check, &command_policy_compile, &command_policy_show,
	&command_info,         &command_version,      &command_completion,     &command_manual,
};
const size_t command_count = ARRAY_SIZE(commands);

const struct command *command_find(const char *const *words, size_t *used)
{
	const struct command *found = NULL;

	if (words[0] != NULL && strcmp(words[0], "container") == 0 && words[1] != NULL) {
		/* docker container run ...: the same commands */
		found = command_find(words + 1, used);
		*used += 1;
		return found;
	}
	for (size_t i = 0; i < command_count; i++) {
		const char *space = strchr(commands[i]->name, ' ');

		if (space == NULL && strcmp(commands[i]->name, words[0]) == 0) {
			*used = 1;
			found = commands[i];
		}
		if (space != NULL && words[1] != NULL &&
		    strncmp(commands[i]->name, words[0], (size_t)(space - commands[i]->name)) ==
		            0 &&
		    words[0][space - commands[i]->name] == '\0' &&
		    strcmp(space + 1, words[1]) == 0) {
			*used = 2;
			return commands[i];
		}
	}
	return found;
}

const char *command_nearest(const char *word)
{
	const char *best = NULL;
	unsigned least = 3;

	for (size_t i = 0; i < command_count; i++) {
		unsigned distance = text_distance(word, commands[i]->name);

		if (!commands[i]->hidden && distance < least) {
			least = distance;
			best = commands[i]->name;
		}
	}
	return best;
}
