/*
 * parse_files: "filesystem" of a profile: the root, tmpfs, masks, Landlock.
 */
#include "policy/parse.h"
#include "sandbox/base/cleanup.h"

#include <inttypes.h>
#include <linux/mount.h>
#include <stdlib.h>
#include <string.h>

enum { PATH_LENGTH_MAX = 4095, TMPFS_MODE = 01777 };

/* An absolute path with no "..", no empty and no "." part: what it names is what it says. */
static int check_path(struct parser *parser, const struct value *value)
{
	if (parse_expect(parser, value, TAKES_STRING, "a path") < 0)
		return -1;
	if (value->length == 0 || value->string[0] != '/')
		return parse_complain(parser, value, "a path inside the container begins with '/'");
	if (value->length > PATH_LENGTH_MAX)
		return parse_complain(parser, value, "a path of more than %d bytes",
		                      PATH_LENGTH_MAX);
	for (const char *part = value->string; *part == '/';) {
		size_t length = strcspn(++part, "/");

		if ((length == 0 && value->length > 1) || (length == 1 && part[0] == '.') ||
		    (length == 2 && part[0] == '.' && part[1] == '.'))
			return parse_complain(parser, value,
			                      "write the path without '.', '..', '//' and a '/' at "
			                      "its end");
		part += length;
	}
	return 0;
}

static int parse_paths(struct parser *parser, const struct value *value, struct plan_strings *ret)
{
	for (size_t i = 0; i < value->count; i++)
		if (check_path(parser, value->items[i]) < 0)
			return -1;
	return parse_strings(parser, value, ret);
}

static int parse_root(struct parser *parser, const struct value *value, void *into)
{
	struct policy *policy = into;

	policy->root_read_only = strcmp(value->string, "read-only") == 0;
	if (!policy->root_read_only && strcmp(value->string, "writable") != 0)
		return parse_complain(parser, value, "the root is \"read-only\" or \"writable\"");
	parse_said(parser, SETTING_ROOT);
	return 0;
}

/* ---- tmpfs ---- */

struct tmpfs {
	const char *path;
	uint64_t size;
	unsigned mode;
	bool exec;
};

static int parse_tmpfs_path(struct parser *parser, const struct value *value, void *into)
{
	((struct tmpfs *)into)->path = value->string;
	return check_path(parser, value);
}

static int parse_tmpfs_size(struct parser *parser, const struct value *value, void *into)
{
	uint64_t *size = &((struct tmpfs *)into)->size;

	if (value->kind == VALUE_INTEGER && value->integer > 0)
		*size = (uint64_t)value->integer;
	else if (value->kind != VALUE_STRING || !text_to_bytes(size, value->string) || *size == 0)
		return parse_complain(parser, value, "a size is a number of bytes or as \"64m\"");
	return 0;
}

static int parse_tmpfs_mode(struct parser *parser, const struct value *value, void *into)
{
	if (value->length < 3 || value->length > 5 ||
	    strspn(value->string, "01234567") != value->length ||
	    strtoul(value->string, NULL, 8) > 07777)
		return parse_complain(parser, value, "a mode is octal, as \"1777\"");
	((struct tmpfs *)into)->mode = (unsigned)strtoul(value->string, NULL, 8);
	return 0;
}

static int parse_tmpfs_exec(struct parser *parser, const struct value *value, void *into)
{
	(void)parser;
	((struct tmpfs *)into)->exec = value->boolean;
	return 0;
}

static int parse_tmpfs_item(struct parser *parser, const struct value *value,
                            struct plan_mount *mount)
{
	static const struct key keys[] = {
		{ "path", TAKES_STRING, parse_tmpfs_path, "an absolute path" },
		{ "size", TAKES_STRING | TAKES_INTEGER, parse_tmpfs_size, "a size" },
		{ "mode", TAKES_STRING, parse_tmpfs_mode, "an octal mode" },
		{ "exec", TAKES_BOOLEAN, parse_tmpfs_exec, "true or false" },
	};
	struct tmpfs tmpfs = { .mode = TMPFS_MODE };

