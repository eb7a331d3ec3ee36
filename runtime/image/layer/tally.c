#include "runtime/image/layer/tally.h"

#include <stddef.h>
#include <sys/mman.h>

struct layer_tally *tally_open(bool wanted)
{
	void *page;

	if (!wanted)
		return NULL;
	page = mmap(NULL, sizeof(struct layer_tally), PROT_READ | PROT_WRITE, MAP_SHARED,
	            LAYER_FD_TALLY, 0);
	return page == MAP_FAILED ? NULL : page; /* a job is done, whether it is seen or not */
}

void tally_close(struct layer_tally *tally)
{
	if (tally != NULL)
		munmap(tally, sizeof *tally);
}

void tally_add(struct layer_tally *tally, uint64_t bytes)
{
	if (tally != NULL)
		atomic_fetch_add_explicit(&tally->bytes, bytes, memory_order_relaxed);
}

void tally_expect(struct layer_tally *tally, uint64_t bytes)
{
	if (tally != NULL)
		atomic_store_explicit(&tally->total, bytes, memory_order_relaxed);
}
