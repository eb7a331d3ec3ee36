/*
 * fuzz_credentials: an auth.json of any bytes. What is found is text without NUL, and the file can
 * be written again. No helper is started: a name of one never passes.
 */
#include "runtime/registry/base64.h"
#include "runtime/registry/credentials_file.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_find(struct arena *arena, const char *path, bool legacy)
{
	static const char *const names[] = { "docker.io/library/nginx", "r.example/team/app",
		                             "r.example" };
	struct credentials_file file = { .path = path, .legacy = legacy };
	struct credentials found;
	struct error err;

	if (credentials_file_read(&file, arena, &err) <= 0)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (credentials_file_find(&found, arena, &file, names[i], &err) > 0 &&
		    (found.user == NULL || found.secret == NULL || found.origin == NULL))
			abort();
}

/* Whether `text` is `coded`, but for the ends of lines. */
static bool same_letters(const char *text, const char *coded)
{
	for (;; text++) {
		if (*text == '\n' || *text == '\r')
			continue;
		if (*text != *coded++)
			return false;
		if (*text == '\0')
			return true;
	}
}

static void try_base64(const char *text)
{
	_cleanup_text struct text plain = {}, coded = {};

	if (!base64_decode(&plain, text))
		return;
	base64_encode(&coded, plain.data, plain.length);
	if (!same_letters(text, text_string(&coded)))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_arena struct arena arena = {};
	_cleanup_fd int fd = memfd_create("auth.json", MFD_CLOEXEC);
	const char *path = arena_printf(&arena, "/proc/self/fd/%d", fd);

	setenv("PATH", "", 1);
	if (fd < 0 || io_write_all(fd, data, size) < 0)
		abort();
	try_find(&arena, path, false);
	try_find(&arena, path, true);
	try_base64(arena_text(&arena, (const char *)data, size));
	return 0;
}
