#include "runtime/registry/client/header.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/base/text.h"

#include <string.h>
#include <strings.h>
#include <time.h>

enum { RETRY_MAX = 3600 };

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* tchar of RFC 9110, 5.6.2 */
static bool is_token(char c)
{
	return c != '\0' && (strchr("!#$%&'*+-.^_`|~", c) != NULL || (c >= '0' && c <= '9') ||
	                     (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'));
}

bool header_parse(struct header *ret, const char *line, size_t length)
{
	const char *colon = memchr(line, ':', length);
	const char *value, *end = line + length;

	if (colon == NULL || colon == line || (size_t)(colon - line) >= sizeof ret->name)
		return false;
	while (end > colon + 1 && (end[-1] == '\r' || end[-1] == '\n' || is_blank(end[-1])))
		end--;
	for (value = colon + 1; value < end && is_blank(*value);)
		value++;
	if ((size_t)(end - value) >= sizeof ret->value)
		return false;
	for (const char *c = line; c < colon; c++)
		if (!is_token(*c))
			return false;
	for (const char *c = value; c < end; c++)
		if ((unsigned char)*c < ' ' && *c != '\t')
			return false;
	memcpy(ret->name, line, (size_t)(colon - line));
	ret->name[colon - line] = '\0';
	memcpy(ret->value, value, (size_t)(end - value));
	ret->value[end - value] = '\0';
	return true;
}

unsigned header_seconds(const char *value)
{
	uint64_t seconds;

	if (!text_to_number(&seconds, value, UINT64_MAX))
		return 0;
	return seconds > RETRY_MAX ? RETRY_MAX : (unsigned)seconds;
}

int64_t header_date(const char *value)
{
	static const char *const forms[] = { "%a, %d %b %Y %H:%M:%S GMT",
		                             "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %d %H:%M:%S %Y" };

	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		struct tm parts = {};
		const char *end = strptime(value, forms[i], &parts);
		time_t when = end != NULL && *end == '\0' ? timegm(&parts) : 0;

		if (when > 0)
			return when;
	}
	return 0;
}

unsigned header_until(int64_t then, int64_t now)
{
	if (then == 0 || now == 0 || then <= now)
		return 0;
	return then - now > RETRY_MAX ? RETRY_MAX : (unsigned)(then - now);
}

bool header_range_starts(const char *value, uint64_t from)
{
	char number[24];
	uint64_t first;
	size_t digits;

	if (strncasecmp(value, "bytes ", 6) != 0)
		return false;
	value += 6;
	digits = strspn(value, "0123456789");
	if (digits == 0 || digits >= sizeof number || value[digits] != '-')
		return false;
	memcpy(number, value, digits);
	number[digits] = '\0';
	return text_to_number(&first, number, UINT64_MAX) && first == from;
}

void header_media_type(char *ret, size_t room, const char *value)
{
	size_t length = strcspn(value, "; \t");

	if (length >= room)
		length = 0;
	memcpy(ret, value, length);
	ret[length] = '\0';
}

/* ---- lists ---- */

struct reader {
	struct arena *arena;
	const char *at;
};

static void skip_blanks(struct reader *reader)
{
	while (is_blank(*reader->at))
		reader->at++;
}

static const char *read_token(struct reader *reader)
{
	const char *start = reader->at;

	while (is_token(*reader->at))
		reader->at++;
	return reader->at == start ? NULL
	                           : arena_text(reader->arena, start, (size_t)(reader->at - start));
}

/* token or quoted-string; NULL where it is neither. */
static const char *read_value(struct reader *reader)
{
	_cleanup_text struct text text = {};

	if (*reader->at != '"')
		return read_token(reader);
	for (reader->at++; *reader->at != '"'; reader->at++) {
		if (*reader->at == '\\')
			reader->at++;
		if (*reader->at == '\0')
			return NULL;
		text_append_char(&text, *reader->at);
	}
	reader->at++;
	return arena_strdup(reader->arena, text_string(&text));
}

/* NAME=VALUE, if that is what comes next: a token that is followed by something else begins the
 * next challenge. 1, 0, -1 malformed. */
static int read_parameter(const char **name, const char **value, struct reader *reader)
{
	struct reader ahead = *reader;

	*name = read_token(&ahead);
	if (*name == NULL)
		return *ahead.at == '\0' ? 0 : -1;
	skip_blanks(&ahead);
	if (*ahead.at != '=')
		return 0;
	ahead.at++;
	skip_blanks(&ahead);
	*value = read_value(&ahead);
	if (*value == NULL)
		return -1;
	skip_blanks(&ahead);
	if (*ahead.at != ',' && *ahead.at != '\0')
		return -1;
	while (*ahead.at == ',' || is_blank(*ahead.at))
		ahead.at++;
	*reader = ahead;
	return 1;
}

/* "next" among the words of a relation. */
static bool is_next(const char *relation)
{
	static const char next[] = "next";

	while (*relation != '\0') {
		size_t length = strcspn(relation, " ");

		if (length == strlen(next) && strncasecmp(relation, next, length) == 0)
			return true;
		relation += length + (relation[length] == ' ');
	}
	return false;
}

const char *header_next(struct arena *arena, const char *value)
{
	struct reader reader = { arena, value };
	const char *name, *word;

	while (*reader.at != '\0') {
		const char *end = *reader.at == '<' ? strchr(reader.at, '>') : NULL;
		const char *target;
		bool next = false;

		if (end == NULL)
			return NULL;
		target = arena_text(arena, reader.at + 1, (size_t)(end - reader.at) - 1);
		reader.at = end + 1;
		for (skip_blanks(&reader); *reader.at == ';'; skip_blanks(&reader)) {
			reader.at++;
			skip_blanks(&reader);
			name = read_token(&reader);
			word = *reader.at == '=' ? (reader.at++, read_value(&reader)) : "";
			if (name == NULL || word == NULL)
				return NULL;
			next |= strcasecmp(name, "rel") == 0 && is_next(word);
			skip_blanks(&reader);
		}
		if (next)
			return target;
		while (*reader.at == ',' || is_blank(*reader.at))
			reader.at++;
	}
	return NULL;
}

/* ---- challenges ---- */

static void take_parameter(struct challenge *challenge, const char *name, const char *value)
{
	const struct {
		const char *name;
		const char **place;
	} known[] = {
		{ "realm", &challenge->realm },
		{ "service", &challenge->service },
		{ "scope", &challenge->scope },
	};

	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (strcasecmp(known[i].name, name) == 0)
			*known[i].place = value;
}

static void skip_commas(struct reader *reader)
{
	while (*reader->at == ',' || is_blank(*reader->at))
		reader->at++;
}

/* "Negotiate YII=": what stands in the place of parameters (token68, RFC 9110). */
static void skip_token68(struct reader *reader)
{
	struct reader ahead = *reader;

	ahead.at += strspn(ahead.at, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	                             "0123456789-._~+/");
	ahead.at += strspn(ahead.at, "=");
	skip_blanks(&ahead);
	if (*ahead.at == ',' || *ahead.at == '\0')
		*reader = ahead;
}

/* The first of several that are Bearer counts. */
bool challenge_parse(struct challenge *ret, struct arena *arena, const char *value)
{
	struct reader reader = { arena, value };
	struct challenge all = *ret;

	skip_commas(&reader);
	while (*reader.at != '\0') {
		const char *scheme = read_token(&reader);
		bool bearer = scheme != NULL && strcasecmp(scheme, "Bearer") == 0 && !all.bearer;
		const char *name, *text;
		int status;

		if (scheme == NULL)
			return false;
		all.bearer |= bearer;
		all.basic |= strcasecmp(scheme, "Basic") == 0;
		skip_blanks(&reader);
		skip_token68(&reader);
		skip_commas(&reader);
		while ((status = read_parameter(&name, &text, &reader)) == 1)
			if (bearer)
				take_parameter(&all, name, text);
		if (status < 0)
			return false;
	}
	*ret = all;
	return true;
}
