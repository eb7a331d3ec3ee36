/*
 * explain_walls: what is behind the filter, as far as a path or a port is asked for.
 *
 * What a call wants of a file is known by its name, of the open family by its flags. Volumes are
 * not considered: they are the command line's, not the profile's.
 */
#include "policy/explain.h"

#include "sandbox/base/cleanup.h"

#include <fcntl.h>
#include <linux/mount.h>
#include <string.h>

enum wish { WISH_READ = 1, WISH_WRITE = 2, WISH_EXECUTE = 4 };

static const struct {
	const char *call;
	unsigned wishes;
} wishes_of_calls[] = {
	{ "execve", WISH_EXECUTE },    { "execveat", WISH_EXECUTE },   { "uselib", WISH_EXECUTE },
	{ "creat", WISH_WRITE },       { "truncate", WISH_WRITE },     { "truncate64", WISH_WRITE },
	{ "mkdir", WISH_WRITE },       { "mkdirat", WISH_WRITE },      { "mknod", WISH_WRITE },
	{ "mknodat", WISH_WRITE },     { "rmdir", WISH_WRITE },        { "unlink", WISH_WRITE },
	{ "unlinkat", WISH_WRITE },    { "rename", WISH_WRITE },       { "renameat", WISH_WRITE },
	{ "renameat2", WISH_WRITE },   { "link", WISH_WRITE },         { "linkat", WISH_WRITE },
	{ "symlink", WISH_WRITE },     { "symlinkat", WISH_WRITE },    { "chmod", WISH_WRITE },
	{ "fchmodat", WISH_WRITE },    { "fchmodat2", WISH_WRITE },    { "chown", WISH_WRITE },
	{ "lchown", WISH_WRITE },      { "fchownat", WISH_WRITE },     { "utime", WISH_WRITE },
	{ "utimes", WISH_WRITE },      { "futimesat", WISH_WRITE },    { "utimensat", WISH_WRITE },
	{ "setxattr", WISH_WRITE },    { "lsetxattr", WISH_WRITE },    { "setxattrat", WISH_WRITE },
	{ "removexattr", WISH_WRITE }, { "lremovexattr", WISH_WRITE },
};

/* open(2): the two low bits; and what makes or empties a file writes. */
static unsigned wishes_of_flags(uint64_t flags)
{
	unsigned wishes = (flags & O_ACCMODE) == O_RDONLY   ? WISH_READ
	                  : (flags & O_ACCMODE) == O_WRONLY ? WISH_WRITE
	                                                    : WISH_READ | WISH_WRITE;

	return (flags & (O_CREAT | O_TRUNC)) != 0 ? wishes | WISH_WRITE : wishes;
}

static bool is_open(const char *call)
{
	return text_equal(call, "open") || text_equal(call, "openat") ||
	       text_equal(call, "openat2") || text_equal(call, "open_by_handle_at");
}

/* *either: the flags are not known, so reading alone may be meant. */
static unsigned wishes_of(const struct question *question, bool *either)
{
	const char *call = syscall_name(question->call);
	int flags = syscall_argument_find_in(question->arch, question->call, "flags");

	*either = false;
	for (size_t i = 0; i < ARRAY_SIZE(wishes_of_calls); i++)
		if (text_equal(call, wishes_of_calls[i].call))
			return wishes_of_calls[i].wishes;
	if (!is_open(call))
		return WISH_READ;
	for (size_t i = 0; i < question->known_count; i++)
		if (question->known[i].argument == flags)
			return wishes_of_flags(question->known[i].value);
	*either = true;
	return WISH_READ | WISH_WRITE;
}

static bool is_beneath(const char *path, const char *folder)
{
	size_t length = strlen(folder);

	while (length > 1 && folder[length - 1] == '/')
		length--;
	if (length == 1 && folder[0] == '/')
		return true;
	return strncmp(path, folder, length) == 0 && (path[length] == '\0' || path[length] == '/');
}

struct asking {
	const struct explaining *explaining;
	unsigned wishes;
	bool either;
};

static void add(const struct asking *asking, enum explain_layer layer, bool partly,
                const char *text, struct place place)
{
	explain_add(asking->explaining, (struct explain_row){ .layer = layer,
	                                                      .verdict = EXPLAIN_DENIES,
	                                                      .partly = partly,
	                                                      .text = text,
	                                                      .place = place });
	if (partly)
		explain_add(asking->explaining,
		            (struct explain_row){ .layer = layer,
		                                  .verdict = EXPLAIN_ALLOWS,
		                                  .partly = true,
		                                  .text = "reading is allowed" });
}

