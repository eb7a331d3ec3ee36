/*
 * logs: what a container has written.
 */
#include "runtime/cli/commands.h"
#include "runtime/container/container.h"
#include "runtime/container/stamp.h"

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
	  "from then on: 10m, 2h, seconds, or RFC 3339" },
	{ 'n', "tail", OPTION_TEXT, offsetof(struct logs_options, tail), "LINES",
	  "only the last lines (all)" },
	{ 't', "timestamps", OPTION_FLAG, offsetof(struct logs_options, timestamps), NULL,
	  "with the time of each line" },
	{ 0, "until", OPTION_TEXT, offsetof(struct logs_options, until), "TIME", "up to then" },
	OPTIONS_END,
};

/* "90s", "10m", "2h" ago; seconds since the epoch; RFC 3339. In nanoseconds. */
static int parse_when(int64_t *ret, const char *text, struct error *err)
{
	static const struct {
		char unit;
		int64_t seconds;
	} units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 } };
	struct tm parts = {};
	int offset_hours = 0, offset_minutes = 0, used = 0;
	char sign[2] = "+", *end;
	double number = strtod(text, &end);
	const char *rest;

	for (size_t i = 0; i < ARRAY_SIZE(units); i++)
		if (end != text && end[0] == units[i].unit && end[1] == '\0') {
			*ret = ((int64_t)time(NULL) -
			        (int64_t)(number * (double)units[i].seconds)) *
			       1000000000;
			return 0;
		}
	if (end != text && *end == '\0') {
		*ret = (int64_t)(number * 1e9);
		return 0;
	}
	if (stamp_parse(ret, text))
		return 0;
	rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &parts);
	if (rest == NULL)
		rest = strptime(text, "%Y-%m-%d", &parts);
	/* nothing, Z, or what the clock there is ahead of UTC */
	if (rest != NULL && rest[0] != '\0' && strcmp(rest, "Z") != 0 &&
	    (sscanf(rest, "%1[+-]%2d:%2d%n", sign, &offset_hours, &offset_minutes, &used) != 3 ||
	     rest[used] != '\0'))
		rest = NULL;
	if (rest == NULL)
		return error_set(
		        err, 0,
		        "'%.60s' is not a time: write 10m, 2h, seconds or 2026-01-02T03:04:05Z",
		        text);
	*ret = ((int64_t)timegm(&parts) -
	        (sign[0] == '-' ? -60 : 60) * (offset_hours * 60 + offset_minutes)) *
	       1000000000;
	return 0;
}

static int logs(struct call *call, struct error *err)
{
	const struct logs_options *options = call->options;
	struct logs_request request = { .name = call->words[0],
		                        .follow = options->follow,
		                        .timestamps = options->timestamps,
		                        .tail = -1 };
	uint64_t lines;

	if (options->tail != NULL && strcmp(options->tail, "all") != 0) {
		if (!text_to_number(&lines, options->tail, INT64_MAX))
			return error_set(err, 0, "--tail takes a number of lines, or all");
		request.tail = (int64_t)lines;
	}
	if ((options->since != NULL && parse_when(&request.since, options->since, err) < 0) ||
	    (options->until != NULL && parse_when(&request.until, options->until, err) < 0))
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
	.needs = NEED_STATE,
	.least = 1,
	.most = 1,
	.failure = EXIT_FAILURE,
	.run = logs,
};