	if (parse_expect(parser, value, TAKES_STRING | TAKES_OBJECT, "a path or an object") < 0)
		return -1;
	if (value->kind == VALUE_STRING && parse_tmpfs_path(parser, value, &tmpfs) < 0)
		return -1;
	if (value->kind == VALUE_OBJECT &&
	    parse_members(parser, value, keys, ARRAY_SIZE(keys), &tmpfs) < 0)
		return -1;
	if (tmpfs.path == NULL)
		return parse_complain(parser, value, "a tmpfs needs the key \"path\"");
	if (strcmp(tmpfs.path, "/") == 0)
		return parse_complain(parser, value, "a tmpfs over the root hides the image");
	*mount = (struct plan_mount){
		.kind = PLAN_MOUNT_TMPFS,
		.target = tmpfs.path,
		.attributes =
		        MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | (tmpfs.exec ? 0 : MOUNT_ATTR_NOEXEC),
		.options = tmpfs.size == 0
		                   ? arena_printf(parser->arena, "mode=%03o", tmpfs.mode)
		                   : arena_printf(parser->arena, "size=%" PRIu64 ",mode=%03o",
		                                  tmpfs.size, tmpfs.mode),
	};
	return 0;
}

static int parse_tmpfs(struct parser *parser, const struct value *value, void *into)
{
	struct plan_mount *mounts = arena_array(parser->arena, value->count, sizeof *mounts);
	struct policy *policy = into;

	for (size_t i = 0; i < value->count; i++)
		if (parse_tmpfs_item(parser, value->items[i], &mounts[i]) < 0)
			return -1;
	policy->mounts = mounts;
	policy->mount_count = value->count;
	return 0;
}

/* ---- masks ---- */

static int add_masks(struct parser *parser, const struct value *value, enum plan_mask_kind kind)
{
	struct policy *policy = parser->policy;
	struct plan_mask *masks =
	        arena_array(parser->arena, policy->mask_count + value->count, sizeof *masks);

	if (policy->mask_count > 0)
		memcpy(masks, policy->masks, policy->mask_count * sizeof *masks);
	for (size_t i = 0; i < value->count; i++) {
		if (check_path(parser, value->items[i]) < 0)
			return -1;
		masks[policy->mask_count + i] = (struct plan_mask){ kind, value->items[i]->string };
	}
	policy->masks = masks;
	policy->mask_count += value->count;
	return 0;
}

static int parse_hide(struct parser *parser, const struct value *value, void *into)
{
	(void)into;
	return add_masks(parser, value, PLAN_MASK_HIDE);
}

static int parse_read_only(struct parser *parser, const struct value *value, void *into)
{
	(void)into;
	return add_masks(parser, value, PLAN_MASK_READ_ONLY);
}

static int parse_mask(struct parser *parser, const struct value *value, void *into)
{
	static const struct key keys[] = {
		{ "hide", TAKES_ARRAY, parse_hide, "a list of paths" },
		{ "read-only", TAKES_ARRAY, parse_read_only, "a list of paths" },
	};

	return parse_members(parser, value, keys, ARRAY_SIZE(keys), into);
}

/* ---- Landlock ---- */

static int parse_write(struct parser *parser, const struct value *value, void *into)
{
	parse_said(parser, SETTING_LANDLOCK_WRITE);
	return parse_paths(parser, value, &((struct policy *)into)->write);
}

static int parse_execute(struct parser *parser, const struct value *value, void *into)
{
	parse_said(parser, SETTING_LANDLOCK_EXECUTE);
	return parse_paths(parser, value, &((struct policy *)into)->execute);
}

static int parse_landlock(struct parser *parser, const struct value *value, void *into)
{
	static const struct key keys[] = {
		{ "write", TAKES_ARRAY, parse_write, "a list of paths" },
		{ "execute", TAKES_ARRAY, parse_execute, "a list of paths" },
	};
	struct policy *policy = into;

	parse_said(parser, SETTING_LANDLOCK);
	policy->landlock = value->kind == VALUE_OBJECT || value->boolean;
	return value->kind == VALUE_BOOLEAN
	               ? 0
	               : parse_members(parser, value, keys, ARRAY_SIZE(keys), into);
}

int parse_filesystem(struct parser *parser, const struct value *value, void *into)
{
	static const struct key keys[] = {
		{ "root", TAKES_STRING, parse_root, "\"read-only\" or \"writable\"" },
		{ "tmpfs", TAKES_ARRAY, parse_tmpfs, "a list of paths or objects" },
		{ "mask", TAKES_OBJECT, parse_mask, "an object with hide and read-only" },
		{ "landlock", TAKES_BOOLEAN | TAKES_OBJECT, parse_landlock,
		  "true, false, or an object with write and execute" },
	};

	return parse_members(parser, value, keys, ARRAY_SIZE(keys), into);
}
