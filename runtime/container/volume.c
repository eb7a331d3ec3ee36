#include "runtime/container/volume.h"

#include "runtime/container/identity.h"
#include "runtime/container/volume_store.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

/* What belongs to nobody inside stays harmless: Podman's defaults for a rootless user. */
enum { VOLUME_ATTRIBUTES = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV };

const char *volume_clean(struct arena *arena, const char *path)
{
	char *clean = arena_text(arena, path, strlen(path));
	size_t used = 0;

	if (path[0] != '/')
		return NULL;
	while (*path != '\0') {
		size_t length;

		path += strspn(path, "/");
		length = strcspn(path, "/");
		if (length == 2 && path[0] == '.' && path[1] == '.') {
			while (used > 0 && clean[--used] != '/')
				;
		} else if (length > 0 && !(length == 1 && path[0] == '.')) {
			clean[used++] = '/';
			memmove(clean + used, path, length);
			used += length;
		}
		path += length;
	}
	clean[used] = '\0';
	return used == 0 ? NULL : clean;
}

/* ---- -v ---- */

static const struct volume_option {
	const char *name;
	uint64_t set, clear;
	bool flat, nocopy;
} options[] = {
	{ "ro", MOUNT_ATTR_RDONLY, 0, false, false },
	{ "rw", 0, MOUNT_ATTR_RDONLY, false, false },
	{ "nosuid", MOUNT_ATTR_NOSUID, 0, false, false },
	{ "suid", 0, MOUNT_ATTR_NOSUID, false, false },
	{ "nodev", MOUNT_ATTR_NODEV, 0, false, false },
	{ "dev", 0, MOUNT_ATTR_NODEV, false, false },
	{ "noexec", MOUNT_ATTR_NOEXEC, 0, false, false },
	{ "exec", 0, MOUNT_ATTR_NOEXEC, false, false },
	{ "rbind", 0, 0, false, false },
	{ "bind", 0, 0, true, false },
	{ "private", 0, 0, false,
	  false }, /* no mount event crosses the line, in either direction */
	{ "rprivate", 0, 0, false, false },
	{ "z", 0, 0, false,
	  false }, /* SELinux labels, Docker Desktop's caches: nothing here to do */
	{ "Z", 0, 0, false, false },
	{ "consistent", 0, 0, false, false },
	{ "cached", 0, 0, false, false },
	{ "delegated", 0, 0, false, false },
	{ .name = "copy" }, /* what a fresh volume does anyway: Podman's word */
	{ .name = "nocopy", .nocopy = true },
};

static int take_options(struct volume *volume, const char *spec, char *words, struct error *err)
{
	char *save = NULL;

	for (char *word = strtok_r(words, ",", &save); word != NULL;
	     word = strtok_r(NULL, ",", &save)) {
		size_t i = 0;

		while (i < ARRAY_SIZE(options) && strcmp(options[i].name, word) != 0)
			i++;
		if (i == ARRAY_SIZE(options)) {
			error_set(err, 0, "invalid volume '%.200s': unknown option '%.40s'", spec,
			          word);
			return error_hint(err, "known are ro, rw, [no]exec, [no]suid, [no]dev, "
			                       "bind, rbind, private, rprivate, z, Z, nocopy");
		}
		volume->attributes = (volume->attributes | options[i].set) & ~options[i].clear;
		if (options[i].flat)
			volume->recursive = false;
		volume->nocopy |= options[i].nocopy;
	}
	return 0;
}

static int take_source(struct volume *volume, struct arena *arena, const char *source,
                       const char *here, struct error *err)
{
	if (source[0] == '/') {
		volume->source = source;
	} else if (source[0] == '.' && here != NULL) {
		volume->source = arena_printf(arena, "%s/%s", here, source);
	} else if (volume_name_is_valid(source)) {
		volume->name = source;
	} else {
		error_set(err, 0, "'%.200s' is neither a path nor a name of a volume", source);
		return error_hint(err, "write a folder as /PATH or ./PATH; names are made of "
		                       "[a-zA-Z0-9][a-zA-Z0-9_.-]");
	}
	return 0;
}

