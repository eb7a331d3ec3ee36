#include "policy/segment.h"

#include "sandbox/base/cleanup.h"

enum { X32_BIT = 0x40000000 };

bool segment_same_decision(struct decision a, struct decision b)
{
	return decision_to_seccomp(a) == decision_to_seccomp(b);
}

static void add_segment(struct segments *segments, uint32_t first, const struct filter_call *call,
                        struct decision decision)
{
	struct segment *last = segments->count > 0 ? &segments->rows[segments->count - 1] : NULL;

	if (call != NULL && call->rule_count == 0) {
		decision = call->otherwise;
		call = NULL;
	}
	if (last != NULL && last->first == first)
		segments->count--;
	else if (last != NULL && last->call == NULL && call == NULL &&
	         segment_same_decision(last->decision, decision))
		return;
	last = segments->count > 0 ? &segments->rows[segments->count - 1] : NULL;
	if (last != NULL && last->call == NULL && call == NULL &&
	    segment_same_decision(last->decision, decision))
		return;
	segments->rows[segments->count++] = (struct segment){ first, call, decision };
}

/* What a number gets that no call names. */
static struct decision unnamed(const struct filter_arch *arch, uint32_t number)
{
	if (arch->has_x32 && number >= X32_BIT && number < 0x80000000u)
		return arch->x32;
	return number <= arch->last_known ? arch->listed : arch->unknown;
}

void segment_cut(struct segments *segments, const struct filter_arch *arch)
{
	uint32_t borders[] = { 0, arch->last_known + 1, X32_BIT, 0x80000000u };
	size_t next_call = 0, next_border = 0;

	while (next_call < arch->call_count || next_border < ARRAY_SIZE(borders)) {
		const struct filter_call *call =
		        next_call < arch->call_count ? &arch->calls[next_call] : NULL;
		uint32_t border =
		        next_border < ARRAY_SIZE(borders) ? borders[next_border] : UINT32_MAX;

		if (call == NULL || (next_border < ARRAY_SIZE(borders) && border <= call->number)) {
			add_segment(segments, border, NULL, unnamed(arch, border));
			next_border++;
			continue;
		}
		add_segment(segments, call->number, call, call->otherwise);
		next_call++;
		if (call->number != UINT32_MAX)
			add_segment(segments, call->number + 1, NULL,
			            unnamed(arch, call->number + 1));
	}
}
