/*
 * What an image is made of: history, image tree.
 */
#include "runtime/cli/commands.h"
#include "runtime/cli/format.h"
#include "runtime/cli/output.h"
#include "runtime/image/image.h"

#include "sandbox/base/cleanup.h"

#include <string.h>
#include <time.h>

enum { SHORT_ID = 12, SHORT_COMMAND = 45 };

/* ---- history ---- */

struct history_options {
	bool raw, no_trunc, quiet;
	const char *format;
};

#define ROW(letter, name, kind, member, value, help)                                               \
	{                                                                                          \
		letter, name, kind, offsetof(struct history_options, member), value, help          \
	}

static const struct option history_table[] = {
	ROW(0, "format", OPTION_TEXT, format, "TEMPLATE",
	    "a Go template, \"table TEMPLATE\" or json"),
	ROW('H', "human", OPTION_ON, raw, NULL, "sizes and ages as a person reads them"),
	ROW(0, "no-trunc", OPTION_FLAG, no_trunc, NULL, "ids and commands in full"),
	ROW('q', "quiet", OPTION_FLAG, quiet, NULL, "only ids"),
	OPTIONS_END,
};

static const struct column human_columns[] = {
	{ "IMAGE", "ID" },  { "CREATED", "CreatedSince" }, { "CREATED BY", "CreatedBy" },
	{ "SIZE", "Size" }, { "COMMENT", "Comment" },
}, raw_columns[] = {
	{ "IMAGE", "ID" },  { "CREATED AT", "CreatedAt" }, { "CREATED BY", "CreatedBy" },
	{ "SIZE", "Size" }, { "COMMENT", "Comment" },
}, more_columns[] = {
	{ "CREATED AT", "CreatedAt" }, { "CREATED", "CreatedSince" },
};

/* RFC 3339 in the caller's zone, as Docker. */
static const char *date_text(struct arena *arena, int64_t seconds)
{
	time_t when = seconds;
	struct tm parts = {};
	char text[64], zone[16];

	localtime_r(&when, &parts);
	strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
	strftime(zone, sizeof zone, "%z", &parts);
	if (parts.tm_gmtoff == 0)
		return arena_printf(arena, "%sZ", text);
	return arena_printf(arena, "%s%.3s:%s", text, zone, zone + 3);
}

/* On one line; not cut within a character. */
static const char *command_text(struct arena *arena, const char *by, bool whole)
{
	char *text = arena_strdup(arena, by);
	size_t characters = 0, cut = 0;

	for (size_t i = 0; text[i] != '\0'; i++) {
		if (text[i] == '\t' || text[i] == '\n')
			text[i] = ' ';
		if (((unsigned char)text[i] & 0xc0) == 0x80)
			continue;
		cut = characters == SHORT_COMMAND - 1 ? i : cut;
		characters++;
	}
	if (whole || characters <= SHORT_COMMAND)
		return text;
	return arena_printf(arena, "%.*s…", (int)cut, text);
}

static struct value *history_row(struct arena *arena, const struct history_options *options,
                                 const struct image_step *step, const char *id)
{
	struct value *row = value_new_object(arena);
	const char *at = step->created == 0 ? "" : date_text(arena, step->created);
	const char *since =
	        step->created == 0
	                ? "N/A"
	                : arena_printf(arena, "%s ago",
	                               human_duration(arena, time(NULL) - step->created));
	const struct {
		const char *key, *text;
	} texts[] = {
		{ "ID", id },
		{ "CreatedAt", at },
		{ "CreatedSince", options->raw ? at : since },
		{ "CreatedBy", command_text(arena, step->by, options->no_trunc) },
		{ "Size", options->raw ? arena_printf(arena, "%llu", (unsigned long long)step->size)
		                       : human_size(arena, step->size) },
		{ "Comment", step->comment },
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		value_set(arena, row, texts[i].key, value_new_string(arena, texts[i].text));
	return row;
}

static int history(struct call *call, struct error *err)
{
	const struct history_options *options = call->options;
	struct listing listing = { .columns = options->raw ? raw_columns : human_columns,
		                   .count = ARRAY_SIZE(human_columns),
		                   .format = options->format,
		                   .quiet_field = options->quiet ? "ID" : NULL,
		                   .more = more_columns,
		                   .more_count = ARRAY_SIZE(more_columns) };
	struct value *rows = value_new_array(call->arena);
	struct image_step *steps;
	struct image image;
	const char *id;
	size_t count;

	if (image_require(&image, call->arena, &call->paths, call->words[0], err) < 0 ||
	    image_history(&steps, &count, call->arena, &call->paths, &image, err) < 0)
		return -1;
	id = options->no_trunc ? arena_printf(call->arena, "sha256:%s", image.id)
	                       : arena_text(call->arena, image.id, SHORT_ID);
	for (size_t i = 0; i < count; i++)
		value_append(call->arena, rows,
		             history_row(call->arena, options, &steps[i],
		                         i == 0 ? id : "<missing>"));
	return listing_print(&listing, rows, err);
}

const struct command command_history = {
	.name = "history",
	.group = GROUP_IMAGE,
	.aliases = ALIASES("image history"),
	.operands = "IMAGE",
	.summary = "Show the steps an image was made in",
	.options = history_table,
	.options_size = sizeof(struct history_options),
	.absent = absent_stored_options,
	.needs = NEED_STATE,
	.least = 1,
	.most = 1,
	.failure = EXIT_FAILURE,
	.run = history,
};

/* ---- image tree ---- */

struct tree_options {
	bool no_trunc;
};

static const struct option tree_table[] = {
	{ 0, "no-trunc", OPTION_FLAG, offsetof(struct tree_options, no_trunc), NULL,
	  "ids of layers in full" },
	OPTIONS_END,
};

static void append_names(struct text *ret, const struct plan_strings *names)
{
	text_append_char(ret, '[');
	for (size_t i = 0; i < names->count; i++)
		text_printf(ret, "%s%s", i > 0 ? " " : "", names->items[i]);
	text_append_char(ret, ']');
}

static int tree(struct call *call, struct error *err)
{
	const struct tree_options *options = call->options;
	_cleanup_text struct text text = {};
	struct image_layer *layers;
	struct image image;
	size_t count;

	if (image_require(&image, call->arena, &call->paths, call->words[0], err) < 0 ||
	    image_layers(&layers, &count, call->arena, &call->paths, &image, err) < 0)
		return -1;
	text_printf(&text, "Image ID: %.12s\nTags:     ", image.id);
	append_names(&text, &image.names);
	text_printf(&text, "\nSize:     %s\nImage Layers\n", human_size(call->arena, image.size));
	for (size_t i = 0; i < count; i++) {
		text_printf(&text, "%s ID: %.*s Size: %s", i + 1 < count ? "├──" : "└──",
		            options->no_trunc ? 64 : SHORT_ID, layers[i].hex,
		            human_size(call->arena, layers[i].size));
		if (layers[i].top_of.count > 0) {
			text_append(&text, " Top Layer of: ");
			append_names(&text, &layers[i].top_of);
		}
		text_append_char(&text, '\n');
	}
	return output_print(&text, err);
}

const struct command command_image_tree = {
	.name = "image tree",
	.group = GROUP_IMAGE,
	.operands = "IMAGE",
	.summary = "Show the layers of an image, and which images end with them",
	.options = tree_table,
	.options_size = sizeof(struct tree_options),
	.needs = NEED_STATE,
	.least = 1,
	.most = 1,
	.failure = EXIT_FAILURE,
	.run = tree,
};