/* `target` and `words` as they were typed; spec is what an error shows. */
static int take_place(struct volume *volume, struct arena *arena, const char *target,
                      const char *words, const char *spec, struct error *err)
{
	volume->attributes = VOLUME_ATTRIBUTES;
	volume->recursive = true;
	volume->target = volume_clean(arena, target);
	if (volume->target == NULL) {
		error_set(err, 0,
		          "invalid volume '%.200s': the place in the container must be an "
		          "absolute path other than /",
		          spec);
		return error_hint(err, "write it as SOURCE:/PLACE[:OPTIONS]");
	}
	return words == NULL ? 0 : take_options(volume, spec, arena_strdup(arena, words), err);
}

int volume_parse(struct volume *ret, struct arena *arena, const char *spec, const char *here,
                 struct error *err)
{
	struct volume volume = {};
	char *source = arena_strdup(arena, spec), *target = strchr(source, ':'), *words = NULL;

	if (target != NULL) {
		*target++ = '\0';
		words = strchr(target, ':');
	}
	if (words != NULL)
		*words++ = '\0';
	if (words != NULL && strchr(words, ':') != NULL) {
		error_set(err, 0, "invalid volume '%.200s': too many colons", spec);
		return error_hint(err, "a path with a colon is mounted with --mount "
		                       "type=bind,source=...,target=...");
	}
	if (target != NULL && source[0] == '\0')
		return error_set(err, 0, "invalid volume '%.200s': no source before the colon",
		                 spec);
	if (take_place(&volume, arena, target == NULL ? source : target, words, spec, err) < 0)
		return -1;
	if (target != NULL && take_source(&volume, arena, source, here, err) < 0)
		return error_prefix(err, "invalid volume '%.200s'", spec);
	*ret = volume;
	return 0;
}

int volume_take_request(struct volume *ret, struct arena *arena,
                        const struct mount_request *request, struct error *err)
{
	struct volume volume = {};

	if (take_place(&volume, arena, request->target, request->options, request->target, err) < 0)
		return -1;
	if (request->kind == MOUNT_REQUEST_BIND) {
		volume.source = request->source;
	} else if (request->source != NULL) {
		if (!volume_name_is_valid(request->source))
			return error_set(err, 0, "'%.200s' is not the name of a volume",
			                 request->source);
		volume.name = request->source;
	}
	*ret = volume;
	return 0;
}

/* ---- folders ---- */

static int make_name(const struct volume *volume, struct arena *arena, struct launch *launch,
                     const char **ret, struct error *err)
{
	char id[CONTAINER_ID_LENGTH + 1];

	if (volume->name != NULL) {
		*ret = volume->name;
		return 0;
	}
	if (identity_make(id, err) < 0)
		return -1;
	*ret = arena_strdup(arena, id);
	launch_append(arena, &launch->anonymous, *ret);
	return 0;
}

/* What it may take over is in the image: of a --rootfs it takes nothing. */
static void note(struct launch *launch, struct arena *arena, const struct volume *volume,
                 const struct volume_made *made)
{
	struct fresh_volume fresh = {
		.name = made->name,
		.target = volume->target,
		.made = volume->name != NULL && made->is_new,
		.anonymous = volume->name == NULL,
		.fill = launch->image != NULL && !volume->nocopy && volume_is_fresh(made->lock),
		.lock = made->lock,
	};
	struct fresh_volume *more;

	if (!fresh.made && !fresh.fill)
		return;
	more = arena_array(arena, launch->fresh_count + 1, sizeof *more);
	if (launch->fresh_count > 0)
		memcpy(more, launch->fresh, launch->fresh_count * sizeof *more);
	more[launch->fresh_count++] = fresh;
	launch->fresh = more;
}

static int make(const char **ret, struct arena *arena, struct launch *launch,
                const struct volume *volume, struct error *err)
{
	struct volume_made made;
	const char *name;

	if (make_name(volume, arena, launch, &name, err) < 0 ||
	    volume_make(&made, arena, launch->paths, name, NULL, err) < 0)
		return -1;
	note(launch, arena, volume, &made);
	*ret = made.path;
	return 0;
}

