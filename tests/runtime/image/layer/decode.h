/* decode: bytes through a codec and windows of any size, as the tests of all codecs want it. */
#ifndef CORDON_TEST_DECODE_H
#define CORDON_TEST_DECODE_H

#include "runtime/image/layer/codec.h"
#include "sandbox/base/text.h"

/* Frees the codec. 0, or -1 with its error; *whole: where it stopped the input might end, and all
 * of it was used. */
int decode(struct text *ret, bool *whole, struct codec codec, const struct text *bytes,
           size_t window, struct error *err);

/* Through every window of up to 63 bytes it is `expected`, and whole. */
void decode_gives(struct codec (*codec)(void), const struct text *bytes, const char *expected);

/* A whole input that is refused, or not whole. */
bool decode_refuses(struct codec codec, const struct text *bytes);

/* Literal bytes. */
#define BYTES(literal)                                                                             \
	{                                                                                          \
		.data = (char *)(literal), .length = sizeof(literal) - 1                           \
	}

#endif
