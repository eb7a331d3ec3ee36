#include "decode.h"

#include "sandbox/base/cleanup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

int decode(struct text *ret, bool *whole, struct codec codec, const struct text *bytes,
           size_t window, struct error *err)
{
	unsigned char buffer[4096];
	size_t used = 0, idle = 0;
	int result = 0;

	while (result == 0 && idle < 2) {
		size_t left = bytes->length - used, given = left < window ? left : window;
		struct codec_span span = { (const unsigned char *)text_string(bytes) + used, given,
			                   buffer,
			                   window < sizeof buffer ? window : sizeof buffer };
		size_t room = span.output_left;

		result = codec.step(codec.state, &span, err);
		used += given - span.input_left;
		text_append_bytes(ret, buffer, room - span.output_left);
		idle = span.input_left == given && span.output_left == room ? idle + 1 : 0;
	}
	*whole = codec.complete(codec.state) && used == bytes->length;
	codec.free(codec.state);
	return result;
}

void decode_gives(struct codec (*codec)(void), const struct text *bytes, const char *expected)
{
	for (size_t window = 1; window < 64; window++) {
		_cleanup_text struct text text = {};
		struct error err = {};
		bool whole;

		assert_int_equal(decode(&text, &whole, codec(), bytes, window, &err), 0);
		assert_true(whole);
		assert_string_equal(text_string(&text), expected);
	}
}

bool decode_refuses(struct codec codec, const struct text *bytes)
{
	_cleanup_text struct text ignored = {};
	struct error err;
	bool whole;

	return decode(&ignored, &whole, codec, bytes, 64, &err) < 0 || !whole;
}