int volume_row(struct plan_mount *ret, struct arena *arena, struct launch *launch,
               const struct volume *volume, struct error *err)
{
	struct plan_mount row = {
		.kind = PLAN_MOUNT_BIND,
		.source = volume->source,
		.target = volume->target,
		.attributes = volume->attributes,
		.recursive = volume->recursive,
	};

	if (volume->source != NULL && access(volume->source, F_OK) < 0) {
		error_set(err, errno, "statfs %s", volume->source);
		return error_hint(err, "make it first; a word without a slash names a "
		                       "volume of cordon's own");
	}
	if (volume->source == NULL && make(&row.source, arena, launch, volume, err) < 0)
		return -1;
	*ret = row;
	return 0;
}

/* ---- --tmpfs ---- */

static const struct tmpfs_flag {
	const char *name;
	uint64_t set, clear;
} tmpfs_flags[] = {
	{ "ro", MOUNT_ATTR_RDONLY, 0 },     { "rw", 0, MOUNT_ATTR_RDONLY },
	{ "noexec", MOUNT_ATTR_NOEXEC, 0 }, { "exec", 0, MOUNT_ATTR_NOEXEC },
	{ "nosuid", MOUNT_ATTR_NOSUID, 0 }, { "suid", 0, MOUNT_ATTR_NOSUID },
	{ "nodev", MOUNT_ATTR_NODEV, 0 },   { "dev", 0, MOUNT_ATTR_NODEV },
};

/* Options for the kernel, and what their values are made of. */
static const struct tmpfs_setting {
	const char *prefix, *digits;
} tmpfs_settings[] = {
	{ "size=", "0123456789kKmMgG%" },
	{ "mode=", "01234567" },
	{ "uid=", "0123456789" },
	{ "gid=", "0123456789" },
	{ "nr_inodes=", "0123456789kKmMgG" },
	{ "nr_blocks=", "0123456789kKmMgG" },
};

static bool take_flag(struct plan_mount *row, const char *word)
{
	for (size_t i = 0; i < ARRAY_SIZE(tmpfs_flags); i++)
		if (strcmp(tmpfs_flags[i].name, word) == 0) {
			row->attributes =
			        (row->attributes | tmpfs_flags[i].set) & ~tmpfs_flags[i].clear;
			return true;
		}
	return false;
}

static bool is_setting(const char *word)
{
	for (size_t i = 0; i < ARRAY_SIZE(tmpfs_settings); i++) {
		const struct tmpfs_setting *setting = &tmpfs_settings[i];
		const char *value = word + strlen(setting->prefix);

		if (text_starts(word, setting->prefix))
			return value[0] != '\0' && strspn(value, setting->digits) == strlen(value);
	}
	return false;
}

int volume_tmpfs_at(struct plan_mount *ret, struct arena *arena, const char *target,
                    const char *options_given, struct error *err)
{
	struct plan_mount row = {
		.kind = PLAN_MOUNT_TMPFS,
		.target = volume_clean(arena, target),
		.attributes = VOLUME_ATTRIBUTES | MOUNT_ATTR_NOEXEC,
	};
	char *words = arena_strdup(arena, options_given), *save = NULL;
	_cleanup_text struct text kept = {};
	bool has_mode = false;

	if (row.target == NULL)
		return error_set(err, 0,
		                 "invalid tmpfs '%.200s': it must be an absolute path "
		                 "other than /",
		                 target);
	for (char *word = strtok_r(words, ",", &save); word != NULL;
	     word = strtok_r(NULL, ",", &save)) {
		if (take_flag(&row, word))
			continue;
		if (!is_setting(word)) {
			error_set(err, 0, "invalid tmpfs '%.200s': unknown option '%.40s'", target,
			          word);
			return error_hint(err, "known are size=64m, mode=1777, uid=, gid=, "
			                       "nr_inodes=, ro, [no]exec, [no]suid, [no]dev");
		}
		has_mode |= text_starts(word, "mode=");
		text_printf(&kept, "%s%s", kept.length > 0 ? "," : "", word);
	}
	if (!has_mode)
		text_printf(&kept, "%smode=1777", kept.length > 0 ? "," : "");
	row.options = arena_strdup(arena, text_string(&kept));
	*ret = row;
	return 0;
}

int volume_tmpfs(struct plan_mount *ret, struct arena *arena, const char *spec, struct error *err)
{
	size_t length = strcspn(spec, ":");

	return volume_tmpfs_at(ret, arena, arena_text(arena, spec, length),
	                       spec[length] == ':' ? spec + length + 1 : "", err);
}
