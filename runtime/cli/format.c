#include "runtime/cli/format.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/base/text.h"

#include <ctype.h>
#include <string.h>

enum { WORDS_MAX = 8, DEPTH_MAX = 16 };

struct template
{
	const char *next, *end;
	struct error *err;
	unsigned depth;
	bool known; /* a misspelt field is an error, not "<no value>" */
};

static void print_value(struct text *ret, const struct value *value)
{
	if (value == NULL)
		text_append(ret, "<no value>");
	else if (value->kind == VALUE_STRING)
		text_append_bytes(ret, value->string, value->length);
	else
		value_encode(ret, value, VALUE_COMPACT);
}

static bool is_true(const struct value *value)
{
	if (value == NULL || value->kind == VALUE_NULL)
		return false;
	switch (value->kind) {
	case VALUE_BOOLEAN:
		return value->boolean;
	case VALUE_INTEGER:
		return value->integer != 0;
	case VALUE_STRING:
		return value->length > 0;
	case VALUE_REAL:
		return value->real != 0;
	default:
		return value->count > 0;
	}
}

/* Splits an action into words; quotes hold words together and are taken off. */
static size_t split(char *action, char *words[WORDS_MAX])
{
	size_t count = 0;

	for (char *next = action; *next != '\0' && count < WORDS_MAX;) {
		next += strspn(next, " \t\n");
		if (*next == '\0')
			break;
		if (*next == '"') {
			words[count++] = ++next;
			next += strcspn(next, "\"");
		} else {
			words[count++] = next;
			next += strcspn(next, " \t\n");
		}
		if (*next != '\0')
			*next++ = '\0';
	}
	return count;
}

static int look_up(const struct value **ret, struct template *template, const char *word,
                   const struct value *dot)
{
	if (word[0] != '.')
		return error_set(template->err, 0,
		                 "in --format: '%.60s' is neither a field (.Name) nor a function",
		                 word);
	*ret = word[1] == '\0' ? dot : value_path(dot, word + 1);
	if (*ret == NULL && dot != NULL && dot->kind == VALUE_OBJECT &&
	    strchr(word + 1, '.') == NULL) {
		error_set(template->err, 0, "in --format: there is no field %.60s", word);
		return error_hint(template->err, "see all fields with --format '{{json .}}'");
	}
	return 0;
}

static void print_join(struct text *ret, const struct value *value, const char *separator)
{
	for (size_t i = 0; value != NULL && value->kind == VALUE_ARRAY && i < value->count; i++) {
		if (i > 0)
			text_append(ret, separator);
		print_value(ret, value->items[i]);
	}
}

static void print_case(struct text *ret, const struct value *value, int (*change)(int))
{
	const char *string = value_string(value, "");

	for (; *string != '\0'; string++)
		text_append_char(ret, (char)change((unsigned char)*string));
}

static const struct value *find_index(const struct value *value, const char *key)
{
	uint64_t number;

	if (value == NULL || value->kind == VALUE_OBJECT)
		return value_get(value, key);
	if (value->kind == VALUE_ARRAY && text_to_number(&number, key, UINT32_MAX) &&
	    number < value->count)
		return value->items[number];
	return NULL;
}

static int call_function(struct text *ret, struct template *template, char **words, size_t count,
                         const struct value *dot)
{
	const struct value *value = NULL;
	const char *name = words[0];

	if (count < 2 ||
	    look_up(&value, template,
	            words[strcmp(name, "join") == 0 && words[1][0] != '.' ? 2 : 1], dot) < 0)
		return count < 2 ? error_set(template->err, 0,
		                             "in --format: %.40s needs an argument", name)
		                 : -1;
	if (strcmp(name, "json") == 0 && value != NULL)
		value_encode(ret, value, VALUE_COMPACT);
	else if (strcmp(name, "json") == 0)
		text_append(ret, "null");
	else if (strcmp(name, "len") == 0)
		text_printf(ret, "%zu",
		            value == NULL                 ? 0
		            : value->kind == VALUE_STRING ? value->length
		            : value->kind >= VALUE_ARRAY  ? value->count
		                                          : 0);
	else if (strcmp(name, "upper") == 0)
		print_case(ret, value, toupper);
	else if (strcmp(name, "lower") == 0)
		print_case(ret, value, tolower);
	else if (strcmp(name, "join") == 0 && count > 2)
		print_join(ret, value, words[1][0] != '.' ? words[1] : words[2]);
	else if (strcmp(name, "println") == 0) {
		print_value(ret, value);
		text_append_char(ret, '\n');
	} else if (strcmp(name, "print") == 0 || strcmp(name, "printf") == 0)
		print_value(ret, value);
	else if (strcmp(name, "index") == 0 && count > 2) {
		for (size_t i = 2; i < count; i++)
			value = find_index(value, words[i]);
		print_value(ret, value);
	} else
		return error_set(template->err, 0, "in --format: there is no function %.40s", name);
	return 0;
}

