/*
 * hash: a fast 64-bit hash for names of cache entries and for noticing damaged files.
 *
 * Not for security: nothing is trusted because its hash matches (the plan cache compares its inputs
 * byte for byte; images are checked with SHA-256 in the layer helper).
 */
#ifndef CORDON_BASE_HASH_H
#define CORDON_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

#define HASH_START UINT64_C(0xcbf29ce484222325)

/* FNV-1a over eight bytes a step, with a final mix; chain calls by passing the last result as seed.
 */
uint64_t hash_bytes(uint64_t seed, const void *bytes, size_t length);

#endif
