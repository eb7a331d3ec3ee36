/*
 * logs: what a container has written.
 */
#include "runtime/cli/commands.h"
#include "runtime/cli/when.h"
#include "runtime/container/container.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/base/text.h"

#include <string.h>
#include <time.h>

struct logs_options {
	bool follow, timestamps;
	const char *tail, *since, *until;
};

static const struct option logs_table[] = {
	{ 'f', "follow", OPTION_FLAG, offsetof(struct logs_options, follow), NULL,
	  "go on until the container ends" },
	{ 0, "since", OPTION_TEXT, offsetof(struct logs_options, since), "TIME",
	  "from then on: how long ago (10m, 1h30m), seconds since the epoch, or a date (RFC 3339)" },
	{ 'n', "tail", OPTION_TEXT, offsetof(struct logs_options, tail), "LINES",
	  "only the last lines (all)" },
	{ 't', "timestamps", OPTION_FLAG, offsetof(struct logs_options, timestamps), NULL,
	  "with the time of each line" },
	{ 0, "until", OPTION_TEXT, offsetof(struct logs_options, until), "TIME",
	  "up to then, in the same forms; with --follow it ends there" },
	OPTIONS_END,
};

static int64_t now_nanoseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static int logs(struct call *call, struct error *err)
{
	const struct logs_options *options = call->options;
	struct logs_request request = { .name = call->words[0],
		                        .follow = options->follow,
		                        .timestamps = options->timestamps,
		                        .tail = -1 };
	uint64_t lines;

	/* Podman's word for all of them is -1 */
	if (options->tail != NULL && strcmp(options->tail, "all") != 0 &&
	    strcmp(options->tail, "-1") != 0) {
		if (!text_to_number(&lines, options->tail, INT64_MAX))
			return error_set(err, 0, "--tail takes a number of lines, or all");
		request.tail = (int64_t)lines;
	}
	if ((options->since != NULL &&
	     when_parse(&request.since, options->since, now_nanoseconds(), err) < 0) ||
	    (options->until != NULL &&
	     when_parse(&request.until, options->until, now_nanoseconds(), err) < 0))
		return -1;
	return container_logs(&call->paths, &request, err);
}

const struct command command_logs = {
	.name = "logs",
	.group = GROUP_CONTAINER,
	.operands = "CONTAINER",
	.summary = "Print what a container has written",
	.options = logs_table,
	.options_size = sizeof(struct logs_options),
	.absent = absent_logs_options,
	.needs = NEED_STATE,
	.least = 1,
	.most = 1,
	.failure = EXIT_FAILURE,
	.run = logs,
};
