/*
 * mount_option: --mount type=...,source=...,target=...: words divided by commas, as a line of CSV:
 * a word with a comma in it stands in double quotes.
 */
#include "runtime/cli/run_request.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/base/text.h"

#include <string.h>

struct mount_words {
	const char *type, *source, *target, *size, *mode;
	bool read_only, nocopy;
};

static const struct {
	const char *name;
	size_t place; /* of what it says is true */
} mount_flags[] = {
	{ "readonly", offsetof(struct mount_words, read_only) },
	{ "ro", offsetof(struct mount_words, read_only) },
	{ "volume-nocopy", offsetof(struct mount_words, nocopy) },
};

static const struct {
	const char *key;
	size_t place; /* of the text it sets */
} mount_keys[] = {
	{ "type", offsetof(struct mount_words, type) },
	{ "source", offsetof(struct mount_words, source) },
	{ "src", offsetof(struct mount_words, source) },
	{ "target", offsetof(struct mount_words, target) },
	{ "dst", offsetof(struct mount_words, target) },
	{ "destination", offsetof(struct mount_words, target) },
	{ "tmpfs-size", offsetof(struct mount_words, size) },
	{ "tmpfs-mode", offsetof(struct mount_words, mode) },
};

static const struct {
	const char *name;
	int kind;
} mount_types[] = {
	{ "bind", MOUNT_REQUEST_BIND },
	{ "volume", MOUNT_REQUEST_VOLUME },
	{ "tmpfs", MOUNT_REQUEST_TMPFS },
};

static int invalid(struct error *err, const char *spec, const char *what, const char *word)
{
	return error_set(err, 0, "invalid --mount '%s': %s%s%s", spec, word,
	                 word[0] != '\0' ? " " : "", what);
}

static int take_flag(struct mount_words *words, size_t flag, const char *value, const char *spec,
                     struct error *err)
{
	bool is_true = value == NULL || strcmp(value, "true") == 0 || strcmp(value, "1") == 0;

	if (!is_true && strcmp(value, "false") != 0 && strcmp(value, "0") != 0)
		return invalid(err, spec, "is true or false", mount_flags[flag].name);
	*(bool *)(void *)((char *)words + mount_flags[flag].place) = is_true;
	return 0;
}

static int take_word(struct mount_words *words, char *word, const char *spec, struct error *err)
{
	char *value = strchr(word, '=');

	if (value != NULL)
		*value++ = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(mount_flags); i++)
		if (strcmp(mount_flags[i].name, word) == 0)
			return take_flag(words, i, value, spec, err);
	for (size_t i = 0; i < ARRAY_SIZE(mount_keys); i++) {
		if (strcmp(mount_keys[i].key, word) != 0)
			continue;
		if (value == NULL || value[0] == '\0')
			return invalid(err, spec, "has no value", word);
		*(const char **)(void *)((char *)words + mount_keys[i].place) = value;
		return 0;
	}
	return error_set(err, 0, "invalid --mount '%s': unknown key '%s'", spec, word);
}

/* The word at *next, its quotes taken off in place; *next is moved behind its comma, NULL at the
 * end. NULL: a quote is not closed. */
static char *next_word(char **next)
{
	char *word = *next, *from = word, *to = word;
	bool quoted = false;

	for (; *from != '\0' && (quoted || *from != ','); from++) {
		if (*from != '"')
			*to++ = *from;
		else if (quoted && from[1] == '"')
			*to++ = *from++;
		else
			quoted = !quoted;
	}
	*next = *from == ',' ? from + 1 : NULL;
	*to = '\0';
	return quoted ? NULL : word;
}

/* -v would read them otherwise: a name as a path. */
static int check(const struct mount_words *words, int kind, const char *spec, struct error *err)
{
	const char *source = words->source;

	if (words->target == NULL)
		return invalid(err, spec, "no target", "");
	if (kind == MOUNT_REQUEST_BIND && source == NULL)
		return invalid(err, spec, "a bind has a source", "");
	if (kind == MOUNT_REQUEST_BIND && source[0] != '/') {
		error_set(err, 0, "invalid --mount '%s': '%s' is not an absolute path", spec,
		          source);
		return error_hint(err, "use \"$PWD/%s\", or -v, which takes ./%s", source, source);
	}
	if (kind == MOUNT_REQUEST_VOLUME && source != NULL && strchr(source, '/') != NULL) {
		error_set(err, 0, "invalid --mount '%s': '%s' is not the name of a volume", spec,
		          source);
		return error_hint(err, "a folder of the host is mounted with type=bind");
	}
	if (kind == MOUNT_REQUEST_TMPFS && source != NULL)
		return invalid(err, spec, "a tmpfs has no source", "");
	if (kind != MOUNT_REQUEST_TMPFS && (words->size != NULL || words->mode != NULL))
		return invalid(err, spec, "tmpfs-size and tmpfs-mode are for type=tmpfs", "");
	if (kind != MOUNT_REQUEST_VOLUME && words->nocopy)
		return invalid(err, spec, "volume-nocopy is for type=volume", "");
	return 0;
}

static const char *options_of(struct arena *arena, const struct mount_words *words)
{
	_cleanup_text struct text text = {};

	if (words->size != NULL)
		text_printf(&text, ",size=%s", words->size);
	if (words->mode != NULL)
		text_printf(&text, ",mode=%s", words->mode);
	if (words->read_only)
		text_append(&text, ",ro");
	if (words->nocopy)
		text_append(&text, ",nocopy");
	return arena_strdup(arena, text.length == 0 ? "" : text.data + 1);
}

static void append(struct run_request *request, struct arena *arena, struct mount_request mount)
{
	struct mount_request *mounts = arena_array(arena, request->mount_count + 1, sizeof *mounts);

	if (request->mount_count > 0)
		memcpy(mounts, request->mounts, request->mount_count * sizeof *mounts);
	mounts[request->mount_count++] = mount;
	request->mounts = mounts;
}

int mount_option(struct run_request *request, struct arena *arena, const char *spec,
                 struct error *err)
{
	struct mount_words words = { .type = "volume" };
	size_t row = 0;

	for (char *next = arena_strdup(arena, spec); next != NULL;) {
		char *word = next_word(&next);

		if (word == NULL)
			return invalid(err, spec, "a quote is not closed", "");
		if (take_word(&words, word, spec, err) < 0)
			return -1;
	}
	while (row < ARRAY_SIZE(mount_types) && strcmp(mount_types[row].name, words.type) != 0)
		row++;
	if (row == ARRAY_SIZE(mount_types))
		return invalid(err, spec, "type is bind, volume or tmpfs", "");
	if (check(&words, mount_types[row].kind, spec, err) < 0)
		return -1;
	append(request, arena,
	       (struct mount_request){ .kind = mount_types[row].kind,
	                               .source = words.source,
	                               .target = words.target,
	                               .options = options_of(arena, &words) });
	return 0;
}
