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
	unsigned char bytes[CONTAINER_ID_LENGTH / 2];

	if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes)
		return error_set(err, errno, "cannot get random bytes for the container's id");
	for (size_t i = 0; i < sizeof bytes; i++)
		snprintf(ret + 2 * i, 3, "%02x", bytes[i]);
	return 0;
}

void identity_make_name(char *ret, size_t size, const char *id)
{
	unsigned first = 0, second = 0;

	if (sscanf(id, "%4x%4x", &first, &second) < 2)
		first = second = 0;
	snprintf(ret, size, "%s_%s%u", adjectives[first % ARRAY_SIZE(adjectives)],
	         nouns[second % ARRAY_SIZE(nouns)], (first ^ second) % 100);
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
