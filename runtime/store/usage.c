#include "runtime/store/usage.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"
#include "sandbox/spawn.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>

enum {
	BLOCK = 512,      /* the unit of st_blocks */
	SMALL = 64 << 10, /* file systems may keep small files without a block */
	DEPTH_MAX = 900,  /* folders in folders: a descriptor each; what is deeper is not counted */
};

/* Files with several names that have been seen. */
struct links {
	struct {
		dev_t device;
		ino_t inode;
	} * items;
	size_t count, room;
};

struct walk {
	struct links links;
	dev_t device; /* of the folder it began in */
	uint64_t size;
	bool denied;
};

static bool is_new(struct links *links, const struct stat *status)
{
	size_t mask, place;

	if (2 * (links->count + 1) > links->room) {
		struct links grown = { .room = links->room == 0 ? 64 : 2 * links->room };

		grown.items = calloc(grown.room, sizeof *grown.items);
		if (grown.items == NULL)
			abort();
		for (size_t i = 0; i < links->room; i++) {
			struct stat old = { .st_dev = links->items[i].device,
				            .st_ino = links->items[i].inode };

			if (old.st_ino != 0 && is_new(&grown, &old))
				continue;
		}
		free(links->items);
		*links = grown;
	}
	mask = links->room - 1;
	for (place = status->st_ino & mask; links->items[place].inode != 0;
	     place = (place + 1) & mask)
		if (links->items[place].inode == status->st_ino &&
		    links->items[place].device == status->st_dev)
			return false;
	links->items[place].device = status->st_dev;
	links->items[place].inode = status->st_ino;
	links->count++;
	return true;
}

static void count_file(struct walk *walk, const struct stat *status)
{
	uint64_t size = (uint64_t)status->st_size, blocks = (uint64_t)status->st_blocks * BLOCK;

	if (status->st_nlink > 1 && !is_new(&walk->links, status))
		return;
	walk->size += size > SMALL && blocks < size ? blocks : size;
}

/* Takes the descriptor. */
static void walk_folder(struct walk *walk, int fd, int depth)
{
	DIR *stream = fdopendir(fd);
	struct dirent *entry;

	if (stream == NULL) {
		close(fd);
		return;
	}
	while ((entry = readdir(stream)) != NULL) {
		struct stat status;
		int below;

		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
		    fstatat(dirfd(stream), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		if (S_ISREG(status.st_mode))
			count_file(walk, &status);
		if (!S_ISDIR(status.st_mode) || status.st_dev != walk->device || depth == 0)
			continue;
		below = openat(dirfd(stream), entry->d_name,
		               O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (below >= 0)
			walk_folder(walk, below, depth - 1);
		else if (errno == EACCES || errno == EPERM)
			walk->denied = true;
	}
	closedir(stream);
}

/* False where a folder could not be looked into. */
static bool measure(uint64_t *ret, const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct walk walk = {};
	struct stat status;

	*ret = 0;
	if (fd < 0)
		return errno != EACCES && errno != EPERM;
	if (fstat(fd, &status) == 0)
		walk.device = status.st_dev;
	walk_folder(&walk, fd, DEPTH_MAX);
	free(walk.links.items);
	*ret = walk.size;
	return !walk.denied;
}

struct measuring {
	const struct plan_strings *paths;
	uint64_t *sizes; /* shared with the caller */
	const bool *denied;
};

static int measure_work(void *context, struct error *err)
{
	const struct measuring *measuring = context;
	struct rlimit files;

	(void)err;
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	for (size_t i = 0; i < measuring->paths->count; i++)
		if (measuring->denied[i] &&
		    !measure(&measuring->sizes[i], measuring->paths->items[i]))
			continue; /* what even root inside may not see counts as nothing */
	return 0;
}

static int measure_inside(uint64_t *sizes, const struct plan_strings *paths, const bool *denied,
                          const struct host *host, struct error *err)
{
	_cleanup_arena struct arena arena = {};
	struct measuring measuring = { .paths = paths, .denied = denied };
	size_t length = paths->count * sizeof *sizes;
	struct plan_id_maps maps;
	struct error ignored;
	int result;

	/* without subordinate ids there are no folders of theirs */
	if (host_id_maps(&maps, &arena, host, IDMAP_RANGE, 0, &ignored) < 0)
		return 0;
	measuring.sizes =
	        mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (measuring.sizes == MAP_FAILED)
		return error_set(err, errno, "cannot share memory");
	result = sandbox_run_mapped(&maps, host, measure_work, &measuring, err);
	for (size_t i = 0; result == 0 && i < paths->count; i++)
		if (denied[i])
			sizes[i] = measuring.sizes[i];
	munmap(measuring.sizes, length);
	return result;
}

int usage_of_folders(uint64_t *sizes, const struct plan_strings *paths, const struct host *host,
                     struct error *err)
{
	_cleanup_arena struct arena arena = {};
	bool *denied = arena_array(&arena, paths->count, sizeof *denied), any = false;

	for (size_t i = 0; i < paths->count; i++) {
		denied[i] = !measure(&sizes[i], paths->items[i]);
		any = any || denied[i];
	}
	return any ? measure_inside(sizes, paths, denied, host, err) : 0;
}
