#include "runtime/container/background.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"

#include <fcntl.h>
#include <limits.h>
#include <link.h>
#include <linux/close_range.h>
#include <malloc.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>

enum {
	KEEP_MAX = 16,
	PARTS_MAX = 8,
	PAGE = 4096,
	STACK_BELOW = 1 << 20, /* deeper than any start went */
	STACK_OWN = PAGE,      /* for the calls this function makes */
};

_Static_assert(sizeof(struct background_answer) <= PIPE_BUF, "an answer is written in one piece");

void background_guard_descriptors(void)
{
	close_range(3, UINT_MAX, CLOSE_RANGE_CLOEXEC);
}

struct parts {
	struct {
		uintptr_t start, end;
	} items[PARTS_MAX];
	size_t count;
};

/* Noted first and dropped then: the list itself lies in the first of them. */
static int note_parts(struct dl_phdr_info *info, size_t size, void *context)
{
	struct parts *parts = context;

	(void)size;
	for (size_t i = 0; i < info->dlpi_phnum && parts->count < PARTS_MAX; i++) {
		const ElfW(Phdr) *part = &info->dlpi_phdr[i];
		uintptr_t start = info->dlpi_addr + part->p_vaddr;

		if (part->p_type != PT_LOAD || (part->p_flags & PF_W) != 0)
			continue;
		parts->items[parts->count].start = start;
		parts->items[parts->count++].end = start + part->p_memsz;
	}
	return 0;
}

/* The whole pages of [start, end); of a range that is not all there, those that are. */
static _waiting void drop(uintptr_t start, uintptr_t end)
{
	start = (start + PAGE - 1) & ~(uintptr_t)(PAGE - 1);
	end &= ~(uintptr_t)(PAGE - 1);
	if (start < end)
		syscall(SYS_madvise, start, end - start, MADV_DONTNEED);
}

static bool is_zero(const uint64_t *words)
{
	for (size_t i = 0; i < PAGE / sizeof *words; i++)
		if (words[i] != 0)
			return false;
	return true;
}

/* Pages of the heap that hold nothing but zeros (arenas zero what they give): given back they read
 * as zeros again, when somebody asks. */
static void drop_zeros(void)
{
	uintptr_t end = (uintptr_t)sbrk(0);
	uintptr_t start = (end - mallinfo2().arena + PAGE - 1) & ~(uintptr_t)(PAGE - 1);

	for (; start + PAGE <= end; start += PAGE)
		if (is_zero((const uint64_t *)start))
			drop(start, start + PAGE);
}

/* Free memory, the stack below, and what is read-only of the program: the start touched most of it,
 * the loop needs little, and that comes back from the page cache. */
_waiting void background_shrink(void *unused, size_t size)
{
	uintptr_t here = (uintptr_t)__builtin_frame_address(0);
	struct parts parts = { .count = 0 };

	malloc_trim(0);
	drop_zeros();
	dl_iterate_phdr(note_parts, &parts);
	drop((uintptr_t)unused, (uintptr_t)unused + size);
	drop(here - STACK_BELOW, here - STACK_OWN);
	for (size_t i = 0; i < parts.count; i++)
		drop(parts.items[i].start, parts.items[i].end + PAGE - 1);
}

static int compare(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

/* A descriptor of our caller's that stayed open here would keep his pipes open for as long as the
 * container runs. */
static void close_others(const struct background *background, int ready)
{
	int keep[KEEP_MAX + 1];
	size_t count = 0;
	unsigned next = 3;

	for (size_t i = 0; i < background->keep_count && count < KEEP_MAX; i++)
		if (background->keep[i] >= 3)
			keep[count++] = background->keep[i];
	keep[count++] = ready;
	qsort(keep, count, sizeof keep[0], compare);
	for (size_t i = 0; i < count; i++) {
		if ((unsigned)keep[i] > next)
			close_range(next, (unsigned)keep[i] - 1, 0);
		if ((unsigned)keep[i] >= next)
			next = (unsigned)keep[i] + 1;
	}
	close_range(next, UINT_MAX, 0);
}

static _Noreturn void become(const struct background *background, int ready)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	/* no terminal, no folder and no stream of the caller's is held on to */
	if (null < 0 || setsid() < 0 || chdir("/") < 0)
		_exit(EXIT_ENGINE);
	for (int fd = 0; fd < 3; fd++)
		dup2(null, fd);
	close_others(background, ready);
	background->run(background->context, ready);
	_exit(0);
}

int background_start(struct background_answer *ret, const struct background *background,
                     struct error *err)
{
	struct background_answer answer = {};
	int ready[2];
	ssize_t count;
	pid_t pid;

	if (pipe2(ready, O_CLOEXEC) < 0)
		return error_set(err, errno, "cannot make a pipe");
	pid = fork();
	if (pid == 0)
		become(background, ready[1]);
	close(ready[1]);
	if (pid < 0) {
		close(ready[0]);
		return error_set(err, errno, "cannot fork a monitor");
	}
	do
		count = read(ready[0], &answer, sizeof answer);
	while (count < 0 && errno == EINTR);
	close(ready[0]);
	if (count == sizeof answer && answer.started) {
		*ret = answer;
		return 0;
	}
	waitpid(pid, NULL, 0);
	if (count != sizeof answer)
		return error_set(err, 0, "the container's monitor ended before the container ran");
	*err = answer.error;
	return -1;
}

void background_tell(int ready, const struct background_answer *answer)
{
	if (ready >= 0 && io_write_all(ready, answer, sizeof *answer) < 0)
		return; /* nobody waits any more */
}
