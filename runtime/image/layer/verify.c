/*
 * verify: LAYER_VERIFY: a key, a signature and what it signs, one behind the other. Keys are the
 * user's, signatures a stranger's: they are parsed here, behind the walls.
 */
#include "runtime/image/layer/job.h"
#include "runtime/image/layer/limits.h"
#include "runtime/image/layer/signature.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/io.h"
#include "sandbox/base/text.h"

#include <string.h>

int verify_run(struct layer_answer *ret, const struct layer_request *request, struct error *err)
{
	_cleanup_text struct text text = {};
	struct layer_signature lengths;
	const char *at;

	(void)ret;
	if (io_read_all(&text, LAYER_FD_INPUT, request->limit, err) < 0)
		return -1;
	if (text.length < sizeof lengths)
		return error_set(err, 0, "the engine and its helper are of different builds");
	memcpy(&lengths, text.data, sizeof lengths);
	if (text.length !=
	    sizeof lengths + (uint64_t)lengths.key + lengths.signature + lengths.payload)
		return error_set(err, 0, "the engine and its helper are of different builds");
	at = text.data + sizeof lengths;
	return signature_verify(
	        &(struct signature){
	                .key = at,
	                .key_length = lengths.key,
	                .signature = (const unsigned char *)at + lengths.key,
	                .signature_length = lengths.signature,
	                .payload = (const unsigned char *)at + lengths.key + lengths.signature,
	                .payload_length = lengths.payload,
	        },
	        err);
}
