#include "runtime/image/watch.h"

#include <sys/stat.h>
#include <unistd.h>

enum { EVERY = 100 /* ms */ };

static void tell(const struct watched *watched, enum image_news_kind kind, uint64_t bytes,
                 uint64_t total)
{
	const struct image_news news = {
		.kind = kind, .hex = watched->name, .bytes = bytes, .total = total
	};

	if (watched->watch != NULL)
		watched->watch->tell(watched->watch->context, &news);
}

void watch_begin(const struct watched *watched)
{
	tell(watched, watched->kind, 0, watched->total);
}

void watch_end(const struct watched *watched)
{
	tell(watched, LAYER_DONE, watched->total, watched->total);
}

void watch_look(const struct watched *watched, const struct helper *helper)
{
	uint64_t bytes, total;

	if (helper->tally == NULL)
		return;
	bytes = atomic_load_explicit(&helper->tally->bytes, memory_order_relaxed);
	total = atomic_load_explicit(&helper->tally->total, memory_order_relaxed);
	tell(watched, LAYER_MOVED, bytes, watched->total != 0 ? watched->total : total);
}

bool watch_wait(const struct helper *helper)
{
	return helper_wait(helper, EVERY);
}

int watch_run(struct layer_answer *ret, const struct host *host, struct helper_call *call,
              const struct watched *watched, struct error *err)
{
	struct helper helper;

	call->tally = watched->watch != NULL;
	if (helper_start(&helper, host, call, err) < 0)
		return -1;
	if (call->tally) {
		watch_begin(watched);
		while (!watch_wait(&helper))
			watch_look(watched, &helper);
	}
	if (helper_finish(ret, &helper, err) < 0)
		return -1;
	watch_end(watched);
	return 0;
}

uint64_t watch_left(int fd)
{
	struct stat status;
	off_t at = lseek(fd, 0, SEEK_CUR);

	if (at < 0 || fstat(fd, &status) < 0 || !S_ISREG(status.st_mode) || status.st_size < at)
		return 0;
	return (uint64_t)(status.st_size - at);
}
