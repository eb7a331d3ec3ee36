/*
 * option: reads a command line by a command's table: --name VALUE, --name=VALUE, -x VALUE, -xVALUE,
 * clusters of flags (-it), --flag=false, "--". Options may stand among the operands, except for
 * commands with words of their own (run, exec): there they end at the first operand. --help is an
 * option of every command, and -h of those that have no other.
 */
#include "runtime/cli/command.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/base/text.h"

#include <string.h>

struct parser {
	void *options;
	const struct command *command;
	struct arena *arena;
	const char *const *words;
	struct error *err;
};

static int refuse(struct parser *parser, const char *format, const char *word)
{
	char shown[160];

	snprintf(shown, sizeof shown, "%.150s", word);
	error_set(parser->err, 0, format, shown);
	return error_hint(parser->err, "see cordon %s --help", parser->command->name);
}

/* What Go's strconv.ParseBool takes, as Docker does. */
static int parse_flag(bool *ret, const char *value)
{
	static const struct {
		const char *word;
		bool meaning;
	} words[] = {
		{ "true", true },   { "True", true }, { "TRUE", true },   { "t", true },
		{ "T", true },      { "1", true },    { "false", false }, { "False", false },
		{ "FALSE", false }, { "f", false },   { "F", false },     { "0", false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (strcmp(words[i].word, value) == 0) {
			*ret = words[i].meaning;
			return 0;
		}
	return -1;
}

static int set_flag(struct parser *parser, const struct option *option, const char *value)
{
	void *place = (char *)parser->options + option->offset;
	bool on = true;

	if (value != NULL && parse_flag(&on, value) < 0)
		return refuse(parser, "--%s takes true or false", option->name);
	if (option->kind == OPTION_EITHER)
		*(enum either *)place = on ? EITHER_YES : EITHER_NO;
	else
		*(bool *)place = option->kind == OPTION_ON ? !on : on;
	return 0;
}

static void append(struct arena *arena, struct plan_strings *list, const char *item)
{
	const char **items = arena_array(arena, list->count + 2, sizeof *items);

	if (list->count > 0)
		memcpy(items, list->items, list->count * sizeof *items);
	items[list->count++] = item;
	list->items = items;
}

static int set_value(struct parser *parser, const struct option *option, const char *value)
{
	void *place = (char *)parser->options + option->offset;
	bool negative = value[0] == '-';
	uint64_t number;

	switch (option->kind) {
	case OPTION_LIST:
		append(parser->arena, place, value);
		return 0;
	case OPTION_NUMBER:
		if (!text_to_number(&number, value + negative, INT64_MAX))
			return refuse(parser, "--%s takes a whole number", option->name);
		*(int64_t *)place = negative ? -(int64_t)number : (int64_t)number;
		return 0;
	default:
		*(const char **)place = value;
		return 0;
	}
}

static const struct option *find_long(const struct option *options, const char *name, size_t length)
{
	for (; options != NULL && options->name != NULL; options++)
		if (strlen(options->name) == length && strncmp(options->name, name, length) == 0)
			return options;
	return NULL;
}

static const struct option *find_letter(const struct option *options, char letter)
{
	for (; options != NULL && options->name != NULL; options++)
		if (options->letter == letter)
			return options;
	return NULL;
}

static int unknown_long(struct parser *parser, const char *word)
{
	const struct option *options = parser->command->options;
	struct absent absent;
	const char *best = NULL;
	unsigned least = 3;

	if (absent_find(&absent, parser->command->absent, word + 2, 0))
		return absent_refuse(&absent, "--", parser->err);
	refuse(parser, "unknown flag: %s", word);
	for (; options != NULL && options->name != NULL; options++) {
		unsigned distance = text_distance(word + 2, options->name);

		if (distance < least) {
			least = distance;
			best = options->name;
		}
	}
	if (best == NULL && text_distance(word + 2, "help") < least)
		best = "help";
	if (best != NULL)
		error_hint(parser->err, "did you mean --%s?", best);
	return -1;
}

/* Takes a word that begins with "--"; *taken counts the words it used. */
static int take_long(struct parser *parser, const char *word, const char *next, size_t *taken)
{
	const char *equals = strchr(word, '=');
	size_t length = equals == NULL ? strlen(word) - 2 : (size_t)(equals - word) - 2;
	const struct option *option = find_long(parser->command->options, word + 2, length);

	*taken = 1;
	if (option == NULL)
		return unknown_long(parser, arena_text(parser->arena, word, length + 2));
	if (!option_takes_value(option))
		return set_flag(parser, option, equals == NULL ? NULL : equals + 1);
	if (equals != NULL)
		return set_value(parser, option, equals + 1);
	if (next == NULL)
		return refuse(parser, "flag needs an argument: --%s", option->name);
	*taken = 2;
	return set_value(parser, option, next);
}

static int unknown_letter(struct parser *parser, const char *word, char letter)
{
	struct absent absent;

	return absent_find(&absent, parser->command->absent, NULL, letter)
	               ? absent_refuse(&absent, "--", parser->err)
	               : refuse(parser, "unknown shorthand flag in %s", word);
}

static int take_letters(struct parser *parser, const char *word, const char *next, size_t *taken)
{
	*taken = 1;
	for (const char *letter = word + 1; *letter != '\0'; letter++) {
		const struct option *option = find_letter(parser->command->options, *letter);

		if (option == NULL)
			return unknown_letter(parser, word, *letter);
		if (!option_takes_value(option)) {
			if (letter[1] == '=')
				return set_flag(parser, option, letter + 2);
			if (set_flag(parser, option, NULL) < 0)
				return -1;
			continue;
		}
		if (letter[1] != '\0')
			return set_value(parser, option, letter + (letter[1] == '=' ? 2 : 1));
		if (next == NULL)
			return refuse(parser, "flag needs an argument: %s", word);
		*taken = 2;
		return set_value(parser, option, next);
	}
	return 0;
}

static bool asks_for_help(const struct command *command, const char *word)
{
	return strcmp(word, "--help") == 0 ||
	       (strcmp(word, "-h") == 0 && find_letter(command->options, 'h') == NULL);
}

int option_parse(void *options, const struct command *command, struct arena *arena,
                 const char *const *words, const char *const **rest, struct error *err)
{
	struct parser parser = { options, command, arena, words, err };
	bool ended = false;
	/* a list with its end, also of none */
	struct plan_strings operands = { arena_array(arena, 1, sizeof *operands.items), 0 };

	for (size_t i = 0; words[i] != NULL;) {
		size_t taken = 1;

		if (!ended && strcmp(words[i], "--") == 0) {
			ended = true;
		} else if (ended || words[i][0] != '-' || words[i][1] == '\0') {
			append(arena, &operands, words[i]);
			ended |= command->own_words;
		} else if (asks_for_help(command, words[i])) {
			return 1;
		} else if (words[i][1] == '-') {
			if (take_long(&parser, words[i], words[i + 1], &taken) < 0)
				return -1;
		} else if (take_letters(&parser, words[i], words[i + 1], &taken) < 0) {
			return -1;
		}
		i += taken;
	}
	if (operands.count < command->least || operands.count > command->most) {
		error_set(err, 0, "\"cordon %s\" takes %s%s", command->name,
		          command->operands[0] == '\0' ? "no arguments" : "these arguments: ",
		          command->operands);
		return error_hint(err, "see cordon %s --help", command->name);
	}
	*rest = operands.items;
	return 0;
}
