/*
 * fuzz_profile: policy_parse and policy_compile on any bytes, as a profile or as Docker's seccomp
 * JSON. What compiles must be a program the kernel takes, must answer as its table does for a few
 * calls, and must print as a profile that is taken again; as the profile of an image it must only
 * take.
 */
#include "policy/attached.h"
#include "policy/emit.h"
#include "policy/policy.h"
#include "tests/support/bpf.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { PROFILE_MAX = 1 << 16 };

static void ask(struct arena *arena, const struct policy *policy)
{
	struct filter_table table;
	struct plan_filter filter;
	struct error err;

	if (policy_filter_table(&table, arena, policy, ARCH_X86_64, 6 << 16, 0, &err) < 0 ||
	    filter_emit(&filter, arena, &table, &err) < 0)
		return;
	if (!bpf_is_valid(filter.instructions, filter.count))
		abort();
	for (uint32_t i = 0; i < 4096; i++) {
		struct call_sample sample = { 0xc000003e, i % 512, 0, { i / 512, i % 7, 1 << 28 } };

		if (bpf_run(filter.instructions, &sample, NULL) !=
		    decision_to_seccomp(filter_decide(&table, &sample)))
			abort();
	}
}

static void print(struct arena *arena, const struct policy *policy)
{
	_cleanup_text struct text text = {};
	struct policy_source source = { .file = "printed" };
	struct policy *again;
	struct error err;

	value_encode(&text, policy_to_value(arena, policy), VALUE_COMPACT);
	source.text = text_string(&text);
	source.length = text.length;
	if (policy_parse(&again, arena, &source, &err) < 0 && source.length < PROFILE_MAX)
		abort();
}

/* As the profile of an image, under a policy whose denials do not hang on what is kept: it only
 * takes. */
static void attach(struct arena *arena, const struct policy *profile, const struct host *host)
{
	static const char user[] =
	        "{\"schema\": 1, \"capabilities\": [\"KILL\"], \"limits\": {\"nofile\": 64}, "
	        "\"filesystem\": {\"landlock\": {\"write\": [\"/var\"]}}, \"network\": {\"bind\": "
	        "[80]}, \"syscalls\": {\"allow\": [\"execve\", \"execveat\", \"write\", "
	        "\"exit_group\", \"exit\", \"rt_sigreturn\", {\"call\": \"socket\", \"when\": "
	        "{\"domain\": {\"is\": 2}}}]}}";
	const struct policy_source source = { "user.json", user, sizeof user - 1 };
	static const struct policy_flags none;
	struct confinement confinement;
	struct policy *policy, *met;
	struct error err;

	if (policy_parse(&policy, arena, &source, &err) < 0)
		abort();
	if (attached_meet(&met, arena, policy, profile, &err) < 0 ||
	    policy_compile(&confinement, arena, met, &none, host, &err) < 0)
		return;
	if (attached_prove(&confinement, met, &none, host, &err) < 0 &&
	    strstr(err.text, "more than it takes") != NULL)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct host host = { .kernel = 6 << 16,
		                          .audit_arch = 0xc000003e,
		                          .landlock_abi = 7,
		                          .seccomp_filter = true,
		                          .apparmor = true,
		                          .capability_last = 40 };
	struct policy_source source = { "fuzz.json", (const char *)data, size };
	_cleanup_arena struct arena arena = {};
	struct policy_flags flags = {};
	struct confinement confinement;
	struct plan_strings warnings;
	struct policy *policy;
	struct error err;

	if (size > PROFILE_MAX || policy_parse(&policy, &arena, &source, &err) < 0)
		return 0;
	if (policy_check(&warnings, &arena, policy, &source, &err) < 0)
		abort();
	if (policy_compile(&confinement, &arena, policy, &flags, &host, &err) == 0 &&
	    (confinement.capabilities.inheritable != 0 || confinement.capabilities.ambient != 0))
		abort();
	ask(&arena, policy);
	attach(&arena, policy, &host);
	/* Docker's form says more: arguments by number, errno 0. */
	if (memmem(data, size, "defaultAction", strlen("defaultAction")) == NULL)
		print(&arena, policy);
	return 0;
}
