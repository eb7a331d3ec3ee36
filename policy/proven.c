/*
 * proven: emit, and the proof. emit is not believed: what it made is taken only if it is the
 * policy, on every input. What the table means is worked out once for both; emit may only read it.
 */
#include "policy/proven.h"

#include "policy/emit.h"
#include "policy/prove.h"
#include "sandbox/base/cleanup.h"

static int complain(const struct proof *proof, struct error *err)
{
	_cleanup_text struct text wanted = {}, got = {};
	struct decision decision;

	if (decision_from_seccomp(&decision, proof->wanted))
		decision_print(&wanted, decision);
	if (decision_from_seccomp(&decision, proof->got))
		decision_print(&got, decision);
	error_set(err, 0,
	          "the filter is not what the policy says: call %u of architecture %#x is '%s' "
	          "instead of '%s'",
	          proof->witness.number, proof->witness.audit, text_string(&got),
	          text_string(&wanted));
	return error_hint(err, "this is a bug of cordon's: nothing was loaded");
}

int filter_proven_meaning(struct plan_filter *ret, struct arena *arena,
                          const struct table_meaning *meaning, struct error *err)
{
	struct plan_filter filter;
	struct proof proof;

	if (filter_emit_meaning(&filter, arena, meaning, err) < 0)
		return -1;
	if (prove_meaning(&proof, meaning, &filter, err) < 0)
		return error_prefix(err, "the filter cannot be proven");
	if (!proof.equal)
		return complain(&proof, err);
	*ret = filter;
	return 0;
}

int filter_proven(struct plan_filter *ret, struct arena *arena, const struct filter_table *table,
                  struct error *err)
{
	_cleanup_meaning struct table_meaning meaning = {};

	if (meaning_init(&meaning, table, err) < 0)
		return -1;
	return filter_proven_meaning(ret, arena, &meaning, err);
}