static void explain_masks(const struct asking *asking)
{
	const struct explaining *explaining = asking->explaining;
	const struct policy *settled = explaining->settled;
	const char *path = explaining->question->path;

	for (size_t i = 0; i < settled->mask_count; i++) {
		const struct plan_mask *mask = &settled->masks[i];
		bool hides = mask->kind == PLAN_MASK_HIDE;
		const char *form = hides ? "%s is hidden: empty to whoever reads it"
		                         : "%s is read-only: EROFS";

		if (!is_beneath(path, mask->path) || (!hides && (asking->wishes & WISH_WRITE) == 0))
			continue;
		add(asking, EXPLAIN_MASK, !hides && asking->either,
		    arena_printf(explaining->arena, form, mask->path),
		    place_of_member(explaining->arena, explaining->policy,
		                    hides ? "filesystem.mask.hide" : "filesystem.mask.read-only",
		                    mask->path));
	}
}

/* Beneath something of its own the root does not count. */
static bool is_mounted(const struct policy *settled, const char *path)
{
	static const char *const own[] = { "/dev", "/proc", "/sys" };

	for (size_t i = 0; i < ARRAY_SIZE(own); i++)
		if (is_beneath(path, own[i]))
			return true;
	for (size_t i = 0; i < settled->mount_count; i++)
		if (is_beneath(path, settled->mounts[i].target) &&
		    (settled->mounts[i].attributes & MOUNT_ATTR_RDONLY) == 0)
			return true;
	return false;
}

static void explain_root(const struct asking *asking)
{
	const struct explaining *explaining = asking->explaining;

	if (!explaining->settled->root_read_only || (asking->wishes & WISH_WRITE) == 0 ||
	    is_mounted(explaining->settled, explaining->question->path))
		return;
	add(asking, EXPLAIN_ROOT, asking->either, "the root is read-only: EROFS",
	    place_of_member(explaining->arena, explaining->policy, "filesystem.root", NULL));
}

static bool is_listed(const struct plan_strings *list, const char *path)
{
	for (size_t i = 0; i < list->count; i++)
		if (is_beneath(path, list->items[i]))
			return true;
	return false;
}

static void explain_landlock(const struct asking *asking)
{
	const struct explaining *explaining = asking->explaining;
	const struct policy *settled = explaining->settled;
	const char *path = explaining->question->path;
	bool open = is_beneath(path, "/dev") || is_beneath(path, "/proc");

	if (policy_says(settled, SETTING_LANDLOCK_WRITE) && (asking->wishes & WISH_WRITE) != 0 &&
	    !open && !is_listed(&settled->write, path))
		add(asking, EXPLAIN_LANDLOCK, asking->either,
		    "written may only be beneath the listed paths: EACCES",
		    place_of_member(explaining->arena, explaining->policy,
		                    "filesystem.landlock.write", NULL));
	if (policy_says(settled, SETTING_LANDLOCK_EXECUTE) &&
	    (asking->wishes & WISH_EXECUTE) != 0 && !is_listed(&settled->execute, path))
		add(asking, EXPLAIN_LANDLOCK, false,
		    "executed may only be what is beneath the listed paths: EACCES",
		    place_of_member(explaining->arena, explaining->policy,
		                    "filesystem.landlock.execute", NULL));
}

static void explain_port(const struct explaining *explaining)
{
	const struct question *question = explaining->question;
	bool bind = text_equal(syscall_name(question->call), "bind");
	const struct policy_ports *ports =
	        bind ? &explaining->settled->bind : &explaining->settled->connect;
	bool allowed = false;

	if (!policy_says(explaining->settled, bind ? SETTING_BIND : SETTING_CONNECT))
		return;
	for (size_t i = 0; i < ports->count; i++)
		allowed |= ports->items[i] == question->port;
	explain_add(explaining,
	            (struct explain_row){
	                    .layer = EXPLAIN_LANDLOCK,
	                    .verdict = allowed ? EXPLAIN_ALLOWS : EXPLAIN_DENIES,
	                    .text = arena_printf(explaining->arena,
	                                         allowed ? "the TCP port %u is listed"
	                                                 : "the TCP port %u is not listed: EACCES",
	                                         question->port),
	                    .place = place_of_member(explaining->arena, explaining->policy,
	                                             bind ? "network.bind" : "network.connect",
	                                             NULL),
	            });
}

void explain_walls(const struct explaining *explaining)
{
	struct asking asking = { .explaining = explaining };

	if (explaining->question->has_port)
		explain_port(explaining);
	if (explaining->question->path == NULL)
		return;
	asking.wishes = wishes_of(explaining->question, &asking.either);
	explain_masks(&asking);
	explain_root(&asking);
	explain_landlock(&asking);
}
