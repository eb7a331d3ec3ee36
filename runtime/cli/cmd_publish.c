/*
 * policy publish: a profile goes to the registry of an image, to come along with it.
 */
#include "policy/attached.h"
#include "runtime/cli/commands.h"
#include "runtime/cli/output.h"
#include "runtime/cli/policy_files.h"
#include "runtime/cli/pull_request.h"
#include "runtime/image/image.h"
#include "sandbox/base/cleanup.h"

#include <stdlib.h>

struct publish_options {
	struct pull_words words;
	bool dry_run;
};

static const struct option options[] = {
	ACCESS_ROWS(struct publish_options, words),
	{ 0, "dry-run", OPTION_FLAG, offsetof(struct publish_options, dry_run), NULL,
	  "show what would be published, and send nothing" },
	OPTIONS_END,
};

/* What is published is a profile that could be taken. */
static int check(struct arena *arena, const struct text *text, struct error *err)
{
	const struct policy_source source = { "what would be published", text_string(text),
		                              text->length };
	struct policy *policy;

	if (text->length > ATTACHED_SIZE)
		return error_set(err, 0, "what would be published has %zu bytes; %d are taken",
		                 text->length, ATTACHED_SIZE);
	return policy_parse(&policy, arena, &source, err) < 0 ? -1 : attached_check(policy, err);
}

static int publish(struct call *call, struct error *err)
{
	const struct publish_options *given = call->options;
	_cleanup_text struct text text = {};
	struct image_attach order = { .name = call->words[1] };
	struct policy *policy;
	const char *digest;

	if (policy_find(&policy, call->arena, &call->paths, call->words[0], err) < 0)
		return -1;
	policy_layout(&text, attached_to_value(call->arena, policy));
	if (check(call->arena, &text, err) < 0)
		return -1;
	if (given->dry_run)
		return output_print(&text, err);
	if (access_make(&order.access, call->arena, &given->words, err) < 0)
		return -1;
	order.profile = text_string(&text);
	order.length = text.length;
	order.title = policy_name(policy);
	if (image_attach(&digest, call->arena, &call->paths, &call->host, &order, err) < 0)
		return -1;
	return output_line(err, "%s", digest);
}

const struct command command_policy_publish = {
	.name = "policy publish",
	.group = GROUP_POLICY,
	.operands = "PROFILE|FILE IMAGE",
	.summary = "Send a profile to the registry of an image, to come along with it",
	.options = options,
	.options_size = sizeof(struct publish_options),
	.needs = NEED_ALL,
	.least = 2,
	.most = 2,
	.failure = EXIT_FAILURE,
	.run = publish,
	.details =
	        "What is sent is the profile with all it extends, as an OCI artifact that refers to the image as its\n"
	        "registry has it now; printed is the artifact's digest, to be signed where images are. Left out is what\n"
	        "is the user's own: images, idmap, apparmor, tmpfs. cordon pull takes it where the policy for the image\n"
	        "says \"image_profile\": \"accept\" or \"require\"; it can only take from what that policy gives.",
};
