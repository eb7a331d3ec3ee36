/* scratch: a state folder of a test's own. */
#ifndef CORDON_TESTS_CONTAINER_SCRATCH_H
#define CORDON_TESTS_CONTAINER_SCRATCH_H

#include "runtime/store/paths.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

struct scratch {
	char folder[64], data[96], run[96];
	struct paths paths;
};

static inline int scratch_make(void **state)
{
	struct scratch *scratch = calloc(1, sizeof *scratch);

	strcpy(scratch->folder, "/tmp/cordon-container.XXXXXX");
	assert_non_null(mkdtemp(scratch->folder));
	snprintf(scratch->data, sizeof scratch->data, "%s/data", scratch->folder);
	snprintf(scratch->run, sizeof scratch->run, "%s/run", scratch->folder);
	scratch->paths = (struct paths){ .data = scratch->data, .run = scratch->run };
	*state = scratch;
	return 0;
}

static inline int scratch_drop(void **state)
{
	struct scratch *scratch = *state;
	struct error err;

	assert_int_equal(io_remove_tree(AT_FDCWD, scratch->folder, &err), 0);
	free(scratch);
	return 0;
}

static inline size_t count_entries(const char *folder, const char *name)
{
	char path[256];
	_cleanup_dir DIR *stream = NULL;
	struct dirent *entry;
	size_t count = 0;

	snprintf(path, sizeof path, "%s/%s", folder, name);
	stream = opendir(path);
	while (stream != NULL && (entry = readdir(stream)) != NULL)
		count += entry->d_name[0] != '.';
	return count;
}

#endif