static int run(struct text *ret, struct template *template, const struct value *dot,
               const char **stopped);

/* Runs a body up to its {{else}} or {{end}}; `ret` NULL passes over it. */
static int run_body(struct text *ret, struct template *template, const struct value *dot,
                    const char **stopped)
{
	_cleanup_text struct text thrown = {};

	if (++template->depth > DEPTH_MAX)
		return error_set(template->err, 0, "in --format: nested too deep");
	if (run(ret == NULL ? &thrown : ret, template, ret == NULL ? NULL : dot, stopped) < 0)
		return -1;
	template->depth--;
	return *stopped == NULL ? error_set(template->err, 0, "in --format: {{end}} is missing")
	                        : 0;
}

static int run_if(struct text *ret, struct template *template, const char *word,
                  const struct value *dot)
{
	const struct value *value = NULL;
	const char *stopped = NULL;
	bool yes;

	if (dot != NULL && word[0] == '.')
		value = word[1] == '\0' ? dot : value_path(dot, word + 1);
	yes = is_true(value);
	if (run_body(yes && dot != NULL ? ret : NULL, template, dot, &stopped) < 0)
		return -1;
	if (strcmp(stopped, "else") == 0)
		return run_body(!yes && dot != NULL ? ret : NULL, template, dot, &stopped);
	return 0;
}

static int run_range(struct text *ret, struct template *template, const char *word,
                     const struct value *dot)
{
	const struct value *list = dot == NULL       ? NULL
	                           : word[1] == '\0' ? dot
	                                             : value_path(dot, word + 1);
	const char *body = template->next, *stopped = NULL;
	size_t count = list != NULL && list->kind >= VALUE_ARRAY ? list->count : 0;

	for (size_t i = 0; i < count; i++) {
		template->next = body;
		if (run_body(ret, template, list->items[i], &stopped) < 0)
			return -1;
	}
	return count == 0 ? run_body(NULL, template, NULL, &stopped) : 0;
}

static int run_action(struct text *ret, struct template *template, char *action,
                      const struct value *dot, const char **stopped)
{
	char *words[WORDS_MAX];
	size_t count = split(action, words);
	const struct value *value;

	if (count == 0)
		return 0;
	if (strcmp(words[0], "end") == 0 || strcmp(words[0], "else") == 0) {
		*stopped = words[0][1] == 'n' ? "end" : "else";
		return 0;
	}
	if (count > 1 && strcmp(words[0], "if") == 0)
		return run_if(ret, template, words[1], dot);
	if (count > 1 && strcmp(words[0], "range") == 0)
		return run_range(ret, template, words[1], dot);
	if (dot == NULL)
		return 0; /* passed over */
	if (words[0][0] != '.')
		return call_function(ret, template, words, count, dot);
	if (look_up(&value, template, words[0], dot) < 0)
		return -1;
	print_value(ret, value);
	return 0;
}

static void run_text(struct text *ret, const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (text[i] == '\\' && i + 1 < length && (text[i + 1] == 'n' || text[i + 1] == 't'))
			text_append_char(ret, text[++i] == 'n' ? '\n' : '\t');
		else
			text_append_char(ret, text[i]);
	}
}

static int run(struct text *ret, struct template *template, const struct value *dot,
               const char **stopped)
{
	*stopped = NULL;
	while (template->next < template->end && *stopped == NULL) {
		const char *open = strstr(template->next, "{{"), *close;
		char action[512];

		run_text(ret, template->next,
		         (size_t)((open == NULL ? template->end : open) - template->next));
		if (open == NULL) {
			template->next = template->end;
			break;
		}
		close = strstr(open, "}}");
		if (close == NULL || (size_t)(close - open) >= sizeof action)
			return error_set(template->err, 0, "in --format: {{ without }}");
		open += 2 + (open[2] == '-');
		snprintf(action, sizeof action, "%.*s", (int)(close - open) - (close[-1] == '-'),
		         open);
		template->next = close + 2;
		if (run_action(ret, template, action, dot, stopped) < 0)
			return -1;
	}
	return 0;
}

int format_value(struct text *ret, const char *format, const struct value *value, struct error *err)
{
	struct template template = { format, format + strlen(format), err, 0, true };
	const char *stopped;

	if (strcmp(format, "json") == 0) {
		value_encode(ret, value, VALUE_COMPACT);
		return 0;
	}
	if (run(ret, &template, value, &stopped) < 0)
		return -1;
	return stopped == NULL
	               ? 0
	               : error_set(err, 0, "in --format: {{%s}} without a beginning", stopped);
}
