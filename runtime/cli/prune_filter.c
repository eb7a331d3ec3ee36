#include "runtime/cli/prune_filter.h"

#include "runtime/cli/label.h"
#include "runtime/cli/when.h"
#include "runtime/image/list.h"

#include <string.h>

enum { NANOSECONDS = 1000000000 };

static int take_until(struct prune_filter *filter, const char *value, int64_t now,
                      struct error *err)
{
	int64_t when;

	if (when_parse(&when, value, now * NANOSECONDS, err) < 0)
		return error_prefix(err, "filter until=%.80s", value);
	filter->until_given = true;
	filter->until = when / NANOSECONDS;
	return 0;
}

int prune_filter_read(struct prune_filter *ret, struct arena *arena,
                      const struct plan_strings *filters, int64_t now, struct error *err)
{
	struct prune_filter filter = {};

	for (size_t i = 0; i < filters->count; i++) {
		const char *text = filters->items[i];

		if (text_starts(text, "until=")) {
			if (take_until(&filter, text + strlen("until="), now, err) < 0)
				return -1;
		} else if (text_starts(text, "label=")) {
			list_append(&filter.labels, arena, text + strlen("label="));
		} else if (text_starts(text, "label!=")) {
			list_append(&filter.without, arena, text + strlen("label!="));
		} else {
			error_set(err, 0, "unknown filter '%.80s'", text);
			return error_hint(err, "known are until=TIME, label=NAME[=VALUE] and "
			                       "label!=NAME[=VALUE]");
		}
	}
	*ret = filter;
	return 0;
}

bool prune_filter_matches(const struct prune_filter *filter, int64_t created,
                          const struct value *labels)
{
	if (filter->until_given && created >= filter->until)
		return false;
	for (size_t i = 0; i < filter->labels.count; i++)
		if (!label_matches(labels, filter->labels.items[i]))
			return false;
	for (size_t i = 0; i < filter->without.count; i++)
		if (label_matches(labels, filter->without.items[i]))
			return false;
	return true;
}
