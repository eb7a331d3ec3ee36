/*
 * top: what a container does. Docker takes the options of ps(1) behind the container, Podman names
 * of columns: names are taken, alone or with commas between, and the ps that ran here is our own.
 */
#include "runtime/cli/commands.h"
#include "runtime/cli/format.h"
#include "runtime/container/top.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/base/text.h"

#include <string.h>

enum { COLUMNS_MOST = 32 };

static const struct column usual[] = {
	{ "UID", "UID" },   { "PID", "PID" }, { "PPID", "PPID" },
	{ "TIME", "TIME" }, { "CMD", "CMD" },
};

/* As ps(1) and podman-top(1) call them. */
static const struct {
	const char *word;
	struct column column;
} known[] = {
	{ "args", { "CMD", "CMD" } },
	{ "cmd", { "CMD", "CMD" } },
	{ "comm", { "COMMAND", "COMMAND" } },
	{ "command", { "CMD", "CMD" } },
	{ "etime", { "ELAPSED", "ELAPSED" } },
	{ "gid", { "GID", "GID" } },
	{ "hpid", { "PID", "PID" } },
	{ "huser", { "UID", "UID" } },
	{ "ni", { "NI", "NI" } },
	{ "nice", { "NI", "NI" } },
	{ "nlwp", { "NLWP", "NLWP" } },
	{ "nspid", { "NSPID", "NSPID" } },
	{ "pcpu", { "%CPU", "%CPU" } },
	{ "pgid", { "PGID", "PGID" } },
	{ "pid", { "PID", "PID" } },
	{ "ppid", { "PPID", "PPID" } },
	{ "pri", { "PRI", "PRI" } },
	{ "rss", { "RSS", "RSS" } },
	{ "sid", { "SID", "SID" } },
	{ "stat", { "STAT", "STAT" } },
	{ "state", { "STAT", "STAT" } },
	{ "time", { "TIME", "TIME" } },
	{ "uid", { "UID", "UID" } },
	{ "user", { "UID", "UID" } },
	{ "vsz", { "VSZ", "VSZ" } },
};

static int refuse_options(const char *word, struct error *err)
{
	error_set(err, 0, "the options of ps (%.40s) are not offered: no ps is run", word);
	return error_hint(
	        err, "name the columns: cordon top CONTAINER pid,stat,rss,args; or ps WORDS -p "
	             "$(cordon top CONTAINER pid | tail -n +2 | paste -sd,)");
}

static int add_column(struct column *list, size_t *count, const char *word, struct error *err)
{
	if (*count == COLUMNS_MOST)
		return error_set(err, 0, "more than %d columns", COLUMNS_MOST);
	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (text_equal(known[i].word, word)) {
			list[(*count)++] = known[i].column;
			return 0;
		}
	if (text_equal(word, "aux") || text_equal(word, "ax") || text_equal(word, "auxw"))
		return refuse_options(word, err);
	error_set(err, 0, "there is no column '%.40s'", word);
	return error_hint(
	        err, "there are uid, gid, pid (of this machine), nspid (of the container), ppid, "
	             "pgid, sid, stat, time, etime, pcpu, rss, vsz, nlwp, ni, pri, comm and "
	             "args");
}

static int read_columns(struct column *list, size_t *count, struct call *call, struct error *err)
{
	for (size_t i = 1; i < call->count; i++) {
		const char *word = call->words[i];

		if (word[0] == '-')
			return refuse_options(word, err);
		while (*word != '\0') {
			size_t length = strcspn(word, ",");

			if (add_column(list, count, arena_text(call->arena, word, length), err) < 0)
				return -1;
			word += length + (word[length] == ',');
		}
	}
	return 0;
}

static int top(struct call *call, struct error *err)
{
	struct column chosen[COLUMNS_MOST];
	struct listing listing = { .columns = usual, .count = ARRAY_SIZE(usual) };
	struct value *rows;
	size_t count = 0;

	if (read_columns(chosen, &count, call, err) < 0 ||
	    container_top(&rows, call->arena, &call->paths, call->words[0], err) < 0)
		return -1;
	if (count > 0) {
		listing.columns = chosen;
		listing.count = count;
	}
	return listing_print(&listing, rows, err);
}

const struct command command_top = {
	.name = "top",
	.group = GROUP_CONTAINER,
	.operands = "CONTAINER [COLUMN...]",
	.summary = "List the processes of a container",
	.absent = absent_one_options,
	.needs = NEED_STATE,
	.least = 1,
	.most = SIZE_MAX,
	.own_words = true,
	.failure = EXIT_FAILURE,
	.run = top,
	.details =
	        "As this machine sees them: users and processes have their numbers of here. Columns are named as ps -o\n"
	        "and podman top name them: uid, gid, pid, nspid (the pid inside), ppid, pgid, sid, stat, time, etime,\n"
	        "pcpu, rss and vsz (in KiB), nlwp, ni, pri, comm, args. Nothing of the container is run for it.",
};
