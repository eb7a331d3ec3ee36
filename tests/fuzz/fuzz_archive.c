/*
 * fuzz_archive: the jobs of the layer helper that read archives, on any bytes, plain and packed:
 * the first byte chooses a layer or an outer archive, and whether headers get the sum they should
 * have, without which hardly one would be read any further. What comes of it stays in its folder,
 * whatever it says: beside the folder lies a canary, which stays as it is and alone.
 */
#include "runtime/image/layer/job.h"
#include "runtime/image/layer/limits.h"
#include "sandbox/base/arena.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"

#include <fcntl.h>
#include <locale.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

int LLVMFuzzerInitialize(int *count, char ***words);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ENTRIES = 3 /* canary, tree; and the folder's own two */ };

static const char canary[] = "untouched";
static char ground[] = "/dev/shm/cordon-fuzz.XXXXXX";
static int folder = -1;

static void require(bool success)
{
	if (!success)
		abort();
}

static void put_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	require(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
}

/* As in the helper: root over one id, so that whiteouts can be made. */
static void become_root(void)
{
	char map[64];
	unsigned uid = geteuid(), gid = getegid();

	require(unshare(CLONE_NEWUSER) == 0);
	put_text("/proc/self/setgroups", "deny");
	snprintf(map, sizeof map, "0 %u 1", uid);
	put_text("/proc/self/uid_map", map);
	snprintf(map, sizeof map, "0 %u 1", gid);
	put_text("/proc/self/gid_map", map);
}

static void clean(void)
{
	struct error err;

	if (io_remove_tree(folder, ".", &err) < 0 && io_remove_tree(AT_FDCWD, ground, &err) < 0)
		perror(ground);
}

int LLVMFuzzerInitialize(int *count, char ***words)
{
	int fd;

	(void)count;
	(void)words;
	setlocale(LC_CTYPE, "C.UTF-8");
	umask(0);
	require(mkdtemp(ground) != NULL);
	folder = open(ground, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	fd = openat(folder, "canary", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	require(fd >= 0 && write(fd, canary, sizeof canary) == sizeof canary &&
	        fchmod(fd, 0400) == 0);
	close(fd);
	atexit(clean);
	become_root();
	return 0;
}

static void check_canary(void)
{
	_cleanup_text struct text text = {};
	struct stat status, whole;
	struct error err;

	require(fstatat(folder, "canary", &status, AT_SYMLINK_NOFOLLOW) == 0 &&
	        status.st_nlink == 1 && (status.st_mode & 07777) == 0400 &&
	        io_read_file(&text, folder, "canary", sizeof canary, &err) == 1 &&
	        text.length == sizeof canary && memcmp(text.data, canary, sizeof canary) == 0);
	/* a folder's links: itself, "." and one for every folder in it */
	require(fstat(folder, &whole) == 0 && whole.st_nlink == ENTRIES);
}

/* POSIX.1-1988: octal, of all bytes of the header, the sum's own eight as blanks. */
static void mend_sums(uint8_t *data, size_t size)
{
	for (; size >= 512; data += 512, size -= 512) {
		unsigned sum = 0;

		if (memcmp(data + 257, "ustar", 5) != 0)
			continue;
		memset(data + 148, ' ', 8);
		for (size_t i = 0; i < 512; i++)
			sum += data[i];
		snprintf((char *)data + 148, 7, "%06o", sum);
	}
}

static void place(int fd, int as)
{
	require(fd >= 0 && dup2(fd, as) == as);
	close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct layer_request request = { .limit = LIMIT_MANIFEST, .squash = true, .ids = 1 };
	struct layer_answer answer = {};
	_cleanup_arena struct arena arena = {};
	struct error err;
	int input, result;
	uint8_t *bytes;

	if (size == 0)
		return 0;
	bytes = arena_copy(&arena, data + 1, size - 1);
	if (data[0] & 2)
		mend_sums(bytes, size - 1);
	input = memfd_create("input", 0);
	require(input >= 0 && write(input, bytes, size - 1) == (ssize_t)(size - 1) &&
	        lseek(input, 0, SEEK_SET) == 0);
	place(input, LAYER_FD_INPUT);
	require(mkdirat(folder, "tree", 0700) == 0);
	place(openat(folder, "tree", O_RDONLY | O_DIRECTORY), LAYER_FD_FOLDER);
	place(memfd_create("listing", 0), LAYER_FD_LISTING);
	request.mode = data[0] % 2 == 0 ? LAYER_UNPACK : LAYER_SPOOL;
	result = request.mode == LAYER_UNPACK ? unpack_run(&answer, &request, &err)
	                                      : spool_run(&answer, &request, &err);
	if (result < 0)
		require(err.text[0] != '\0' && strpbrk(err.text, "\033\n\r") == NULL);
	check_canary();
	require(io_remove_tree(folder, "tree", &err) == 0);
	return 0;
}
