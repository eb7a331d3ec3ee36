/*
 * fuzz_reference: names of images and names of entries. What is taken is in its normal form: taken
 * again it is the same, and it cannot climb.
 */
#include "runtime/image/layer/name.h"
#include "runtime/image/image.h"
#include "runtime/registry/reference.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_reference(struct arena *arena, const char *text)
{
	const char *full, *again;
	struct error err;

	if (image_reference_normalize(&full, arena, text, &err) < 0)
		return;
	if (image_reference_normalize(&again, arena, full, &err) < 0 || strcmp(full, again) != 0 ||
	    strstr(full, "../") != NULL || strstr(full, "/..") != NULL || full[0] == '/' ||
	    strpbrk(full, " \n\x1b") != NULL)
		abort();
}

static void try_name(const char *text)
{
	struct name name, again;
	struct error err;

	if (name_parse(&name, text, &err) < 0)
		return;
	if (name.path[0] == '/' || strstr(name.path, "//") != NULL ||
	    strncmp(name.path, "../", 3) == 0 || strstr(name.path, "/../") != NULL)
		abort();
	if (name.path[0] != '\0' &&
	    (name_parse(&again, name.path, &err) < 0 || strcmp(name.path, again.path) != 0 ||
	     strcmp(name.base, again.base) != 0 || name.kind != again.kind))
		abort();
}

static void try_target(const char *text)
{
	char resolved[LIMIT_PATH + 1];
	struct name at;
	struct error err;

	if (name_parse(&at, "a/b/c", &err) < 0)
		abort();
	if (name_resolve(resolved, &at, text, &err) == 0 &&
	    (resolved[0] == '/' || strncmp(resolved, "..", 3) == 0 ||
	     strstr(resolved, "/../") != NULL))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_arena struct arena arena = {};
	const char *text = arena_text(&arena, (const char *)data, size);

	try_reference(&arena, text);
	try_name(text);
	try_target(text);
	return 0;
}
