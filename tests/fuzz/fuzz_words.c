/*
 * fuzz_words: what a person types that has a grammar of its own: an image reference, and -p. A
 * reference that is taken must be taken again in its full form, and come out the same; a port never
 * is 0 inside the container.
 */
#include "runtime/registry/reference.h"
#include "runtime/network/network.h"
#include "sandbox/base/cleanup.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_reference(struct arena *arena, const char *word)
{
	struct reference reference, again;
	const char *full;
	struct error err;

	if (reference_parse(&reference, arena, word, &err) < 0)
		return;
	full = reference_string(arena, &reference);
	if (strstr(full, "..") != NULL && strstr(full, "/../") != NULL)
		abort();
	if (reference_parse(&again, arena, full, &err) < 0 ||
	    strcmp(full, reference_string(arena, &again)) != 0)
		abort();
}

static void try_ports(struct arena *arena, const char *word)
{
	struct network_port *ports = NULL;
	struct error err;
	size_t count = 0;

	if (network_port_parse(&ports, &count, arena, word, &err) < 0)
		return;
	for (size_t i = 0; i < count; i++)
		if (ports[i].container == 0)
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_arena struct arena arena = {};
	_cleanup_free char *word = strndup((const char *)data, size);

	if (word == NULL)
		return 0;
	try_reference(&arena, word);
	try_ports(&arena, word);
	return 0;
}
