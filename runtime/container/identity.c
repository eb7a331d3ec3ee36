#include "runtime/container/identity.h"

#include "sandbox/base/cleanup.h"

#include <string.h>
#include <sys/random.h>

enum { NAME_MAX_LENGTH = 128 };

static const char *const adjectives[] = {
	"amber", "brave",  "calm",   "clever", "dapper", "eager",  "fair",    "gentle",
	"happy", "jolly",  "keen",   "lively", "mellow", "nimble", "patient", "quiet",
	"rapid", "serene", "steady", "sturdy", "tidy",   "upbeat", "vivid",   "wise",
};

static const char *const nouns[] = {
	"anchor", "badger", "beacon", "bridge",  "cedar",  "comet",  "falcon", "garden",
	"harbor", "heron",  "island", "lantern", "maple",  "meadow", "otter",  "pebble",
	"raven",  "ridge",  "river",  "spruce",  "summit", "tower",  "willow", "wren",
};

int identity_make(char ret[CONTAINER_ID_LENGTH + 1], struct error *err)
{
	static const char digits[] = "0123456789abcdef";
	unsigned char bytes[CONTAINER_ID_LENGTH / 2];

	if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes)
		return error_set(err, errno, "cannot get random bytes for the container's id");
	for (size_t i = 0; i < sizeof bytes; i++) {
		ret[2 * i] = digits[bytes[i] >> 4];
		ret[2 * i + 1] = digits[bytes[i] & 15];
	}
	ret[2 * sizeof bytes] = '\0';
	return 0;
}

static unsigned read_digits(const char *text, size_t count)
{
	char part[9] = "";

	memcpy(part, text, count < sizeof part ? count : sizeof part - 1);
	return (unsigned)strtoul(part, NULL, 16);
}

void identity_make_name(char *ret, size_t size, const char *id, unsigned attempt)
{
	const char *adjective = adjectives[read_digits(id, 4) % ARRAY_SIZE(adjectives)];
	const char *noun = nouns[read_digits(id + 4, 4) % ARRAY_SIZE(nouns)];

	if (attempt == 0)
		snprintf(ret, size, "%s_%s", adjective, noun);
	else
		snprintf(ret, size, "%s_%s%u", adjective, noun,
		         read_digits(id + 8 + attempt % 32, 4) % 1000);
}

int identity_check_name(const char *name, struct error *err)
{
	static const char first[] =
	        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
	size_t length = strlen(name);

	if (length == 0 || length > NAME_MAX_LENGTH || strchr(first, name[0]) == NULL ||
	    strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-") !=
	            length)
		return error_set(
		        err, 0,
		        "invalid container name '%.140s': only [a-zA-Z0-9][a-zA-Z0-9_.-]* is allowed",
		        name);
	return 0;
}

int identity_tell(const char *id)
{
	if (dprintf(STDOUT_FILENO, "%s\n", id) > 0)
		return 0;
	dprintf(STDERR_FILENO,
	        "cordon: cannot write to standard output: %s\n  the container runs: %s\n",
	        strerror(errno), id);
	return EXIT_ENGINE;
}
