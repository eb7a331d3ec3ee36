#include "runtime/registry/reference.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/base/text.h"

#include <string.h>

enum { NAME_MAX_LENGTH = 255, TAG_MAX_LENGTH = 128, HEX_LENGTH = 64 };

static bool is_lower_digit(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool is_letter_digit(char c)
{
	return is_lower_digit(c) || (c >= 'A' && c <= 'Z');
}

static bool is_hex(const char *text, size_t length)
{
	return strspn(text, "0123456789abcdef") == length;
}

const char *reference_digest_hex(const char *digest)
{
	static const char algorithm[] = "sha256:";

	if (digest == NULL || !text_starts(digest, algorithm))
		return NULL;
	digest += strlen(algorithm);
	return strlen(digest) == HEX_LENGTH && is_hex(digest, HEX_LENGTH) ? digest : NULL;
}

/* A separator in a path component: one "." or "_", two "_", or any number of "-". */
static size_t separator_length(const char *text)
{
	if (text[0] == '-')
		return strspn(text, "-");
	if (text[0] == '_')
		return text[1] == '_' ? 2 : 1;
	return text[0] == '.';
}

static bool is_path_component(const char *text, size_t length)
{
	size_t i = 0;

	while (i < length) {
		if (!is_lower_digit(text[i]))
			return false;
		while (i < length && is_lower_digit(text[i]))
			i++;
		if (i < length) {
			size_t separator = separator_length(text + i);

			if (separator == 0 || i + separator >= length)
				return false;
			i += separator;
		}
	}
	return length > 0;
}

static bool is_path(const char *text)
{
	for (;;) {
		size_t length = strcspn(text, "/");

		if (!is_path_component(text, length))
			return false;
		if (text[length] == '\0')
			return true;
		text += length + 1;
	}
}

static bool is_port(const char *text)
{
	return text[0] != '\0' && text[strspn(text, "0123456789")] == '\0';
}

/* Labels of letters, digits and inner dashes, between dots; or an IPv6 address in brackets. */
static bool is_domain(const char *text)
{
	if (text[0] == '[') {
		size_t length = 1 + strspn(text + 1, "0123456789abcdefABCDEF:");

		if (length < 3 || text[length] != ']')
			return false;
		return text[length + 1] == '\0' ||
		       (text[length + 1] == ':' && is_port(text + length + 2));
	}
	for (;;) {
		size_t length = 0;

		while (is_letter_digit(text[length]) || text[length] == '-')
			length++;
		if (length == 0 || text[0] == '-' || text[length - 1] == '-')
			return false;
		text += length;
		if (text[0] == '\0')
			return true;
		if (text[0] == ':')
			return is_port(text + 1);
		if (text[0] != '.')
			return false;
		text++;
	}
}

static bool is_tag(const char *text)
{
	size_t length = 0;

	if (text[0] == '.' || text[0] == '-')
		return false;
	while (is_letter_digit(text[length]) ||
	       (text[length] != '\0' && strchr("_.-", text[length])))
		length++;
	return text[length] == '\0' && length > 0 && length <= TAG_MAX_LENGTH;
}

static bool looks_like_domain(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (text[i] == '.' || text[i] == ':' || (text[i] >= 'A' && text[i] <= 'Z'))
			return true;
	return length == strlen("localhost") && memcmp(text, "localhost", length) == 0;
}

static int refuse(struct error *err, const char *name, const char *why)
{
	_cleanup_text struct text shown = {};
	size_t length = strlen(name);

	text_append_visible(&shown, name, length > 200 ? 200 : length);
	error_set(err, 0, "'%s' is not an image name: %s", text_string(&shown), why);
	return error_hint(err,
	                  "a name is [REGISTRY/]NAME[:TAG][@sha256:DIGEST], NAME in lower case");
}

/* Cuts the digest and the tag off the end of `rest`. */
static int take_suffixes(struct reference *reference, char *rest, const char *name,
                         struct error *err)
{
	char *at = strchr(rest, '@'), *slash, *colon;

	if (at != NULL) {
		*at = '\0';
		reference->digest = at + 1;
		if (reference_digest_hex(reference->digest) == NULL)
			return refuse(err, name, "what follows @ is not sha256: and 64 hex digits");
	}
	slash = strrchr(rest, '/');
	colon = strrchr(rest, ':');
	if (colon != NULL && (slash == NULL || colon > slash)) {
		*colon = '\0';
		reference->tag = colon + 1;
		if (!is_tag(reference->tag))
			return refuse(err, name, "the tag is not one");
	}
	reference->bare = reference->tag == NULL && reference->digest == NULL;
	if (reference->bare)
		reference->tag = "latest";
	return 0;
}

int reference_parse(struct reference *ret, struct arena *arena, const char *name, struct error *err)
{
	struct reference reference = { .domain = "docker.io" };
	char *rest = arena_strdup(arena, name), *slash;

	if (take_suffixes(&reference, rest, name, err) < 0)
		return -1;
	slash = strchr(rest, '/');
	if (slash != NULL && looks_like_domain(rest, (size_t)(slash - rest))) {
		*slash = '\0';
		reference.domain = rest;
		reference.domain_given = true;
		rest = slash + 1;
		if (!is_domain(reference.domain))
			return refuse(err, name, "the registry is not a host name");
	}
	if (strcmp(reference.domain, "index.docker.io") == 0)
		reference.domain = "docker.io";
	if (!is_path(rest))
		return refuse(err, name,
		              "a component is [a-z0-9]+, joined by '.', '_', '__' or dashes");
	if (!reference.domain_given && strlen(rest) == HEX_LENGTH && is_hex(rest, HEX_LENGTH))
		return refuse(err, name, "64 hex digits are an id");
	reference.familiar = rest;
	reference.path = strcmp(reference.domain, "docker.io") == 0 && strchr(rest, '/') == NULL
	                         ? arena_printf(arena, "library/%s", rest)
	                         : rest;
	if (strlen(reference.domain) + 1 + strlen(reference.path) > NAME_MAX_LENGTH)
		return refuse(err, name, "it is longer than 255 bytes");
	*ret = reference;
	return 0;
}

static const char *join(struct arena *arena, const char *domain, const char *path,
                        const struct reference *reference)
{
	return arena_printf(arena, "%s/%s%s%s%s%s", domain, path, reference->tag != NULL ? ":" : "",
	                    reference->tag != NULL ? reference->tag : "",
	                    reference->digest != NULL ? "@" : "",
	                    reference->digest != NULL ? reference->digest : "");
}

const char *reference_string(struct arena *arena, const struct reference *reference)
{
	return join(arena, reference->domain, reference->path, reference);
}

const char *reference_local_string(struct arena *arena, const struct reference *reference)
{
	return join(arena, "localhost", reference->familiar, reference);
}
