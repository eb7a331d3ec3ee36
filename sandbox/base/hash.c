#include "sandbox/base/hash.h"

#include <string.h>

uint64_t hash_bytes(uint64_t seed, const void *bytes, size_t length)
{
	const unsigned char *next = bytes;
	const uint64_t prime = UINT64_C(0x100000001b3);
	uint64_t hash = seed ^ length, word;

	for (; length >= sizeof word; length -= sizeof word, next += sizeof word) {
		memcpy(&word, next, sizeof word);
		hash = (hash ^ word) * prime;
		hash ^= hash >> 29;
	}
	for (; length > 0; length--)
		hash = (hash ^ *next++) * prime;
	hash ^= hash >> 32;
	hash *= UINT64_C(0x9e3779b97f4a7c15);
	return hash ^ hash >> 29;
}
