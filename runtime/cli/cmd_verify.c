/*
 * image verify: is an image signed?
 */
#include "runtime/cli/commands.h"
#include "runtime/cli/output.h"
#include "runtime/cli/pull_request.h"

#include <stdlib.h>

struct verify_options {
	struct pull_words words;
	const char *key;
};

static const struct option options[] = {
	ACCESS_ROWS(struct verify_options, words),
	{ 0, "key", OPTION_TEXT, offsetof(struct verify_options, key), "FILE",
	  "a public key (PEM) that it must be signed by, instead of what policy.json asks" },
	OPTIONS_END,
};

static int verify(struct call *call, struct error *err)
{
	const struct verify_options *given = call->options;
	struct image_verify order = { .name = call->words[0], .key = given->key };
	const char *digest;

	if (access_make(&order.access, call->arena, &given->words, err) < 0 ||
	    image_verify(&digest, call->arena, &call->paths, &call->host, &order, err) < 0)
		return -1;
	return output_line(err, "%s", digest);
}

const struct command command_image_verify = {
	.name = "image verify",
	.group = GROUP_IMAGE,
	.operands = "NAME[:TAG|@DIGEST]",
	.summary = "Check the signatures of an image in its registry",
	.options = options,
	.options_size = sizeof(struct verify_options),
	.needs = NEED_ALL,
	.least = 1,
	.most = 1,
	.failure = EXIT_FAILURE,
	.run = verify,
	.details =
	        "Prints the digest that is signed; cordon pull NAME@DIGEST gets that image and no other. Signatures\n"
	        "are looked for where cosign puts them. Without --key they must be as policy.json asks\n"
	        "(containers-policy.json(5), sigstoreSigned). The exit status is 0 where the image is signed so, and\n"
	        "1 where it is not, or cannot be asked about.",
};
