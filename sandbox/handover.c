#include "sandbox/handover.h"

#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"
#include "sandbox/sync.h"

#include <sys/mman.h>
#include <sys/stat.h>

int handover_give(int gate, const struct plan *plan, const struct sandbox_streams *streams,
                  struct error *err)
{
	_cleanup_text struct text bytes = {};
	_cleanup_fd int memory = -1;

	plan_encode(&bytes, plan);
	memory = io_memory("the plan", bytes.data, bytes.length, err);
	if (memory < 0)
		return -1;
	const int given[] = { memory, streams->input, streams->output, streams->error };

	return sync_send_descriptors(gate, "the plan", given, ARRAY_SIZE(given), err);
}

static int decode(struct plan *ret, struct arena *arena, int memory, struct error *err)
{
	struct stat status;
	void *bytes;
	int result;

	if (fstat(memory, &status) < 0 || status.st_size <= 0)
		return error_set(err, errno, "cannot read the plan");
	bytes = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, memory, 0);
	if (bytes == MAP_FAILED)
		return error_set(err, errno, "cannot read the plan");
	result = plan_decode(ret, arena, bytes, (size_t)status.st_size, err);
	munmap(bytes, (size_t)status.st_size);
	return result;
}

int handover_take(struct plan *ret, struct sandbox_streams *streams, struct arena *arena, int gate,
                  struct error *err)
{
	int taken[4];
	_cleanup_fd int memory = -1;

	if (sync_receive_descriptors(taken, ARRAY_SIZE(taken), gate) < 0)
		return error_set(err, 0, "the process that started the container is gone");
	memory = taken[0];
	streams->input = taken[1];
	streams->output = taken[2];
	streams->error = taken[3];
	return decode(ret, arena, memory, err);
}
