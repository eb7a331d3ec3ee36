/*
 * run_words: options of run that may only say what is so anyway. Scripts say it, and mean no harm;
 * any other word is refused with its reason, since to take it and do nothing would be a lie.
 */
#include "runtime/cli/run_request.h"

#include "sandbox/base/cleanup.h"

#include <string.h>

static const struct settled {
	const char *name;
	size_t offset;
	const char *words; /* "private|shareable" */
	const char *reason, *way_out;
} table[] = {
	{ "cgroupns", offsetof(struct run_options, cgroupns), "private",
	  "each container has a cgroup namespace of its own", "leave it out" },
	{ "ipc", offsetof(struct run_options, ipc), "private",
	  "each container has queues and shared memory of its own",
	  "share files instead: -v FOLDER:FOLDER" },
	{ "log-driver", offsetof(struct run_options, log_driver), "json-file",
	  "the log is a JSON file that cordon logs reads",
	  "for the journal: systemd-cat -t NAME cordon run ..." },
	{ "pid", offsetof(struct run_options, pid), "private",
	  "each container has a process tree of its own",
	  "see its processes from outside: cordon top CONTAINER; enter it: cordon exec" },
	{ "restart", offsetof(struct run_options, restart), "no",
	  "nothing of cordon stays to start it again",
	  "let systemd: systemd-run --user --unit NAME -p Restart=on-failure "
	  "cordon run --rm --name NAME IMAGE" },
	{ "uts", offsetof(struct run_options, uts), "private",
	  "each container has a host name of its own", "give it one: --hostname NAME" },
};

static bool is_one_of(const char *word, const char *words)
{
	size_t length = strlen(word);

	for (; *words != '\0'; words += strcspn(words, "|"), words += *words == '|')
		if (strncmp(words, word, length) == 0 &&
		    (words[length] == '|' || words[length] == '\0'))
			return true;
	return false;
}

int run_words_check(const struct run_options *options, struct error *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		const struct settled *row = &table[i];
		const char *word;

		memcpy(&word, (const char *)options + row->offset, sizeof word);
		if (word == NULL || is_one_of(word, row->words))
			continue;
		error_set(err, 0, "--%s %.60s is not offered: %s", row->name, word, row->reason);
		return error_hint(err, "%s", row->way_out);
	}
	return 0;
}
