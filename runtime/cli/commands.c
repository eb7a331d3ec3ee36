/*
 * commands: the table of all commands, and how the first words of a command line find a row.
 */
#include "runtime/cli/commands.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/base/text.h"

#include <string.h>

/* One a line, so that two who add one do not meet. */
/* clang-format off */
const struct command *const commands[] = {
	&command_run,
	&command_create,
	&command_start,
	&command_exec,
	&command_attach,
	&command_ps,
	&command_logs,
	&command_top,
	&command_stats,
	&command_inspect,
	&command_container_inspect,
	&command_wait,
	&command_stop,
	&command_kill,
	&command_restart,
	&command_pause,
	&command_unpause,
	&command_rm,
	&command_rename,
	&command_container_prune,
	&command_port,
	&command_diff,
	&command_export,
	&command_cp,
	&command_commit,
	&command_images,
	&command_image_inspect,
	&command_load,
	&command_save,
	&command_pull,
	&command_push,
	&command_import,
	&command_rmi,
	&command_image_exists,
	&command_tag,
	&command_untag,
	&command_history,
	&command_image_tree,
	&command_image_prune,
	&command_image_verify,
	&command_manifest_inspect,
	&command_login,
	&command_logout,
	&command_policy_check,
	&command_policy_compile,
	&command_policy_show,
	&command_policy_prove,
	&command_policy_diff,
	&command_policy_explain,
	&command_policy_score,
	&command_policy_fmt,
	&command_policy_merge,
	&command_policy_publish,
	&command_volume_ls,
	&command_volume_create,
	&command_volume_inspect,
	&command_volume_rm,
	&command_volume_prune,
	&command_system_check,
	&command_system_df,
	&command_system_prune,
	&command_info,
	&command_version,
	&command_completion,
	&command_manual,
};
/* clang-format on */
const size_t command_count = ARRAY_SIZE(commands);

static const char container[] = "container";

const char *command_member(const char *name, const char *family)
{
	size_t length = strlen(family);

	return strncmp(name, family, length) == 0 && name[length] == ' ' ? name + length + 1 : NULL;
}

/* How many of the words spell `name`, which has one or two; 0: they do not. */
static size_t spelt(const char *name, const char *const *words)
{
	const char *member = command_member(name, words[0]);

	if (strchr(name, ' ') == NULL)
		return strcmp(name, words[0]) == 0;
	return member != NULL && words[1] != NULL && strcmp(member, words[1]) == 0 ? 2 : 0;
}

static size_t spelt_any(const struct command *command, const char *const *words)
{
	size_t used = spelt(command->name, words);

	for (const char *const *alias = command->aliases;
	     used == 0 && alias != NULL && *alias != NULL; alias++)
		used = spelt(*alias, words);
	return used;
}

const struct command *command_find(const char *const *words, size_t *used)
{
	const struct command *found = NULL;
	size_t best = 0;

	if (words[0] == NULL)
		return NULL;
	for (size_t i = 0; i < command_count; i++) {
		size_t count = spelt_any(commands[i], words);

		if (count > best) {
			best = count;
			found = commands[i];
		}
	}
	/* docker container run ...: the same commands */
	if (found == NULL && strcmp(words[0], container) == 0 && words[1] != NULL &&
	    strcmp(words[1], container) != 0) {
		found = command_find(words + 1, &best);
		if (found != NULL && found->group != GROUP_CONTAINER)
			return NULL;
		best++;
	}
	if (found != NULL)
		*used = best;
	return found;
}

bool command_is_family(const char *word)
{
	for (size_t i = 0; i < command_count; i++) {
		if (command_member(commands[i]->name, word) != NULL)
			return true;
		for (const char *const *alias = commands[i]->aliases;
		     alias != NULL && *alias != NULL; alias++)
			if (command_member(*alias, word) != NULL)
				return true;
	}
	return false;
}

/* How far a slip may be from what was meant: a third of the word, and not more than two letters. */
static unsigned patience(const char *word)
{
	size_t third = strlen(word) / 3;

	return third < 1 ? 1 : third > 2 ? 2 : (unsigned)third;
}

/* Keeps the nearest of those that were tried; *least is how far it is, one more than allowed at
 * first. */
static void try(const char **best, unsigned *least, const char *word, const char *name)
{
	unsigned distance = text_distance(word, name);

	if (distance < *least) {
		*least = distance;
		*best = name;
	}
}

const char *command_nearest(const char *word)
{
	static const char *const families[] = { "container", "image",  "manifest",
		                                "policy",    "system", "volume" };
	unsigned least = patience(word) + 1;
	const char *best = NULL;

	for (size_t i = 0; i < command_count; i++) {
		if (commands[i]->hidden)
			continue;
		try(&best, &least, word, commands[i]->name);
		for (const char *const *alias = commands[i]->aliases;
		     alias != NULL && *alias != NULL; alias++)
			try(&best, &least, word, *alias);
	}
	for (size_t i = 0; i < ARRAY_SIZE(families); i++)
		try(&best, &least, word, families[i]);
	return best;
}
