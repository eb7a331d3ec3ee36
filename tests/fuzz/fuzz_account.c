/*
 * fuzz_account: credential_resolve over any /etc/passwd and /etc/group. Input: the user's name up
 * to the first newline, then the file (both files are the same bytes). Whoever is found must not be
 * root unless the file has a line of a root of that name, or root was asked for by name or number.
 */
#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"
#include "sandbox/walls.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int open_root(void)
{
	char folder[] = "/tmp/cordon-fuzz-XXXXXX";
	int root;

	if (mkdtemp(folder) == NULL)
		abort();
	root = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root < 0 || mkdirat(root, "etc", 0700) < 0)
		abort();
	return root;
}

static void put_file(int root, const char *name, const uint8_t *data, size_t size)
{
	_cleanup_fd int fd = openat(root, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0 || io_write_all(fd, data, size) < 0)
		abort();
}

static void check(const struct credential *credential, const char *user, const char *file)
{
	if (memchr(credential->home, '\0', sizeof credential->home) == NULL ||
	    credential->home[0] != '/' || credential->group_count == 0 ||
	    credential->group_count > ARRAY_SIZE(credential->groups))
		abort();
	/* A uid of 0 is written with a 0 somewhere: as ":0:" or ":00:", or it was asked for. */
	if (credential->uid == 0 && user[0] != '\0' && user[0] != '0' && strstr(file, ":0") == NULL)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int root = -1;
	const uint8_t *newline = memchr(data, '\n', size);
	size_t length = newline == NULL ? 0 : (size_t)(newline - data);
	struct credential credential;
	struct error err;
	_cleanup_free char *user = strndup((const char *)data, length);
	_cleanup_free char *file = NULL;

	if (root < 0)
		root = open_root();
	if (newline == NULL || user == NULL)
		return 0;
	data = newline + 1;
	size -= length + 1;
	file = malloc(size + 1);
	if (file == NULL)
		return 0;
	/* For the search above a NUL is like any other byte. */
	for (size_t i = 0; i < size; i++)
		file[i] = data[i] == 0 ? '#' : (char)data[i];
	file[size] = '\0';
	put_file(root, "etc/passwd", data, size);
	put_file(root, "etc/group", data, size);
	if (credential_resolve(&credential, root, user, NULL, &err) == 0)
		check(&credential, user, file);
	return 0;
}
