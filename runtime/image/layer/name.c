#include "runtime/image/layer/name.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/base/text.h"

#include <stdbool.h>
#include <string.h>

static const char whiteout_prefix[] = ".wh.";
static const char opaque_marker[] = ".wh..wh..opq";

void name_show(char *ret, size_t size, const char *path)
{
	_cleanup_text struct text shown = {};
	size_t length = strlen(path);

	text_append_visible(&shown, path, length > 120 ? 120 : length);
	snprintf(ret, size, "%s%s", text_string(&shown), length > 120 ? "..." : "");
}

static int check_component(const char *part, size_t length, bool any_letter, struct error *err)
{
	if (length == 2 && memcmp(part, "..", 2) == 0)
		return error_set(err, 0, "the name holds \"..\"");
	if (length > LIMIT_COMPONENT)
		return error_set(err, 0, "the name has a component of more than %d bytes",
		                 LIMIT_COMPONENT);
	for (size_t i = 0; i < length && !any_letter; i++) {
		unsigned char byte = (unsigned char)part[i];

		if (byte < ' ' || byte == 0x7f)
			return error_set(err, 0, "the name holds the control character \\x%02x",
			                 byte);
	}
	return 0;
}

static int parse(struct name *ret, const char *path, bool any_letter, struct error *err)
{
	size_t used = 0, base = 0;
	unsigned depth = 0;

	if (path[0] == '\0')
		return error_set(err, 0, "the name is empty");
	if (path[0] == '/')
		return error_set(err, 0, "the name is absolute");
	if (strlen(path) > LIMIT_PATH)
		return error_set(err, 0, "the name has more than %d bytes", LIMIT_PATH);
	for (const char *part = path; *part != '\0'; part += strspn(part, "/")) {
		size_t length = strcspn(part, "/");

		if (check_component(part, length, any_letter, err) < 0)
			return -1;
		if (length > 1 || part[0] != '.') {
			if (++depth > LIMIT_DEPTH)
				return error_set(err, 0, "the name is more than %d folders deep",
				                 LIMIT_DEPTH);
			if (used > 0)
				ret->path[used++] = '/';
			base = used;
			memcpy(ret->path + used, part, length);
			used += length;
		}
		part += length;
	}
	ret->kind = NAME_ENTRY;
	ret->path[used] = '\0';
	ret->base = ret->path + base;
	memcpy(ret->parent, ret->path, base);
	ret->parent[base > 0 ? base - 1 : 0] = '\0';
	return 0;
}

int name_parse_plain(struct name *ret, const char *path, struct error *err)
{
	return parse(ret, path, false, err);
}

int name_parse_copy(struct name *ret, const char *path, struct error *err)
{
	return parse(ret, path, true, err);
}

/* AUFS kept its own state at the root of a branch; old layers still hold it. */
static bool is_aufs(const char *path)
{
	static const char *const owned[] = { ".wh..wh.aufs", ".wh..wh.plnk", ".wh..wh.orph" };

	for (size_t i = 0; i < ARRAY_SIZE(owned); i++) {
		size_t length = strlen(owned[i]);

		if (strncmp(path, owned[i], length) == 0 &&
		    (path[length] == '\0' || path[length] == '/'))
			return true;
	}
	return false;
}

static int read_whiteout(struct name *name, struct error *err)
{
	const char *hidden = name->base + strlen(whiteout_prefix);

	if (strcmp(name->base, opaque_marker) == 0) {
		name->kind = NAME_OPAQUE;
		return 0;
	}
	if (hidden[0] == '\0' || strcmp(hidden, ".") == 0 || strcmp(hidden, "..") == 0)
		return error_set(err, 0, "a whiteout that hides nothing");
	if (text_starts(hidden, whiteout_prefix))
		return error_set(err, 0, "a whiteout of a whiteout");
	name->kind = NAME_WHITEOUT;
	name->base = hidden;
	return 0;
}

int name_parse(struct name *ret, const char *path, struct error *err)
{
	if (name_parse_plain(ret, path, err) < 0)
		return -1;
	if (is_aufs(ret->path)) {
		ret->kind = NAME_IGNORED;
		return 0;
	}
	if (text_starts(ret->parent, whiteout_prefix) || strstr(ret->parent, "/.wh.") != NULL)
		return error_set(err, 0, "a whiteout used as a folder");
	return text_starts(ret->base, whiteout_prefix) ? read_whiteout(ret, err) : 0;
}

static int check_target_bytes(const char *target, struct error *err)
{
	size_t length = strlen(target);

	if (length == 0)
		return error_set(err, 0, "the link has no target");
	if (length > LIMIT_PATH)
		return error_set(err, 0, "the link's target has more than %d bytes", LIMIT_PATH);
	for (size_t i = 0; i < length; i++) {
		unsigned char byte = (unsigned char)target[i];

		if (byte < ' ' || byte == 0x7f)
			return error_set(err, 0,
			                 "the link's target holds the control character \\x%02x",
			                 byte);
	}
	return 0;
}

static long depth_of(const char *folder)
{
	long depth = folder[0] != '\0';

	for (; *folder != '\0'; folder++)
		depth += *folder == '/';
	return depth;
}

int name_check_target(const struct name *at, const char *target, struct error *err)
{
	long depth = depth_of(at->parent);

	if (check_target_bytes(target, err) < 0)
		return -1;
	if (target[0] == '/') /* read in the container's root, like every path there */
		return 0;
	for (const char *part = target; *part != '\0'; part += strspn(part, "/")) {
		size_t length = strcspn(part, "/");

		if (length == 2 && memcmp(part, "..", 2) == 0)
			depth--;
		else if (length > 1 || part[0] != '.')
			depth++;
		if (depth < 0)
			return error_set(err, 0, "the link leads out of the image");
		part += length;
	}
	return 0;
}

int name_resolve(char ret[LIMIT_PATH + 1], const struct name *at, const char *target,
                 struct error *err)
{
	size_t used = strlen(at->parent);

	if (target[0] == '/' || name_check_target(at, target, err) < 0)
		return error_set(err, 0, "the link leads out of the archive");
	memcpy(ret, at->parent, used);
	for (const char *part = target; *part != '\0'; part += strspn(part, "/")) {
		size_t length = strcspn(part, "/");

		if (length == 2 && memcmp(part, "..", 2) == 0) {
			while (used > 0 && ret[used - 1] != '/')
				used--;
			used -= used > 0;
		} else if (length > 1 || part[0] != '.') {
			if (used + 1 + length > LIMIT_PATH)
				return error_set(err, 0, "the link's target is too long");
			if (used > 0)
				ret[used++] = '/';
			memcpy(ret + used, part, length);
			used += length;
		}
		part += length;
	}
	ret[used] = '\0';
	return 0;
}
