#include "runtime/cli/policy_answer.h"

#include "policy/call_text.h"
#include "sandbox/base/cleanup.h"

int policy_answer_arch(enum arch *ret, const struct call *call, const char *name, struct error *err)
{
	if (!arch_from_audit(ret, call->host.audit_arch))
		return error_set(err, 0, "this machine's architecture is not in the tables");
	if (name == NULL || arch_from_name(ret, name))
		return 0;
	error_set(err, 0, "unknown --arch '%.40s'", name);
	return error_hint(err, "known are x86_64, i386, aarch64, arm, riscv64, ppc64le and s390x");
}

void put_text(struct arena *arena, struct value *object, const char *key, const char *text)
{
	value_set(arena, object, key, value_new_string(arena, text));
}

void put_number(struct arena *arena, struct value *object, const char *key, uint64_t number)
{
	value_set(arena, object, key, value_new_unsigned(arena, number));
}

/* The sample as text, and as numbers for programs. */
struct value *policy_answer_sample(struct arena *arena, const struct call_sample *sample,
                                   uint32_t usual)
{
	_cleanup_text struct text text = {};
	struct value *object = value_new_object(arena), *arguments = value_new_array(arena);

	call_text(&text, sample, usual);
	put_text(arena, object, "call", text_string(&text));
	put_number(arena, object, "audit_arch", sample->audit);
	put_number(arena, object, "number", sample->number);
	for (size_t i = 0; i < 6; i++)
		value_append(arena, arguments, value_new_unsigned(arena, sample->arguments[i]));
	value_set(arena, object, "arguments", arguments);
	return object;
}
